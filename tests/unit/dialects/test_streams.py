"""Streams as backends get them wrong and right: interleaved, parallel, out of order, cut anywhere."""

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core.dialect import Framing
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.dialects import codecs
from gateway.dialects.registry import Registry
from tests.support.inside import Inside, Refused
from tests.support.responses_speech import (
    function_call,
    gemini,
    lines,
    numbered,
    ollama_chat,
    response,
    response_text_events,
)
from tests.support.speech import chunk, named_sse, pieces, sse

EVE = "eve.hacker@evil.com"
GONE = "[EMAIL_ADDRESS]"


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


async def heard(
    inside: Inside, path: str, chunks: Sequence[bytes], framing: Framing = Framing.SSE, query: Any = None
) -> list[Any]:
    """Return the events that a caller hears of a backend's bytes."""
    match = Registry().find("POST", path, {}, query or {})
    assert match is not None
    exchange = inside.exchange(match.dialect, match.endpoint, {})
    steps = await inside.carries(exchange, chunks, framing)
    return [frame.data for step in steps for frame in step if frame.kind is FrameKind.DATA]


def cut(data: bytes, places: random.Random) -> list[bytes]:
    """Cut bytes at random places, inside characters and escapes too."""
    at = sorted(places.sample(range(1, len(data)), min(len(data) - 1, places.choice([1, 5, 40]))))
    return [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]


async def test_a_thousand_parallel_calls(inside: Inside) -> None:
    """Each call has a window of its own; what is found in one is not split by the others."""
    many = 1000
    arguments = json.dumps({"to": EVE})
    parts = [arguments[:9], arguments[9:14], arguments[14:]]
    events = []
    for part in parts:
        for n in range(many):
            call: dict[str, Any] = {"index": n, "function": {"arguments": part}}
            if part is parts[0]:
                call = {"index": n, "id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": part}}
            events.append(chunk({"tool_calls": [call]}))
    said: dict[int, str] = {}
    for event in await heard(inside, "/v1/chat/completions", [b"".join(sse(*events, chunk({}, "tool_calls")))]):
        for call in event["choices"][0]["delta"].get("tool_calls", []):
            said[call["index"]] = said.get(call["index"], "") + call["function"]["arguments"]
    assert len(said) == many
    assert {json.loads(text)["to"] for text in said.values()} == {GONE}


async def test_more_texts_than_any_answer_has(inside: Inside) -> None:
    """Memory is bounded: an answer of ever new texts is refused."""
    events = [chunk({"tool_calls": [{"index": n, "function": {"arguments": "{"}}]}) for n in range(5000)]
    with pytest.raises(Refused):
        await heard(inside, "/v1/chat/completions", sse(*events))


async def test_interleaved_choices(inside: Inside) -> None:
    """Two choices, a piece of one and a piece of the other in turn, in one event too."""
    events = []
    for piece in pieces(f"Ask {EVE} now", 3):
        both = [{"index": n, "delta": {"content": piece}, "finish_reason": None} for n in (1, 0)]
        events.append({**chunk({}), "choices": both})
    events += [chunk({}, "stop", 0), chunk({}, "stop", 1)]
    said = {0: "", 1: ""}
    for event in await heard(inside, "/v1/chat/completions", sse(*events)):
        for choice in event["choices"]:
            said[choice["index"]] += choice["delta"].get("content", "")
    assert said == {0: f"Ask {GONE} now", 1: f"Ask {GONE} now"}


