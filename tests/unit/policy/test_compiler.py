"""From names to a plan: tags resolved, defaults filled in, wrong names refused with a suggestion."""

# ruff: noqa: E501  (a row of a table is one line)

from dataclasses import replace

import pytest

from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.plan import AuditPlan, ContentRuling, InspectRule, OperatorKind, Plan, Route, StreamPlan
from gateway.policy.loader import load_text
from gateway.policy.revision import revision_of
from tests.unit.policy.policies import HEAD, ROUTES, RULES, load, problems


def plan(spec: str) -> Plan:
    loaded = load(spec)
    assert loaded.plan is not None, loaded.problems
    return loaded.plan


def rules(text: str, extra: str = "") -> tuple[InspectRule, ...]:
    return plan(f"{extra}{ROUTES}  inspect:\n    detectors: [pii]\n    rules:\n      - {{{text}}}\n").rules


def test_a_policy_becomes_a_plan_with_safe_defaults() -> None:
    """What is not said is refused, recorded, and enforced."""
    compiled = plan(ROUTES + RULES)
    assert compiled.name == "test"
    assert compiled.routes == (Route("all", ("*",), ("*",), ("*",), (), ""),)
    assert compiled.detectors == ("pii",)
    assert dict(compiled.on_failure) == {"detector": Action.DENY, "limiter": Action.DENY, "audit": Action.DENY}
    assert dict(compiled.opaque) == {
        "media": ContentRuling.DENY,
        "state": ContentRuling.DENY,
        "tokens": ContentRuling.DENY,
        "derived": ContentRuling.STRIP,
    }
    assert compiled.stream == StreamPlan(16384, Action.DENY)
    assert compiled.audit == AuditPlan(payload=True, required=True)
    assert compiled.rules[0].enforcement is Enforcement.ENFORCE


def test_a_record_that_is_not_required_lets_pass_when_the_log_is_dead() -> None:
    """`audit.required` is the one place where that is said."""
    assert plan(ROUTES + RULES + "  audit: {required: false}\n").on_failure["audit"] is Action.ALLOW


def test_tags_stand_for_entities_and_exclude_takes_some_out() -> None:
    """`contact` without phones is e-mail."""
    (rule,) = rules("id: r, tags: [contact], exclude: [PHONE_NUMBER], operator: mask, mask: {keep_last: 4}")
    assert rule.entities == {"EMAIL_ADDRESS"}
    assert (rule.mask_char, rule.mask_keep_last) == ("*", 4)
    (everything,) = rules("id: r, entities: ['*'], operator: hash")
    assert len(everything.entities) == 4


def test_a_pseudonym_in_both_directions_is_redaction_in_answers() -> None:
    """What the model produced by itself has nothing to come back to."""
    prompt, answer = rules("id: r, tags: [contact], operator: pseudonym")
    assert (set(prompt.directions), prompt.operator) == ({Direction.REQUEST}, OperatorKind.PSEUDONYM)
    assert (set(answer.directions), answer.operator) == ({Direction.RESPONSE}, OperatorKind.REDACT)
    assert prompt.id == answer.id == "r"


