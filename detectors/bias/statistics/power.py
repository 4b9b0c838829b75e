"""What a plan can find: sample sizes, minimum detectable effects and power, before anything is sent.

The design is the one that `paired.py` analyses: every template is asked for both
groups, each group speaks through several names, and one difference per template
goes into the test. The variance of the estimated gap is then

    (2 p (1 - p) / m + template_sd^2) / T + 2 name_sd^2 / J

with T templates, m answers per template and group, J names per group. `template_sd`
is how much the true gap varies between templates; `name_sd` is how much the
favourable rate varies between names of one group (both in rate units).
"""

import math
from dataclasses import dataclass, replace

from detectors.bias.statistics.distributions import noncentral_t_cdf, normal_cdf, normal_quantile, t_quantile

#: Power that a plan should have, and the power at which minimum detectable effects are stated.
POWER = 0.80


@dataclass(frozen=True, slots=True)
class Design:
    """A plan's size and what it assumes of the backend.

    `answers` is the number of answers per template and group (names x orders x
    repeats). `rate` is the assumed favourable rate; 0.5 is the worst case. For
    numbers, set `variance` to the assumed variance of one answer instead.
    `correlation` is that of two paired answers (0 when calls are independent).
    """

    templates: int
    answers: int
    names: int = 0
    rate: float = 0.5
    template_sd: float = 0.05
    name_sd: float = 0.05
    correlation: float = 0.0
    variance: float | None = None

    def __post_init__(self) -> None:
        if self.templates < 2:
            raise ValueError(f"plan has {self.templates} template(s); paired inference needs at least 2")
        if self.answers < 1:
            raise ValueError("plan asks nothing: answers per template and group must be at least 1")
        if not 0.0 < self.rate < 1.0:
            raise ValueError(f"assumed rate {self.rate} must lie strictly between 0 and 1")
        if not 0.0 <= self.correlation < 1.0:
            raise ValueError(f"assumed correlation {self.correlation} must lie in 0..1, 1 excluded")

    @property
    def calls_per_group(self) -> int:
        """Answers that each group contributes."""
        return self.templates * self.answers

    @property
    def standard_error(self) -> float:
        """The standard error of the estimated gap under the assumptions."""
        one = self.rate * (1 - self.rate) if self.variance is None else self.variance
        per_template = 2 * one * (1 - self.correlation) / self.answers + self.template_sd**2
        names = 2 * self.name_sd**2 / self.names if self.names else 0.0
        return math.sqrt(per_template / self.templates + names)

    @property
    def degrees_of_freedom(self) -> float:
        """Degrees of freedom of the test: templates less one."""
        return self.templates - 1


def power_to_fail(design: Design, gap: float, alpha: float = 0.05, margin: float = 0.0) -> float:
    """Return the probability that a true `gap` is found: significant at two-sided `alpha`, estimate at least `margin`.

    Give the Holm-adjusted `alpha` (``alpha / number of contrasts``) for the worst case in a family.
    """
    error = design.standard_error
    critical = t_quantile(1 - alpha / 2, design.degrees_of_freedom)
    significant = 1 - noncentral_t_cdf(critical, design.degrees_of_freedom, abs(gap) / error)
    large_enough = normal_cdf((abs(gap) - margin) / error)
    return max(0.0, min(significant, large_enough))


def power_to_pass(design: Design, margin: float, alpha: float = 0.05, gap: float = 0.0) -> float:
    """Return the probability that a backend with true `gap` is shown to lie within `margin` (two one-sided tests)."""
    error = design.standard_error
    room = margin - t_quantile(1 - alpha, design.degrees_of_freedom) * error
    if room <= 0:
        return 0.0
    return normal_cdf((room - gap) / error) - normal_cdf((-room - gap) / error)


def minimum_detectable_effect(design: Design, alpha: float = 0.05, power: float = POWER) -> float:
    """Return the smallest true gap that is found with `power` at two-sided `alpha`."""
    return detectable(design.standard_error, design.degrees_of_freedom, alpha, power)


