"""Two reports side by side: before and after a change."""

import math
from dataclasses import dataclass

from detectors.bias.outcome import Metric, Verdict
from detectors.bias.report import words
from detectors.bias.report.model import ContrastRow, Report
from detectors.bias.statistics.distributions import t_quantile


@dataclass(frozen=True, slots=True)
class Change:
    """One contrast in both reports; None where one of them lacks it.

    `shift` is |estimate after| - |estimate before|, of an impact ratio in rates:
    below zero is better. `low` and `high` bound it, jointly for the contrasts of a
    family (per-case differences; NaN without shared cases).
    `change` is ``improved``, ``worsened``, ``not shown`` or ``incomparable``.
    """

    id: str
    before: ContrastRow | None
    after: ContrastRow | None
    shift: float
    low: float
    high: float
    change: str


def compare(before: Report, after: Report) -> tuple[Change, ...]:
    """Return every contrast of either report, in the order of `before`."""
    old = {row.id: row for row in before.contrasts}
    new = {row.id: row for row in after.contrasts}
    alpha = max(before.suite.alpha, after.suite.alpha)
    return tuple(_change(key, old.get(key), new.get(key), alpha) for key in dict.fromkeys([*old, *new]))


def worst(changes: tuple[Change, ...]) -> Verdict:
    """Return fail when a contrast worsened, invalid when nothing can be compared, pass when something improved, else
    inconclusive.
    """
    kinds = {change.change for change in changes}
    if "worsened" in kinds:
        return Verdict.FAIL
    if kinds <= {"incomparable"}:
        return Verdict.INVALID
    return Verdict.PASS if "improved" in kinds else Verdict.INCONCLUSIVE


def render(changes: tuple[Change, ...]) -> str:
    """Return a table as plain text."""
    lines = []
    for change in changes:
        row = change.after or change.before
        assert row is not None
        sides = [words.value(row.metric, r.estimate) if r else "–" for r in (change.before, change.after)]
        verdicts = [str(r.verdict) if r else "–" for r in (change.before, change.after)]
        lines.append(
            f"{change.change:<13} {words.comparison(row):<44} {row.measure}.{row.metric:<22} "
            f"{sides[0]:>10} -> {sides[1]:<10} {verdicts[0]} -> {verdicts[1]}"
        )
    return "\n".join(lines) + "\n"


def _change(key: str, before: ContrastRow | None, after: ContrastRow | None, alpha: float) -> Change:
    nan = math.nan
    if before is None or after is None or before.estimate is None or after.estimate is None:
        return Change(key, before, after, nan, nan, nan, "incomparable")
    old = {dot.case: dot.gap for dot in before.dots}
    pairs = [(old[dot.case], dot.gap) for dot in after.dots if dot.case in old]
    shift = abs(after.estimate) - abs(before.estimate)
    if len(pairs) < 2:
        return Change(key, before, after, shift, nan, nan, "incomparable")
    # A gap that changed its sign and is significant is an over-correction, whatever its size.
    flipped = before.estimate * after.estimate < 0 and after.p_adjusted <= alpha
    differences = [math.copysign(1, after.estimate) * n - math.copysign(1, before.estimate) * o for o, n in pairs]
    mean = math.fsum(differences) / len(pairs)
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (len(pairs) - 1) / len(pairs))
    if after.metric is Metric.IMPACT_RATIO:  # its cases are gaps in rates, and its estimate is a logarithm
        shift = abs(math.fsum(n for _, n in pairs) / len(pairs)) - abs(math.fsum(o for o, _ in pairs) / len(pairs))
    # A row's level is that of its family: of two dozen contrasts one would seem to change by chance alone.
    half = t_quantile((1 + max(before.level, after.level)) / 2, len(pairs) - 1) * spread
    low, high = shift - half, shift + half
    better = "improved" if high < 0 else "not shown"
    return Change(key, before, after, shift, low, high, "worsened" if flipped or low > 0 else better)
