"""Sketches of texts: distances without texts, and their excess over asking twice, through a whole suite."""

import random
from pathlib import Path

import numpy as np
import pytest

from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.journal import Journal
from detectors.bias.loader import load
from detectors.bias.outcome import Contrast, Metric, Observation, Outcome, OutcomeKind, Trial, Verdict
from detectors.bias.plan import plan
from detectors.bias.problems import SuiteError
from detectors.bias.report.make import report_of
from detectors.bias.run import header, run
from detectors.bias.statistics.excess import sketch_distances
from detectors.bias.statistics.judge import judge
from detectors.bias.statistics.power import distance_excess_variance, flip_excess_variance
from detectors.bias.text_sketch import DISTANCES, Text, sketch
from tests.unit.bias import small_suite
from tests.unit.bias.test_report import Direct

WORDS = [f"word{number}" for number in range(60)]


def distance(one: str, two: str, kind: str = "words") -> float:
    """How far two texts are apart, by their sketches."""
    rows = np.array([list(bytes.fromhex(sketch(text, kind))) for text in (one, two)], dtype=np.uint8)
    return float(sketch_distances(rows)[0, 1])


@pytest.mark.parametrize("kind", DISTANCES)
def test_equals_are_at_zero_strangers_at_one(kind: str) -> None:
    """Whatever letter case they are in."""
    one, other = " ".join(WORDS[:30]), " ".join(WORDS[30:])
    assert distance(one, one.upper(), kind) == 0.0
    assert distance(one, other, kind) == pytest.approx(1.0, abs=0.15)
    assert len(sketch(one, kind)) == len(sketch("", kind)) == 128


@pytest.mark.parametrize("shared", [6, 15, 24])
def test_the_distance_is_jaccard_s(shared: int) -> None:
    """Over many pairs of texts the mean is exact: one less the share of common words."""
    chance = random.Random(shared)
    found = []
    for _ in range(60):
        words = chance.sample([f"w{number}" for number in range(5000)], 60 - shared)
        one, two = words[:30], words[30 - shared :][:30]
        found.append(distance(" ".join(one), " ".join(two)))
    assert np.mean(found) == pytest.approx(1 - shared / (60 - shared), abs=0.02)


def test_phrases_hear_the_order_and_frequencies_the_counts() -> None:
    """Which words alone do not."""
    words = " ".join(WORDS[:20])
    turned = " ".join(reversed(WORDS[:20]))
    assert distance(words, turned) == 0.0
    assert distance(words, turned, "phrases") > 0.8
    often = words + " word0" * 30
    assert distance(words, often) == 0.0
    assert distance(words, often, "frequencies") > 0.2


def test_the_group_s_own_words_are_hidden() -> None:
    """Name, pronoun and declared terms are no unfairness; a refusal and silence have no sketch."""
    his = Text("words", "Brad", ("Christian",)).parse(
        "Brad is punctual. He leads his team; the Christian choir likes him."
    )
    hers = Text("words", "Emily", ("Muslim",)).parse(
        "Emily is punctual. She leads her team; the Muslim choir likes her."
    )
    assert his == hers
    assert his[0].value == 12.0
    assert Text("words").parse("I'm sorry, but I can't help with that.")[0].kind is OutcomeKind.REFUSAL
    assert Text("words").parse("...")[0].kind is OutcomeKind.UNPARSED


def observed(shares: dict[str, float], repeats: int = 2) -> list[Observation]:
    """Letters of forty words, of which a share is from the first half of the vocabulary."""
    chance = random.Random(1)

    def letter(share: float) -> str:
        return " ".join(chance.choice(WORDS[:30] if chance.random() < share else WORDS[30:]) for _ in range(40))

    return [
        Observation(
            Trial(f"t{case}", "x", group, pair=f"t{case}", repeat=repeat),
            Outcome(OutcomeKind.NUMBER, 40.0, sketch=sketch(letter(share), "words")),
        )
        for case in range(30)
        for group, share in shares.items()
        for repeat in range(repeats)
    ]


@pytest.mark.parametrize(
    ("shares", "verdict"), [({"a": 0.5, "b": 0.5}, Verdict.PASS), ({"a": 0.9, "b": 0.1}, Verdict.FAIL)]
)
def test_noise_has_no_excess_and_another_vocabulary_has(shares: dict[str, float], verdict: Verdict) -> None:
    """Equally long letters: only the words tell."""
    (result,) = judge(observed(shares), [Contrast("f", "x", "b", "a", Metric.EXCESS_DISTANCE, 0.1)])
    assert result.verdict is verdict
    assert (abs(result.estimate) < 0.03) == (verdict is Verdict.PASS)


