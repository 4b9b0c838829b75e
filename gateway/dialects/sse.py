"""Server-sent events, sans-IO (WHATWG HTML, section 9.2): bytes to frames and frames to bytes.

Line ends are LF, CRLF or CR; a chunk may end anywhere, inside a character too.
Comments are signs of life and lose their text; `id` and `retry` are not used by
any model API and are dropped. An event without its closing blank line is not an
event: at the end of the stream it is an error, since something was cut off.
"""

import re
from collections.abc import Sequence

from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.strictjson import JsonRefused, dump, parse

MAX_EVENT = 16 * 1024 * 1024
"""Bytes of one event; a whole answer may stand in one (`response.completed`)."""

DONE = "[DONE]"
_EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}\Z")
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
_BOM = b"\xef\xbb\xbf"


class SseDecoder:
    """Reads a stream of server-sent events whose data are JSON texts."""

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._max_event = max_event
        self._rest = b""
        self._scanned = 0
        self._started = False
        self._event = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Sequence[Frame]:
        """Return the events that are complete now."""
        self._rest += chunk
        if not self._started:
            if len(self._rest) < len(_BOM) and _BOM.startswith(self._rest):
                return []
            self._started = True
            self._rest = self._rest.removeprefix(_BOM)
        frames: list[Frame] = []
        at = 0
        for match in _LINE_END.finditer(self._rest, self._scanned):
            self._line(self._rest[at : match.start()], frames)
            at = match.end()
        self._rest = self._rest[at:]
        self._scanned = max(0, len(self._rest) - 1)  # a CR at the very end may still become CRLF
        if len(self._rest) + self._size > self._max_event:
            raise Malformed(f"an event is larger than {self._max_event} bytes")
        return frames

    def end(self) -> Sequence[Frame]:
        """Return what a last CR completes; an open event is `Malformed`."""
        frames: list[Frame] = []
        if self._rest.endswith(b"\r"):
            self._line(self._rest[:-1], frames)
            self._rest = b""
        if self._rest or self._data:
            raise Malformed("the stream ended inside an event")
        return frames

    def _line(self, line: bytes, frames: list[Frame]) -> None:
        if not line:
            self._dispatch(frames)
            return
        if line.startswith(b":"):
            frames.append(Frame(FrameKind.ALIVE))
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._size += len(value)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")

    def _dispatch(self, frames: list[Frame]) -> None:
        event, data = self._event, b"\n".join(self._data)
        present = bool(self._data)
        self._event, self._data, self._size = "", [], 0
        if not present:
            return
        if event and _EVENT_NAME.match(event) is None:
            raise Malformed("an event's name is not a plain word")
        if data.strip() == DONE.encode():
            frames.append(Frame(FrameKind.END, event=event))
            return
        try:
            frames.append(Frame(FrameKind.DATA, parse(data), event))
        except JsonRefused as refused:
            raise Malformed(f"an event's data: {refused}") from None


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
