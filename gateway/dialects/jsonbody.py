"""JSON bodies, sans-IO: one whole value, one value a line, or one array of values."""

from collections.abc import Sequence

from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.strictjson import JsonRefused, dump, parse

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one value: 2,048 embeddings of 1,536 numbers are some 45 MB."""


def _value(data: bytes) -> Frame:
    try:
        return Frame(FrameKind.DATA, parse(data))
    except JsonRefused as refused:
        raise Malformed(str(refused)) from None


class JsonDecoder:
    """Reads one JSON value: a stream with one event."""

    def __init__(self, max_body: int = MAX_BODY) -> None:
        self._max_body = max_body
        self._chunks: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Sequence[Frame]:
        """Collect."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._max_body:
            raise Malformed(f"the body is larger than {self._max_body} bytes")
        return ()

    def end(self) -> Sequence[Frame]:
        """Return the value."""
        return (_value(b"".join(self._chunks)),)


class JsonEncoder:
    """Writes one JSON value."""

    content_type = "application/json"

    def encode(self, frame: Frame) -> bytes:
        """Return the value."""
        return dump(frame.data) if frame.kind is FrameKind.DATA else b""

    def end(self) -> bytes:
        """Nothing."""
        return b""


class LinesDecoder:
    """Reads one JSON value a line (NDJSON); blank lines are signs of life."""

    def __init__(self, max_line: int = MAX_BODY) -> None:
        self._max_line = max_line
        self._rest = b""

    def feed(self, chunk: bytes) -> Sequence[Frame]:
        """Return the lines that are complete now."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > self._max_line:
            raise Malformed(f"a line is larger than {self._max_line} bytes")
        return [_value(line) if line.strip() else Frame(FrameKind.ALIVE) for line in lines]

    def end(self) -> Sequence[Frame]:
        """Return the last line, if it was not terminated."""
        rest, self._rest = self._rest, b""
        return (_value(rest),) if rest.strip() else ()


class LinesEncoder:
    """Writes one JSON value a line."""

    content_type = "application/x-ndjson"

    def encode(self, frame: Frame) -> bytes:
        """Return one line."""
        return dump(frame.data) + b"\n" if frame.kind is FrameKind.DATA else b""

    def end(self) -> bytes:
        """Nothing."""
        return b""


class ArrayDecoder:
    """Reads the values of one JSON array as they come (Gemini without ``alt=sse``)."""

    def __init__(self, max_value: int = MAX_BODY) -> None:
        self._max_value = max_value
        self._value = bytearray()
        self._depth = 0
        self._quoted = self._escaped = False
        self._state = "before"  # before, inside, after

    def feed(self, chunk: bytes) -> Sequence[Frame]:
        """Return the items that are complete now."""
        frames: list[Frame] = []
        for sign in chunk:
            self._sign(sign, frames)
        if len(self._value) > self._max_value:
            raise Malformed(f"an item is larger than {self._max_value} bytes")
        return frames

    def end(self) -> Sequence[Frame]:
        """Check that the array was closed."""
        if self._state != "after":
            raise Malformed("the array was not closed")
        return ()

    def _sign(self, sign: int, frames: list[Frame]) -> None:
        if self._depth == 0 and not self._quoted:
            if sign in b" \t\r\n":
                return
            if self._state == "before" and sign == ord("["):
                self._state = "inside"
                return
            if self._state != "inside":
                raise Malformed("not one JSON array")
            if sign in b",]":
                if sign == ord("]"):
                    self._state = "after"
                return
            if sign != ord("{"):
                raise Malformed("an item of the array is not an object")
        self._value.append(sign)
        if self._quoted:
            if self._escaped:
                self._escaped = False
            elif sign == ord("\\"):
                self._escaped = True
            elif sign == ord('"'):
                self._quoted = False
        elif sign == ord('"'):
            self._quoted = True
        elif sign in b"{[":
            self._depth += 1
        elif sign in b"}]":
            self._depth -= 1
            if self._depth == 0:
                frames.append(_value(bytes(self._value)))
                self._value.clear()


class ArrayEncoder:
    """Writes the items of one JSON array as they come."""

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