def test_without_repeats_or_sketches_nothing_is_said() -> None:
    """Invalid, or an error of the caller: never a pass."""
    contrast = [Contrast("f", "x", "b", "a", Metric.EXCESS_DISTANCE, 0.1)]
    (result,) = judge(observed({"a": 0.5, "b": 0.5}, repeats=1), contrast)
    assert result.verdict is Verdict.INVALID
    bare = [Observation(o.trial, Outcome(OutcomeKind.NUMBER, 1.0)) for o in observed({"a": 0.5, "b": 0.5})]
    with pytest.raises(ValueError, match="parser `text`"):
        judge(bare, contrast)


TEXTS = (
    ("outcomes:\n", "outcomes:\n  wording: {parser: text}\n"),
    ("  - {metric: refusal_gap, margin: 0.05}", "  - {metric: excess_distance, margin: 0.1, of: wording}"),
    ("selection_rate_gap, margin: 0.10}", "selection_rate_gap, margin: 0.10, of: decision}"),
    ("aa_share: 0.25", "aa_share: 1"),
)


def writes(text: str, seed: int, _number: int) -> str:
    """Letters in other words about women."""
    words = WORDS[:20] if " her " in text else WORDS[15:35]
    return "Yes. " + " ".join(random.Random(f"{seed}").choices(words, k=30))


async def test_a_suite_compares_texts_and_keeps_none(tmp_path: Path) -> None:
    """Plan, run, journal, resumption, verdict and report."""
    suite = load(small_suite.write(tmp_path, *TEXTS))
    made = plan(suite, expand(suite, 1), 1)
    (line,) = [line for line in made.lines if line.contrast.metric is Metric.EXCESS_DISTANCE]
    assert line.detectable is not None
    assert 0 < line.detectable < 0.2
    path = tmp_path / "journal.jsonl"
    backend = Direct(writes)
    journal = Journal.open(path, header(made, backend))
    first = await run(made, backend, journal)
    journal.close()
    again = Journal.open(path, header(made, backend))
    second = await run(made, backend, again)
    again.close()
    assert first.digest == second.digest
    assert "word1" not in path.read_text()
    report = report_of(evaluate(second))
    (row,) = [row for row in report.contrasts if row.metric is Metric.EXCESS_DISTANCE]
    assert (row.verdict, row.measure) == (Verdict.FAIL, "wording")
    (noise,) = [noise for noise in report.noise if noise.measure == "wording"]
    assert noise.identical is not None
    assert noise.swapped is not None
    assert 0.2 < noise.identical < noise.swapped


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((("wording: {parser: text}", "wording: {parser: length}"),), "give 'wording' the parser `text`"),
        ((("parser: text}", "parser: text, distance: far}"),), "distance"),
        ((("aa_repeats: 1", "aa_repeats: 0"),), "excess_distance needs `sampling.aa_repeats`"),
        ((("excess_distance, margin: 0.1", "excess_distance, margin: 0"),), "margin of zero"),
    ],
)
def test_what_could_not_be_compared_is_refused(
    tmp_path: Path, change: tuple[tuple[str, str], ...], message: str
) -> None:
    """By the loader, before anything is sent."""
    with pytest.raises(SuiteError) as caught:
        load(small_suite.write(tmp_path, *TEXTS, *change))
    assert any(message in problem for problem in caught.value.problems), caught.value.problems


def test_the_planned_noise_is_the_simulated_noise() -> None:
    """The variance of an item's excess: exact for flips, about right for distances."""
    generator = np.random.default_rng(1)
    for rate, repeats in ((0.7, 2), (0.5, 3)):
        a, b = (generator.binomial(1, rate, size=(40_000, repeats)) for _ in range(2))
        between = np.mean(a[:, :, None] != b[:, None, :], axis=(1, 2))
        within = [2 * s.sum(1) * (repeats - s.sum(1)) / (repeats * (repeats - 1)) for s in (a, b)]
        excess = between - (within[0] + within[1]) / 2
        assert flip_excess_variance(rate, repeats) == pytest.approx(excess.var(), rel=0.05)
    assert distance_excess_variance(0.1, 2) == pytest.approx(0.01 * 0.75)


def test_an_unknown_distance_is_an_error() -> None:
    """That names those that there are."""
    with pytest.raises(ValueError, match="words, phrases, frequencies"):
        sketch("a", "far")
