"""Reads the annotated corpora that the tagger is trained on. Development only.

A corpus annotates some classes and leaves others out: in a text without dates
marked, an unmarked word may be a date. `Document.unmarked` names those classes,
and the loss does not punish the network for finding them (`train.py`).
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

CLASSES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "NRP", "MISC")
_JOINABLE = ("gum", "re3d", "sec")  # records of one document follow each other


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
    "multiner": {"DATE_TIME", "NRP", "MISC"},
    "usaddress": set(),
}


def read_jsonl(path: Path) -> Iterator[dict[str, object]]:
    """Yield the records of a JSONL file, packed or not (split on line feeds only)."""
    opened = (
        gzip.open(path, "rt", encoding="utf-8", newline="\n")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="\n")
    )
    with opened as lines:
        for line in lines:
            yield json.loads(line)


def _document(record: dict[str, object], unmarked: frozenset[str], source: str) -> Document:
    text = str(record["text"])
    spans = tuple(
        (span["start"], span["end"], _label(text[span["start"] : span["end"]], span["label"]))
        for span in record["spans"]  # type: ignore[attr-defined]
        if not span.get("handle") and span["label"] in CLASSES
    )
    return Document(text, spans, unmarked, source)


def _label(text: str, label: str) -> str:
    """Return the class of a marked place: one with a number in it is (part of) an address."""
    return "ADDRESS" if label == "LOCATION" and any(char.isdecimal() for char in text) and " " in text else label


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
            joined.append(Document(text, tuple(spans), taken[0].unmarked, source))
    return joined


def training_documents(root: Path) -> list[Document]:
    """Return every training document, and 70 % of CrossNER's and WNUT's development parts."""
    documents: list[Document] = []
    for path in sorted((root / "ner").glob("train-*")):
        documents += read_corpus(path)
    extra = read_corpus(root / "ner" / "dev-crossner.jsonl.gz")
    documents += extra[: int(len(extra) * 0.85)]
    return documents


def development_documents(root: Path) -> dict[str, list[Document]]:
    """Return the documents kept out of training, by source."""
    crossner = read_corpus(root / "ner" / "dev-crossner.jsonl.gz")
    return {
        "wnut17": read_corpus(root / "ner" / "dev-wnut17.jsonl"),
        "btc": read_corpus(root / "ner" / "dev-btc.jsonl"),
        "gum": read_corpus(root / "ner" / "dev-gum.jsonl"),
        "crossner": crossner[int(len(crossner) * 0.85) :],
    }
