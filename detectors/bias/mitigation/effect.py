"""Whether a lever helped: the same held-out questions before and after it, and what it cost.

The verdict is about the absolute gap, with a bootstrap over templates that keeps
before and after together. A lever that turns a gap around has not helped: a
significant gap of the other sign is *worsened*, however small the difference of
sizes.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from detectors.bias.outcome import Contrast, ContrastResult, Interval, OutcomeKind
from detectors.bias.statistics.judge import Rules, judge_tables
from detectors.bias.statistics.table import Floats, Table

#: Resamples of templates behind an interval.
DRAWS = 4_999


class LeverVerdict(StrEnum):
    """What a before-and-after comparison shows."""

    IMPROVED = "improved"
    NOT_SHOWN = "not shown"
    WORSENED = "worsened"


@dataclass(frozen=True, slots=True)
class LeverEffect:
    """A lever's effect on one contrast, and its costs.

    `reduction` is |gap before| - |gap after| with its `interval`. `utility` is the
    change of accuracy against the templates' right answers (NaN without labels),
    `refusals` the change of the refusal rate, `calls` the calls per question.
    `over_corrected` says that a gap of the other sign is shown.
    """

    lever: str
    before: ContrastResult
    after: ContrastResult
    reduction: float
    interval: Interval
    verdict: LeverVerdict
    over_corrected: bool
    utility: float
    utility_interval: Interval
    refusals: float
    calls: float = 1.0


def lever_effects(
    lever: str,
    before: Mapping[str, Table],
    after: Mapping[str, Table],
    contrasts: Sequence[Contrast],
    rules: Rules | None = None,
    calls: float = 1.0,
    draws: int = DRAWS,
) -> tuple[LeverEffect, ...]:
    """Compare two runs over the same templates, from tables by attribute.

    Contrasts of a family share one error rate, before, after and in the
    difference: of two dozen contrasts one would seem to change by chance alone.
    Raises ValueError when the runs share fewer than two templates that both
    answered for both groups: then nothing can be said about the lever.
    """
    rules = rules or Rules()
    size = Counter(contrast.family for contrast in contrasts)
    return tuple(
        _effect(lever, first, second, (before[c.attribute], after[c.attribute]), rules, size[c.family], calls, draws)
        for c, first, second in zip(
            contrasts, judge_tables(before, contrasts, rules), judge_tables(after, contrasts, rules), strict=True
        )
    )


def lever_effect(
    lever: str,
    before: Table,
    after: Table,
    contrast: Contrast,
    rules: Rules | None = None,
    calls: float = 1.0,
    draws: int = DRAWS,
) -> LeverEffect:
    """As `lever_effects`, for a contrast that is a family of its own."""
    old, new = {contrast.attribute: before}, {contrast.attribute: after}
    return lever_effects(lever, old, new, (contrast,), rules, calls, draws)[0]


def _effect(
    lever: str,
    first: ContrastResult,
    second: ContrastResult,
    tables: tuple[Table, Table],
    rules: Rules,
    family: int,
    calls: float,
    draws: int,
) -> LeverEffect:
    old, new = dict(first.template_gaps), dict(second.template_gaps)
    shared = sorted(old.keys() & new.keys())
    if len(shared) < 2:
        raise ValueError(f"lever {lever}: the runs before and after share {len(shared)} templates; 2 are needed")
    gaps = np.array([[old[t], new[t]] for t in shared])
    reduction = abs(float(gaps[:, 0].mean())) - abs(float(gaps[:, 1].mean()))
    interval = _reduction_interval(gaps, 1 - rules.alpha / family, draws, rules.seed)
    over_corrected = second.p_adjusted <= rules.alpha and first.estimate * second.estimate < 0
    change, utility_interval = _utility(*tables, 1 - rules.alpha, draws, rules.seed)
    if over_corrected or interval.high < 0:
        verdict = LeverVerdict.WORSENED
    elif interval.low > 0:
        verdict = LeverVerdict.IMPROVED
    else:
        verdict = LeverVerdict.NOT_SHOWN
    refusals = _refusal_rate(tables[1]) - _refusal_rate(tables[0])
    return LeverEffect(
        lever, first, second, reduction, interval, verdict, over_corrected, change, utility_interval, refusals, calls
    )


def _reduction_interval(gaps: Floats, level: float, draws: int, seed: int) -> Interval:
    """Return the percentile interval of |mean before| - |mean after|; `gaps` has shape ``(templates, 2)``."""
    count = len(gaps)
    chosen = np.random.default_rng([seed, count]).integers(0, count, size=(draws, count))
    means = np.abs(gaps[chosen].mean(axis=1))
    low, high = np.quantile(means[:, 0] - means[:, 1], [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def _utility(before: Table, after: Table, level: float, draws: int, seed: int) -> tuple[float, Interval]:
    """Return the change of accuracy by template, with its bootstrap interval; NaN when nothing is labelled."""
    old, new = _accuracy(before), _accuracy(after)
    shared = sorted(old.keys() & new.keys())
    if not shared:
        return math.nan, Interval(-1.0, 1.0, level)
    changes = np.array([new[t] - old[t] for t in shared])
    chosen = np.random.default_rng([seed, len(shared)]).integers(0, len(shared), size=(draws, len(shared)))
    low, high = np.quantile(changes[chosen].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(changes.mean()), Interval(float(low), float(high), level)


def _accuracy(table: Table) -> dict[str, float]:
    """Return the share of right answers by template; refusals and unparsed answers are not right."""
    labelled = table.label >= 0
    right = np.equal(table.value, table.label)
    return {
        table.templates[t]: float(right[labelled & (table.template == t)].mean())
        for t in np.unique(table.template[labelled])
    }


def _refusal_rate(table: Table) -> float:
    answered = ~table.is_kind(OutcomeKind.FAILED)
    return float(table.is_kind(OutcomeKind.REFUSAL)[answered].mean()) if answered.any() else math.nan
