"""Lever L6: thresholds by group for scored decisions (fairlearn's ThresholdOptimizer). Off unless acknowledged.

Deciding equal scores differently by group is unlawful in places: in United
States employment, 42 USC 2000e-2(l) forbids cut-offs that differ by race, colour,
religion, sex or national origin. Nothing here runs without a named person who
says on what ground it is allowed.

The optimiser also draws lots: near a threshold, equal cases are decided at
random. Every decision therefore carries the seed that reproduces it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator  # type: ignore[import-untyped]

from detectors.bias.fairness import Thresholder, fitted_thresholds

_DRAWS = 20  # how often a case is decided anew to see whether lots decide it


class Constraint(StrEnum):
    """What the thresholds make equal between groups."""

    DEMOGRAPHIC_PARITY = "demographic_parity"
    TRUE_POSITIVE_RATE_PARITY = "true_positive_rate_parity"
    FALSE_POSITIVE_RATE_PARITY = "false_positive_rate_parity"
    EQUALIZED_ODDS = "equalized_odds"


@dataclass(frozen=True, slots=True)
class LegalAcknowledgement:
    """Who answers for deciding by group, on what legal ground, and where. Goes into the audit record."""

    by: str
    ground: str
    jurisdiction: str

    def __post_init__(self) -> None:
        for part in ("by", "ground", "jurisdiction"):
            if not getattr(self, part).strip():
                raise ValueError(
                    f"group thresholds: legal acknowledgement lacks {part!r}; deciding by group is unlawful in places "
                    "(42 USC 2000e-2(l)), so a person must state who allows it, on what ground and where"
                )


@dataclass(frozen=True, slots=True)
class ThresholdDecisions:
    """Decisions (1 favourable), the seed that reproduces them, and the share that lots decided."""

    values: NDArray[np.int64] = field(repr=False)
    seed: int
    randomised: float


class _Scores(BaseEstimator):  # type: ignore[misc]
    """An estimator that is already fitted: its input is its score."""

    def fit(self, _features: object, _truth: object = None) -> "_Scores":
        """Do nothing; fairlearn asks for the method."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def decision_function(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score itself."""
        return np.asarray(features, dtype=np.float64).reshape(len(features), -1)[:, 0]


class GroupThresholds:
    """Thresholds fitted on scored cases with known group and right answer."""

    def __init__(self, fitted: Thresholder, groups: frozenset[str], acknowledgement: LegalAcknowledgement) -> None:
        self._fitted, self._groups = fitted, groups
        self.acknowledgement = acknowledgement

    @classmethod
    def fit(
        cls,
        scores: Sequence[float],
        truth: Sequence[int],
        groups: Sequence[str],
        acknowledgement: LegalAcknowledgement | None,
        constraint: Constraint = Constraint.DEMOGRAPHIC_PARITY,
        tolerance: float | None = None,
    ) -> "GroupThresholds":
        """Return thresholds that make `constraint` hold within `tolerance` (None: exactly) on these cases.

        Raises ValueError without acknowledgement, for a group without both right
        answers, and for a tolerance with equalised odds (fairlearn has none).
        """
        if acknowledgement is None:
            raise ValueError(
                "group thresholds need a legal acknowledgement (by, ground, jurisdiction): deciding equal scores "
                "differently by group is unlawful in places; without one, use blinding or ensembling"
            )
        if constraint is Constraint.EQUALIZED_ODDS and tolerance is not None:
            raise ValueError("group thresholds: a tolerance is not supported for equalized_odds; leave it out")
        answers, features = np.asarray(truth, dtype=np.int64), np.asarray(groups)
        for group in np.unique(features):
            if len(np.unique(answers[features == group])) < 2:
                raise ValueError(f"group thresholds: group {group!s} needs cases with both right answers")
        column = np.asarray(scores, dtype=np.float64).reshape(-1, 1)
        fitted = fitted_thresholds(_Scores(), column, answers, features, constraint.value, tolerance)
        return cls(fitted, frozenset(str(group) for group in features), acknowledgement)

    def decide(self, scores: Sequence[float], groups: Sequence[str], seed: int) -> ThresholdDecisions:
        """Return the decisions on cases of known groups.

        Raises ValueError for a group that was not fitted: there is no threshold for it.
        """
        unknown = sorted(set(groups) - self._groups)
        if unknown:
            raise ValueError(f"group thresholds: no threshold for group {unknown[0]!r}; fit with cases of every group")
        column, features = np.asarray(scores, dtype=np.float64).reshape(-1, 1), np.asarray(groups)
        draws = [
            self._fitted.predict(column, sensitive_features=features, random_state=seed + draw)
            for draw in range(_DRAWS)
        ]
        by_lot = np.mean(np.ptp(np.array(draws), axis=0) > 0) if len(column) else 0.0
        return ThresholdDecisions(np.asarray(draws[0], dtype=np.int64), seed, float(by_lot))
