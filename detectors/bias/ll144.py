"""Impact-ratio tables in the form of New York City's Local Law 144 (6 RCNY 5-300 and 5-301).

One table for sex, one for race or ethnicity, one for their intersections. Each
category has its number, its selection rate (or scoring rate: the share above the
sample's median) and its impact ratio against the category with the highest rate.
Categories under 2 % of the data may be left out of the comparison; they are
shown and marked. Persons of unknown category are counted, never compared.

These tables describe. They are no test: small categories fall below four fifths
by chance alone, and only `ContrastResult` says whether a gap is shown.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from detectors.bias.outcome import CROSS, UNKNOWN_GROUP, Observation, OutcomeKind

SMALL_SHARE = 0.02
FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """One category. `rate` and `impact_ratio` are NaN when nothing is known; `small` marks under 2 % of the data."""

    category: str
    n: int
    selected: int
    rate: float
    impact_ratio: float
    small: bool

    @property
    def below_four_fifths(self) -> bool:
        """Whether the ratio is under 0.8 (29 CFR 1607.4 D); false for small categories."""
        return not self.small and self.impact_ratio < FOUR_FIFTHS


@dataclass(frozen=True, slots=True)
class ImpactTable:
    """A table for one attribute or intersection. `scored` says that rates are scoring rates; `unknown` is a count."""

    attribute: str
    rows: tuple[ImpactRow, ...]
    scored: bool
    unknown: int
    missing: int


def impact_tables(observations: Iterable[Observation], attributes: Iterable[str]) -> tuple[ImpactTable, ...]:
    """Return a table for each of `attributes`, crossed ones (``race*sex``) included.

    An attribute that no trial has gives a table without rows.
    """
    observed = list(observations)
    return tuple(_table(observed, attribute) for attribute in attributes)


def _table(observed: list[Observation], attribute: str) -> ImpactTable:
    rows = [(g, o.outcome) for o in observed if (g := o.trial.group_of(attribute)) is not None]
    unknown = sum(UNKNOWN_GROUP in group.split(CROSS) for group, _ in rows)
    known = [(group, outcome) for group, outcome in rows if UNKNOWN_GROUP not in group.split(CROSS)]
    parsed = [(group, o.value) for group, o in known if o.value is not None]
    scored = any(o.kind is OutcomeKind.NUMBER for _, o in known)
    threshold = float(np.median([value for _, value in parsed])) if scored and parsed else math.nan
    counts: dict[str, list[bool]] = {group: [] for group in sorted({group for group, _ in known})}
    for group, value in parsed:
        counts[group].append(value > threshold if scored else value == 1.0)
    small = {group: len(hits) < SMALL_SHARE * len(parsed) for group, hits in counts.items()}
    rates = {group: sum(hits) / len(hits) if hits else math.nan for group, hits in counts.items()}
    highest = max((rate for group, rate in rates.items() if not small[group] and not math.isnan(rate)), default=0.0)
    return ImpactTable(
        attribute=attribute,
        rows=tuple(
            ImpactRow(
                group,
                len(hits),
                sum(hits),
                rates[group],
                rates[group] / highest if highest > 0 else math.nan,
                small[group],
            )
            for group, hits in counts.items()
        ),
        scored=scored,
        unknown=unknown,
        missing=len(known) - len(parsed),
    )
