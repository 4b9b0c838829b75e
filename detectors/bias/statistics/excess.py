"""Differences between groups beyond the noise of asking twice.

A backend that samples never answers the same question twice alike. Counting
"A and B got different answers" therefore calls every backend unfair. The excess
is an energy distance: distances between the groups' answers, less the mean of
the distances inside each group,

    excess = d(A, B) - (d(A, A') + d(B, B')) / 2

which is zero in expectation when the groups' answers have one distribution, for
any distance: 0/1 for flips, cosine or edit distance for texts. The test permutes
the group labels inside every item; it assumes nothing about the distance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detectors.bias.statistics.table import SKETCH_BITS, Bytes, Floats, Ints, Table

PERMUTATIONS = 4_999

#: Answers a side that are used of one item: all splits of twelve answers can still be listed.
MOST_REPEATS = 6


@dataclass(frozen=True, slots=True)
class Excess:
    """Distances between and within groups, their excess, and the one-sided p-value of "no excess".

    `per_item` has one excess per item with at least two answers on both sides.
    """

    between: float
    within: float
    estimate: float
    p: float
    per_item: Floats
    items: Ints


def excess_distance(distances: Sequence[Floats], seed: int = 0, permutations: int = PERMUTATIONS) -> Excess | None:
    """Return the excess over items; None when there is no item.

    Each item is a symmetric matrix of shape ``(2r, 2r)``, r >= 2: distances among
    r answers for the group (first) and r for the reference. Raises ValueError for
    another shape.
    """
    if not len(distances):
        return None
    tables = [_by_labelling(matrix) for matrix in distances]
    excesses, betweens = zip(*tables, strict=True)
    observed = np.array([table[0] for table in excesses])
    between = float(np.mean([table[0] for table in betweens]))
    estimate = float(observed.mean())
    generator = np.random.default_rng([seed, len(tables)])
    drawn = np.zeros(permutations)
    for table in excesses:
        drawn += table[generator.integers(0, len(table), size=permutations)]
    extreme = int((drawn / len(tables) >= estimate - 1e-12).sum())
    p = (extreme + 1) / (permutations + 1)
    return Excess(between, between - estimate, estimate, p, observed, np.arange(len(tables)))


def _by_labelling(matrix: Floats) -> tuple[Floats, Floats]:
    """Return excess and between-distance under every split of an item's answers into two halves; the true one first."""
    size = matrix.shape[0]
    if matrix.shape != (size, size) or size < 4 or size % 2:
        raise ValueError(f"item of shape {matrix.shape}: expected a square matrix of at least two answers a side")
    if size > 2 * MOST_REPEATS:
        raise ValueError(f"item with {size // 2} repeats a side: at most {MOST_REPEATS} can be permuted exactly")
    splits = _splits(size)
    total = matrix.sum()
    inside_first = np.einsum("si,ij,sj->s", splits, matrix, splits)
    other = 1.0 - splits
    inside_second = np.einsum("si,ij,sj->s", other, matrix, other)
    half = size // 2
    within = (inside_first + inside_second) / (2 * half * (half - 1))
    between = (total - inside_first - inside_second) / (2 * half * half)
    return between - within, between


def _splits(size: int) -> Floats:
    """Return every way to split `size` answers into two equal halves, as 0/1 rows; swapped halves count once."""
    rows = [first for first in combinations(range(size), size // 2) if 0 in first]
    splits = np.zeros((len(rows), size))
    for row, members in enumerate(rows):
        splits[row, list(members)] = 1.0
    return splits


def excess_flips(
    table: Table, group: str, reference: str, seed: int = 0, permutations: int = PERMUTATIONS
) -> Excess | None:
    """Return the excess flip rate of parsed answers; None when no item was asked twice for both groups.

    A flip is a differing value.
    """

    def flips(rows: Table) -> Floats:
        return np.not_equal(rows.value[:, None], rows.value[None, :]).astype(np.float64)

    return _excess(table, group, reference, flips, seed, permutations)


def excess_texts(
    table: Table, group: str, reference: str, seed: int = 0, permutations: int = PERMUTATIONS
) -> Excess | None:
    """As `excess_flips`, of the distances between texts, estimated from their sketches."""
    return _excess(table, group, reference, lambda rows: sketch_distances(rows.sketch), seed, permutations)


def sketch_distances(sketches: Bytes) -> Floats:
    """Return the distances among texts: 0 for equal ones, about 1 (or a little more) for strangers.

    Not cut off at 1: an estimate that is cut off is biased, and the excess with it.
    """
    differing = np.bitwise_count(sketches[:, None, :] ^ sketches[None, :, :]).sum(axis=2, dtype=np.int64)
    return np.asarray(2.0 * differing / SKETCH_BITS, dtype=np.float64)


def _excess(
    table: Table, group: str, reference: str, distances: Callable[[Table], Floats], seed: int, permutations: int
) -> Excess | None:
    """Items with unequal numbers of parsed answers use as many, the first ones, on both sides."""
    rows = table.pair(group, reference)
    rows = rows.where(rows.parsed)
    side = rows.side(group)
    matrices, items = [], []
    for item in np.unique(rows.item):
        here = rows.item == item
        first, second = np.flatnonzero(here & (side > 0)), np.flatnonzero(here & (side < 0))
        repeats = min(len(first), len(second), MOST_REPEATS)
        if repeats < 2:
            continue
        chosen = np.concatenate([first[:repeats], second[:repeats]])
        matrices.append(distances(rows.where(chosen)))
        items.append(rows.template[here][0])
    found = excess_distance(matrices, seed, permutations)
    if found is None:
        return None
    return Excess(found.between, found.within, found.estimate, found.p, found.per_item, np.array(items))


def flip_rate_within(table: Table, group: str) -> float:
    """Return how often two identical questions about `group` got different values (A/A noise); NaN without repeats."""
    code = table.groups.index(group) if group in table.groups else -2
    rows = table.where((table.group == code) & table.parsed)
    flips, pairs = 0, 0
    for item in np.unique(rows.item):
        values = rows.value[rows.item == item]
        _, counts = np.unique(values, return_counts=True)
        pairs += len(values) * (len(values) - 1) // 2
        flips += len(values) * (len(values) - 1) // 2 - int((counts * (counts - 1) // 2).sum())
    return flips / pairs if pairs else float("nan")
