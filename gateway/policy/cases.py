"""Policy tests: requests and answers with what is expected of them, run against a plan."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from detectors.detector import Finding, Place
from detectors.overlap import resolve
from detectors.problem import Problem, quoted, suggestion
from detectors.strict_yaml import Document, Location, read
from gateway.core.decision import Action, Decision, Direction
from gateway.core.exchange import Principal
from gateway.core.jsonvalue import Json
from gateway.core.places import grouped
from gateway.core.plan import OperatorKind, Plan
from gateway.policy.cases_schema import CaseModel, CasesFile, FindingModel
from gateway.policy.explain import Explanation, Unread, decided
from gateway.policy.fields import validate


class Text(NamedTuple):
    """A text, the pointer to it, and whose word it is."""

    pointer: str
    text: str
    place: Place = Place.PROMPT


Texts = Sequence[Text]


@dataclass(frozen=True, slots=True)
class Said:
    """A request, or an answer, in a dialect; `model` is asked for."""

    dialect: str
    model: str
    direction: Direction
    payload: Json


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen in a request or an answer, and what is decided on it.

    `findings` are those in each of the `texts`; `unread` is what no text detector reads.
    """

    texts: Texts
    findings: Sequence[Sequence[Finding]]
    explained: Explanation
    unread: Sequence[Unread] = ()


Find = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[Finding]]]
"""Runs detectors (keys) on texts; the findings of each text."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What running a test needs from the rest of the house.

    `find` runs detectors on texts of requests, `find_in_answers` on those of answers; `look`
    judges what is said as the gateway does, by one of them; `authorize` judges whether a caller may say it.
    """

    find: Find
    find_in_answers: Find
    look: Callable[[Plan, Said, Find], Looked]
    authorize: Callable[[Plan, Principal, Said], Decision]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a test went: no failure, or what was expected and what was."""

    name: str
    place: Problem
    failures: tuple[str, ...]
    reached: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suite:
    """One file of tests. `policy` is the file that it names, or None."""

    document: Document
    policy: Path | None
    cases: tuple[CaseModel, ...]


def load_suite(path: Path, entities: Mapping[str, object]) -> Suite | tuple[Problem, ...]:
    """Load one file of tests, or return its problems."""
    document = read(path)
    if not isinstance(document, Document):
        return document
    model = validate(CasesFile, document)
    if not isinstance(model, CasesFile):
        return model
    problems = tuple(_problems(document, model.spec.cases, entities))
    if problems:
        return problems
    policy = None if model.spec.policy is None else path.parent / model.spec.policy
    return Suite(document, policy, tuple(model.spec.cases))


def misnamed(suite: Suite, dialects: Collection[str]) -> tuple[Problem, ...]:
    """Return a problem for every test of a dialect that there is not: it would test a table that exempts nothing."""
    problems: list[Problem] = []
    for n, case in enumerate(suite.cases):
        if case.dialect not in dialects:
            message = f"unknown dialect {quoted(case.dialect)}{suggestion(case.dialect, dialects)}"
            problems.append(suite.document.value_problem(("spec", "cases", n, "dialect"), message))
    return tuple(problems)


def run(suite: Suite, plan: Plan, tools: Tools) -> list[CaseResult]:
    """Run every test of a suite against a plan."""
    return [_run(suite.document, index, case, plan, tools) for index, case in enumerate(suite.cases)]


def unreached(plan: Plan, results: Sequence[CaseResult]) -> tuple[str, ...]:
    """Return the ids of routes and rules that decided nothing in any test, in the order of the plan."""
    reached = frozenset[str]().union(*(result.reached for result in results))
    ids = dict.fromkeys([*(route.id for route in plan.routes), *(rule.id for rule in plan.rules)])
    return tuple(rule_id for rule_id in ids if rule_id not in reached)


def all_strings(payload: Json, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of a payload with its pointer (RFC 6901): what is inspected where no table exempts."""
    if isinstance(payload, str):
        yield pointer, payload
    elif isinstance(payload, dict):
        for key, value in payload.items():
            step = key.replace("~", "~0").replace("/", "~1")
            yield from all_strings(value, f"{pointer}/{step}")
    elif isinstance(payload, list):
        for index, value in enumerate(payload):
            yield from all_strings(value, f"{pointer}/{index}")


