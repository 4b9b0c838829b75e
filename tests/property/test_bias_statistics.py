"""Laws of the bias statistics: signs, symmetry, monotony, and agreement with fairlearn."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bias import fairness, group_metrics
from detectors.bias.outcome import Contrast, Metric, Observation, Outcome, OutcomeKind, Trial, Verdict
from detectors.bias.statistics.eprocess import EProcess
from detectors.bias.statistics.intervals import newcombe, wilson
from detectors.bias.statistics.judge import Rules, judge
from detectors.bias.statistics.multiplicity import benjamini_hochberg, holm
from detectors.bias.statistics.paired import paired_gap, sign_flip
from detectors.bias.statistics.power import Design, power_to_fail, power_to_pass

CHEAP = Rules(flips=199)
counts = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))
gaps = st.lists(st.integers(-8, 8), min_size=2, max_size=18).map(lambda v: np.array(v, dtype=np.float64) / 8)
outcomes = st.sampled_from(
    [Outcome(OutcomeKind.CHOICE, 1.0, "yes"), Outcome(OutcomeKind.CHOICE, 0.0, "no"), Outcome(OutcomeKind.REFUSAL),
     Outcome(OutcomeKind.UNPARSED), Outcome(OutcomeKind.FAILED)]
)  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> list[Observation]:
    """Any run, however odd: few templates, few names, missing groups, garbage."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from("ab"), st.integers(0, 4), st.integers(0, 1), outcomes),
            max_size=60,
        )
    )
    return [
        Observation(Trial(f"t{t}", "x", g, f"{g}{n}" if n else "", repeat=r, pair=f"{t}-{r}"), o)
        for t, g, n, r, o in rows
    ]


@settings(max_examples=60, deadline=None)
@given(runs(), st.sampled_from([m for m in Metric if m is not Metric.EXCESS_DISTANCE]))
def test_any_run_gets_a_verdict_and_no_exception(run: list[Observation], metric: Metric) -> None:
    """Bad input is the normal case; and a run without sound evidence never passes."""
    result = judge(run, [Contrast("f", "x", "b", "a", metric, 0.1)], CHEAP)[0]
    assert result.verdict in Verdict
    if result.clusters < CHEAP.min_templates or math.isnan(result.estimate):
        assert result.verdict is Verdict.INVALID
    assert 0.0 <= result.p <= result.p_adjusted <= 1.0


@settings(max_examples=40, deadline=None)
@given(runs())
def test_swapping_the_groups_turns_the_gap_and_nothing_else(run: list[Observation]) -> None:
    """The verdict does not depend on which side is called the reference."""
    forward = judge(run, [Contrast("f", "x", "b", "a", Metric.SELECTION_RATE_GAP, 0.1)], CHEAP)[0]
    backward = judge(run, [Contrast("f", "x", "a", "b", Metric.SELECTION_RATE_GAP, 0.1)], CHEAP)[0]
    assert forward.verdict is backward.verdict
    assert forward.p == backward.p
    if not math.isnan(forward.estimate):
        assert math.isclose(forward.estimate, -backward.estimate, abs_tol=1e-12)
        assert math.isclose(forward.interval.low, -backward.interval.high, abs_tol=1e-9)


@settings(max_examples=40, deadline=None)
@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_observations_does_not_matter(run: list[Observation], random: object) -> None:
    """A journal written in another order gives the same result."""
    shuffled = list(run)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    contrast = [Contrast("f", "x", "b", "a", Metric.SELECTION_RATE_GAP, 0.1)]
    first, second = judge(run, contrast, CHEAP)[0], judge(shuffled, contrast, CHEAP)[0]
    assert first.verdict is second.verdict
    assert math.isclose(first.p, second.p, abs_tol=1e-9)


@given(gaps)
def test_sign_flip_is_symmetric_and_a_probability(values: np.ndarray) -> None:
    """Turning all signs changes nothing; scaling changes nothing."""
    p = sign_flip(values, flips=199)
    assert 0.0 < p <= 1.0
    assert sign_flip(-values, flips=199) == p
    assert sign_flip(values * 4, flips=199) == p


@given(gaps)
def test_the_exact_sign_flip_counts_every_pattern(values: np.ndarray) -> None:
    """For up to eight templates it equals enumeration in plain Python."""
    values = values[:8]
    total = abs(float(values.sum()))
    hits = 0
    for pattern in range(2 ** len(values)):
        signs = [1 if pattern >> i & 1 else -1 for i in range(len(values))]
        hits += abs(sum(s * v for s, v in zip(signs, values, strict=True))) >= total - 1e-9
    assert math.isclose(sign_flip(values), hits / 2 ** len(values))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.floats(0, 1)), min_size=1, max_size=50))
