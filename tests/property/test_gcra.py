"""The laws of the buckets, over arbitrary demands, waits and settlements."""

from dataclasses import dataclass, field
from math import floor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core import gcra
from gateway.core.gcra import Bucket, cost
from gateway.core.quota import Demand

quotas = st.integers(1, 1000)
windows = st.sampled_from([0.5, 1.0, 60.0, 86_400.0])
bursts = st.integers(1, 50)
amounts = st.integers(0, 60)


def demand(quota: int, window: float, burst: int, amount: int) -> Demand:
    return Demand("rule", "key", quota, window, burst, amount)


@dataclass
class Setting:
    """One bucket of one rule, and a log of what it granted when."""

    quota: int
    window: float
    burst: int
    bucket: Bucket = field(default_factory=Bucket)
    now: float = 0.0
    granted: list[tuple[float, int]] = field(default_factory=list)

    @property
    def interval(self) -> float:
        return self.window / self.quota

    def ask(self, amount: int) -> int | None:
        """Return the serial of the charge, or None when it is refused."""
        wanted = demand(self.quota, self.window, self.burst, amount)
        if self.bucket.wait(wanted, self.now) != 0.0:
            return None
        self.granted.append((self.now, amount))
        return self.bucket.charge(cost(wanted, amount), self.now)


@st.composite
def settings_with_steps(draw: st.DrawFn) -> tuple[Setting, list[tuple[float, int]]]:
    setting = Setting(draw(quotas), draw(windows), draw(bursts))
    waits = st.floats(0, 3 * setting.burst, allow_nan=False).map(lambda units: units * setting.interval)
    return setting, draw(st.lists(st.tuples(st.one_of(st.just(0.0), waits), amounts), max_size=40))


def excess(granted: list[tuple[float, int]], burst: int, interval: float) -> float:
    """Return by how much the worst window of time exceeds what it may hold."""
    worst = 0.0
    for first in range(len(granted)):
        total = 0
        for time, amount in granted[first:]:
            total += amount
            worst = max(worst, total - burst - (time - granted[first][0]) / interval)
    return worst


@given(settings_with_steps())
@settings(deadline=None)
def test_no_window_ever_holds_more_than_burst_and_refill(case: tuple[Setting, list[tuple[float, int]]]) -> None:
    """The law that a limit is: in any time t at most burst + t / interval units."""
    setting, steps = case
    for wait, amount in steps:
        setting.now += wait
        setting.ask(amount)
    assert excess(setting.granted, setting.burst, setting.interval) < 1e-3


@given(settings_with_steps(), amounts)
@settings(deadline=None)
def test_the_wait_that_is_told_is_enough_and_not_too_long(
    case: tuple[Setting, list[tuple[float, int]]], amount: int
) -> None:
    """A moment earlier is refused, then granted; never is never."""
    setting, steps = case
    for wait, each in steps:
        setting.now += wait
        setting.ask(each)
    wanted = demand(setting.quota, setting.window, setting.burst, amount)
    told = setting.bucket.wait(wanted, setting.now)
    if told is None:
        assert amount > setting.burst
        return
    assert setting.bucket.wait(wanted, setting.now + told) == 0.0
    if told > 0.0:
        assert setting.bucket.wait(wanted, setting.now + told * 0.99) != 0.0


@given(settings_with_steps())
@settings(deadline=None)
def test_time_that_goes_back_wins_nothing(case: tuple[Setting, list[tuple[float, int]]]) -> None:
    """Whatever a clock does, no more is granted than in the time that was really seen."""
    setting, steps = case
    highest = 0.0
    for number, (wait, amount) in enumerate(steps):
        setting.now += wait if number % 3 else -wait
        highest = max(highest, setting.now)
        setting.ask(amount)
    total = sum(amount for _, amount in setting.granted)
    assert total <= setting.burst + highest / setting.interval + 1e-3


@given(settings_with_steps())
@settings(deadline=None)
def test_levels_agree_with_what_is_granted(case: tuple[Setting, list[tuple[float, int]]]) -> None:
    """What a level says remains can be had at once, one more can not, and in `next_after` it can."""
    setting, steps = case
    for wait, amount in steps:
        setting.now += wait
        setting.ask(amount)
    level = setting.bucket.level(demand(setting.quota, setting.window, setting.burst, 0), setting.now)
    rest = demand(setting.quota, setting.window, setting.burst, level.remaining)
    more = demand(setting.quota, setting.window, setting.burst, level.remaining + 1)
    assert setting.bucket.wait(rest, setting.now) == 0.0
    if level.remaining == setting.burst:
        assert level.next_after == pytest.approx(0.0, abs=setting.interval * 1e-3)
        return
    assert setting.bucket.wait(more, setting.now) != 0.0
    assert setting.bucket.wait(more, setting.now + level.next_after) == 0.0
    assert level.next_after <= level.reset_after


