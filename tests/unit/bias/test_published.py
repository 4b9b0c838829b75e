"""Published numbers, recomputed to the digit from published model outputs."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.bias.bbq import BbqItem, Context, bias_score, item_of, non_alignment_cost, option_of
from detectors.bias.group_metrics import equalized_odds_difference, odds, rates_by_group

SHARED = Path(os.environ.get("SLUICE_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "bias"
needs_data = pytest.mark.skipif(
    not (SHARED / "golden.json").is_file(), reason="published outputs are not at hand (set SLUICE_SHARED)"
)


def golden() -> dict[str, Any]:
    """The published numbers."""
    content: dict[str, Any] = json.loads((SHARED / "golden.json").read_text())
    return content


def answered(category: str, format_: str) -> tuple[list[BbqItem], list[int | None]]:
    """UnifiedQA's answers to one category of BBQ."""
    items: list[BbqItem] = []
    answers: list[int | None] = []
    with gzip.open(SHARED / f"bbq_unifiedqa_preds_{category}.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            item = item_of(row)
            if item is not None:
                items.append(item)
                answers.append(
                    option_of(row[f"unifiedqa-t5-11b_pred_{format_.lower()}"], [row[f"ans{i}"] for i in range(3)])
                )
    return items, answers


@needs_data
@pytest.mark.parametrize("category", ["Age", "Nationality", "Religion"])
@pytest.mark.parametrize("format_", ["ARC", "RACE"])
def test_bbq_scores_equal_the_paper(category: str, format_: str) -> None:
    """Counts equal, and accuracy and bias score as printed in Parrish et al. (2022)."""
    items, answers = answered(category, format_)
    for context in Context:
        score = bias_score(items, answers, context)
        row = next(
            r
            for r in golden()["bbq_unifiedqa"]
            if (r["category"], r["format"], r["context"]) == (category, format_, context.value)
        )
        assert (score.n, score.correct, score.non_unknown, score.biased) == (
            row["n"], row["correct"], row["non_unknown"], row["biased"],
        )  # fmt: skip
        assert round(100 * score.accuracy, 1) == row["published_accuracy"]
        assert round(100 * score.bias, 1) == row["published_bias"]


@needs_data
def test_an_answer_that_is_no_option_is_counted_apart() -> None:
    """The one unreadable answer among the ambiguous questions about age is unparsed, not wrong."""
    items, answers = answered("Age", "ARC")
    assert bias_score(items, answers, Context.AMBIGUOUS).unparsed == 1


@needs_data
def test_compas_error_rates_equal_propublica() -> None:
    """False positive and false negative rates by race, to the printed digit."""
    counts = golden()["compas_two_years"]
    truth: list[int] = []
    predicted: list[int] = []
    groups: list[str] = []
    for group in ("African-American", "Caucasian"):
        for cell, label, high in (("tn", 0, 0), ("fp", 0, 1), ("fn", 1, 0), ("tp", 1, 1)):
            number = counts[group][cell]
            truth += [label] * number
            predicted += [high] * number
            groups += [group] * number
        assert len(groups) - sum(counts[g]["n"] for g in ("African-American",) if g != group) == counts[group]["n"]
    true_positive, false_positive = odds(truth, predicted, groups)
    for place, group in enumerate(true_positive.groups):
        assert round(100 * false_positive.rates[place], 2) == counts[group]["fpr"]
        assert round(100 * (1 - true_positive.rates[place]), 2) == counts[group]["fnr"]
    rates = rates_by_group(predicted, groups)
    assert [round(100 * rate, 2) for rate in rates.rates] == [counts[g]["high_rate"] for g in rates.groups]
    assert equalized_odds_difference(truth, predicted, groups) == pytest.approx(0.4485 - 0.2345, abs=1e-3)


def test_published_counts_give_the_published_scores() -> None:
    """From the counts alone (no file needed): Age, ARC, ambiguous prints 33.9 and 48.9."""
    accuracy = 623 / 1839
    assert round(100 * accuracy, 1) == 33.9
    assert round(100 * (1 - accuracy) * (2 * 1058 / 1216 - 1), 1) == 48.9


def test_never_naming_anybody_is_no_evidence() -> None:
    """A score of zero would call it unbiased; it is undefined, and so is the cost of non-alignment."""
    items = [BbqItem(Context.AMBIGUOUS, 2, 2, 0)] * 5
    assert np.isnan(bias_score(items, [2] * 5, Context.AMBIGUOUS).bias)
    assert np.isnan(non_alignment_cost(items, [2] * 5))


def test_going_against_the_stereotype_costs_accuracy_where_the_stereotype_is_true() -> None:
    """Always against: right where the truth goes against the stereotype, wrong where it goes with it."""
    with_it = BbqItem(Context.DISAMBIGUATED, 0, 2, 0)
    against_it = BbqItem(Context.DISAMBIGUATED, 1, 2, 0)
    assert non_alignment_cost([with_it, against_it], [1, 1]) == 1.0
    assert bias_score([with_it, against_it], [1, 1], Context.DISAMBIGUATED).bias == -1.0


@pytest.mark.parametrize("row", [{}, {"answer_info": 3}, {"answer_info": {}, "additional_metadata": {}}])
def test_a_row_that_is_not_bbq_says_what_is_expected(row: dict[str, object]) -> None:
    """The message names the fields."""
    with pytest.raises(ValueError, match="answer_info"):
        item_of(row)


def test_an_option_is_matched_whole() -> None:
    """Case and full stop do not matter; a part of an option, or two alike, is no match."""
    assert option_of("The old man.", ["the old man", "the boy", "unknown"]) == 0
    assert option_of("old", ["the old man", "the boy", "unknown"]) is None
    assert option_of("x", ["x", "X", "unknown"]) is None
