"""What stands where in requests: state, media, token ids, copies, keys; by the policy's words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.decision import Action, Direction, Reason
from gateway.core.dialect import Framing
from gateway.core.misspelt import misspelt
from gateway.dialects import codecs
from gateway.dialects.registry import DIALECTS, Registry
from tests.support.inside import Inside, Refused, data, default_plan
from tests.support.responses_speech import numbered, response

MAIL = "maria.lopez@acme.com"

STATE: list[tuple[str, dict[str, Any]]] = [
    ("/v1/responses", {"previous_response_id": "resp_1"}),
    ("/v1/responses", {"conversation": {"id": "conv_1"}}),
    ("/v1/responses", {"input": [{"type": "item_reference", "id": "msg_1"}]}),
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]}),
    ("/v1/chat/completions", {"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}),
    ("/v1/messages", {"container": "container_1"}),
    ("/v1/messages", {"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "file_1"}]}]}),
    ("/v1beta/models/g:generateContent", {"cachedContent": "cachedContents/1"}),
    ("/v1beta/models/g:generateContent", {"cached_content": "cachedContents/1"}),
    ("/api/generate", {"context": [1, 2, 3]}),
]

MEDIA: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {"messages": [{"content": [{"type": "image_url", "image_url": {"url": "https://a/b"}}]}]}),
    ("/v1/messages", {"messages": [{"content": [{"type": "image", "source": {"type": "base64", "data": "aGk="}}]}]}),
    ("/v1/messages", {"messages": [{"content": [{"type": "document", "source": {"type": "url", "url": "u"}}]}]}),
    ("/v1beta/models/g:generateContent", {"contents": [{"parts": [{"inlineData": {"data": "aGk="}}]}]}),
    ("/v1beta/models/g:generateContent", {"contents": {"parts": {"inline_data": {"data": "aGk="}}}}),
    ("/api/chat", {"messages": [{"role": "user", "images": ["aGk="]}]}),
    ("/v1/moderations", {"input": [{"type": "image_url", "image_url": {"url": "https://a/b"}}]}),
]

TOKENS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/completions", {"prompt": [1, 2]}),
    ("/v1/completions", {"prompt": [[1], [2]]}),
    ("/v1/completions", {"prompt": ["text", 2]}),
    ("/v1/completions", {"prompt_embeds": "aGk="}),
    ("/v1/embeddings", {"input": [1, 2]}),
]


def ruled(change: Callable[[str], str]) -> Inside:
    """A default policy with another word."""
    return Inside.of(default_plan(change))


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


async def forwarded(inside: Inside, path: str, body: dict[str, Any]) -> Any:
    """Return what goes upstream."""
    match = Registry().find("POST", path, {})
    assert match is not None
    return (await inside.asks(inside.exchange(match.dialect, match.endpoint, body))).payload


@pytest.mark.parametrize(
    ("word", "path", "body"),
    [(word, *case) for word, cases in (("state", STATE), ("media", MEDIA), ("tokens", TOKENS)) for case in cases],
)
async def test_what_cannot_be_read_is_refused(inside: Inside, word: str, path: str, body: dict[str, Any]) -> None:
    """By the default policy; where the policy says `pass`, it goes on as it came."""
    with pytest.raises(Refused) as caught:
        await forwarded(inside, path, body)
    assert str(caught.value) == f"{word}-refused"
    assert await forwarded(ruled(lambda p: p.replace(f"{word}: deny", f"{word}: pass")), path, body) == body


TEXT = {"role": "user", "content": "Hi"}
STRIPPED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "/v1/responses",
        {"model": "m", "input": "Hi", "previous_response_id": "resp_1", "conversation": "conv_1"},
        {"model": "m", "input": "Hi"},
    ),
    (
        "/v1/responses",
        {"input": [{"type": "item_reference", "id": "msg_1"}, {"type": None, "id": "msg_2"}, {"id": "msg_3"}, TEXT]},
        {"input": [TEXT]},
    ),
    ("/v1/responses", {"input": [{"id": "msg_1", **TEXT}]}, {"input": [TEXT]}),
    ("/v1/responses", {"input": "Hi", "prompt": {"id": "p_1", "variables": {"a": "b"}}}, {"input": "Hi"}),
    (
        "/v1/responses",
        {"input": [{"role": "user", "content": [{"type": "input_image", "detail": "auto", "file_id": "f_1"}]}, TEXT]},
        {"input": [TEXT]},
    ),
    (
        "/v1/responses",
        {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 3}], "input": "Hi"},
        {"input": "Hi"},
    ),
    ("/v1/responses", {"tools": [{"type": "code_interpreter", "container": "cntr_1"}, {"type": "web_search"}]},
     {"tools": [{"type": "web_search"}]}),
    ("/v1/responses", {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["f_1"]}}]},
     {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}),
    ("/v1/responses", {"tools": [{"type": "shell", "environment": {"type": "container_reference", "container_id": "c"}},
                                 {"type": "mcp", "server_label": "s", "tunnel_id": "t_1"}]},
     {"tools": [{"type": "shell"}]}),
    (
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"},
                                                   {"type": "file", "file": {"file_id": "f", "filename": "a"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
    ),
    (
        "/v1/chat/completions",
        {"messages": [{"role": "assistant", "content": None, "audio": {"id": "audio_1"}}, TEXT]},
        {"messages": [TEXT]},
    ),
    (
        "/v1/messages",
        {"messages": [{"role": "user", "content": [
            {"type": "document", "title": "A", "source": {"type": "file", "file_id": "f_1"}},
            {"type": "container_upload", "file_id": "f_2", "cache_control": {"type": "ephemeral"}}]}, TEXT]},
        {"messages": [TEXT]},
    ),
    (
        "/v1/messages",
        {"messages": [TEXT], "mcp_servers": [{"name": "s", "type": "url", "url": "https://a"}],
         "tools": [{"type": "mcp_toolset", "mcp_server_name": "s"}]},
        {"messages": [TEXT]},
    ),
    (
        "/v1beta/models/g:generateContent",
        {"contents": [{"parts": [{"text": "Hi"}]}], "cachedContent": "c/1", "tools": [{"fileSearch": {"a": "b"}}]},
        {"contents": [{"parts": [{"text": "Hi"}]}]},
    ),
    ("/api/generate", {"prompt": "Hi", "context": [1, 2, 3]}, {"prompt": "Hi"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "left"), STRIPPED)
async def test_state_can_be_stripped(path: str, body: dict[str, Any], left: dict[str, Any]) -> None:
    """With it goes the part, item or tool that is nothing without it; the rest goes on as the vendor takes it."""
    stripping = ruled(lambda p: p.replace("state: deny", "state: strip"))
    assert await forwarded(stripping, path, body) == left


async def test_token_ids_among_texts_hide_no_text() -> None:
    """Also where token ids may pass, the texts among them are inspected."""
    passing = ruled(lambda p: p.replace("tokens: deny", "tokens: pass"))
    out = await forwarded(passing, "/v1/completions", {"prompt": [1, MAIL]})
    assert out["prompt"][0] == 1
    assert out["prompt"][1].startswith("[EMAIL_ADDRESS_")


async def test_a_plain_text_document_is_text(inside: Inside) -> None:
    """The same member is media in one type of source and text in another."""
    source = {"type": "text", "media_type": "text/plain", "data": f"I am {MAIL}"}
    body = {"messages": [{"role": "user", "content": [{"type": "document", "source": source}]}]}
    out = await forwarded(inside, "/v1/messages", body)
    assert out["messages"][0]["content"][0]["source"]["data"].startswith("I am [EMAIL_ADDRESS_")


async def test_log_probabilities_of_earlier_answers_are_left_out(inside: Inside) -> None:
    """They spell the text once more."""
    part = {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": [{"token": MAIL, "logprob": 0}]}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    out = await forwarded(inside, "/v1/responses", {"model": "m", "input": [item]})
    assert out["input"][0]["content"] == [{"type": "output_text", "text": "Hi", "annotations": []}]


async def test_copies_can_be_refused() -> None:
    """In a request, as state can; an answer goes on without them: the backend pads its streams unasked."""
    denying = ruled(lambda p: p.replace("derived: strip", "derived: deny"))
    part = {"type": "output_text", "text": "Hi", "logprobs": [{"token": "Hi"}]}
    body: Any = {"model": "m", "input": [{"type": "message", "role": "assistant", "content": [part]}]}
    with pytest.raises(Refused) as caught:
        await forwarded(denying, "/v1/responses", body)
    assert str(caught.value) == "derived-refused"
    match = Registry().find("POST", "/v1/responses", {})
    assert match is not None
    exchange = denying.exchange(match.dialect, match.endpoint, {})
    event: dict[str, Any] = {"type": "response.output_text.done", "text": "Hi", "logprobs": [], "obfuscation": "x"}
    frame = (await denying.carries(exchange, [codecs.encoder(Framing.SSE).encode(data(event))], Framing.SSE))[0][0]
    assert frame.data == {**event, "logprobs": None, "obfuscation": None}


async def test_copies_can_be_let_pass() -> None:
    """By a policy word; then it is recorded."""
    passing = ruled(lambda p: p.replace("derived: strip", "derived: pass"))
    match = Registry().find("POST", "/v1/responses", {})
    assert match is not None
    part = {"type": "output_text", "text": "Hi", "logprobs": [{"token": MAIL}]}
    body: Any = {"model": "m", "input": [{"type": "message", "role": "assistant", "content": [part]}]}
    exchange = passing.exchange(match.dialect, match.endpoint, body)
    ruling = await passing.inspect(exchange)
    assert ruling.exchange.payload == body
    assert [(d.reason, d.action, dict(d.evidence)) for d in ruling.decisions[1:]] == [
        (Reason.DERIVED_PASSED, Action.ALLOW, {"parts": 1})
    ]
    answering = passing.inspect.answering(ruling.exchange, streaming=False, drop_surplus=False)
    said: Any = {"output": [{"type": "message", "content": [part]}], "conversation": {"id": "c"}}
    answering.answer.receive([data(said)])
    answering.answer.finish()
    answering.answer.release([[] for _ in answering.answer.questions()])
    decided = (await answering(ruling.exchange)).decisions
    assert [(d.reason, d.direction, dict(d.evidence)) for d in decided[1:]] == [
        (Reason.DERIVED_PASSED, Direction.RESPONSE, {"parts": 1})
    ]


async def test_signed_blobs_stay_to_the_byte(inside: Inside) -> None:
    """Signatures, encrypted reasoning and thought signatures; what only stands in their place is text."""
    blob = "EqQBCkYIBxgCKkBh" + "A" * 40 + "=="
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": blob}
    body: dict[str, Any] = {"model": "m", "input": [item, {**item, "encrypted_content": MAIL}]}
    out = await forwarded(inside, "/v1/responses", body)
    assert out["input"][0] == item
    assert MAIL not in json.dumps(out)
    parts = [{"text": "x", "thoughtSignature": blob}, {"text": "x", "thought_signature": blob}]
    body = {"contents": [{"role": "model", "parts": parts}]}
    assert await forwarded(inside, "/v1beta/models/g:generateContent", body) == body


async def test_echoed_instructions_come_home(inside: Inside) -> None:
    """The response repeats what was asked; the caller gets its own words back."""
    match = Registry().find("POST", "/v1/responses", {})
    assert match is not None
    body: dict[str, Any] = {"model": "m", "input": "Hi", "instructions": f"The user is {MAIL}", "metadata": {"a": MAIL}}
    exchange = await inside.asks(inside.exchange(match.dialect, match.endpoint, body))
    seen: Any = exchange.payload
    echo = {**response("ok"), "instructions": seen["instructions"], "metadata": seen["metadata"]}
    assert MAIL not in json.dumps(echo)
    events = [{"type": "response.created", "response": echo}, {"type": "response.completed", "response": echo}]
    assert match.endpoint.streaming is not None
    out = await inside.carries(exchange, numbered(events), match.endpoint.streaming.framing)
    for frame in (frame for step in out for frame in step):
        said: Any = frame.data
        assert said["response"]["instructions"] == f"The user is {MAIL}"
        assert said["response"]["metadata"] == {"a": MAIL}


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_keys_in_other_capitals(dialect: Any) -> None:
    """In every dialect a word of the format is one only in its own spelling; keys of the users' own are free."""
    for endpoint in dialect.endpoints:
        if "model" not in endpoint.request.alphabet:
            continue
        assert not misspelt({"model": "m", "unheard_of": 1}, endpoint.request, frozenset({"stream"}))
        assert misspelt({"Model": "m"}, endpoint.request, frozenset())
        assert misspelt({"Stream": True}, endpoint.request, frozenset({"stream"}))
        assert not misspelt({"metadata": {"Model": "T"}}, endpoint.request, frozenset())
