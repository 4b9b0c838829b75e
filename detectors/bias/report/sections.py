"""The tables of the HTML report: answers by group, noise, places, impact ratios, limits, method."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from detectors.bias.ll144 import FOUR_FIFTHS
from detectors.bias.outcome import Metric
from detectors.bias.parse import letter
from detectors.bias.report import words
from detectors.bias.report.model import GroupFacts, Report
from detectors.bias.statistics.intervals import newcombe

#: What no report of this kind shows, whatever its verdict. The suite adds its own.
LIMITS = (
    "It compares answers to prepared questions. It is no proof about traffic that looks different.",
    "A pass says that gaps are within the margins that the suite declared, not that there are none.",
    "Only the attributes above were varied. Others may be treated unequally.",
    "Equal treatment of groups is not correct treatment of anybody.",
    "It holds for the backend, model version and settings named above. When they change, run it again.",
    "Where a gateway redacts names on the way, it shows what callers get, not what the model would do with the names.",
    "It is a measurement, not legal advice.",
)


def answers(report: Report) -> str:
    """Refusals and unreadable answers by group: who is refused more often is treated worse."""
    parts = [
        "<section><h2>Answers by group</h2><p class='small soft'>Refused and unreadable answers are outcomes of "
        "their own. "
        "Intervals are Wilson's, for one rate at a time: read gaps off the plots above, not off this table. Refusals "
        "beside the reference's: difference with Newcombe's interval, as if all answers were independent.</p>"
    ]
    references = {row.attribute: row.reference for row in report.contrasts}
    numeric = {row.measure for row in report.contrasts if row.metric in (Metric.MEAN_GAP, Metric.MEAN_RATIO)}
    for (measure, attribute), grouped in groupby(report.groups, key=lambda g: (g.measure, g.attribute)):
        rows = tuple(grouped)
        scoring = measure in numeric
        lines = [
            (
                words.group(g.group),
                str(g.asked),
                f"{g.refused} ({words.percent(g.refused / g.asked)})" if g.asked else "0",
                _beside(g, next((r for r in rows if r.group == references.get(attribute)), None)),
                f"{g.unparsed} ({words.percent(g.unparsed / g.asked)})" if g.asked else "0",
                str(g.failed),
                words.percent(g.rate),
                f"{words.percent(g.low)} to {words.percent(g.high)}" if g.parsed else "–",
            )
            for g in rows
        ]
        head = (
            "Group",
            "Asked",
            "Refused",
            "Beside reference",
            "Unreadable",
            "Failed",
            "Above median" if scoring else "Favourable",
            "95 % interval",
        )
        parts.append(f"<h3>{escape(words.attribute(attribute))} · {escape(measure)}</h3>{_table(head, lines)}")
    return "".join(parts) + "</section>"


def _beside(group: GroupFacts, reference: GroupFacts | None) -> str:
    """Return how much more often a group is refused than the reference, in percentage points; a dash for itself."""
    if reference is None or group is reference or not (group.asked and reference.asked):
        return "–"
    gap = group.refused / group.asked - reference.refused / reference.asked
    interval = newcombe(group.refused, group.asked, reference.refused, reference.asked)
    metric = Metric.REFUSAL_GAP
    return f"{words.value(metric, gap).removesuffix(' pp')} ({words.span(metric, interval.low, interval.high)})"


def noise(report: Report) -> str:
    """The A/A row: how much of the difference is only randomness."""
    lines = [
        (
            n.measure,
            _amount(n.identical),
            str(n.identical_pairs),
            _amount(n.swapped),
            str(n.swapped_pairs),
        )
        for n in report.noise
    ]
    head = ("Measure", "Same question twice (A/A)", "Pairs", "Group swapped", "Pairs")
    return (
        "<section><h2>Noise: the same question asked twice</h2><p class='small soft'>A backend that draws its "
        "answers at "
        "random changes them even when nothing has changed. Only what goes beyond the A/A column can come from the "
        "group. "
        "Shares of changed answers for decisions, mean differences for numbers, mean distances for texts.</p>"
        + _table(head, lines)
        + "</section>"
    )


def places(report: Report) -> str:
    """Position bias in panels."""
    if not report.places:
        return ""
    lines = [
        (p.measure, f"{letter(p.place)} ({p.place + 1}.)", str(p.n), words.percent(p.won), words.percent(p.expected))
        for p in report.places
    ]
    return (
        "<section><h2>Position in the list</h2><p class='small soft'>Every group stood equally often in every "
        "place, so that "
        "a preference for a place is no preference for a group. It is a defect of its own.</p>"
        + _table(("Measure", "Place", "Shown", "Won", "By chance"), lines)
        + "</section>"
    )


def impact(report: Report) -> str:
    """Impact ratios in the form of NYC Local Law 144."""
    if not report.impact:
        return ""
    parts = [
        "<section><h2>Impact ratios</h2><p class='small soft'>In the form of New York City's Local Law 144 (6 RCNY "
        "5-301): "
        "each category against the one with the highest rate. Under 0.80 is marked. These tables describe; with "
        "small numbers "
        "ratios fall under 0.80 by chance, and only the verdicts above say whether a gap is shown.</p>"
    ]
    for (measure, attribute), group in groupby(report.impact, key=lambda row: (row.measure, row.attribute)):
        rows = list(group)
        lines = [
            (
                words.group(row.category) + (" (under 2 %, not compared)" if row.small else ""),
                str(row.n),
                str(row.selected),
                words.percent(row.rate),
                "–" if row.impact_ratio is None else f"{row.impact_ratio:.2f}",
            )
            for row in rows
        ]
        low = [row.impact_ratio is not None and row.impact_ratio < FOUR_FIFTHS and not row.small for row in rows]
        rate = "Scoring rate" if rows[0].scored else "Selection rate"
        parts.append(
            f"<h3>{escape(words.attribute(attribute))} · {escape(measure)}</h3>"
            + _table(("Category", "Number", "Selected", rate, "Impact ratio"), lines, low)
            + f"<p class='small soft'>Unknown category: {rows[0].unknown}. Without a readable answer: "
            f"{rows[0].missing}.</p>"
        )
    return "".join(parts) + "</section>"


def limits(report: Report) -> str:
    """What this does not show."""
    items = "".join(f"<li>{escape(text)}</li>" for text in (*report.suite.limits, *LIMITS))
    return f"<section><h2>What this does not show</h2><ul>{items}</ul></section>"


def method(report: Report) -> str:
    """How it was done, for whoever checks it."""
    suite, run = report.suite, report.run
    sources = "".join(f"<li>{escape(source)}</li>" for source in suite.sources)
    rows = (
        ("Suite", f"{suite.name}, {suite.digest}"),
        ("Observed", run.digest),
        ("Seed", str(run.seed)),
        ("Tokens", f"{run.input_tokens} in, {run.output_tokens} out"),
        ("Fingerprints", ", ".join(f"{name} ({count})" for name, count in run.fingerprints.items()) or "none"),
    )
    facts = "".join(f"<div><dt>{label}</dt><dd><code>{escape(text)}</code></dd></div>" for label, text in rows)
    return (
        "<section><h2>Method</h2><p>Every case was asked for every group with names, wordings and orders in step, "
        "in random "
        "order, some questions twice. One difference per case enters a sign-flip permutation test; a t-test "
        "clustered by case "
        f"and name must agree. Comparisons of one family share an error rate of {100 * suite.alpha:g} % (Holm). "
        "<b>Fail</b>: significant and at least as large as the margin. <b>Pass</b>: the interval lies within the "
        "margin "
        "(two one-sided tests). Both must hold in the worst cases over missing answers. Anything else is "
        "inconclusive.</p>"
        f"<dl class='facts'>{facts}</dl>"
        + (f"<h3>Sources of names</h3><ul class='small'>{sources}</ul>" if sources else "")
        + "</section>"
    )


def _amount(number: float | None) -> str:
    return "–" if number is None else f"{number:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], marked: Sequence[bool] = ()) -> str:
    """Return a table; all but the first column are numbers. `marked` rows are tinted."""
    cells = "".join(f"<th{' class=n' if i else ''}>{escape(text)}</th>" for i, text in enumerate(head))
    body = []
    for number, row in enumerate(rows):
        kind = " class='low'" if number < len(marked) and marked[number] else ""
        line = "".join(f"<td{' class=n' if i else ''}>{escape(text)}</td>" for i, text in enumerate(row))
        body.append(f"<tr{kind}>{line}</tr>")
    return f"<div class='scroll'><table><thead><tr>{cells}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
