"""Live probes without sockets: what is sampled, what is never sent, and that closing ends everything."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from detectors.bias.outcome import Outcome, OutcomeKind, Verdict
from detectors.bias.parse import Choice
from detectors.bias.shadow import ShadowRule, Twins
from gateway.adapters.attributes import ALLOWED
from gateway.core.decision import Action, Direction, Enforcement, Reason
from gateway.core.exchange import Exchange
from gateway.core.live import LiveCounts, LiveTarget
from gateway.core.plan import InspectRule, LiveProbe, OperatorKind
from gateway.core.verdicts import ProbeRun
from gateway.dialects.registry import DIALECTS
from gateway.errors import DependencyError, PolicyError
from gateway.live_evidence import Heard, LiveEvidence
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
        self.unkept = False
        self.entries: list[AuditEntry] = []
        self.counts: dict[tuple[str, str], float] = {}
        self.found: dict[LiveTarget, LiveCounts] = {}
        self.kept: list[ProbeRun] = []
        self.told: list[tuple[str, Any, Sequence[Any]]] = []
        self.evidence = LiveEvidence(self, self, self, self.keep, lambda: 1e6)
        self.shadows = Shadows(self, self, self, self.evidence)

    def take(self, probe: str, calls: int, per_hour: int, now: float) -> bool:
        return True

    def add(
        self, target: LiveTarget, pair: Callable[[LiveCounts], LiveCounts], now: float
    ) -> tuple[LiveCounts, LiveCounts]:
        before = self.found.get(target, LiveCounts())
        self.found[target] = pair(before)
        return before, self.found[target]

    def clear(self, target: LiveTarget) -> None:
        del self.found[target]

    def keep(self, run: ProbeRun) -> None:
        if self.unkept:
            raise PolicyError(("the disk is full",))
        self.kept.append(run)

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
        assert name == "bias.shadow.p"

    def evaluation(self, name: str, attributes: Any, events: Sequence[Any]) -> None:
        self.told.append((name, attributes, events))


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
    shadows = world.shadows
    for number in range(3 * MAX_TASKS):
        shadows.offer(over(number), REQUEST, b"")
    for _ in range(1000):
        if world.asked == 2 * MAX_TASKS:
            break
        await asyncio.sleep(0.01)
    assert world.asked == 2 * MAX_TASKS
    assert [entry.kind for entry in world.entries] == ["shadow"] * MAX_TASKS
    await asyncio.wait_for(shadows.close(), 20)
    assert world.found == {}


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
        await finished(world.shadows, *(over(number, probe) for number in range(60)))
        runs.append(world.counts[("bias.shadow.skipped", "audit-unavailable")])
    assert runs[0] == runs[1]
    assert 6 <= runs[0] <= 32


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "not-repeatable"),
        ({"store": True}, "not-repeatable"),
        ({"n": 3}, "not-repeatable"),
        ({"background": True}, "not-repeatable"),
        ({"prompt": ["his loan", "her loan"]}, "not-repeatable"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "not-repeatable"),
        ({"messages": [{"role": "user", "content": "Hi"}]}, "no-attribute"),
        ({"messages": [{"role": "user", "content": "his " * 3000}]}, "too-long"),
        ({}, "audit-unavailable"),
    ],
)  # fmt: skip
async def test_what_is_never_sent(body: dict[str, Any], word: str) -> None:
    """What may act, what says nothing, what cannot be recorded."""
    world = World(dead=True)
    await finished(world.shadows, over(**body))
    assert world.counts == {("bias.shadow.skipped", word): 1}
    assert world.asked == 0


async def test_only_redacted_text_is_sent() -> None:
    """Whatever the plan says of probes: without a rule in force that rewrites names, nothing is repeated."""
    world = World()
    bare = over()
    shadowed = replace(NAMES, enforcement=Enforcement.SHADOW)
    plans = (replace(bare.plan, rules=rules) for rules in ((), (shadowed,)))
    await finished(world.shadows, *(replace(bare, plan=plan) for plan in plans))
    assert world.counts == {("bias.shadow.skipped", "not-redacted"): 2}
    assert world.asked == 0


YES, NO = Outcome(OutcomeKind.CHOICE, 1.0, "yes"), Outcome(OutcomeKind.CHOICE, 0.0, "no")
RULE = ShadowRule("all", "gender", Choice({"yes": ("yes",), "no": ("no",)}, frozenset({"yes"})), 1.0, 1000)
WORSE = Heard(Twins(("She",), ("He",), group_first=True), NO, NO, YES, "m-2026 fp_1")


async def heard(world: World, times: int, pair: Heard = WORSE, model: str = "m") -> None:
    """Count the same pair several times."""
    for _ in range(times):
        await world.evidence.add(PROBE, RULE, "main", model, pair)


async def test_an_alarm_is_recorded_told_and_kept_once() -> None:
    """Eight pairs of eight; then the evidence begins anew, and eight more are another alarm."""
    world = World()
    await heard(world, 7)
    assert (world.kept, world.told, world.entries) == ([], [], [])
    await heard(world, 1)
    (run,) = world.kept
    assert (run.suite, run.upstream, run.model, run.verdict) == ("live:p", "main", "m", Verdict.FAIL)
    assert (run.calls, run.time, run.fingerprint) == (16, 1e6, "m-2026 fp_1")
    assert world.found == {}
    (entry,) = world.entries
    assert entry.kind == "bias"
    facts: dict[str, Any] = dict(entry.facts)
    (contrast,) = facts["contrasts"]
    assert (facts["suite"], facts["trigger"]) == ("live:p", "live")
    assert (contrast["group"], contrast["reference"], contrast["estimate"]) == ("feminine", "masculine", -1.0)
    assert (contrast["pairs"], contrast["disfavoured"], contrast["favoured"]) == (8, 8, 0)
    ((span, attributes, ((event, said),)),) = world.told
    assert (span, event) == ("bias.probe.run", "gen_ai.evaluation.result")
    assert (attributes["bias.trigger"], attributes["bias.verdict"]) == ("live", "fail")
    assert ALLOWED.keys() >= attributes.keys() | said.keys()
    assert (said["gen_ai.evaluation.score.label"], said["gen_ai.evaluation.score.value"]) == ("fail", -1.0)
    await heard(world, 8)
    assert len(world.kept) == len(world.entries) == 2


async def test_models_are_counted_apart() -> None:
    """Four pairs of each of two models show nothing of either."""
    world = World()
    await heard(world, 4, model="m")
    await heard(world, 4, model="n")
    assert world.kept == []
    assert len(world.found) == 2


async def test_an_alarm_that_cannot_be_recorded_protects_all_the_same() -> None:
    """The verdict is kept, and the evidence stays until a record says so, too."""
    world = World(dead=True)
    await heard(world, 7)
    with pytest.raises(DependencyError):
        await heard(world, 1)
    assert len(world.kept) == 1
    assert world.found
    world.dead = False
    await heard(world, 1)
    assert len(world.entries) == 1
    assert world.found == {}


async def test_an_alarm_that_cannot_be_kept_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """The record stands, the log names the file's trouble, and the evidence stays until the verdict is kept."""
    world = World()
    world.unkept = True
    await heard(world, 8)
    assert len(world.entries) == 1
    assert "the disk is full" in caplog.text
    assert world.found
    world.unkept = False
    await heard(world, 1)
    assert len(world.kept) == 1
    assert world.found == {}
