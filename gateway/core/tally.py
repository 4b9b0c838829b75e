"""What was found in one direction of an exchange, counted, and the rules that decide on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detectors.detector import Finding
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.plan import InspectRule, OperatorKind, Plan

_SEVERITY = {OperatorKind.KEEP: 0, OperatorKind.DENY: 2}
INJECTION = frozenset({"PROMPT_INJECTION", "INDIRECT_INJECTION"})
"""The entities of text that tries to give the model orders; its denial has a reason of its own."""

Rulebook = Mapping[str, tuple[InspectRule, ...]]


def rulebook(plan: Plan, direction: Direction) -> Rulebook:
    """Return the rules of one direction by entity, most severe operator first, then as in the file."""
    book: dict[str, list[InspectRule]] = {}
    for rule in plan.rules:
        if direction in rule.directions:
            for entity in rule.entities:
                book.setdefault(entity, []).append(rule)
    return {entity: tuple(sorted(rules, key=lambda r: -_SEVERITY.get(r.operator, 1))) for entity, rules in book.items()}


def _action(rule: InspectRule) -> Action:
    if rule.operator is OperatorKind.DENY:
        return Action.DENY
    return Action.ALLOW if rule.operator is OperatorKind.KEEP else Action.REDACT


_RANK = {Action.ALLOW: 0, Action.REDACT: 1, Action.DENY: 2}


@dataclass(slots=True)
class Tally:
    """What was found in one direction so far: numbers, and whose rule decided."""

    found: Counter[str] = field(default_factory=Counter)
    restored: int = 0
    action: Action = Action.ALLOW
    would: Action = Action.ALLOW
    rule: str = ""
    entity: str = ""
    would_rule: str = ""
    enforcement: Enforcement = Enforcement.ENFORCE

    def note(self, entity: str, enforced: InspectRule | None, wished: InspectRule) -> None:
        """Count one finding and remember the most severe rule, enforced and wished."""
        self.found[entity] += 1
        if enforced is not None and (not self.rule or _RANK[_action(enforced)] > _RANK[self.action]):
            self.action, self.rule, self.entity = _action(enforced), enforced.id, entity
        if not self.would_rule or _RANK[_action(wished)] > _RANK[self.would]:
            self.would, self.would_rule, self.enforcement = _action(wished), wished.id, wished.enforcement

    def weigh(self, rules: Rulebook, finding: Finding) -> None:
        """Count a finding that nobody rewrites, if any rule names it at its score."""
        named = [rule for rule in rules.get(finding.entity, ()) if finding.score >= rule.threshold]
        if named:
            self.note(finding.entity, enforced_of(named), named[0])

    def decision(self, plan: Plan, direction: Direction) -> Decision:
        """Return the inspect guard's decision on everything counted."""
        differs = self.would is not self.action
        deciding = self.would if differs else self.action
        reason = Reason.NOTHING_FOUND
        if self.found:
            reason = {
                Action.ALLOW: Reason.ENTITIES_KEPT,
                Action.REDACT: Reason.ENTITIES_REDACTED,
                Action.DENY: Reason.ENTITIES_DENIED,
            }[deciding]
        if reason is Reason.ENTITIES_DENIED and self.entity in INJECTION:
            reason = Reason.INJECTION_DENIED
        evidence: dict[str, int | float] = {f"findings.{entity}": n for entity, n in sorted(self.found.items())}
        if self.restored:
            evidence["restored"] = self.restored
        return Decision(
            guard=GuardName.INSPECT,
            action=self.action,
            reason=reason,
            direction=direction,
            rule=self.would_rule if differs else self.rule,
            enforcement=self.enforcement if differs else Enforcement.ENFORCE,
            revision=plan.revision,
            would_action=self.would,
            evidence=evidence,
        )


def enforced_of(rules: Sequence[InspectRule]) -> InspectRule | None:
    """Return the rule that takes effect, the first that is enforced."""
    return next((rule for rule in rules if rule.enforcement is Enforcement.ENFORCE), None)
