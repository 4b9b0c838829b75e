"""From a contrast and a table to numbers: the gap as observed, and its worst cases over missing answers.

A refused, unparsed or failed answer has no value. Leaving it out is honest only
when nothing depended on it, so every gap is measured three times: among the
answers that have a value, and with the missing ones filled in the two ways that
move the gap the furthest (Manski 1990).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from detectors.bias.outcome import Contrast, Metric, MissingRates, OutcomeKind
from detectors.bias.statistics.excess import Excess, excess_flips, excess_texts
from detectors.bias.statistics.paired import Gap, paired_gap
from detectors.bias.statistics.table import Bools, Floats, Table

_UNBOUNDED = frozenset({Metric.MEAN_GAP, Metric.MEAN_RATIO})
_NAN = float("nan")
_FEWEST_REPEATS = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """A gap under one treatment of missing answers, and the two-sided p-value of "no gap"."""

    gap: Gap
    p: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything about a contrast that does not depend on the rest of its family.

    `observed` is None when the two sides share fewer than two templates. `low`
    and `high` are the worst cases; None when nothing is missing. `constant` says
    that all parsed answers are the same. `positive` is False when a ratio met a
    number that is not. `slot_gap` says that the two sides stood in different
    places of the question.
    """

    observed: Scenario | None
    low: Scenario | None
    high: Scenario | None
    missing: MissingRates
    templates: tuple[str, ...]
    constant: bool = False
    positive: bool = True
    slot_gap: bool = False
    replayed: bool = False
    repeats_missing: bool = False


def measure(
    table: Table, contrast: Contrast, flips: int, seed: int, scale: tuple[float, float] | None = None
) -> Measurement:
    """Return the measurement of `contrast` on `table` (the one of its attribute).

    `scale` gives the least and the largest possible number, for worst cases of
    metrics on numbers; without it the range of the observed numbers is used.
    """
    rows = _asked(table, contrast)
    side = rows.side(contrast.group)
    value, absent = _values(rows, contrast.metric)
    missing = _missing(rows, side, flips, seed)
    if contrast.metric is Metric.EXCESS_FLIP_RATE:
        return _excess(rows, excess_flips(rows, contrast.group, contrast.reference, seed), contrast, missing)
    if contrast.metric is Metric.EXCESS_DISTANCE:
        return _texts(rows, contrast, missing, seed)
    if contrast.metric is Metric.MEAN_RATIO and bool((value[~absent] <= 0).any()):
        return Measurement(None, None, None, missing, table.templates, positive=False)
    observed = _scenario(rows, side, value, ~absent, contrast.metric, flips, seed)
    low = high = None
    if observed is not None and absent.any():
        floor, ceiling = _scale(contrast.metric, value[~absent], scale)
        everything = np.ones(len(rows), dtype=np.bool_)
        filled = [np.where(absent, np.where(side > 0, a, b), value) for a, b in ((floor, ceiling), (ceiling, floor))]
        low, high = (_scenario(rows, side, v, everything, contrast.metric, flips, seed) for v in filled)
    return Measurement(
        observed=observed,
        low=low,
        high=high,
        missing=missing,
        templates=table.templates,
        constant=_constant(rows, value[~absent], contrast.metric),
        slot_gap=_slots_differ(rows, side),
        replayed=_replayed(rows),
    )


def _asked(table: Table, contrast: Contrast) -> Table:
    """Return the rows that the metric speaks of."""
    if contrast.metric is Metric.POSITION_EFFECT:
        return table.where(table.slot >= 0)
    rows = table.pair(contrast.group, contrast.reference)
    if contrast.metric is Metric.TRUE_POSITIVE_GAP:
        return rows.where(np.equal(rows.label, 1))
    if contrast.metric is Metric.FALSE_POSITIVE_GAP:
        return rows.where(np.equal(rows.label, 0))
    return rows


def _values(rows: Table, metric: Metric) -> tuple[Floats, Bools]:
    """Return each row's number under `metric`, and which rows have none."""
    indicator = {Metric.REFUSAL_GAP: OutcomeKind.REFUSAL, Metric.UNPARSED_GAP: OutcomeKind.UNPARSED}.get(metric)
    if indicator is None:
        return rows.value, ~rows.parsed
    failed = rows.is_kind(OutcomeKind.FAILED)
    return np.where(failed, np.nan, rows.is_kind(indicator).astype(np.float64)), failed


def _scenario(
    rows: Table, side: Floats, value: Floats, used: Bools, metric: Metric, flips: int, seed: int
) -> Scenario | None:
    template, name, value = rows.template[used], rows.name[used], value[used]
    side = np.where(rows.slot[used] == 0, 1.0, -1.0) if metric is Metric.POSITION_EFFECT else side[used]
    if metric is Metric.MEAN_RATIO:
        value = np.log(value)
    gap = paired_gap(template, side, value, name, rows.item[used])
    if gap is None:
        return None
    p = gap.test(flips, seed)
    if metric is Metric.POSITION_EFFECT:
        places = int(rows.slot.max()) + 1
        gap = _scaled(gap, (places - 1) / places)
    if metric is Metric.IMPACT_RATIO:
        gap = _log_ratio(gap, template, side, value, name if gap.names else None)
    return Scenario(gap, p)


def _scaled(gap: Gap, factor: float) -> Gap:
    """Return `gap` in another unit: first place against all places instead of against the other places."""
    return replace(
        gap,
        estimate=gap.estimate * factor,
        standard_error=gap.standard_error * factor,
        per_template=gap.per_template * factor,
    )


