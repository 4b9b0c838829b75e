"""What changes between two plans: part by part, and replayed over recorded exchanges. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from detectors.detector import Finding
from gateway.core.decision import Action, Decision, Direction
from gateway.core.exchange import Principal
from gateway.core.jsonvalue import Json
from gateway.core.plan import Plan
from gateway.policy.explain import explain

Authorize = Callable[[Plan, Principal, str, str], Decision]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a closed audit record says of an exchange: enough to judge it again, and no text.

    `findings` counts entities by direction. Scores are not recorded: a replay
    takes every finding as certain, and the caller as having every scope. Nor is
    what no rule named when it was found: a rule on new entities changes nothing here.
    """

    exchange: str
    tenant: str
    dialect: str
    model: str
    findings: Mapping[Direction, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Changed:
    """An exchange that two plans judge differently, by direction."""

    exchange: str
    direction: Direction
    before: tuple[Action, str]
    after: tuple[Action, str]


def changes(old: Plan, new: Plan) -> tuple[str, ...]:
    """Return a line for every part that one plan has and the other has not, or has otherwise."""
    if old.revision == new.revision:
        return ()
    lines: list[str] = []
    for kind in ("routes", "rules", "limits", "bias", "live_probes", "dialects"):
        title = "bias rule" if kind == "bias" else kind.removesuffix("s").replace("_", " ")
        lines.extend(_changed_items(title, getattr(old, kind), getattr(new, kind)))
    if old.detectors != new.detectors:
        lines.append(f"detectors: {', '.join(old.detectors)} -> {', '.join(new.detectors)}")
    if old.canary != new.canary:
        lines.append(f"canary: {old.canary} -> {new.canary}")
    for kind in ("on_failure", "opaque", "stream", "audit"):
        before, after = _flat(getattr(old, kind)), _flat(getattr(new, kind))
        title = "content" if kind == "opaque" else kind
        lines.extend(f"{title}.{k}: {before[k]} -> {after[k]}" for k in before if before[k] != after[k])
    return tuple(lines)


def replay(old: Plan, new: Plan, records: Iterable[Recorded], authorize: Authorize) -> tuple[Changed, ...]:
    """Return the recorded exchanges that the two plans judge differently."""
    found: list[Changed] = []
    for record in records:
        for direction in Direction:
            before, after = (_judge(plan, record, direction, authorize) for plan in (old, new))
            if before != after:
                found.append(Changed(record.exchange, direction, before, after))
    return tuple(found)


def recorded(facts: Mapping[str, Json]) -> Recorded | None:
    """Read one line of `sluice audit list --format jsonl`; None if it is no closed exchange with decisions."""
    decisions = facts.get("decisions")
    if not isinstance(decisions, list) or not decisions:
        return None
    findings: dict[Direction, Counter[str]] = {direction: Counter() for direction in Direction}
    for decision in decisions:
        if not isinstance(decision, dict):
            return None
        direction, evidence = decision.get("direction"), decision.get("evidence")
        if not isinstance(direction, str) or direction not in findings:
            return None
        for name, count in evidence.items() if isinstance(evidence, dict) else ():
            if name.startswith("findings.") and isinstance(count, int):
                findings[Direction(direction)][name.removeprefix("findings.")] += count

    def word(name: str) -> str:
        value = facts.get(name)
        return value if isinstance(value, str) else ""

    return Recorded(word("exchange"), word("tenant"), word("dialect"), word("model"), findings)


def _judge(plan: Plan, record: Recorded, direction: Direction, authorize: Authorize) -> tuple[Action, str]:
    scopes = frozenset(scope for route in plan.routes for scope in route.scopes)
    principal = Principal("", record.tenant, scopes)
    decision = authorize(plan, principal, record.dialect, record.model)
    if decision.action is Action.DENY:
        return decision.action, decision.reason
    findings = [Finding(0, 1, entity, 1.0, "record") for entity in record.findings[direction]]
    explained = explain(plan, direction, [("", findings)])
    return explained.action, explained.rule


def _changed_items(kind: str, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
    before, after = _by_id(old), _by_id(new)
    lines = [f"{kind} {item}: removed" for item in before if item not in after]
    lines += [f"{kind} {item}: added" for item in after if item not in before]
    common = [item for item in before if item in after]
    for item in common:
        if before[item] != after[item]:
            lines.extend(_changed_fields(f"{kind} {item}", before[item], after[item]))
    if common != [item for item in after if item in before]:
        lines.append(f"{kind}s: in another order")
    return lines


def _changed_fields(title: str, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
    if len(old) != len(new):
        return [f"{title}: acts in other directions"]
    return [
        f"{title}: {field.name} {_shown(getattr(a, field.name))} -> {_shown(getattr(b, field.name))}"
        for a, b in zip(old, new, strict=True)
        for field in fields(a)
        if field.compare and getattr(a, field.name) != getattr(b, field.name)
    ]


def _by_id(items: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(item.id, []).append(item)
    return found


def _flat(section: Any) -> dict[str, Any]:
    if isinstance(section, Mapping):
        return dict(section)
    return {field.name: getattr(section, field.name) for field in fields(section)}


def _shown(value: Any) -> str:
    if isinstance(value, frozenset | tuple):
        return "{" + ", ".join(sorted(str(item) for item in value)) + "}"
    return str(value)
