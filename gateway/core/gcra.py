"""The generic cell rate algorithm, with refunds. Pure: the caller brings the time.

A bucket remembers one number, the theoretical arrival time (TAT, ITU-T I.371).
``max(0, TAT - now)`` is its *backlog*: the seconds that it needs to be whole
again. A demand of n units costs ``n * window / quota`` seconds and is granted
when backlog and cost together stay within ``burst * window / quota``. All state
is in seconds, so it keeps its meaning when a reload changes a rule.

Refunds need care. A reservation that was too high may already have drained
away: taking it off later would credit it twice and let a caller exceed the
burst. What may be given back is the smallest backlog since the reservation
(what still stands of it), so a bucket also remembers its troughs: the backlogs
just before later charges, as a stack that rises towards the present.
"""

from bisect import bisect_left

from gateway.core.quota import Demand, Level

TOLERANCE = 1e-6
"""How much of one unit rounding may hide when backlog and burst are compared."""

MAX_TROUGHS = 1024
"""Troughs kept by bucket; beyond it the oldest two merge into the lower one, which refunds less, never more."""


class Bucket:
    """One bucket. Times are seconds of a monotonic clock; a clock that steps back is taken to stand still."""

    __slots__ = ("_seen", "_serial", "_tat", "_troughs")

    def __init__(self) -> None:
        self._tat = 0.0
        self._seen = 0.0
        self._serial = 0
        self._troughs: list[tuple[int, float]] = []

    def backlog(self, now: float) -> float:
        """Return the seconds until the bucket is whole."""
        return max(0.0, self._tat - max(now, self._seen))

    def wait(self, demand: Demand, now: float) -> float | None:
        """Return the seconds until `demand` fits: 0 when it does now, None when it never will."""
        if demand.amount > demand.burst:
            return None
        interval = demand.window / demand.quota
        over = self.backlog(now) - (demand.burst - demand.amount) * interval
        return over if over > TOLERANCE * interval else 0.0

    def charge(self, seconds: float, now: float) -> int:
        """Take `seconds`, whatever the level, and return the charge's serial number, for `refund`."""
        self._seen = max(now, self._seen)
        backlog = self.backlog(now)
        self._dip(self._serial, backlog)
        self._serial += 1
        self._tat = self._seen + backlog + seconds
        return self._serial

    def refund(self, serial: int, seconds: float, now: float) -> float:
        """Give back what still stands of `seconds` charged under `serial`; return how much that was."""
        self._seen = max(now, self._seen)
        first = bisect_left(self._troughs, (serial, 0.0))
        later = self._troughs[first:]
        lowest = min([self.backlog(now), *(low for _, low in later[:1])])
        back = min(seconds, lowest)
        if back <= 0.0:
            return 0.0
        self._tat -= back
        del self._troughs[first:]
        for since, low in later:
            self._dip(since, low - back)
        return back

    def level(self, demand: Demand, now: float) -> Level:
        """Return what `demand`'s rule has left."""
        interval = demand.window / demand.quota
        backlog = self.backlog(now)
        left = demand.burst - backlog / interval
        remaining = max(0, int(left + TOLERANCE))
        return Level(
            rule=demand.rule,
            quota=demand.quota,
            window=demand.window,
            remaining=remaining,
            reset_after=backlog,
            next_after=min(backlog, max(0.0, (remaining + 1 - left) * interval)),
        )

    def _dip(self, serial: int, backlog: float) -> None:
        """Remember that the backlog was as low as this after the charge `serial`."""
        while self._troughs and self._troughs[-1][1] >= backlog:
            self._troughs.pop()
        self._troughs.append((serial, backlog))
        if len(self._troughs) > MAX_TROUGHS:
            (_, lower), (since, _) = self._troughs[0], self._troughs[1]
            self._troughs[:2] = [(since, lower)]


def cost(demand: Demand, amount: int) -> float:
    """Return the seconds that `amount` units of the demand's bucket take."""
    return amount * demand.window / demand.quota
