"""What `sluice policy explain` and `test` say of a request's media, where the policy inspects them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from detectors.detector import Finding, Place
from gateway.core.content import MEDIA
from gateway.core.decision import Action, Direction
from gateway.core.dialect import Endpoint
from gateway.core.jsonvalue import Json
from gateway.core.media import WHY, Reading, Source, Unreadable
from gateway.core.passing import apart, texts_of
from gateway.core.payload import Leaf
from gateway.core.places import meant_at
from gateway.core.plan import ContentRuling, Plan
from gateway.policy.cases import Find
from gateway.policy.explain import Unread, explain

Found = tuple[str, Sequence[Finding]]
"""A pointer, and what was found there."""

Read = Callable[[bytes], Reading]
"""Reads one file."""


@dataclass(slots=True)
class Seen:
    """Media that were looked at: `texts` stand beside them, `rulings` say what happens to each, `found` why."""

    texts: list[Leaf] = field(default_factory=list)
    rulings: list[Unread] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def look(plan: Plan, payload: Json, endpoint: Endpoint, every: Sequence[Leaf], find: Find, read: Read) -> Seen:
    """Read the media among the leaves that the policy has read, judge what they say, and list the texts beside them."""
    sources, left = apart(payload, every, endpoint.request, plan.opaque)
    before = {id(leaf) for leaf in every}
    seen = Seen([leaf for leaf in texts_of(left) if id(leaf) not in before])
    for source in sources:
        _judge(plan, source, find, read, seen)
    return seen


def _judge(plan: Plan, source: Source, find: Find, read: Read, seen: Seen) -> None:
    reading: Reading = source.data if isinstance(source.data, Unreadable) else read(source.data)
    if reading is Unreadable.UNKNOWN and source.optional:
        return
    if isinstance(reading, Unreadable):
        seen.rulings.append(
            Unread(source.place, MEDIA.word, ContentRuling.INSPECT, f"refused: it {WHY[reading]}", True)
        )
        return
    detectors = meant_at(plan.detectors, Place.DOCUMENT)
    found = [(source.place, those) for those in find(detectors, reading) if those]
    explained = explain(plan, Direction.REQUEST, found)
    refused = explained.action is not Action.ALLOW
    detail = f"refused: bytes are not rewritten, and {explained.rule} would" if refused else "passes as it is"
    seen.rulings.append(Unread(source.place, MEDIA.word, ContentRuling.INSPECT, detail, refused))
    seen.found += found
