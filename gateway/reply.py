"""The caller's end of an exchange: where it stands, and how an answer goes out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from gateway.core.dialect import Dialect, Fault, Framing
from gateway.core.exchange import Exchange
from gateway.dialects import codecs
from gateway.recording import Recording
from gateway.relay import Relay

TAKE_SECONDS: Final = 60.0
"""How long a caller may take nothing of its answer: all the while it keeps a connection to the backend."""

SLOWEST: Final = 16 * 1024
"""Bytes of an answer that a caller takes in a second at least."""


@dataclass(slots=True)
class Course:
    """Where an exchange stands, for whoever has to end it."""

    request: web.BaseRequest
    recording: Recording
    dialect: Dialect | None
    exchange: Exchange | None = None
    relay: Relay | None = None
    response: web.StreamResponse | None = None
    framing: Framing | None = None
    reached: bool = False


class Delivery:
    """The caller's end of an answer. A whole answer goes out with its length, a stream piece by piece."""

    def __init__(self, course: Course, headers: Mapping[str, str]) -> None:
        self._course = course
        self._headers = headers

    async def write(self, status: int, content_type: str, data: bytes) -> None:
        """Send `data`; the first call sends the head before it."""
        course = self._course
        if course.framing is None:
            await send(course, web.Response(status=status, body=data, headers=self._headers, content_type=content_type))
            return
        if course.response is None:
            headers = CIMultiDict(self._headers)
            headers["Content-Type"] = content_type
            headers["Cache-Control"] = "no-cache"
            headers["X-Accel-Buffering"] = "no"
            response = web.StreamResponse(status=status, headers=headers)
            await response.prepare(course.request)
            course.response = response
        async with _taking(course.request, len(data)):
            await course.response.write(data)


async def send(course: Course, response: web.Response) -> None:
    """Send a whole reply now: the caller does not wait for the closing record."""
    course.response = response
    await response.prepare(course.request)
    await finish(course)


async def finish(course: Course) -> None:
    """Say that the reply is complete."""
    assert course.response is not None
    async with _taking(course.request, course.response.content_length or 0):
        await course.response.write_eof()


async def end_stream(course: Course, dialect: Dialect, fault: Fault) -> None:
    """End a stream that has begun by the dialect's own error event."""
    assert course.response is not None and course.framing is not None
    encoder = codecs.encoder(course.framing, begun=True)
    events = [encoder.encode(codecs.event(event, data)) for event, data in dialect.stream_error(fault)]
    async with _taking(course.request):
        await course.response.write(b"".join(events) + encoder.end())
    await finish(course)


@asynccontextmanager
async def _taking(request: web.BaseRequest, size: int = 0) -> AsyncIterator[None]:
    """Write so many bytes to a caller. One who does not take them has left: `ConnectionResetError`."""
    try:
        async with asyncio.timeout(TAKE_SECONDS + size / SLOWEST):
            yield
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the caller takes nothing") from None