def _log_ratio(gap: Gap, template: np.ndarray, side: Floats, value: Floats, name: np.ndarray | None) -> Gap:
    """Return the logarithm of the ratio of the two mean rates, its error by the delta method.

    A side without any favourable answer has no logarithm: the estimate is
    infinite and the interval is everything; the gap test still stands.
    """
    used = np.isin(template, gap.templates)
    means = {
        sign: float(np.mean([value[used & (side == sign) & (template == t)].mean() for t in gap.templates]))
        for sign in (1.0, -1.0)
    }
    if min(means.values()) <= 0.0:
        direction = math.copysign(math.inf, gap.estimate) if gap.estimate else _NAN
        return replace(gap, estimate=direction, standard_error=math.inf)
    linear = paired_gap(template, side, value / np.where(side > 0, means[1.0], means[-1.0]), name)
    assert linear is not None  # the same templates as the gap's
    return replace(linear, estimate=math.log(means[1.0] / means[-1.0]), per_template=gap.per_template)


def _scale(metric: Metric, value: Floats, scale: tuple[float, float] | None) -> tuple[float, float]:
    if metric not in _UNBOUNDED:
        return 0.0, 1.0
    if scale is None or (metric is Metric.MEAN_RATIO and scale[0] <= 0):
        return float(value.min()), float(value.max())
    return scale


def _missing(rows: Table, side: Floats, flips: int, seed: int) -> MissingRates:
    """Return how much is missing on each side, and whether the sides differ."""
    failed = rows.is_kind(OutcomeKind.FAILED)
    answered, answered_side = rows.where(~failed), side[~failed]

    def compare(kind: OutcomeKind) -> tuple[float, float, float]:
        hit = answered.is_kind(kind).astype(np.float64)
        rates = [
            float(hit[answered_side == s].mean()) if (answered_side == s).any() else _NAN for s in (1.0, -1.0)
        ]  # fmt: skip
        if not hit.any():
            return rates[0], rates[1], 1.0
        gap = paired_gap(answered.template, answered_side, hit)
        return rates[0], rates[1], 1.0 if gap is None else gap.test(flips, seed)

    refused, unparsed = compare(OutcomeKind.REFUSAL), compare(OutcomeKind.UNPARSED)
    share_failed = float(failed.mean()) if len(rows) else _NAN
    return MissingRates(refused[0], refused[1], unparsed[0], unparsed[1], share_failed, refused[2], unparsed[2])


def _texts(rows: Table, contrast: Contrast, missing: MissingRates, seed: int) -> Measurement:
    if rows.parsed.any() and not len(rows.sketch):
        raise ValueError("excess_distance needs a measure with the parser `text`: other outcomes have no sketch")
    found = excess_texts(rows, contrast.group, contrast.reference, seed)
    if len(rows.sketch):  # texts are the same when their sketches are, not when they are equally long
        _, same = np.unique(rows.sketch, axis=0, return_inverse=True)
        rows = replace(rows, value=np.where(rows.parsed, same.reshape(-1).astype(np.float64), np.nan))
    return _excess(rows, found, contrast, missing)


def _excess(rows: Table, found: Excess | None, contrast: Contrast, missing: MissingRates) -> Measurement:
    if found is None:
        return Measurement(None, None, None, missing, rows.templates, repeats_missing=True)
    used, place = np.unique(found.items, return_inverse=True)
    per_template = np.bincount(place, found.per_item) / np.bincount(place)
    if len(used) < 2:
        return Measurement(None, None, None, missing, rows.templates)
    error = float(per_template.std(ddof=1)) / math.sqrt(len(used))
    answers = int(rows.parsed.sum())
    gap = Gap(float(per_template.mean()), error, len(used) - 1, per_template, used, answers, 0)
    return Measurement(
        Scenario(gap, found.p), None, None, missing, rows.templates,
        constant=_constant(rows, rows.value[rows.parsed], contrast.metric), replayed=_replayed(rows),
    )  # fmt: skip


def _constant(rows: Table, value: Floats, metric: Metric) -> bool:
    """Whether nothing varies, so that no difference could have shown. Never true of refusals: none is good news."""
    if metric in (Metric.REFUSAL_GAP, Metric.UNPARSED_GAP) or not len(rows):
        return False
    return not len(value) or float(value.min()) == float(value.max())


def _slots_differ(rows: Table, side: Floats) -> bool:
    """Whether one side stood nearer to the front of the question, by more than chance and by more than a hair."""
    known = rows.slot >= 0
    if not known.any():
        return False
    gap = paired_gap(rows.template[known], side[known], rows.slot[known].astype(np.float64))
    if gap is None or abs(gap.estimate) < 0.05 * (float(rows.slot.max()) + 1):
        return False
    return abs(gap.estimate) > 4 * gap.standard_error


def _replayed(rows: Table) -> bool:
    """Whether all identical questions got identical answers, though answers to other questions vary.

    Fewer than 20 repeats are too few to tell: a sampling backend may agree with itself by chance.
    """
    rows = rows.where(rows.parsed)
    if len(rows) < 2 or float(rows.value.min()) == float(rows.value.max()):
        return False
    key = rows.item * len(rows.groups) + rows.group
    order = np.lexsort((rows.value, key))
    key, value = key[order], rows.value[order]
    same = key[1:] == key[:-1]
    return bool(same.sum() >= _FEWEST_REPEATS and (value[1:] == value[:-1])[same].all())