def test_enforcement_of_the_file_holds_where_a_rule_does_not_say() -> None:
    """That is how a whole policy is tried out."""
    (rule,) = rules("id: r, entities: [PERSON], operator: deny", "  enforcement: shadow\n")
    assert rule.enforcement is Enforcement.SHADOW
    (rule,) = rules("id: r, entities: [PERSON], operator: deny, enforcement: warn", "  enforcement: shadow\n")
    assert rule.enforcement is Enforcement.WARN


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("entities: [EMAIL_ADRESS], operator: redact", "9:28: unknown entity `EMAIL_ADRESS`; did you mean `EMAIL_ADDRESS`?"),
        ("entities: [person], operator: redact", "9:28: unknown entity `person`; did you mean `PERSON`?"),
        ("tags: [contacts], operator: redact", "9:24: unknown tag `contacts`; did you mean `contact`?"),
        ("tags: [contact], exclude: [X], operator: redact", "9:44: unknown entity `X`"),
        ("operator: redact", "9:9: rule `r` names no `entities` and no `tags`"),
        ("tags: [identity], exclude: [PERSON], operator: redact", "9:35: rule `r` excludes every entity that it names"),
        ("tags: [identity], operator: redact, mask: {char: x}", "9:53: `mask` has no meaning with `operator: redact`"),
        ("tags: [identity], direction: response, operator: surrogate", "9:56: `surrogate` cannot be given to what the model produced; use `redact`"),
    ],
)  # fmt: skip
def test_a_rule_that_means_nothing_is_refused(rule: str, expected: str) -> None:
    """Never a rule that silently matches nothing."""
    spec = f"{ROUTES}  inspect:\n    detectors: [pii]\n    rules:\n      - {{id: r, {rule}}}\n"
    assert problems(spec) == [f"p.yaml:{expected}"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("  routes: [{id: a, dialects: [openai-chats]}]\n" + RULES, "5:31: unknown dialect `openai-chats`; did you mean `openai-chat`?"),
        ("  routes: [{id: a, upstream: opanai}]\n" + RULES, "5:30: unknown upstream of sluice.yaml `opanai`; did you mean `openai`?"),
        ("  routes: [{id: a}, {id: a}]\n" + RULES, "5:22: id `a` is already taken in p.yaml:5; ids are unique in a policy"),
        ("  routes: [{id: mail}]\n" + RULES, "6:40: id `mail` is already taken in p.yaml:5; ids are unique in a policy"),
        (ROUTES + RULES.replace("pii", "pi"), "6:25: unknown detector `pi`; did you mean `pii`?"),
        (ROUTES + RULES.replace("detectors: [pii], ", ""), "6:3: no detector is named in `detectors`, so that no rule could match"),
        (ROUTES, "4:1: `inspect` is missing; write `inspect: {rules: []}` if nothing is to be inspected"),
        (RULES, "4:1: the policy has no route, so that every request would be refused"),
    ],
)  # fmt: skip
def test_a_policy_that_names_what_is_not_there_is_refused(spec: str, expected: str) -> None:
    """Names are checked when the policy is loaded, not when a request comes."""
    found = problems(spec)
    assert [line.split(":", 1)[1] for line in found] == [expected]


def test_the_revision_is_of_the_meaning_not_of_the_layout() -> None:
    """Comments, order of keys, a tag or its entities, `60` or `1m`: the same revision."""
    one = plan(
        "  routes: [{id: all, models: ['b', 'a']}]  # comment\n"
        "  inspect: {detectors: [pii], rules: [{id: r, tags: [contact], operator: redact, direction: both}]}\n"
        "  limits: [{id: l, unit: tokens, quota: 5, window: 1m}]\n"
    )
    two = plan(
        "  limits:\n    - burst: 5\n      window: 60\n      quota: 5\n      id: l\n      unit: tokens\n"
        "  inspect:\n    rules:\n      - operator: redact\n        entities: [PHONE_NUMBER, EMAIL_ADDRESS]\n"
        "        id: r\n    detectors: [pii, pii]\n"
        "  routes: [{models: ['a', 'b', 'a'], id: all}]\n  enforcement: enforce\n"
    )
    assert one == two
    assert one.revision == revision_of(one)
    assert one.revision.startswith("sha256:")
    assert len(one.revision) == 71


def test_the_revision_is_the_same_in_every_process() -> None:
    """Workers and replicas must agree: no order of a set, which is random, goes into it."""
    known = "sha256:bd7e381c28362f7ea95f1bc2dbab73f1fd1d803d97fbf6783551c6101f931773"
    assert (
        plan(ROUTES + "  inspect: {detectors: [pii], rules: [{id: r, entities: ['*'], operator: hash}]}\n").revision
        == known
    )


