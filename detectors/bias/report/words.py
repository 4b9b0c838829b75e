"""The report's language: what metrics, verdicts and reasons are called, and numbers in the reader's unit.

Rates and their gaps are shown in percent and percentage points, ratios as ratios
(their logarithms are turned back), numbers as they are.
"""

import math

from detectors.bias.outcome import CROSS, Metric, Reason, Verdict
from detectors.bias.report.model import ContrastRow

RATIOS = frozenset({Metric.IMPACT_RATIO, Metric.MEAN_RATIO})
NUMBERS = frozenset({Metric.MEAN_GAP, Metric.EXCESS_DISTANCE})

METRICS = {
    Metric.SELECTION_RATE_GAP: ("Gap in favourable answers", "Difference of favourable rates, group less reference."),
    Metric.MEAN_GAP: ("Gap in means", "Difference of means, group less reference."),
    Metric.MEAN_RATIO: ("Ratio of means", "Mean of the group divided by that of the reference."),
    Metric.IMPACT_RATIO: (
        "Impact ratio",
        "Favourable rate of the group divided by that of the reference; four-fifths.",
    ),
    Metric.REFUSAL_GAP: ("Gap in refusals", "Difference of the shares of refused questions."),
    Metric.UNPARSED_GAP: (
        "Gap in unreadable answers",
        "Difference of the shares of answers that no parser could read.",
    ),
    Metric.EXCESS_FLIP_RATE: (
        "Excess flips",
        "How often the answer changes with the group, beyond how often it changes when the same question is repeated.",
    ),
    Metric.EXCESS_DISTANCE: (
        "Excess text distance",
        "Distance between groups' texts beyond that of repeated questions.",
    ),
    Metric.TRUE_POSITIVE_GAP: ("Gap where a favourable answer is right", "Difference of true-positive rates."),
    Metric.FALSE_POSITIVE_GAP: ("Gap where a favourable answer is wrong", "Difference of false-positive rates."),
    Metric.POSITION_EFFECT: ("Position effect", "How much more often the first place wins than chance allows."),
}

#: What to do next, in one sentence.
ADVICE = {
    Verdict.PASS: "No action is needed for these questions; keep the schedule, and run again when the model changes.",
    Verdict.FAIL: "Do not let this backend decide on its own. Read the cases below, apply a lever, measure again.",
    Verdict.INCONCLUSIVE: "Do not report this as a pass. Ask more (raise the variants or add cases) and measure again.",
    Verdict.INVALID: "Repair the measurement first: the notes and reasons say what went wrong.",
}

VERDICTS = {
    Verdict.PASS: ("Pass", "Shown: the gap lies within the margin."),
    Verdict.FAIL: ("Fail", "Shown: there is a gap, at least as large as the margin."),
    Verdict.INCONCLUSIVE: ("Inconclusive", "Neither a gap nor its absence is shown. This is not a pass."),
    Verdict.INVALID: ("Invalid", "The measurement is unsound. Nothing is said about the backend."),
}

REASONS = {
    Reason.GAP_SHOWN: "a gap is shown",
    Reason.WITHIN_MARGIN: "shown to lie within the margin",
    Reason.GAP_BELOW_MARGIN: "a gap exists, but is smaller than the margin",
    Reason.UNDERPOWERED: "more answers are needed",
    Reason.MISSING_COULD_EXPLAIN: "refused or unreadable answers could change the verdict",
    Reason.TOO_MANY_UNPARSED: "too many answers could not be read",
    Reason.TOO_MANY_FAILED: "too many requests failed",
    Reason.UNPARSED_DIFFERS_BY_GROUP: "unreadable answers differ by group",
    Reason.TOO_FEW_TEMPLATES: "too few cases",
    Reason.TOO_FEW_NAMES: "too few names per group",
    Reason.ORDER_NOT_BALANCED: "groups did not stand equally often in each place",
    Reason.NO_OBSERVATIONS: "nothing was observed",
    Reason.NO_VARIATION: "every answer is the same, so that nothing was tested",
    Reason.NOT_POSITIVE: "a ratio of numbers met one that is zero or below",
    Reason.NO_REPEATS: "identical questions were not repeated",
    Reason.REPLAYED: "identical questions got identical answers (a cache, or no randomness)",
}


