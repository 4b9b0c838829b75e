"""The estimated gap and its uncertainty, by hand."""

import math

import numpy as np
import pytest

from detectors.bias.statistics.paired import cluster_bootstrap_t, paired_gap, sign_flip


def crossed(templates: int, names: int, effect: dict[int, float]) -> tuple[np.ndarray, ...]:
    """Every template asks about every name of both sides; `effect` adds to some names of the plus side."""
    rows = [(t, s, n + (names if s > 0 else 0)) for t in range(templates) for s in (1.0, -1.0) for n in range(names)]
    template, side, name = (np.array(column) for column in zip(*rows, strict=True))
    noise = np.random.default_rng(0).normal(0, 0.01, len(rows))
    extra = np.array([effect.get(int(n) - names, 0.0) if s > 0 else 0.0 for n, s in zip(name, side, strict=True)])
    return template, side, noise + extra, name


def test_the_gap_and_its_error_by_hand() -> None:
    """Differences 1.0, 0.5 and 0.0: mean 0.5, standard error 0.5 / sqrt(3), two degrees of freedom."""
    template = np.array([0, 0, 1, 1, 1, 2, 2])
    side = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0])
    value = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0])
    gap = paired_gap(template, side, value)
    assert gap is not None
    assert gap.per_template.tolist() == [1.0, 0.5, 0.0]
    assert (gap.estimate, gap.df, gap.n) == (0.5, 2, 7)
    assert gap.standard_error == pytest.approx(0.5 / math.sqrt(3))
    assert gap.interval(0.95).half_width == pytest.approx(4.30265 * 0.5 / math.sqrt(3), rel=1e-4)


def test_a_template_asked_about_one_side_only_is_left_out() -> None:
    """It has no difference; with fewer than two templates left there is no gap at all."""
    template, side = np.array([0, 0, 1, 1, 2]), np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    gap = paired_gap(template, side, np.array([1.0, 0.0, 0.0, 1.0, 1.0]))
    assert gap is not None
    assert (gap.templates.tolist(), gap.n) == ([0, 1], 4)
    assert paired_gap(template[:2], side[:2], np.array([1.0, 0.0])) is None
    assert paired_gap(np.array([], dtype=np.int64), np.array([]), np.array([])) is None


def test_two_popular_names_are_not_a_popular_group() -> None:
    """The same gap in every template is certain by templates and doubtful by names: the doubt wins."""
    template, side, value, name = crossed(templates=30, names=6, effect={0: 1.0, 1: 1.0})
    by_templates, both = paired_gap(template, side, value), paired_gap(template, side, value, name)
    assert by_templates is not None and both is not None
    assert by_templates.estimate == both.estimate == pytest.approx(1 / 3, abs=0.01)
    assert by_templates.test() < 0.001
    assert both.test() > 0.05
    assert both.names == 6
    # Six name means of 1, 1, 0, 0, 0, 0: variance 0.2667, over 6; the other side adds next to nothing.
    assert both.standard_error == pytest.approx(math.sqrt(0.26667 / 6), rel=0.02)


def test_a_gap_that_all_names_share_stays_certain() -> None:
    """Names as a second clustering do not hide a real gap."""
    template, side, value, name = crossed(templates=30, names=6, effect=dict.fromkeys(range(6), 0.3))
    gap = paired_gap(template, side, value, name)
    assert gap is not None
    assert gap.test() < 0.001


def test_zero_spread_falls_back_to_the_rule_of_three() -> None:
    """20 different questions without any difference bound it at 1 - 0.025^(1/20) = 17 points."""
    template = np.repeat(np.arange(10), 4)
    side, item = np.tile([1.0, -1.0], 20), np.repeat(np.arange(20), 2)
    gap = paired_gap(template, side, np.repeat(np.arange(10) % 2, 4).astype(float), item=item)
    assert gap is not None
    assert gap.t_test() == 1.0
    assert gap.interval(0.95).high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_sign_flip_counts_patterns() -> None:
    """Five gaps of one sign: two of 32 patterns are as extreme."""
    assert sign_flip(np.array([0.1, 0.2, 0.3, 0.4, 0.5])) == 2 / 32
    assert sign_flip(np.zeros(5)) == 1.0
    assert sign_flip(np.array([])) == 1.0
    assert sign_flip(np.full(40, 0.1), flips=999) == 1 / 1000


def test_the_bootstrap_agrees_with_the_t_interval_on_symmetric_gaps() -> None:
    """And leans to the long tail on skewed ones."""
    generator = np.random.default_rng(1)
    symmetric = generator.normal(0.1, 0.2, 60)
    boot = cluster_bootstrap_t(symmetric)
    half = 2.001 * symmetric.std(ddof=1) / math.sqrt(60)
    assert boot.half_width == pytest.approx(half, rel=0.1)
    skewed = generator.exponential(0.2, 30)
    tail = cluster_bootstrap_t(skewed)
    assert tail.high - skewed.mean() > skewed.mean() - tail.low
    assert cluster_bootstrap_t(np.full(5, 0.25)).half_width == 0.0
