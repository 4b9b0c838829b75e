"""Where a backend stands, folded from runs, and that compacting the runs changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.bias.mitigation.quarantine import Hysteresis, Standing
from detectors.bias.outcome import Verdict
from gateway.core.verdicts import MAX_PASSES, ProbeRun, Verdicts, compact, standings


def run(verdict: Verdict, time: float = 0.0, model: str = "m", upstream: str = "", suite: str = "s") -> ProbeRun:
    """A run that ended with this verdict."""
    return ProbeRun(suite, "sha256:0", 1, upstream, model, "m1", 100, verdict, time)


def test_one_models_pass_does_not_make_up_for_anothers_failure() -> None:
    """A record for each model."""
    found = standings(
        Verdicts((run(Verdict.FAIL, 1, "a"), run(Verdict.PASS, 2, "b"), run(Verdict.PASS, 3, "b"))),
        "s", ("",), ("*",), Hysteresis(passes=1, rest=0),
    )  # fmt: skip
    assert [record.standing for record in found] == [Standing.QUARANTINED, Standing.TRUSTED]


def test_only_runs_of_the_suite_the_upstream_and_the_models_count() -> None:
    """What a rule does not name does not concern it."""
    runs = (run(Verdict.FAIL, 1, suite="x"), run(Verdict.FAIL, 1, upstream="u"), run(Verdict.FAIL, 1, model="z"))
    assert standings(Verdicts(runs), "s", ("",), ("m*",), Hysteresis()) == ()


@given(
    st.lists(st.tuples(st.sampled_from(Verdict), st.sampled_from("ab")), max_size=60),
    st.integers(1, MAX_PASSES),
    st.sampled_from([0.0, 86_400.0, 5 * 86_400.0]),
)
def test_compacting_changes_no_standing(runs: list[tuple[Verdict, str]], passes: int, rest: float) -> None:
    """Whatever the policy asks for, the old runs that are dropped had no say."""
    rules = Hysteresis(passes=passes, rest=rest)
    whole = [run(verdict, day * 43_200.0, model) for day, (verdict, model) in enumerate(runs)]
    short = compact(whole, len(whole) * 43_200.0)
    assert {r.standing for r in standings(Verdicts(tuple(whole)), "s", ("",), ("a",), rules)} == {
        r.standing for r in standings(Verdicts(short), "s", ("",), ("a",), rules)
    }


def test_years_of_runs_stay_small() -> None:
    """Ten passes say what a thousand do."""
    whole = [run(Verdict.PASS, day * 86_400.0) for day in range(1000)]
    assert len(compact(whole, 1000 * 86_400.0)) == MAX_PASSES
