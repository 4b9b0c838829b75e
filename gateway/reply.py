"""The caller's end of an exchange: where it stands, and how an answer goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from multidict import CIMultiDict

from gateway.core.dialect import Dialect, Fault, Framing
from gateway.core.exchange import Exchange
from gateway.dialects import codecs
from gateway.recording import Recording
from gateway.relay import Relay


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
        await course.response.write(data)


async def send(course: Course, response: web.Response) -> None:
    """Send a whole reply now: the caller does not wait for the closing record."""
    course.response = response
    await response.prepare(course.request)
    await response.write_eof()


async def end_stream(response: web.StreamResponse, dialect: Dialect, framing: Framing, fault: Fault) -> None:
    """End a stream that has begun by the dialect's own error event."""
    encoder = codecs.encoder(framing, begun=True)
    for event, data in dialect.stream_error(fault):
        await response.write(encoder.encode(codecs.event(event, data)))
    await response.write(encoder.end())
    await response.write_eof()
