"""How each dialect says several texts at once in a stream, and how a client of it hears them.

A *voice* is one text: ``text``, ``text2`` (a second choice or part), ``args`` and
``args2`` (arguments of tool calls, as JSON text), ``thought``. A `Talk` turns the
pieces of its voices into the vendor's events, and events back into voices; the
copies that a stream repeats at its end are heard apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.dialect import Dialect, Endpoint, Framing
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS

Said = dict[str, str]
Order = Sequence[tuple[str, str]]
"""Pieces as they come: voice and piece."""


@dataclass(frozen=True)
class Talk:
    """One dialect's way. Subclasses know the vendor's events."""

    path: str
    voices: tuple[str, ...]
    where: tuple[str, str] | None = None

    def __str__(self) -> str:
        return self.path + (f"?{'='.join(self.where)}" if self.where else "")

    def found(self) -> tuple[Dialect, Endpoint] | None:
        """Return the table that serves this path, or None when the gateway serves no such path."""
        for dialect in DIALECTS:
            for endpoint in dialect.endpoints:
                if endpoint.method == "POST" and endpoint.path == self.path and endpoint.where == self.where:
                    return dialect, endpoint
        return None

    def events(self, order: Order) -> list[tuple[str, Json]]:
        """Return the whole stream, each event with its name, that says these pieces in this order."""
        raise NotImplementedError

    def whole(self, said: Mapping[str, str]) -> Json:
        """Return the whole answer that says the same."""
        raise NotImplementedError

    def heard(self, events: Sequence[Any]) -> Said:
        """Return what a client puts together from the deltas."""
        raise NotImplementedError

    def heard_whole(self, answer: Any) -> Said:
        """Return what a client reads in a whole answer."""
        raise NotImplementedError

    def copies(self, events: Sequence[Any]) -> list[tuple[str, str]]:
        """Return every repeated copy of a voice in a stream."""
        return []

    def bytes(self, order: Order, framing: Framing | None) -> bytes:
        """Return the stream as it comes over a connection."""
        encoder = codecs.encoder(framing)
        sent = b"".join(encoder.encode(Frame(FrameKind.DATA, value, name)) for name, value in self.events(order))
        return sent + encoder.end()


def together(order: Order) -> Said:
    """Return the voices of an order, joined."""
    said: Said = {}
    for voice, piece in order:
        said[voice] = said.get(voice, "") + piece
    return said


def add(said: Said, voice: str, piece: object) -> None:
    if isinstance(piece, str):
        said[voice] = said.get(voice, "") + piece
