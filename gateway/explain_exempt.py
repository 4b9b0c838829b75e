"""What `sluice policy explain` and `test` say of strings that a table exempts: identifiers and words of the format."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from detectors.detector import Finding
from gateway.core.decision import Action, Direction
from gateway.core.exchange import Exchange
from gateway.core.payload import Leaf
from gateway.core.tally import rulebook
from gateway.core.window import Promise
from gateway.guards.exempt import judge
from gateway.policy.cases import Find
from gateway.policy.explain import Explanation


@dataclass(frozen=True, slots=True)
class _Here:
    """A `DetectorPool` that runs a finder here and now."""

    find: Find

    def promise(self, detectors: Sequence[str]) -> Promise:
        raise NotImplementedError  # of streams only

    async def detect(
        self,
        detectors: Sequence[str],
        texts: Sequence[str],
        *,
        starts: Sequence[int] = (),  # noqa: ARG002
        whole: bool = False,  # noqa: ARG002
    ) -> Sequence[Sequence[Finding]]:
        return self.find(detectors, texts)


def judged(explained: Explanation, exchange: Exchange, every: Sequence[Leaf], find: Find) -> Explanation:
    """Return the explanation of a request's texts with what the gateway decides on the exempt strings among `every`."""
    ruling = asyncio.run(judge(exchange, every, rulebook(exchange.plan, Direction.REQUEST), _Here(find)))
    if ruling is None:
        return explained
    decision = ruling.decision
    told = replace(explained, would_action=decision.would_action, would_rule=decision.rule)
    if decision.action is not Action.DENY:
        return replace(told, exempt=f"an identifier would be refused by {decision.rule} ({decision.enforcement})")
    return replace(told, action=decision.action, rule=decision.rule, exempt=ruling.detail)
