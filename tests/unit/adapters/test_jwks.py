"""How issuers' keys are fetched and kept, against a real server on the loopback.

Time is a number that the test turns; nothing waits.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.adapters.jwks import CachedKeys, FileFetch, Freshness, HttpFetch
from gateway.adapters.keyset import MAX_SET_BYTES
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


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
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


async def test_keys_are_fetched_once_and_kept(setting: Setting) -> None:
    """As long as they are fresh, no caller causes a fetch."""
    assert setting.keys.problem() is not None
    assert await setting.knows("one")
    assert await setting.knows("one")
    assert setting.issuer.asked == 1
    assert setting.keys.problem() is None


async def test_many_callers_cause_one_fetch(setting: Setting) -> None:
    """Single flight: all wait for the same answer, and one who leaves takes it from nobody."""
    setting.issuer.gate.clear()
    callers = [asyncio.create_task(setting.knows("one")) for _ in range(50)]
    await setting.issuer.reached.wait()
    callers[0].cancel()
    setting.issuer.gate.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [True] * 49
    assert setting.issuer.asked == 1


async def test_keys_are_renewed_ahead_of_their_age(setting: Setting) -> None:
    """At four fifths of their age a fetch begins in the background; the caller does not wait for it."""
    setting.issuer.headers["Cache-Control"] = "public, max-age=1000"
    assert await setting.knows("one")
    setting.clock.now += 799
    assert await setting.knows("one")
    assert setting.issuer.asked == 1
    setting.clock.now += 1
    setting.issuer.gate.clear()
    assert await setting.knows("one")
    setting.issuer.gate.set()
    await settled(setting.keys)
    assert setting.issuer.asked == 2


@pytest.mark.parametrize(
    ("said", "age"),
    [("max-age=1", 60), ("max-age=999999999", 86_400), ("no-cache", 300), ("s-max-age=7, max-age=120", 120)],
)
async def test_what_an_issuer_says_of_age_is_kept_within_bounds(setting: Setting, said: str, age: int) -> None:
    """Neither a fetch by request nor keys for a year."""
    setting.issuer.headers["Cache-Control"] = said
    assert await setting.knows("one")
    setting.clock.now += 0.8 * age - 1
    assert await setting.knows("one")
    await settled(setting.keys)
    assert setting.issuer.asked == 1
    setting.clock.now += 2
    assert await setting.knows("one")
    await settled(setting.keys)
    assert setting.issuer.asked == 2


async def test_a_new_key_is_found_when_a_token_brings_its_name(setting: Setting) -> None:
    """Rotation between two fetches, once the cooldown is over."""
    assert await setting.knows("one")
    setting.issuer.body = key_set(jwk("P-256", kid="one"), jwk("P-256", 1, kid="two"))
    assert not await setting.knows("two")
    setting.clock.now += 30
    assert await setting.knows("two")
    assert setting.issuer.asked == 2


async def test_made_up_keys_do_not_reach_the_issuer(setting: Setting) -> None:
    """A thousand names that nobody has cost one fetch by cooldown, and the same name none for five minutes."""
    assert await setting.knows("one")
    setting.clock.now += 30
    for number in range(1000):
        assert not await setting.knows(f"made-up-{number}")
    assert setting.issuer.asked == 2
    setting.clock.now += 31
    assert not await setting.knows("made-up-0")
    assert setting.issuer.asked == 2
    assert not await setting.knows("made-up-1")
    assert setting.issuer.asked == 3


async def test_the_memory_of_made_up_keys_is_bounded(setting: Setting) -> None:
    """An attacker with patience fills no memory."""
    assert await setting.knows("one")
    for number in range(2000):
        setting.keys._remember_unknown(f"made-up-{number}")
    assert len(setting.keys._unknown) == 1024


async def test_the_last_good_keys_outlive_a_bad_day(setting: Setting) -> None:
    """An issuer that is down, then one that answers nonsense, for six hours; then the gateway closes."""
    assert await setting.knows("one")
    setting.issuer.status = 503
    setting.clock.now += 301
    assert await setting.knows("one")
    setting.issuer.status, setting.issuer.body = 200, b"<html>maintenance</html>"
    setting.clock.now += 3600
    assert await setting.knows("one")
    setting.clock.now += 21_600
    assert await setting.is_dark()


async def test_a_failing_issuer_is_left_in_peace(setting: Setting) -> None:
    """Waits double from a second to a minute, whatever the callers do."""
    setting.issuer.status = 500
    waits = []
    for _ in range(8):
        assert await setting.is_dark()
        asked, begun = setting.issuer.asked, setting.clock.now
        while setting.issuer.asked == asked:
            setting.clock.now += 0.5
            assert await setting.is_dark()
        waits.append(setting.clock.now - begun)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    setting.issuer.status = 200
    setting.clock.now += 60
    assert await setting.knows("one")


async def test_a_name_is_not_held_unknown_because_the_issuer_was_down(setting: Setting) -> None:
    """A key that was rotated in during an outage is found as soon as the issuer is back."""
    assert await setting.knows("one")
    setting.issuer.status = 503
    setting.clock.now += 30
    assert not await setting.knows("two")
    setting.issuer.status = 200
    setting.issuer.body = key_set(jwk("P-256", kid="one"), jwk("P-256", 1, kid="two"))
    setting.clock.now += 30
    assert await setting.knows("two")


async def test_a_withdrawn_key_is_gone(setting: Setting) -> None:
    """What the issuer no longer lists verifies nothing once the set is renewed."""
    assert await setting.knows("one")
    setting.issuer.body = key_set(jwk("P-256", 1, kid="two"))
    setting.clock.now += 300
    assert not await setting.knows("one")


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


async def test_closing_ends_what_is_under_way(setting: Setting) -> None:
    """Shutdown does not wait for an issuer."""
    setting.issuer.gate.clear()
    caller = asyncio.create_task(setting.knows("one"))
    await setting.issuer.reached.wait()
    await setting.keys.close()
    with pytest.raises(asyncio.CancelledError):
        await caller
    setting.issuer.gate.set()


async def test_a_broken_fetcher_is_a_problem_not_a_crash() -> None:
    """Even a bug in fetching leaves the gateway closed, not hanging."""

    async def fetch() -> object:
        raise ZeroDivisionError

    keys = CachedKeys(fetch, ALGORITHMS)  # type: ignore[arg-type]
    await keys.warm()
    assert "ZeroDivisionError" in (keys.problem() or "")


async def test_a_key_file_is_read_again_when_it_is_old(tmp_path: Path) -> None:
    """Rotation without a restart; a file that breaks leaves the last good keys."""
    path, clock = tmp_path / "jwks.json", Clock()
    path.write_bytes(key_set(jwk("P-256", kid="one")))
    keys = CachedKeys(FileFetch(path, Freshness()), ALGORITHMS, clock=clock)
    await keys.find("one")
    path.write_bytes(key_set(jwk("P-256", 1, kid="two")))
    clock.now += 10
    await keys.find("two")
    path.write_bytes(b"{")
    clock.now += 10
    await keys.find("two")
    path.unlink()
    clock.now += 10
    await keys.find("two")


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
