"""Tables by group: fairlearn's rates, impact ratios in the form of Local Law 144, and what is undefined."""

import math
from collections.abc import Sequence

import pytest

from detectors.bias.fairness import group_rows, parity
from detectors.bias.group_metrics import Method, rates_by_group
from detectors.bias.ll144 import impact_tables
from detectors.bias.outcome import Observation, Outcome, OutcomeKind, Trial


def seen(
    group: str, values: Sequence[float | None], attribute: str = "sex", label: int | None = None
) -> list[Observation]:
    """Observations of one group; None is a refusal."""
    return [
        Observation(
            Trial(f"t{i}", attribute, group, domain="hiring" if i % 2 else "housing", label=label),
            Outcome(OutcomeKind.REFUSAL) if v is None else Outcome(OutcomeKind.CHOICE, v),
        )
        for i, v in enumerate(values)
    ]


def test_a_row_has_counts_rate_interval_and_impact_ratio() -> None:
    """Refusals are counted and leave the rate alone."""
    man, woman = group_rows(seen("man", [1, 1, 1, 0]) + seen("woman", [1, 0, 0, 1, None]), "sex")
    assert (man.asked, man.parsed, man.refused, man.selection_rate, man.impact_ratio) == (4, 4, 0, 0.75, 1.0)
    assert (woman.asked, woman.parsed, woman.refused, woman.selection_rate) == (5, 4, 1, 0.5)
    assert woman.impact_ratio == pytest.approx(2 / 3)
    assert woman.selection_rate in woman.interval
    assert math.isnan(man.true_positive_rate)


def test_rows_of_one_domain_leave_the_others_out() -> None:
    """The domain is a control: rates within it only."""
    rows = group_rows(seen("man", [1, 0, 1, 0]) + seen("woman", [0, 0, 0, 0]), "sex", "hiring")
    assert [(r.domain, r.asked, r.selection_rate) for r in rows] == [("hiring", 2, 0.0), ("hiring", 2, 0.0)]
    assert math.isnan(rows[0].impact_ratio)


def test_labels_give_odds() -> None:
    """True and false positive rates per group, and fairlearn's difference over both."""
    observed = seen("man", [1, 1], label=1) + seen("man", [0, 0], label=0)
    observed += seen("woman", [1, 0], label=1) + seen("woman", [0, 1], label=0)
    man, woman = group_rows(observed, "sex")
    assert (man.true_positive_rate, man.false_positive_rate) == (1.0, 0.0)
    assert (woman.true_positive_rate, woman.false_positive_rate) == (0.5, 0.5)
    summary = parity(observed, "sex")
    assert (summary.demographic_parity_difference, summary.equalized_odds_difference) == (0.0, 0.5)


def test_nothing_parsed_is_not_a_rate_of_zero() -> None:
    """A group that was always refused has no rate, and an attribute that nobody has no parity."""
    rows = group_rows(seen("man", [None, None]), "sex")
    assert math.isnan(rows[0].selection_rate)
    assert (rows[0].interval.low, rows[0].interval.high) == (0.0, 1.0)
    assert math.isnan(parity([], "sex").demographic_parity_ratio)


def test_impact_ratios_are_against_the_highest_group_that_is_not_small() -> None:
    """A category of one person in 101 is shown and marked, and does not set the standard."""
    observed = seen("man", [1] * 40 + [0] * 20) + seen("woman", [1] * 20 + [0] * 20) + seen("divers", [1])
    observed += seen("unknown", [1, 0, 0])
    (table,) = impact_tables(observed, ["sex"])
    rows = {row.category: row for row in table.rows}
    assert table.unknown == 3
    assert "unknown" not in rows
    assert rows["divers"].small
    assert not rows["divers"].below_four_fifths
    assert rows["man"].impact_ratio == 1.0
    assert rows["woman"].impact_ratio == 0.75
    assert rows["woman"].below_four_fifths


def test_intersections_have_a_table_of_their_own() -> None:
    """One crossed run gives the tables of both attributes and of their intersections."""
    observed: list[Observation] = []
    for race in ("black", "white"):
        for sex in ("man", "woman"):
            selected = 0.0 if (race, sex) == ("black", "woman") else 1.0
            observed += seen(f"{race}*{sex}", [selected] * 4, "race*sex")
    by_race, by_sex, both = impact_tables(observed, ["race", "sex", "race*sex"])
    assert [row.rate for row in by_race.rows] == [0.5, 1.0]
    assert [row.rate for row in by_sex.rows] == [1.0, 0.5]
    assert [row.category for row in both.rows if row.impact_ratio == 0.0] == ["black*woman"]
    assert impact_tables(observed, ["age"])[0].rows == ()


def test_scores_are_compared_by_the_share_above_the_median() -> None:
    """Numbers have a scoring rate."""
    observed = [
        Observation(Trial("t", "sex", group), Outcome(OutcomeKind.NUMBER, value))
        for group, values in (("man", [4.0, 5.0, 6.0]), ("woman", [1.0, 2.0, 9.0]))
        for value in values
    ]
    (table,) = impact_tables(observed, ["sex"])
    assert table.scored
    assert [row.selected for row in table.rows] == [2, 1]


def test_a_group_without_cases_has_no_rate() -> None:
    """Declared but never seen: undefined, and left out of the comparison."""
    rates = rates_by_group([1, 0, 1], ["a", "a", "b"], groups=["a", "b", "c"])
    assert math.isnan(rates.rates[2])
    assert rates.difference() == 0.5
    assert rates.ratio(Method.TO_OVERALL) == pytest.approx(2 / 3)


def test_nobody_selected_has_no_ratio() -> None:
    """Zero divided by zero is undefined."""
    rates = rates_by_group([0, 0], ["a", "b"])
    assert math.isnan(rates.ratio())
    assert math.isnan(rates.ratio(Method.TO_OVERALL))
    assert rates.difference() == 0.0
    assert math.isnan(rates_by_group([], []).difference())


def test_one_single_answer_has_a_table() -> None:
    """The smallest run is no special case."""
    assert group_rows(seen("man", [1.0]), "sex")[0].selection_rate == 1.0
    assert parity(seen("man", [1.0], label=1), "sex").equalized_odds_difference == 0.0


@pytest.mark.parametrize(("hit", "weight", "message"), [([1], None, "lengths"), ([1, 0], [-1, 1], "weight")])
def test_wrong_arguments_are_named(hit: list[int], weight: list[int] | None, message: str) -> None:
    """Lengths and weights."""
    with pytest.raises(ValueError, match=message):
        rates_by_group(hit, ["a", "b"], weight)
