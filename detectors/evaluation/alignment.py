"""Spans against spans, for all documents at once.

Every (document, class) pair gets a stretch of its own on one long line, so that
a whole data set is two sorted arrays and aligning them is a few binary searches.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """Spans on the line, sorted by start. `cell` is the (document, class) stretch of each."""

    start: Ints
    end: Ints
    cell: Ints

    @classmethod
    def of(cls, start: Ints, end: Ints, cell: Ints, stride: int) -> "Line":
        """Place spans in their cells of `stride` characters; equal and contained spans count once."""
        order = np.lexsort((-end, start, cell))
        cell, start, end = cell[order], start[order] + cell[order] * stride, end[order] + cell[order] * stride
        furthest = np.maximum.accumulate(end) if len(end) else end
        keep = np.ones(len(end), dtype=bool)
        keep[1:] = end[1:] > furthest[:-1]
        return cls(start[keep], end[keep], cell[keep])

    def merged(self) -> "Line":
        """Return the union of the spans as disjoint runs."""
        if not len(self.start):
            return self
        opens = np.ones(len(self.start), dtype=bool)
        opens[1:] = self.start[1:] > self.end[:-1]  # contained spans are gone, so ends ascend too
        first = np.flatnonzero(opens)
        last = np.append(first[1:], len(self.start)) - 1
        return Line(self.start[first], self.end[last], self.cell[first])


def overlaps(gold: Line, predicted: Line) -> tuple[Ints, Ints, Ints]:
    """Return every overlapping pair: index into gold, index into predicted, shared characters.

    `gold` must ascend in starts and ends, as `Line.of` and `merged` leave it; `predicted` need not.
    """
    low = np.searchsorted(gold.end, predicted.start, side="right")
    high = np.searchsorted(gold.start, predicted.end, side="left")
    count = np.maximum(high - low, 0)
    p = np.repeat(np.arange(len(predicted.start)), count)
    g = np.repeat(low, count) + np.arange(len(p)) - np.repeat(np.cumsum(count) - count, count)
    shared = np.minimum(gold.end[g], predicted.end[p]) - np.maximum(gold.start[g], predicted.start[p])
    return g, p, shared


def iou(gold: Line, predicted: Line, pairs: tuple[Ints, Ints, Ints]) -> Floats:
    """Return intersection over union, in characters, of each pair."""
    g, p, shared = pairs
    whole = gold.end[g] - gold.start[g] + predicted.end[p] - predicted.start[p] - shared
    return shared / whole


def matches(pairs: tuple[Ints, Ints, Ints], score: Floats, least: float) -> Ints:
    """Return the gold indices of a one-to-one matching of the pairs that score `least` or more.

    Best pairs first. Where two spans compete for one (possible only at low
    thresholds or among overlapping spans) the better pair wins.
    """
    enough = score >= least
    g, p, s = pairs[0][enough], pairs[1][enough], score[enough]
    contested = (np.bincount(g, minlength=1)[g] > 1) | (np.bincount(p, minlength=1)[p] > 1) if len(g) else enough[:0]
    taken_g: set[int] = set()
    taken_p: set[int] = set()
    rivals = np.flatnonzero(contested)
    for index in rivals[np.argsort(-s[rivals], kind="stable")]:
        if int(g[index]) not in taken_g and int(p[index]) not in taken_p:
            taken_g.add(int(g[index]))
            taken_p.add(int(p[index]))
    return np.concatenate([g[~contested], np.array(sorted(taken_g), dtype=np.int64)])
