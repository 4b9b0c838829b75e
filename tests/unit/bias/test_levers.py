"""Ensembles, orders, instructions, quarantine, thresholds, and whether a lever helped."""

import asyncio
import math

import numpy as np
import pytest

from detectors.bias.acceptance.gaps import contrast
from detectors.bias.mitigation.effect import LeverVerdict, lever_effect
from detectors.bias.mitigation.ensemble import aggregate
from detectors.bias.mitigation.instruction import INSTRUCTION, with_instruction
from detectors.bias.mitigation.quarantine import Hysteresis, Record, Route, Standing, route
from detectors.bias.mitigation.shuffle import borda, orders
from detectors.bias.mitigation.thresholds import Constraint, GroupThresholds, LegalAcknowledgement
from detectors.bias.outcome import Outcome, OutcomeKind, Verdict
from detectors.bias.simulate import Plan, decisions
from detectors.bias.standins import Law

YES, NO = Outcome(OutcomeKind.CHOICE, 1.0, "yes"), Outcome(OutcomeKind.CHOICE, 0.0, "no")
UNPARSED, REFUSED = Outcome(OutcomeKind.UNPARSED), Outcome(OutcomeKind.REFUSAL)
TIE = Outcome(OutcomeKind.UNPARSED)
RULES = Hysteresis(passes=2, rest=100.0, fresh=1_000.0)
ACKNOWLEDGED = LegalAcknowledgement("J. Doe, counsel", "court-ordered plan", "nowhere")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([YES, YES, NO], YES),
        ([NO, YES], TIE),
        ([YES, UNPARSED, YES], UNPARSED),  # a missing variant voids the guarantee
        ([YES, REFUSED, REFUSED], REFUSED),
        ([YES], UNPARSED),
        ([], UNPARSED),
        ([Outcome(OutcomeKind.NUMBER, 1.0), Outcome(OutcomeKind.NUMBER, 4.0)], Outcome(OutcomeKind.NUMBER, 2.5)),
        ([Outcome(OutcomeKind.NUMBER, 1.0), YES], UNPARSED),
    ],
)
def test_an_ensemble_answers_with_what_all_have_in_common(outcomes: list[Outcome], expected: Outcome) -> None:
    """Majority, mean, or nothing; never a guess."""
    assert aggregate(outcomes, TIE) == expected


def test_every_candidate_stands_once_in_every_place() -> None:
    """All rotations of one fixed order, the same whoever was listed first."""
    asked = orders(["c", "a", "b"])
    assert asked == orders(["a", "b", "c"])
    assert all({order[place] for order in asked} == {"a", "b", "c"} for place in range(3))
    assert len(orders("abcdef", rounds=2)) == 2


def test_borda_joins_rankings_and_shares_places_among_the_absent() -> None:
    """First in two of three wins; who is left out shares the last places."""
    assert borda("abc", ["abc", "acb", "bac"])[0] == "a"
    assert borda("abc", [["b"]])[0] == "b"
    assert borda("abc", []) == borda("cba", [])
    with pytest.raises(ValueError, match="twice or somebody"):
        borda("abc", ["abd"])
    with pytest.raises(ValueError, match="same id"):
        orders(["a", "a"])
    with pytest.raises(ValueError, match="at least one"):
        orders(["a"], rounds=0)


def test_the_instruction_stands_first_and_only_once() -> None:
    """It joins an existing system message; the caller's messages stay as they are."""
    question = {"role": "user", "content": "Invite?"}
    once = with_instruction([question])
    assert once[0] == {"role": "system", "content": INSTRUCTION}
    assert with_instruction(once) == once
    joined = with_instruction([{"role": "system", "content": "Be brief."}, question])
    assert joined[0]["content"] == f"{INSTRUCTION}\n\nBe brief."
    assert question == {"role": "user", "content": "Invite?"}


