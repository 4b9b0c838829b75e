"""The third guard: within their share, reserved before the work and settled after it."""

from collections.abc import Mapping, Sequence
from itertools import permutations

import pytest

from gateway.adapters.limits_memory import MemoryLimiter
from gateway.core.decision import Action, Enforcement, Reason
from gateway.core.exchange import Exchange
from gateway.core.plan import LimitUnit, Plan
from gateway.core.quota import Demand, Refusal, Reservation
from gateway.errors import DependencyError
from gateway.guards.limit import Limit, demanded, settlement
from tests.support.plans import exchange, limit, plan, principal, route

TOKENS = LimitUnit.TOKENS


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class DeadLimiter:
    """A store that is away."""

    async def reserve(self, demands: Sequence[Demand]) -> Reservation | Refusal:
        raise DependencyError(Reason.LIMITER_UNAVAILABLE, "the store is away")

    async def settle(self, reservation: Reservation, actual: Mapping[str, int]) -> None:
        raise DependencyError(Reason.LIMITER_UNAVAILABLE, "the store is away")


def guard(tokens: int = 0) -> Limit:
    return Limit(MemoryLimiter(clock=Clock()), lambda _: tokens)


def asks(rules: Plan, tenant: str = "acme") -> Exchange:
    return exchange(rules, principal(tenant))


async def test_within_the_limit_the_exchange_carries_its_reservation() -> None:
    """To be settled when the answer is known, and for the headers of the reply."""
    outcome = await guard(tokens=30)(asks(plan(limits=[limit("req"), limit("tok", TOKENS, 100)])))
    (decision,) = outcome.decisions
    assert (decision.action, decision.reason) == (Action.ALLOW, Reason.WITHIN_LIMIT)
    assert dict(decision.evidence) == {"remaining.req": 9, "remaining.tok": 70}
    reservation = outcome.exchange.reservation
    assert reservation is not None and reservation.id
    assert [(each.rule, each.amount) for each in reservation.demands] == [("req", 1), ("tok", 30)]


async def test_over_the_limit_the_caller_hears_how_long_to_wait() -> None:
    """429, seconds, and the levels that the reply's headers need; there is nothing to settle."""
    rules, limiting = plan(limits=[limit(quota=1)]), guard()
    await limiting(asks(rules))
    outcome = await limiting(asks(rules))
    (decision,) = outcome.decisions
    assert outcome.status == 429
    assert outcome.retry_after == pytest.approx(10.0)
    assert (decision.action, decision.reason, decision.rule) == (Action.DENY, Reason.LIMIT_EXCEEDED, "burst")
    assert decision.evidence["retry_after"] == pytest.approx(10.0)
    reservation = outcome.exchange.reservation
    assert reservation is not None
    assert (reservation.id, reservation.demands, reservation.levels[0].remaining) == ("", (), 0)


async def test_what_never_fits_is_too_large_not_too_soon() -> None:
    """413, so that nobody waits for what never comes."""
    outcome = await guard(tokens=101)(asks(plan(limits=[limit("tok", TOKENS, 100)])))
    assert (outcome.status, outcome.retry_after) == (413, None)
    assert outcome.decisions[0].reason is Reason.DEMAND_TOO_LARGE


@pytest.mark.parametrize("enforcement", [Enforcement.WARN, Enforcement.SHADOW])
async def test_a_rule_that_is_not_enforced_counts_and_says_what_it_would_have_done(enforcement: Enforcement) -> None:
    """The exchange goes on; the second decision is the one that a new limit is tried out with."""
    rules, limiting = plan(limits=[limit("real"), limit("trial", quota=1, enforcement=enforcement)]), guard()
    await limiting(asks(rules))
    outcome = await limiting(asks(rules))
    passed, trial = outcome.decisions
    assert (passed.action, passed.reason) == (Action.ALLOW, Reason.WITHIN_LIMIT)
    assert (trial.action, trial.would_action) == (Action.ALLOW, Action.DENY)
    assert (trial.rule, trial.enforcement, trial.reason) == ("trial", enforcement, Reason.LIMIT_EXCEEDED)


