"""How a caller asks each streaming endpoint, as bytes over a socket: path, body, and what the backend answers with."""

import json
import shutil
from collections.abc import Mapping
from typing import Any

from gateway.core.dialect import Framing
from gateway.settings import Settings
from tests.support.talk import Order, Talk
from tests.support.talks import TALKS
from tests.support.talks_declared import DECLARED, DIALECT_TEXT, TGI

ALL_TALKS: Mapping[str, Talk] = {str(talk): talk for talk in (*TALKS, *DECLARED)}
CONTENT_TYPES = {
    Framing.SSE: "text/event-stream",
    Framing.LINES: "application/x-ndjson",
    Framing.ARRAY: "application/json",
    None: "application/json",
}


def declaring(settings: Settings) -> Settings:
    """Put the declared dialects beside the policy."""
    home = settings.policy.parent / "dialects"
    home.mkdir(exist_ok=True)
    shutil.copy(TGI, home)
    (home / "house.yaml").write_text(DIALECT_TEXT)
    return settings


def framing_of(talk: Talk) -> Framing:
    """Return how a talk's stream is carried."""
    found = talk.found()
    assert found is not None
    assert found[1].streaming is not None
    return found[1].streaming.framing


def url_of(talk: Talk) -> str:
    """Return the path and query that a caller asks."""
    query = f"?{'='.join(talk.where)}" if talk.where else ""
    return talk.path.replace("{model}", "m") + query


def whole_url(talk: Talk) -> str:
    """Return the path at which the same is asked for in one piece."""
    url = url_of(talk).replace("streamGenerateContent", "generateContent").replace("?alt=sse", "")
    return url.replace("generate_stream", "generate")


def body_of(talk: Talk, text: str = "Hi", *, stream: bool = True) -> dict[str, Any]:
    """Return a request that says `text`."""
    message = [{"role": "user", "content": text}]
    if "models" in talk.path:
        return {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if talk.path.startswith(("/house", "/generate")):
        return {"inputs": text}
    body: dict[str, Any] = {"model": "m", "stream": stream}
    if talk.path.endswith("responses"):
        return {**body, "input": text}
    if talk.path in ("/v1/completions", "/api/generate"):
        return {**body, "prompt": text}
    return {**body, "messages": message, **({"max_tokens": 99} if "/v1/messages" in talk.path else {})}


def order_of(talk: Talk, text: str, size: int = 1000) -> Order:
    """Return `text` in each of a talk's voices, in pieces; arguments hold it."""
    said = [
        (voice, json.dumps({"to": text}, ensure_ascii=False) if voice.startswith("args") else text)
        for voice in talk.voices
    ]
    return [(voice, whole[at : at + size]) for voice, whole in said for at in range(0, len(whole), size)]


def answer_of(talk: Talk, text: str, size: int = 1000) -> bytes:
    """Return the whole stream that says `text` in each voice."""
    return talk.bytes(order_of(talk, text, size), framing_of(talk))


def wrapped(talk: Talk, text: bytes, *, first: bool) -> bytes:
    """Return one event of a talk's framing from the bytes of its value."""
    match framing_of(talk):
        case Framing.SSE:
            return b"data: " + text + b"\n\n"
        case Framing.LINES:
            return text + b"\n"
    return (b"[" if first else b", ") + text
