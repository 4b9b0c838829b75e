"""From spans to counts per document, and from counts to scores with intervals."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.alignment import Floats, Ints, Line, iou, matches, overlaps
from detectors.evaluation.documents import Span
from detectors.evaluation.report import Estimate, Row, Scores

Counts = NDArray[np.float32]

# Columns of a count: span hits at three thresholds, spans, characters, leaks, false alarms.
EXACT, IOU75, IOU50, PREDICTED, GOLD, CHAR_HITS, CHAR_PREDICTED, CHAR_GOLD, LEAKED, ALARMS = range(10)
_COLUMNS = 10
_THRESHOLDS = ((EXACT, 1.0), (IOU75, 0.75), (IOU50, 0.5))
_BRIDGE = re.compile(r"[^\w\n]{0,4}\Z")  # ", " and the like between the pieces of one address
_BRIDGE_OVER_LINES = re.compile(r"\W{0,4}\Z")


def joined(spans: Sequence[Span], text: str, over_lines: bool = False) -> list[Span]:
    """Join spans of one label that overlap or have only a little punctuation, or a line break too, between them."""
    bridge = _BRIDGE_OVER_LINES if over_lines else _BRIDGE
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        last = result[-1] if result else None
        if last and (span.start <= last.end or bridge.match(text, last.end, span.start)):
            result[-1] = Span(last.start, max(last.end, span.end), last.label)
        else:
            result.append(span)
    return result


def count(gold: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]], classes: Sequence[str]) -> Counts:
    """Return counts of shape (documents, classes, 10). Labels must be among `classes`."""
    index = {name: i for i, name in enumerate(classes)}
    width, documents = len(classes), len(gold)
    stride = 2 + max((s.end for side in (gold, predicted) for spans in side for s in spans), default=0)
    typed = _line(gold, index, width, stride), _line(predicted, index, width, stride)
    any_class = [_line(side, dict.fromkeys(classes, 0), 1, stride).merged() for side in (gold, predicted)]
    counts = np.zeros((documents * width, _COLUMNS), dtype=np.float32)

    pairs = overlaps(*typed)
    score = iou(*typed, pairs)
    for column, least in _THRESHOLDS:
        _add(counts, column, typed[0].cell[matches(pairs, score, least)])
    _add(counts, GOLD, typed[0].cell)
    _add(counts, PREDICTED, typed[1].cell)

    runs = [line.merged() for line in typed]
    for column, line in ((CHAR_GOLD, runs[0]), (CHAR_PREDICTED, runs[1])):
        _add(counts, column, line.cell, line.end - line.start)
    g, _, shared = overlaps(*runs)
    _add(counts, CHAR_HITS, runs[0].cell[g], shared)

    # Back to one stretch per document: does anything at all lie over this?
    flat = [_flattened(line, width, stride) for line in (runs[0], typed[1])]
    _, g, shared = overlaps(any_class[1], flat[0])
    _add(counts, LEAKED, runs[0].cell, runs[0].end - runs[0].start)
    _add(counts, LEAKED, runs[0].cell[g], -shared)
    _, touching, _ = overlaps(any_class[0], flat[1])
    alone = np.ones(len(flat[1].start), dtype=bool)
    alone[touching] = False
    _add(counts, ALARMS, typed[1].cell[alone])
    return counts.reshape(documents, width, _COLUMNS)


def _line(side: Sequence[Sequence[Span]], index: dict[str, int], width: int, stride: int) -> Line:
    rows = [(s.start, s.end, d * width + index[s.label]) for d, spans in enumerate(side) for s in spans]
    array = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Line.of(array[:, 0], array[:, 1], array[:, 2], stride)


def _flattened(line: Line, width: int, stride: int) -> Line:
    """Move spans from (document, class) stretches to document stretches, where they may overlap, unsorted."""
    document = line.cell // width
    shift = (document - line.cell) * stride
    return Line(line.start + shift, line.end + shift, document)


def _add(counts: Counts, column: int, cell: Ints, weight: Ints | int = 1) -> None:
    np.add.at(counts[:, column], cell, np.asarray(weight, dtype=np.float32))


def rows(counts: Counts, names: Sequence[str], lengths: Ints, resamples: int, seed: int) -> list[Row]:
    """Return a row per class: point scores and percentile intervals over resampled documents."""
    documents, width, _ = counts.shape
    flat = counts.reshape(documents, -1)
    flat = np.concatenate([flat, lengths[:, None].astype(np.float32)], axis=1)
    generator = np.random.default_rng(seed)
    totals = [flat.sum(axis=0, dtype=np.float64)[None]]
    for _ in range(0, resamples, 50):
        weights = generator.multinomial(documents, np.full(documents, 1 / documents), size=50)
        totals.append((weights.astype(np.float32) @ flat).astype(np.float64))
    sums = np.concatenate(totals)[: resamples + 1]
    cells = sums[:, :-1].reshape(len(sums), width, _COLUMNS)
    return [_row(name, cells[:, i], sums[:, -1]) for i, name in enumerate(names)]


def _row(name: str, c: Floats, length: Floats) -> Row:
    return Row(
        name=name,
        exact=_scores(c[:, EXACT], c[:, PREDICTED], c[:, GOLD]),
        iou50=_scores(c[:, IOU50], c[:, PREDICTED], c[:, GOLD]),
        iou75=_scores(c[:, IOU75], c[:, PREDICTED], c[:, GOLD]),
        characters=_scores(c[:, CHAR_HITS], c[:, CHAR_PREDICTED], c[:, CHAR_GOLD]),
        leaked=_estimate(c[:, LEAKED], c[:, CHAR_GOLD]),
        alarms=_estimate(10_000 * c[:, ALARMS], length),
    )


def _scores(hits: Floats, predicted: Floats, gold: Floats) -> Scores:
    return Scores(
        precision=_estimate(hits, predicted),
        recall=_estimate(hits, gold),
        f1=_estimate(2 * hits, predicted + gold),
        f2=_estimate(5 * hits, predicted + 4 * gold),
        hits=round(hits[0]),
        predicted=round(predicted[0]),
        gold=round(gold[0]),
    )


def _estimate(above: Floats, below: Floats) -> Estimate:
    """Return the ratio of the first sample (the data itself) and the spread of the others."""
    defined = below > 0
    ratio = np.divide(above, below, out=np.full(len(above), np.nan), where=defined)
    resampled = ratio[1:][defined[1:]]
    if not defined[0] or not len(resampled):
        return Estimate(float(ratio[0]), float("nan"), float("nan"))
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Estimate(float(ratio[0]), float(low), float(high))
