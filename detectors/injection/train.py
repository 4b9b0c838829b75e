"""Train the two models: ``python -m detectors.injection.train --data train.jsonl.gz`` (about three minutes).

Both learn attacks, alone and set into documents; `prompt` against harmless
requests and text, `document` against text without any request, so that there an
instruction to a model is enough. Texts are cut into stretches as
the detector judges them. Where an attack lies in a long text is known for some;
for the others a first model picks the stretches that look most like it.

Judged by cross-validation in which all texts of one source and variant, or of one
family of made-up texts, are left out together. Needs scikit-learn (development).
"""

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from detectors.injection.features import BITS, words
from detectors.injection.harmless import HARMLESS
from detectors.injection.model import SCALES, Model, begin, save
from detectors.injection.samples import ATTACKS, Sample, joined, samples

# Attacks only in the light of a system prompt that the model does not see ("What is the password?").
_UNCLEAR = frozenset(
    {"different_user_input_language", "indirect_reference", "output_formatting_manipulation", "persuasion"}
    | {"overload_with_information", "few_shot_attack", "many_shot_attack"}
)
# Well under the goals of 3 % and 5 %: what people really write has more variety than what is held out here.
_FALSE_ALARMS = 0.01
_FALSE_ALARMS_TRIGGER = 0.02
_MOST_STRETCHES = 14
_C = 10.0


@dataclass(frozen=True, slots=True)
class Text:
    """A training text; `group` is left out whole in cross-validation; `attack` is the place when known."""

    text: str
    label: int
    group: str
    kind: str
    attack: tuple[int, int] | None = None


def read(path: Path, target: str) -> list[Text]:
    """Read the records that `target` learns from, and make up the rest."""
    texts: list[Text] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        for line in stream:
            r = json.loads(line)
            kind, variant = r["kind"], r.get("variant", "")
            if r["label"] and variant in _UNCLEAR:
                continue
            if target == "document" and kind in ("benign_instruction", "question", "context_question", "system_prompt"):
                continue
            group = f"{kind}/{variant or r['source'].split(' in ')[0]}"
            if kind in ("jailbreak", "system_prompt"):  # one source each: parts of it are left out in turn
                group += f"/{len(texts) % 4}"
            texts.append(
                Text(r["text"], r["label"], group, kind, tuple(r["attack_span"]) if "attack_span" in r else None)
            )
    harmless = HARMLESS if target == "prompt" else {k: HARMLESS[k] for k in ("mail", "words", "security")}
    made = [*samples(ATTACKS, 1, 40, 1), *samples(harmless, 0, 40, 2)]
    made += joined([s for s in made if s.label == 0], 40, 4)
    texts += [Text(s.text, s.label, s.group, f"made-up {s.group.split('/')[0]}") for s in made]
    return texts + list(_embedded(texts, made))


def _embedded(texts: Sequence[Text], made: Iterable[Sample]) -> Iterable[Text]:
    """Yield made-up texts inside ordinary passages, attacks and harmless ones alike: the seam gives nothing away."""
    dice = random.Random(3)
    passages = [t.text for t in texts if t.kind in ("passage", "context", "sentence")]
    for s in made:
        if dice.random() < 0.25:
            before, after = dice.choice(passages)[-300:], dice.choice(passages)[:300]
            start = len(before) + 1
            yield Text(
                f"{before} {s.text} {after}", s.label, s.group, "made-up, embedded", (start, start + len(s.text))
            )


