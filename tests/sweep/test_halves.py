"""A value cut over two events of a stream: no member of a delta lets its halves through, known or not.

Clients join what comes in deltas. So every string under a ``delta`` of the SDKs' event types, and every
member of a delta that no type names yet, must go through one window over all events; looked at one
by one, two halves are nothing that a detector knows. Members that a table exempts by their shape
(ids, names, words, signatures) are not joined by anybody.
"""

import json
from typing import Any

import pytest

from gateway.core.dialect import Framing
from gateway.core.jsonvalue import Json
from gateway.core.payload import Kind
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS
from tests.support.inside import Inside, Refused, data
from tests.sweep.roots import Side, sides
from tests.sweep.shapes import Case, Shaper
from tests.sweep.test_positions import NAME, naming

__all__ = ["naming"]  # a fixture
HALVES = ("Alice Ca", "nary7")
STREAMS = [side for side in sides(DIALECTS) if side.name == "events" and side.dialect.vendor in ("openai", "anthropic")]
PLACE = "\u2603"


def replaced(value: Json, new: str) -> Json:
    """Return a value with `new` in the place of the place mark."""
    loaded: Json = json.loads(json.dumps(value, ensure_ascii=False).replace(PLACE, new))
    return loaded


def exempt(side: Side, value: Any) -> bool:
    """Tell whether the table exempts the place by its shape, or it is a key."""
    state = side.endpoint.events.root
    while not isinstance(value, str):
        if isinstance(value, list):
            value, state = value[0], state.index()
            continue
        name = next(name for name, member in value.items() if PLACE in json.dumps({name: member}, ensure_ascii=False))
        if PLACE in name:
            return True
        value, state = value[name], state.key(name)
    return state.mark is not None and state.mark.kind is Kind.OPAQUE


def deltas(side: Side) -> list[Case]:
    """Return every string under a delta of the side's types."""
    cases = {case.where: case for kind in side.types for case in Shaper(PLACE).cases(kind) if ".delta." in case.where}
    cases |= {
        case.where: case for kind in side.types for case in Shaper(PLACE).cases(kind) if case.where.endswith(".delta")
    }
    return [case for case in cases.values() if ".citation" not in case.where and not exempt(side, case.value)]


async def heard(inside: Inside, side: Side, case: Case) -> str:
    """Send the two halves in two events; return what leaves."""
    framing = side.endpoint.streaming.framing if side.endpoint.streaming else Framing.SSE
    encoder = codecs.encoder(framing)
    events = [replaced(case.value, half) for half in HALVES]
    names = [str(event.get("type", "")) if isinstance(event, dict) else "" for event in events]
    sent = b"".join(encoder.encode(data(event, name)) for event, name in zip(events, names, strict=True))
    try:
        steps = await inside.carries(inside.exchange(side.dialect, side.endpoint, {}), [sent], framing)
    except Refused:
        return ""
    return json.dumps([frame.data for step in steps for frame in step], ensure_ascii=False)


@pytest.mark.parametrize("side", STREAMS, ids=str)
async def test_no_delta_lets_halves_through(naming: Inside, side: Side) -> None:
    """Neither the whole nor both of its halves leave."""
    assert NAME.text == "".join(HALVES)
    found = []
    for case in deltas(side):
        out = await heard(naming, side, case)
        if all(half in out for half in HALVES):
            found.append(case.where.partition(".")[2])
    assert found == []
