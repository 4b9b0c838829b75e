"""Sample sizes and detectable effects: published numbers, and the promises that plans rest on."""

import math

import pytest

from detectors.bias.statistics.power import (
    Design,
    minimum_detectable_effect,
    n_pairs,
    n_two_rates,
    power_to_fail,
    power_to_pass,
    scale_needed,
    templates_needed,
)


def test_two_rates_need_the_textbook_numbers() -> None:
    """0.8 against 0.6 needs 82 answers a group for 80 % power and 109 for 90 % (Fleiss)."""
    assert n_two_rates(0.8, 0.6) == 82
    assert n_two_rates(0.8, 0.6, power=0.9) == 109


def test_mcnemar_needs_the_textbook_number() -> None:
    """44 % discordant pairs with a net gap of 0.2 need 84 pairs (Connor)."""
    assert n_pairs(0.44, 0.2) == 84


def test_the_recommended_plan_finds_a_gap_of_a_fifth() -> None:
    """50 templates x 4 answers x 2 groups: measured power 0.98 to 0.99."""
    design = Design(templates=50, answers=4, names=20, rate=0.7, template_sd=0, name_sd=0)
    assert power_to_fail(design, 0.2, margin=0.1) > 0.97


def test_a_small_plan_cannot_pass_anybody() -> None:
    """25 templates x 4 never show equivalence within 0.1: a cheap suite can fail or be inconclusive, not pass."""
    assert power_to_pass(Design(templates=25, answers=4, rate=0.7), margin=0.1) < 0.05


def test_the_detectable_effect_is_found_with_the_stated_power() -> None:
    """The effect at which power is 80 % has 80 % power, up to the normal approximation."""
    design = Design(templates=40, answers=4)
    assert power_to_fail(design, minimum_detectable_effect(design)) == pytest.approx(0.8, abs=0.01)


def test_templates_needed_is_the_smallest_that_suffices() -> None:
    """One template fewer has too little power."""
    design = Design(templates=2, answers=4, rate=0.7, names=0)
    needed = templates_needed(design, margin=0.1)
    assert needed is not None
    assert power_to_pass(Design(needed, 4, rate=0.7), 0.1) >= 0.8
    assert power_to_pass(Design(needed - 1, 4, rate=0.7), 0.1) < 0.8


def test_too_noisy_names_need_more_names_and_not_more_templates() -> None:
    """No number of templates averages four very different names."""
    assert templates_needed(Design(templates=10, answers=4, names=4, name_sd=0.3), margin=0.1) is None


def test_an_estimate_at_the_margin_can_be_settled_only_as_a_failure() -> None:
    """At the margin's edge equivalence is out of reach; significance is what is left."""
    assert scale_needed(0.1, 0.05, 0.1) == pytest.approx(((1.95996 + 0.84162) * 0.05 / 0.1) ** 2, rel=1e-4)
    assert scale_needed(0.0999999, 0.05, 0.1) > 1e6
    assert scale_needed(0.0, 0.001, 0.1) == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"templates": 1, "answers": 4}, "at least 2"),
        ({"templates": 10, "answers": 0}, "at least 1"),
        ({"templates": 10, "answers": 1, "rate": 1.0}, "strictly between"),
        ({"templates": 10, "answers": 1, "correlation": 1.0}, "correlation"),
    ],
)
def test_an_impossible_design_is_refused(arguments: dict[str, float], message: str) -> None:
    """Each impossible number is named."""
    with pytest.raises(ValueError, match=message):
        Design(**arguments)  # type: ignore[arg-type]


def test_equal_rates_are_never_told_apart() -> None:
    """No sample size is returned for a gap of zero."""
    with pytest.raises(ValueError, match="equal"):
        n_two_rates(0.5, 0.5)
    with pytest.raises(ValueError, match="gap"):
        n_pairs(0.3, 0.0)
    assert math.isfinite(Design(10, 2).standard_error)
