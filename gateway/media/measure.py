"""How large a picture is, and what its metadata says, read from its head without unpacking a pixel.

One that moves is refused: only its first frame would be read.
"""

import re
import zlib
from typing import Final, Literal

from gateway.core.media import Unreadable
from gateway.media.exif import location
from gateway.media.limits import CannotRead

MAX_METADATA: Final = 1_000_000
"""Bytes of one piece of metadata that are looked at; a larger one is refused."""

_PNG_LOOKS: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"pHYs",
        b"bKGD",
        b"tIME",
        b"sBIT",
    }
)
_JPEG_LOOKS: Final = (b"JFIF", b"ICC_PROFILE", b"Adobe")
_START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_WORDS: Final = re.compile(rb"[\x20-\x7e\x80-\xff]{4,}")
_WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")


def measured(data: bytes) -> tuple[int, int, list[str]]:
    """Return a picture's width and height in pixels, and the words of its metadata. Raises `CannotRead`."""
    try:
        if data.startswith(b"\x89PNG"):
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"GIF8"):
            return _gif(data)
        if data[:4] == b"RIFF":
            return _webp(data)
        if data.startswith(b"BM"):
            return _int(data[18:22]), abs(int.from_bytes(data[22:26], "little", signed=True)), []
        return _jpeg2000(data) if data[4:8] == b"jP  " else _tiff(data)
    except (IndexError, ValueError, zlib.error):
        raise CannotRead(Unreadable.MALFORMED) from None


def words(data: bytes) -> list[str]:
    """Return the runs of four or more printable signs in metadata: names, places, software, comments."""
    if len(data) > MAX_METADATA:
        raise CannotRead(Unreadable.TOO_LARGE)
    found = [match.group().decode("utf-8", "ignore") for match in _WORDS.finditer(data)]
    found += [match.group().decode("utf-16-le") for match in _WIDE.finditer(data)]
    return [text for text in dict.fromkeys(found) if sum(sign.isalnum() for sign in text) > 3]


def _png(data: bytes) -> tuple[int, int, list[str]]:
    beside: list[str] = []
    at = 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"acTL":
            raise CannotRead(Unreadable.PICTURE)
        if kind == b"IEND":
            break
        if kind == b"eXIf":
            beside += location(body.removeprefix(b"Exif\x00\x00"))
        keyword, _, rest = body.partition(b"\x00")
        if kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\x01"):
            beside += [*words(keyword), *words(_inflated(rest))]
        elif kind not in _PNG_LOOKS:
            beside += words(body)
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), beside + words(data[at:])


def _inflated(body: bytes) -> bytes:
    """Return what a compressed text chunk unpacks to; b"" where it is not compressed."""
    for start in (match.start() for match in re.finditer(b"\x78", body[:200])):
        try:
            return zlib.decompressobj().decompress(body[start:], MAX_METADATA)
        except zlib.error:
            continue
    return b""


def _jpeg(data: bytes) -> tuple[int, int, list[str]]:
    beside: list[str] = []
    size = (0, 0)
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        at += 2 + length
        if marker in _START_OF_FRAME:
            size = (int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        elif (marker == 0xFE or 0xE0 <= marker <= 0xEF) and not body.startswith(_JPEG_LOOKS):
            beside += words(body)
            if body.startswith(b"Exif\x00\x00"):
                beside += location(body[6:])
    if not all(size):
        raise CannotRead(Unreadable.MALFORMED)
    end = data.rfind(b"\xff\xd9")
    return *size, beside + (words(data[end + 2 :]) if end >= 0 else [])


def _gif(data: bytes) -> tuple[int, int, list[str]]:
    beside: list[str] = []
    frames = 0
    at = 13 + _palette(data[10])
    while data[at] != 0x3B:
        kind, label = data[at], data[at + 1]
        if kind == 0x2C:
            frames += 1
            at += 11 + _palette(data[at + 9])
        elif kind == 0x21:
            at += 2
        else:
            raise CannotRead(Unreadable.MALFORMED)
        body = bytearray()
        while (length := data[at]) != 0:
            body += data[at + 1 : at + 1 + length]
            at += 1 + length
        at += 1
        if kind == 0x21 and label != 0xF9:
            beside += words(bytes(body))
    if frames != 1:
        raise CannotRead(Unreadable.PICTURE)
    return _int(data[6:8]), _int(data[8:10]), beside + words(data[at:])


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> tuple[int, int, list[str]]:
    beside: list[str] = []
    at, size = 12, (0, 0)
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], _int(data[at + 4 : at + 8])
        body = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if kind in (b"ANIM", b"ANMF"):
            raise CannotRead(Unreadable.PICTURE)
        if kind == b"VP8X":
            size = (_int(body[4:7]) + 1, _int(body[7:10]) + 1)
        elif kind == b"VP8 " and not all(size):
            size = (_int(body[6:8]) & 0x3FFF, _int(body[8:10]) & 0x3FFF)
        elif kind == b"VP8L" and not all(size):
            bits = _int(body[1:5])
            size = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
        elif kind not in (b"VP8 ", b"VP8L", b"ALPH", b"ICCP"):
            beside += words(body)
            if kind == b"EXIF":
                beside += location(body.removeprefix(b"Exif\x00\x00"))
    return *size, beside


def _jpeg2000(data: bytes) -> tuple[int, int, list[str]]:
    at = data.find(b"ihdr")
    beside = [
        text for box in (b"xml ", b"uuid") for piece in data.split(box)[1:] for text in words(piece[:MAX_METADATA])
    ]
    if at < 0:
        raise CannotRead(Unreadable.MALFORMED)
    return int.from_bytes(data[at + 8 : at + 12], "big"), int.from_bytes(data[at + 4 : at + 8], "big"), beside


def _tiff(data: bytes) -> tuple[int, int, list[str]]:
    """Measure the first page; its texts and blobs are taken. Tesseract reads all pages."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    size = {256: 0, 257: 0}
    beside: list[str] = []
    at = int.from_bytes(data[4:8], order)
    for n in range(int.from_bytes(data[at : at + 2], order)):
        entry = data[at + 2 + 12 * n : at + 14 + 12 * n]
        tag, kind, count = (int.from_bytes(entry[a:b], order) for a, b in ((0, 2), (2, 4), (4, 8)))
        if tag in size:
            size[tag] = int.from_bytes(entry[8:10] if kind == 3 else entry[8:12], order)
        elif kind in (1, 2, 7) and count > 4 and tag != 34675:  # texts and blobs, but no colour profile
            start = int.from_bytes(entry[8:12], order)
            beside += words(data[start : start + count])
    if not all(size.values()):
        raise CannotRead(Unreadable.MALFORMED)
    return size[256], size[257], beside + location(data)


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little")
