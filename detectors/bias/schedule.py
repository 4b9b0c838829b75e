"""When to run which suite: a decision, made from values. Reading clocks and running is somebody else's work.

A suite runs when its interval is over, or when the backend's fingerprint has
changed since its last run, but never beyond its daily budget, and not while the
backend is in trouble. Intervals are jittered, so that many gateways with one
schedule do not ask at the same moment, and a backend cannot learn when probes come.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400.0


class Trigger(StrEnum):
    """Why a suite runs."""

    INTERVAL = "interval"
    FINGERPRINT = "fingerprint"
    FIRST = "first"


class Hold(StrEnum):
    """Why a suite does not run now."""

    NOT_DUE = "not-due"
    BUDGET = "budget"  # today's calls are used up
    BACKEND = "backend"  # the last runs were invalid: back off
    SETTLING = "settling"  # the fingerprint changed just now: wait until it stays


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the policy says of one suite. Times in seconds.

    `jitter` is a share of the interval. `settle` is how long a new fingerprint
    must stay before it triggers: backends that roll out flip back and forth.
    `calls` is what one run needs, `calls_per_day` what a day allows.
    """

    suite: str
    interval: float
    calls: int
    calls_per_day: int
    jitter: float = 0.1
    settle: float = 300.0
    on_fingerprint: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.interval <= 0 or not 0 <= self.jitter < 1 or self.settle < 0:
            raise ValueError(f"schedule of {self.suite}: interval above 0, jitter in 0..1 (1 excluded), settle from 0")
        if self.calls < 1 or self.calls_per_day < self.calls:
            raise ValueError(
                f"schedule of {self.suite}: a run needs {self.calls} calls, the day allows {self.calls_per_day}"
            )


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that was begun at `time` (seconds since the epoch), with the `calls` it sent."""

    suite: str
    time: float
    calls: int
    fingerprint: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The backend's fingerprint now, and since when it has been seen without a break. "" is unknown."""

    fingerprint: str
    since: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """Run now because of `trigger`, or wait because of `hold` until `at` at the earliest."""

    suite: str
    trigger: Trigger | None
    hold: Hold | None
    at: float


def decide(schedule: Schedule, past: Iterable[PastRun], seen: Seen, now: float) -> Ruling:
    """Return whether the suite runs now. Pure: the same values, the same ruling.

    A clock that was set back never makes runs pile up: runs of the future count as of now.
    """
    runs = sorted((run for run in past if run.suite == schedule.suite), key=lambda run: run.time)
    last = runs[-1] if runs else None
    due, trigger = _due(schedule, last, seen, now)
    if trigger is None:
        settling = _changed(schedule, last, seen) and now - seen.since < schedule.settle
        at = min(due, seen.since + schedule.settle) if settling else due
        return Ruling(schedule.suite, None, Hold.SETTLING if settling else Hold.NOT_DUE, at)
    recent = [run for run in runs if run.time > now - DAY]
    if sum(run.calls for run in recent) + schedule.calls > schedule.calls_per_day:
        return Ruling(schedule.suite, None, Hold.BUDGET, _affordable(schedule, recent, now))
    invalid = _invalid_in_a_row(runs)
    if last is not None and invalid:
        # Twice as long after every invalid run, up to the interval itself.
        wait = min(schedule.interval, 60.0 * 2 ** min(invalid, 20))
        if now < min(last.time, now) + wait:
            return Ruling(schedule.suite, None, Hold.BACKEND, min(last.time, now) + wait)
    return Ruling(schedule.suite, trigger, None, now)


def _due(schedule: Schedule, last: PastRun | None, seen: Seen, now: float) -> tuple[float, Trigger | None]:
    if last is None:
        return now, Trigger.FIRST
    due = min(last.time, now) + schedule.interval * _stretch(schedule, last.time)
    if _changed(schedule, last, seen) and now - seen.since >= schedule.settle:
        return due, Trigger.FINGERPRINT
    return due, Trigger.INTERVAL if now >= due else None


def _changed(schedule: Schedule, last: PastRun | None, seen: Seen) -> bool:
    known = last is not None and bool(last.fingerprint) and bool(seen.fingerprint)
    return schedule.on_fingerprint and known and last is not None and last.fingerprint != seen.fingerprint


def _stretch(schedule: Schedule, start: float) -> float:
    """Return a factor in ``1 - jitter .. 1 + jitter`` that is fixed for one run."""
    text = f"{schedule.seed}\x1f{schedule.suite}\x1f{start!r}"
    uniform = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
    return 1 + schedule.jitter * (2 * uniform - 1)


def _affordable(schedule: Schedule, recent: list[PastRun], now: float) -> float:
    """Return when enough of the last day's calls are a day old."""
    over = sum(run.calls for run in recent) + schedule.calls - schedule.calls_per_day
    for run in recent:
        over -= run.calls
        if over <= 0:
            return min(run.time, now) + DAY
    return now + DAY


def _invalid_in_a_row(runs: list[PastRun]) -> int:
    count = 0
    for run in reversed(runs):
        if run.valid:
            break
        count += 1
    return count
