"""A picture inside a PDF as a file that Tesseract can read. Samples become a PNG; nothing is scaled or guessed."""

import struct
import zlib
from typing import Any, Final

from gateway.core.media import Unreadable
from gateway.media.limits import MAX_PIXELS, CannotRead
from gateway.media.picture import SMALLEST

_READY: Final = ("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode")
"""Encodings whose data is a picture file as it is (the library puts a TIFF head before a fax)."""

_GRAY, _COLOUR, _PALETTE = 0, 2, 3
_SLICE: Final = (400, 64)
"""A picture at least so wide and less than so high may be a slice of a page, with half a line in it."""


def picture_of(stream: Any) -> bytes | None:
    """Return an image object as a picture file; None where it is too small for a word. Raises `CannotRead`."""
    width, height = _number(stream.get("/Width")), _number(stream.get("/Height"))
    if width * height > MAX_PIXELS:
        raise CannotRead(Unreadable.TOO_LARGE)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return None
    filters = _filters(stream)
    if filters and filters[-1] in ("/JBIG2Decode", "/Crypt"):
        raise CannotRead(Unreadable.PICTURE)
    data: bytes = stream.get_data()
    if filters and filters[-1] in _READY:
        return data
    kind, depth, palette = _colours(stream)
    samples = 3 if kind == _COLOUR else 1
    row = (width * samples * depth + 7) // 8
    if len(data) < row * height:
        raise CannotRead(Unreadable.MALFORMED)
    rows = b"".join(b"\x00" + data[n * row : (n + 1) * row] for n in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), *([_chunk(b"PLTE", palette)] if palette else [])]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*chunks, _chunk(b"IDAT", zlib.compress(rows, 1)), _chunk(b"IEND", b"")])


def slice_width(stream: Any) -> int:
    """Return the width of an image object that may be a slice of a page; 0 where it is none."""
    width, height = _number(stream.get("/Width")), _number(stream.get("/Height"))
    return width if width >= _SLICE[0] and height < _SLICE[1] else 0


def _number(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise CannotRead(Unreadable.MALFORMED)
    return int(value)


def _filters(stream: Any) -> list[str]:
    value = stream.get("/Filter", ())
    value = value.get_object() if hasattr(value, "get_object") else value
    return [str(value)] if isinstance(value, str) else [str(item) for item in value]


def _colours(stream: Any) -> tuple[int, int, bytes]:
    """Return PNG's colour type, the bits of a sample, and the palette. Raises `CannotRead`."""
    if stream.get("/ImageMask") == True:  # noqa: E712  (the library's own booleans)
        return _GRAY, 1, b""
    depth = stream.get("/BitsPerComponent", 8)
    space = _plain(stream.get("/ColorSpace"))
    name, rest = (space, []) if isinstance(space, str) else (str(space[0]), [_plain(item) for item in space[1:]])
    if name == "/Indexed" and depth in (1, 2, 4, 8) and _samples(rest[0]) == 3:
        table = rest[2]
        palette = table.get_data() if hasattr(table, "get_data") else _raw(table)
        return _PALETTE, depth, palette[: 3 * 2**depth]
    samples = _samples(space)
    if samples == 1 and depth in (1, 2, 4, 8, 16):
        return _GRAY, depth, b""
    if samples == 3 and depth in (8, 16):
        return _COLOUR, depth, b""
    raise CannotRead(Unreadable.PICTURE)


def _samples(space: Any) -> int:
    name = space if isinstance(space, str) else str(space[0])
    if name == "/ICCBased":
        return int(_plain(space[1]).get("/N", 0))
    return {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/G": 1, "/RGB": 3}.get(name, 0)


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _raw(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes) else bytes(value.original_bytes)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
