"""Server-sent events, sans-IO (WHATWG HTML, section 9.2): bytes to frames and frames to bytes.

Line ends are LF, CRLF or CR; a chunk may end anywhere, inside a character too.
Comments are signs of life and lose their text; `id` and `retry` are not used by
any model API and are dropped. An event without its closing blank line is not an
event: at the end of the stream it is an error, since something was cut off.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.strictjson import dump
from gateway.dialects.reader import Lines, Reader, Waiting, value

MAX_EVENT: Final = 16 * 1024 * 1024
"""Bytes of one event; a whole answer may stand in one (`response.completed`)."""

DONE: Final = "[DONE]"
_EVENT_NAME: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[A-Za-z][A-Za-z0-9_.-]{0,99}\Z")
"""A word, without room for somebody's number: names of events are not inspected."""

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"


class SseDecoder(Reader):
    """Reads a stream of server-sent events whose data are JSON texts."""

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        super().__init__()
        self._lines = Lines(_LINE_END, max_event)
        self._first = True
        self._event = ""
        self._data = Waiting("an event", max_event)
        self._open = False  # whether a line of data has come

    def _take(self, chunk: bytes) -> Iterator[Frame]:
        for line in self._lines.feed(chunk):
            bare, self._first = self._bare(line), False
            if not bare:
                yield from self._dispatch()
            elif bare.startswith(b":"):
                yield Frame(FrameKind.ALIVE)
            else:
                self._field(bare)

    def _finish(self) -> Iterable[Frame]:
        if self._open or self._bare(self._lines.rest()):
            raise Malformed("the stream ended inside an event")
        return ()

    def _bare(self, line: bytes) -> bytes:
        return line.removeprefix(_BOM) if self._first else line

    def _field(self, line: bytes) -> None:
        name, _, text = line.partition(b":")
        text = text.removeprefix(b" ")
        if name == b"data":
            if self._open:
                self._data.add(b"\n")
            self._open = True
            self._data.add(text)
        elif name == b"event":
            self._event = text.decode("utf-8", "replace")

    def _dispatch(self) -> Iterable[Frame]:
        event, data, present = self._event, self._data.take(), self._open
        self._event, self._open = "", False
        if not present:
            return ()
        if event and _EVENT_NAME.match(event) is None:
            raise Malformed("an event's name is not a plain word")
        if data.strip() == DONE.encode():
            return (Frame(FrameKind.END, event=event),)
        return (replace(value(data, "an event's data: "), event=event),)


class SseEncoder:
    """Writes server-sent events."""

    content_type = "text/event-stream; charset=utf-8"

    def encode(self, frame: Frame) -> bytes:
        """Return one event, terminated."""
        if frame.kind is FrameKind.ALIVE:
            return b": alive\n\n"
        name = f"event: {frame.event}\n".encode() if frame.event else b""
        data = DONE.encode() if frame.kind is FrameKind.END else dump(frame.data)
        return b"%bdata: %b\n\n" % (name, data)

    def end(self) -> bytes:
        """Nothing: the stream's end is the connection's."""
        return b""
