"""Train the two models: ``python -m detectors.injection.train --data train.jsonl.gz more.jsonl.gz``.

Both learn attacks, alone and set into documents; `prompt` against what people ask and
write, `document` against what people write for people, so that there any request to a
model is enough. Texts are cut into stretches as the detector judges them. Where an
attack lies in a long text is known for some; for the others a first model picks the
stretches that look most like it.

Judged by cross-validation in which all texts of one source of documents, one variant
of attacks, or one part of a family of made-up texts are left out together. Needs
scikit-learn (development); `collect.py` gathers ``more.jsonl.gz``.
"""

import argparse
import random
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from detectors.injection.corpus import DOCUMENTS, FOLDS, Text, embedded, made_up, read
from detectors.injection.features import BITS, words
from detectors.injection.model import FEWEST, SCALES, Model, begin, save

TARGETS: Final = ("prompt", "document")
# The share of harmless texts of others, of a kind of them, and of made-up ones, by target. Well under the goals of
# 3 % and 5 %: what people really write has more variety than what is held out here.
_FALSE_ALARMS: Final = ((0.01, 0.01, 0.02), (0.01, 0.02, 0.05))
_FEW: Final = 100
_SHARE: Final = 0.35
_STRENGTH: Final = 3.0
_MOST_STRETCHES: Final = 8
_STEPS: Final = (40, 30)
_SYSTEM: Final = frozenset({"system_prompt", "pattern", "made-up system"})
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """What a model is fitted to: stretches as rows, their labels, and the number of the text that each is of."""

    rows: csr_matrix
    label: Rows
    owner: Rows

    def of(self, texts: NDArray[np.bool_]) -> "Stretches":
        """Return the stretches of the chosen texts."""
        keep = texts[self.owner]
        return Stretches(self.rows[keep], self.label[keep], self.owner[keep])


def stretches(text: Text, label: int, dice: random.Random) -> list[Rows]:
    """Return the features of some of the stretches of a text; of an attack whose place is known, only those in it."""
    found = words(text.text)
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


def cut(texts: Sequence[Text], target: int, seed: int = 5) -> Stretches:
    """Cut all texts that a model learns from."""
    dice = random.Random(seed)
    rows: list[Rows] = []
    label, owner = [], []
    for number, text in enumerate(texts):
        if text.labels[target] >= 0:
            found = stretches(text, text.labels[target], dice)
            rows += found
            label += [text.labels[target]] * len(found)
            owner += [number] * len(found)
    return Stretches(matrix(rows), np.array(label), np.array(owner))


def fit(data: Stretches) -> Model:
    """Train: once on all stretches, then on those of each attack that scored best."""
    weight = 1 / np.sqrt(np.bincount(data.owner)[data.owner])
    keep = np.ones(len(data.label), dtype=bool)
    classifier = LogisticRegression(C=_STRENGTH, tol=1e-7, warm_start=True)
    for steps in _STEPS:
        classifier.set_params(max_iter=steps)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early costs nothing that can be measured
            classifier.fit(data.rows[keep], data.label[keep], sample_weight=weight[keep])
        score = data.rows @ classifier.coef_[0]
        best = np.full(data.owner.max() + 1, -np.inf)
        np.maximum.at(best, data.owner, score)
        keep = (data.label == 0) | (score >= best[data.owner] - 1.0)
    return Model(classifier.coef_[0].astype(np.float32), float(classifier.intercept_[0]))


def learn(texts: Sequence[Text], target: int) -> list[Model]:
    """Return a model without each fold, and last one of all texts."""
    data = cut(texts, target)
    fold_of = np.array([t.fold for t in texts])
    return [fit(data.of(fold_of != fold)) for fold in range(FOLDS + 1)]


def mixed(document: Model, prompt: Model) -> Model:
    """Return one model with the weights of both: an order to a model is also an attack where requests are."""
    return Model(document.weights + _SHARE * prompt.weights, document.bias + _SHARE * prompt.bias)


def held_out(texts: Sequence[Text], models: Sequence[Model]) -> Floats:
    """Return for each text the margin of the model that saw no text of its fold."""
    return np.array([models[t.fold].margin(t.text) for t in texts])


def threshold_for(texts: Sequence[Text], target: int, margin: Floats) -> float:
    """Return the least margin that no more harmless texts reach than `_FALSE_ALARMS` says.

    Of all that others wrote, of any one kind of that, and of the made-up ones, which use
    the words of attacks. System prompts are left aside: they are instructions to a model
    by nature, and come from who runs it.
    """
    of_others, of_kind, of_made = _FALSE_ALARMS[target]
    harmless = np.array([t.labels[target] == 0 and t.kind.removesuffix(", embedded") not in _SYSTEM for t in texts])
    made = np.array([t.kind.startswith("made-up") for t in texts])
    kind = np.array([t.kind for t in texts])
    parts = [(harmless & ~made, of_others), (harmless & made, of_made)]
    for name in sorted(set(kind[harmless & ~made])):
        part = harmless & (kind == name)
        if part.sum() >= _FEW:
            parts.append((part, of_kind))
    return max(float(np.quantile(margin[part], 1 - share)) for part, share in parts)


def report(texts: Sequence[Text], target: int, margin: Floats, threshold: float) -> str:
    """Return a table: kind, texts, share at or above the threshold, with 95 % intervals (Wilson)."""
    lines = [f"threshold {threshold:.3f}"]
    for label in (1, 0):
        for kind in ["all", *sorted({t.kind for t in texts if t.labels[target] == label})]:
            chosen = np.array([t.labels[target] == label and kind in ("all", t.kind) for t in texts])
            n, k = int(chosen.sum()), int((margin[chosen] >= threshold).sum())
            low, high = wilson(k, n)
            lines.append(
                f"| {'attack' if label else 'harmless'} | {kind} | {n} | {k / n:.3f} [{low:.3f}, {high:.3f}] |"
            )
    return "\n".join(lines)


def wilson(hits: int, number: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion."""
    share = hits / number
    centre, spread = share + z * z / (2 * number), z * np.sqrt(share * (1 - share) / number + z * z / (4 * number**2))
    scale = 1 + z * z / number
    return float((centre - spread) / scale), float((centre + spread) / scale)


def corpus(paths: Sequence[Path]) -> list[Text]:
    """Return all texts: real ones, made-up ones, and some of both set into documents."""
    texts = [*read(paths), *made_up(31, 12, 12)]
    passages = [t.text for t in texts if t.kind in DOCUMENTS and len(t.text) > 100]
    return texts + list(embedded(texts, passages, 0.3, 3))


def main() -> None:
    """Train, judge and write both models."""
    parser = argparse.ArgumentParser(description="Train the injection models.")
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    texts = corpus(options.data)
    prompt, document = (learn(texts, target) for target in range(len(TARGETS)))
    judged = (prompt, [mixed(d, p) for d, p in zip(document, prompt, strict=True)])
    for target, (name, models) in enumerate(zip(TARGETS, judged, strict=True)):
        margin = held_out(texts, models)
        threshold = threshold_for(texts, target, margin)
        save(options.out / f"{name}.npz", models[-1].weights.astype(np.float64), models[-1].bias - threshold)
        sys.stdout.write(f"{name}: {len(texts)} texts\n{report(texts, target, margin, threshold)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
