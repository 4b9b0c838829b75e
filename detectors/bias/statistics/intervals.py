"""Intervals for single rates, for differences and for ratios of independent rates. Pure functions.

These serve descriptive tables (one row per group). Verdicts rest on the paired,
clustered inference of `paired.py`, because answers to one template are not
independent.
"""

import math

from detectors.bias.outcome import Interval
from detectors.bias.statistics.distributions import normal_quantile


def wilson(successes: float, trials: float, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a rate (Wilson 1927); the whole of 0..1 for no trials.

    Raises ValueError when `successes` does not lie in ``0..trials``.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials is impossible")
    if trials == 0:
        return Interval(0.0, 1.0, level)
    z = normal_quantile((1 + level) / 2)
    rate = successes / trials
    centre = rate + z * z / (2 * trials)
    spread = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # At 0 and at `trials` the ends are exactly 0 and 1; rounding must not move them.
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return Interval(low, high, level)


def newcombe(successes_a: float, trials_a: float, successes_b: float, trials_b: float, level: float = 0.95) -> Interval:
    """Return the hybrid-score interval of rate A minus rate B, independent samples (Newcombe 1998, method 10)."""
    if trials_a == 0 or trials_b == 0:
        return Interval(-1.0, 1.0, level)
    a, b = wilson(successes_a, trials_a, level), wilson(successes_b, trials_b, level)
    rate_a, rate_b = successes_a / trials_a, successes_b / trials_b
    gap = rate_a - rate_b
    low = gap - math.hypot(rate_a - a.low, b.high - rate_b)
    high = gap + math.hypot(a.high - rate_a, rate_b - b.low)
    return Interval(low, high, level)


def katz(successes_a: float, trials_a: float, successes_b: float, trials_b: float, level: float = 0.95) -> Interval:
    """Return the log interval of rate A divided by rate B (Katz 1978); ``0..inf`` when a side has no success."""
    if min(successes_a, successes_b, trials_a, trials_b) <= 0:
        return Interval(0.0, math.inf, level)
    z = normal_quantile((1 + level) / 2)
    ratio = (successes_a / trials_a) / (successes_b / trials_b)
    spread = z * math.sqrt(1 / successes_a - 1 / trials_a + 1 / successes_b - 1 / trials_b)
    return Interval(ratio * math.exp(-spread), ratio * math.exp(spread), level)
