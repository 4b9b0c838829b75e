"""Streams out of order, and of a thousand calls at once: refused or inspected, in every dialect.

Whatever is not a delta comes at the wrong time, twice, or never: blocks that were never opened, a done
before its deltas, ends in the middle. What a client joins, and every copy, holds no planted value.
"""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.dialect import Dialect, Endpoint, Framing
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.core.payload import leaves
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS
from tests.property.test_cuts import joined
from tests.support.asking import ALL_TALKS, framing_of, order_of
from tests.support.inside import Inside, Refused, default_plan
from tests.support.mails import Mails
from tests.support.reads import cut

MAIL = "eve.hacker@evil-corp.org"
GONE = "[EMAIL_ADDRESS]"
PREFIX = MAIL[: len(MAIL) * 6 // 10]
MANY = 1000


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy over a detector that costs nothing."""
    return Inside.of(
        default_plan(lambda text: re.sub(r"detectors: \[.*\]", "detectors: [pii]", text)), {"pii": Mails()}
    )


def speaks(endpoint: Endpoint, event: Json) -> bool:
    """Tell whether an event has a delta in it."""
    return any(leaf.mark.channel is not None and leaf.text for leaf in leaves(event, endpoint.events))


def disordered(endpoint: Endpoint, events: list[tuple[str, Json]], dice: random.Random) -> list[tuple[str, Json]]:
    """Return the deltas in their order, with everything else anywhere between them, some of it twice or not at all."""
    made = [named for named in events if speaks(endpoint, named[1])]
    for named in events:
        if not speaks(endpoint, named[1]):
            for _ in range(dice.choice([0, 1, 1, 2])):
                made.insert(dice.randint(0, len(made)), named)
    return made


@pytest.mark.parametrize("name", ALL_TALKS)
async def test_disorder(inside: Inside, name: str) -> None:
    """Twenty disorders of each stream; some are refused, and what was heard before that counts too.

    A text whose end comes in the middle of a value is judged as it stands there, and what comes after that is
    refused: so of refused streams no whole value was heard, and of others no beginning of one either.
    """
    talk, dice = ALL_TALKS[name], random.Random(name)
    found, framing = talk.found(), framing_of(talk)
    assert found is not None
    for _ in range(20):
        size = dice.choice([1, 3, 10, 1000])
        events = disordered(found[1], talk.events(order_of(talk, f"Ask {MAIL} now. ", size)), dice)
        encoder = codecs.encoder(framing)
        sent = b"".join(encoder.encode(Frame(FrameKind.DATA, event, named)) for named, event in events) + encoder.end()
        chunks = cut(sent, [dice.randint(0, len(sent)) for _ in range(dice.choice([0, 3, 50]))])
        exposed = PREFIX
        try:
            steps: Any = await inside.carries(inside.exchange(*found, {}), chunks, framing)
        except Refused as refused:
            steps, exposed = refused.before, MAIL
        channels, copies = joined(found[1], [frame for step in steps for frame in step])
        assert [text for text in (*channels.values(), *copies) if exposed in text] == []


Made = Callable[[list[str]], Any]


def _openai_call(n: int, said: str) -> Json:
    return {"index": n, "id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": said}}


def _item(n: int, said: str) -> Json:
    return {"type": "function_call", "id": f"fc_{n}", "call_id": f"c_{n}", "name": "f", "arguments": said}


def _block(n: int, said: str) -> Json:
    return {"type": "tool_use", "id": f"toolu_{n}", "name": "f", "input": json.loads(said)}


def _part(said: str) -> Json:
    return {"functionCall": {"name": "f", "args": json.loads(said)}}


def _tool(said: str) -> Json:
    return {"function": {"name": "f", "arguments": json.loads(said)}}


CALLS: dict[str, tuple[Made, Made]] = {
    "/v1/chat/completions": (
        lambda said: {
            "model": "m",
            "messages": [{"role": "assistant", "tool_calls": [*map(_openai_call, range(MANY), said)]}],
        },
        lambda said: {"choices": [{"index": 0, "message": {"tool_calls": [*map(_openai_call, range(MANY), said)]}}]},
    ),
    "/v1/responses": (
        lambda said: {"model": "m", "input": [*map(_item, range(MANY), said)]},
        lambda said: {"id": "resp_1", "output": [*map(_item, range(MANY), said)]},
    ),
    "/v1/messages": (
        lambda said: {"model": "m", "messages": [{"role": "assistant", "content": [*map(_block, range(MANY), said)]}]},
        lambda said: {"role": "assistant", "content": [*map(_block, range(MANY), said)]},
    ),
    "/v1beta/models/{model}:streamGenerateContent": (
        lambda said: {"contents": [{"role": "model", "parts": [*map(_part, said)]}]},
        lambda said: {"candidates": [{"index": 0, "content": {"role": "model", "parts": [*map(_part, said)]}}]},
    ),
    "/api/chat": (
        lambda said: {"model": "m", "messages": [{"role": "assistant", "tool_calls": [*map(_tool, said)]}]},
        lambda said: {"model": "m", "message": {"role": "assistant", "content": "", "tool_calls": [*map(_tool, said)]}},
    ),
}
"""A thousand calls in a request, and in a whole answer."""

DELTAS: dict[str, Callable[[int, str], Json]] = {
    "/v1/chat/completions": lambda n, said: {
        "choices": [{"index": 0, "delta": {"tool_calls": [{"index": n, "function": {"arguments": said}}]}}]
    },
    "/v1/responses": lambda n, said: {
        "type": "response.function_call_arguments.delta", "output_index": n, "item_id": f"fc_{n}", "delta": said
    },
    "/v1/messages": lambda n, said: {
        "type": "content_block_delta", "index": n, "delta": {"type": "input_json_delta", "partial_json": said}
    },
    "/house/ndjson": lambda n, said: {"pieces": [{"voice": f"v{n}", "says": said}], "over": False},
}  # fmt: skip
"""One piece of one call's arguments, where they come in pieces."""


def table(path: str) -> tuple[Dialect, Endpoint]:
    """Return the table that serves a path."""
    if path.startswith("/house"):
        found = ALL_TALKS[path].found()
        assert found is not None
        return found
    return next((d, e) for d in DIALECTS for e in d.endpoints if e.path == path and e.method == "POST" and not e.where)


def told(value: Any) -> list[dict[str, Any]]:
    """Return the arguments of every call in a value, in order, as JSON or as the text of it."""
    if isinstance(value, str):
        return [json.loads(value)] if value.startswith("{") else []
    if isinstance(value, dict):
        return [value] if "n" in value and "to" in value else [one for member in value.values() for one in told(member)]
    return [one for member in value for one in told(member)] if isinstance(value, list) else []


SAID = [json.dumps({"n": n, "to": MAIL}) for n in range(MANY)]


@pytest.mark.parametrize("path", CALLS)
async def test_a_thousand_calls_at_once(inside: Inside, path: str) -> None:
    """In a request, in a whole answer and in one event of a stream: each keeps its own arguments."""
    asked, answered = CALLS[path]
    dialect, endpoint = table(path)
    payload = (await inside.asks(inside.exchange(dialect, endpoint, asked(SAID)))).payload
    assert [one["n"] for one in told(payload)] == list(range(MANY))
    assert MAIL not in json.dumps(payload)
    framing = endpoint.streaming.framing if endpoint.streaming else Framing.SSE
    for form in (None, framing):
        encoder = codecs.encoder(form)
        sent = encoder.encode(Frame(FrameKind.DATA, answered(SAID))) + encoder.end()
        steps = await inside.carries(inside.exchange(dialect, endpoint, {}), [sent], form)
        heard = [one for step in steps for frame in step for one in told(frame.data)]
        assert heard == [{"n": n, "to": GONE} for n in range(MANY)]


@pytest.mark.parametrize("path", DELTAS)
async def test_a_thousand_calls_in_pieces(inside: Inside, path: str) -> None:
    """Of blocks that were never opened, a piece of each in turn: a window of its own for each."""
    dialect, endpoint = table(path)
    framing = endpoint.streaming.framing if endpoint.streaming else Framing.SSE
    encoder = codecs.encoder(framing)
    pieces = [(n, said[at : at + 14]) for at in range(0, 56, 14) for n, said in enumerate(SAID)]
    assert all("".join(piece for m, piece in pieces if m == n) == SAID[n] for n in (0, MANY - 1))
    sent = [encoder.encode(Frame(FrameKind.DATA, DELTAS[path](n, piece))) for n, piece in pieces] + [encoder.end()]
    steps = await inside.carries(inside.exchange(dialect, endpoint, {}), [b"".join(sent)], framing)
    channels, _ = joined(endpoint, [frame for step in steps for frame in step])
    assert sorted(json.loads(text)["n"] for text in channels.values()) == list(range(MANY))
    assert {json.loads(text)["to"] for text in channels.values()} == {GONE}
