"""Buckets in this process's memory: exact, fast, and gone with the process.

One event loop calls it and no method awaits between looking and taking, so a
decision over several buckets is atomic without a lock. Several workers or
replicas each have their own buckets; for one shared limit take a shared store.
"""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.decision import Reason
from gateway.core.gcra import Bucket, cost
from gateway.core.quota import Demand, Refusal, Reservation
from gateway.errors import DependencyError

MAX_BUCKETS = 200_000
"""Buckets that are not whole, at once: about 60 MB. New callers are refused beyond it."""

LEASE = 3_600.0
"""Seconds after which an unsettled reservation stays charged for good."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A granted reservation until it is settled: what was charged to which bucket under which serial.

    It holds the bucket itself: one that was swept meanwhile is whole and gives
    nothing back, and a later bucket of the same key knows nothing of it.
    """

    since: float
    charges: tuple[tuple[Demand, Bucket, int], ...]


class MemoryLimiter:
    """The `Limiter` port over a dictionary. `clock` is monotonic, in seconds.

    Memory is bounded: whole buckets are swept when their number has doubled, a
    reservation is forgotten after `lease` seconds, and with `max_buckets` that
    are not whole a new bucket is refused (`DependencyError`), not an old one
    forgotten.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        lease: float = LEASE,
        max_buckets: int = MAX_BUCKETS,
    ) -> None:
        self._clock = clock
        self._epoch = clock()
        self._lease = lease
        self._max_buckets = max_buckets
        self._sweep_at = min(1024, max_buckets)
        self._buckets: dict[str, Bucket] = {}
        self._open: dict[str, _Open] = {}
        self._serials = itertools.count(1)

    async def reserve(self, demands: Sequence[Demand]) -> Reservation | Refusal:
        now = self._now()
        self._forget(now)
        keys = {demand.key for demand in demands}
        if len(keys) != len(demands):
            raise ValueError("demands of one reservation must have distinct keys")
        self._make_room(keys, now)
        waits = [(demand, self._bucket(demand.key).wait(demand, now)) for demand in demands]
        refused = [(demand, wait) for demand, wait in waits if wait != 0.0]
        enforced = [(demand, wait) for demand, wait in refused if demand.enforced]
        if enforced:
            worst, wait = max(enforced, key=lambda each: float("inf") if each[1] is None else each[1])
            levels = tuple(self._bucket(demand.key).level(demand, now) for demand in demands)
            return Refusal(worst.rule, wait, levels)
        taken = tuple(demand for demand, wait in waits if wait == 0.0)
        charges = tuple((demand, *self._charge(demand, demand.amount, now)) for demand in taken)
        levels = tuple(self._bucket(demand.key).level(demand, now) for demand in demands)
        by_rule = {level.rule: level for level in levels}
        exceeded = tuple(Refusal(demand.rule, wait, (by_rule[demand.rule],)) for demand, wait in refused)
        identity = f"{next(self._serials):x}"
        self._open[identity] = _Open(now, charges)
        return Reservation(identity, taken, levels, exceeded)

    async def settle(self, reservation: Reservation, actual: Mapping[str, int]) -> None:
        now = self._now()
        self._forget(now)
        entry = self._open.pop(reservation.id, None)
        if entry is None:
            return
        for demand, bucket, serial in entry.charges:
            used = max(0, actual.get(demand.rule, demand.amount))
            if used > demand.amount:
                self._charge(demand, used - demand.amount, now)
            else:
                bucket.refund(serial, cost(demand, demand.amount - used), now)

    def __len__(self) -> int:
        """Return the number of buckets in memory."""
        return len(self._buckets)

    def _now(self) -> float:
        """Count from the limiter's own birth: small numbers keep the fractions of a second exact."""
        return self._clock() - self._epoch

    def _bucket(self, key: str) -> Bucket:
        """Return the bucket, or a whole one that is not kept unless it is charged."""
        return self._buckets.get(key) or Bucket()

    def _charge(self, demand: Demand, amount: int, now: float) -> tuple[Bucket, int]:
        bucket = self._buckets.setdefault(demand.key, Bucket())
        return bucket, bucket.charge(cost(demand, amount), now)

    def _forget(self, now: float) -> None:
        """Drop leases that ran out or are too many. They are in order of time: the first that lives ends the search."""
        while self._open:
            oldest = next(iter(self._open))
            if now - self._open[oldest].since < self._lease and len(self._open) < self._max_buckets:
                return
            del self._open[oldest]

    def _make_room(self, keys: set[str], now: float) -> None:
        """Sweep whole buckets when their number has doubled: constant work by request, on average."""
        if len(self._buckets) >= self._sweep_at:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.backlog(now) > 0.0}
            self._sweep_at = min(max(1024, 2 * len(self._buckets)), self._max_buckets)
        new = sum(key not in self._buckets for key in keys)
        if new and len(self._buckets) + new > self._max_buckets:
            raise DependencyError(
                Reason.LIMITER_UNAVAILABLE,
                "the limiter's memory is full of callers below their limits; widen it or use a shared store",
            )
