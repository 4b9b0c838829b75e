"""What no sane backend sends, and some do: refused or carried correctly, in bounded memory, never raw, never a 500.

Over real sockets: what is cut off in mid-stream ends in the dialect's own error, and nothing of what
was held, or was too broken to be read, ever reaches the caller.
"""

import json
import resource
from typing import Any

import pytest

from tests.support.backend import Backend
from tests.support.house import House, Reply
from tests.support.responses_speech import gemini, lines, ollama_chat
from tests.support.speech import chunk, completion, message_stream, named_sse, sse

MAIL = "eve.hacker@evil.com"
CHAT = ("/v1/chat/completions", {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]})
MESSAGES = ("/v1/messages", {"model": "m", "max_tokens": 9, "stream": True, "messages": CHAT[1]["messages"]})
OLLAMA = ("/api/chat", {"model": "m", "messages": CHAT[1]["messages"]})
RESPONSES = ("/v1/responses", {"model": "m", "stream": True, "input": "Hi"})
GEMINI = ("/v1beta/models/m:streamGenerateContent", {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]})
Call = tuple[str, Any]


async def heard(
    house: House, backend: Backend, call: Call, chunks: list[bytes], kind: str = "text/event-stream", delay: float = 0.0
) -> Reply:
    """Have the backend send these bytes; return what the caller got."""
    backend.streams(chunks, content_type=kind, delay=delay)
    reply = await house.post(call[0], call[1])
    assert reply.status not in (500, 503), reply.raw[:300]
    assert b"eve.hacker" not in reply.raw
    return reply


def deltas(raw: bytes) -> str:
    """Join the contents of an OpenAI stream."""
    said = ""
    for line in raw.decode().splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line[6:]).get("choices", []):
                said += choice["delta"].get("content") or ""
    return said


async def test_an_event_of_five_megabytes_is_carried(house: House, backend: Backend) -> None:
    """One delta, five megabytes, an address at its end: all of it is inspected and all of it arrives."""
    text = "word " * 1_000_000
    reply = await heard(house, backend, CHAT, sse(chunk({"content": text + MAIL + " "}), chunk({}, "stop")))
    assert deltas(reply.raw) == text + "[EMAIL_ADDRESS] "


async def test_an_event_without_end_is_cut_off(house: House, backend: Backend) -> None:
    """Forty megabytes without a blank line are refused at sixteen, and not kept."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply = await heard(house, backend, CHAT, [b'data: {"x": "' + MAIL.encode(), *([b"A" * 1_000_000] * 40)])
    assert reply.status == 502
    assert reply.body["error"]["type"] == "server_error"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes"


async def test_a_text_without_a_place_to_cut_ends(house: House, backend: Backend) -> None:
    """An endless word that may still become an address is held up to the plan's limit, then the answer ends."""
    pieces = [chunk({"content": "a1." * 2_000}) for _ in range(20)]
    reply = await heard(house, backend, CHAT, sse(*pieces, chunk({"content": "@evil.com"}), chunk({}, "stop")))
    assert len(deltas(reply.raw.partition(b'data: {"error"')[0])) < 200_000


async def test_a_thousand_parallel_tool_calls(house: House, backend: Backend) -> None:
    """Each has its own window; each call's arguments stay its own."""
    many = range(1_000)
    named = [
        {"index": i, "id": f"call_{i}", "type": "function", "function": {"name": "f", "arguments": ""}} for i in many
    ]
    first = [{"index": i, "function": {"arguments": f'{{"n": {i}, "to": "eve.hac'}} for i in many]
    last = [{"index": i, "function": {"arguments": 'ker@evil.com"}'}} for i in many]
    events = [chunk({"tool_calls": calls}) for calls in (named, first, last)]
    reply = await heard(house, backend, CHAT, sse(*events, chunk({}, "tool_calls")))
    said: dict[int, str] = {}
    for line in reply.raw.decode().splitlines():
        for choice in json.loads(line[6:])["choices"] if line.startswith("data: {") else []:
            for call in choice["delta"].get("tool_calls", []):
                said[call["index"]] = said.get(call["index"], "") + call["function"]["arguments"]
    assert {i: json.loads(text) for i, text in said.items()} == {i: {"n": i, "to": "[EMAIL_ADDRESS]"} for i in many}


async def test_more_texts_than_any_answer_has(house: House, backend: Backend) -> None:
    """Five thousand open texts are an attack on memory: the stream ends in an error."""
    calls = [{"index": i, "function": {"arguments": '{"a": "'}} for i in range(5_000)]
    reply = await heard(house, backend, CHAT, sse(chunk({"tool_calls": calls})))
    assert reply.status == 502