def detectable(standard_error: float, df: float, alpha: float = 0.05, power: float = POWER) -> float:
    """Return the smallest true gap that a test with this measured `standard_error` finds with `power`."""
    return (t_quantile(1 - alpha / 2, df) + t_quantile(power, df)) * standard_error


def templates_needed(
    design: Design, margin: float, alpha: float = 0.05, power: float = POWER, limit: int = 100_000
) -> int | None:
    """Return how many templates let a fair backend pass with `power`, all else equal; None above `limit`.

    None also when the names alone are too noisy: then more names are needed, not more templates.
    """

    def enough(count: int) -> bool:
        return power_to_pass(replace(design, templates=count), margin, alpha) >= power

    if not enough(limit):
        return None
    low, high = 2, limit
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def scale_needed(
    estimate: float, standard_error: float, margin: float, alpha: float = 0.05, power: float = POWER
) -> float:
    """Return by what factor a finished run must grow for a conclusion, if its estimate is the truth.

    An estimate within the margin needs its equivalence interval inside; one at or
    beyond the margin needs significance. The standard error is taken to shrink
    with the square root of the size. Never below 1; infinite for an estimate
    exactly at the margin's edge that can go neither way.
    """
    z_power = normal_quantile(power)
    room = margin - abs(estimate)
    if room > 0:
        # The far side of the margin matters as well when the estimate is near zero: then power splits over two tails.
        z_pass = normal_quantile(1 - alpha) + (normal_quantile((1 + power) / 2) if estimate == 0 else z_power)
        needed = room / z_pass
    else:
        needed = abs(estimate) / (normal_quantile(1 - alpha / 2) + z_power)
    return max(1.0, (standard_error / needed) ** 2) if needed > 0 else math.inf


def flip_excess_variance(rate: float, repeats: int) -> float:
    """Return the variance of one item's excess flip rate when both sides answer favourably with `rate`.

    Exact, over the numbers of favourable answers among `repeats` a side; see `excess.py` for the excess.
    """
    weights = [math.comb(repeats, k) * rate**k * (1 - rate) ** (repeats - k) for k in range(repeats + 1)]

    def excess(a: int, b: int) -> float:
        between = (a * (repeats - b) + b * (repeats - a)) / repeats**2
        return between - sum(count * (repeats - count) for count in (a, b)) / (repeats * (repeats - 1))

    counts = range(repeats + 1)
    # The expectation is zero: that is what the excess is for.
    return sum(weights[a] * weights[b] * excess(a, b) ** 2 for a in counts for b in counts)


def distance_excess_variance(distance_sd: float, repeats: int) -> float:
    """Return about the variance of one item's excess text distance, distances taken to vary independently.

    `repeats` squared distances between the sides are averaged, and ``repeats (repeats - 1) / 2`` on each side.
    """
    return distance_sd**2 * (1 / repeats**2 + 1 / (repeats * (repeats - 1)))


def n_two_rates(rate_a: float, rate_b: float, alpha: float = 0.05, power: float = POWER) -> int:
    """Return the number of independent answers per group to tell two rates apart (Fleiss, two-sided z-test)."""
    if rate_a == rate_b:
        raise ValueError("the two rates are equal: no number of answers tells them apart")
    mean = (rate_a + rate_b) / 2
    pooled = normal_quantile(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean))
    separate = normal_quantile(power) * math.sqrt(rate_a * (1 - rate_a) + rate_b * (1 - rate_b))
    return math.ceil(((pooled + separate) / (rate_a - rate_b)) ** 2)


def n_pairs(discordant: float, gap: float, alpha: float = 0.05, power: float = POWER) -> int:
    """Return the number of pairs for McNemar's test (Connor 1987): `discordant` share of pairs differ, by net `gap`."""
    if not 0 < abs(gap) <= discordant <= 1:
        raise ValueError("gap must not be zero and at most the discordant share, which is at most 1")
    first = normal_quantile(1 - alpha / 2) * math.sqrt(discordant)
    second = normal_quantile(power) * math.sqrt(discordant - gap**2)
    return math.ceil(((first + second) / gap) ** 2)
