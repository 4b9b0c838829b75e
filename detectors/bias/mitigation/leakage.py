"""How much of the group still shows in blinded prompts: a classifier tries to tell it.

Character n-grams and a logistic regression, trained on some templates and asked
about others. An area under the curve of 0.5 is blindness; an interval that does
not contain 0.5 means that proxies remain. The one file that imports scikit-learn
(fairlearn brings it).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]

from detectors.bias.outcome import Interval
from detectors.bias.statistics.table import Floats


@dataclass(frozen=True, slots=True)
class Leakage:
    """The area under the ROC curve of "which group?", its interval over templates, and whether the group shows."""

    auc: float
    interval: Interval
    prompts: int
    templates: int

    @property
    def leaks(self) -> bool:
        """Whether 0.5 lies below the interval. (Below 0.5 is chance: with few templates the folds disagree.)"""
        return self.interval.low > 0.5


def leakage(
    prompts: Sequence[str],
    is_group: Sequence[bool],
    templates: Sequence[str],
    level: float = 0.95,
    folds: int = 5,
    draws: int = 999,
    seed: int = 0,
) -> Leakage:
    """Return how well a classifier tells the group from blinded prompts of templates it has not seen.

    All arguments have one entry per prompt. Raises ValueError with fewer than two
    templates, or when only one group is present: then nothing can be learnt.
    """
    label = np.array(is_group, dtype=np.int64)
    names = sorted(set(templates))
    place = {name: index for index, name in enumerate(names)}
    cluster = np.array([place[name] for name in templates], dtype=np.int64)
    if len(names) < 2 or len(np.unique(label)) < 2:
        raise ValueError(f"leakage needs two groups and two templates, got {len(names)} template(s)")
    scores = _scores(list(prompts), label, cluster, min(folds, len(names)))
    auc = _auc(scores, label)
    return Leakage(auc, _interval(scores, label, cluster, level, draws, seed), len(prompts), len(names))


def _scores(prompts: list[str], label: NDArray[np.int64], cluster: NDArray[np.int64], folds: int) -> Floats:
    """Return each prompt's score by a model that saw none of its template; ranks within each fold."""
    scores = np.full(len(prompts), 0.5)
    for train, test in GroupKFold(folds).split(prompts, label, cluster):
        if len(np.unique(label[train])) < 2:
            continue
        # Pairs differ in little, so regularisation is weak; character n-grams also see parts of names.
        model = make_pipeline(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
            LogisticRegression(C=100.0, max_iter=1000),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that stops early is still a fair attempt
            model.fit([prompts[i] for i in train], label[train])
            found = model.decision_function([prompts[i] for i in test])
        # Rounding keeps equal prompts at equal scores; folds differ in offset, so scores are centred within each.
        scores[test] = np.round(found - np.median(found), 9)
    return scores


def _auc(scores: Floats, label: NDArray[np.int64], weight: NDArray[np.int64] | None = None) -> float:
    """Return the (weighted) share of pairs in which the group scores above the reference; ties count half."""
    w = np.ones(len(scores)) if weight is None else weight.astype(np.float64)
    values, place = np.unique(scores, return_inverse=True)
    positive = np.bincount(place, w * (label == 1), len(values))
    negative = np.bincount(place, w * (label == 0), len(values))
    below = np.concatenate([[0.0], np.cumsum(negative)[:-1]])
    total = positive.sum() * negative.sum()
    return float((positive * (below + negative / 2)).sum() / total) if total > 0 else 0.5


def _interval(
    scores: Floats, label: NDArray[np.int64], cluster: NDArray[np.int64], level: float, draws: int, seed: int
) -> Interval:
    """Return the percentile interval over templates drawn with replacement."""
    count = int(cluster.max()) + 1
    generator = np.random.default_rng([seed, count])
    areas = []
    for _ in range(draws):
        times = np.bincount(generator.integers(0, count, count), minlength=count)
        areas.append(_auc(scores, label, times[cluster]))
    low, high = np.quantile(areas, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)
