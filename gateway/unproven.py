"""What callers cause who prove nothing is recorded in bounded space: the first by itself, the rest by its number.

Anybody who reaches the port can be refused without end, and must not be able to fill the disk by it. Of each interval
the first `EACH` refusals of unproven callers have a closing record of their own. Before the next one is counted, a
record (kind `refusing`) says that counting has begun; at the interval's end another (`refused`) says how many there
were of each kind. So each is in the log, by itself or in a sum; a process that dies in between leaves the first record
open, as it leaves an exchange. Each is a span of the trace besides.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.clock import exchange_id, timestamp
from gateway.core.decision import Action
from gateway.errors import DependencyError
from gateway.ports import AuditEntry, AuditLog, Receipt

EACH: Final = 100
"""Refusals of unproven callers, in one interval of one process, that have a record each."""

INTERVAL: Final = 60.0
"""Seconds of an interval, which begins with its first refusal."""


class _Kind(NamedTuple):
    """What refusals have in common that are counted together: words of ours, and a status."""

    guard: str
    action: str
    reason: str
    status: int


@dataclass(slots=True)
class _Sum:
    """Refusals that are counted, from the record that says so (`begun`) to the one that says how many."""

    id: str
    begun: asyncio.Future[Receipt]
    counts: Counter[_Kind] = field(default_factory=Counter)


class BoundedLog:
    """An `AuditLog` before another one; `close` has what was counted written, and is called before the other's.

    `lost` is told how many refusals were counted and could not be recorded before the gateway had to end.
    """

    def __init__(
        self, log: AuditLog, lost: Callable[[int], None], each: int = EACH, interval: float = INTERVAL
    ) -> None:
        self._log = log
        self._lost = lost
        self._each = each
        self._seconds = interval
        self._alone = 0
        self._sum: _Sum | None = None
        self._running = False
        self._intervals: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    async def append(self, entry: AuditEntry) -> Receipt:
        """Append a record, or count it: then the receipt is that of the record which says that counting has begun."""
        if entry.kind != "closed" or "tenant" in entry.facts:  # the tenant is known of whoever is proven
            return await self._log.append(entry)
        if not self._running:
            self._running = True
            interval = asyncio.ensure_future(self._interval())
            self._intervals.add(interval)
            interval.add_done_callback(self._intervals.discard)
        self._alone += 1
        if self._alone <= self._each:
            return await self._log.append(entry)
        if self._sum is None:
            self._sum = self._begin()
        counted = self._sum
        counted.counts[_kind(entry.facts)] += 1
        try:
            return await asyncio.shield(counted.begun)
        except DependencyError:  # whoever waits tells of its loss, and the next one tries again
            if self._sum is counted:
                self._sum = None
            raise

    async def close(self) -> None:
        """End the interval now; return when its sum is written, or cannot be."""
        self._closing.set()
        if self._intervals:
            await asyncio.wait(self._intervals)

    def _begin(self) -> _Sum:
        name = exchange_id()
        entry = AuditEntry("refusing", name, timestamp(), {"decision": Action.DENY}, None)
        return _Sum(name, asyncio.ensure_future(self._log.append(entry)))

    async def _interval(self) -> None:
        await self._pause()
        self._running, self._alone, counted, self._sum = False, 0, self._sum, None
        if counted is None:
            return
        with suppress(DependencyError):  # then each was told of as lost
            await counted.begun
            await self._end(counted)

    async def _end(self, counted: _Sum) -> None:
        """Write a sum; while the log is dead, try again."""
        total = counted.counts.total()
        rows = [{**kind._asdict(), "exchanges": number} for kind, number in sorted(counted.counts.items())]
        facts = {"decision": Action.DENY, "exchanges": total, "refusals": rows}
        while True:
            last = self._closing.is_set()
            try:
                await self._log.append(AuditEntry("refused", counted.id, timestamp(), facts, None))
                return
            except DependencyError:
                if last:
                    self._lost(total)
                    return
            await self._pause()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), self._seconds)


def _kind(facts: Mapping[str, object]) -> _Kind:
    """Return what the closing record would have said. An unproven caller's exchange ends with its only decision."""
    decisions, status = facts.get("decisions"), facts.get("status")
    last = decisions[-1] if isinstance(decisions, list) and decisions else {}
    guard, action, reason = (str(last.get(name, "none")) for name in ("guard", "action", "reason"))
    return _Kind(guard, action, reason, status if isinstance(status, int) else 0)
