"""The way of an answer: upstream bytes to frames, through the windows, to the caller.

Back-pressure is the caller's: nothing is read from upstream before what it led
to was written. A cancellation (the caller left) closes the upstream at once.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Protocol

from gateway.aside import aside
from gateway.core.answer import ContentRefused, Spent
from gateway.core.decision import Reason
from gateway.core.dialect import Framing
from gateway.core.exchange import Exchange
from gateway.core.frame import Decoder, Frame, Malformed
from gateway.core.window import HoldExceeded, Question
from gateway.dialects import codecs
from gateway.enforcer import Enforcer
from gateway.errors import DependencyError, UpstreamError
from gateway.guards.inspect import Answering
from gateway.ports import UpstreamResponse
from gateway.recording import Recording

MAX_RECORDED = 4 * 1024 * 1024
"""Bytes of an answer that the sealed record keeps; what is longer is cut there, and says so."""


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
        """What went to the caller, for the sealed record."""
        return b"".join(self._kept)

    async def carry(
        self, exchange: Exchange, upstream: UpstreamResponse, delivery: Delivery, recording: Recording
    ) -> None:
        """Carry the whole answer, then have the inspect guard's ruling on it recorded.

        Raises `Denied` when the answer must not go on, `UpstreamError` when the backend broke off or
        sent what is not in the format. What is still held then never leaves.
        """
        decoder, encoder = codecs.decoder(self._framing), codecs.encoder(self._framing)
        try:
            async with aclosing(_frames(decoder, upstream.body())) as batches:
                async for frames, last, size in batches:
                    out = await self._inspected(frames, last, size)
                    if self._answering.denied:
                        break
                    data = b"".join(encoder.encode(frame) for frame in out)
                    if last:
                        data += encoder.end()
                    if data or last:
                        await self._deliver(delivery, upstream.status, encoder.content_type, data)
        except Malformed as error:
            await self._rule(exchange, recording)
            raise UpstreamError(502, Reason.UPSTREAM_MALFORMED, f"the backend's answer: {error}") from None
        except UpstreamError:
            await self._rule(exchange, recording)
            raise
        await self._rule(exchange, recording)

    async def _inspected(self, frames: Sequence[Frame], last: bool, size: int) -> Sequence[Frame]:
        answering = self._answering
        try:
            questions = await aside(size, self._questions, frames, last)
            findings = await answering.detect([q.text for q in questions], [q.start for q in questions])
            return await aside(size, answering.answer.release, findings)
        except HoldExceeded:
            answering.failure = Reason.HOLD_EXCEEDED
        except ContentRefused as refused:
            answering.failure = refused.reason
        except DependencyError:
            answering.failure = Reason.DETECTOR_UNAVAILABLE
        return ()

    def _questions(self, frames: Sequence[Frame], last: bool) -> list[Question]:
        answer = self._answering.answer
        answer.receive(frames)
        if last:
            answer.finish()
        return answer.questions()

    async def _deliver(self, delivery: Delivery, status: int, content_type: str, data: bytes) -> None:
        if self._size < MAX_RECORDED:
            self._kept.append(data[: MAX_RECORDED - self._size])
        self._size += len(data)
        await delivery.write(status, content_type, data)

    async def _rule(self, exchange: Exchange, recording: Recording) -> None:
        await self._enforcer.apply(self._answering, exchange, recording)


async def _frames(decoder: Decoder, body: AsyncIterator[bytes]) -> AsyncGenerator[tuple[Sequence[Frame], bool, int]]:
    """Yield batches of frames, whether it is the last (which may be empty), and the bytes that made it."""
    size = 0
    async for chunk in body:
        frames = await aside(len(chunk), decoder.feed, chunk)
        size += len(chunk)
        if frames:
            yield frames, False, size
            size = 0
    yield await aside(size, decoder.end), True, size
