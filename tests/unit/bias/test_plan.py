"""Plans: cost and power before anything is sent, and a refusal where a run would give false comfort."""

import json
import math
from pathlib import Path

import pytest

from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.outcome import Metric
from detectors.bias.plan import Plan, estimate_tokens, plan
from detectors.bias.plan_text import as_json, as_text
from tests.unit.bias.small_suite import write


def planned(tmp_path: Path, *changes: tuple[str, str]) -> Plan:
    """The plan of the small suite after `changes`."""
    suite = load(write(tmp_path, *changes))
    return plan(suite, expand(suite, 1), 1)


def test_calls_are_counted_exactly(tmp_path: Path) -> None:
    """Twelve cases, four variants, two groups, a quarter of the pairs twice."""
    made = planned(tmp_path)
    assert made.calls == 12 * 4 * 2 + 12 * 4 * 2 // 4 == len(made.questions)
    assert made.problems == ()


def test_an_underpowered_plan_is_refused(tmp_path: Path) -> None:
    """The complaint says what would be found, with which probability, and what to do."""
    (problem,) = planned(tmp_path, ("effect: 0.4", "effect: 0.1")).problems
    assert problem.startswith("underpowered: an effect of 0.1 on selection_rate_gap (gender: woman against man)")
    assert "raise `sampling.variants` or add cases" in problem


def test_a_plan_over_budget_is_refused(tmp_path: Path) -> None:
    """In calls, and in cost."""
    assert "needs 120 calls, the budget allows 119" in planned(tmp_path, ("calls: 400", "calls: 119")).problems[0]
    priced = planned(tmp_path, ("calls: 400", "calls: 400, cost: 0.01, price_input: 5, price_output: 15"))
    assert "may cost" in priced.problems[0]
    assert priced.cost == pytest.approx((5 * priced.input_tokens + 15 * priced.output_tokens) / 1e6)


def test_more_answers_find_smaller_gaps(tmp_path: Path) -> None:
    """Four times the variants, and the detectable gap shrinks; the power grows."""
    few, many = planned(tmp_path), planned(tmp_path, ("variants: 4", "variants: 16"), ("calls: 400", "calls: 4000"))
    before, after = few.lines[0], many.lines[0]
    assert before.detectable is not None
    assert after.detectable is not None
    assert before.detectable > after.detectable
    assert (before.finds or 0) < (after.finds or 0)


def test_power_is_that_of_the_planned_test(tmp_path: Path) -> None:
    """A simulation of the planned run finds the effect about as often as the plan says."""
    line = planned(tmp_path).lines[0]
    assert line.contrast.metric is Metric.SELECTION_RATE_GAP
    assert line.finds is not None
    assert 0.8 <= line.finds <= 1.0


def test_a_ratio_is_planned_on_its_own_scale(tmp_path: Path) -> None:
    """Logarithms inside, ratios outside."""
    made = planned(tmp_path, ("metric: refusal_gap, margin: 0.05", "metric: impact_ratio, margin: 0.8"))
    line = made.lines[1]
    assert line.contrast.margin == pytest.approx(math.log(1.25))
    assert "0.80 to 1.25" in as_text(made)


def test_the_texts_tell_everything(tmp_path: Path) -> None:
    """A table for people, JSON for scripts, problems in both; no question's text in either."""
    made = planned(tmp_path, ("effect: 0.4", "effect: 0.1"))
    assert "PROBLEM: underpowered" in as_text(made)
    data = json.loads(as_json(made))
    assert data["calls"] == 120
    assert data["problems"]
    assert "task number" not in as_text(made) + as_json(made)


def test_token_estimates_are_rather_too_high(tmp_path: Path) -> None:
    """About a word and a third per token is usual; the estimate assumes more tokens."""
    question = planned(tmp_path).questions[0]
    assert estimate_tokens(question) > len(question.text.split()) * 1.3
    assert estimate_tokens(question, "Be brief.") > estimate_tokens(question)
