"""Policy tests: what is expected of a request or an answer, and what differs."""

# ruff: noqa: E501  (a row of a table is one line)

from collections.abc import Sequence
from pathlib import Path

import pytest

from detectors.detector import Finding
from gateway.core.plan import Plan
from gateway.policy.cases import CaseResult, Suite, all_strings, load_suite, run, unreached
from gateway.policy_tools import tools
from tests.unit.policy.policies import NAMES, load

HEAD = "apiVersion: sluice/v1alpha1\nkind: PolicyTest\nmetadata: {name: t}\nspec:\n"
POLICY = """  routes:
    - {id: chat, tenants: [acme], models: ["gpt-*"]}
    - {id: admin, tenants: [acme], scopes: [admin]}
  inspect:
    detectors: [pii]
    rules:
      - {id: contact, tags: [contact], operator: redact}
      - {id: cards, tags: [financial], operator: deny, enforcement: shadow}
"""


def find(detectors: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    """Find the word `MAIL`."""
    assert detectors == ("pii",)
    return [[Finding(at, at + 4, "EMAIL_ADDRESS", 0.8, "pii")] if (at := t.find("MAIL")) >= 0 else [] for t in texts]


TOOLS = tools(find)


def ran(directory: Path, *cases: str) -> tuple[Plan, list[CaseResult]]:
    file = directory / "t.yaml"
    file.write_text(HEAD + "  cases:\n" + "".join(f"    - {{{case}}}\n" for case in cases))
    suite = load_suite(file, NAMES.entities)
    assert isinstance(suite, Suite), suite
    plan = load(POLICY).plan
    assert plan is not None
    return plan, run(suite, plan, TOOLS)


ACME = "principal: {tenant: acme}, model: gpt-5"


@pytest.mark.parametrize(
    ("case", "failures"),
    [
        (f"name: a, {ACME}, request: to MAIL, expect: {{action: redact, rule: contact}}", ()),
        (f"name: a, {ACME}, request: to MAIL, expect: {{action: redact, redactions: [{{entity: EMAIL_ADDRESS, text: MAIL}}]}}", ()),
        (f"name: a, {ACME}, request: {{messages: [{{content: [to, MAIL]}}]}}, expect: {{action: redact}}", ()),
        (f"name: a, {ACME}, response: nothing, expect: {{action: allow, redactions: []}}", ()),
        (f"name: a, {ACME}, request: '4242', findings: [{{entity: CREDIT_CARD, text: '4242'}}], expect: {{action: allow, would_action: deny}}", ()),
        ("name: a, principal: {tenant: evil}, request: x, expect: {action: deny, reason: tenant-refused}", ()),
        ("name: a, principal: {tenant: acme}, model: other, request: x, expect: {action: deny, reason: scope-missing, rule: admin}", ()),
        ("name: a, principal: {tenant: acme, scopes: [admin]}, model: other, request: x, expect: {action: allow}", ()),
        (f"name: a, {ACME}, request: to MAIL, expect: {{action: deny, rule: x}}", ("action: expected deny, was redact", "rule: expected x, was contact")),
        (f"name: a, {ACME}, request: MAIL, expect: {{action: redact, redactions: []}}", ("redactions: EMAIL_ADDRESS `MAIL` was not expected",)),
        (f"name: a, {ACME}, request: x, expect: {{action: allow, redactions: [{{entity: PERSON}}]}}", ("redactions: PERSON `anywhere` was not rewritten",)),
        (f"name: a, {ACME}, request: x, expect: {{action: deny, reason: no-route}}", ("action: expected deny, was allow", "reason: expected no-route, was none")),
    ],
)  # fmt: skip
def test_a_test_says_what_differs(tmp_path: Path, case: str, failures: tuple[str, ...]) -> None:
    """Only what is stated is compared."""
    _, (result,) = ran(tmp_path, case)
    assert result.failures == failures


def test_rules_that_no_test_reaches_are_named(tmp_path: Path) -> None:
    """Coverage of a policy."""
    plan, results = ran(tmp_path, f"name: a, {ACME}, request: MAIL, expect: {{action: redact}}")
    assert unreached(plan, results) == ("admin", "cards")


def test_a_file_of_tests_is_as_strict_as_a_policy(tmp_path: Path) -> None:
    """Every mistake with its place."""
    file = tmp_path / "t.yaml"
    file.write_text(
        HEAD + "  cases:\n    - {name: a, request: x, response: y, expect: {action: redact}}\n"
        "    - {name: b, request: x, findings: [{entity: EMAIL, text: x}], expect: {action: allow}}\n"
    )
    problems = load_suite(file, NAMES.entities)
    assert isinstance(problems, tuple)
    assert [str(problem).removeprefix(f"{file}:") for problem in problems] == [
        "6:7: test `a` must have either `request` or `response`",
        "7:49: unknown entity `EMAIL`; did you mean `EMAIL_ADDRESS`?",
    ]
    file.write_text(HEAD + "  cases: [{name: a, expects: {}}]\n")
    problems = load_suite(file, NAMES.entities)
    assert isinstance(problems, tuple)
    assert "did you mean `expect`?" in str(problems[1])


def test_all_strings_have_pointers() -> None:
    """RFC 6901, with its escapes."""
    assert list(all_strings({"a/b": ["x", {"~": "y"}], "n": 1})) == [("/a~1b/0", "x"), ("/a~1b/1/~0", "y")]
