"""Text inside base64, base32 and hexadecimal runs, and inside rows of bytes in hexadecimal (``4d 79 20``).

A run up to `LONGEST_WHOLE` characters that decodes to readable text is one view,
and whatever is found in it has the run's place. A longer run, or one whose
beginning is glued to something else, and a row of bytes, is read at every alignment in readable
stretches, and a finding has the place of the groups that encode it: so that what
is found still depends only on a bounded neighbourhood. Base64 of gzip or zlib is unpacked where the run is whole.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from itertools import product

from detectors.normalize import broken
from detectors.normalize.broken import Broken
from detectors.normalize.view import Decoded

LONGEST_WHOLE = 256
_LEAST = 16
_STRETCH = 10
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}+={0,6}")
_TAIL = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]*+={0,6}\Z")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){8,})\Z")
_HEX_INSIDE = re.compile(r"[0-9A-Fa-f]{20,}")
_BASE32 = re.compile(r"[A-Z2-7]{16,}|[a-z2-7]{16,}")
_BASE32_INSIDE = re.compile(r"[A-Z2-7]{32,}|[a-z2-7]{32,}")
_PACKED = (b"\x1f\x8b\x08", b"x\x01", b"x^", b"x\x9c", b"x\xda")
_UNPACKED = 4096  # bytes that are looked at of what a run unpacks to
_READABLE = re.compile(rb"[\t\n\r -~]{%d,}" % _STRETCH)
_IN_RUN = bytes.maketrans(
    bytes(range(256)),
    bytes(0x78 if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "+/_-") else 0x20 for c in range(256)),
)
_NEEDLE = b"x" * _LEAST
_LINE = b"x" * broken.LEAST


_IN_ROW = bytes.maketrans(b"123456789abcdefABCDEF", b"000000000000000000000")
_LEAST_BYTES = 8
_ROWS = {
    before.replace("x", "X").encode() + b"00" + gap.encode(): (
        re.compile(rf"(?<![0-9A-Za-z]){before}[0-9A-Fa-f]{{2}}(?:{gap}{before}[0-9A-Fa-f]{{2}}){{{_LEAST_BYTES},}}"),
        len(before) + 2 + len(gap),
    )
    for before, gap in product(("", "0x"), (" ", ":", "-", ",", ", "))
}
"""How bytes stand in a row: what two of them look like with every digit a nought, the row, and its step."""

_ROW_MARKS = (
    *(gap.join((b"00", b"00", b"00", b"00")) for gap in (b" ", b":", b"-", b",", b", ")),
    *(gap.join((b"0x00", b"0x00")) for gap in (b" ", b":", b"-", b",", b", ")),
)
_ROW_OPEN = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9A-Fa-f]{2}(?:, |[ :,-]))*(?:(?:0x)?[0-9A-Fa-f]{2},?|0x?[0-9A-Fa-f]?|[0-9A-Fa-f])?\Z"
)
_ROW_SHORT = 24
_WIDEST = 6


def decoded(text: str) -> list[Decoded]:
    """Return a view for every readable text that an encoded run holds."""
    plain = text.encode("ascii", "replace")
    found = list(_rows(text, plain))
    if _NEEDLE in plain.translate(_IN_RUN):
        found += [view for match in _RUN.finditer(text) for view in _views(match[0], match.start(), match.end())]
    return found


def across_lines(text: str) -> Iterator[Broken]:
    """Yield a view for every readable text that base64 holds across a break of its lines."""
    if "\n" in text and _LINE in text.encode("ascii", "replace").translate(_IN_RUN):
        for match in _RUN.finditer(text):
            yield from broken.across(text, *match.span())


def open_from(text: str, margin: int) -> int:
    """Return where a run still grows at the end of `text`; of a long run only the last `margin` characters."""
    tail = max(0, len(text) - LONGEST_WHOLE - margin)
    match = _TAIL.search(text, tail)
    run = match.start() if match else len(text) - margin
    return min(run, _row_open_from(text, margin), broken.open_from(text))


def _row_open_from(text: str, margin: int) -> int:
    """Return where a row of bytes still grows, each of which has up to six characters."""
    start = len(text)
    for held in (_ROW_SHORT, margin * _WIDEST):
        least = max(0, len(text) - held)
        match = _ROW_OPEN.search(text, least)
        start = match.start() if match else len(text)
        if start > least + _WIDEST:
            break
    return start


def _rows(text: str, plain: bytes) -> Iterator[Decoded]:
    shape = plain.translate(_IN_ROW)
    if not any(mark in shape for mark in _ROW_MARKS):
        return
    shape = shape.replace(b"0x", b"0X")
    for step, (row, stride) in _ROWS.items():
        if step * _LEAST_BYTES in shape:
            for match in row.finditer(text):
                raw = bytes.fromhex("".join(_BYTE.findall(match[0])))
                yield from _stretches(raw, match.start(), match.end(), (stride, 1))


_BYTE = re.compile(r"(?:0x)?([0-9A-Fa-f]{2})")


def _views(run: str, start: int, end: int) -> Iterator[Decoded]:
    body = run.rstrip("=")
    if len(run) <= LONGEST_WHOLE:
        raw = _bytes_of_base64(body)
        whole = _as_text(_bytes_of_hex(body)) or _as_text(raw) or _as_text(_bytes_of_base32(body)) or _unpacked(raw)
        if whole:
            yield Decoded(whole, start, end)
            return
    for shift in range(4):
        group = body[shift : shift + (len(body) - shift) // 4 * 4]
        yield from _stretches(_bytes_of_base64(group), start + shift, end, (4, 3))
    for inside in _HEX_INSIDE.finditer(body):
        for shift in range(2):
            group = inside[0][shift : shift + (len(inside[0]) - shift) // 2 * 2]
            yield from _stretches(bytes.fromhex(group), start + inside.start() + shift, end, (2, 1))
    for inside in _BASE32_INSIDE.finditer(body):
        for shift in range(8):
            group = inside[0][shift : shift + (len(inside[0]) - shift) // 8 * 8]
            yield from _stretches(_bytes_of_base32(group), start + inside.start() + shift, end, (8, 5))


def _bytes_of_base32(body: str) -> bytes:
    if _BASE32.fullmatch(body) is None:
        return b""
    try:
        return base64.b32decode(body.upper() + "=" * (-len(body) % 8))
    except binascii.Error:
        return b""


def _unpacked(raw: bytes) -> str:
    """Return the text that bytes unpack to, as far as it is looked at; a run that is cut off is unpacked so far."""
    if not raw.startswith(_PACKED):
        return ""
    try:
        return _as_text(zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(raw, _UNPACKED))
    except zlib.error:
        return ""


def _stretches(raw: bytes, start: int, end: int, unit: tuple[int, int]) -> Iterator[Decoded]:
    for match in _READABLE.finditer(raw):
        yield Decoded(match[0].decode("ascii"), start, end, (match.start(), *unit))


def _bytes_of_hex(body: str) -> bytes:
    match = _HEX.match(body)
    return bytes.fromhex(match[1]) if match else b""


def _bytes_of_base64(body: str) -> bytes:
    if len(body) % 4 == 1:
        body = body[:-1]
    return base64.b64decode(body.translate(_STANDARD) + "=" * (-len(body) % 4))


_STANDARD = str.maketrans("-_", "+/")


def _as_text(raw: bytes) -> str:
    """Return bytes as text when they read as text, else nothing."""
    if len(raw) >= 8 and raw[1::2].count(0) * 2 >= len(raw) * 0.9:  # PowerShell's encoding of commands
        raw = raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").encode("utf-8", "replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        if error.end < len(raw) or error.start < len(raw) - 3:
            return ""
        text = raw[: error.start].decode()
    return text if text and all(c.isprintable() or c in "\t\r\n" for c in text) else ""