@pytest.mark.parametrize(
    ("on_failure", "action", "status"),
    [
        ({}, Action.DENY, 503),
        ({"limiter": Action.DENY}, Action.DENY, 503),
        ({"limiter": Action.ALLOW}, Action.ALLOW, None),
    ],
)
async def test_a_dead_store_denies_unless_the_policy_says_otherwise(
    on_failure: dict[str, Action], action: Action, status: int | None
) -> None:
    """Either way it is a decision that is recorded, with its own reason."""
    outcome = await Limit(DeadLimiter(), lambda _: 1)(asks(plan(limits=[limit()], on_failure=on_failure)))
    (decision,) = outcome.decisions
    assert (decision.action, decision.reason) == (action, Reason.LIMITER_UNAVAILABLE)
    assert status is None or outcome.status == status
    assert outcome.exchange.reservation is None


async def test_without_limits_the_store_is_not_asked() -> None:
    """Nor is the prompt counted."""

    def never(_: Exchange) -> int:
        raise AssertionError

    outcome = await Limit(DeadLimiter(), never)(asks(plan()))
    assert outcome.decisions[0].reason is Reason.WITHIN_LIMIT


async def test_without_a_principal_nothing_is_reserved() -> None:
    """A bucket for nobody would be everybody's."""
    outcome = await guard()(exchange(plan(limits=[limit()])))
    assert (outcome.status, outcome.decisions[0].action) == (401, Action.DENY)


async def test_settling_what_was_truly_used() -> None:
    """Tokens are corrected, requests stay counted: a caller who is denied later has still knocked."""
    clock = Clock()
    limiter = MemoryLimiter(clock=clock)
    rules = plan(limits=[limit("req"), limit("tok", TOKENS, 100)])
    outcome = await Limit(limiter, lambda _: 90)(asks(rules))
    assert outcome.exchange.reservation is not None
    await limiter.settle(outcome.exchange.reservation, settlement(rules, 20))
    again = await Limit(limiter, lambda _: 0)(asks(rules))
    assert dict(again.decisions[0].evidence) == {"remaining.req": 8, "remaining.tok": 80}


def test_a_limit_holds_for_the_tenants_that_it_names() -> None:
    """By glob; one that names none holds for all, because a limit that is lost is worse than one too many."""
    rules = plan(limits=[limit("all", tenants=()), limit("labs", tenants=("lab-*",))])
    assert [each.rule for each in demanded(rules, principal("lab-1"), "m", "r", 0)] == ["all", "labs"]
    assert [each.rule for each in demanded(rules, principal("acme"), "m", "r", 0)] == ["all"]


def test_buckets_are_as_wide_as_the_rule_says() -> None:
    """One for everybody, or one for each value of the dimensions it names."""

    def keys(per: tuple[str, ...]) -> int:
        rules = plan(limits=[limit(per=per)])
        callers = [(principal(t, s), m, r) for t in "ab" for s in "ab" for m in "ab" for r in "ab"]
        return len({demanded(rules, who, model, to, 0)[0].key for who, model, to in callers})

    assert keys(()) == 1
    assert keys(("tenant",)) == 2
    assert keys(("tenant", "subject")) == 4
    assert keys(("tenant", "subject", "model", "route")) == 16


def test_no_caller_can_name_itself_into_another_bucket() -> None:
    """Whatever separators a tenant and a subject hold, two pairs of names are two buckets; and keys tell no names."""
    rules = plan(limits=[limit(per=("subject", "tenant"))])
    names = ["a", "a:", ":a", "a\0", "\0a", "a::a", "", "a/a"]
    keys = {demanded(rules, principal(t, s), "m", "r", 0)[0].key for t, s in permutations(names, 2)}
    assert len(keys) == len(names) * (len(names) - 1)
    assert "ann@example" not in demanded(rules, principal("acme", "ann@example"), "m", "r", 0)[0].key


def test_two_rules_have_two_buckets() -> None:
    """Even if they count the same for the same."""
    first, second = demanded(plan([route()], [limit("a"), limit("b")]), principal(), "m", "r", 0)
    assert first.key != second.key


def test_an_estimate_below_zero_is_none() -> None:
    """Nobody reserves a refund."""
    (each,) = demanded(plan(limits=[limit("tok", TOKENS)]), principal(), "m", "r", -5)
    assert each.amount == 0
