"""PDF: the text of every page, every string of every object, every file and picture inside.

Beside what pages show, a PDF says things in annotations, form fields, outlines, properties, alternative texts,
scripts and attachments: so every string object is taken, and streams are read by what they are.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from gateway.core.media import Unreadable
from gateway.media.fonts import is_garbled, says_no_letters
from gateway.media.limits import MAX_OBJECTS, MAX_PAGES, MAX_SAVES, Budget, CannotRead
from gateway.media.metadata import telling, words
from gateway.media.pixels import picture_of, slice_width
from gateway.media.plain import decoded
from gateway.media.xmltext import XmlText

_PAINTS: Final = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh", b"BI", b"INLINE IMAGE"})
_INLINE: Final = re.compile(rb"\bBI\b")
_END: Final = re.compile(rb"%%EOF[\r\n]{0,2}")
_SHOWS: Final = frozenset({b"Tj", b"TJ", b"'", b'"'})
_SILENT: Final = frozenset({"/ID", "/FontFile", "/FontFile2", "/FontFile3", "/CharSet", "/Registry", "/Ordering"})
"""Members whose strings are digests and names of fonts."""

_TEXT_STREAMS: Final = frozenset({"/JS", "/RC", "/RV", "/DS", "/XFA", "/DA"})


def texts_of_pdf(data: bytes, budget: Budget, inner: Callable[[bytes], list[str]]) -> list[str]:
    """Return every text in a PDF; `inner` reads the files and pictures inside it. Raises `CannotRead`."""
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise CannotRead(Unreadable.ENCRYPTED)
        if len(reader.pages) > MAX_PAGES:
            raise CannotRead(Unreadable.TOO_LARGE)
        document = _Document(reader, budget, inner)
        texts = [*document.around(data), *document.pages(), *document.objects()]
        for earlier in _earlier(data):
            texts += _Document(earlier, budget, inner).before(reader)
        return texts
    except CannotRead:
        raise
    except (MemoryError, LimitReachedError):
        raise CannotRead(Unreadable.TOO_LARGE) from None
    except Exception:  # whatever a damaged file makes the library raise
        raise CannotRead(Unreadable.MALFORMED) from None


def _earlier(data: bytes) -> Iterator[PdfReader]:
    """Yield the file as it was before each save that was only put behind it; what is no whole file then is none."""
    ends = [match.end() for match in _END.finditer(data)][:-1]
    if len(ends) > MAX_SAVES:
        raise CannotRead(Unreadable.TOO_LARGE)
    for end in ends:
        try:
            reader = PdfReader(BytesIO(data[:end]), strict=False)
            if len(reader.pages) and (not reader.is_encrypted or reader.decrypt("")):
                yield reader
        except Exception:  # noqa: S112  (a file that is written for the net has an end before its beginning)
            continue


class _Document:
    def __init__(self, reader: PdfReader, budget: Budget, inner: Callable[[bytes], list[str]]) -> None:
        self._reader = reader
        self._budget = budget
        self._inner = inner
        self._slices: Counter[int] = Counter()

    def around(self, data: bytes) -> Iterator[str]:
        """Yield the words before the file's head and behind its end."""
        end = data.rfind(b"%%EOF")
        if end < 0:
            raise CannotRead(Unreadable.MALFORMED)
        for text in (*words(data[: data.find(b"%PDF-")]), *words(data[end + 5 :])):
            yield self._budget.text(text)

    def pages(self) -> Iterator[str]:
        """Yield the text of each page. A page that shows something, and neither text nor a picture, is refused."""
        for page in self._reader.pages:
            text = self._budget.text(page.extract_text()).strip()
            if is_garbled(text):
                raise CannotRead(Unreadable.NO_TEXT)
            if text:
                yield text
            content = page.get_contents()
            if content is None or (text and _INLINE.search(content.get_data()) is None):
                continue  # to take a page's program apart costs more than to read its text
            operators = {operator for _, operator in content.operations}
            if b"INLINE IMAGE" in operators:
                raise CannotRead(Unreadable.PICTURE)
            if not text and (operators & _SHOWS or (operators & _PAINTS and b"Do" not in operators)):
                raise CannotRead(Unreadable.NO_TEXT)

    def objects(self) -> list[str]:
        """Return the strings of all objects, each once."""
        found: dict[str, None] = {}
        numbers = {(number, generation) for generation, ids in self._reader.xref.items() for number in ids}
        numbers |= {(number, 0) for number in self._reader.xref_objStm}
        if len(numbers) > MAX_OBJECTS:
            raise CannotRead(Unreadable.TOO_LARGE)
        for number, generation in sorted(numbers):
            if number == 0:
                continue
            value = IndirectObject(number, generation, self._reader).get_object()
            for text in self._strings(value, ""):
                if text.strip() and text not in found:
                    found[self._budget.text(text)] = None
        for text in self._strings(self._reader.trailer, ""):
            found.setdefault(self._budget.text(text))
        return list(found)

    def before(self, now: PdfReader) -> Iterator[str]:
        """Yield what this earlier state says where it differs from the file as it is `now`."""
        places = {(generation, number): at for generation, ids in now.xref.items() for number, at in ids.items()}
        changed = [
            IndirectObject(number, generation, self._reader)
            for generation, ids in self._reader.xref.items()
            for number, at in ids.items()
            if number and places.get((generation, number)) != at
        ]
        changed += [
            IndirectObject(number, 0, self._reader)
            for number, at in self._reader.xref_objStm.items()
            if now.xref_objStm.get(number) != at
        ]
        if not changed:
            return
        yield from self.pages()
        for one in changed:
            for text in self._strings(one.get_object(), ""):
                yield self._budget.text(text)

    def _strings(self, value: Any, name: str, depth: int = 0) -> Iterator[str]:
        """Yield the strings in one object; what it refers to is another object, which has its own turn."""
        if depth > 60:
            raise CannotRead(Unreadable.MALFORMED)
        if isinstance(value, TextStringObject):
            if name not in _SILENT:
                yield str(value)
        elif isinstance(value, ByteStringObject):
            if name not in _SILENT:
                yield bytes(value).decode("utf-8", "ignore")
        elif isinstance(value, StreamObject):
            yield from self._dictionary(value, depth)
            yield from self._stream(value, name)
        elif isinstance(value, DictionaryObject):
            yield from self._dictionary(value, depth)
        elif isinstance(value, ArrayObject):
            for item in value:
                yield from self._strings(_own(item), name, depth + 1)

    def _dictionary(self, value: DictionaryObject, depth: int) -> Iterator[str]:
        if value.get("/Filter") == "/Standard" and "/O" in value:  # the lock itself
            return
        if value.get("/Type") == "/Font" and says_no_letters(value):
            raise CannotRead(Unreadable.NO_TEXT)
        signature = value.get("/Type") in ("/Sig", "/DocTimeStamp") or "/ByteRange" in value
        for name, member in value.items():
            if _PLAIN_NAME.fullmatch(name) is None:
                yield name
            if not (signature and name in ("/Contents", "/Cert")) and name != "/Filter":
                yield from self._strings(_own(member), name, depth + 1)

    def _stream(self, stream: StreamObject, name: str) -> Iterator[str]:
        kind, subtype = stream.get("/Type"), stream.get("/Subtype")
        if subtype == "/Image":
            self._no_slices(stream)
            picture = picture_of(stream)
            if picture is not None:
                yield from self._inner(picture)
        elif kind == "/EmbeddedFile":
            data = stream.get_data()
            self._budget.unpack(len(data))
            yield from self._inner(data)
        elif subtype == "/Form" or stream.get("/PatternType") == 1:
            yield self._shown(stream)
        elif kind == "/Metadata":
            yield from XmlText().read(_trimmed(stream.get_data())).lines
        elif name in _TEXT_STREAMS or isinstance(stream, ContentStream):
            yield decoded(stream.get_data())
        elif "/N" in stream and kind is None and subtype is None:
            yield from telling(stream.get_data())
        elif kind is None and subtype is None and not {"/Length1", "/N", "/FunctionType"} & set(stream):
            yield from _maybe_text(stream.get_data())

    def _shown(self, form: StreamObject) -> str:
        """Return the text that a form shows. Pages have the text of theirs; those of stamps and fields do not."""
        text: str = self._reader.pages[0].extract_xform_text(form)  # type: ignore[arg-type]
        if is_garbled(text):
            raise CannotRead(Unreadable.NO_TEXT)
        return text.strip()

    def _no_slices(self, stream: StreamObject) -> None:
        """Refuse a page that was cut to slices: no line of its text is whole in any of them."""
        width = slice_width(stream)
        self._slices[width] += 1
        if width and self._slices[width] >= _SLICED:
            raise CannotRead(Unreadable.PICTURE)


_SLICED: Final = 3
_PLAIN_NAME: Final = re.compile(r"/[A-Za-z0-9_.:+-]{0,60}")


def _own(value: Any) -> Any:
    return None if isinstance(value, IndirectObject) else value


def _trimmed(data: bytes) -> bytes:
    return data.strip(b"\x00 \t\r\n")


def _maybe_text(data: bytes) -> Iterator[str]:
    """Yield what a stream of no stated kind says, where it is text: a script, a form's data, a page's own program."""
    head = data[:200].lstrip()
    if head.startswith((b"<?xml", b"<xdp", b"<template", b"<xfa")):
        yield from XmlText().read(_trimmed(data)).lines
    elif _SCRIPT.search(data[:4096]):
        yield data.decode("utf-8", "ignore")


_SCRIPT: Final = re.compile(rb"\b(function|var|this\.|app\.|util\.)")
