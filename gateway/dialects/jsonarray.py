"""One JSON array of objects, read and written item by item (Gemini without ``alt=sse``), sans-IO."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.strictjson import dump
from gateway.dialects.jsonbody import MAX_BODY
from gateway.dialects.reader import Reader, Waiting, value

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_SIGN: Final = re.compile(rb'["{}\[\]]')
_IN_STRING: Final = re.compile(rb'["\\]')
_FOLLOWS: Final = {
    ("array", b"["): "first",
    ("first", b"{"): "item",
    ("first", b"]"): "over",
    ("comma", b","): "next",
    ("comma", b"]"): "over",
    ("next", b"{"): "item",
}
"""Between items: what is awaited, what comes, and what is awaited then."""


class ArrayDecoder(Reader):
    """Reads the items as they come."""

    def __init__(self, max_item: int = MAX_BODY) -> None:
        super().__init__()
        self._item = Waiting("an item", max_item)
        self._state = "array"
        self._depth = 0
        self._quoted = self._escaped = False

    def _take(self, chunk: bytes) -> Iterator[Frame]:
        at = 0
        while at < len(chunk):
            if self._state != "item":
                at = self._between(chunk, at)
                continue
            start, at = at, self._within(chunk, at)
            if self._depth:
                self._item.add(chunk[start:])
            else:
                self._state = "comma"
                yield value(self._item.take(chunk[start:at]))

    def _finish(self) -> Iterable[Frame]:
        if self._state != "over":
            raise Malformed("the array was not closed")
        return ()

    def _between(self, chunk: bytes, at: int) -> int:
        """Read at most one sign that is not white; return where to go on, at the brace where an item begins."""
        space = _SPACE.match(chunk, at)
        at = space.end() if space else at
        sign = chunk[at : at + 1]
        if not sign:
            return at
        following = _FOLLOWS.get((self._state, sign))
        if following is None:
            raise Malformed("not one JSON array of objects")
        self._state = following
        return at if following == "item" else at + 1

    def _within(self, chunk: bytes, at: int) -> int:
        """Return the end of the item, where `_depth` is 0 again, or of the chunk."""
        while True:
            if self._quoted:
                at = self._string(chunk, at)
            sign = _SIGN.search(chunk, at)
            if sign is None:
                return len(chunk)
            at = sign.end()
            if sign[0] == b'"':
                self._quoted = True
                continue
            self._depth += 1 if sign[0] in b"{[" else -1
            if self._depth == 0:
                return at

    def _string(self, chunk: bytes, at: int) -> int:
        """Return the place after the string's closing quote, or the chunk's end."""
        if self._escaped and at < len(chunk):
            self._escaped = False
            at += 1
        while (sign := _IN_STRING.search(chunk, at)) is not None:
            at = sign.end()
            if sign[0] == b'"':
                self._quoted = False
                return at
            if at == len(chunk):
                self._escaped = True
            at += 1
        return len(chunk)


class ArrayEncoder:
    """Writes the items as they come."""

    content_type = "application/json"

    def __init__(self, begun: bool = False) -> None:
        self._first = not begun

    def encode(self, frame: Frame) -> bytes:
        """Return one item with what stands before it."""
        if frame.kind is not FrameKind.DATA:
            return b""
        lead = b"[" if self._first else b",\r\n"
        self._first = False
        return lead + dump(frame.data)

    def end(self) -> bytes:
        """Close the array."""
        return b"[]" if self._first else b"]"
