"""What every decoder is made of: a place where bytes wait, lines, and the rule that a fault loses no frame.

Work is linear in the bytes, however they are cut: a byte is looked at in the
chunk that brings it and never again, it is copied into a `Waiting` once and out
of it once, and decoders keep bytes nowhere else.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec

from gateway.core.frame import Frame, FrameKind, Malformed, Read
from gateway.core.strictjson import JsonRefused, parse

P = ParamSpec("P")


def value(data: bytes, what: str = "") -> Frame:
    """Return the frame of one strict JSON text, or raise `Malformed`; `what` says in our words where it stood."""
    try:
        return Frame(FrameKind.DATA, parse(data))
    except JsonRefused as refused:
        raise Malformed(f"{what}{refused}") from None


class Waiting:
    """The bytes of one thing that is not complete. `what` is its name; more than `most` bytes are `Malformed`."""

    __slots__ = ("_bytes", "_most", "_what")

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._bytes = bytearray()

    def __repr__(self) -> str:
        return f"<Waiting {len(self)} bytes of {self._what}>"

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, piece: bytes) -> None:
        """Take a piece."""
        self._check(piece)
        self._bytes += piece

    def take(self, last: bytes = b"") -> bytes:
        """Return all that waited and the last piece, and wait for the next thing."""
        self._check(last)
        if not self._bytes:
            return last
        self._bytes += last
        whole = bytes(self._bytes)
        self._bytes.clear()
        return whole

    def _check(self, piece: bytes) -> None:
        if len(self._bytes) + len(piece) > self._most:
            raise Malformed(f"{self._what} is larger than {self._most} bytes")


class Lines:
    """Cuts bytes into lines at `ends`. A CR that is one of them ends its line at once; an LF after it is its own."""

    def __init__(self, ends: re.Pattern[bytes], most: int) -> None:
        self._ends = ends
        self._open = Waiting("a line", most)
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that are complete now, without their ends."""
        if not chunk:
            return
        at = 1 if self._after_cr and chunk.startswith(b"\n") else 0
        end: re.Match[bytes] | None = None
        for end in self._ends.finditer(chunk, at):
            yield self._open.take(chunk[at : end.start()])
            at = end.end()
        self._after_cr = end is not None and end[0] == b"\r" and at == len(chunk)
        self._open.add(chunk[at:])

    def rest(self) -> bytes:
        """Return the last line, which has no end."""
        return self._open.take()


class Reader(ABC):
    """A decoder. Subclasses yield frames, and raise `Malformed` where the bytes stop being in the format."""

    def __init__(self) -> None:
        self._fault: Malformed | None = None

    def feed(self, chunk: bytes) -> Read:
        """Return what is complete now."""
        return self._read(self._take, chunk)

    def end(self) -> Read:
        """Return what is left."""
        return self._read(self._finish)

    def _read(self, step: Callable[P, Iterable[Frame]], *args: P.args, **kwargs: P.kwargs) -> Read:
        frames: list[Frame] = []
        if self._fault is None:
            try:
                frames.extend(step(*args, **kwargs))  # those before a fault stay
            except Malformed as fault:
                self._fault = fault
        return Read(frames, self._fault)

    @abstractmethod
    def _take(self, chunk: bytes) -> Iterable[Frame]: ...

    @abstractmethod
    def _finish(self) -> Iterable[Frame]: ...
