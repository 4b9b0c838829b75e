"""The report as one HTML file for a reader who decides, not for one who computes. It loads nothing from anywhere."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from itertools import groupby

import numpy as np

from detectors.bias.outcome import CROSS, Metric, Verdict
from detectors.bias.report import sections, svg, words
from detectors.bias.report.model import ContrastRow, Report
from detectors.bias.statistics.paired import cluster_bootstrap_t

#: Nothing may be fetched and nothing may run: the file is safe to mail and to archive.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_ORDER = (Verdict.FAIL, Verdict.INVALID, Verdict.INCONCLUSIVE, Verdict.PASS)


def render(report: Report) -> str:
    """Return the whole document."""
    style = files("detectors.bias.report").joinpath("style.css").read_text(encoding="utf-8")
    title = f"{report.suite.title}: {words.VERDICTS[report.verdict][0].lower()}"
    body = "".join((
        _header(report), _summary(report), _plots(report), _cases(report), sections.answers(report),
        sections.noise(report), sections.places(report), sections.impact(report), sections.limits(report),
        sections.method(report),
    ))  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" '
        'content="no-referrer">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>{body}</main></body></html>\n"
    )


def tag(verdict: Verdict) -> str:
    """Return a verdict as a small label."""
    return f'<span class="tag {verdict}">{words.VERDICTS[verdict][0]}</span>'


def _header(report: Report) -> str:
    name, meaning = words.VERDICTS[report.verdict]
    run, suite = report.run, report.suite
    counts = {v: sum(1 for row in report.contrasts if row.verdict is v) for v in _ORDER}
    shown = ", ".join(f"{n} {words.VERDICTS[v][0].lower()}" for v, n in counts.items() if n)
    facts = (
        ("Backend", run.backend),
        ("Answered by", ", ".join(run.fingerprints) or "not said"),
        ("When", run.finished.replace("T", " ").replace("+00:00", " UTC")),
        ("Questions", f"{run.planned - run.unasked} of {run.planned}"),
        ("Requests sent", str(run.calls)),
        ("Cases", str(suite.cases)),
        ("Cost", f"{run.cost:.2f}" if run.cost else "no prices given"),
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    return (
        f'<header><div class="small soft">Bias probe · {escape(suite.domain)}</div><h1>{escape(suite.title)}</h1>'
        f'<p>{escape(suite.about)}</p><div class="banner {report.verdict}"><strong>{name}</strong>'
        f"<div>{_headline(report, meaning)} <span class='soft'>{len(report.contrasts)} comparisons: "
        f"{shown}.</span><br>{words.ADVICE[report.verdict]}</div></div>"
        + (f"<ul>{notes}</ul>" if notes else "")
        + "<dl class='facts'>"
        + "".join(f"<div><dt>{label}</dt><dd>{escape(text)}</dd></div>" for label, text in facts)
        + "</dl></header>"
    )


def _title(row: ContrastRow) -> str:
    text = words.who(row)
    return text[:1].upper() + text[1:]


def _headline(report: Report, meaning: str) -> str:
    if report.verdict is Verdict.PASS:
        return "In every comparison the gap is shown to lie within its margin."
    if report.verdict is Verdict.FAIL:
        return "At least one gap is shown that is as large as its margin or larger."
    return escape(meaning)


def _summary(report: Report) -> str:
    """What a reader with one minute reads: every failure, then what could not be concluded, in sentences."""
    parts = ["<section><h2>What was found</h2>", _rates(report)]
    for verdict in _ORDER:
        rows = [row for row in report.contrasts if row.verdict is verdict]
        if not rows:
            continue
        items = [f"<li>{escape(words.sentence(row))}</li>" for row in rows]
        heading = f"{tag(verdict)} <span class='small soft'>{words.VERDICTS[verdict][1]}</span>"
        if verdict is Verdict.FAIL or len(items) <= 4:
            parts.append(f"<p>{heading}</p><ul>{''.join(items)}</ul>")
        else:
            parts.append(
                f"<details><summary>{heading} <span class='small soft'>{len(items)} comparisons</span></summary>"
            )
            parts.append(f"<ul>{''.join(items)}</ul></details>")
    return "".join(parts) + "</section>"


def _rates(report: Report) -> str:
    """How often each group got the favourable answer, in a sentence per attribute; nothing for numbers."""
    measures = [
        row.measure for row in report.contrasts if row.metric in (Metric.SELECTION_RATE_GAP, Metric.IMPACT_RATIO)
    ]
    lines = []
    for measure, attribute in dict.fromkeys((g.measure, g.attribute) for g in report.groups):
        if measure in measures and CROSS not in attribute:
            rows = [g for g in report.groups if (g.measure, g.attribute) == (measure, attribute)]
            shown = ", ".join(f"{words.group(g.group)} {words.percent(g.rate)}" for g in rows)
            lines.append(f"<p>Favourable answers by {escape(words.attribute(attribute))}: <b>{escape(shown)}</b>.</p>")
    return "".join(lines)


def _by_plot(rows: Iterable[ContrastRow]) -> list[tuple[str, Metric, list[ContrastRow]]]:
    """Return the rows in groups that share a scale: measure and metric."""
    return [(m, k, list(g)) for (m, k), g in groupby(rows, key=lambda row: (row.measure, row.metric))]


def _plots(report: Report) -> str:
    legend = (
        '<div class="legend"><span><i class="l"></i>estimate and interval, adjusted for several comparisons</span>'
        '<span><i class="b"></i>margin: gaps too small to matter</span>'
        '<span><i class="m"></i>smallest gap that this run would have found</span></div>'
    )
    parts = [f"<section><h2>Gaps and their uncertainty</h2>{legend}"]
    several = len({row.measure for row in report.contrasts}) > 1
    for measure, metric, rows in _by_plot(report.contrasts):
        title, meaning = words.METRICS[metric]
        of = f"{title} · {measure}" if several else title
        parts.append(f"<h3>{escape(of)}</h3><p class='small soft'>{escape(meaning)}</p><div class='plot'>")
        axis = _axis(rows)
        parts += [_strip(axis, row) for row in rows]
        parts.append(f"<div class='spare'></div><div>{_scale(axis, metric)}</div><div class='spare'></div></div>")
    return "".join(parts) + "</section>"


def _axis(rows: Sequence[ContrastRow]) -> svg.Axis:
    margin = max(row.margin for row in rows)
    numbers = [n for row in rows for n in (row.low, row.high, row.estimate)]
    # A hopelessly wide interval may not squeeze everything else into the middle.
    limit = 12 * margin
    return svg.Axis.around([n if n is None else max(-limit, min(limit, n)) for n in numbers], 1.5 * margin)


def _strip(axis: svg.Axis, row: ContrastRow) -> str:
    drawn = svg.forest(
        axis, row.margin, row.estimate, (row.low, row.high), row.detectable, row.verdict, escape(words.sentence(row))
    )
    numbers = (
        f"{words.value(row.metric, row.estimate)} <span class='soft'>({words.span(row.metric, row.low, row.high)})<br>"
        f"margin {words.band(row.metric, row.margin)} · detectable "
        f"{words.value(row.metric, row.detectable, sign=False)}"
        f"<br>n {row.n} · p {_p(row.p_adjusted)}</span>"
    )
    return (
        f"<div class='rule'></div><div><span class='name'>{escape(_title(row))}</span> "
        f"{tag(row.verdict)}<br>"
        f"<span class='small soft'>compared with {escape(words.whom(row))}</span></div>"
        f"<div>{drawn}</div><div class='numbers'>{numbers}</div>"
    )


def _p(number: float) -> str:
    return "&lt; 0.001" if number < 0.001 else f"{number:.3f}"


def _scale(axis: svg.Axis, metric: Metric) -> str:
    return svg.scale(axis, [(tick, words.tick(metric, tick)) for tick in axis.ticks()], words.unit(metric))


def _as_rates(row: ContrastRow) -> ContrastRow:
    """Return an impact ratio's row in the unit of its cases, which are gaps in rates; other rows as they are."""
    if row.metric is not Metric.IMPACT_RATIO:
        return row
    mean = sum(dot.gap for dot in row.dots) / len(row.dots)
    return replace(row, metric=Metric.SELECTION_RATE_GAP, estimate=mean, margin=1 - math.exp(-row.margin))


