"""Group metrics of yes/no decisions, in numpy: selection rates, parity and equalised odds.

The point estimates agree with fairlearn to 1e-12 (`tests/property/test_bias_fairness.py`).
The one difference is deliberate: a group without any positive (or negative) case
has no true (or false) positive rate. fairlearn calls it 0, which reads as "nobody
was selected"; here it is `undefined`, NaN unless told otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Method(StrEnum):
    """What groups are compared with: each other (largest with smallest), or the rate over all."""

    BETWEEN_GROUPS = "between_groups"
    TO_OVERALL = "to_overall"


class Aggregate(StrEnum):
    """How equalised odds joins its two halves."""

    WORST_CASE = "worst_case"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class GroupRates:
    """A rate per group and over all; NaN where there is no evidence. `weights` are the denominators."""

    groups: tuple[str, ...]
    rates: Floats
    overall: float
    weights: Floats

    def difference(self, method: Method = Method.BETWEEN_GROUPS) -> float:
        """Return the largest absolute difference; NaN when no group has a rate."""
        known = self.rates[~np.isnan(self.rates)]
        if not len(known):
            return float("nan")
        against = known.min() if method is Method.BETWEEN_GROUPS else self.overall
        return float(np.abs(known - against).max())

    def ratio(self, method: Method = Method.BETWEEN_GROUPS) -> float:
        """Return the smallest ratio, turned to be at most 1; NaN when it is 0 / 0 or no group has a rate."""
        known = self.rates[~np.isnan(self.rates)]
        if not len(known):
            return float("nan")
        if method is Method.BETWEEN_GROUPS:
            return float(known.min() / known.max()) if known.max() > 0 else float("nan")
        if self.overall <= 0:
            return float("nan")
        ratios = known / self.overall
        return float(np.where(ratios > 1, 1 / np.maximum(ratios, 1e-300), ratios).min())

    def impact_ratios(self) -> Floats:
        """Return each group's rate over the highest group's; NaN where a rate is NaN or all are 0."""
        highest = float(np.nanmax(self.rates)) if np.any(~np.isnan(self.rates)) else 0.0
        return self.rates / highest if highest > 0 else np.full_like(self.rates, np.nan)


def rates_by_group(
    hit: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    among: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    undefined: float = float("nan"),
) -> GroupRates:
    """Return the weighted share of `hit` by group, among the rows where `among` holds.

    All arguments have one entry per decision. `groups` names groups that must
    appear even when no decision is theirs. Raises ValueError when lengths differ
    or a weight is negative.
    """
    hits = np.asarray(hit, dtype=np.float64)
    weights = np.ones_like(hits) if weight is None else np.asarray(weight, dtype=np.float64)
    rows = np.ones(len(hits), dtype=np.bool_) if among is None else np.asarray(among, dtype=np.bool_)
    if not len(hits) == len(group) == len(weights) == len(rows):
        raise ValueError(f"{len(hits)} decisions, {len(group)} groups, {len(weights)} weights: lengths differ")
    if (weights < 0).any():
        raise ValueError("a weight below zero has no meaning")
    names = tuple(sorted(set(group) | set(groups or ())))
    place = {name: index for index, name in enumerate(names)}
    code = np.array([place[name] for name in group], dtype=np.int64)[rows]
    denominators = np.bincount(code, weights[rows], len(names)).astype(np.float64)
    numerators = np.bincount(code, (weights * hits)[rows], len(names)).astype(np.float64)
    rates = np.full(len(names), undefined)
    np.divide(numerators, denominators, out=rates, where=denominators > 0)
    total = float(denominators.sum())
    return GroupRates(names, rates, float(numerators.sum()) / total if total > 0 else undefined, denominators)


def demographic_parity_difference(
    predicted: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    method: Method = Method.BETWEEN_GROUPS,
) -> float:
    """Return the largest difference of selection rates. `predicted` is 1 where selected, else 0."""
    return rates_by_group(predicted, group, weight).difference(method)


def demographic_parity_ratio(
    predicted: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    method: Method = Method.BETWEEN_GROUPS,
) -> float:
    """Return the smallest ratio of selection rates; NaN when nobody at all is selected."""
    return rates_by_group(predicted, group, weight).ratio(method)


def equalized_odds_difference(
    truth: ArrayLike,
    predicted: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    method: Method = Method.BETWEEN_GROUPS,
    aggregate: Aggregate = Aggregate.WORST_CASE,
    undefined: float = float("nan"),
) -> float:
    """Return the larger (or mean) of the differences of true and of false positive rates.

    A half without evidence is left out; NaN when both are.
    """
    halves = [half.difference(method) for half in odds(truth, predicted, group, weight, undefined)]
    return _join(halves, aggregate, max)


def equalized_odds_ratio(
    truth: ArrayLike,
    predicted: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    method: Method = Method.BETWEEN_GROUPS,
    aggregate: Aggregate = Aggregate.WORST_CASE,
    undefined: float = float("nan"),
) -> float:
    """Return the smaller (or mean) of the ratios of true and of false positive rates; halves as above."""
    halves = [half.ratio(method) for half in odds(truth, predicted, group, weight, undefined)]
    return _join(halves, aggregate, min)


def odds(
    truth: ArrayLike,
    predicted: ArrayLike,
    group: Sequence[str],
    weight: ArrayLike | None = None,
    undefined: float = float("nan"),
) -> tuple[GroupRates, GroupRates]:
    """Return true positive rates and false positive rates by group."""
    positive = np.asarray(truth) == 1
    return (
        rates_by_group(predicted, group, weight, positive, undefined=undefined),
        rates_by_group(predicted, group, weight, ~positive, undefined=undefined),
    )


def _join(halves: list[float], aggregate: Aggregate, worst: Callable[[list[float]], float]) -> float:
    known = [half for half in halves if not np.isnan(half)]
    if not known:
        return float("nan")
    if aggregate is Aggregate.MEAN:
        return float(np.mean(known))
    return float(worst(known))
