"""Rules on bias probes in a policy: what they compile to, and what is refused."""

from dataclasses import replace

import pytest

from detectors.bias.mitigation.quarantine import Hysteresis
from gateway.core.decision import Enforcement
from gateway.core.plan import BiasRule, LiveProbe
from gateway.policy.diff import changes
from gateway.policy.revision import revision_of
from tests.unit.policy.policies import ROUTES, RULES, load, problems

FULL = (
    "  bias:\n    - {id: fair, suites: [lending, hiring], routes: [all], models: ['gpt-*'], on_fail: quarantine, "
    "fallback: anthropic, probe_scope: probe, recover: {passes: 3, rest: 2h, fresh: 1d}}\n"
)


def rule(line: str, more: str = "") -> BiasRule:
    """Compile one rule."""
    plan = load(more + ROUTES + RULES + f"  bias: [{{id: b, suites: [s], {line}}}]\n").plan
    assert plan is not None
    return plan.bias[0]


def test_a_whole_rule() -> None:
    """Every key, resolved."""
    plan = load(ROUTES + RULES + FULL).plan
    assert plan is not None
    assert plan.bias == (
        BiasRule(
            "fair", ("hiring", "lending"), ("all",), ("gpt-*",), "anthropic", Hysteresis(3, 7200.0, 86400.0), "probe",
            Enforcement.ENFORCE,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "more", "enforcement"),
    [
        ("on_fail: quarantine", "", Enforcement.ENFORCE),
        ("on_fail: warn", "", Enforcement.WARN),
        ("on_fail: quarantine", "  enforcement: warn\n", Enforcement.WARN),
        ("on_fail: quarantine", "  enforcement: shadow\n", Enforcement.SHADOW),
        ("on_fail: warn", "  enforcement: shadow\n", Enforcement.SHADOW),
    ],
)
def test_a_rule_is_never_stricter_than_its_file(line: str, more: str, enforcement: Enforcement) -> None:
    """A policy that only counts stays one."""
    assert rule(line, more).enforcement is enforcement


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("on_fail: deny", "quarantine"),
        ("suites: [s]", "on_fail"),
        ("on_fail: warn, fallback: openai, probe_scope: p", "has no meaning with `on_fail: warn`"),
        ("on_fail: quarantine, fallback: openai", "needs a `probe_scope`"),
        ("on_fail: quarantine, fallback: opnai, probe_scope: p", "openai"),
        ("on_fail: quarantine, routes: [al]", "names no route of the policy"),
        ("on_fail: quarantine, recover: {passes: 11}", "10"),
        ("on_fail: quarantine, recover: {passes: 0}", "1"),
        ("on_fail: quarantine, treshold: 3", "treshold"),
    ],
)
def test_what_cannot_be_meant_is_refused(line: str, message: str) -> None:
    """With its place."""
    key = "" if line.startswith("suites") else "suites: [s], "
    found = problems(ROUTES + RULES + f"  bias: [{{id: b, {key}{line}}}]\n")
    assert found
    assert any(message in problem for problem in found), found
    assert all(problem.startswith("p.yaml:") for problem in found)


def test_rules_count_in_the_revision_and_their_absence_does_not() -> None:
    """A policy that says nothing of bias keeps the revision that it had before there were such rules."""
    bare, full = load(ROUTES + RULES).plan, load(ROUTES + RULES + FULL).plan
    assert bare is not None
    assert full is not None
    other = replace(full, bias=(replace(full.bias[0], recover=Hysteresis(2)),))
    assert len({bare.revision, full.revision, revision_of(other)}) == 3
    assert changes(bare, full) == ("bias rule fair: added",)
    assert [line.partition(":")[0] for line in changes(full, replace(other, revision="x"))] == ["bias rule fair"]


NAMES_RULE = "  inspect: {detectors: [pii], rules: [{id: names, entities: [PERSON], operator: pseudonym}]}\n"
PROBE = "id: p, route: all, rate: 0.1, calls_per_hour: 20"


def test_a_whole_live_probe() -> None:
    """Every key, resolved; and it counts in the revision."""
    line = "attribute: origin, swaps: {northern: southern}, options: {yes: ['yes'], no: ['no']}, favourable: [yes]"
    plan = load(ROUTES + NAMES_RULE + f"  live_probes: [{{{PROBE}, {line}}}]\n").plan
    bare = load(ROUTES + NAMES_RULE).plan
    assert plan is not None
    assert bare is not None
    assert plan.live_probes == (
        LiveProbe(
            "p", "all", "origin", (("northern", "southern"),), (("no", ("no",)), ("yes", ("yes",))), ("yes",), 0.1, 20
        ),
    )
    assert plan.revision != bare.revision
    assert changes(bare, plan) == ("live probe p: added",)


def test_a_rule_may_listen_to_live_probes() -> None:
    """To those that the policy has."""
    text = ROUTES + NAMES_RULE + f"  live_probes: [{{{PROBE}, margin: 0.1}}]\n"
    listening = "  bias: [{id: b, suites: [s], on_fail: warn, live: [%s]}]\n"
    plan = load(text + listening % "p").plan
    assert plan is not None
    assert (plan.bias[0].live, plan.live_probes[0].margin) == (("p",), 0.1)
    (found,) = problems(text + listening % "q")
    assert "names no live probe of the policy" in found


@pytest.mark.parametrize(
    ("line", "rules", "message"),
    [
        ("route: al", NAMES_RULE, "names no route"),
        ("", RULES, "repeats redacted text only"),
        ("", NAMES_RULE.replace("pseudonym", "pseudonym, enforcement: shadow"), "repeats redacted text only"),
        ("", NAMES_RULE.replace("pseudonym", "keep"), "repeats redacted text only"),
        ("", NAMES_RULE + "  on_failure: {detector: allow}\n", "repeats redacted text only"),
        ("attribute: origin", NAMES_RULE, "needs `swaps`"),
        ("swaps: {a: b}", NAMES_RULE, "have no meaning"),
        ("attribute: origin, swaps: {a: b, B: c}", NAMES_RULE, "stands twice"),
        ("options: {yes: ['yes']}, favourable: [yes]", NAMES_RULE, "not all"),
        ("options: {yes: ['yes'], no: ['no']}", NAMES_RULE, "`favourable`"),
        ("favourable: [yes]", NAMES_RULE, "`favourable`"),
        ("options: {yes: [], no: ['no']}, favourable: [yes]", NAMES_RULE, "needs phrases"),
        ("rate: 0", NAMES_RULE, "0"),
        ("margin: 0", NAMES_RULE, "0"),
        ("calls_per_hour: 1", NAMES_RULE, "2"),
    ],
)
def test_a_live_probe_that_could_tell_nothing_is_refused(line: str, rules: str, message: str) -> None:
    """Or that would send what is not redacted."""
    keys = ", ".join(key for key in PROBE.split(", ") if key.partition(":")[0] != line.partition(":")[0])
    found = problems(ROUTES + rules + f"  live_probes: [{{{keys}{', ' + line if line else ''}}}]\n")
    assert found
    assert any(message in problem for problem in found), found
