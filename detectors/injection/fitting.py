"""How a model is fitted: a logistic regression over stretches of texts, as the detector judges them.

Where an attack lies in a long text is known for some; for the others a first model
picks the stretches that look most like it. Of each harmless text that model picks the
stretches that look most like an attack: one of them is enough for a false alarm, and of
a long text few were among those that were cut at random.
"""

import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack  # type: ignore[import-untyped]
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from detectors.injection.corpus import Text
from detectors.injection.features import BITS, Words
from detectors.injection.model import FEWEST, SCALES, Model, begin

_STRENGTH: Final = 3.0
_MOST_STRETCHES: Final = 8
_STEPS: Final = (40, 30)
_WORST: Final = 6
"""So many of the worst stretches of a harmless text are learnt, above `_DOUBTFUL`, with ends this many words apart."""
_DOUBTFUL: Final = -1.5
_APART: Final = 6
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """What a model is fitted to: stretches as rows, their labels, and the number of the text that each is of."""

    rows: csr_matrix
    label: Rows
    owner: Rows

    def of(self, chosen: NDArray[np.bool_]) -> "Stretches":
        """Return the chosen stretches."""
        return Stretches(self.rows[chosen], self.label[chosen], self.owner[chosen])

    def and_harmless(self, found: Sequence[Rows], owner: Sequence[int]) -> "Stretches":
        """Return these and further stretches that are harmless."""
        if not found:
            return self
        label = np.concatenate((self.label, np.zeros(len(found), dtype=np.int64)))
        rows = vstack((self.rows, matrix(found))).tocsr()
        return Stretches(rows, label, np.concatenate((self.owner, np.array(owner, dtype=np.int64))))


def stretches(text: Text, found: Words, label: int, dice: random.Random) -> list[Rows]:
    """Return the features of some of the stretches of a text; of an attack whose place is known, only those in it."""
    count = len(found.start)
    chosen = []
    for scale in SCALES if count else ():
        full = min(count, scale) - 1
        ends = sorted({count - 1, full, *range(full, count, max(2, scale // 3)), dice.randrange(count)})
        first = begin(found, np.arange(count), scale)
        for end in ends:
            low, high = int(found.start[first[end]]), int(found.end[end])
            if label and text.attack:
                shared = min(high, text.attack[1]) - max(low, text.attack[0])
                if shared < 0.6 * min(high - low, text.attack[1] - text.attack[0]):
                    continue
            elif label and end < full:
                continue  # the first words of an attack are not yet one
            chosen.append(found.features[first[end] : end + 1].ravel())
        if count <= scale:
            break
    most = 2 * _MOST_STRETCHES if label else _MOST_STRETCHES
    return chosen if len(chosen) <= most else dice.sample(chosen, most)


def matrix(rows: Sequence[Rows]) -> csr_matrix:
    """Return stretches as rows: counts of features divided by the square root of their number."""
    kept = [row[row >= 0].astype(np.int32) for row in rows]
    sizes = [len(row) for row in kept]
    values = np.concatenate([np.full(size, 1 / np.sqrt(max(FEWEST, size)), dtype=np.float32) for size in sizes])
    return csr_matrix((values, np.concatenate(kept), np.concatenate(([0], np.cumsum(sizes)))), (len(rows), 1 << BITS))


def cut(texts: Sequence[Text], found: Sequence[Words], target: int, seed: int = 5) -> Stretches:
    """Cut all texts that a model learns from."""
    dice = random.Random(seed)
    rows: list[Rows] = []
    label, owner = [], []
    for number, text in enumerate(texts):
        if text.labels[target] >= 0:
            some = stretches(text, found[number], text.labels[target], dice)
            rows += some
            label += [text.labels[target]] * len(some)
            owner += [number] * len(some)
    return Stretches(matrix(rows), np.array(label), np.array(owner))


def worst(model: Model, found: Words) -> list[Rows]:
    """Return the stretches of a harmless text that look most like an attack."""
    if not len(found.start):
        return []
    first, margin = model.margins(found)
    taken: list[int] = []
    for end in np.argsort(-margin, kind="stable")[:200]:
        if margin[end] < _DOUBTFUL or len(taken) == _WORST:
            break
        if all(abs(end - other) > _APART for other in taken):
            taken.append(int(end))
    return [found.features[first[end] : end + 1].ravel() for end in taken]


def fit(data: Stretches, found: Sequence[Words]) -> Model:
    """Train on the stretches that were cut; then on the best of each attack and the worst of each harmless text."""
    classifier = LogisticRegression(C=_STRENGTH, tol=1e-7, warm_start=True, max_iter=_STEPS[0])
    _fit(classifier, data)
    score = data.rows @ classifier.coef_[0]
    best = np.full(data.owner.max() + 1, -np.inf)
    np.maximum.at(best, data.owner, score)
    harmless = np.unique(data.owner[data.label == 0])
    model = _model(classifier)
    mined = [(stretch, int(number)) for number in harmless for stretch in worst(model, found[number])]
    kept = data.of((data.label == 0) | (score >= best[data.owner] - 1.0))
    classifier.set_params(max_iter=_STEPS[1])
    _fit(classifier, kept.and_harmless([s for s, _ in mined], [n for _, n in mined]))
    return _model(classifier)


def _fit(classifier: LogisticRegression, data: Stretches) -> None:
    weight = 1 / np.sqrt(np.bincount(data.owner)[data.owner])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early costs nothing that can be measured
        classifier.fit(data.rows, data.label, sample_weight=weight)


def _model(classifier: LogisticRegression) -> Model:
    return Model(classifier.coef_[0].astype(np.float32), float(classifier.intercept_[0]))
