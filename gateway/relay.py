"""The way of an answer: upstream bytes to frames, through the windows, to the caller.

Back-pressure is the caller's: nothing is read from upstream before what it led
to was written. A cancellation (the caller left) closes the upstream at once.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Protocol

from gateway.aside import aside
from gateway.core.answer import ContentRefused
from gateway.core.decision import Reason
from gateway.core.dialect import Framing
from gateway.core.events import Spent
from gateway.core.exchange import Exchange
from gateway.core.frame import Decoder, Frame, Malformed, Read
from gateway.core.window import Question
from gateway.dialects import codecs
from gateway.enforcer import Enforcer
from gateway.errors import DependencyError, UpstreamError
from gateway.guards.inspect import Answering
from gateway.ports import UpstreamResponse
from gateway.recording import Recording

MAX_RECORDED = 4 * 1024 * 1024
"""Bytes of an answer that the sealed record keeps; how many more there were, its facts say (`unrecorded`)."""


_Fault = Malformed | ContentRefused


class Delivery(Protocol):
    """The caller's end. The head goes out with the first bytes."""

    async def write(self, status: int, content_type: str, data: bytes) -> None: ...


class Relay:
    """Carries one answer. `spent` and `answered` tell afterwards what it was, also when it broke off."""

    def __init__(self, enforcer: Enforcer, answering: Answering, framing: Framing | None) -> None:
        self._enforcer = enforcer
        self._answering = answering
        self._framing = framing
        self._kept: list[bytes] = []
        self._size = 0

    @property
    def spent(self) -> Spent:
        """What the backend said it used."""
        return self._answering.answer.spent

    @property
    def delivered(self) -> int:
        """Bytes that went to the caller."""
        return self._size

    @property
    def answered(self) -> bytes:
        """What went to the caller, for the sealed record; its first `MAX_RECORDED` bytes."""
        return b"".join(self._kept)

    @property
    def unrecorded(self) -> int:
        """Bytes that went to the caller after those."""
        return max(0, self._size - MAX_RECORDED)

    async def carry(
        self, exchange: Exchange, upstream: UpstreamResponse, delivery: Delivery, recording: Recording
    ) -> None:
        """Carry the whole answer, then have the inspect guard's ruling on it recorded.

        Raises `Denied` when the answer must not go on, `UpstreamError` when the backend broke off or
        sent what is not in the format. What came before that has been delivered; what is still held
        then never leaves.
        """
        decoder, encoder = codecs.decoder(self._framing), codecs.encoder(self._framing)
        try:
            async with aclosing(_reads(decoder, upstream.body())) as reads:
                async for read, last, size in reads:
                    out, fault = await self._inspected(read, last, size)
                    denied = self._answering.denied
                    if denied and not self._size:
                        break  # nothing has gone out: the whole answer is refused, and by a status
                    data = b"".join(encoder.encode(frame) for frame in out)
                    ends = last and fault is None and not denied
                    if ends:
                        data += encoder.end()
                    if data or ends:
                        await self._deliver(delivery, upstream.status, encoder.content_type, data)
                    if denied:
                        break
                    if fault is not None:
                        raise fault
        except ContentRefused as refused:
            self._answering.failure = refused.reason
        except Malformed as error:
            await self._rule(exchange, recording)
            raise UpstreamError(502, Reason.UPSTREAM_MALFORMED, f"the backend's answer: {error}") from None
        except UpstreamError:
            await self._rule(exchange, recording)
            raise
        await self._rule(exchange, recording)

    async def _inspected(self, read: Read, last: bool, size: int) -> tuple[Sequence[Frame], _Fault | None]:
        """Return the frames that may leave now, and what is wrong with what came after them.

        Whether they are the last, because something in the next was denied, `Answering.denied` tells.
        """
        answering = self._answering
        try:
            questions, fault = await aside(size, self._questions, read, last)
            await answering.see()
            findings = await answering.detect([q.text for q in questions], [q.start for q in questions])
            out = await aside(size, answering.answer.release, findings)
        except DependencyError:
            answering.failure = Reason.DETECTOR_UNAVAILABLE
            return (), None
        if answering.answer.overflowed:
            answering.failure = Reason.HOLD_EXCEEDED
        return out, fault

    def _questions(self, read: Read, last: bool) -> tuple[list[Question], _Fault | None]:
        answer = self._answering.answer
        fault: _Fault | None = read.fault
        try:
            answer.receive(read.frames)
        except (Malformed, ContentRefused) as refused:
            fault = refused
        if last and fault is None:
            answer.finish()
        return answer.questions(), fault

    async def _deliver(self, delivery: Delivery, status: int, content_type: str, data: bytes) -> None:
        if self._size < MAX_RECORDED:
            self._kept.append(data[: MAX_RECORDED - self._size])
        self._size += len(data)
        await delivery.write(status, content_type, data)

    async def _rule(self, exchange: Exchange, recording: Recording) -> None:
        await self._enforcer.apply(self._answering, exchange, recording)


async def _reads(decoder: Decoder, body: AsyncIterator[bytes]) -> AsyncGenerator[tuple[Read, bool, int]]:
    """Yield what was read, whether it is the last (which may hold nothing), and the bytes that made it."""
    size = 0
    async for chunk in body:
        size += len(chunk)
        read = await aside(size, decoder.feed, chunk)
        if read.frames or read.fault is not None:
            yield read, False, size
            size = 0
    yield await aside(size, decoder.end), True, size
