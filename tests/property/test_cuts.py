"""Streams of every dialect, cut anywhere: what is heard does not depend on where the network or the model cut.

Text, tool-call arguments and reasoning; deltas down to one character, bytes cut inside characters,
escapes and line ends. Nothing here knows a dialect: texts are joined by the tables' own channels.
"""

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core.dialect import Endpoint, Framing, channel_name
from gateway.core.frame import Frame, FrameKind
from gateway.core.payload import leaves
from gateway.dialects import codecs
from gateway.dialects.registry import Registry
from tests.support.inside import Inside
from tests.support.responses_speech import (
    gemini,
    lines,
    numbered,
    ollama_chat,
    ollama_generate,
    response_text_events,
    response_tool_events,
)
from tests.support.speech import chat_stream, chunk, message_stream, pieces, sse, tool_stream

VALUE = "eve.hacker@evil.com"
PREFIX = VALUE[: len(VALUE) * 6 // 10]
TEXT = f'Zoë said \\"ask {VALUE}\\" (\U0001f600 {VALUE}).\nThat is all: 12.'
ARGUMENTS = json.dumps({"to": VALUE, "née": [VALUE, 3, None, {"n": '"\\'}], "text": f"Zoë & {VALUE}\n"})
ESCAPED = json.dumps({"to": VALUE}).replace("@", "\\u0040")


def gemini_stream(size: int) -> bytes:
    """A stream as a JSON array, thoughts first."""
    said = [gemini(piece, None, thought=True) for piece in pieces(TEXT, size)]
    said += [gemini(piece, None) for piece in pieces(TEXT, size)]
    encoder = codecs.encoder(Framing.ARRAY)
    return b"".join(encoder.encode(Frame(FrameKind.DATA, event)) for event in [*said, gemini("", "STOP")]) + b"]"


def ollama_stream(size: int) -> bytes:
    """Thinking, then content."""
    said = [ollama_chat("", done=False, thinking=piece) for piece in pieces(TEXT, size)]
    said += [ollama_chat(piece, done=False) for piece in pieces(TEXT, size)]
    return b"".join(lines(*said, ollama_chat("")))


def reasoning(size: int) -> bytes:
    """Reasoning and content of an OpenAI-compatible backend, in turn."""
    said = [chunk({name: piece}) for piece in pieces(TEXT, size) for name in ("reasoning_content", "content")]
    return b"".join(sse(*said, chunk({}, "stop")))


STREAMS: dict[str, tuple[str, Framing, Any]] = {
    "chat": ("/v1/chat/completions", Framing.SSE, lambda n: b"".join(chat_stream(pieces(TEXT, n)))),
    "chat-tool": ("/v1/chat/completions", Framing.SSE, lambda n: b"".join(tool_stream("f", pieces(ARGUMENTS, n)))),
    "chat-escaped": ("/v1/chat/completions", Framing.SSE, lambda n: b"".join(tool_stream("f", pieces(ESCAPED, n)))),
    "chat-reasoning": ("/v1/chat/completions", Framing.SSE, reasoning),
    "responses": ("/v1/responses", Framing.SSE, lambda n: b"".join(numbered(response_text_events(pieces(TEXT, n))))),
    "responses-tool": (
        "/v1/responses",
        Framing.SSE,
        lambda n: b"".join(numbered(response_tool_events("f", pieces(ARGUMENTS, n)))),
    ),
    "anthropic": ("/v1/messages", Framing.SSE, lambda n: b"".join(message_stream(pieces(TEXT, n)))),
    "anthropic-tool": ("/v1/messages", Framing.SSE, lambda n: b"".join(message_stream(pieces(ARGUMENTS, n), tool="f"))),
    "gemini": ("/v1/models/g:streamGenerateContent", Framing.ARRAY, gemini_stream),
    "ollama": ("/api/chat", Framing.LINES, ollama_stream),
    "ollama-generate": (
        "/api/generate",
        Framing.LINES,
        lambda n: b"".join(lines(*(ollama_generate(p, done=False) for p in pieces(TEXT, n)), ollama_generate(""))),
    ),
}


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


def cut(data: bytes, places: random.Random) -> list[bytes]:
    """Cut bytes at random places, or all of them."""
    many = places.choice([1, 4, 30, 300, len(data)])
    at = sorted(places.sample(range(1, len(data)), min(len(data) - 1, many)))
    return [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]


def joined(endpoint: Endpoint, frames: Sequence[Frame]) -> tuple[dict[str, str], list[str]]:
    """Return each channel's text, and every other text, of what a caller hears."""
    channels: dict[str, str] = {}
    copies: list[str] = []
    for frame in frames:
        for leaf in leaves(frame.data, endpoint.events) if frame.kind is FrameKind.DATA else ():
            if leaf.mark.channel is None:
                copies.append(leaf.text)
            else:
                name = channel_name(leaf.mark.channel, leaf.names, frame.data, leaf.path)
                channels[name] = channels.get(name, "") + leaf.text
    return channels, copies


async def played(inside: Inside, name: str, runs: int) -> None:
    """Play one stream, cut at random, `runs` times; all must be heard alike."""
    path, framing, made = STREAMS[name]
    match = Registry().find("POST", path, {})
    assert match is not None
    places = random.Random(name)
    heard: dict[str, str] | None = None
    for _ in range(runs):
        data = made(places.choice([1, 1, 2, 3, 5, 8, 21, 1000]))
        exchange = inside.exchange(match.dialect, match.endpoint, {})
        steps = await inside.carries(exchange, cut(data, places), framing)
        channels, copies = joined(match.endpoint, [frame for step in steps for frame in step])
        heard = heard or channels
        assert channels == heard
        assert heard
        for text in (*channels.values(), *copies):
            assert PREFIX not in text
        for text in channels.values():
            assert "EMAIL_ADDRESS" in text
            if "tool" in name or "escaped" in name:
                assert json.loads(text)["to"] == "[EMAIL_ADDRESS]"
        for text in copies:
            assert "EMAIL_ADDRESS" not in text or text in channels.values(), "a copy says what was streamed"


@pytest.mark.parametrize("name", STREAMS)
async def test_cuts(inside: Inside, name: str) -> None:
    """A few dozen cuts of each."""
    await played(inside, name, 30)


@pytest.mark.slow
@pytest.mark.parametrize("name", STREAMS)
async def test_ten_thousands_of_cuts(inside: Inside, name: str) -> None:
    """Very many cuts of each."""
    await played(inside, name, 3000)
