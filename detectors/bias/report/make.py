"""The report of an evaluated run."""

import math
from datetime import UTC, datetime

from detectors.bias.evaluate import Evaluation
from detectors.bias.fairness import GroupRow
from detectors.bias.ll144 import ImpactTable
from detectors.bias.outcome import ContrastResult
from detectors.bias.report.model import (
    VERSION,
    ContrastRow,
    Dot,
    GroupFacts,
    ImpactFacts,
    NoiseFacts,
    PlaceFacts,
    Report,
    RunFacts,
    SuiteFacts,
)
from detectors.bias.suite import Suite


def report_of(evaluation: Evaluation, finished: datetime | None = None) -> Report:
    """Return the report of an evaluated run; `finished` is now by default."""
    result, suite = evaluation.result, evaluation.result.plan.suite
    usage = result.usage
    moment = (finished or datetime.now(UTC)).isoformat(timespec="seconds")
    run = RunFacts(
        result.backend, dict(result.fingerprints), result.plan.seed, moment, len(result.plan.questions), result.calls,
        result.unasked, result.failed, usage.input_tokens, usage.output_tokens, result.cost, result.digest,
    )  # fmt: skip
    return Report(
        VERSION,
        evaluation.verdict,
        evaluation.notes,
        _suite(suite, len({t.template for q in result.plan.questions for t in q.trials})),
        run,
        tuple(_row(measure, c) for measure, row in evaluation.contrasts.items() for c in row),
        tuple(_group(measure, g) for measure, row in evaluation.groups.items() for g in row),
        tuple(
            NoiseFacts(n.measure, n.identical_pairs, _finite(n.identical), n.swapped_pairs, _finite(n.swapped))
            for n in evaluation.noise
        ),
        tuple(PlaceFacts(p.measure, p.place, p.n, _finite(p.won), _finite(p.expected)) for p in evaluation.places),
        tuple(row for m, tables in evaluation.impact.items() for table in tables for row in _impact(m, table)),
    )


def _suite(suite: Suite, cases: int) -> SuiteFacts:
    return SuiteFacts(
        suite.name, suite.title, suite.about, suite.domain, suite.digest, suite.path, cases, suite.alpha,
        suite.power.power, suite.limits, suite.sources,
    )  # fmt: skip


def _row(measure: str, c: ContrastResult) -> ContrastRow:
    k = c.contrast
    return ContrastRow(
        measure=measure,
        metric=k.metric,
        family=k.family,
        attribute=k.attribute,
        group=k.group,
        reference=k.reference,
        margin=k.margin,
        estimate=_finite(c.estimate),
        low=_finite(c.interval.low),
        high=_finite(c.interval.high),
        level=c.interval.level,
        equivalence_low=_finite(c.equivalence.low),
        equivalence_high=_finite(c.equivalence.high),
        worst_low=_finite(c.bounds.low),
        worst_high=_finite(c.bounds.high),
        p=c.p,
        p_adjusted=c.p_adjusted,
        n=c.n,
        cases=c.clusters,
        names=c.names,
        detectable=_finite(c.mde),
        needed=c.n_needed,
        verdict=c.verdict,
        reasons=c.reasons,
        dots=tuple(Dot(case, gap) for case, gap in c.template_gaps),
    )


def _group(measure: str, g: GroupRow) -> GroupFacts:
    return GroupFacts(
        measure, g.attribute, g.group, g.asked, g.parsed, g.refused, g.unparsed, g.failed, _finite(g.selection_rate),
        g.interval.low, g.interval.high, _finite(g.impact_ratio),
    )  # fmt: skip


def _impact(measure: str, table: ImpactTable) -> list[ImpactFacts]:
    return [
        ImpactFacts(
            measure, table.attribute, row.category, row.n, row.selected, _finite(row.rate), _finite(row.impact_ratio),
            row.small, table.scored, table.unknown, table.missing,
        )
        for row in table.rows
    ]  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