async def test_deltas_for_a_block_never_opened(house: House, backend: Backend) -> None:
    """They are inspected like any other."""
    delta = {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta", "text": f"by {MAIL} ."}}
    reply = await heard(house, backend, MESSAGES, named_sse(delta, {"type": "message_stop"}))
    assert b"[EMAIL_ADDRESS]" in reply.raw


async def test_a_block_that_goes_on_after_its_end(house: House, backend: Backend) -> None:
    """Nobody can judge the rest without its beginning: the stream ends."""
    events = message_stream(["write to eve.hac"])
    late = named_sse(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ker@evil.com"}}
    )
    stop = next(i for i, event in enumerate(events) if b"content_block_stop" in event)
    reply = await heard(house, backend, MESSAGES, [*events[: stop + 1], *late, *events[stop + 1 :]])
    assert b"ker@evil.com" not in reply.raw
    assert b"event: error" in reply.raw


async def test_done_before_its_deltas(house: House, backend: Backend) -> None:
    """Copies are inspected for themselves; what comes after them is refused or inspected, never passed raw."""
    at = {"output_index": 0, "content_index": 0, "item_id": "msg_a"}
    events: list[dict[str, Any]] = [
        {"type": "response.output_text.done", **at, "text": f"to {MAIL} .", "sequence_number": 0},
        {"type": "response.output_text.delta", **at, "delta": "to eve.hacker@", "sequence_number": 1},
        {"type": "response.output_text.delta", **at, "delta": "evil.com .", "sequence_number": 2},
    ]
    reply = await heard(house, backend, RESPONSES, named_sse(*events))
    assert b"evil.com" not in reply.raw


BROKEN = [
    b'data: {"choices": [}\n\n',
    b'data: {"a": 1, "a": 2}\n\n',
    b'data: {"choices": [], "x": "\xff' + MAIL.encode() + b'"}\n\n',
    b'data: {"choices": [{"index": 0, "delta": {"content": "\\ud800' + MAIL.encode() + b'"}}]}\n\n',
    b'data: {"choices": [], "x": NaN}\n\n',
    b"data: " + b"[" * 5_000 + b"]" * 5_000 + b"\n\n",
    b"event: " + MAIL.encode() + b'\ndata: {"x": 1}\n\n',
    b'data: {"choices": [{"index": 0, "delta": {"content": "' + MAIL.encode(),
    MAIL.encode() + b"\n\n" + b"data: nothing\n\n",
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
async def test_malformed_events(house: House, backend: Backend, broken: bytes) -> None:
    """Before the first good event, a plain 502; after it, the dialect's error in the stream."""
    reply = await heard(house, backend, CHAT, [broken])
    assert reply.status == 502
    assert "malformed" in reply.body["error"]["code"] or reply.body["error"]["type"] == "server_error"
    good = sse(chunk({"content": "Hello there. "}), done=False)
    reply = await heard(house, backend, CHAT, [*good, broken], delay=0.05)
    assert reply.status == 200
    assert b'"error"' in reply.raw
    assert b"[DONE]" not in reply.raw


LINES = [
    b"{\n",
    b'{"model": "m", "done": false} trailing\n',
    b'{"message": {"content": "' + MAIL.encode() + b'"}, "message": {}}\n',
    b'{"message": {"content": "\xf0\x9f\n',
    b'{"message": {"content": "' + MAIL.encode(),
    b"\x00\x00\n",
]


@pytest.mark.parametrize("broken", LINES, ids=range(len(LINES)))
async def test_malformed_lines(house: House, backend: Backend, broken: bytes) -> None:
    """NDJSON alike."""
    good = json.dumps({"model": "m", "message": {"role": "assistant", "content": "Hello. "}, "done": False}).encode()
    for chunks in ([broken], [good + b"\n", broken]):
        reply = await heard(house, backend, OLLAMA, chunks, "application/x-ndjson", delay=0.05)
        assert b"error" in reply.raw
        assert reply.status == (502 if len(chunks) == 1 else 200)


WORDS = "the rest is of no interest to anybody here, " * 4
SAME_READ = {
    "sse": (CHAT, sse(chunk({"content": WORDS}), done=False)[0], b"data: {\n\n", "text/event-stream"),
    "lines": (OLLAMA, lines(ollama_chat(WORDS, done=False))[0], b"{\n", "application/x-ndjson"),
    "array": (GEMINI, b"[" + json.dumps(gemini(WORDS, None)).encode(), b", {]", "application/json"),
}


@pytest.mark.parametrize("name", SAME_READ)
async def test_a_good_event_in_the_same_read(house: House, backend: Backend, name: str) -> None:
    """What came before a malformed event is carried, whatever the network joined; then the dialect's own error."""
    call, good, bad, kind = SAME_READ[name]
    reply = await heard(house, backend, call, [good + bad], kind)
    assert reply.status == 200
    before, _, after = reply.raw.partition(b'"error"')
    assert b"of no interest" in before
    assert b"the backend's answer" in after


async def test_a_character_cut_by_the_end_of_the_stream(house: House, backend: Backend) -> None:
    """Half of a character is nothing that could be read."""
    sent = sse(chunk({"content": "Grüße. "}), done=False)[0]
    torn = json.dumps(chunk({"content": "日本"}), ensure_ascii=False).encode()[:-60]
    reply = await heard(house, backend, CHAT, [sent, b"data: " + torn])
    assert b'"error"' in reply.raw


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "m", "messages": [], "Messages": [{"role": "user", "content": "%s"}]}',
        b'{"model": "m", "messages": [{"role": "user", "Content": "%s", "content": "Hi"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "messages": [{"content": "%s"}]}',
        b'{"model": "m", "MODEL": "%s", "messages": []}',
    ],
    ids=range(4),
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/api/chat"])
async def test_duplicate_and_case_variant_keys(house: House, backend: Backend, path: str, body: bytes) -> None:
    """A backend that reads keys in any case must not read what nobody inspected: refused, or rewritten too."""
    backend.answers(completion("ok"))
    reply = await house.post(path, body % MAIL.encode())
    assert reply.status in (200, 400, 502)
    assert "eve.hacker" not in backend.text
