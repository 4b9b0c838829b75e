"""Intervals of rates, differences and ratios: printed examples and ends."""

import math

import pytest

from detectors.bias.statistics.intervals import katz, newcombe, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_examples(successes: int, trials: int, low: float, high: float) -> None:
    """Four worked examples, to the printed digit."""
    interval = wilson(successes, trials)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0000),
    ],
)
def test_newcombe_gives_the_published_examples(a: int, n: int, b: int, m: int, low: float, high: float) -> None:
    """Three worked examples, to the printed digit."""
    interval = newcombe(a, n, b, m)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_nothing_asked_means_nothing_known() -> None:
    """Without trials the interval is everything, not a point."""
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert (newcombe(0, 0, 3, 5).low, newcombe(0, 0, 3, 5).high) == (-1.0, 1.0)
    assert katz(0, 10, 5, 10).high == math.inf


def test_impossible_counts_are_refused() -> None:
    """More successes than trials is a caller's error and says so."""
    with pytest.raises(ValueError, match="impossible"):
        wilson(6, 5)


def test_katz_contains_the_ratio_and_is_symmetric_in_logs() -> None:
    """Swapping the sides inverts the interval."""
    forward, backward = katz(30, 50, 40, 50), katz(40, 50, 30, 50)
    assert 0.75 in forward
    assert forward.low == pytest.approx(1 / backward.high)
