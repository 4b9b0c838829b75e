"""A limiter for one of several workers that share nothing: each grants its part of every limit.

Together the workers grant no more than the policy says, unless its burst is smaller than their number: then each
grants one at a time, since with less it would never grant any. A caller whose connections all land on one worker
gets only that worker's part; a store that workers share removes this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.core.quota import Demand, Refusal, Reservation
from gateway.ports import Limiter


class PartLimiter:
    """Implements `Limiter`: a ``1 / parts`` share of each limit, kept by `inner`."""

    def __init__(self, inner: Limiter, parts: int) -> None:
        self._inner = inner
        self._parts = parts

    async def reserve(self, demands: Sequence[Demand]) -> Reservation | Refusal:
        """Reserve from this worker's part."""
        return await self._inner.reserve([self._part(demand) for demand in demands])

    async def settle(self, reservation: Reservation, actual: Mapping[str, int]) -> None:
        """Settle in this worker's part."""
        await self._inner.settle(reservation, actual)

    def _part(self, demand: Demand) -> Demand:
        return replace(demand, window=demand.window * self._parts, burst=max(1, demand.burst // self._parts))
