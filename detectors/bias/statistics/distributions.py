"""Quantiles and tails of the few distributions that the inference needs. The one file that imports scipy.stats."""

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats  # type: ignore[import-untyped]

Array = NDArray[np.float64]


def normal_quantile(probability: float) -> float:
    """Return z with P(Z <= z) = `probability`."""
    return float(special.ndtri(probability))


def normal_cdf(z: float) -> float:
    """Return P(Z <= `z`)."""
    return float(special.ndtr(z))


def t_quantile(probability: float, df: float) -> float:
    """Return t with P(T <= t) = `probability` under Student's t with `df` degrees of freedom."""
    return float(special.stdtrit(df, probability))


def t_two_sided_p(t: float, df: float) -> float:
    """Return P(|T| >= |t|) under Student's t with `df` degrees of freedom."""
    return float(2.0 * special.stdtr(df, -abs(t)))


def noncentral_t_cdf(t: float, df: float, shift: float) -> float:
    """Return P(T <= `t`) under the noncentral t with `df` degrees of freedom and noncentrality `shift`."""
    value = float(stats.nct.cdf(t, df, shift))
    # scipy's series underflows to NaN far out in the tails, where the normal limit is exact to 1e-6.
    return value if np.isfinite(value) else normal_cdf(t - shift)


def log_beta(a: float, b: float) -> float:
    """Return the logarithm of the beta function."""
    return float(special.betaln(a, b))


def log_beta_array(a: Array, b: Array) -> Array:
    """Return the logarithm of the beta function, elementwise."""
    return np.asarray(special.betaln(a, b), dtype=np.float64)


def binomial_two_sided_p(successes: int, trials: int) -> float:
    """Return the exact two-sided p-value of `successes` in `trials` fair coin tosses; 1.0 for no trials."""
    if trials == 0:
        return 1.0
    extreme = max(successes, trials - successes)
    return min(1.0, 2.0 * float(special.bdtrc(extreme - 1, trials, 0.5))) if extreme > 0 else 1.0


def chi_square_p(statistic: float, df: int) -> float:
    """Return P(X >= `statistic`) under chi-square with `df` degrees of freedom."""
    return float(special.chdtrc(df, statistic))


def binomial_quantile(probability: float, trials: int, share: float) -> int:
    """Return the smallest count k with P(X <= k) >= `probability` for X binomial."""
    return int(stats.binom.ppf(probability, trials, share))
