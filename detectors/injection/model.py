"""The linear model: how much each stretch of a text reads like an attack on a model's instructions."""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.detector import DetectorFailure
from detectors.injection.features import BITS, Ints, Words, words

SCALES: Final = (6, 12, 32)
"""How many words are judged at once: a short order, a sentence hidden in a text, and a paragraph."""
FEWEST: Final = 24
"""A stretch of fewer features is judged as one of so many: the first word of a text alone says nothing."""
SPAN: Final = 320
"""The longest stretch that is judged at once, in characters."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of one linear model. A stretch scores ``sigmoid(bias + sum(weights) / sqrt(features))``.

    The bias is set so that .5 is the threshold that cross-validation gave (see the card).
    """

    weights: NDArray[np.float32] = field(repr=False)
    bias: float

    def scores(self, found: Words) -> tuple[Ints, NDArray[np.float64]]:
        """Return for each word where the stretch that ends there begins (an index of words), and its score in 0..1.

        Of the stretches of every scale the one with the highest score.
        """
        first, margin = self.margins(found)
        return first, np.round(1 / (1 + np.exp(-margin)), 6)

    def margins(self, found: Words) -> tuple[Ints, NDArray[np.float64]]:
        """Return for each word where the best stretch that ends there begins, and its logit."""
        count = len(found.start)
        index = np.arange(count)
        present = found.features >= 0
        values = np.where(present, self.weights[np.where(present, found.features, 0)], 0.0).sum(axis=1)
        total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        number = np.concatenate(([0], np.cumsum(present.sum(axis=1))))
        begins, margins = [], []
        for scale in SCALES:
            first = begin(found, index, scale)
            # Rounded, so that a sum does not depend on how much text stood before it.
            inside = np.round(total[index + 1] - total[first], 6)
            margins.append(self.bias + inside / np.sqrt(np.maximum(FEWEST, number[index + 1] - number[first])))
            begins.append(first)
        best = np.argmax(margins, axis=0)
        margin = np.take_along_axis(np.array(margins), best[None], axis=0)[0]
        return np.take_along_axis(np.array(begins), best[None], axis=0)[0], margin

    def highest(self, found: Words) -> float:
        """Return the highest logit of any stretch of a text; -30 for one without words."""
        return float(self.margins(found)[1].max()) if len(found.start) else -30.0

    def score(self, text: str) -> float:
        """Return the highest score of any stretch of `text`, in 0..1; 0 for a text without words."""
        found = words(text)
        return float(self.scores(found)[1].max()) if len(found.start) else 0.0


def begin(found: Words, index: Ints, scale: int) -> Ints:
    """Return the first word of the stretch of `scale` words, at most `SPAN` characters, that ends with each word."""
    return np.maximum(index - scale + 1, np.searchsorted(found.end, found.end[index] - SPAN, side="right"))


def load(path: Path) -> Model:
    """Read a model written by `train.py`. Raises `DetectorFailure` when it is missing or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            numbers, scale = file["weights"], float(file["scale"])
            bias = float(file["bias"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DetectorFailure(
            f"the injection model {path.name} cannot be read ({type(error).__name__}): install the package again"
        ) from None
    if numbers.shape != (1 << BITS,) or numbers.dtype != np.int8 or not np.isfinite([scale, bias]).all():
        raise DetectorFailure(f"the injection model {path.name} is damaged: install the package again")
    return Model(numbers.astype(np.float32) * np.float32(scale), bias)


def save(path: Path, weights: NDArray[np.float64], bias: float) -> None:
    """Write a model with its weights rounded to 255 steps."""
    scale = float(np.abs(weights).max()) / 127
    numbers = np.round(weights / scale).astype(np.int8)
    np.savez_compressed(path, weights=numbers, scale=scale, bias=bias)
