"""Buckets in memory keep the limiter's promise, and their own: memory is bounded."""

import pytest

from gateway.adapters.limits_memory import MemoryLimiter
from gateway.core.decision import Reason
from gateway.core.quota import Reservation
from gateway.errors import DependencyError
from tests.contract.limiter import LimiterContract, demand


class Clock:
    """Monotonic time, far from zero, that a test turns."""

    now = 123_456.789

    def __call__(self) -> float:
        return self.now


class TestMemoryLimiter(LimiterContract):
    """The contract, on a clock of its own."""

    clock: Clock

    @pytest.fixture
    async def limiter(self) -> MemoryLimiter:
        self.clock = Clock()
        return MemoryLimiter(clock=self.clock, lease=100.0, max_buckets=2000)

    async def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    async def test_a_reservation_is_forgotten_when_its_lease_runs_out(self, limiter: MemoryLimiter) -> None:
        """It stays charged: a settlement that comes too late gives nothing back."""
        slow = demand(15, quota=1, burst=20)
        late = await self.granted(limiter, slow)
        await self.wait(100.0)
        await limiter.settle(late, {"burst": 0})
        level = (await self.granted(limiter, demand(0, quota=1, burst=20))).levels[0]
        assert level.reset_after == pytest.approx(50.0)
        assert not limiter._open.keys() & {late.id}

    async def test_whole_buckets_are_swept(self, limiter: MemoryLimiter) -> None:
        """A million callers that come once leave no trace."""
        for caller in range(5000):
            await self.granted(limiter, demand(key=f"caller-{caller}"))
            await self.wait(0.01)
        assert len(limiter) <= 1200

    async def test_memory_full_of_debtors_refuses_new_callers_and_serves_old_ones(self, limiter: MemoryLimiter) -> None:
        """Forgetting a debtor would forgive the debt; so the store says that it is full."""
        for caller in range(2000):
            await self.granted(limiter, demand(10, key=f"caller-{caller}"))
        with pytest.raises(DependencyError) as caught:
            await limiter.reserve([demand(key="one more")])
        assert caught.value.reason is Reason.LIMITER_UNAVAILABLE
        await self.wait(1.0)
        await self.granted(limiter, demand(key="caller-7"))
        await self.wait(10.0)
        await self.granted(limiter, demand(key="one more"))

    async def test_open_reservations_are_bounded(self, limiter: MemoryLimiter) -> None:
        """A caller of this port that never settles fills no memory either."""
        for _ in range(3000):
            await limiter.reserve([demand(0)])
        assert len(limiter._open) <= 2000

    async def test_a_bucket_that_was_swept_gives_nothing_back(self, limiter: MemoryLimiter) -> None:
        """A later bucket of the same name does not pay for an earlier one."""
        old = await self.granted(limiter, demand(10))
        await self.wait(11.0)
        for caller in range(1500):
            await limiter.reserve([demand(key=f"caller-{caller}")])
        assert "burst:caller" not in limiter._buckets
        await self.granted(limiter, demand(10))
        await limiter.settle(old, {"burst": 0})
        assert await self.left(limiter) == 0

    async def test_a_clock_that_steps_back_stands_still(self, limiter: MemoryLimiter) -> None:
        """It neither fills a bucket nor locks a caller out for long."""
        await self.granted(limiter, demand(10))
        await self.wait(-1000.0)
        assert (await self.refused(limiter, demand())).retry_after == pytest.approx(1.0)

    async def test_a_changed_rule_goes_on_from_where_its_bucket_stands(self, limiter: MemoryLimiter) -> None:
        """A reload does not hand out a new burst: what has to be waited for stays."""
        await self.granted(limiter, demand(10))
        halved = await limiter.reserve([demand(1, quota=5, burst=5)])
        assert not isinstance(halved, Reservation)
        assert halved.retry_after == pytest.approx(2.0)

    async def test_one_bucket_twice_is_a_mistake(self, limiter: MemoryLimiter) -> None:
        """Two demands of one bucket could each fit where both do not."""
        with pytest.raises(ValueError, match="distinct"):
            await limiter.reserve([demand(6), demand(6)])
