"""Lever L5: a backend that failed gets no more decisions until it has passed again. A pure state machine.

Hysteresis: one FAIL quarantines at once; only several passes in a row, none of
them older than the last failure, lift it. INCONCLUSIVE and INVALID neither
quarantine nor lift. A fallback takes over only while its own PASS is fresh; with
neither, the request is refused. Times are seconds of one monotonic or wall clock,
given by the caller.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from detectors.bias.outcome import Verdict


class Standing(StrEnum):
    """Where a backend stands."""

    TRUSTED = "trusted"
    QUARANTINED = "quarantined"
    RECOVERING = "recovering"  # still quarantined, with passes but not yet enough


class Route(StrEnum):
    """Where a request goes."""

    PRIMARY = "primary"
    FALLBACK = "fallback"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """How hard it is to come back: passes in a row, and how long after the failure at the earliest (seconds)."""

    passes: int = 2
    rest: float = 3600.0
    fresh: float = 86_400.0

    def __post_init__(self) -> None:
        if self.passes < 1 or self.rest < 0 or self.fresh <= 0:
            raise ValueError("quarantine: passes must be at least 1, rest at least 0 and fresh above 0 seconds")


@dataclass(frozen=True, slots=True)
class Record:
    """A backend's history, as far as it matters. Starts trusted: quarantine needs evidence."""

    standing: Standing = Standing.TRUSTED
    failed_at: float | None = None
    passed_at: float | None = None
    passes: int = 0

    def after(self, verdict: Verdict, now: float, rules: Hysteresis) -> "Record":
        """Return the record after a run ended with `verdict` at `now`."""
        if verdict is Verdict.FAIL:
            return Record(Standing.QUARANTINED, failed_at=now, passed_at=self.passed_at, passes=0)
        if verdict is not Verdict.PASS:
            # A run that shows nothing breaks the row of passes, but accuses nobody.
            held = Standing.QUARANTINED if self.standing is Standing.RECOVERING else self.standing
            return replace(self, standing=held, passes=0)
        if self.standing is Standing.TRUSTED:
            return replace(self, passed_at=now, passes=self.passes + 1)
        passes = self.passes + 1
        rested = self.failed_at is None or now - self.failed_at >= rules.rest
        standing = Standing.TRUSTED if passes >= rules.passes and rested else Standing.RECOVERING
        return Record(standing, self.failed_at, now, passes)

    def fresh(self, now: float, rules: Hysteresis) -> bool:
        """Whether the backend is trusted by a pass that is not too old."""
        return (
            self.standing is Standing.TRUSTED
            and self.passed_at is not None
            and 0 <= now - self.passed_at <= rules.fresh
        )


def route(primary: Record, fallback: Record | None, now: float, rules: Hysteresis) -> Route:
    """Return where a request goes that arrives at `now`."""
    if primary.standing is Standing.TRUSTED:
        return Route.PRIMARY
    if fallback is not None and fallback.fresh(now, rules):
        return Route.FALLBACK
    return Route.REFUSE
