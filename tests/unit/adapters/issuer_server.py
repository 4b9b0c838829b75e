"""An issuer on the loopback for tests: a real server, and time that a test turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.adapters.jwks import CachedKeys, Freshness, HttpFetch
from gateway.core.decision import Reason
from gateway.errors import DependencyError
from gateway.ports import TokenRefused
from tests.support.issuer import jwk, key_set

ALGORITHMS = ("ES256",)


@dataclass
class Issuer:
    """A server whose answer a test sets, and which counts how often it was asked."""

    body: bytes = field(default_factory=lambda: key_set(jwk("P-256", kid="one")))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.reached.set()
        await self.gate.wait()
        return web.Response(body=self.body, status=self.status, headers=self.headers)


class Clock:
    """Time that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Setting:
    """An issuer, its keys, and the time."""

    issuer: Issuer
    keys: CachedKeys
    clock: Clock

    async def knows(self, key_id: str) -> bool:
        try:
            await self.keys.find(key_id)
        except TokenRefused as refused:
            assert refused.reason is Reason.TOKEN_KEY_UNKNOWN
            return False
        return True

    async def is_dark(self) -> bool:
        with pytest.raises(DependencyError) as caught:
            await self.keys.find("one")
        return caught.value.reason is Reason.KEYS_UNAVAILABLE and self.keys.problem() is not None


@asynccontextmanager
async def serving() -> AsyncIterator[Setting]:
    """The issuer answers at once unless a test closes its gate."""
    issuer, clock = Issuer(), Clock()
    issuer.gate.set()
    app = web.Application()
    app.router.add_get("/jwks", issuer.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        times = Freshness(timeout=2.0)
        fetch = HttpFetch(str(server.make_url("/jwks")), lambda: session, times)
        keys = CachedKeys(fetch, ALGORITHMS, freshness=times, clock=clock, jitter=lambda: 1.0)
        yield Setting(issuer, keys, clock)
        await keys.close()
    await server.close()


async def settled(keys: CachedKeys) -> None:
    """Let what runs in the background come to its end."""
    if keys._flight is not None:
        await keys._flight
