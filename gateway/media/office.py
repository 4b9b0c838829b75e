"""Office documents: Word, Excel and PowerPoint (OOXML), OpenDocument, in every part that can hold a text.

A package is read whole: body, headers, notes, comments, hidden sheets and slides, properties, custom XML, links, and
the files and pictures inside it. A part of a kind that is not known here makes the document unreadable.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.limits import Budget, CannotRead
from gateway.media.metadata import words
from gateway.media.plain import texts_of
from gateway.media.sniff import sniff
from gateway.media.xmltext import XmlText

_XML: Final = (".xml", ".rels", ".vml", ".rdf", ".psmdcp")
_MIME: Final = re.compile(rb"[a-z]+/[a-z0-9.+-]+\s*")
_LOOKS: Final = ("/styles.xml", "/stylesWithEffects.xml", "/fontTable.xml", "/webSettings.xml", "/tableStyles.xml")
"""Parts of OOXML whose attributes only name fonts and styles."""

_PART: Final = re.compile(r"[A-Za-z0-9_.\[\]/-]*")

_FONTS: Final = (".odttf", ".fntdata", ".ttf", ".otf")
_FLAG_LOCKED: Final = 0x1
_FLAG_TOLD_BEHIND: Final = 0x8
MAX_BETWEEN: Final = 64
"""Bytes between two parts that are read as words; more may be a part that no reader sees."""


def texts_of_archive(data: bytes, budget: Budget, inner: Callable[[bytes], list[str]]) -> list[str]:
    """Return every text in a package; `inner` reads the files inside it. Raises `CannotRead`."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [entry.filename for entry in archive.infolist()]
            if not _is_document(names) or len(names) != len(set(names)):
                raise CannotRead(Unreadable.UNKNOWN)
            beside = [text for piece in _beside(archive, data) for text in words(piece)]
            return [*map(budget.text, beside), *_Package(archive, budget, inner).texts()]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise CannotRead(Unreadable.MALFORMED) from None


def _beside(archive: zipfile.ZipFile, data: bytes) -> Iterator[bytes]:
    """Yield what an archive holds beside its parts: comments, extra fields, what stands between them and behind it."""
    yield archive.comment
    at = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        yield from (entry.comment, entry.extra)
        head = data[entry.header_offset : entry.header_offset + 30]
        name, extra = (int.from_bytes(head[n : n + 2], "little") for n in (26, 28))
        begins = entry.header_offset + len(head) + name
        yield from (_small(data, at, entry.header_offset), data[begins : begins + extra])
        at = begins + extra + entry.compress_size
        if entry.flag_bits & _FLAG_TOLD_BEHIND:
            at += 16 if data.startswith(b"PK\x07\x08", at) else 12
    yield _small(data, at, archive.start_dir)
    end = data.rfind(b"PK\x05\x06")
    yield data[end + 22 + len(archive.comment) :]


def _small(data: bytes, start: int, end: int) -> bytes:
    """Return what stands between two parts. Raises `CannotRead` where that is more than filling."""
    between = data[start:end].strip(b"\x00")
    if start > end or len(between) > MAX_BETWEEN:
        raise CannotRead(Unreadable.MALFORMED)
    return between


def _is_document(names: list[str]) -> bool:
    return "[Content_Types].xml" in names or "META-INF/manifest.xml" in names


class _Package:
    def __init__(self, archive: zipfile.ZipFile, budget: Budget, inner: Callable[[bytes], list[str]]) -> None:
        self._archive = archive
        self._budget = budget
        self._inner = inner

    def texts(self) -> list[str]:
        """Return the texts of all parts, each once."""
        found: dict[str, None] = {}
        shared: list[str] = []
        for entry in sorted(
            self._archive.infolist(), key=lambda entry: not entry.filename.endswith("sharedStrings.xml")
        ):
            if entry.is_dir():
                continue
            self._budget.part()
            name = entry.filename
            for text in self._part(name, self._bytes(entry), shared):
                if text not in found:
                    found[self._budget.text(text)] = None
            if _PART.fullmatch(name) is None:
                found[name] = None
        return list(found)

    def _bytes(self, entry: zipfile.ZipInfo) -> bytes:
        if entry.flag_bits & _FLAG_LOCKED:
            raise CannotRead(Unreadable.ENCRYPTED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CannotRead(Unreadable.UNKNOWN)
        with self._archive.open(entry) as part:
            data = part.read(self._budget.unpacked + 1)
            left = getattr(getattr(part, "_decompressor", None), "unused_data", b"")
        if left or (entry.compress_type == zipfile.ZIP_STORED and entry.compress_size != entry.file_size):
            raise CannotRead(Unreadable.MALFORMED)  # bytes of the part that no reader unpacks
        self._budget.unpack(len(data))
        return data

    def _part(self, name: str, data: bytes, shared: list[str]) -> list[str]:
        if not data or name == "[Content_Types].xml" or (name.lower().endswith(_FONTS) and _is_font(data)):
            return []
        if name == "META-INF/manifest.xml":
            if b"encryption-data" in data:
                raise CannotRead(Unreadable.ENCRYPTED)
            return []
        if name == "mimetype":
            return [] if _MIME.fullmatch(data) else texts_of(data)
        if not name.lower().endswith(_XML):
            return words(data) if "/printerSettings" in name else self._inner(data)
        if name.endswith("sharedStrings.xml"):
            shared += _shared(data)
        looks = name.endswith(_LOOKS) or "/theme/" in name
        return XmlText(shared, attributes=not looks).read(data).lines


def _is_font(data: bytes) -> bool:
    """Tell whether a part may be a font: nothing that can be read, and with a font's tables (or head, if packed).

    The first 32 bytes of a font in a Word document are masked.
    """
    try:
        sniff(data)
        return False
    except CannotRead as error:
        packed = data[34:36] == b"LP"
        return error.why is Unreadable.UNKNOWN and (packed or b"cmap" in data[:1024])


def _shared(data: bytes) -> list[str]:
    """Return a workbook's shared strings, one for each ``si``, so that cells can refer to them by number."""
    strings: list[str] = []
    reader = _Strings(strings)
    reader.read(data)
    return strings


class _Strings(XmlText):
    """Keeps one string for each item, empty ones too."""

    def __init__(self, strings: list[str]) -> None:
        super().__init__()
        self._strings = strings

    def _end(self, tag: str) -> None:
        if tag.rpartition(" ")[2] == "si":
            self._strings.append("".join(self._open[-1]))
        super()._end(tag)
