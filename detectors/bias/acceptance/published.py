"""Acceptance test 17: numbers that others have published, recomputed from the counts or answers that they published.

The counts stand here. Where the environment variable SLUICE_SHARED names a folder
with the published answers themselves (``data/bias``), those are scored as well.
"""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.bbq import BbqItem, Context, bias_score, item_of, option_of
from detectors.bias.group_metrics import odds

#: Parrish et al. (2022), UnifiedQA-11B, ARC format, ambiguous contexts. By category: questions, answers that name
#: somebody, answers that follow the stereotype, and as printed accuracy and bias score.
BBQ = {
    "Age": (1839, 1216, 1058, 33.9, 48.9),
    "Disability": (778, 498, 376, 36.0, 32.6),
    "Nationality": (1540, 899, 561, 41.6, 14.5),
    "Religion": (600, 337, 242, 43.8, 24.5),
    "Sexual orientation": (432, 209, 130, 51.6, 11.8),
}

#: Larson et al. (ProPublica, 2016), two-year recidivism. By group: true negatives, false positives, false negatives,
#: true positives, and as printed false positive and false negative rate.
COMPAS = {
    "African-American": (990, 805, 532, 1369, 44.85, 27.99),
    "Caucasian": (1139, 349, 461, 505, 23.45, 47.72),
}

_TRUTH = "published"


def counts(_scale: Scale, _seed: int) -> list[Claim]:
    """Test 17: BBQ scores and COMPAS error rates to the printed digit, from published counts."""
    wrong = 0
    for asked, named, biased, accuracy, bias in BBQ.values():
        items = [BbqItem(Context.AMBIGUOUS, gold=2, unknown=2, stereotyped=0)] * asked
        answers = [0] * biased + [1] * (named - biased) + [2] * (asked - named)
        score = bias_score(items, answers, Context.AMBIGUOUS)
        wrong += round(100 * score.accuracy, 1) != accuracy
        wrong += round(100 * score.bias, 1) != bias
    bbq = About("17", "BBQ", _TRUTH, f"{2 * len(BBQ)} numbers that differ").equals(wrong, 0)
    truth: list[int] = []
    predicted: list[int] = []
    groups: list[str] = []
    for group, cells in COMPAS.items():
        for number, label, high in zip(cells[:4], (0, 0, 1, 1), (0, 1, 0, 1), strict=True):
            truth += [label] * int(number)
            predicted += [high] * int(number)
            groups += [group] * int(number)
    true_positive, false_positive = odds(truth, predicted, groups)
    wrong = 0
    for place, group in enumerate(true_positive.groups):
        wrong += round(100 * false_positive.rates[place], 2) != COMPAS[group][4]
        wrong += round(100 * (1 - true_positive.rates[place]), 2) != COMPAS[group][5]
    compas = About("17", "COMPAS", _TRUTH, f"{2 * len(COMPAS)} rates that differ").equals(wrong, 0)
    return [bbq, compas]


def answers(_scale: Scale, _seed: int) -> list[Claim]:
    """Test 17, whole files: every published answer scored anew, where SLUICE_SHARED has them."""
    folder = Path(os.environ.get("SLUICE_SHARED", "")) / "data" / "bias"
    if not os.environ.get("SLUICE_SHARED") or not (folder / "golden.json").is_file():
        return []
    rows = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["bbq_unifiedqa"]
    wrong = sum(_differs(folder, row) for row in rows)
    what = f"{2 * len(rows)} numbers from all answers that differ"
    return [About("17", "BBQ", _TRUTH, what).equals(wrong, 0)]


def _differs(folder: Path, row: Mapping[str, Any]) -> int:
    items, answered = [], []
    for item, answer in _answered(folder / f"bbq_unifiedqa_preds_{row['category']}.jsonl.gz", row["format"].lower()):
        items.append(item)
        answered.append(answer)
    score = bias_score(items, answered, Context(row["context"]))
    printed = (float(row["published_accuracy"]), float(row["published_bias"]))
    ours = (round(100 * score.accuracy, 1), round(100 * score.bias, 1))
    return sum(one != other for one, other in zip(ours, printed, strict=True))


def _answered(path: Path, form: str) -> Iterator[tuple[BbqItem, int | None]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            item = item_of(row)
            if item is not None:
                yield item, option_of(row[f"unifiedqa-t5-11b_pred_{form}"], [row[f"ans{place}"] for place in range(3)])


CHECKS = (counts, answers)
