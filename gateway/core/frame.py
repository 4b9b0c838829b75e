"""Frames: what an answer is made of, whatever carries it.

A whole JSON answer is one frame; a stream is many. Codecs (`gateway.dialects`)
turn bytes into frames and back, sans-IO, and everything between them sees only
frames. So there is no non-streaming branch to forget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from gateway.core.jsonvalue import Json


class FrameKind(Enum):
    """What a frame is: a JSON value, the stream's own end mark, or a sign of life."""

    DATA = "data"
    END = "end"
    ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Frame:
    """One event. `event` is its name where the format has names."""

    kind: FrameKind
    data: Json = field(repr=False, default=None)
    event: str = ""


class Malformed(Exception):
    """The bytes are not in the format. Says why in our words, with no piece of them."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a decoder read: the frames that are complete, and what is wrong with the bytes after them, if anything.

    A fault is a value beside the frames and not an exception, so that nobody who meets one can lose the
    frames before it: whether they came in the same read is the network's accident.
    """

    frames: Sequence[Frame] = ()
    fault: Malformed | None = None


class Decoder(Protocol):
    """Bytes to frames. Chunks may be cut anywhere. After a fault nothing more is read."""

    def feed(self, chunk: bytes) -> Read:
        """Return what is complete now."""
        ...

    def end(self) -> Read:
        """Say that no more bytes come; return what is left."""
        ...


class Encoder(Protocol):
    """Frames to bytes."""

    content_type: str

    def encode(self, frame: Frame) -> bytes: ...
    def end(self) -> bytes: ...
