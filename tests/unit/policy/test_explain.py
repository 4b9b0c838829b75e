"""Which rule decides what about a finding, and why not the others."""

from collections.abc import Sequence

from detectors.detector import Finding
from gateway.core.decision import Action, Direction
from gateway.core.plan import OperatorKind
from gateway.policy.explain import Explanation, explain
from tests.unit.policy.policies import ROUTES, load


def explained(rules: Sequence[str], *findings: Finding, direction: Direction = Direction.REQUEST) -> Explanation:
    text = "".join(f"      - {{{rule}}}\n" for rule in rules)
    plan = load(f"{ROUTES}  inspect:\n    detectors: [pii]\n    rules:\n{text}").plan
    assert plan is not None
    return explain(plan, direction, [("/messages/0/content", findings)])


MAIL = Finding(0, 5, "EMAIL_ADDRESS", 0.7, "pii")
RULES = [
    "id: keep-mail, entities: [EMAIL_ADDRESS], operator: keep",
    "id: contact, tags: [contact], operator: redact",
    "id: sure, tags: [contact], operator: deny, threshold: 0.9",
    "id: trial, tags: [contact], operator: deny, enforcement: shadow",
]


def test_the_most_severe_enforced_rule_over_its_threshold_decides() -> None:
    """Each other rule says why it does not."""
    result = explained(RULES, MAIL)
    (item,) = result.findings
    assert (item.rule, item.operator) == ("contact", OperatorKind.REDACT)
    assert {c.rule: c.outcome for c in item.considered} == {
        "sure": "does not match: score 0.70 is under its threshold 0.90",
        "trial": "would apply, but only in shadow",
        "contact": "decides",
        "keep-mail": "gives way to contact",
    }
    assert (result.action, result.rule) == (Action.REDACT, "contact")
    assert (result.would_action, result.would_rule) == (Action.DENY, "trial")


def test_a_finding_that_no_rule_names_is_left_alone() -> None:
    """What is not named is not touched."""
    result = explained(RULES, Finding(0, 5, "PERSON", 1.0, "ner"))
    assert (result.action, result.findings[0].rule, result.findings[0].considered) == (Action.ALLOW, "", ())


def test_the_other_direction_has_its_own_rules() -> None:
    """In answers a pseudonym is redaction."""
    rule = ["id: r, tags: [contact], operator: pseudonym"]
    operators = [explained(rule, MAIL, direction=direction).findings[0].operator for direction in Direction]
    assert operators == [OperatorKind.PSEUDONYM, OperatorKind.REDACT]
