"""How different two answers are, without a model: for texts whose outcome is the text itself.

Three distances in 0..1, each zero for equal texts: words shared (Jaccard), longest
common run of words in order (ROUGE-L, Lin 2004), and direction of hashed word
counts (cosine). They mean something only as an *excess* over the distance between
answers to identical questions (`statistics/excess.py`): two samples of one backend
differ by 0.3 and more.

Texts are compared in memory and dropped; distances are all that is kept. Words
that stand for the group itself must be blinded first (`mitigation/blinding.py`):
"she" and "he" are no unfairness.
"""

import re
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from detectors.bias.statistics.excess import Excess, excess_distance
from detectors.bias.statistics.table import Floats

Distance = Callable[[Sequence[str], Sequence[str]], float]

_WORD = re.compile(r"\w+", re.UNICODE)
_BUCKETS = 2**12
_LONGEST = 2_000  # words; longer answers are compared by their first words, the run-time is quadratic


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded, the first 2,000 of them."""
    return [match.group().casefold() for match in _WORD.finditer(text)][:_LONGEST]


def jaccard(first: Sequence[str], second: Sequence[str]) -> float:
    """Return 1 - shared words / all words."""
    one, two = set(first), set(second)
    return 1 - len(one & two) / len(one | two) if one or two else 0.0


def rouge_l(first: Sequence[str], second: Sequence[str]) -> float:
    """Return 1 - ROUGE-L's F-measure: the longest common subsequence of words against both lengths."""
    if not first or not second:
        return float(bool(first) != bool(second))
    common = _longest_common(first, second)
    return 1 - 2 * common / (len(first) + len(second))


def _longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    row = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for place, other in enumerate(second, 1):
            diagonal, row[place] = row[place], diagonal + 1 if word == other else max(row[place], row[place - 1])
    return row[-1]


def cosine(first: Sequence[str], second: Sequence[str]) -> float:
    """Return 1 - the cosine of the hashed word counts, dampened by the square root."""
    one, two = _counts(first), _counts(second)
    norm = float(np.linalg.norm(one) * np.linalg.norm(two))
    if norm == 0.0:
        return float(bool(first) != bool(second))
    return max(0.0, 1 - float(one @ two) / norm)


def _counts(text: Sequence[str]) -> Floats:
    # crc32, because Python's own hash of a string differs from run to run.
    buckets = np.array([zlib.crc32(word.encode()) % _BUCKETS for word in text], dtype=np.int64)
    return np.sqrt(np.bincount(buckets, minlength=_BUCKETS).astype(np.float64))


DISTANCES: dict[str, Distance] = {"jaccard": jaccard, "rouge-l": rouge_l, "cosine": cosine}


def distances(group: Sequence[str], reference: Sequence[str], distance: Distance) -> Floats:
    """Return the distances among an item's answers, the group's first, shape ``(2r, 2r)``, for `excess_distance`.

    Raises ValueError when the sides have different numbers of answers.
    """
    if len(group) != len(reference):
        raise ValueError(f"{len(group)} answers against {len(reference)}: both sides need as many")
    texts = [words(text) for text in (*group, *reference)]
    matrix = np.zeros((len(texts), len(texts)))
    for row in range(len(texts)):
        for column in range(row):
            matrix[row, column] = matrix[column, row] = distance(texts[row], texts[column])
    return matrix


def excess_text_distance(
    items: Sequence[tuple[Sequence[str], Sequence[str]]], distance: Distance = rouge_l, seed: int = 0
) -> Excess | None:
    """Return by how much answers differ between groups beyond how they differ anyway; None without items.

    Each item has the answers to one question for the group and for the reference,
    at least two a side, at most six.
    """
    return excess_distance([distances(group, reference, distance) for group, reference in items], seed)