async def test_deltas_of_a_block_that_was_never_opened(inside: Inside) -> None:
    """They are carried, inspected."""
    deltas = [
        {"type": "content_block_delta", "index": 3, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces(f"Ask {EVE}", 2)
    ]
    events = await heard(inside, "/v1/messages", named_sse(*deltas, {"type": "message_stop"}))
    assert "".join(event["delta"]["text"] for event in events[:-1]) == f"Ask {GONE}"
    assert events[-1] == {"type": "message_stop"}


async def test_a_done_before_its_deltas(inside: Inside) -> None:
    """The copy is inspected, and so is what comes after it."""
    events = response_text_events(pieces(f"Ask {EVE}.", 3))
    done = [event for event in events if event["type"] == "response.output_text.done"]
    rest = [event for event in events if event["type"] == "response.output_text.delta"]
    out = await heard(inside, "/v1/responses", numbered([*done, *rest]))
    assert out[0]["text"] == f"Ask {GONE}."
    assert "".join(event["delta"] for event in out[1:]) == f"Ask {GONE}."


async def test_text_after_its_end(inside: Inside) -> None:
    """A text that goes on after it was closed is no stream of this dialect."""
    events = response_text_events(["Ask "])
    with pytest.raises(Refused):
        await heard(inside, "/v1/responses", numbered([*events, events[4]]))


BEFORE = f"Ask {EVE} now, or write a letter. " + "the rest is of no interest to anybody here, " * 3
LATE = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": EVE}}
STOP = {"type": "content_block_stop", "index": 0}


@pytest.mark.parametrize(
    ("path", "good", "bad", "framing"),
    [
        ("/v1/chat/completions", sse(chunk({"content": BEFORE}), done=False), [b"data: {\n\n"], Framing.SSE),
        (
            "/v1/chat/completions",
            sse(chunk({"content": BEFORE}), done=False),
            sse(chunk({"content": EVE, "audio": {"data": "aGVsbG8="}})),
            Framing.SSE,
        ),
        (
            "/v1/messages",
            named_sse({**LATE, "delta": {"type": "text_delta", "text": BEFORE}}, STOP),
            named_sse(LATE),
            Framing.SSE,
        ),
        ("/api/chat", lines(ollama_chat(BEFORE, done=False)), [b'{"message": {}, "message": {}}\n'], Framing.LINES),
        (
            "/v1/models/g:streamGenerateContent",
            [b"[", *(json.dumps(gemini(BEFORE, None)).encode(),)],
            [b', {"candidates": [}'],
            Framing.ARRAY,
        ),
    ],
    ids=["malformed", "media", "after its end", "lines", "array"],
)
@pytest.mark.parametrize("size", [1, 10**6])
async def test_what_came_before_a_fault_is_heard(
    inside: Inside, path: str, good: list[bytes], bad: list[bytes], framing: Framing, size: int
) -> None:
    """Whether it came in the same read is the network's accident; what is held when the fault comes never leaves."""
    sent = b"".join([*good, *bad])
    for data in ([sent[i : i + size] for i in range(0, len(sent), size)], [b"".join(good), b"".join(bad)]):
        with pytest.raises(Refused) as caught:
            await heard(inside, path, data, framing)
        said = json.dumps([frame.data for step in caught.value.before for frame in step])
        assert f"Ask {GONE} now, or write a letter." in said
        assert "eve.hac" not in said


async def test_every_kind_of_text_in_one_response(inside: Inside) -> None:
    """Reasoning, summaries, refusals, arguments, code, commands, transcripts: interleaved, and every copy agrees."""
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "response.output_text": ({"output_index": 0, "content_index": 0, "item_id": "m"}, "text"),
        "response.refusal": ({"output_index": 0, "content_index": 1, "item_id": "m"}, "refusal"),
        "response.reasoning_text": ({"output_index": 1, "content_index": 0, "item_id": "r"}, "text"),
        "response.reasoning_summary_text": ({"output_index": 1, "summary_index": 0, "item_id": "r"}, "text"),
        "response.function_call_arguments": ({"output_index": 2, "item_id": "f"}, "arguments"),
        "response.custom_tool_call_input": ({"output_index": 3, "item_id": "c"}, "input"),
        "response.mcp_call_arguments": ({"output_index": 4, "item_id": "p"}, "arguments"),
        "response.code_interpreter_call_code": ({"output_index": 5, "item_id": "i"}, "code"),
        "response.shell_call_command": ({"output_index": 6, "command_index": 0}, "command"),
        "response.something_new": ({"output_index": 7, "item_id": "n"}, "text"),
    }
    text = f"Ask {EVE} now"
    deltas = [
        {"type": f"{kind}.delta", **place, "delta": piece}
        for piece in pieces(text, 2)
        for kind, (place, _) in kinds.items()
    ]
    dones = [{"type": f"{kind}.done", **place, member: text} for kind, (place, member) in kinds.items()]
    out = await heard(inside, "/v1/responses", numbered([*deltas, *dones]))
    assert [event["sequence_number"] for event in out] == list(range(len(out)))
    for kind, (_, member) in kinds.items():
        said = "".join(event["delta"] for event in out if event["type"] == f"{kind}.delta")
        [done] = [event[member] for event in out if event["type"] == f"{kind}.done"]
        assert said == done == f"Ask {GONE} now", kind


