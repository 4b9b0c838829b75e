"""Reads LitBank (github.com/dbamman/litbank, CC-BY 4.0): names in English fiction. Development only.

LitBank marks nested mentions of many kinds in a hundred novels and says which
are proper names. We keep those, without titles and articles, and put the words
together as they were printed. A sentence in which a marked name is nothing but
a title is left out: it is no name to us and no mere word either.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from detectors.ner.corpora import Document


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LABELS = {
    "PER": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "VEH": "MISC",
}
_LEADS = re.compile(
    r"(?:(?:[a-z][\w'-]*|The|A|An|Mr|Mrs|Ms|Miss|Master|Mistress|Dr|Doctor|Prof|Professor|Sir|Lady|Lord|Madame?|Mme"
    r"|Mlle|Mademoiselle|Monsieur|M|Captain|Capt|Colonel|Col|Major|General|Lieutenant|Sergeant|Uncle|Aunt|Auntie"
    r"|King|Queen|Prince|Princess|Count|Countess|Duke|Duchess|Baron|Baroness|Earl|Squire|Widow|Citoyen|Deacon|Father"
    r"|Brother|Sister|Reverend|Rev|Judge|Justice|Inspector|Chancellor|President|Senator|Signor|Signora|Herr|Frau|Don"
    r"|Doña|Saint|St|Old|Young|Little|Dear|Poor)(?:\s*\.)?\s+)+"
)
_TITLES = _words("Chancellor Captain Colonel General King Queen Majesty Highness Lord Lady Sir Madam")
_CLOSING = _words(", . ; : ! ? ) ] % ... ” ’ 's n't 'll 're 've 'd 'm ’s n’t ’ll ’re ’ve ’d ’m")
_OPENING = _words("( [ $ £ # -- “ ‘")
_UNMARKED = frozenset({"DATE_TIME", "NRP", "MISC", "TITLE"})


def read_litbank(root: Path, seed: int = 0) -> list[Document]:
    """Return passages of one to five sentences from `coref/brat` of a checkout."""
    rng = Random(seed)
    documents = []
    for path in sorted((root / "coref" / "brat").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        names, mere = _names(path.with_suffix(".ann"), text)
        taken: list[tuple[str, list[tuple[int, int, str]]]] = []
        wanted = rng.randint(1, 5)
        for sentence in _sentences(text, names, mere):
            taken += [sentence] if sentence else []
            if taken and (sentence is None or len(taken) >= wanted):
                documents.append(_joined(taken))
                taken, wanted = [], rng.randint(1, 5)
    return documents


def _names(path: Path, text: str) -> tuple[list[tuple[int, int, str]], list[tuple[int, int]]]:
    """Return the proper names of a file, outermost first, and what is marked as one but is a mere title."""
    names, mere = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        columns = line.split("\t")
        if len(columns) < 3 or not columns[1].startswith("PROP_"):
            continue
        kind, start, end = columns[1].split(" ")
        label, first, last = _LABELS[kind[5:]], int(start), int(end)
        lead = _LEADS.match(text, first, last) if label != "MISC" else None
        first = lead.end() if lead else first
        rest = text[first:last].split()
        if not rest or not rest[0][:1].isupper() or _TITLES & set(rest[:1]):
            mere.append((int(start), int(end)))
        else:
            names.append((first, last, label))
    names.sort(key=lambda name: (name[0], -name[1]))
    return names, mere


def _sentences(
    text: str, names: list[tuple[int, int, str]], mere: list[tuple[int, int]]
) -> Iterator[tuple[str, list[tuple[int, int, str]]] | None]:
    """Yield each line as it was printed, with its names; None for one that is left out."""
    offset = 0
    for line in text.split("\n"):
        end = offset + len(line)
        if not line.strip() or any(start < end and stop > offset for start, stop in mere):
            yield None
        else:
            yield _printed(line, [(s - offset, e - offset, label) for s, e, label in names if offset <= s and e <= end])
        offset = end + 1


def _printed(line: str, names: list[tuple[int, int, str]]) -> tuple[str, list[tuple[int, int, str]]]:
    """Join words as they are printed: no blanks before closing punctuation or within quotation marks."""
    out, place, before, quoted = "", {}, "", False
    at = 0
    for word in line.split(" "):
        shown = {"``": '"', "''": '"', "_": ""}.get(word, word)
        closes = shown == '"' and quoted
        glued = not out or word in _CLOSING or before in _OPENING or closes or before == '"opening'
        place[at] = len(out) + (0 if glued or not shown else 1)
        out += shown if glued or not shown else " " + shown
        place[at + len(word)] = len(out)
        before = shown
        if shown == '"':
            quoted = not quoted
            before = '"opening' if quoted else shown
        at += len(word) + 1
    spans: list[tuple[int, int, str]] = []
    for start, end, label in names:
        first, last = place.get(start, 0), place.get(end, 0)
        if first < last and (not spans or first >= spans[-1][1]):
            spans.append((first, last, label))
    return out, spans


def _joined(sentences: list[tuple[str, list[tuple[int, int, str]]]]) -> Document:
    text, spans = "", []
    for sentence, names in sentences:
        offset = len(text) + (1 if text else 0)
        text += (" " if text else "") + sentence
        spans += [(start + offset, end + offset, label) for start, end, label in names]
    return Document(text, tuple(spans), _UNMARKED, "litbank")
