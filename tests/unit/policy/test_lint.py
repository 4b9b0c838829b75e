"""Warnings: allowed, but probably not meant."""

import pytest

from tests.unit.policy.policies import ROUTES, RULES, load


def warnings(spec: str) -> list[str]:
    loaded = load(spec)
    assert loaded.plan is not None, loaded.problems
    return [str(warning).split(": ", 1)[1] for warning in loaded.warnings]


def of_routes(*routes: str) -> list[str]:
    return warnings("  routes:\n" + "".join(f"    - {{{route}}}\n" for route in routes) + RULES)


def of_rules(*rules: str) -> list[str]:
    text = "".join(f"      - {{{rule}}}\n" for rule in rules)
    return warnings(f"{ROUTES}  inspect:\n    detectors: [pii]\n    rules:\n{text}")


def test_a_clean_policy_has_no_warning() -> None:
    """Silence means that nothing was found."""
    assert of_routes("id: a") == []


@pytest.mark.parametrize(
    ("earlier", "later", "reached"),
    [
        ("id: a", "id: b, models: [gpt-4]", False),
        ("id: a, models: ['gpt-*']", "id: b, models: [gpt-4, 'gpt-5*']", False),
        ("id: a, models: ['gpt-*']", "id: b, models: [gpt-4, claude]", True),
        ("id: a, models: ['gpt-5*']", "id: b, models: ['gpt-*']", True),
        ("id: a, tenants: [x]", "id: b, models: [gpt-4]", True),
        ("id: a, tenants: [x, y]", "id: b, tenants: [y], dialects: [openai-chat]", False),
        ("id: a, scopes: [admin]", "id: b", False),
    ],
)
def test_a_route_behind_one_that_takes_everything_is_never_reached(earlier: str, later: str, reached: bool) -> None:
    """The first route that matches is taken, whatever its scopes."""
    expected = [] if reached else ["route `b` is never reached: `a` takes all of it"]
    assert of_routes(earlier, later) == expected


@pytest.mark.parametrize(
    ("first", "second", "dead"),
    [
        ("id: a, tags: [contact], operator: redact", "id: b, entities: [EMAIL_ADDRESS], operator: hash", "b"),
        ("id: a, entities: [EMAIL_ADDRESS], operator: hash", "id: b, tags: [contact], operator: redact", None),
        ("id: a, entities: [EMAIL_ADDRESS], operator: hash", "id: b, tags: [contact], operator: deny", "a"),
        ("id: a, tags: [contact], operator: keep", "id: b, tags: [contact], operator: redact", "a"),
        ("id: a, tags: [contact], operator: redact, threshold: 0.8", "id: b, tags: [contact], operator: hash", None),
        ("id: a, tags: [contact], operator: deny, enforcement: shadow", "id: b, tags: [contact], operator: hash", None),
        ("id: a, tags: [contact], operator: deny, direction: request", "id: b, tags: [contact], operator: hash", None),
        ("id: a, tags: [contact], operator: pseudonym", "id: b, tags: [contact], operator: redact", "b"),
    ],
)
def test_a_rule_that_another_always_beats_is_never_reached(first: str, second: str, dead: str | None) -> None:
    """The most severe operator wins, then the first in the file."""
    winner = "b" if dead == "a" else "a"
    expected = [f"rule `{dead}` is never reached: `{winner}` always wins"] if dead else []
    assert of_rules(first, second) == expected


def test_a_direction_without_a_rule_is_named() -> None:
    """Prompts that nobody inspects are a choice that should be seen."""
    assert of_rules("id: a, tags: [contact], operator: redact, direction: request") == [
        "no rule inspects answers: whatever is in them passes"
    ]
    assert len(warnings(ROUTES + "  inspect: {rules: []}\n")) == 2


@pytest.mark.parametrize(
    ("operator", "word", "warned"), [("hash", "pass", 1), ("keep", "pass", 0), ("hash", "strip", 0)]
)
def test_copies_that_spell_what_is_redacted(operator: str, word: str, warned: int) -> None:
    """Log probabilities that pass undo an enforced rule on answers."""
    rule = f"{{id: r, entities: [EMAIL_ADDRESS], operator: {operator}}}"
    found = warnings(f"{ROUTES}  inspect: {{detectors: [pii], rules: [{rule}]}}\n  content: {{derived: {word}}}\n")
    assert len([line for line in found if "derived: pass" in line]) == warned
