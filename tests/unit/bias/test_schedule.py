"""When suites run: pure decisions from values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.bias.schedule import DAY, Hold, PastRun, Schedule, Seen, Trigger, decide

DAILY = Schedule("hiring", interval=DAY / 2, calls=100, calls_per_day=300)
STABLE = Seen("m1", since=0.0)


def ran(time: float, valid: bool = True, fingerprint: str = "m1", calls: int = 100) -> PastRun:
    """A past run of the suite."""
    return PastRun("hiring", time, calls, fingerprint, valid)


def test_a_suite_that_never_ran_runs() -> None:
    """The first run needs no interval."""
    assert decide(DAILY, [], STABLE, 1e6).trigger is Trigger.FIRST


def test_it_runs_again_after_its_interval() -> None:
    """Not before, within the jitter."""
    assert decide(DAILY, [ran(1e6)], STABLE, 1e6 + 0.4 * DAY).hold is Hold.NOT_DUE
    assert decide(DAILY, [ran(1e6)], STABLE, 1e6 + 0.6 * DAY).trigger is Trigger.INTERVAL


def test_a_changed_backend_triggers_once_it_has_settled() -> None:
    """A roll-out that flips back and forth does not."""
    now = 1e6 + 1000
    assert decide(DAILY, [ran(1e6)], Seen("m2", now - 10), now).hold is Hold.SETTLING
    assert decide(DAILY, [ran(1e6)], Seen("m2", now - 301), now).trigger is Trigger.FINGERPRINT
    assert decide(DAILY, [ran(1e6)], Seen("", now - 301), now).hold is Hold.NOT_DUE


def test_the_daily_budget_binds_every_trigger() -> None:
    """And the ruling says when it is free again."""
    runs = [ran(1e6), ran(1e6 + 10), ran(1e6 + 20)]
    now = 1e6 + 0.9 * DAY
    ruling = decide(DAILY, runs, Seen("m2", now - 999), now)
    assert ruling.hold is Hold.BUDGET
    assert decide(DAILY, runs, Seen("m2", now - 999), ruling.at + 1).trigger is Trigger.FINGERPRINT


def test_invalid_runs_back_off() -> None:
    """A backend in trouble is not asked at every tick; twice as long after each failure."""
    runs = [ran(1e6, valid=False, fingerprint="m0")]
    assert decide(DAILY, runs, STABLE, 1e6 + 100).hold is Hold.BACKEND
    assert decide(DAILY, runs, STABLE, 1e6 + 121).trigger is Trigger.FINGERPRINT


def test_other_suites_do_not_count() -> None:
    """Budget and interval are the suite's own."""
    assert decide(DAILY, [PastRun("lending", 1e6, 300, "m1", True)], STABLE, 1e6 + 1).trigger is Trigger.FIRST


@given(st.lists(st.floats(0, 10 * DAY), max_size=12), st.floats(0, 10 * DAY))
def test_no_day_ever_exceeds_its_budget(ticks: list[float], start: float) -> None:
    """Whatever the clock does, the runs of any 24 hours stay within the budget."""
    runs: list[PastRun] = []
    for tick in sorted(ticks):
        if decide(DAILY, runs, Seen(f"m{len(runs)}", tick - 999), start + tick).trigger:
            runs.append(ran(start + tick, fingerprint=f"m{len(runs)}x"))
    for run in runs:
        day = [r for r in runs if run.time - DAY < r.time <= run.time]
        assert sum(r.calls for r in day) <= DAILY.calls_per_day


@pytest.mark.parametrize("change", [{"interval": 0}, {"jitter": 1.0}, {"settle": -1}, {"calls": 0}, {"calls": 999}])
def test_impossible_schedules_are_refused(change: dict[str, float]) -> None:
    """A day that cannot pay one run is a mistake, not a schedule."""
    fields = {"suite": "s", "interval": 1.0, "calls": 10, "calls_per_day": 10} | change
    with pytest.raises(ValueError, match="schedule of s"):
        Schedule(**fields)  # type: ignore[arg-type]
