"""Train the two models: ``python -m detectors.injection.train --data train.jsonl.gz more.jsonl.gz``.

Both learn attacks, alone and set into documents; `prompt` against what people ask and
write, `document` against what people write for people, so that there any request to a
model is enough (`fitting.py`).

Judged by cross-validation in which all texts of one source of documents, one variant
of attacks, or one part of a family of made-up texts are left out together. Needs
scikit-learn (development); `collect.py` gathers ``more.jsonl.gz``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.injection.corpus import DOCUMENTS, FOLDS, Text, embedded, made_up, read
from detectors.injection.features import Words, words
from detectors.injection.fitting import cut, fit
from detectors.injection.model import Model, save

TARGETS: Final = ("prompt", "document")
# The share of harmless texts of others, of a kind of them, and of made-up ones, by target. Well under the goals of
# 3 % and 5 %: what people really write has more variety than what is held out here.
_FALSE_ALARMS: Final = ((0.01, 0.01, 0.02), (0.01, 0.02, 0.05))
_FEW: Final = 100
_SHARE: Final = 0.35
_SYSTEM: Final = frozenset({"system_prompt", "pattern", "made-up system"})
Floats = NDArray[np.float64]


def learn(texts: Sequence[Text], found: Sequence[Words], target: int) -> list[Model]:
    """Return a model without each fold, and last one of all texts."""
    data = cut(texts, found, target)
    fold_of = np.array([t.fold for t in texts])[data.owner]
    return [fit(data.of(fold_of != fold), found) for fold in range(FOLDS + 1)]


def mixed(document: Model, prompt: Model) -> Model:
    """Return one model with the weights of both: an order to a model is also an attack where requests are."""
    return Model(document.weights + _SHARE * prompt.weights, document.bias + _SHARE * prompt.bias)


def held_out(texts: Sequence[Text], found: Sequence[Words], models: Sequence[Model]) -> Floats:
    """Return for each text the margin of the model that saw no text of its fold."""
    return np.array([models[t.fold].highest(f) for t, f in zip(texts, found, strict=True)])


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
    found = [words(t.text) for t in texts]
    prompt, document = (learn(texts, found, target) for target in range(len(TARGETS)))
    judged = (prompt, [mixed(d, p) for d, p in zip(document, prompt, strict=True)])
    for target, (name, models) in enumerate(zip(TARGETS, judged, strict=True)):
        margin = held_out(texts, found, models)
        threshold = threshold_for(texts, target, margin)
        save(options.out / f"{name}.npz", models[-1].weights.astype(np.float64), models[-1].bias - threshold)
        sys.stdout.write(f"{name}: {len(texts)} texts\n{report(texts, target, margin, threshold)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
