"""Live probes without sockets: what is sampled, what is never sent, and that closing ends everything."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.decision import Action, Direction, Enforcement, Reason
from gateway.core.exchange import Exchange
from gateway.core.plan import InspectRule, LiveProbe, OperatorKind
from gateway.dialects.registry import DIALECTS
from gateway.errors import DependencyError
from gateway.ports import AuditEntry, Receipt, UpstreamRequest
from gateway.shadow import MAX_TASKS, Shadows
from tests.support.plans import exchange, plan, principal, route

PROBE = LiveProbe("p", "all", "gender", (), (("no", ("no",)), ("yes", ("yes",))), ("yes",), 1.0, 1000)
NAMES = InspectRule(
    "names", frozenset({"PERSON"}), frozenset({Direction.REQUEST}), OperatorKind.PSEUDONYM, 0.5, Enforcement.ENFORCE
)
REQUEST = UpstreamRequest("main", "POST", "/v1/chat/completions", "", {}, b"{}")


IMAGE = {"type": "image_url", "image_url": {"url": "x"}}


class World:
    """An upstream that never answers, and an audit log that may be dead."""

    def __init__(self, dead: bool = False) -> None:
        self.asked = 0
        self.dead = dead
        self.entries: list[AuditEntry] = []
        self.counts: dict[tuple[str, str], float] = {}

    @asynccontextmanager
    async def open(self, request: UpstreamRequest) -> AsyncIterator[Any]:
        self.asked += 1
        await asyncio.Event().wait()
        yield None

    async def append(self, entry: AuditEntry) -> Receipt:
        if self.dead:
            raise DependencyError(Reason.AUDIT_UNAVAILABLE, "dead")
        self.entries.append(entry)
        return Receipt(len(self.entries), "")

    def span(self, exchange_id: str, traceparent: str | None) -> Any:
        raise AssertionError

    def count(self, name: str, amount: int | float, attributes: Mapping[str, str]) -> None:
        key = (name, attributes.get("bias.outcome", ""))
        self.counts[key] = self.counts.get(key, 0) + amount

    def measure(self, name: str, seconds: float, attributes: Mapping[str, str]) -> None:
        raise AssertionError

    def gauge(self, name: str, value: float, attributes: Mapping[str, str]) -> None:
        raise AssertionError

    def evaluation(self, name: str, attributes: Any, events: Sequence[Any]) -> None:
        raise AssertionError


def over(number: int = 0, probe: LiveProbe = PROBE, **body: Any) -> Exchange:
    """An exchange that is over, about him."""
    made = replace(
        plan([route()], on_failure={"detector": Action.DENY}), live_probes=(probe,), rules=(NAMES,)
    )  # fmt: skip
    dialect = next(d for d in DIALECTS if d.name == "openai-chat")
    endpoint = next(e for e in dialect.endpoints if e.operation == "chat")
    payload = {"model": "m", "messages": [{"role": "user", "content": "Shall he have his loan?"}], **body}
    bare = exchange(made, principal())
    return replace(bare, id=f"ex-{number}", dialect=dialect, endpoint=endpoint, payload=payload, route=made.routes[0])


async def test_closing_ends_what_never_answers() -> None:
    """And no more than a few wait at once."""
    world = World()
    shadows = Shadows(world, world, world)
    for number in range(3 * MAX_TASKS):
        shadows.offer(over(number), REQUEST, b"")
    for _ in range(1000):
        if world.asked == 2 * MAX_TASKS:
            break
        await asyncio.sleep(0.01)
    assert world.asked == 2 * MAX_TASKS
    assert [entry.kind for entry in world.entries] == ["shadow"] * MAX_TASKS
    await asyncio.wait_for(shadows.close(), 20)
    assert shadows.tallies == {}


async def finished(shadows: Shadows, *exchanges: Exchange) -> None:
    """Offer, and wait for what was made of it."""
    for one in exchanges:
        shadows.offer(one, REQUEST, b"")
        await asyncio.wait_for(asyncio.gather(*shadows._tasks), 20)


async def test_a_share_is_sampled() -> None:
    """By a hash of the exchange: some, not all; the same ones again."""
    probe = replace(PROBE, rate=0.3)
    runs = []
    for _ in range(2):
        world = World(dead=True)
        await finished(Shadows(world, world, world), *(over(number, probe) for number in range(60)))
        runs.append(world.counts[("bias.shadow.skipped", "audit-unavailable")])
    assert runs[0] == runs[1]
    assert 6 <= runs[0] <= 32


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "not-repeatable"),
        ({"store": True}, "not-repeatable"),
        ({"n": 3}, "not-repeatable"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "not-repeatable"),
        ({"messages": [{"role": "user", "content": "Hi"}]}, "no-attribute"),
        ({"messages": [{"role": "user", "content": "his " * 3000}]}, "too-long"),
        ({}, "audit-unavailable"),
    ],
)  # fmt: skip
async def test_what_is_never_sent(body: dict[str, Any], word: str) -> None:
    """What may act, what says nothing, what cannot be recorded."""
    world = World(dead=True)
    await finished(Shadows(world, world, world), over(**body))
    assert world.counts == {("bias.shadow.skipped", word): 1}
    assert world.asked == 0


async def test_only_redacted_text_is_sent() -> None:
    """Whatever the plan says of probes: without a rule in force that rewrites names, nothing is repeated."""
    world = World()
    bare = over()
    shadowed = replace(NAMES, enforcement=Enforcement.SHADOW)
    plans = (replace(bare.plan, rules=rules) for rules in ((), (shadowed,)))
    await finished(Shadows(world, world, world), *(replace(bare, plan=plan) for plan in plans))
    assert world.counts == {("bias.shadow.skipped", "not-redacted"): 2}
    assert world.asked == 0
