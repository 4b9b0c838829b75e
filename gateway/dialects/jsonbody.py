"""JSON bodies, sans-IO: one whole value, or one value a line."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.core.frame import Frame, FrameKind
from gateway.core.strictjson import dump
from gateway.dialects.reader import Lines, Reader, Waiting, value

MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes of one value: 2,048 embeddings of 1,536 numbers are some 45 MB."""

_LINE_END: Final = re.compile(rb"\n")


class JsonDecoder(Reader):
    """Reads one JSON value: a stream with one event."""

    def __init__(self, max_body: int = MAX_BODY) -> None:
        super().__init__()
        self._body = Waiting("the body", max_body)

    def _take(self, chunk: bytes) -> Iterable[Frame]:
        self._body.add(chunk)
        return ()

    def _finish(self) -> Iterable[Frame]:
        return (value(self._body.take()),)


class JsonEncoder:
    """Writes one JSON value."""

    content_type = "application/json"

    def encode(self, frame: Frame) -> bytes:
        """Return the value."""
        return dump(frame.data) if frame.kind is FrameKind.DATA else b""

    def end(self) -> bytes:
        """Nothing."""
        return b""


class LinesDecoder(Reader):
    """Reads one JSON value a line (NDJSON); blank lines are signs of life."""

    def __init__(self, max_line: int = MAX_BODY) -> None:
        super().__init__()
        self._lines = Lines(_LINE_END, max_line)

    def _take(self, chunk: bytes) -> Iterator[Frame]:
        for line in self._lines.feed(chunk):
            yield value(line) if line.strip() else Frame(FrameKind.ALIVE)

    def _finish(self) -> Iterable[Frame]:
        rest = self._lines.rest()  # the last line need not be terminated
        return (value(rest),) if rest.strip() else ()


class LinesEncoder:
    """Writes one JSON value a line. A sign of life has no form here: clients read every line as a value."""

    content_type = "application/x-ndjson"

    def encode(self, frame: Frame) -> bytes:
        """Return one line."""
        return dump(frame.data) + b"\n" if frame.kind is FrameKind.DATA else b""

    def end(self) -> bytes:
        """Nothing."""
        return b""
