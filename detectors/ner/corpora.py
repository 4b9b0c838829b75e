"""Reads the annotated corpora that the tagger is trained on. Development only.

A corpus annotates some classes and leaves others out: in a text without dates
marked, an unmarked word may be a date. `Document.unmarked` names those classes,
and the loss does not punish the network for finding them (`train.py`).
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

CLASSES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "NRP", "MISC", "TITLE")
_TRAINED_SHARE = 0.75  # of the development files
_JOINABLE = ("gum", "re3d", "sec_fin5")  # records of one document follow each other


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its marked spans `(start, end, class)` and the classes that its source leaves unmarked."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    unmarked: frozenset[str] = frozenset()
    source: str = ""


# What each source does not mark. ADDRESS is never among them: in running text an
# unmarked word is no address, and letting it float made tweets full of addresses.
_UNMARKED = {
    "wnut17": {"DATE_TIME", "NRP"},
    "btc": {"DATE_TIME", "NRP", "MISC"},
    "wikigold": {"DATE_TIME", "NRP"},
    "sec_fin5": {"DATE_TIME", "NRP", "MISC"},
    "re3d": {"MISC"},
    "gum": set(),
    "crossner": {"DATE_TIME", "NRP"},
    "multiner": {"DATE_TIME", "NRP", "MISC", "PERSON"},
    "usaddress": set(),
}
_TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|President|Vice President|Prime Minister|PM|Minister|Senator|Sen|Rep"
    r"|Gov|Governor|Judge|Justice|Captain|Capt|Chancellor|Secretary|Chairman|Coach|Rev|Col|Gen|General|Sgt|Congressman"
    r"|Mayor|CEO)\b\.?\s+)+(?=\w)"
)


def read_jsonl(path: Path) -> Iterator[dict[str, object]]:
    """Yield the records of a JSONL file, packed or not (split on line feeds only)."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    yield from (json.loads(line) for line in text.split("\n") if line)


def _document(record: dict[str, object], unmarked: frozenset[str], source: str) -> Document:
    text = str(record["text"])
    spans = tuple(
        _span(text, span["start"], span["end"], span["label"])
        for span in record["spans"]  # type: ignore[attr-defined]
        if not span.get("handle") and span["label"] in CLASSES
    )
    if any(label == "PERSON" for _, _, label in spans):
        unmarked |= {"TITLE"}
    return Document(text, spans, unmarked, source)


def _span(text: str, start: int, end: int, label: str) -> tuple[int, int, str]:
    """Return a span as we mark it: persons without their titles; places with a number in them are addresses."""
    marked = text[start:end]
    if label == "PERSON" and (title := _TITLE.match(marked)):
        return start + title.end(), end, label
    if label == "LOCATION" and " " in marked and any(char.isdecimal() for char in marked):
        return start, end, "ADDRESS"
    return start, end, label


def read_corpus(path: Path) -> list[Document]:
    """Return the documents of one file of `ner/`, one a record."""
    source = path.name.split(".")[0].split("-", 1)[1]
    unmarked = frozenset(_UNMARKED[source])
    return [_document(record, unmarked, source) for record in read_jsonl(path)]


def join_documents(documents: list[Document], seed: int = 0) -> list[Document]:
    """Join neighbours into texts of one to five records, as they stand in mails and chats."""
    rng = Random(seed)
    joined: list[Document] = []
    for source, group in groupby(documents, key=lambda document: document.source):
        rest = list(group)
        longest = 5 if source in _JOINABLE else 3
        while rest:
            n = rng.choice([1, 1, rng.randint(1, longest)])
            taken, rest = rest[:n], rest[n:]
            glue = rng.choice([" ", "\n", "\n\n"])
            text, spans = "", []
            for document in taken:
                offset = len(text) + (len(glue) if text else 0)
                text += (glue if text else "") + document.text
                spans += [(start + offset, end + offset, label) for start, end, label in document.spans]
            unmarked = frozenset[str]().union(*(document.unmarked for document in taken))
            joined.append(Document(text, tuple(spans), unmarked, source))
    return joined


def _parts(root: Path) -> dict[str, tuple[list[Document], list[Document]]]:
    """Return the development files, cut in a part to train on and one to tune on, by source."""
    parts = {}
    for path in sorted((root / "ner").glob("dev-*")):
        documents = read_corpus(path)
        cut = int(len(documents) * _TRAINED_SHARE)
        parts[documents[0].source] = documents[:cut], documents[cut:]
    return parts


def training_documents(root: Path) -> list[Document]:
    """Return every training document, and most of the development files."""
    documents = [document for path in sorted((root / "ner").glob("train-*")) for document in read_corpus(path)]
    return documents + [document for trained, _ in _parts(root).values() for document in trained]


def development_documents(root: Path) -> dict[str, list[Document]]:
    """Return the documents kept out of training, by source."""
    return {source: kept for source, (_, kept) in _parts(root).items()}