async def test_shell_output_has_two_texts(inside: Inside) -> None:
    """Both go through windows of their own."""
    place = {"type": "response.shell_call_output_content.delta", "item_id": "s", "output_index": 0, "command_index": 0}
    events = [{**place, "delta": {"stdout": piece, "stderr": piece}} for piece in pieces(f"Ask {EVE} now", 3)]
    out = await heard(inside, "/v1/responses", numbered(events))
    for name in ("stdout", "stderr"):
        assert "".join(event["delta"].get(name, "") for event in out) == f"Ask {GONE} now"


async def test_audio_is_refused(inside: Inside) -> None:
    """A sound is no text, though it stands where texts stand."""
    with pytest.raises(Refused):
        await heard(inside, "/v1/responses", numbered([{"type": "response.audio.delta", "delta": "aGVsbG8="}]))


async def test_partial_arguments_of_gemini(inside: Inside) -> None:
    """Arguments that come in pieces have a window for each path; an extra event says where its text belongs."""

    def call(path: str, piece: str) -> dict[str, Any]:
        return gemini("", None, functionCall={"partialArgs": [{"jsonPath": path, "stringValue": piece}]})

    events = [call(path, piece) for piece in pieces(EVE, 5) for path in ("$.to", "$.cc")]
    data = [f"data: {json.dumps(event)}\n\n".encode() for event in [*events, gemini("", "STOP")]]
    out = await heard(inside, "/v1/models/g:streamGenerateContent", data, query={"alt": "sse"})
    said: dict[str, str] = {}
    for event in out:
        for part in event["candidates"][0]["content"]["parts"]:
            for argument in part.get("functionCall", {}).get("partialArgs", []):
                said[argument["jsonPath"]] = said.get(argument["jsonPath"], "") + argument["stringValue"]
    assert said == {"$.to": GONE, "$.cc": GONE}


def text_of(path: str, events: Sequence[Json]) -> str:
    """Return what a stream says, as its client joins it."""
    found: Any = events
    if "responses" in path:
        return "".join(event["delta"] for event in found if event["type"].endswith("text.delta"))
    if "Content" in path:
        return "".join(part["text"] for event in found for part in event["candidates"][0]["content"]["parts"])
    return "".join(event["message"]["content"] for event in found)


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/models/g:streamGenerateContent", "/api/chat"])
async def test_cuts_do_not_matter(inside: Inside, path: str) -> None:
    """Bytes may be cut anywhere, and deltas be of any size: what is heard is the same, and no piece of a value."""
    places = random.Random(path)
    text = f'Zoë said "ask {EVE}" (or +49 30 901820) \U0001f600.'
    wanted = None
    for size in (1, 2, 3, 7, 1000):
        said = pieces(text, size)
        framing = Framing.SSE
        if path == "/v1/responses":
            data = b"".join(numbered(response_text_events(said)))
        elif path == "/api/chat":
            framing = Framing.LINES
            data = b"".join(lines(*(ollama_chat(piece, done=False) for piece in said), ollama_chat("")))
        else:
            framing = Framing.ARRAY
            events = [*(gemini(piece, None) for piece in said), gemini("", "STOP")]
            encoder = codecs.encoder(framing)
            data = b"".join(encoder.encode(Frame(FrameKind.DATA, event)) for event in events) + encoder.end()
        for _ in range(12):
            out = text_of(path, await heard(inside, path, cut(data, places), framing))
            wanted = wanted or out
            assert out == wanted
    assert wanted is not None
    assert "eve.hac" not in wanted
    assert "evil.com" not in wanted


async def test_items_of_every_kind_agree(inside: Inside) -> None:
    """An item says the same in its event, in the completed response, and when it comes whole."""
    items: list[dict[str, Any]] = [
        function_call("send", json.dumps({"to": EVE})),
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": EVE}], "content": []},
        {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": EVE}},
        {"id": "ci_1", "type": "code_interpreter_call", "code": EVE, "outputs": [{"type": "logs", "logs": EVE}]},
        {"id": "lsh_1", "type": "local_shell_call", "action": {"type": "exec", "command": [EVE], "env": {"A": EVE}}},
        {"id": "mcp_1", "type": "mcp_call", "arguments": EVE, "output": EVE, "name": "f", "server_label": "s"},
        {"id": "po_1", "type": "program_output", "call_id": "c", "result": EVE},
    ]
    whole = {**response(), "output": items}
    events: list[dict[str, Any]] = [
        *({"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)),
        {"type": "response.completed", "response": whole},
    ]
    out = await heard(inside, "/v1/responses", numbered(events))
    assert [event["item"] for event in out[:-1]] == out[-1]["response"]["output"]
    assert EVE not in json.dumps(out)
    assert json.dumps(out).count(GONE) == 2 * 10
