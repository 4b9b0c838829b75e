"""Which rule decides what about a finding, and why the others do not. Pure; holds no text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detectors.detector import Finding
from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.plan import ContentRuling, InspectRule, OperatorKind, Plan
from gateway.core.tally import rulebook

_RANK = {Action.ALLOW: 0, Action.REDACT: 1, Action.DENY: 2}


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that names the finding's entity, and what came of it."""

    rule: str
    operator: OperatorKind
    enforcement: Enforcement
    threshold: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What happens to one finding. `rule` is "" and `operator` None when no enforced rule takes it."""

    pointer: str
    finding: Finding
    rule: str
    operator: OperatorKind | None
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Content at a place that no text detector reads: the policy's word for it, its ruling, and what comes of it.

    `refuses` tells that this refuses the exchange: by the ruling, or (`detail`) by what was seen in media.
    """

    pointer: str
    word: str
    ruling: ContentRuling
    detail: str = ""
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the inspect guard decides on all findings of one direction.

    `would_action` and `would_rule` are what would be done if every rule were
    enforced; they equal `action` and `rule` when no rule is in warn or shadow.
    `exempt` says what is minded in strings that a table exempts.
    """

    direction: Direction
    action: Action
    rule: str
    would_action: Action
    would_rule: str
    findings: tuple[Explained, ...]
    exempt: str = ""


def explain(plan: Plan, direction: Direction, found: Iterable[tuple[str, Sequence[Finding]]]) -> Explanation:
    """Explain what `plan` does about findings; `found` has the pointer of each text and its findings.

    The rules are those of `gateway.core.redact`: of the rules over whose
    threshold a finding lies, the most severe operator that is enforced acts.
    """
    book = rulebook(plan, direction)
    explained: list[Explained] = []
    action, rule, would, would_rule = Action.ALLOW, "", Action.ALLOW, ""
    for pointer, findings in found:
        for finding in findings:
            acting, wished, item = _explain(book, pointer, finding)
            explained.append(item)
            if acting is not None and (not rule or _RANK[action_of(acting)] > _RANK[action]):
                action, rule = action_of(acting), acting.id
            if wished is not None and (not would_rule or _RANK[action_of(wished)] > _RANK[would]):
                would, would_rule = action_of(wished), wished.id
    return Explanation(direction, action, rule, would, would_rule, tuple(explained))


def decided(explained: Explanation, unread: Iterable[Unread], *, would: bool = False) -> tuple[Action, str]:
    """Return what comes of texts and of content that is no text, or what `would` if all were enforced; and by what."""
    refused = next((item for item in unread if item.refuses), None)
    if refused is not None:
        return Action.DENY, f"spec.content.{refused.word}"
    return (explained.would_action, explained.would_rule) if would else (explained.action, explained.rule)


def action_of(rule: InspectRule) -> Action:
    """Return the action that a rule's operator amounts to."""
    if rule.operator is OperatorKind.DENY:
        return Action.DENY
    return Action.ALLOW if rule.operator is OperatorKind.KEEP else Action.REDACT


def _explain(
    book: Mapping[str, tuple[InspectRule, ...]], pointer: str, finding: Finding
) -> tuple[InspectRule | None, InspectRule | None, Explained]:
    rules = book.get(finding.entity, ())
    over = [rule for rule in rules if finding.score >= rule.threshold]
    acting = next((rule for rule in over if rule.enforcement is Enforcement.ENFORCE), None)
    considered = tuple(_considered(rule, finding, acting) for rule in rules)
    operator = acting.operator if acting else None
    item = Explained(pointer, finding, acting.id if acting else "", operator, considered)
    return acting, (over[0] if over else None), item


def _considered(rule: InspectRule, finding: Finding, acting: InspectRule | None) -> Considered:
    if finding.score < rule.threshold:
        outcome = f"does not match: score {finding.score:.2f} is under its threshold {rule.threshold:.2f}"
    elif rule is acting:
        outcome = "decides"
    elif rule.enforcement is not Enforcement.ENFORCE:
        outcome = f"would apply, but only in {rule.enforcement}"
    else:
        outcome = f"gives way to {acting.id if acting else 'another rule'}"
    return Considered(rule.id, rule.operator, rule.enforcement, rule.threshold, outcome)
