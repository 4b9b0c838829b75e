"""The acceptance tests at a small scale; `python -m detectors.bias.selftest --full` runs them all."""

import pytest

from detectors.bias import selftest
from detectors.bias.acceptance import end_to_end, gaps, levers, operation, published
from detectors.bias.acceptance.claim import FAST, About, Check, Scale
from detectors.bias.simulate import Plan
from detectors.bias.statistics import paired

SMALL = Scale(trials=12, coverage=20, frames=4, flips=499, permutations=199, runs=1)


#: These read thousands of texts or start processes; their parts have tests, and the self test runs them.
SLOW = {levers.blinding, end_to_end.levers, operation.resumption}


def _case(check: Check) -> object:
    name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
    return pytest.param(check, id=name, marks=[pytest.mark.slow] if check in SLOW else [])


@pytest.mark.parametrize("check", [_case(check) for check in selftest.CHECKS])
def test_every_claim_holds_at_a_small_scale(check: Check) -> None:
    """Verdicts against known truths; the seed is fixed, so a failure is a change of behaviour."""
    claims = check(SMALL, 1)
    assert claims or check is published.answers  # the published files may not be at hand
    assert [selftest.render(claim) for claim in claims if not claim.holds] == []


def test_an_inference_that_ignores_templates_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The acceptance tests can fail: with a test that treats every gap as certain, a fair backend fails."""
    monkeypatch.setattr(paired.Gap, "test", lambda self, flips=0, seed=0: 0.0)
    claims = gaps.templates(SMALL, 1)
    assert not all(claim.holds for claim in claims)


def test_an_inference_that_never_finds_anything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does caution alone pass: power is claimed as well."""
    monkeypatch.setattr(paired.Gap, "test", lambda self, flips=0, seed=0: 1.0)
    assert not all(claim.holds for claim in gaps.power(SMALL, 1))


def test_bands_allow_for_chance_and_for_no_more() -> None:
    """8 of 100 may be 5 %; 20 of 100 is not; 93 of 100 may be 95 %, 80 is not."""
    about = About("1", "S", "truth", "what")
    assert about.at_most(8, 100, 0.05).holds
    assert not about.at_most(20, 100, 0.05).holds
    assert about.at_least(93, 100, 0.95).holds
    assert not about.at_least(80, 100, 0.95).holds
    assert about.equals(float("nan"), float("nan")).holds
    assert not about.equals(0.0, float("nan")).holds


def test_the_command_prints_a_table_and_says_whether_all_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0 when every claim of the chosen test holds."""
    assert selftest.main(["--test", "7"]) == 0
    printed = capsys.readouterr().out
    assert "always against the stereotype" in printed
    assert "6 of 6 claims hold" in printed


def test_the_command_fails_visibly(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A false claim is exit code 1, an unknown option 64, a test that does not exist 1: nothing was shown."""
    false = About("1", "S", "truth", "what").holds(0.0, "1", False)

    def check(_scale: Scale, _seed: int) -> list[object]:
        """Test 1: never holds."""
        return [false]

    monkeypatch.setattr(selftest, "CHECKS", (check,))
    assert selftest.main([]) == 1
    assert "FALSE" in capsys.readouterr().out
    assert selftest.main(["--test", "99"]) == 1
    assert selftest.main(["--nonsense"]) == 64


def test_every_check_names_its_acceptance_test() -> None:
    """`--test 6` finds the check that measures test 6."""
    named = {number for check in selftest.CHECKS for number in selftest.tests_of(check)}
    assert {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "16", "17"} <= {
        n.strip(",") for n in named
    }
    assert FAST.trials >= SMALL.trials
    assert Plan(templates=3).template_names == ("t0000", "t0001", "t0002")
