"""Labelled documents and the three formats that they come in.

Nothing here prints a document: texts are hidden from ``repr`` and an error names
the file and the line, never what stands there.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, get_args

Format = Literal["auto", "jsonl", "presidio-research", "conll"]
FORMATS: tuple[str, ...] = get_args(Format)


class DataError(ValueError):
    """A data set or a label map cannot be read. Says where and why; holds no text."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled place: offsets in code points, end exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its gold spans and the name of its source (empty when unknown)."""

    text: str = field(repr=False)
    spans: tuple[Span, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How the labels of the data and of the detectors become the classes that are scored.

    A label that is absent keeps its name; a label mapped to ``None`` is not
    scored. Gold and predictions have maps of their own, because their
    vocabularies differ.
    """

    gold: Mapping[str, str | None] = field(default_factory=dict)
    predicted: Mapping[str, str | None] = field(default_factory=dict)
    only: frozenset[str] | None = None

    def gold_class(self, label: str) -> str | None:
        """Return the class of a gold label, or ``None`` when it is not scored."""
        return self._keep(self.gold.get(label, label))

    def predicted_class(self, label: str) -> str | None:
        """Return the class of a predicted entity, or ``None`` when it is not scored."""
        return self._keep(self.predicted.get(label, label))

    def _keep(self, name: str | None) -> str | None:
        return name if self.only is None or name in self.only else None


def read_label_map(path: Path, only: Iterable[str] = ()) -> LabelMap:
    """Read ``{"LABEL": "CLASS" | null}``, or one such object each under "gold" and "predicted".

    A flat object serves both sides. Raises `DataError`.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a readable JSON file ({type(error).__name__})") from None
    if not isinstance(raw, dict):
        raise DataError(f"{path}: expected one JSON object")
    sides = raw if raw.keys() <= {"gold", "predicted"} else {"gold": raw, "predicted": raw}
    for side, labels in sides.items():
        if not isinstance(labels, dict) or not all(v is None or isinstance(v, str) for v in labels.values()):
            raise DataError(f'{path}: "{side}" must map labels to class names or null')
    return LabelMap(sides.get("gold", {}), sides.get("predicted", {}), frozenset(only) or None)


def read_documents(path: Path, form: Format = "auto", limit: int | None = None) -> list[Document]:
    """Read a data set; ``.gz`` is unpacked on the way. Raises `DataError` with file and line.

    ``auto`` takes a file that begins with ``[`` for presidio-research's JSON, one
    that begins with ``{`` for JSON lines (of either vocabulary), anything else
    for CoNLL.
    """
    try:
        with _open(path) as stream:
            documents = _read(stream, path, form, limit)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({type(error).__name__})") from None
    if not documents:
        raise DataError(f"{path}: holds no documents")
    return documents


def _open(path: Path) -> IO[str]:
    # newline="\n": a text may hold U+2028 or \r, at which universal newlines would cut a record.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _read(stream: IO[str], path: Path, form: Format, limit: int | None) -> list[Document]:
    lines: Iterator[str] = iter(stream)
    first = next(lines, "")
    if form == "auto":
        start = first.lstrip("\ufeff \t\r\n")[:1]
        form = "presidio-research" if start == "[" else "jsonl" if start == "{" else "conll"
    rest = _chain(first, lines)
    if form == "conll":
        return _take(_conll(rest, path), limit)
    if form == "presidio-research" and first.lstrip("\ufeff \t\r\n").startswith("["):
        try:
            records = json.loads("".join(rest))
        except ValueError:
            raise DataError(f"{path}: not a JSON list") from None
        return _take((_document(r, f"{path}: record {i}") for i, r in enumerate(records, 1)), limit)
    return _take(_jsonl(rest, path), limit)


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def _take(documents: Iterator[Document], limit: int | None) -> list[Document]:
    return [d for d, _ in zip(documents, range(limit), strict=False)] if limit is not None else list(documents)


def _jsonl(lines: Iterator[str], path: Path) -> Iterator[Document]:
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except ValueError:
            raise DataError(f"{where}: not a JSON object") from None
        yield _document(record, where)


def _document(record: Any, where: str) -> Document:
    """Read a record in our vocabulary or in presidio-research's."""
    if not isinstance(record, dict):
        raise DataError(f"{where}: expected a JSON object")
    ours = "text" in record
    text = record.get("text" if ours else "full_text")
    raw = record.get("spans")
    if not isinstance(text, str) or not isinstance(raw, list):
        raise DataError(f'{where}: needs "text" (or "full_text") and a list "spans"')
    names = ("start", "end", "label") if ours else ("start_position", "end_position", "entity_type")
    return Document(text, tuple(_span(s, names, len(text), where) for s in raw), str(record.get("source", "")))


def _span(raw: Any, names: tuple[str, str, str], length: int, where: str) -> Span:
    if not isinstance(raw, dict):
        raise DataError(f"{where}: a span must be an object")
    start, end, label = (raw.get(name) for name in names)
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(label, str):
        raise DataError(f"{where}: a span needs {', '.join(names)}")
    if not 0 <= start < end <= length:
        raise DataError(f"{where}: a span lies outside its text ({start}..{end} of {length})")
    return Span(start, end, label)


def _conll(lines: Iterator[str], path: Path) -> Iterator[Document]:
    """Read token-per-line data: word first, tag last, a blank line between sentences."""
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(lines, 1):
        columns = line.split()
        if columns and columns[0] != "-DOCSTART-" and not line.startswith("# "):
            if len(columns) < 2:
                raise DataError(f"{path}:{number}: expected a word and a tag")
            words.append(columns[0])
            tags.append(columns[-1])
        elif words and not columns:
            yield _sentence(words, tags)
            words, tags = [], []
    if words:
        yield _sentence(words, tags)


def _sentence(words: Sequence[str], tags: Sequence[str]) -> Document:
    """Join words by single spaces and tags (IOB1, IOB2 or IOBES) into spans."""
    spans: list[Span] = []
    position, start, end, open_label = 0, 0, 0, ""
    for word, tag in zip(words, tags, strict=True):
        prefix, _, label = tag.partition("-")
        if open_label and (label != open_label or prefix in "BSU"):
            spans.append(Span(start, end, open_label))
            open_label = ""
        if label and not open_label:
            start, open_label = position, label
        end = position + len(word)
        position = end + 1
    if open_label:
        spans.append(Span(start, end, open_label))
    return Document(" ".join(words), tuple(spans))
