"""How large a picture is, and what its metadata says, read from its head without unpacking a pixel.

One that moves is refused: only its first frame would be read.
"""

import zlib
from typing import Final, Literal

from gateway.core.media import Unreadable
from gateway.media.exif import location
from gateway.media.jpeg import jpeg
from gateway.media.limits import CannotRead
from gateway.media.metadata import MAX_METADATA, telling, words

MAX_DIRECTORIES: Final = 500
"""Directories of a TIFF: pages, and what is below them."""

MAX_PROFILE: Final = 16_000_000
"""Bytes that a colour profile may unpack to."""

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


def measured(data: bytes) -> tuple[int, int, list[str]]:
    """Return a picture's width and height in pixels, and the words of its metadata. Raises `CannotRead`."""
    try:
        if data.startswith(b"\x89PNG"):
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return jpeg(data)
        if data.startswith(b"GIF8"):
            return _gif(data)
        if data[:4] == b"RIFF":
            return _webp(data)
        if data.startswith(b"BM"):
            return _bitmap(data)
        return _jpeg2000(data) if data[4:8] == b"jP  " else _tiff(data)
    except (IndexError, ValueError, zlib.error):
        raise CannotRead(Unreadable.MALFORMED) from None


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
        if kind == b"iCCP":
            beside += [*telling(keyword), *telling(_unpacked(rest[1:], MAX_PROFILE))]
        elif kind == b"zTXt":
            beside += [*words(keyword), *words(_unpacked(rest[1:]))]
        elif kind == b"iTXt" and rest[:1] == b"\x01":
            language, translated, packed = rest[2:].split(b"\x00", 2)
            beside += [*words(keyword), *words(language), *words(translated), *words(_unpacked(packed))]
        elif kind not in _PNG_LOOKS:
            beside += words(body)
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), beside + words(data[at:])


def _unpacked(chunk: bytes, most: int = MAX_METADATA) -> bytes:
    """Return what a packed text unpacks to; one that is cut short or goes on and on is refused."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(chunk, most)
    if not unpacker.eof:
        raise CannotRead(Unreadable.TOO_LARGE if unpacker.unconsumed_tail else Unreadable.MALFORMED)
    return text + unpacker.unused_data


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
        if kind == 0x21 and (label != 0xF9 or len(body) != 4):
            beside += words(bytes(body))
    if frames != 1:
        raise CannotRead(Unreadable.PICTURE)
    return _int(data[6:8]), _int(data[8:10]), beside + words(data[at:])


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> tuple[int, int, list[str]]:
    beside: list[str] = []
    at, size = 12, (0, 0)
    end = min(len(data), 8 + _int(data[4:8]))
    while at + 8 <= end:
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
        elif kind == b"ICCP":
            beside += telling(body)
        elif kind not in (b"VP8 ", b"VP8L", b"ALPH"):
            beside += words(body)
            if kind == b"EXIF":
                beside += location(body.removeprefix(b"Exif\x00\x00"))
    return *size, beside + words(data[end:])


def _jpeg2000(data: bytes) -> tuple[int, int, list[str]]:
    at = data.find(b"ihdr")
    beside = [
        text for box in (b"xml ", b"uuid") for piece in data.split(box)[1:] for text in words(piece[:MAX_METADATA])
    ]
    if at < 0:
        raise CannotRead(Unreadable.MALFORMED)
    return int.from_bytes(data[at + 8 : at + 12], "big"), int.from_bytes(data[at + 4 : at + 8], "big"), beside


def _tiff(data: bytes) -> tuple[int, int, list[str]]:
    """Measure the largest page; the texts and blobs of every page, and of what is below it, are taken."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)

    pages: list[tuple[int, int]] = []
    beside: list[str] = []
    waiting, seen = [number(4, 4)], set[int]()
    while waiting:
        at = waiting.pop(0)
        if at in seen or len(seen) > MAX_DIRECTORIES:
            raise CannotRead(Unreadable.MALFORMED)
        seen.add(at)
        size = {256: 0, 257: 0}
        end = at + 2 + 12 * number(at, 2)
        for entry in range(at + 2, end, 12):
            tag, kind, count, value = number(entry, 2), number(entry + 2, 2), number(entry + 4, 4), number(entry + 8, 4)
            if tag in size:
                size[tag] = number(entry + 8, 2) if kind == 3 else value
            elif tag in _BELOW:
                waiting += (
                    [value] if count == 1 else [number(value + 4 * n, 4) for n in range(min(count, MAX_DIRECTORIES))]
                )
            elif kind in (1, 2, 7) and count > 4:  # texts and blobs
                beside += (telling if tag == _PROFILE else words)(data[value : value + count])
        pages += [(size[256], size[257])] if all(size.values()) else []
        waiting += [following] if (following := number(end, 4)) else []
    if not pages:
        raise CannotRead(Unreadable.MALFORMED)
    return *max(pages, key=lambda page: page[0] * page[1]), beside + location(data)


_PROFILE: Final = 34675
_BELOW: Final = frozenset({330, 34665, 34853, 40965})
"""Entries that point to further directories: smaller pictures, EXIF, the place, how to read EXIF."""


def _bitmap(data: bytes) -> tuple[int, int, list[str]]:
    width, height = _int(data[18:22]), abs(int.from_bytes(data[22:26], "little", signed=True))
    row = (width * _int(data[28:30]) + 31) // 32 * 4
    samples = _int(data[34:38]) if _int(data[30:34]) not in (0, 3) else row * height
    return width, height, words(data[_int(data[10:14]) + samples :])


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little")
