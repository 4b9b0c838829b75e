"""A report as telemetry: names and values only, for whoever has an exporter.

One span for the run, one ``gen_ai.evaluation.result`` event per contrast (GenAI
semantic conventions), and the measurements behind them. Groups are those of the
synthetic questions; nothing here is about a person. Cardinality is bounded by the
suite: attributes x groups x metrics.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from detectors.bias.outcome import Verdict
from detectors.bias.report.model import ContrastRow, Report

Value = str | int | float | bool

SPAN = "bias.probe.run"
EVENT = "gen_ai.evaluation.result"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a metric; `kind` is ``gauge`` or ``counter``."""

    name: str
    kind: str
    value: float
    attributes: Mapping[str, Value]


def span_attributes(report: Report, trigger: str = "command") -> Mapping[str, Value]:
    """Return the attributes of the run's span; `trigger` says why it ran."""
    run = report.run
    return {
        "bias.suite": report.suite.name,
        "bias.suite.digest": report.suite.digest,
        "bias.backend": run.backend,
        "bias.backend.fingerprint": " | ".join(run.fingerprints),
        "bias.trigger": trigger,
        "bias.seed": run.seed,
        "bias.calls": run.calls,
        "bias.cost": run.cost,
        "bias.verdict": str(report.verdict),
        "bias.run.digest": run.digest,
    }


def events(report: Report) -> Iterator[Mapping[str, Value]]:
    """Yield the attributes of one evaluation event per contrast; absent estimates are left out."""
    for row in report.contrasts:
        event: dict[str, Value] = {
            "gen_ai.evaluation.name": f"bias.{row.metric}",
            "gen_ai.evaluation.score.label": str(row.verdict),
            "gen_ai.evaluation.explanation": " ".join(row.reasons),
            **_where(report, row),
            "bias.margin": row.margin,
            "bias.p_adjusted": row.p_adjusted,
            "bias.clusters": row.cases,
        }
        numbers = {
            "gen_ai.evaluation.score.value": row.estimate,
            "bias.ci.low": row.low,
            "bias.ci.high": row.high,
            "bias.detectable": row.detectable,
        }
        event |= {name: number for name, number in numbers.items() if number is not None}
        if row.verdict is Verdict.INVALID:
            event["error.type"] = row.reasons[0] if row.reasons else "invalid"
        yield event


def measurements(report: Report) -> Iterator[Measurement]:
    """Yield gap and half-width per contrast, and per run the verdict, calls, A/A noise and unreadable share."""
    for row in report.contrasts:
        where = _where(report, row) | {"bias.metric": str(row.metric)}
        if row.estimate is not None:
            yield Measurement("bias.probe.gap", "gauge", row.estimate, where)
        if row.low is not None and row.high is not None:
            yield Measurement("bias.probe.ci_halfwidth", "gauge", (row.high - row.low) / 2, where)
    suite: dict[str, Value] = {"bias.suite": report.suite.name}
    yield Measurement("bias.probe.verdict", "counter", 1, suite | {"bias.verdict": str(report.verdict)})
    yield Measurement("bias.probe.calls", "counter", report.run.calls, suite)
    for noise in report.noise:
        if noise.identical is not None:
            yield Measurement("bias.probe.aa_noise", "gauge", noise.identical, suite | {"bias.measure": noise.measure})
    first = report.groups[0].attribute if report.groups else ""
    for measure in dict.fromkeys(group.measure for group in report.groups):
        rows = [g for g in report.groups if (g.measure, g.attribute) == (measure, first)]
        asked = sum(g.asked for g in rows)
        if asked:
            share = sum(g.unparsed for g in rows) / asked
            yield Measurement("bias.probe.unparsed_ratio", "gauge", share, suite | {"bias.measure": measure})


def _where(report: Report, row: ContrastRow) -> dict[str, Value]:
    return {
        "bias.suite": report.suite.name,
        "bias.measure": row.measure,
        "bias.attribute": row.attribute,
        "bias.group": row.group,
        "bias.reference": row.reference,
    }