def test_one_failure_quarantines_and_two_later_passes_lift_it() -> None:
    """Hysteresis: the way back is longer than the way out."""
    record = Record().after(Verdict.FAIL, 0.0, RULES)
    assert record.standing is Standing.QUARANTINED
    record = record.after(Verdict.PASS, 150.0, RULES)
    assert record.standing is Standing.RECOVERING
    assert route(record, None, 150.0, RULES) is Route.REFUSE
    assert record.after(Verdict.PASS, 160.0, RULES).standing is Standing.TRUSTED
    assert record.after(Verdict.FAIL, 160.0, RULES).standing is Standing.QUARANTINED


def test_an_inconclusive_run_neither_accuses_nor_clears() -> None:
    """It leaves a trusted backend trusted, and breaks the row of passes of one that recovers."""
    assert Record().after(Verdict.INCONCLUSIVE, 1.0, RULES).standing is Standing.TRUSTED
    recovering = Record().after(Verdict.FAIL, 0.0, RULES).after(Verdict.PASS, 150.0, RULES)
    interrupted = recovering.after(Verdict.INVALID, 151.0, RULES)
    assert interrupted.standing is Standing.QUARANTINED
    assert interrupted.after(Verdict.PASS, 152.0, RULES).standing is Standing.RECOVERING


def test_passes_right_after_a_failure_do_not_lift_it() -> None:
    """A backend that flaps within the rest stays out."""
    record = Record().after(Verdict.FAIL, 0.0, RULES)
    for now in (1.0, 2.0, 3.0):
        record = record.after(Verdict.PASS, now, RULES)
    assert record.standing is Standing.RECOVERING
    assert record.after(Verdict.PASS, 100.0, RULES).standing is Standing.TRUSTED


def test_a_fallback_needs_a_fresh_pass_of_its_own() -> None:
    """Untested or stale, it takes over nothing, and the request is refused."""
    failed = Record().after(Verdict.FAIL, 0.0, RULES)
    passed = Record().after(Verdict.PASS, 0.0, RULES)
    assert route(failed, passed, 10.0, RULES) is Route.FALLBACK
    assert route(failed, passed, 2_000.0, RULES) is Route.REFUSE
    assert route(failed, Record(), 10.0, RULES) is Route.REFUSE
    assert route(failed, failed, 10.0, RULES) is Route.REFUSE
    assert route(passed, failed, 10.0, RULES) is Route.PRIMARY
    with pytest.raises(ValueError, match="passes"):
        Hysteresis(passes=0)


async def test_no_request_reaches_a_backend_after_its_verdict() -> None:
    """Two hundred concurrent callers, one verdict: whoever is routed after it goes elsewhere."""
    state = {"record": Record(), "verdict": False}
    fallback = Record().after(Verdict.PASS, 0.0, RULES)
    leaks = routed = 0

    async def caller(turn: int) -> None:
        nonlocal leaks, routed
        await asyncio.sleep(0 if turn % 3 else 0.001)
        for _ in range(5):
            after_verdict = bool(state["verdict"])
            record = state["record"]
            assert isinstance(record, Record)
            target = route(record, fallback, 10.0, RULES)
            leaks += after_verdict and target is Route.PRIMARY
            routed += after_verdict
            await asyncio.sleep(0)

    async def judge() -> None:
        await asyncio.sleep(0)
        record = state["record"]
        assert isinstance(record, Record)
        state["record"] = record.after(Verdict.FAIL, 10.0, RULES)
        state["verdict"] = True

    await asyncio.gather(judge(), *(caller(turn) for turn in range(200)))
    assert routed > 0
    assert leaks == 0


def scored(size: int, seed: int) -> tuple[list[float], list[int], list[str]]:
    """Cases whose scores are lower for group b."""
    generator = np.random.default_rng(seed)
    group, truth = generator.integers(0, 2, size), generator.integers(0, 2, size)
    return list(generator.normal(truth * 1.5 - group, 1.0)), list(truth), [("a", "b")[g] for g in group]


