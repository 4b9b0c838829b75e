"""Whose word each text of a request is, in every vendor's form."""

from typing import Any

import pytest

from detectors.detector import Place
from gateway.core.payload import leaves
from gateway.core.places import places
from gateway.dialects.registry import Registry

S, D, P = Place.SYSTEM, Place.DOCUMENT, Place.PROMPT
CHAT = [
    {"role": "system", "content": "sys"},
    {"role": "developer", "content": [{"type": "text", "text": "sys"}]},
    {"role": "user", "content": "ask"},
    {"role": "assistant", "content": "said", "tool_calls": [{"function": {"name": "f", "arguments": "arg"}}]},
    {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "doc"}]},
]
INPUT = [
    {"role": "system", "content": "sys"},
    {"role": "user", "content": [{"type": "input_text", "text": "ask"}]},
    {"type": "function_call", "name": "f", "call_id": "c", "arguments": "arg"},
    {"type": "function_call_output", "call_id": "c", "output": "doc"},
    {"type": "file_search_call", "id": "fs_1", "results": [{"text": "doc"}]},
]
BLOCKS = [
    {"type": "text", "text": "ask"},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "doc"}]},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "doc"}, "title": "doc"},
    {"type": "tool_that_comes_tomorrow_result", "content": "doc"},
]
PARTS: list[Any] = [
    {"text": "ask"},
    {"functionResponse": {"name": "f", "response": {"result": "doc"}}},
    {"function_response": {"name": "f", "response": {"result": "doc"}}},
]
EXPECTED = {"sys": S, "doc": D, "ask": P, "said": P, "arg": P}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": CHAT}),
        ("/v1/responses", {"instructions": "sys", "input": INPUT}),
        ("/v1/messages", {"system": "sys", "messages": [{"role": "user", "content": BLOCKS}]}),
        ("/v1/messages/count_tokens", {"system": [{"type": "text", "text": "sys"}], "messages": []}),
        (
            "/v1beta/models/g:generateContent",
            {"systemInstruction": {"parts": [{"text": "sys"}]}, "contents": [{"parts": PARTS}]},
        ),
        (
            "/v1beta/models/g:countTokens",
            {"generate_content_request": {"system_instruction": {"parts": [{"text": "sys"}]}}},
        ),
        ("/api/chat", {"messages": [CHAT[0], CHAT[2], {"role": "tool", "content": "doc"}]}),
        ("/api/generate", {"system": "sys", "prompt": "ask"}),
        ("/v1/embeddings", {"input": "ask"}),
    ],
)
def test_every_text_has_a_place(path: str, body: dict[str, Any]) -> None:
    """The texts here are named after where they stand."""
    match = Registry().find("POST", path, {})
    assert match is not None
    found = leaves(body, match.endpoint.request)
    where = places(body, match.endpoint.voices, found)
    said = {(leaf.text, place) for leaf, place in zip(found, where, strict=True) if leaf.text in EXPECTED}
    assert said
    assert said <= set(EXPECTED.items())


def test_what_is_not_what_it_should_be_is_a_prompt() -> None:
    """A role that is no word, a message that is none: the stricter reading."""
    match = Registry().find("POST", "/v1/chat/completions", {})
    assert match is not None
    body: Any = {"messages": [{"role": {"a": "system"}, "content": "x"}, "system", [{"role": "tool", "content": "y"}]]}
    found = leaves(body, match.endpoint.request)
    assert set(places(body, match.endpoint.voices, found)) == {Place.PROMPT}
