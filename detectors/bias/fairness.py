"""Group tables by fairlearn. The one file that imports it (`mitigation/thresholds.py` goes through here).

fairlearn gives point metrics and tables. Its bootstrap intervals of "largest
minus smallest group" are not used anywhere: they exclude zero for a fair backend
almost always, because a maximum of differences is never negative.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from fairlearn import metrics as fairlearn  # type: ignore[import-untyped]
from fairlearn.postprocessing import ThresholdOptimizer  # type: ignore[import-untyped]
from numpy.typing import NDArray

from detectors.bias.outcome import Interval, Observation, OutcomeKind
from detectors.bias.statistics.intervals import wilson
from detectors.bias.statistics.table import Ints


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group's line in a report. Rates are NaN without evidence; `impact_ratio` is against the highest group.

    `asked` counts trials, `parsed` those with a value. `domain` is empty for the
    line over all domains. `true_positive_rate` and `false_positive_rate` need labels.
    """

    attribute: str
    group: str
    domain: str
    asked: int
    parsed: int
    refused: int
    unparsed: int
    failed: int
    selection_rate: float
    interval: Interval
    impact_ratio: float
    true_positive_rate: float
    false_positive_rate: float


@dataclass(frozen=True, slots=True)
class Parity:
    """fairlearn's summary of one attribute. NaN where it needs labels and there are none."""

    attribute: str
    demographic_parity_difference: float
    demographic_parity_ratio: float
    equalized_odds_difference: float
    equalized_odds_ratio: float


def group_rows(observations: Iterable[Observation], attribute: str, domain: str = "") -> tuple[GroupRow, ...]:
    """Return one row per group of `attribute`, for one domain or, by default, for all together.

    Numbers count as selected above the median of all (the scoring rate of NYC
    Local Law 144); choices and rankings count their value, 1.0 being selected.
    """
    rows = [
        (group, observation)
        for observation in observations
        if (group := observation.trial.group_of(attribute)) is not None and domain in ("", observation.trial.domain)
    ]
    parsed = [(g, o) for g, o in rows if o.outcome.kind.parsed]
    selected = _selected([o for _, o in parsed])
    labels = [o.trial.label for _, o in parsed]
    rates = _by_group(selected, [g for g, _ in parsed], labels)
    highest = max((r[0] for r in rates.values() if not math.isnan(r[0])), default=0.0)
    found = []
    for group in sorted({g for g, _ in rows}):
        kinds = [o.outcome.kind for g, o in rows if g == group]
        rate, true_positive, false_positive = rates.get(group, (math.nan, math.nan, math.nan))
        count = sum(kind.parsed for kind in kinds)
        found.append(
            GroupRow(
                attribute,
                group,
                domain,
                len(kinds),
                count,
                kinds.count(OutcomeKind.REFUSAL),
                kinds.count(OutcomeKind.UNPARSED),
                kinds.count(OutcomeKind.FAILED),
                rate,
                wilson(rate * count, count) if count else Interval(0.0, 1.0),
                rate / highest if highest > 0 else math.nan,
                true_positive,
                false_positive,
            )
        )
    return tuple(found)


def parity(observations: Iterable[Observation], attribute: str) -> Parity:
    """Return fairlearn's parity metrics of the parsed outcomes."""
    parsed = [
        (group, o) for o in observations if o.outcome.kind.parsed and (group := o.trial.group_of(attribute)) is not None
    ]
    if not parsed:
        return Parity(attribute, math.nan, math.nan, math.nan, math.nan)
    groups = [g for g, _ in parsed]
    selected = _selected([o for _, o in parsed])
    labelled = np.array([o.trial.label is not None for _, o in parsed])
    truth = np.array([o.trial.label or 0 for _, o in parsed])
    # As a dictionary, because fairlearn squeezes a bare array of one row to none and fails.
    features = {"group": np.array(groups)}
    difference = fairlearn.demographic_parity_difference(truth, selected, sensitive_features=features)
    ratio = fairlearn.demographic_parity_ratio(truth, selected, sensitive_features=features)
    odds_difference = odds_ratio = math.nan
    if labelled.any():
        chosen = (truth[labelled], selected[labelled])
        features = {"group": np.array(groups)[labelled]}
        odds_difference = fairlearn.equalized_odds_difference(*chosen, sensitive_features=features)
        odds_ratio = fairlearn.equalized_odds_ratio(*chosen, sensitive_features=features)
    return Parity(attribute, float(difference), float(ratio), float(odds_difference), float(odds_ratio))


