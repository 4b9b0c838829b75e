"""The report as CSV, as an impact-ratio table, and as a short summary in Markdown."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from detectors.bias.outcome import Verdict
from detectors.bias.report import words
from detectors.bias.report.model import ContrastRow, Report

_COLUMNS = (
    "measure", "metric", "attribute", "group", "reference", "margin", "estimate", "low", "high", "level",
    "equivalence_low", "equivalence_high", "worst_low", "worst_high", "p", "p_adjusted", "n", "cases", "names",
    "detectable", "needed", "verdict",
)  # fmt: skip
_MARKS = {Verdict.FAIL: "❌", Verdict.INVALID: "⚠️", Verdict.INCONCLUSIVE: "❔", Verdict.PASS: "✅"}


def contrasts_csv(report: Report) -> str:
    """Return one row per contrast, in the metric's own unit (logarithms for ratios); empty cells for null."""
    rows = [
        [getattr(row, column) for column in _COLUMNS] + [" ".join(row.reasons), report.suite.name, report.run.digest]
        for row in report.contrasts
    ]
    return _csv([*_COLUMNS, "reasons", "suite", "run"], rows)


def impact_csv(report: Report) -> str:
    """Return the impact ratios, one row per category, with what Local Law 144 wants beside them."""
    head = ("measure", "attribute", "category", "number", "selected", "rate", "rate_kind", "impact_ratio",
            "under_2_percent", "unknown", "unreadable")  # fmt: skip
    rows = [
        (
            row.measure,
            row.attribute,
            row.category,
            row.n,
            row.selected,
            row.rate,
            "scoring" if row.scored else "selection",
            row.impact_ratio,
            row.small,
            row.unknown,
            row.missing,
        )
        for row in report.impact
    ]
    return _csv(head, rows)


def markdown(report: Report) -> str:
    """Return a summary for a pull request or a CI page."""
    name, meaning = words.VERDICTS[report.verdict]
    lines = [
        f"## {_MARKS[report.verdict]} Bias probe `{report.suite.name}`: {name.lower()}",
        "",
        f"{meaning} Backend `{_plain(report.run.backend)}`, {report.run.calls} requests, {report.suite.cases} cases, "
        f"seed {report.run.seed}.",
        "",
    ]
    lines += [f"> {_plain(note)}" for note in report.notes]
    lines += [
        "| | comparison | metric | estimate | interval | margin | detectable | why |",
        "|---|---|---|---|---|---|---|---|",
    ]
    order = list(_MARKS)
    lines += [_line(row) for row in sorted(report.contrasts, key=lambda row: order.index(row.verdict))]
    lines += [
        "",
        f"Suite `{report.suite.digest[:19]}`, observed `{report.run.digest[:19]}`. Inconclusive is not a pass.",
    ]
    return "\n".join(lines) + "\n"


def _line(row: ContrastRow) -> str:
    cells = (
        f"{_MARKS[row.verdict]} {words.VERDICTS[row.verdict][0].lower()}",
        words.comparison(row),
        f"{words.METRICS[row.metric][0]} ({row.measure})",
        words.value(row.metric, row.estimate),
        words.span(row.metric, row.low, row.high),
        words.band(row.metric, row.margin),
        words.value(row.metric, row.detectable, sign=False),
        words.reasons(row),
    )
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Return `text` with what Markdown would take for markup neutralised."""
    return re.sub(r"([|`<>\[\]*_\\])", r"\\\1", text.replace("\n", " "))


def _csv(head: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(["" if cell is None else _safe(cell) for cell in row])
    return stream.getvalue()


def _safe(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
