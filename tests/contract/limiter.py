"""What every `Limiter` promises. A store's test inherits `LimiterContract` and says how its time passes."""

import asyncio
from abc import ABC, abstractmethod

import pytest

from gateway.core.quota import Demand, Refusal, Reservation
from gateway.ports import Limiter

SLACK = 1e-3
"""Seconds by which a store may round."""


def demand(
    amount: int = 1, rule: str = "burst", key: str = "", *, quota: int = 10, burst: int = 10, enforced: bool = True
) -> Demand:
    """Demand of a bucket that gains a unit every second (by default) and holds ten."""
    return Demand(rule, key or f"{rule}:caller", quota, 10.0, burst, amount, enforced)


class LimiterContract(ABC):
    """Subclasses give the fixtures: a limiter with nothing in it, and a way to let seconds pass."""

    @pytest.fixture
    @abstractmethod
    async def limiter(self) -> Limiter: ...

    @abstractmethod
    async def wait(self, seconds: float) -> None:
        """Let the store's time pass."""

    async def granted(self, limiter: Limiter, *demands: Demand) -> Reservation:
        outcome = await limiter.reserve(demands)
        assert isinstance(outcome, Reservation)
        return outcome

    async def refused(self, limiter: Limiter, *demands: Demand) -> Refusal:
        outcome = await limiter.reserve(demands)
        assert isinstance(outcome, Refusal)
        return outcome

    async def left(self, limiter: Limiter, rule: str = "burst", key: str = "") -> int:
        """Return what a bucket has left, without taking any."""
        return (await self.granted(limiter, demand(0, rule, key))).levels[0].remaining

    async def test_nothing_demanded_is_granted(self, limiter: Limiter) -> None:
        """A plan without limits limits nobody."""
        assert (await self.granted(limiter)).demands == ()

    async def test_a_burst_is_granted_and_no_more(self, limiter: Limiter) -> None:
        """Ten at once, the eleventh in a second."""
        for remaining in range(9, -1, -1):
            assert (await self.granted(limiter, demand())).levels[0].remaining == remaining
        refusal = await self.refused(limiter, demand())
        assert refusal.rule == "burst"
        assert refusal.retry_after == pytest.approx(1.0, abs=SLACK)

    async def test_waiting_as_long_as_told_is_enough(self, limiter: Limiter) -> None:
        """And waiting half as long is not."""
        await self.granted(limiter, demand(10))
        told = (await self.refused(limiter, demand(4))).retry_after
        assert told == pytest.approx(4.0, abs=SLACK)
        await self.wait(2.0)
        assert (await self.refused(limiter, demand(4))).retry_after == pytest.approx(2.0, abs=SLACK)
        await self.wait(2.0 + SLACK)
        await self.granted(limiter, demand(4))

    async def test_a_level_says_when_there_is_more_and_when_all(self, limiter: Limiter) -> None:
        """A whole bucket waits for nothing."""
        whole = (await self.granted(limiter, demand(0))).levels[0]
        assert (whole.remaining, whole.next_after, whole.reset_after) == (10, 0.0, 0.0)
        level = (await self.granted(limiter, demand(3))).levels[0]
        assert (level.rule, level.quota, level.window, level.remaining) == ("burst", 10, 10.0, 7)
        assert level.next_after == pytest.approx(1.0, abs=SLACK)
        assert level.reset_after == pytest.approx(3.0, abs=SLACK)

    async def test_a_refusal_takes_nothing(self, limiter: Limiter) -> None:
        """Knocking does not close the door: a refused caller is as well off as before."""
        await self.granted(limiter, demand(8))
        for _ in range(5):
            await self.refused(limiter, demand(3))
        assert await self.left(limiter) == 2

    async def test_buckets_are_apart(self, limiter: Limiter) -> None:
        """One caller's burst is not another's."""
        await self.granted(limiter, demand(10, key="ann"))
        assert await self.left(limiter, key="bob") == 10

    async def test_what_exceeds_the_burst_never_fits(self, limiter: Limiter) -> None:
        """Not "later" but "never", even of a whole bucket."""
        assert (await self.refused(limiter, demand(11))).retry_after is None
        assert await self.left(limiter) == 10

    async def test_all_or_nothing(self, limiter: Limiter) -> None:
        """One bucket that is empty leaves the others as they are; the longest wait is told, with all levels."""
        await self.granted(limiter, demand(5, "a"))
        refusal = await self.refused(limiter, demand(1, "free"), demand(6, "a"), demand(7, "a", "a:other", burst=6))
        assert refusal.rule == "a" and refusal.retry_after is None
        assert [level.remaining for level in refusal.levels] == [10, 5, 6]
        assert (await self.refused(limiter, demand(6, "a"), demand(1, "free"))).retry_after == pytest.approx(
            1, abs=SLACK
        )
        assert await self.left(limiter, "free") == 10
        assert await self.left(limiter, "a") == 5

    async def test_settling_for_less_gives_back(self, limiter: Limiter) -> None:
        """Reserved for the worst case, paid for the real one."""
        reservation = await self.granted(limiter, demand(8, "tokens"), demand(1, "requests"))
        await limiter.settle(reservation, {"tokens": 3})
        assert await self.left(limiter, "tokens") == 7
        assert await self.left(limiter, "requests") == 9

    async def test_settling_for_more_is_a_debt(self, limiter: Limiter) -> None:
        """What was used is paid, even beyond the burst: the next one waits for it."""
        reservation = await self.granted(limiter, demand(8))
        await limiter.settle(reservation, {"burst": 15})
        assert await self.left_in_debt(limiter) == pytest.approx(6.0, abs=SLACK)
        await self.wait(5.0)
        await self.refused(limiter, demand())
        await self.wait(1.0 + SLACK)
        await self.granted(limiter, demand())

    async def left_in_debt(self, limiter: Limiter) -> float | None:
        """Return how long one unit has to wait."""
        return (await self.refused(limiter, demand())).retry_after

    async def test_settling_happens_once(self, limiter: Limiter) -> None:
        """A retried settlement, or one of a reservation that was never made, changes nothing."""
        reservation = await self.granted(limiter, demand(8))
        await limiter.settle(reservation, {"burst": 3})
        await limiter.settle(reservation, {"burst": 0})
        await limiter.settle(Reservation("", (), ()), {"burst": 0})
        await limiter.settle(Reservation("never", reservation.demands, ()), {"burst": 0})
        assert await self.left(limiter) == 7

    async def test_what_is_not_mentioned_stays_as_reserved(self, limiter: Limiter) -> None:
        """And so does what is never settled: a crash does not make a request free."""
        reservation = await self.granted(limiter, demand(4))
        await self.granted(limiter, demand(2))
        await limiter.settle(reservation, {"other": 0})
        assert await self.left(limiter) == 4

    async def test_nothing_is_given_back_twice(self, limiter: Limiter) -> None:
        """A reservation that has drained away in time is no credit on top."""
        reservation = await self.granted(limiter, demand(10))
        await self.wait(20.0)
        await self.granted(limiter, demand(10))
        await limiter.settle(reservation, {"burst": 0})
        assert await self.left(limiter) == 0

    async def test_a_rule_that_is_not_enforced_only_counts(self, limiter: Limiter) -> None:
        """It is charged while it fits, reported when it does not, and in nobody's way."""
        shadow = demand(6, "shadow", enforced=False)
        first = await self.granted(limiter, shadow, demand(1))
        assert (first.exceeded, len(first.demands)) == ((), 2)
        second = await self.granted(limiter, shadow, demand(1))
        assert [refusal.rule for refusal in second.exceeded] == ["shadow"]
        assert second.exceeded[0].retry_after == pytest.approx(2.0, abs=SLACK)
        assert [each.rule for each in second.demands] == ["burst"]
        assert [level.remaining for level in second.levels] == [4, 8]
        never = await self.granted(limiter, demand(11, "shadow", enforced=False))
        assert never.exceeded[0].retry_after is None

    async def test_a_refused_request_does_not_count_in_the_shadow(self, limiter: Limiter) -> None:
        """All or nothing holds for rules that only count, too."""
        await self.granted(limiter, demand(10))
        await self.refused(limiter, demand(), demand(6, "shadow", enforced=False))
        assert await self.left(limiter, "shadow") == 10

    async def test_many_at_once_never_exceed(self, limiter: Limiter) -> None:
        """A hundred callers at the same moment: ten get through."""
        outcomes = await asyncio.gather(*(limiter.reserve([demand()]) for _ in range(100)))
        assert sum(isinstance(outcome, Reservation) for outcome in outcomes) == 10
        identities = {outcome.id for outcome in outcomes if isinstance(outcome, Reservation)}
        assert len(identities) == 10
