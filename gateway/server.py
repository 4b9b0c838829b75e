"""The data port's HTTP server: aiohttp's, with its own refusals in our form."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from gateway.clock import exchange_id
from gateway.core.decision import Reason
from gateway.core.dialect import Fault
from gateway.core.strictjson import dump
from gateway.dialects.errors import problem

MAX_FIELD: int = 16 * 1024
"""Bytes of one header line; the sum is bounded by `gateway.edge`."""


Unparsed = Callable[[str, Reason, int], None]
"""Is told the id of a request that no handler could answer, why, and the status."""


class _Protocol(RequestHandler):
    """Answers what cannot be parsed as HTTP without repeating any of it."""

    __slots__ = ("_unparsed",)

    def __init__(self, server: "DataServer", unparsed: Unparsed, **options: Any) -> None:
        super().__init__(server, **options)
        self._unparsed = unparsed

    def data_received(self, data: bytes) -> None:
        """Take in what comes. A body that is no HTTP from some place on fails there, and not when its time is over.

        aiohttp's parser in C puts such an error in line as if it were another request, and the one whose body it is
        would wait for the rest.
        """
        super().data_received(data)
        if not self._messages or isinstance(self._messages[-1][0], RawRequestMessage):
            return
        current = self._current_request
        body = self._messages[-2][1] if len(self._messages) > 1 else current.content if current is not None else None
        if body is not None and not body.is_eof():
            self._messages.pop()
            body.set_exception(web.RequestPayloadError())
            body.feed_eof()  # nothing is waited for any more
            self.close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return an RFC 9457 problem; aiohttp's own page would quote the request."""
        del request, exc, message
        self.keep_alive(False)
        exchange = exchange_id()
        reason = Reason.MALFORMED_HEADERS if status < 500 else Reason.INTERNAL_ERROR
        self._unparsed(exchange, reason, status)
        body = dump(problem(Fault(status, reason, "the request is not proper HTTP", exchange)))
        headers = {"x-sluice-exchange": exchange, "Server": "sluice"}
        return web.Response(status=status, body=body, content_type="application/problem+json", headers=headers)


class DataServer(web.Server):
    """Runs a handler on every request, with bounds on what is read of one; a caller who leaves cancels it."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], unparsed: Unparsed) -> None:
        super().__init__(handler, handler_cancellation=True)
        self._unparsed = unparsed

    def __call__(self) -> RequestHandler:
        """Return the protocol of a new connection."""
        return _Protocol(
            self,
            self._unparsed,
            loop=self._loop,
            access_log=None,
            max_field_size=MAX_FIELD,
            max_line_size=MAX_FIELD,
            keepalive_timeout=75.0,
            auto_decompress=False,
        )