def _selected(observations: Sequence[Observation]) -> Ints:
    """Return 1 where an outcome counts as selected, else 0."""
    values = np.array([o.outcome.value for o in observations], dtype=np.float64)
    if any(o.outcome.kind is OutcomeKind.NUMBER for o in observations):
        return (values > np.median(values)).astype(np.int64)
    return np.equal(values, 1.0).astype(np.int64)


def _by_group(
    selected: Ints, groups: Sequence[str], labels: Sequence[int | None]
) -> dict[str, tuple[float, float, float]]:
    """Return selection, true positive and false positive rate of each group, from a MetricFrame."""
    if not len(selected):
        return {}
    features = np.array(groups)
    frame = fairlearn.MetricFrame(
        metrics=fairlearn.selection_rate, y_true=selected, y_pred=selected, sensitive_features={"group": features}
    )
    rates = {str(group): float(rate) for group, rate in frame.by_group.items()}
    return {group: (rate, *_odds(selected, features, labels, group)) for group, rate in rates.items()}


def _odds(selected: Ints, features: NDArray[np.str_], labels: Sequence[int | None], group: str) -> tuple[float, float]:
    """Return the two rates of `group`; NaN where no case has that label (fairlearn would say 0)."""
    truth = np.array([-1 if label is None else label for label in labels])
    own = features == group

    def rate(metric: object, label: int) -> float:
        rows = own & (truth == label)
        assert callable(metric)
        return float(metric(truth[rows], selected[rows], pos_label=1)) if rows.any() else math.nan

    return rate(fairlearn.true_positive_rate, 1), rate(fairlearn.false_positive_rate, 0)


def oracle(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    group: Sequence[str],
    weight: NDArray[np.float64] | None,
    method: str,
) -> tuple[float, float, float, float, float, float]:
    """Return fairlearn's numbers, for comparison with `group_metrics`.

    In order: difference and ratio of selection rates, of true positive rates, of
    false positive rates. `method` is ``between_groups`` or ``to_overall``.
    """
    features = {"group": np.array(group)}
    numbers = []
    for metric in (fairlearn.selection_rate, fairlearn.true_positive_rate, fairlearn.false_positive_rate):
        frame = fairlearn.MetricFrame(
            metrics=metric,
            y_true=truth,
            y_pred=predicted,
            sensitive_features=features,
            sample_params={"sample_weight": weight},
        )
        numbers += [float(frame.difference(method=method)), float(frame.ratio(method=method))]
    first, second, third, fourth, fifth, sixth = numbers
    return first, second, third, fourth, fifth, sixth


class Thresholder(Protocol):
    """A fitted fairlearn ThresholdOptimizer, as far as it is used here."""

    def predict(
        self, scores: NDArray[np.float64], /, *, sensitive_features: NDArray[np.str_], random_state: int
    ) -> NDArray[np.int64]: ...  # fmt: skip


def fitted_thresholds(
    estimator: object,
    scores: NDArray[np.float64],
    truth: NDArray[np.int64],
    features: NDArray[np.str_],
    constraint: str,
    tolerance: float | None,
) -> Thresholder:
    """Return fairlearn's group thresholds on the scores of a fitted `estimator` (see `mitigation/thresholds.py`)."""
    optimizer = ThresholdOptimizer(
        estimator=estimator, constraints=constraint, prefit=True, predict_method="decision_function", tol=tolerance
    )
    fitted: Thresholder = optimizer.fit(scores, truth, sensitive_features=features)
    return fitted
