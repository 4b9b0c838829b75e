"""Photographs: how large one is, and what stands in its segments, wherever they are."""

import re
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.exif import location
from gateway.media.limits import CannotRead
from gateway.media.metadata import telling, words

MAX_BEHIND: Final = 16
"""Photographs behind the first, in one file: previews, and what screens of more range add."""

_LOOKS: Final = {0xE0: (b"JFIF\x00", 14), 0xE2: (b"ICC_PROFILE\x00", 1 << 16), 0xEE: (b"Adobe", 12)}
"""Segments of looks: how they begin, and how long they are at most."""

_START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_TABLES: Final = frozenset({0xC4, 0xCC, *range(0xDA, 0xE0)})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END = 0xDA, 0xD9
_AFTER_SCAN: Final = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


def jpeg(data: bytes) -> tuple[int, int, list[str]]:
    """Return the first photograph's width and height, and the words of all segments and of what is behind them."""
    size, beside, at = _one(data)
    for _ in range(MAX_BEHIND):
        if not data.startswith(b"\xff\xd8\xff", at):
            return *size, beside + words(data[at:])
        _, more, length = _one(data[at:])
        beside, at = beside + more, at + length
    raise CannotRead(Unreadable.TOO_LARGE)


def _one(data: bytes) -> tuple[tuple[int, int], list[str], int]:
    """Return size, words, and where the photograph ends. Between segments nothing may stand but filling."""
    size, beside, at = (0, 0), list[str](), 2
    while at < len(data):
        start = at
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if at - start < 2:
            raise CannotRead(Unreadable.MALFORMED)
        if marker == _END:
            break
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + length]
        if length < 2:
            raise CannotRead(Unreadable.MALFORMED)
        at += length
        if marker in _START_OF_FRAME:
            size = (int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        elif marker not in _TABLES:
            beside += _said(marker, body)
        if marker == _SCAN:
            following = _AFTER_SCAN.search(data, at)
            at = following.start() if following else len(data)
    if not all(size):
        raise CannotRead(Unreadable.MALFORMED)
    return size, beside, at


def _said(marker: int, body: bytes) -> list[str]:
    begins, most = _LOOKS.get(marker, (b"", -1))
    if body.startswith(begins) and len(body) <= most:
        return telling(body)
    place = location(body[6:]) if body.startswith(b"Exif\x00\x00") else []
    return [*words(body), *place]
