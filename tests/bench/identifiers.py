"""How often a random identifier or signed blob of the vendors' forms is taken for somebody's key or number.

``python -m tests.bench.identifiers [HOW_MANY_EACH]`` asks the guard that refuses such requests, with the rules of the
default policy and of the strict one. Blobs are a hundredth of the identifiers.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.core.decision import Action, Direction
from gateway.core.dialect import IDENT
from gateway.core.payload import Kind, Leaf, Mark
from gateway.core.plan import Plan
from gateway.core.tally import rulebook
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.guards import exempt
from tests.support.inside import POLICIES, Inside, default_plan
from tests.support.vendor_ids import BLOBS, IDS, Make

_MARK = Mark(Kind.OPAQUE, IDENT)
_PATH = ("messages", 0, "tool_call_id")


def _strict(_: str) -> str:
    return (POLICIES / "strict.yaml").read_text()


async def refused(inside: Inside, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return those of `texts` that would have a request refused, and for what."""
    exchange = inside.exchange(OPENAI_CHAT, OPENAI_CHAT.endpoints[0], {})
    rules = rulebook(inside.plan, Direction.REQUEST)
    pool = inside.inspect._pool
    whole = await exempt.judge(exchange, [Leaf(_PATH, text, _MARK) for text in texts], rules, pool)
    if whole is None or whole.decision.action is Action.ALLOW:
        return iter(())
    found = []
    for text in texts:
        ruling = await exempt.judge(exchange, [Leaf(_PATH, text, _MARK)], rules, pool)
        if ruling is not None and ruling.decision.action is Action.DENY:
            found.append((text, ", ".join(ruling.decision.evidence)))
    return iter(found)


async def _count(name: str, make: Make, many: int, plans: Sequence[tuple[str, Plan]]) -> int:
    dice = random.Random(name)
    insides = [(policy, Inside.of(plan)) for policy, plan in plans]
    bad: Counter[tuple[str, str]] = Counter()
    begun = time.perf_counter()
    for at in range(0, many, 500):
        texts = [make(dice) for _ in range(min(500, many - at))]
        for policy, inside in insides:
            for _, why in await refused(inside, texts):
                bad[policy, why] += 1
    each = (time.perf_counter() - begun) / many / len(insides) * 1e6
    sys.stdout.write(f"{name:28} {many:>8} {each:7.1f} us  {dict(bad) or 'none'}" + "\n")
    return sum(bad.values())


async def main(many: int) -> None:
    """Print a line for each kind, and the sums."""
    plans = [("default", default_plan()), ("strict", default_plan(_strict))]
    for kinds, number in ((IDS, many), (BLOBS, max(1, many // 100))):
        bad = sum([await _count(name, make, number, plans) for name, make in kinds.items()])
        sys.stdout.write(f"{bad} refusals of {number * len(kinds):,} strings under each of two policies" + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
