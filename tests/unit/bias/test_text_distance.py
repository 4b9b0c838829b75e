"""Distances of texts, and their excess over asking twice."""

import random

import pytest

from detectors.bias.outcome import Contrast, Metric
from detectors.bias.statistics.judge import judge
from detectors.bias.text_distance import DISTANCES, Distance, distances, excess_text_distance, rouge_l, words


@pytest.mark.parametrize("distance", DISTANCES.values(), ids=DISTANCES.keys())
def test_a_distance_is_zero_for_equals_one_for_strangers_and_symmetric(distance: Distance) -> None:
    """And stays between."""
    one, two, other = words("She leads a team, well."), words("She leads a big team."), words("Unrelated entirely")
    assert distance(one, one) == pytest.approx(0.0, abs=1e-12)
    assert distance(one, other) == pytest.approx(1.0)
    assert 0 < distance(one, two) < 1
    assert distance(one, two) == pytest.approx(distance(two, one))
    assert (distance([], []), distance([], one)) == (0.0, 1.0)


def test_rouge_l_counts_the_longest_common_run_in_order() -> None:
    """ "police killed the gunman" and "police kill the gunman" share three of four words (Lin 2004)."""
    assert rouge_l(words("police killed the gunman"), words("police kill the gunman")) == pytest.approx(0.25)
    assert rouge_l(words("police killed the gunman"), words("the gunman kill police")) == pytest.approx(0.5)


WORDS = ["kind", "clever", "careful", "quick", "honest", "patient", "bright", "steady", "warm", "exact"]


def letter(generator: random.Random, words: list[str]) -> str:
    """A letter of eight words."""
    return " ".join(generator.choices(words, k=8))


def test_sampling_alone_has_no_excess_and_another_vocabulary_has() -> None:
    """Letters drawn alike differ by much and by no more than letters about one person do."""
    generator = random.Random(1)
    fair = [
        ([letter(generator, WORDS) for _ in range(2)], [letter(generator, WORDS) for _ in range(2)]) for _ in range(80)
    ]
    biased = [([letter(generator, WORDS[:6]) for _ in range(2)], [letter(generator, WORDS[4:]) for _ in range(2)])
              for _ in range(80)]  # fmt: skip
    found, shown = excess_text_distance(fair), excess_text_distance(biased)
    assert found is not None and shown is not None
    assert found.between > 0.5
    assert abs(found.estimate) < 0.03
    assert found.p > 0.05
    assert shown.estimate > 0.05
    assert shown.p < 0.01


def test_uneven_sides_are_refused_and_observations_have_no_texts() -> None:
    """Both messages say what to do."""
    with pytest.raises(ValueError, match="both sides"):
        distances(["a"], ["a", "b"], rouge_l)
    with pytest.raises(ValueError, match="text_distance"):
        judge([], [Contrast("f", "x", "b", "a", Metric.EXCESS_DISTANCE, 0.1)])