def stretches(text: Text, dice: random.Random) -> list[NDArray[np.int64]]:
    """Return the features of some of the stretches of a text; of an attack whose place is known, only those in it."""
    found = words(text.text)
    count = len(found.start)
    if not count:
        return []
    chosen = []
    for scale in SCALES:
        ends = sorted({count - 1, *range(scale - 1, count, max(4, scale // 4)), dice.randrange(count)})
        first = begin(found, np.arange(count), scale)
        for end in ends:
            low, high = int(found.start[first[end]]), int(found.end[end])
            if text.label and text.attack:
                shared = min(high, text.attack[1]) - max(low, text.attack[0])
                if shared < 0.6 * min(high - low, text.attack[1] - text.attack[0]):
                    continue
            elif text.label and end < min(count, scale) - 1:
                continue  # the first words of an attack are not yet one
            chosen.append(found.features[first[end] : end + 1].ravel())
            if count <= SCALES[0]:
                break
    most = _MOST_STRETCHES if text.label == 0 else 3 * _MOST_STRETCHES
    return chosen if len(chosen) <= most else dice.sample(chosen, most)


def matrix(rows: Sequence[NDArray[np.int64]]) -> csr_matrix:
    """Return stretches as rows: counts of features divided by the square root of their number."""
    kept = [row[row >= 0] for row in rows]
    sizes = [len(row) for row in kept]
    values = np.concatenate([np.full(size, 1 / np.sqrt(max(1, size)), dtype=np.float32) for size in sizes])
    return csr_matrix((values, np.concatenate(kept), np.concatenate(([0], np.cumsum(sizes)))), (len(rows), 1 << BITS))


def fit(texts: Sequence[Text], seed: int = 5) -> Model:
    """Train on texts: once on all stretches, then on those of each attack that scored best."""
    dice = random.Random(seed)
    rows, label, owner = [], [], []
    for number, text in enumerate(texts):
        for row in stretches(text, dice):
            rows.append(row)
            label.append(text.label)
            owner.append(number)
    x, y, of = matrix(rows), np.array(label), np.array(owner)
    weight = 1 / np.sqrt(np.bincount(of)[of])
    keep = np.ones(len(y), dtype=bool)
    for _ in range(2):
        classifier = LogisticRegression(C=_C, solver="liblinear", max_iter=60, tol=1e-3)
        classifier.fit(x[keep], y[keep], sample_weight=weight[keep])
        score = x @ classifier.coef_[0]
        best = np.full(len(texts), -np.inf)
        np.maximum.at(best, of, score)
        keep = (y == 0) | (score >= best[of] - 1.0)
    return Model(classifier.coef_[0].astype(np.float32), float(classifier.intercept_[0]))


def cross_validate(texts: Sequence[Text], folds: int = 4) -> NDArray[np.float64]:
    """Return for each text the score of a model that saw no text of its group."""
    groups = sorted({t.group for t in texts})
    random.Random(11).shuffle(groups)
    fold_of = {group: number % folds for number, group in enumerate(groups)}
    result = np.zeros(len(texts))
    for fold in range(folds):
        model = fit([t for t in texts if fold_of[t.group] != fold])
        for number, text in enumerate(texts):
            if fold_of[text.group] == fold:
                result[number] = model.score(text.text)
    return result


def threshold_for(texts: Sequence[Text], score: NDArray[np.float64]) -> float:
    """Return the least score that at most 1 % of the harmless texts of others reach, and 2 % of the made-up ones.

    The made-up ones use the words of attacks. System prompts are left aside: they
    are instructions to a model by nature, and come from who runs it.
    """
    harmless = np.array([t.label == 0 and t.kind not in ("system_prompt", "made-up system") for t in texts])
    made = np.array([t.kind.startswith("made-up") for t in texts])
    parts = ((harmless & ~made, _FALSE_ALARMS), (harmless & made, _FALSE_ALARMS_TRIGGER))
    return max(float(np.quantile(score[part], 1 - share)) for part, share in parts)


def report(texts: Sequence[Text], score: NDArray[np.float64], threshold: float) -> str:
    """Return a table: kind, texts, share at or above the threshold, with 95 % intervals (Wilson)."""
    lines = [f"threshold {threshold:.3f}"]
    for label in (1, 0):
        for kind in ["all", *sorted({t.kind for t in texts if t.label == label})]:
            chosen = np.array([t.label == label and kind in ("all", t.kind) for t in texts])
            n, k = int(chosen.sum()), int((score[chosen] >= threshold).sum())
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


def main() -> None:
    """Train, judge and write both models."""
    parser = argparse.ArgumentParser(description="Train the injection models.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--targets", default="prompt,document")
    options = parser.parse_args()
    for target in options.targets.split(","):
        texts = read(options.data, target)
        score = cross_validate(texts)
        threshold = threshold_for(texts, score)
        model = fit(texts)
        bias = model.bias - float(np.log(threshold / (1 - threshold)))
        save(options.out / f"{target}.npz", model.weights.astype(np.float64), bias)
        sys.stdout.write(f"{target}: {len(texts)} texts\n{report(texts, score, threshold)}\n")


if __name__ == "__main__":
    main()
