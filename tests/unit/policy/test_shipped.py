"""The policies that come with the package: clean, tested, and what they promise."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from detectors import catalog
from detectors.detector import Detector, Finding
from gateway.core.decision import Action, Enforcement
from gateway.core.plan import ContentRuling, OperatorKind, Plan
from gateway.policy.loader import load
from gateway.policy.names import known_names
from gateway.policy_commands import run_tests
from gateway.policy_tools import tools

HOME = Path(__file__).parents[3] / "policies"
POLICIES = sorted([*HOME.glob("*.yaml"), *HOME.glob("examples/*.yaml")])
SUITES = sorted(HOME.glob("tests/*.yaml"))


def plan(name: str) -> Plan:
    loaded = load(HOME / f"{name}.yaml")
    assert loaded.plan is not None, loaded.problems
    return loaded.plan


@cache
def detector(key: str) -> Detector:
    return catalog.build(key)


def no_detector(detectors: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    """Our policy tests state their findings, so that they test policies and not detectors."""
    return [[] for _ in texts]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_policy_is_clean_and_named_like_its_file(path: Path) -> None:
    """No problem and no warning."""
    loaded = load(path)
    assert loaded.plan is not None, loaded.problems
    assert loaded.warnings == ()
    assert loaded.plan.name == path.stem


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_rule_has_a_detector_that_can_reach_it(path: Path) -> None:
    """A rule for what no detector of the policy finds would promise what does not happen."""
    loaded = load(path)
    assert loaded.plan is not None
    found = frozenset({"CANARY"} if loaded.plan.canary else ()).union(
        *(detector(key).entities for key in loaded.plan.detectors)
    )
    assert [rule.id for rule in loaded.plan.rules if not rule.entities & found] == []


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_every_policy_test_passes_and_reaches_every_rule(path: Path) -> None:
    """Strict: a rule that no test reaches fails."""
    output = run_tests(HOME / "default.yaml", [path], tools(no_detector), strict=True)
    assert output.code == 0, output.text


def test_default_denies_nothing_but_what_cannot_be_read() -> None:
    """Ordinary work goes on undisturbed."""
    default = plan("default")
    assert {r.operator for r in default.rules if r.enforcement is Enforcement.ENFORCE} == {
        OperatorKind.PSEUDONYM,
        OperatorKind.REDACT,
    }
    assert set(default.opaque.values()) == {ContentRuling.DENY, ContentRuling.STRIP}
    assert default.opaque["derived"] is ContentRuling.STRIP
    assert set(default.on_failure.values()) == {Action.DENY}


def test_monitor_changes_nothing_for_callers() -> None:
    """Every rule and limit is in shadow, nothing is refused for what it is, and a dead dependency lets pass."""
    monitor = plan("monitor")
    assert {rule.enforcement for rule in monitor.rules} == {Enforcement.SHADOW}
    assert {limit.enforcement for limit in monitor.limits} == {Enforcement.SHADOW}
    assert set(monitor.opaque.values()) == {ContentRuling.PASS}
    assert set(monitor.on_failure.values()) == {Action.ALLOW}


def test_strict_never_allows_what_default_rewrites() -> None:
    """Stricter means: at least as severe for every entity, direction and score."""
    strict, default = plan("strict"), plan("default")
    for rule in default.rules:
        if rule.enforcement is not Enforcement.ENFORCE:
            continue
        for entity in rule.entities:
            for direction in rule.directions:
                covering = [
                    other
                    for other in strict.rules
                    if entity in other.entities
                    and direction in other.directions
                    and other.threshold <= rule.threshold
                    and other.enforcement is Enforcement.ENFORCE
                    and other.operator is not OperatorKind.KEEP
                ]
                assert covering, (rule.id, entity, direction)
    denied = {entity for rule in strict.rules if rule.operator is OperatorKind.DENY for entity in rule.entities}
    tags = known_names().tags
    assert denied >= (tags["secret"] | tags["special_category"] | tags["criminal"] | tags["attack"]) - {"NRP"}


def test_monitor_has_the_rules_of_default() -> None:
    """What it counts is what turning default on would do."""
    monitor = [replace(rule, enforcement=Enforcement.SHADOW) for rule in plan("monitor").rules]
    assert monitor == [replace(rule, enforcement=Enforcement.SHADOW) for rule in plan("default").rules]
