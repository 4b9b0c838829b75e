"""A scripted backend: a real HTTP server on loopback that answers what a test tells it to."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Reply = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """One request as the backend saw it."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


@dataclass
class Backend:
    """Start it with ``async with``; say what it answers with `answers`, `streams` or `does`."""

    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    cancelled: int = 0
    url: str = ""

    async def __aenter__(self) -> "Backend":
        self._reply: Reply = _nothing
        self._turn = asyncio.Event()
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None, handler_cancellation=True), shutdown_timeout=0.2
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        scheme, host = ("https", "localhost") if self.tls else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def text(self) -> str:
        """Everything that the backend was ever sent, as one text: what must not hold anything personal."""
        return "\n".join(f"{a.path}\n{a.headers}\n{a.raw.decode('utf-8', 'replace')}" for a in self.asked)

    def answers(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Answer with a whole JSON body."""

        async def reply(_: web.BaseRequest) -> web.StreamResponse:
            return web.json_response(body, status=status, headers=headers)

        self._reply = reply

    def streams(
        self, chunks: Sequence[bytes], content_type: str = "text/event-stream", delay: float = 0.0, cut: bool = False
    ) -> None:
        """Answer with a stream of these pieces; `cut` drops the connection after the last one."""

        async def reply(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": content_type})
            await response.prepare(request)
            for chunk in chunks:
                await response.write(chunk)
                await asyncio.sleep(delay)
            if cut and request.transport is not None:
                request.transport.abort()
            return response

        self._reply = reply

    def does(self, reply: Reply) -> None:
        """Answer by a function."""
        self._reply = reply

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path_qs, dict(request.headers), await request.content.read()))
        self._tell()
        try:
            return await self._reply(request)
        except asyncio.CancelledError:
            self.cancelled += 1
            self._tell()
            raise

    async def asked_for(self, times: int) -> None:
        """Return when so many requests have come."""
        while len(self.asked) < times:
            await self._turn.wait()

    async def left(self, times: int) -> None:
        """Return when so many requests were left by whoever asked; one that is answered to its end never is."""
        while self.cancelled < times:
            await self._turn.wait()

    def _tell(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()


async def _nothing(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"error": {"message": "the test did not say what to answer"}}, status=500)