def replay(charges: list[tuple[float, float]], now: float) -> float:
    """Return the backlog of a bucket to which these were charged: a sum that drains and never goes under zero."""
    backlog, last = 0.0, 0.0
    for time, seconds in charges:
        backlog = max(0.0, backlog - (time - last)) + seconds
        last = time
    return max(0.0, backlog - (now - last))


steps_with_settlement = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("take"), st.integers(1, 20), st.just(0)),
        st.tuples(st.just("settle"), st.integers(0, 9), st.integers(0, 25)),
    ),
    max_size=60,
)


def run(steps: list[tuple[str, float, int]]) -> tuple[Bucket, list[tuple[float, float]], float]:
    """Take, wait and settle; return the bucket, what was truly used when, and the time."""
    bucket, now = Bucket(), 0.0
    charges: list[tuple[float, float]] = []
    pending: list[tuple[int, int]] = []
    for kind, first, second in steps:
        if kind == "wait":
            now += first
        elif kind == "take":
            pending.append((bucket.charge(first, now), len(charges)))
            charges.append((now, first))
        elif pending:
            serial, index = pending.pop(int(first) % len(pending))
            time, reserved = charges[index]
            if second <= reserved:
                bucket.refund(serial, reserved - second, now)
                charges[index] = (time, second)
            else:
                bucket.charge(second - reserved, now)
                charges.append((now, second - reserved))
    return bucket, charges, now


@given(steps_with_settlement)
@example([("take", 20, 0), ("take", 20, 0), ("wait", 30, 0), ("take", 1, 0), ("settle", 0, 0), ("settle", 0, 0)])
@settings(deadline=None, max_examples=1000)
def test_settled_is_as_if_it_had_been_known(steps: list[tuple[str, float, int]]) -> None:
    """After settlements in any order the bucket stands where the true amounts would have put it: no credit, no loss."""
    bucket, charges, now = run(steps)
    assert bucket.backlog(now) == pytest.approx(replay(charges, now), abs=1e-6)


@given(steps_with_settlement)
@settings(deadline=None)
def test_a_short_memory_of_troughs_never_gives_too_much(steps: list[tuple[str, float, int]]) -> None:
    """With room for two troughs only, a refund may be less than exact, never more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gcra, "MAX_TROUGHS", 2)
        bucket, charges, now = run(steps)
        assert len(bucket._troughs) <= 2
    assert bucket.backlog(now) >= replay(charges, now) - 1e-6


@given(settings_with_steps(), st.lists(st.integers(0, 60), max_size=40))
@settings(deadline=None)
def test_true_use_keeps_the_law_of_the_window(case: tuple[Setting, list[tuple[float, int]]], uses: list[int]) -> None:
    """Reserved high and settled low, in any order: what was truly used stays within burst and refill."""
    setting, steps = case
    used: list[tuple[float, int]] = []
    for number, (wait, amount) in enumerate(steps):
        setting.now += wait
        serial = setting.ask(amount)
        if serial is None:
            continue
        true = min(amount, uses[number] if number < len(uses) else amount)
        used.append((setting.now, true))
        wanted = demand(setting.quota, setting.window, setting.burst, amount)
        setting.bucket.refund(serial, cost(wanted, amount - true), setting.now)
    assert excess(used, setting.burst, setting.interval) < 1e-3


@given(st.integers(1, 10**12), st.floats(0.1, 86_400), st.integers(1, 10**12), st.floats(0, 1e6))
@settings(deadline=None)
def test_a_whole_bucket_grants_its_burst_at_any_scale(quota: int, window: float, burst: int, now: float) -> None:
    """Rounding refuses nobody, up to the largest numbers that a policy may hold."""
    bucket = Bucket()
    whole = Demand("rule", "key", quota, window, burst, burst)
    assert bucket.wait(whole, now) == 0.0
    assert bucket.level(whole, now).remaining == floor(burst)