def _problems(document: Document, cases: Sequence[CaseModel], entities: Mapping[str, object]) -> Iterator[Problem]:
    for index, case in enumerate(cases):
        here = ("spec", "cases", index)
        if (case.request is None) == (case.response is None):
            yield document.problem(here, f"test {quoted(case.name)} must have either `request` or `response`")
        named: list[tuple[Location, str]] = [
            (("findings", n), finding.entity) for n, finding in enumerate(case.findings or ())
        ]
        named += [(("expect", "redactions", n), item.entity) for n, item in enumerate(case.expect.redactions or ())]
        for where, entity in named:
            if entity not in entities:
                message = f"unknown entity {quoted(entity)}{suggestion(entity, entities)}"
                yield document.value_problem((*here, *where, "entity"), message)


def _run(document: Document, index: int, case: CaseModel, plan: Plan, tools: Tools) -> CaseResult:
    place = document.problem(("spec", "cases", index), case.name)
    principal = Principal(case.principal.subject, case.principal.tenant, frozenset(case.principal.scopes))
    direction, payload = Direction.REQUEST, case.request
    if payload is None:
        direction, payload = Direction.RESPONSE, case.response
    said = Said(case.dialect, case.model, direction, payload)
    decision = tools.authorize(plan, principal, said)
    if decision.action is Action.DENY:
        failures = _compare(case, decision.action, decision.would_action, decision.rule, decision.reason, [])
        return CaseResult(case.name, place, failures, frozenset({decision.rule} - {""}))
    find = tools.find if direction is Direction.REQUEST else tools.find_in_answers
    looked = tools.look(plan, said, find if case.findings is None else _stating(case.findings))
    explained = looked.explained
    action, rule = decided(explained, looked.unread)
    would, _ = decided(explained, looked.unread, would=True)
    failures = _compare(case, action, would, rule, None, list(_redactions(looked)))
    reached = {decision.rule, explained.rule, explained.would_rule, *(item.rule for item in explained.findings)}
    return CaseResult(case.name, place, failures, frozenset(reached - {""}))


def _stating(stated: Sequence[FindingModel]) -> Find:
    """Return a finder that finds what a test states, wherever it stands, and nothing else."""

    def find(_: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        return [
            [
                Finding(start, start + len(one.text), one.entity, one.score, "test")
                for one in stated
                for start in _occurrences(text, one.text)
            ]
            for text in texts
        ]

    return find


def find_by_place(plan: Plan, texts: Texts, find: Find) -> Sequence[Sequence[Finding]]:
    """Ask about each text the detectors of the plan that are meant for texts of its place."""
    findings: list[Sequence[Finding]] = [()] * len(texts)
    for detectors, positions in grouped(plan.detectors, [text.place for text in texts]).items():
        for at, those in zip(positions, find(detectors, [texts[at].text for at in positions]), strict=True):
            findings[at] = those
    return findings


def _occurrences(text: str, piece: str) -> Iterator[int]:
    start = text.find(piece)
    while start >= 0:
        yield start
        start = text.find(piece, start + len(piece))


def _redactions(looked: Looked) -> Iterator[tuple[str, str]]:
    """Yield entity and text of every place that is rewritten, overlaps resolved."""
    rewriting = {
        (item.pointer, item.finding)
        for item in looked.explained.findings
        if item.operator is not None and item.operator is not OperatorKind.KEEP
    }
    for (pointer, text, _), found in zip(looked.texts, looked.findings, strict=True):
        for finding in resolve([f for f in found if (pointer, f) in rewriting], text):
            yield finding.entity, text[finding.start : finding.end]


def _compare(
    case: CaseModel, action: Action, would: Action, rule: str, reason: str | None, redactions: list[tuple[str, str]]
) -> tuple[str, ...]:
    """Say what differs. Texts that are quoted here are the test's own."""
    expect = case.expect
    pairs: list[tuple[str, Any, Any]] = [("action", expect.action, action)]
    if expect.would_action is not None:
        pairs.append(("would_action", expect.would_action, would))
    if expect.rule is not None:
        pairs.append(("rule", expect.rule, rule))
    if expect.reason is not None:
        pairs.append(("reason", expect.reason, reason or "none"))
    failures = [f"{name}: expected {want or 'none'}, was {got or 'none'}" for name, want, got in pairs if want != got]
    if expect.redactions is not None:
        left = list(redactions)
        for item in expect.redactions:
            match = next((r for r in left if r[0] == item.entity and item.text in (None, r[1])), None)
            if match is None:
                failures.append(f"redactions: {item.entity} {quoted(item.text or 'anywhere')} was not rewritten")
            else:
                left.remove(match)
        failures.extend(f"redactions: {entity} {quoted(text)} was not expected" for entity, text in left)
    return tuple(failures)
