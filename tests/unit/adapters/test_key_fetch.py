"""How a key set is fetched: bounded, unfollowed, unpacked by nobody, and with nothing about callers."""

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.adapters.jwks import CachedKeys, Freshness, HttpFetch
from gateway.adapters.keyset import MAX_SET_BYTES
from tests.support.issuer import jwk, key_set
from tests.unit.adapters.issuer_server import ALGORITHMS, Setting, serving


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """An issuer that answers at once unless a test closes its gate."""
    async with serving() as made:
        yield made


GOOD = key_set(jwk("P-256", kid="one"))
BAD_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "a redirect, even to itself": (302, {"Location": "/jwks"}, GOOD),
    "not found": (404, {}, GOOD),
    "too many bytes": (200, {}, GOOD + b" " * MAX_SET_BYTES),
    "a compressed answer nobody asked for": (200, {"Content-Encoding": "gzip"}, gzip.compress(GOOD)),
    "no list of keys": (200, {}, b'{"keys": {}}'),
    "a list": (200, {}, b"[]"),
    "nonsense": (200, {}, b"\xff\xfe{"),
    "too many keys": (200, {}, key_set(jwk("P-256", kid="one"), *[{"kty": "x"}] * 100)),
    "nothing usable": (200, {}, key_set({"kty": "oct", "k": "AAAA", "kid": "one"})),
    "the member keys twice": (200, {}, b'{"keys": [], ' + GOOD[1:]),
    "two keys of one name": (200, {}, key_set(jwk("P-256", kid="one"), jwk("P-256", 1, kid="one"))),
}


@pytest.mark.parametrize(("status", "headers", "body"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
async def test_a_bad_answer_is_no_keys(setting: Setting, status: int, headers: dict[str, str], body: bytes) -> None:
    """It is neither followed, nor unpacked, nor half believed."""
    setting.issuer.status, setting.issuer.headers, setting.issuer.body = status, headers, body
    assert await setting.is_dark()
    assert setting.issuer.asked == 1


async def test_reading_ends_at_the_bound(setting: Setting) -> None:
    """An endless answer is cut off while it is read, not weighed afterwards."""
    setting.issuer.body = b" " * (4 * MAX_SET_BYTES)
    assert await setting.is_dark()
    assert "answered with more than" in (setting.keys.problem() or "")


async def test_an_issuer_that_stalls_is_given_up(setting: Setting) -> None:
    """Nobody waits for longer than the timeout."""
    fetch = setting.keys._fetch
    assert isinstance(fetch, HttpFetch)
    fetch._times = Freshness(timeout=0.05)
    setting.issuer.gate.clear()
    assert await setting.is_dark()
    assert "TimeoutError" in (setting.keys.problem() or "")
    setting.issuer.gate.set()


async def test_an_issuer_that_is_not_there(unused_tcp_port: int) -> None:
    """A refused connection is a clear problem, not a crash."""
    async with aiohttp.ClientSession() as session:
        fetch = HttpFetch(f"http://127.0.0.1:{unused_tcp_port}/jwks", lambda: session, Freshness())
        keys = CachedKeys(fetch, ALGORITHMS)
        await keys.warm()
        assert "cannot be reached" in (keys.problem() or "")
        await keys.close()


async def test_the_fetch_says_what_it_wants(setting: Setting) -> None:
    """Nothing that names a caller goes to an issuer: no cookies, no credentials."""
    seen: dict[str, str] = {}
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = setting.issuer.answer

    async def spy(request: web.Request) -> web.StreamResponse:
        seen.update(request.headers)
        return await answer(request)

    app = web.Application()
    app.router.add_get("/jwks", spy)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        fetched = await HttpFetch(str(server.make_url("/jwks")), lambda: session, Freshness())()
    await server.close()
    assert json.loads(fetched.data)["keys"]
    assert seen["Accept-Encoding"] == "identity"
    assert not {"Authorization", "Cookie", "Traceparent"} & seen.keys()