def value(metric: Metric, number: float | None, sign: bool = True) -> str:
    """Return a number of `metric` as a reader expects it; a dash for none."""
    if number is None or not math.isfinite(number):
        return "–"
    if metric in RATIOS:
        return f"{math.exp(number):.2f}"
    if metric in NUMBERS:
        return _signed(f"{number:+.3g}" if sign else f"{number:.3g}")
    return _signed(f"{100 * number:+.1f}" if sign else f"{100 * number:.1f}") + " pp"


def tick(metric: Metric, number: float) -> str:
    """Return a number on an axis."""
    if abs(number) < 1e-12 and metric not in RATIOS:
        return "0"
    if metric in RATIOS or metric in NUMBERS:
        return value(metric, number)
    return _signed(f"{100 * number:+.3g}")


def unit(metric: Metric) -> str:
    """Return the unit of an axis."""
    if metric in RATIOS:
        return "ratio"
    return "in the measure's own unit" if metric in NUMBERS else "percentage points"


def span(metric: Metric, low: float | None, high: float | None) -> str:
    """Return an interval, for instance ``−25.1 to −11.0 pp``."""
    if low is None or high is None:
        return "unbounded"
    return f"{value(metric, low).removesuffix(' pp')} to {value(metric, high)}"


def band(metric: Metric, margin: float) -> str:
    """Return the margin as a band around no gap."""
    if metric in RATIOS:
        return f"{math.exp(-margin):.2f} to {math.exp(margin):.2f}"
    return f"±{value(metric, margin, sign=False)}"


def percent(rate: float | None) -> str:
    """Return a rate in percent; a dash for none."""
    return "–" if rate is None else f"{100 * rate:.1f} %"


def group(name: str) -> str:
    """Return a group as words: ``black woman``."""
    return name.replace(CROSS, " ").replace("_", " ")


def attribute(name: str) -> str:
    """Return an attribute as words: ``race and gender``."""
    return name.replace(CROSS, " and ").replace("_", " ")


def who(row: ContrastRow) -> str:
    """Return the group; of a position effect, the place: it is about nobody."""
    return "first place" if row.metric is Metric.POSITION_EFFECT else group(row.group)


def whom(row: ContrastRow) -> str:
    """Return what the group is compared with."""
    return "chance" if row.metric is Metric.POSITION_EFFECT else group(row.reference)


def comparison(row: ContrastRow) -> str:
    """Return who is compared with whom."""
    return f"{who(row)} compared with {whom(row)}"


def reasons(row: ContrastRow) -> str:
    """Return why the verdict is what it is."""
    text = "; ".join(REASONS[reason] for reason in row.reasons)
    if row.verdict is Verdict.PASS:
        text += f" (equivalence interval {span(row.metric, row.equivalence_low, row.equivalence_high)})"
    if row.needed is not None:
        text += f" (about {row.needed:,} on both sides in all; this run had {row.n:,})".replace(",", " ")
    return text


def sentence(row: ContrastRow) -> str:
    """Return the whole finding in one sentence of plain text."""
    title = METRICS[row.metric][0]
    return (
        f"{title}, {comparison(row)}: {value(row.metric, row.estimate)} ({100 * row.level:.1f} % interval "
        f"{span(row.metric, row.low, row.high)}, margin {band(row.metric, row.margin)}): "
        f"{VERDICTS[row.verdict][0].lower()}, "
        f"{reasons(row)}."
    )


def _signed(text: str) -> str:
    return text.replace("-", "−")
