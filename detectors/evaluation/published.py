"""Readers of published test sets in forms of their own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from detectors.evaluation.documents import DataError, Document, Span

_WNUT17: Final = {"person": "PERSON", "location": "LOCATION", "corporation": "ORGANIZATION", "group": "ORGANIZATION"}
_UNER: Final = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_CLITICS: Final = frozenset({"s", "t", "m", "ll", "re", "d", "ve"})
_CLOSING: Final = re.compile(r"[.,!?;:)\]%…]\Z|\.\.\.?\Z|!!!?\Z|\?\?\Z|['’](?:s|m|re|ve|ll|d)\Z|n't\Z|_\Z")
_OPENING: Final = frozenset("([#$@_/")

_Tokens = list[tuple[str, str]]


def read_wnut17(path: Path) -> list[Document]:
    """Read word-tab-tag lines and put the words together as they were written, by rule.

    The set is published as words; joined by spaces ("do n't", "# tag", "@ name")
    they would be no text that anybody writes.
    """
    return [_document(_glued(tokens), tokens, _WNUT17) for tokens, _ in _sentences(path, 0, 1)]


def read_uner(path: Path) -> list[Document]:
    """Read UNER's IOB2, whose comments hold every sentence as it was written."""
    documents = []
    for tokens, text in _sentences(path, 1, 2):
        starts, position = [], 0
        for word, _ in tokens:
            found = text.find(word, position)
            if found < 0:
                raise DataError(f"{path}: a word does not stand in the text of its sentence")
            starts.append(found)
            position = found + len(word)
        documents.append(_document((text, starts), tokens, _UNER))
    return documents


def _sentences(path: Path, word: int, tag: int) -> Iterator[tuple[_Tokens, str]]:
    tokens: _Tokens = []
    text = ""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({type(error).__name__})") from None
    for number, line in enumerate([*lines, ""], 1):
        columns = line.split("\t")
        if not line.strip():
            if tokens:
                yield tokens, text
            tokens, text = [], ""
        elif line.startswith("# ") and not tokens:
            text = line.removeprefix("# text = ") if line.startswith("# text = ") else text
        elif len(columns) <= tag:
            raise DataError(f"{path}:{number}: expected a word and a tag, with tabs between")
        else:
            tokens.append((columns[word], columns[tag]))


def _glued(tokens: _Tokens) -> tuple[str, list[int]]:
    text, starts, before = "", [], ""
    for index, (word, _) in enumerate(tokens):
        following = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        clitic = (word == "'" and following in _CLITICS) or (before == "'" and word in _CLITICS)
        if text and not (clitic or before in _OPENING or _CLOSING.match(word) or word == "/"):
            text += " "
        starts.append(len(text))
        text, before = text + word, word
    return text, starts


def _document(placed: tuple[str, list[int]], tokens: _Tokens, labels: dict[str, str]) -> Document:
    text, starts = placed
    spans: list[Span] = []
    open_label = ""
    for start, (word, tag) in zip(starts, tokens, strict=True):
        label, end = labels.get(tag[2:], tag[2:]), start + len(word)
        if tag.startswith("I-") and label == open_label:
            spans[-1] = Span(spans[-1].start, end, label)
        elif label:
            spans.append(Span(start, end, label))
        open_label = label
    known = set(labels.values())
    return Document(text, tuple(s for s in spans if s.label in known))
