"""What `sluice policy explain` prints: pointers, offsets, entities and rules, never a text."""

import json
from collections.abc import Sequence

from gateway.core.decision import Action
from gateway.core.plan import Plan
from gateway.policy.explain import Explanation, Unread, decided


def explained_text(plan: Plan, route: str, explained: Explanation, unread: Sequence[Unread]) -> str:
    """Return an explanation for people. `route` says what authorize decides."""
    lines = [f"policy {plan.name} {plan.revision}", f"authorize: {route}"]
    for item in unread:
        detail = f": {item.detail}" if item.detail else ""
        lines.append(f"{item.pointer or '/'} {item.word}: {item.ruling} by spec.content.{item.word}{detail}")
    for shown in explained.findings:
        finding = shown.finding
        done = f"{shown.operator} by {shown.rule}" if shown.operator else "left alone"
        place = f"{shown.pointer or '/'} {finding.start}..{finding.end}"
        lines.append(f"{place} {finding.entity} {finding.score:.2f} ({finding.detector}): {done}")
        lines.extend(f"    {c.rule} ({c.operator}): {c.outcome}" for c in shown.considered)
        if not shown.considered:
            lines.append("    no rule names this entity in this direction")
    lines += [explained.exempt] if explained.exempt else []
    done = verdict(decided(explained, unread))
    would = verdict(decided(explained, unread, would=True))
    lines.append(f"inspect: {done}" + (f", would be {would}" if would != done else ""))
    return "\n".join(lines)


def explained_json(plan: Plan, route: str, explained: Explanation, unread: Sequence[Unread]) -> str:
    """Return an explanation for tools."""
    rows = [
        {
            "pointer": item.pointer,
            "start": item.finding.start,
            "end": item.finding.end,
            "entity": item.finding.entity,
            "score": item.finding.score,
            "detector": item.finding.detector,
            "rule": item.rule,
            "operator": item.operator,
            "considered": [
                {"rule": c.rule, "operator": c.operator, "enforcement": c.enforcement, "outcome": c.outcome}
                for c in item.considered
            ],
        }
        for item in explained.findings
    ]
    action, rule = decided(explained, unread)
    would, _ = decided(explained, unread, would=True)
    content = [
        {"pointer": item.pointer, "word": item.word, "ruling": item.ruling, "detail": item.detail} for item in unread
    ]
    head = {"policy": plan.name, "revision": plan.revision, "authorize": route}
    tail = {"action": action, "rule": rule, "would_action": would, "exempt": explained.exempt}
    return json.dumps({**head, **tail, "content": content, "findings": rows}, indent=2)


def verdict(decided: tuple[Action, str]) -> str:
    """Return an action and who decided it, if anybody did."""
    return f"{decided[0]} ({decided[1]})" if decided[1] else decided[0]