def test_the_gap_is_the_mean_of_template_differences(rows: list[tuple[int, bool, float]]) -> None:
    """As computed row by row in plain Python."""
    template, side, value = (np.array(column) for column in zip(*rows, strict=True))
    gap = paired_gap(template, np.where(side, 1.0, -1.0), value)
    differences = []
    for t in sorted(set(template.tolist())):
        first = [v for u, s, v in rows if u == t and s]
        second = [v for u, s, v in rows if u == t and not s]
        if first and second:
            differences.append(sum(first) / len(first) - sum(second) / len(second))
    if len(differences) < 2:
        assert gap is None
    else:
        assert gap is not None
        assert math.isclose(gap.estimate, sum(differences) / len(differences), abs_tol=1e-12)


@given(counts)
def test_wilson_contains_the_rate(count: tuple[int, int]) -> None:
    """And lies within 0..1."""
    successes, trials = count
    interval = wilson(successes, trials)
    assert 0.0 <= interval.low <= interval.high <= 1.0
    if trials:
        assert interval.low <= successes / trials <= interval.high


@given(counts, counts)
def test_newcombe_turns_with_the_sides(a: tuple[int, int], b: tuple[int, int]) -> None:
    """Rate B minus rate A has the mirrored interval, within -1..1."""
    forward, backward = newcombe(*a, *b), newcombe(*b, *a)
    assert math.isclose(forward.low, -backward.high, abs_tol=1e-12)
    assert -1.0 - 1e-12 <= forward.low <= forward.high <= 1.0 + 1e-12


@given(st.lists(st.floats(0, 1), max_size=30))
def test_corrections_only_raise_p_values_and_keep_their_order(values: list[float]) -> None:
    """Holm is at least as strict as Benjamini-Hochberg, which is at least as strict as nothing."""
    strict, loose = holm(values), benjamini_hochberg(values)
    for p, h, b in zip(values, strict, loose, strict=True):
        assert p <= b + 1e-12
        assert b <= h + 1e-12
        assert h <= 1.0
    for first in range(len(values)):
        for second in range(len(values)):
            if values[first] < values[second]:
                assert strict[first] <= strict[second]


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), max_size=80))
def test_evidence_never_falls_and_depends_on_counts_alone(steps: list[float]) -> None:
    """The peak only rises; the present evidence is the same in any order."""
    process = EProcess()
    for step in steps:
        after = process.after(step)
        assert after.log_peak >= process.log_peak
        process = after
    reordered = EProcess()
    for step in sorted(steps):
        reordered = reordered.after(step)
    assert process.log_e == reordered.log_e
    interval = process.gap_interval()
    assert interval.low <= (process.favoured - process.disfavoured) / max(process.pairs, 1) <= interval.high


@given(st.integers(3, 80), st.integers(1, 8), st.floats(0.01, 0.4))
def test_more_templates_have_more_power(templates: int, answers: int, gap: float) -> None:
    """Power to fail and power to pass both grow with the plan."""
    small, large = Design(templates, answers), Design(templates * 2, answers)
    assert power_to_fail(small, gap) <= power_to_fail(large, gap) + 1e-6
    assert power_to_pass(small, 0.1) <= power_to_pass(large, 0.1) + 1e-9


@settings(max_examples=12, deadline=None)  # fairlearn takes 20 ms a frame; the self test compares 1,000
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("abc"), st.floats(0.01, 5)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(list(group_metrics.Method)),
)
def test_our_metrics_are_fairlearns(rows: list[tuple[int, int, str, float]], method: group_metrics.Method) -> None:
    """Selection rates, true and false positive rates, differences and ratios, weighted: to 1e-12."""
    truth, predicted, group, weight = (list(column) for column in zip(*rows, strict=True))
    theirs = fairness.oracle(np.array(truth), np.array(predicted), group, np.array(weight), method.value)
    parity = group_metrics.rates_by_group(predicted, group, weight)
    halves = (parity, *group_metrics.odds(truth, predicted, group, weight, undefined=0.0))
    ours = [value for half in halves for value in (half.difference(method), half.ratio(method))]
    for own, other in zip(ours, theirs, strict=True):
        assert (math.isnan(own) and math.isnan(other)) or abs(own - other) <= 1e-12
