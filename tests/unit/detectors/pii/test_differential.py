"""The rules find what stock Presidio's recognizers find: the scan loses nothing and adds nothing.

Every start is tried here, a left-to-right search without overlaps in Presidio;
so of our matches the leftmost that do not overlap, pattern by pattern, must be
Presidio's, with Presidio's scores. Where `corrections.py` replaces an
expression, Presidio's recognizer runs with the replacement.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.pii.context import Spoken
from detectors.pii.scan import Scanner
from detectors.pii.shadow import shadow
from detectors.pii.table import Rule, table
from tests.unit.detectors.pii import samples, stock

pytestmark = pytest.mark.filterwarnings("ignore")  # spaCy's own


class Recorder(Scanner):
    """A scanner that notes every match of every rule, whatever it scores."""

    def __init__(self) -> None:
        super().__init__(table(), floor=0.0)
        self.matches: dict[Rule, set[tuple[int, int, float]]] = {}

    def _try(self, rule: Rule, text: str, since: int, until: int, spoken: Spoken, found: object) -> None:
        for start, end in rule.expression.spans(text, since, until):
            self.matches.setdefault(rule, set()).add((start, end, rule.judge(text[start:end])))

    def leftmost(self, text: str) -> dict[str, set[tuple[int, int, float]]]:
        """Return by recognizer what a search without overlaps would have found, without what another contains."""
        self.matches.clear()
        self.find(text, shadow(text))
        found: dict[str, set[tuple[int, int, float]]] = {}
        for rule, matches in self.matches.items():
            reached = 0
            for start, end, score in sorted(matches):
                if start >= reached:
                    reached = end
                    if score > 0:
                        found.setdefault(rule.recognizer, set()).add((start, end, score))
        return {name: set(_outermost(matches)) for name, matches in found.items()}


def _outermost(matches: set[tuple[int, int, float]]) -> Iterator[tuple[int, int, float]]:
    for m in matches:
        if not any(o != m and o[0] <= m[0] and m[1] <= o[1] and o[2] >= m[2] for o in matches):
            yield m


RULES = sorted({rule.recognizer for rule in table().rules})


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


def differences(recorder: Recorder, text: str, names: list[str]) -> list[object]:
    ours = recorder.leftmost(text)
    theirs = {name: stock.found(stock.with_corrections()[name], text) for name in names}
    return [
        (name, ours.get(name, set()) ^ found, text)
        for name, found in theirs.items()
        if found is not None and ours.get(name, set()) != found
    ]


@pytest.mark.parametrize("name", RULES)
def test_generated_text(name: str, recorder: Recorder) -> None:
    """Values of every pattern, in odd company, are found exactly as Presidio finds them."""
    rng = random.Random(name)
    patterns = [p.regex for p in stock.with_corrections()[name].patterns]
    for _ in range(int(os.environ.get("SLUICE_DIFFERENTIAL", "12"))):
        text = "".join(
            samples.matching(rng.choice(patterns), rng) + rng.choice(samples.GLUE) for _ in range(rng.randint(1, 6))
        )
        assert not differences(recorder, text, [name])


def corpus() -> list[str]:
    root = Path(os.environ.get("SLUICE_SHARED", Path(__file__).parents[5] / "shared"))
    if not (root / "data").is_dir():
        pytest.skip(f"no corpora: {root}/data is not there; set SLUICE_SHARED")
    from detectors.evaluation.documents import read_documents

    texts = []
    for path in ("pii/dev-format_variations.jsonl.gz", "ner/dev-gum.jsonl", "ner/dev-btc.jsonl"):
        texts += random.Random(path).sample([d.text for d in read_documents(root / "data" / path)], 25)
    return texts


def test_corpora(recorder: Recorder) -> None:
    """Documents, prose and posts: every recognizer finds what Presidio finds."""
    for text in corpus():
        assert not differences(recorder, text, RULES)
