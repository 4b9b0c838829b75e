"""Text inside base64 and hexadecimal runs.

A run up to `LONGEST_WHOLE` characters that decodes to readable text is one view,
and whatever is found in it has the run's place. A longer run, or one whose
beginning is glued to something else, is read at every alignment in readable
stretches, and a finding has the place of the groups that encode it: so that what
is found still depends only on a bounded neighbourhood.
"""

import base64
import re
from collections.abc import Iterator

from detectors.normalize.view import Decoded

LONGEST_WHOLE = 256
_LEAST = 16
_STRETCH = 10
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}+={0,2}")
_TAIL = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]*+={0,2}\Z")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){8,})\Z")
_READABLE = re.compile(rb"[\t\n\r -~]{%d,}" % _STRETCH)
_IN_RUN = bytes.maketrans(
    bytes(range(256)),
    bytes(0x78 if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "+/_-") else 0x20 for c in range(256)),
)
_NEEDLE = b"x" * _LEAST


def decoded(text: str) -> list[Decoded]:
    """Return a view for every readable text that an encoded run holds."""
    if _NEEDLE not in text.encode("ascii", "replace").translate(_IN_RUN):
        return []
    return [view for match in _RUN.finditer(text) for view in _views(match[0], match.start(), match.end())]


def open_from(text: str, margin: int) -> int:
    """Return where a run still grows at the end of `text`; of a long run only the last `margin` characters."""
    tail = max(0, len(text) - LONGEST_WHOLE - margin)
    match = _TAIL.search(text, tail)
    return match.start() if match else len(text) - margin


def _views(run: str, start: int, end: int) -> Iterator[Decoded]:
    body = run.rstrip("=")
    if len(run) <= LONGEST_WHOLE:
        whole = _as_text(_bytes_of_hex(body)) or _as_text(_bytes_of_base64(body))
        if whole:
            yield Decoded(whole, start, end)
            return
    for shift in range(4):
        group = body[shift : shift + (len(body) - shift) // 4 * 4]
        yield from _stretches(_bytes_of_base64(group), start + shift, end, (4, 3))
    if len(run) > LONGEST_WHOLE and not body.strip("0123456789abcdefABCDEF"):
        for shift in range(2):
            group = body[shift : shift + (len(body) - shift) // 2 * 2]
            yield from _stretches(bytes.fromhex(group), start + shift, end, (2, 1))


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
