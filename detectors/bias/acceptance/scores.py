"""Acceptance tests 7 and 13: BBQ scores of answerers without doubt, and agreement with fairlearn."""

import math

import numpy as np

from detectors.bias import fairness, group_metrics, standins
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.bbq import BbqItem, Context, bias_score
from detectors.bias.standins import Answerer, Law


def answer(law: Law, item: BbqItem) -> int:
    """Return the option that an answerer stand-in picks."""
    against = next(index for index in range(3) if index not in (item.unknown, item.stereotyped))
    choice = {
        Answerer.STEREOTYPED: item.stereotyped,
        Answerer.ANTI_STEREOTYPED: against,
        Answerer.UNKNOWN: item.unknown,
    }
    assert law.answerer is not None
    return choice[law.answerer]


def answerers(_scale: Scale, seed: int) -> list[Claim]:
    """Test 7: always with the stereotype scores +100, always against -100, never naming anybody has no score."""
    generator = np.random.default_rng(seed)
    items = []
    for index in range(200):
        unknown, stereotyped, other = (int(i) for i in generator.permutation(3))
        disambiguated = Context.DISAMBIGUATED if index % 2 else Context.AMBIGUOUS
        gold = (stereotyped, other)[index % 4 // 2] if index % 2 else unknown
        items.append(BbqItem(disambiguated, gold, unknown, stereotyped))
    claims = []
    for law, expected in (
        (standins.STEREOTYPED, 100.0),
        (standins.ANTI_STEREOTYPED, -100.0),
        (standins.ALWAYS_UNKNOWN, math.nan),
    ):
        for context in Context:
            score = bias_score(items, [answer(law, item) for item in items], context)
            about = About("7", law.name, law.truth, f"100 x bias score, {context}")
            claims.append(about.equals(100 * score.bias, expected))
    return claims


def oracle(scale: Scale, seed: int) -> list[Claim]:
    """Test 13: our parity and odds equal fairlearn's on random frames, odd ones included."""
    worst = {"demographic parity": 0.0, "equalised odds": 0.0}
    disagreements = 0
    for index in range(scale.frames):
        truth, predicted, group, weight = random_frame(np.random.default_rng([seed, index]), index)
        for method in group_metrics.Method:
            ours = (
                group_metrics.demographic_parity_difference(predicted, group, weight, method),
                group_metrics.demographic_parity_ratio(predicted, group, weight, method),
                *(
                    value
                    for half in group_metrics.odds(truth, predicted, group, weight, undefined=0.0)
                    for value in (half.difference(method), half.ratio(method))
                ),
            )
            theirs = fairness.oracle(truth, predicted, group, weight, method.value)
            for place, (own, other) in enumerate(zip(ours, theirs, strict=True)):
                kind = "demographic parity" if place < 2 else "equalised odds"
                if math.isnan(own) and math.isnan(other):
                    continue
                error = abs(own - other)
                disagreements += not error <= 1e-12
                worst[kind] = max(worst[kind], error if not math.isnan(error) else math.inf)
    claims = [
        About("13", "-", f"{scale.frames} random frames", f"largest difference, {kind}").holds(
            error, "<= 1e-12", error <= 1e-12
        )
        for kind, error in worst.items()
    ]
    about = About("13", "-", f"{scale.frames} random frames", "disagreements with fairlearn")
    return [*claims, about.holds(disagreements, "= 0", disagreements == 0)]


def random_frame(
    generator: np.random.Generator, index: int
) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray | None]:
    """Return truth, prediction, group and weights of a random frame; every fifth is odd in one of five ways."""
    rows, groups = int(generator.integers(2, 60)), int(generator.integers(1, 6))
    truth, predicted = generator.integers(0, 2, rows), generator.integers(0, 2, rows)
    code = generator.integers(0, groups, rows)
    weight = generator.random(rows) + 0.01 if generator.random() < 0.5 else None
    match index % 10:
        case 1:
            predicted[:] = 0  # nobody is selected
        case 3:
            code[:] = 0  # one group
        case 5:
            truth[code == code[0]] = 0  # a group without positives
        case 7:
            truth[:] = 1  # no negatives at all
        case 9:
            predicted[:] = 1
    return truth, predicted, [f"g{value}" for value in code], weight


CHECKS = (answerers, oracle)
