"""What the plan says of content that no detector reads: refused, left out, passed and told of, or inspected later."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.content import CONTENT, STATE
from gateway.core.decision import Action, Decision, Direction, GuardName, Reason, plain
from gateway.core.payload import GONE, Gone, Leaf, Path
from gateway.core.plan import ContentRuling, Plan


@dataclass(frozen=True, slots=True)
class Contents:
    """The rulings on a request's content: what is left out, what is noted, and a denial with its sentence, if any."""

    removed: Mapping[Path, Gone] = field(default_factory=dict)
    noted: tuple[Decision, ...] = ()
    denial: Decision | None = None
    detail: str = ""


def contents(plan: Plan, found: Sequence[Leaf], stateful: bool) -> Contents:
    """Apply the plan's rulings; media that are to be inspected are not this function's."""
    removed: dict[Path, Gone] = {}
    noted: Counter[Reason] = Counter()
    if stateful and STATE.ruling(plan.opaque) is not ContentRuling.PASS:
        detail = "the path names what lies with the provider, which the policy refuses: see spec.content.state"
        return Contents(denial=noting(plan, Action.DENY, Reason.STATE_REFUSED, 1), detail=detail)
    for leaf in found:
        content = CONTENT.get(leaf.mark.kind)
        if content is None:
            continue
        ruling = content.ruling(plan.opaque)
        if ruling is ContentRuling.INSPECT:
            continue
        if ruling is ContentRuling.PASS:
            noted[content.passed] += 1
        elif ruling is ContentRuling.STRIP:
            removed[leaf.path[: len(leaf.path) - leaf.mark.within]] = GONE
            if content.stripped is not None:
                noted[content.stripped] += 1
        else:
            detail = f"the request holds {content.name}, which the policy refuses: see spec.content.{content.word}"
            return Contents(denial=noting(plan, Action.DENY, content.refused, 1), detail=detail)
    return Contents(removed, tuple(noting(plan, Action.ALLOW, reason, n) for reason, n in noted.items()))


def noting(
    plan: Plan, action: Action, reason: Reason, count: int, direction: Direction = Direction.REQUEST
) -> Decision:
    """Return the decision on `count` parts that no rule decided but the plan's word on their class."""
    return plain(GuardName.INSPECT, action, reason, plan.revision, direction, evidence={"parts": count})
