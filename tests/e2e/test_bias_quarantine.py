"""Bias verdicts and live traffic: a failure sets a route aside at once, passes set it free, a fallback takes over."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from detectors.bias.outcome import Verdict
from gateway.adapters.verdict_file import append, verdicts_path
from gateway.core.verdicts import ProbeRun
from gateway.errors import PolicyError
from gateway.settings import Settings
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder, Reply
from tests.support.raw import until
from tests.support.speech import completion

BODY: Any = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
CHAT = "/v1/chat/completions"
RECOVER = "recover: {passes: 1, rest: 1ms}"


def rule(more: str) -> Callable[[str], str]:
    """The default policy with a bias rule."""
    return lambda text: text.replace("spec:\n", f"spec:\n  bias:\n    - {{id: fair, suites: [hiring], {more}}}\n", 1)


def verdict(house: House, found: Verdict, upstream: str = "default") -> None:
    """Keep a verdict, as a probe does at its end."""
    run = ProbeRun("hiring", "sha256:0", 1, upstream, "m", "m1", 100, found, time.time())
    append(verdicts_path(house.directory), run)


async def answered(house: House, status: int, token: str | None = None) -> Reply:
    """Ask until the answer has this status; the gateway looks for verdicts twice a second."""
    for _ in range(200):
        reply = await house.post(CHAT, BODY, token=token)
        if reply.status == status:
            return reply
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {status}, at last {reply.status}: {reply.raw!r}")


async def test_a_failure_sets_aside_and_a_pass_sets_free(build: HouseBuilder, backend: Backend) -> None:
    """Without a restart or a reload; the caller is told in its dialect, and the record says why."""
    house = await build(policy=rule(f"on_fail: quarantine, {RECOVER}"))
    backend.answers(completion("ok"))
    served = await house.post(CHAT, BODY)
    assert served.status == 200
    assert ("bias", "allow", "bias-within-margin") in house.decisions(served.headers["x-sluice-exchange"])
    verdict(house, Verdict.FAIL)
    refused = await answered(house, 403)
    assert refused.body["error"]["code"] == "bias-quarantined"
    assert house.decisions(refused.headers["x-sluice-exchange"])[-1] == ("bias", "deny", "bias-quarantined")
    before = len(backend.asked)
    assert (await house.post(CHAT, BODY)).status == 403
    assert len(backend.asked) == before
    verdict(house, Verdict.PASS)
    assert (await answered(house, 200)).status == 200
    assert house.verified()


async def test_a_warning_lets_pass_and_tells(build: HouseBuilder, backend: Backend) -> None:
    """In `x-sluice-warn`, by the rule's id."""
    house = await build(policy=rule("on_fail: warn"))
    verdict(house, Verdict.FAIL)
    house.gateway.verdicts.refresh()
    backend.answers(completion("ok"))
    reply = await house.post(CHAT, BODY)
    assert (reply.status, reply.headers["x-sluice-warn"]) == (200, "fair")


async def test_the_fallback_takes_over_and_the_probe_reaches_the_model(build: HouseBuilder, backend: Backend) -> None:
    """Only while the fallback has a fresh pass of its own."""
    async with Backend() as spare:
        spare.answers(completion("from the spare"))
        backend.answers(completion("from the first"))

        def two(settings: Settings) -> Settings:
            first = settings.upstreams["default"]
            other = replace(first, name="spare", base_url=spare.url)
            return replace(settings, upstreams={**settings.upstreams, "spare": other})

        house = await build(policy=rule("on_fail: quarantine, fallback: spare, probe_scope: probe"), settings=two)
        verdict(house, Verdict.FAIL)
        await answered(house, 403)
        probe = house.token(scopes=("probe",))
        assert "from the first" in (await house.post(CHAT, BODY, token=probe)).raw.decode()
        verdict(house, Verdict.PASS, "spare")
        assert "from the spare" in (await answered(house, 200)).raw.decode()


async def test_without_a_rule_nothing_happens(house: House, backend: Backend) -> None:
    """Verdicts alone decide nothing, and the guard leaves no trace."""
    verdict(house, Verdict.FAIL)
    backend.answers(completion("ok"))
    reply = await house.post(CHAT, BODY)
    assert reply.status == 200
    assert "bias" not in {guard for guard, *_ in house.decisions(reply.headers["x-sluice-exchange"])}
    assert house.gateway.verdicts.current.runs == ()


async def test_verdicts_that_cannot_be_read(build: HouseBuilder, backend: Backend) -> None:
    """A running gateway keeps those in force; a policy that needs them is not taken into force without."""
    house = await build(policy=rule("on_fail: quarantine"))
    verdict(house, Verdict.FAIL)
    await answered(house, 403)
    verdicts_path(house.directory).write_text("{")
    await until(lambda: not house.gateway.verdicts.changed(), 20)
    assert (await house.post(CHAT, BODY)).status == 403
    with pytest.raises(PolicyError, match="is not JSON"):
        house.gateway.verdicts.refresh()
