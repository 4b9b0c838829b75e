"""The text of one XML part of an office document: paragraphs, fields, notes, and what attributes say.

Streaming, without entities: a document type declaration is refused, so that nothing expands and nothing is fetched.
"""

import re
from typing import Final
from xml.parsers import expat

from gateway.core.media import Unreadable
from gateway.media.limits import CannotRead

MAX_DEPTH: Final = 256
_PARAGRAPHS: Final = frozenset({"p", "h", "si", "is", "instrText", "fldSimple"})
"""Elements whose text is one run, however many elements it is spread over."""

_BLANKS: Final = frozenset({"br", "cr", "tab", "line-break", "s", "noBreakHyphen"})
_TOLD: Final = frozenset(
    {"author", "initials", "descr", "title", "tooltip", "display", "alt", "prompt", "promptTitle", "error"}
    | {"errorTitle", "instr", "v", "string-value", "value", "connectionString", "command", "sourceFile", "userName"}
    | {"userId", "lastModifiedBy", "fullName", "location", "formula", "string"}
)
"""Attributes that hold people's words or a cell's value."""

_NAMING: Final = frozenset(
    {
        "sheet",
        "tableColumn",
        "table",
        "cmAuthor",
        "person",
        "property",
        "docVar",
        "alias",
        "tag",
        "cacheField",
        "author",
    }
)
"""Elements of which every attribute is told: they name sheets, columns, people and properties."""

_LAYOUT: Final = frozenset(
    {"posOffset", "colOff", "rowOff", "col", "row-off", "pctWidth", "pctHeight", "align", "Words", "Characters"}
    | {"CharactersWithSpaces", "Lines", "Paragraphs", "Pages", "TotalTime", "AppVersion"}
)
"""Elements whose text is a measure, a count or a side."""

_SIDES: Final = frozenset({"left", "right", "center", "inside", "outside", "top", "bottom"})

_STYLE: Final = frozenset(
    {"ascii", "hAnsi", "cs", "eastAsia", "typeface", "panose", "style", "path", "d", "font-name", "font-family", "uri"}
    | {"font-family-generic", "style-name", "display-name", "schemaLocation", "Type", "Ignorable", "Requires"}
)
"""Attributes of looks, which name fonts and styles."""

_TELLING: Final = re.compile(r"@|mailto:|[^\W\d_]{2,}[\s,;]+[^\W\d_]{2,}|(?:\d[ .-]?){7,}\d|[^\x00-\x7f]")
_MEASURE: Final = re.compile(r"-?[0-9A-Fa-f]{1,10}|\{[0-9A-Fa-f-]{36}\}|-?\d+(\.\d+)?[a-z%]{0,3}")


class XmlText:
    """Feed it one part; then its `lines` are the texts, and `cells` the cells of a sheet as rows."""

    def __init__(self, shared: list[str] | None = None, *, attributes: bool = True) -> None:
        """`shared` are the strings that a sheet's cells refer to by their number; `attributes` may say things, too."""
        self.lines: list[str] = []
        self._attributes = attributes
        self._shared = shared
        self._open: list[list[str]] = [[]]
        self._deleted = 0
        self._measures = 0
        self._kept: list[list[str]] = [[]]
        self._cell = ""
        self._row: list[str] = []
        self._depth = 0

    def read(self, data: bytes) -> "XmlText":
        """Take the whole part in. Raises `CannotRead`."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self.lines.append
        parser.StartDoctypeDeclHandler = _refuse
        parser.buffer_text = True
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError):  # a multi-byte encoding that expat does not know is a ValueError
            raise CannotRead(Unreadable.MALFORMED) from None
        self._flush()
        return self

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise CannotRead(Unreadable.MALFORMED)
        for key, value in attributes.items() if self._attributes else ():
            if _is_told(key.rpartition(" ")[2], value) or (name in _NAMING and _MEASURE.fullmatch(value) is None):
                self.lines.append(value)
        if name in _PARAGRAPHS:
            self._open.append([])
            self._kept.append([])
        elif name in _BLANKS:
            self._text(" ")
        elif name == "c":
            self._cell = attributes.get("t", "n")
        elif name in ("del", "delText", "moveFrom"):
            self._deleted += 1
        elif name in _LAYOUT:
            self._measures += 1
        elif len(self._open) == 1:
            self._flush()

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        self._depth -= 1
        if name == "v" and self._cell:
            self._value()
        elif name == "is" and self._cell:
            self._row.append("".join(self._open[-1]).strip())
        elif name == "row":
            self.lines.append("\t".join(self._row))
            self._row = []
        elif name == "c":
            self._cell = ""
        elif name in ("del", "delText", "moveFrom"):
            self._deleted -= 1
        elif name in _LAYOUT:
            self._measures -= 1
        if name in _PARAGRAPHS:
            self._flush()
            self._open.pop()
            self._kept.pop()
        elif len(self._open) == 1:
            self._flush()

    def _text(self, text: str) -> None:
        if self._measures and (_MEASURE.fullmatch(text.strip()) or text.strip() in _SIDES):
            return
        self._open[-1].append(text)
        if not self._deleted:
            self._kept[-1].append(text)

    def _value(self) -> None:
        text = "".join(self._open[-1]).strip()
        if self._cell == "s" and self._shared is not None:
            self._open[-1].clear()
            self._kept[-1].clear()
            text = self._shared[int(text)] if text.isdecimal() and int(text) < len(self._shared) else ""
        elif self._cell == "n":
            text = _number(text)
        self._row.append(text)

    def _flush(self) -> None:
        """End a line: with what was deleted in it, and as it reads without."""
        whole, kept = ("".join(parts[-1]).strip() for parts in (self._open, self._kept))
        self._open[-1].clear()
        self._kept[-1].clear()
        self.lines += [line for line in dict.fromkeys((whole, kept)) if line]


def _number(text: str) -> str:
    """Return a number as a person would write it: spreadsheets store long ones as 1.4155550132E10."""
    try:
        value = float(text)
    except ValueError:
        return text
    return str(int(value)) if value.is_integer() and abs(value) < 1e19 else text


def _is_told(name: str, value: str) -> bool:
    if name in _TOLD:
        return (bool(value) and _MEASURE.fullmatch(value) is None) or name in ("v", "value", "string-value")
    if name in _STYLE or _MEASURE.fullmatch(value):
        return False
    return _TELLING.search(value) is not None and not value.startswith(
        ("http://schemas.", "http://www.w3.org/", "urn:")
    )


def _refuse(*_: object) -> None:
    raise CannotRead(Unreadable.MALFORMED)
