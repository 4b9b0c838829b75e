"""How issuers' keys are kept: fresh, shared, and through an issuer's bad day.

Time is a number that the test turns; nothing waits.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.jwks import CachedKeys, FileFetch, Freshness
from tests.support.issuer import jwk, key_set
from tests.unit.adapters.issuer_server import ALGORITHMS, Clock, Setting, serving, settled


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """An issuer that answers at once unless a test closes its gate."""
    async with serving() as made:
        yield made


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