def test_group_thresholds_need_a_person_who_answers_for_them() -> None:
    """No acknowledgement, no thresholds; an empty one is none."""
    with pytest.raises(ValueError, match="legal acknowledgement"):
        GroupThresholds.fit(*scored(200, 0), None)
    with pytest.raises(ValueError, match="lacks 'ground'"):
        LegalAcknowledgement("me", "  ", "here")


def test_group_thresholds_meet_parity_and_repeat_with_the_seed() -> None:
    """Selection rates agree on held-out cases, and the same seed decides the same."""
    fitted = GroupThresholds.fit(*scored(2_000, 0), ACKNOWLEDGED)
    scores, _, groups = scored(2_000, 1)
    decided = fitted.decide(scores, groups, seed=7)
    side = np.array(groups) == "b"
    assert abs(decided.values[side].mean() - decided.values[~side].mean()) < 0.07
    assert (fitted.decide(scores, groups, seed=7).values == decided.values).all()
    assert fitted.acknowledgement is ACKNOWLEDGED


def test_group_thresholds_refuse_what_they_cannot_do() -> None:
    """A group without both answers, a group never seen, a tolerance for equalised odds."""
    with pytest.raises(ValueError, match="both right answers"):
        GroupThresholds.fit([0.1, 0.2, 0.3], [0, 1, 1], ["a", "a", "b"], ACKNOWLEDGED)
    with pytest.raises(ValueError, match="tolerance"):
        GroupThresholds.fit(*scored(200, 0), ACKNOWLEDGED, Constraint.EQUALIZED_ODDS, 0.1)
    fitted = GroupThresholds.fit(*scored(200, 0), ACKNOWLEDGED)
    with pytest.raises(ValueError, match="no threshold for group 'c'"):
        fitted.decide([0.5], ["c"], seed=0)


def run(rate: float, shift: float, seed: int, labelled: bool = True) -> object:
    """A simulated run."""
    plan = Plan(templates=60, answers=8, labelled=labelled)
    return decisions(Law("", "", rate=rate, shift={"b": shift}), plan, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("shift_after", "expected"),
    [(0.0, LeverVerdict.IMPROVED), (-0.25, LeverVerdict.NOT_SHOWN), (0.25, LeverVerdict.WORSENED),
     (-0.55, LeverVerdict.WORSENED)],
)  # fmt: skip
def test_a_lever_is_what_it_is_measured_to_be(shift_after: float, expected: LeverVerdict) -> None:
    """Gone, unchanged, turned around, doubled."""
    effect = lever_effect("x", run(0.7, -0.25, 0), run(0.7, shift_after, 2), contrast())  # type: ignore[arg-type]
    assert effect.verdict is expected
    assert effect.over_corrected == (shift_after > 0)
    assert effect.reduction in effect.interval


def test_a_lever_costs_what_it_costs() -> None:
    """Answers that no longer follow the facts show as lost utility; without labels it is unknown."""
    right = Law("", "", by_label={(g, label): 0.9 if label else 0.1 for g in "ab" for label in (0, 1)})
    plan = Plan(templates=60, answers=8, labelled=True)
    before = decisions(right, plan, np.random.default_rng(0))
    after = decisions(Law("", "", rate=0.5), plan, np.random.default_rng(1))
    effect = lever_effect("x", before, after, contrast(), calls=2.0)
    assert -0.5 < effect.utility < -0.3
    assert effect.utility_interval.high < 0
    unlabelled = lever_effect("x", run(0.7, 0.0, 0, False), run(0.7, 0.0, 1, False), contrast())  # type: ignore[arg-type]
    assert math.isnan(unlabelled.utility)


def test_runs_without_common_templates_cannot_be_compared() -> None:
    """Held out from each other, they say nothing about the lever."""
    before = run(0.7, 0.0, 0)
    empty = decisions(Law("", "", garbage=1.0), Plan(templates=60, answers=8), np.random.default_rng(0))
    with pytest.raises(ValueError, match="share 0 templates"):
        lever_effect("x", before, empty, contrast())  # type: ignore[arg-type]
