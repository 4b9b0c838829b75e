"""What is allowed but probably not meant: warnings on a compiled policy."""

from collections.abc import Mapping, Sequence

from detectors.problem import Problem, quoted
from gateway.core.decision import Direction, Enforcement
from gateway.core.globs import matches
from gateway.core.plan import ContentRuling, InspectRule, OperatorKind, Plan, Route
from gateway.policy.compiler import Placed

_SEVERITY = {OperatorKind.DENY: 2, OperatorKind.KEEP: 0}


def warnings_of(parts: Sequence[Placed], plan: Plan) -> tuple[Problem, ...]:
    """Return what looks like a mistake: unreachable routes and rules, a direction without any rule."""
    found = [
        *_unreachable_routes(parts),
        *_unreachable_rules(parts),
        *_bare_directions(parts, plan),
        *_spelt_out(parts, plan),
    ]
    return tuple(sorted(set(found)))


def _unreachable_routes(parts: Sequence[Placed]) -> list[Problem]:
    routes = [(part, part.value) for part in parts if isinstance(part.value, Route)]
    found = []
    for index, (part, route) in enumerate(routes):
        by = next((earlier for _, earlier in routes[:index] if _covers_route(earlier, route)), None)
        if by is not None:
            found.append(part.problem(f"route {quoted(route.id)} is never reached: {quoted(by.id)} takes all of it"))
    return found


def _covers_route(earlier: Route, later: Route) -> bool:
    pairs = ((earlier.dialects, later.dialects), (earlier.models, later.models), (earlier.tenants, later.tenants))
    return all(all(any(_covers(p, q) for p in wide) for q in narrow) for wide, narrow in pairs)


def _covers(pattern: str, other: str) -> bool:
    """Whether `pattern` matches whatever `other` matches: true if it matches `other` with its `*` read as a letter."""
    return matches((pattern,), other)


def _unreachable_rules(parts: Sequence[Placed]) -> list[Problem]:
    """A rule is never reached when one other, enforced rule wins wherever it matches."""
    rules = [(part, part.value) for part in parts if isinstance(part.value, InspectRule)]
    by_id: dict[str, list[tuple[int, Placed, InspectRule]]] = {}
    for index, (part, rule) in enumerate(rules):
        by_id.setdefault(rule.id, []).append((index, part, rule))
    found = []
    for rule_id, pieces in by_id.items():
        winners = [_winner(rules, index, rule, way) for index, _, rule in pieces for way in sorted(rule.directions)]
        if all(winners):
            _, part, _ = pieces[0]
            found.append(part.problem(f"rule {quoted(rule_id)} is never reached: {quoted(winners[0])} always wins"))
    return found


def _winner(rules: Sequence[tuple[Placed, InspectRule]], index: int, rule: InspectRule, way: Direction) -> str | None:
    """Return the id of a rule that wins over `rule` wherever it matches in one direction."""
    for position, (_, other) in enumerate(rules):
        if position == index or other.enforcement is not Enforcement.ENFORCE:
            continue
        mine, theirs = _SEVERITY.get(rule.operator, 1), _SEVERITY.get(other.operator, 1)
        wins = theirs > mine or (theirs == mine and position < index)
        covers = rule.entities <= other.entities and way in other.directions
        if wins and covers and other.threshold <= rule.threshold:
            return other.id
    return None


def _bare_directions(parts: Sequence[Placed], plan: Plan) -> list[Problem]:
    if not parts:
        return []
    document = parts[0].document
    spoken = {Direction.REQUEST: "prompts", Direction.RESPONSE: "answers"}
    return [
        document.problem(("spec", "inspect"), f"no rule inspects {words}: whatever is in them passes")
        for direction, words in spoken.items()
        if not any(direction in rule.directions for rule in plan.rules)
    ]


def _spelt_out(parts: Sequence[Placed], plan: Plan) -> list[Problem]:
    """Copies that nobody inspects undo what an enforced rule does to answers."""
    acting = sorted(
        rule.id
        for rule in plan.rules
        if Direction.RESPONSE in rule.directions
        and rule.enforcement is Enforcement.ENFORCE
        and rule.operator is not OperatorKind.KEEP
    )
    if plan.opaque.get("derived") is not ContentRuling.PASS or not acting:
        return []
    message = f"`derived: pass` lets log probabilities spell what rule {quoted(acting[0])} takes out of answers"
    documents = {part.document.file: part.document for part in parts}
    stating = (d for d in documents.values() if _has(d.data, "spec", "content", "derived"))
    place = next(stating, parts[0].document)
    return [place.problem(("spec", "content", "derived"), message)]


def _has(data: object, *path: str) -> bool:
    for step in path:
        if not isinstance(data, Mapping) or step not in data:
            return False
        data = data[step]
    return True