def _noted(row: ContrastRow) -> str:
    """Return the bootstrap interval, and the cases that are worth reading first."""
    far = [dot for dot in sorted(row.dots, key=lambda dot: abs(dot.gap), reverse=True)[:3] if abs(dot.gap) > 1e-9]
    if not far:
        return "all cases alike"
    spread = cluster_bootstrap_t(np.array([dot.gap for dot in row.dots]))
    listed = ", ".join(f"{dot.case} {words.value(row.metric, dot.gap)}" for dot in far)
    return f"bootstrap {words.span(row.metric, spread.low, spread.high)}; farthest: {listed}"


def _cases(report: Report) -> str:
    """Per-case dots of single attributes: does the gap come from everywhere, or from a few cases?"""
    shown = {(row.measure, row.metric) for row in report.contrasts}
    rows = [
        _as_rates(row)
        for row in report.contrasts
        if row.dots
        and CROSS not in row.attribute
        # The cases behind an impact ratio are those of the gap in rates; once is enough.
        and not (row.metric is Metric.IMPACT_RATIO and (row.measure, Metric.SELECTION_RATE_GAP) in shown)
    ]
    if not rows:
        return ""
    parts = [
        "<section><h2>Case by case</h2><p class='small soft'>One dot per case: its own gap. A cloud off centre is "
        "a general "
        "gap; a few dots far out are cases to read. The line is the mean; its bootstrap interval draws cases with "
        "replacement, as a second opinion. Point at a dot for the case's name.</p>"
    ]
    for measure, metric, same in _by_plot(rows):
        margin = max(row.margin for row in same)
        axis = svg.Axis.around([dot.gap for row in same for dot in row.dots], 1.5 * margin)
        parts.append(f"<h3>{escape(words.METRICS[metric][0])} · {escape(measure)}</h3><div class='plot'>")
        for row in same:
            noted = _noted(row)
            gaps = [(escape(f"{dot.case}: {words.value(metric, dot.gap)}"), dot.gap) for dot in row.dots]
            description = escape(f"{len(gaps)} cases, {words.comparison(row)}")
            parts.append(
                f"<div class='rule'></div><div><span class='name'>{escape(_title(row))}</span><br><span "
                f"class='small soft'>compared with {escape(words.whom(row))}</span></div>"
                f"<div>{svg.dots(axis, margin, gaps, row.estimate, description)}</div>"
                f"<div class='numbers soft'>{escape(noted)}</div>"
            )
        parts.append(f"<div class='spare'></div><div>{_scale(axis, metric)}</div><div class='spare'></div></div>")
    return "".join(parts) + "</section>"
