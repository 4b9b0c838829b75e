"""A rule more never allows more: the laws of how rules combine."""

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.detector import Finding
from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.plan import OperatorKind
from gateway.policy.explain import Explanation, explain
from gateway.policy.loader import Loaded, load_text
from tests.unit.policy.policies import NAMES

_SEVERITY = {Action.ALLOW: 0, Action.REDACT: 1, Action.DENY: 2}
_ENTITIES = sorted(NAMES.entities)
_RULES = st.builds(
    lambda entities, direction, operator, threshold, enforcement: (
        f"entities: [{', '.join(sorted(entities))}], direction: {direction}, operator: {operator}, "
        f"threshold: {threshold}, enforcement: {enforcement}"
    ),
    st.sets(st.sampled_from(_ENTITIES), min_size=1),
    st.sampled_from(["request", "response", "both"]),
    st.sampled_from(["redact", "hash", "deny", "keep"]),
    st.sampled_from([0, 0.5, 0.9]),
    st.sampled_from(list(Enforcement)),
)
_FINDINGS = st.lists(
    st.builds(
        Finding, st.just(0), st.just(4), st.sampled_from(_ENTITIES), st.sampled_from([0.1, 0.5, 1.0]), st.just("t")
    ),
    max_size=4,
)


def _loaded(rules: list[str]) -> Loaded:
    text = "".join(f"      - {{id: r{index}, {rule}}}\n" for index, rule in enumerate(rules))
    head = "apiVersion: sluice/v1alpha1\nkind: Policy\nmetadata: {name: p}\nspec:\n  routes: [{id: all}]\n"
    return load_text(f"{head}  inspect:\n    detectors: [pii]\n    rules:\n{text or '      []'}\n", "p.yaml", NAMES)


def _explained(rules: list[str], direction: Direction, findings: list[Finding]) -> Explanation:
    loaded = _loaded(rules)
    assert loaded.plan is not None, loaded.problems
    return explain(loaded.plan, direction, [("", findings)])


@given(st.lists(_RULES, max_size=4), _RULES, st.integers(0, 4), st.sampled_from(Direction), _FINDINGS)
@settings(max_examples=80, deadline=None)
def test_a_rule_more_never_allows_more(
    rules: list[str], more: str, at: int, direction: Direction, findings: list[Finding]
) -> None:
    """Wherever it stands, whatever it says: what was refused stays refused, what was rewritten is not let through."""
    before = _explained(rules, direction, findings)
    after = _explained([*rules[:at], more, *rules[at:]], direction, findings)
    assert _SEVERITY[after.action] >= _SEVERITY[before.action]
    assert _SEVERITY[after.would_action] >= _SEVERITY[before.would_action]
    for old, new in zip(before.findings, after.findings, strict=True):
        if old.operator not in (None, OperatorKind.KEEP):
            assert new.operator not in (None, OperatorKind.KEEP)


@given(st.lists(_RULES, min_size=1, max_size=4), st.sampled_from(Direction), _FINDINGS)
@settings(max_examples=80, deadline=None)
def test_shadow_and_warn_change_nothing(rules: list[str], direction: Direction, findings: list[Finding]) -> None:
    """A policy in shadow lets everything pass and says what it would do: exactly what it does when enforced."""
    shadowed = [rule.split(", enforcement")[0] + ", enforcement: shadow" for rule in rules]
    enforced = [rule.split(", enforcement")[0] for rule in rules]
    trial = _explained(shadowed, direction, findings)
    real = _explained(enforced, direction, findings)
    assert trial.action is Action.ALLOW
    assert (trial.would_action, trial.would_rule) == (real.action, real.rule)
    assert (real.would_action, real.would_rule) == (real.action, real.rule)


@given(st.lists(_RULES, min_size=2, max_size=4), st.sampled_from(Direction), _FINDINGS)
@settings(max_examples=80, deadline=None)
def test_a_rule_that_lint_calls_unreachable_never_decides(
    rules: list[str], direction: Direction, findings: list[Finding]
) -> None:
    """A warning is never wrong."""
    unreachable = {str(w).split("`")[1] for w in _loaded(rules).warnings if "never reached" in str(w)}
    result = _explained(rules, direction, findings)
    assert unreachable.isdisjoint({result.rule, *(item.rule for item in result.findings)})