def test_a_route_keeps_the_upstream_that_it_names() -> None:
    """Residency hangs on it."""
    assert plan("  routes: [{id: a, upstream: openai}]\n" + RULES).routes[0].upstream == "openai"


def test_every_change_of_meaning_changes_the_revision() -> None:
    """The same revision is the same behaviour: each field of the plan counts."""
    base = plan(ROUTES + RULES)
    changed = [
        replace(base, routes=(replace(base.routes[0], models=("x",)),)),
        replace(base, rules=(replace(base.rules[0], threshold=0.51),)),
        replace(base, rules=(replace(base.rules[0], enforcement=Enforcement.WARN),)),
        replace(base, rules=(replace(base.rules[0], directions=frozenset({Direction.REQUEST})),)),
        replace(base, detectors=("ner",)),
        replace(base, opaque={**base.opaque, "media": ContentRuling.PASS}),
        replace(base, opaque={**base.opaque, "derived": ContentRuling.PASS}),
        replace(base, on_failure={**base.on_failure, "detector": Action.ALLOW}),
        replace(base, stream=StreamPlan(4096, Action.DENY)),
        replace(base, audit=AuditPlan(payload=False, required=True)),
    ]
    assert len({revision_of(p) for p in [base, *changed]}) == len(changed) + 1
    assert revision_of(replace(base, name="other")) == base.revision


def test_the_name_of_a_policy_is_its_own() -> None:
    """A policy is known by metadata.name."""
    loaded = load(ROUTES + RULES, HEAD.replace("test", "mine"))
    assert loaded.plan is not None
    assert loaded.plan.name == "mine"


@pytest.mark.parametrize(
    ("detector", "problem"),
    [
        ("{name: exfiltration, options: {host: [a]}}", "unknown option `host` of exfiltration; did you mean `hosts`?"),
        ("{name: exfiltration, options: {hosts: a}}", "`hosts` must be a list of texts"),
        ("{name: ner-spacy}", "ner-spacy needs the option `model`"),
        ("{name: ner-gliner, options: {model: m, threshold: 7}}", "`threshold` must be a number from 0 to 1"),
        ("{name: pii, options: {model: m}}", "unknown option `model` of pii"),
        ("{name: pia}", "unknown detector `pia`; did you mean `pii`?"),
        ("{options: {}}", "`name` is missing"),
    ],
)
def test_a_detectors_options_are_checked(detector: str, problem: str) -> None:
    """By what the catalog says that it takes; a wrong one would otherwise look and find nothing."""
    spec = ROUTES + RULES.replace("[pii]", f"[pii, {detector}]")
    loaded = load_text(HEAD + spec, "p.yaml")
    assert loaded.plan is None
    assert any(problem in str(each) for each in loaded.problems)


def test_a_detector_with_options_is_another_plan() -> None:
    """The options stand in its key, so that they count in the revision."""
    plain, trusting = (
        load_text(HEAD + ROUTES + RULES.replace("[pii]", f"[pii, {detector}]"), "p.yaml").plan
        for detector in ("exfiltration", "{name: exfiltration, options: {hosts: [.acme.com]}}")
    )
    assert plain is not None and trusting is not None
    assert plain.detectors == ("exfiltration", "pii")
    assert trusting.detectors == ('exfiltration{"hosts":[".acme.com"]}', "pii")
    assert plain.revision != trusting.revision


def test_a_canary_needs_a_rule_that_waits_for_it() -> None:
    """Planted and never looked for, it would protect nothing."""
    planted = RULES.replace("detectors: [pii]", "detectors: [pii], canary: true")
    loaded = load_text(HEAD + ROUTES + planted, "p.yaml")
    assert [p.message for p in loaded.problems] == ["`canary` plants one, but no rule names CANARY in answers"]
    waiting = planted.replace("EMAIL_ADDRESS", "CANARY")
    assert load_text(HEAD + ROUTES + waiting, "p.yaml").plan is not None
