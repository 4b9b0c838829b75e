"""From what a run observed to what may be said: contrasts, group tables, noise, and one verdict for the whole."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detectors.bias.fairness import GroupRow, group_rows
from detectors.bias.ll144 import ImpactTable, impact_tables
from detectors.bias.outcome import ContrastResult, Metric, Observation, Outcome, Verdict
from detectors.bias.parse import Number
from detectors.bias.run import RunResult, Stopped
from detectors.bias.statistics.excess import sketch_distances
from detectors.bias.statistics.judge import Rules, judge
from detectors.bias.suite import Suite

_NOT_SELECTIVE = frozenset({
    Metric.MEAN_GAP, Metric.MEAN_RATIO, Metric.REFUSAL_GAP, Metric.UNPARSED_GAP, Metric.EXCESS_DISTANCE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noise:
    """How much answers to identical questions differ, and answers to questions that differ in the group.

    For choices and rankings the share of pairs with different answers, for
    numbers the mean absolute difference, for texts the mean distance. NaN without
    pairs.
    """

    measure: str
    identical_pairs: int
    identical: float
    swapped_pairs: int
    swapped: float


@dataclass(frozen=True, slots=True)
class Place:
    """How often the candidate in one place of a panel won; `expected` by chance."""

    measure: str
    place: int
    n: int
    won: float
    expected: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that a report says about a run. Results, groups and tables are by measure."""

    result: RunResult
    verdict: Verdict
    notes: tuple[str, ...]
    contrasts: Mapping[str, tuple[ContrastResult, ...]]
    groups: Mapping[str, tuple[GroupRow, ...]]
    impact: Mapping[str, tuple[ImpactTable, ...]]
    noise: tuple[Noise, ...]
    places: tuple[Place, ...]


def evaluate(result: RunResult) -> Evaluation:
    """Judge a run by the rules that its suite declared before it."""
    suite = result.plan.suite
    declared = suite.contrasts()
    contrasts = {m: judge(result.observations[m], declared[m], rules(suite, m)) for m in declared}
    verdict, notes = _overall(result, [c.verdict for row in contrasts.values() for c in row])
    attributes = _attributes(suite)
    selective = {spec.of for spec in suite.metrics if spec.metric not in _NOT_SELECTIVE}
    return Evaluation(
        result,
        verdict,
        notes,
        contrasts,
        {m: tuple(row for a in attributes for row in group_rows(o, a)) for m, o in result.observations.items()},
        {m: impact_tables(o, attributes) for m, o in result.observations.items() if m in selective},
        tuple(noise(m, o) for m, o in result.observations.items()),
        tuple(place for m, o in result.observations.items() for place in _places(m, o)),
    )


def rules(suite: Suite, measure: str) -> Rules:
    """Return the rules under which a measure's contrasts are judged."""
    parser = suite.measures[measure]
    scale = (parser.minimum, parser.maximum) if isinstance(parser, Number) else None
    return Rules(alpha=suite.alpha, unparsed_max=suite.unparsed_max, scale=scale)


def noise(measure: str, observations: Iterable[Observation]) -> Noise:
    """Return the A/A noise of a measure, and the difference between groups beside which it is to be read."""
    cells: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for o in observations:
        if o.outcome.kind.parsed:
            cells[o.trial.pair][o.trial.group].append(o.outcome)
    identical = [_apart(*pair) for groups in cells.values() for row in groups.values() for pair in combinations(row, 2)]
    swapped = [_apart(a[0], b[0]) for groups in cells.values() for a, b in combinations(groups.values(), 2)]
    return Noise(measure, len(identical), _mean(identical), len(swapped), _mean(swapped))


def _apart(one: Outcome, two: Outcome) -> float:
    if one.sketch and two.sketch:
        pair = np.array([list(bytes.fromhex(o.sketch)) for o in (one, two)], dtype=np.uint8)
        return float(sketch_distances(pair)[0, 1])
    if one.label or two.label:
        return float(one.label != two.label)
    return abs((one.value or 0.0) - (two.value or 0.0))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _places(measure: str, observations: Iterable[Observation]) -> list[Place]:
    won: dict[int, list[float]] = defaultdict(list)
    for o in observations:
        if o.outcome.order_slot is not None and o.outcome.value is not None:
            won[o.outcome.order_slot].append(o.outcome.value)
    chance = _mean([value for row in won.values() for value in row])
    return [Place(measure, place, len(row), _mean(row), chance) for place, row in sorted(won.items())]


def _rejections(result: RunResult) -> str:
    statuses = ", ".join(f"HTTP {status}" for status, count in result.rejected.items() if status and count)
    if not any(result.rejected.values()):
        return ""
    how = f" ({statuses})" if statuses else ""
    return f" It rejected requests{how}: check the address, the model's name (one word) and the token."


def _attributes(suite: Suite) -> tuple[str, ...]:
    single = tuple(attribute.name for attribute in suite.attributes)
    return (*single, suite.attribute) if len(single) > 1 else single


def _overall(result: RunResult, verdicts: list[Verdict]) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict of the whole and what else speaks against the run. Nothing here makes a verdict better."""
    found = list(verdicts)
    notes = []
    if result.stopped is Stopped.BACKEND:
        found.append(Verdict.INVALID)
        notes.append(f"The backend stopped answering; {result.unasked} questions were not asked.{_rejections(result)}")
    elif result.unasked:
        found.append(Verdict.INCONCLUSIVE)
        notes.append(f"The budget ended the run: {result.unasked} questions were not asked.")
    models = {fingerprint.split(" ")[0] for fingerprint in result.fingerprints}
    if len(models) > 1:
        found.append(Verdict.INVALID)
        notes.append(f"The backend changed during the run: {', '.join(sorted(models))} answered.")
    elif len(result.fingerprints) > 1:
        notes.append(f"{len(result.fingerprints)} system fingerprints of one model answered.")
    if _drifted(result.order):
        notes.append(
            "Answers of the first and the second half of the run differ. Groups are interleaved, so that gaps stand, "
            "but they describe a mixture: run again."
        )
    return Verdict.worst(found), tuple(notes)


def _drifted(order: Sequence[float]) -> bool:
    """Whether the means of the two halves differ by more than chance explains once in 1,000 runs."""
    half = len(order) // 2
    if half < 20:
        return False
    first, second = order[:half], order[half:]
    spread = math.fsum((v - _mean(first)) ** 2 for v in first) + math.fsum((v - _mean(second)) ** 2 for v in second)
    error = math.sqrt(spread / (len(order) - 2) * (1 / len(first) + 1 / len(second)))
    return error > 0 and abs(_mean(first) - _mean(second)) / error > 3.29
