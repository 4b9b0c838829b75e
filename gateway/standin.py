"""A stand-in model: a real HTTP server that speaks OpenAI chat and Anthropic messages.

It is no model: it answers with a letter to whomever the last message names, in
the words it was given, so that a demo, a benchmark and a test can see what a
model would have seen. Streams come a few characters at a time.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from gateway.core.jsonvalue import Json
from gateway.core.payload import get

_TOKEN = re.compile(r"\[([A-Z_]+)_[0-9A-Z]{12}\]")
_PIECE = 7


@dataclass(slots=True)
class StandIn:
    """What the stand-in was asked, and how it answers. `delay` is in seconds between pieces of a stream."""

    answer: Callable[[str], str]
    delay: float = 0.0
    remember: bool = True
    seen: list[Json] = field(default_factory=list, repr=False)

    def take(self, body: Json) -> str:
        """Take a request down and return the answer's text."""
        if self.remember:
            self.seen.append(body)
        return self.answer(last_text(body))


def last_text(body: Json) -> str:
    """Return the text of the last message, "" when there is none."""
    content = get(body, ("messages", -1, "content"))
    if isinstance(content, list):
        return " ".join(str(get(part, ("text",)) or "") for part in content)
    return content if isinstance(content, str) else ""


def letter(prompt: str) -> str:
    """Answer with a letter that uses every token of the prompt, as a polite model would."""
    tokens = list(dict.fromkeys(match.group() for match in _TOKEN.finditer(prompt)))
    if not tokens:
        return "Of course. There is nothing personal in your message."
    return f"Done. I took care of {' and '.join(tokens)}. My colleague Ann, ann.keller@contoso.com, will follow up."


@asynccontextmanager
async def standing_in(standin: StandIn, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve, and yield the base URL."""
    runner = web.ServerRunner(web.Server(_handler(standin), access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    try:
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _handler(standin: StandIn) -> Callable[[web.BaseRequest], "asyncio.Future[web.StreamResponse]"]:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        body = json.loads(await request.read())
        text = standin.take(body)
        anthropic = request.path.startswith("/v1/messages")
        if not body.get("stream"):
            answer = _message(text) if anthropic else _completion(text)
            return web.json_response(answer)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in _message_events(text) if anthropic else _completion_events(text):
            await response.write(event)
            if standin.delay:
                await asyncio.sleep(standin.delay)
        return response

    return handle  # type: ignore[return-value]


def _pieces(text: str) -> list[str]:
    return [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]


_HEAD: dict[str, Json] = {"id": "chatcmpl-standin", "created": 1700000000, "model": "stand-in"}
_USAGE: dict[str, Json] = {"prompt_tokens": 20, "completion_tokens": 20, "total_tokens": 40}


def _completion(text: str) -> Json:
    choice: Json = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {**_HEAD, "object": "chat.completion", "choices": [choice], "usage": _USAGE}


def _completion_events(text: str) -> list[bytes]:
    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choices: Json = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return _event({**_HEAD, "object": "chat.completion.chunk", "choices": choices})

    usage: Json = {**_HEAD, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE}
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": piece}) for piece in _pieces(text)),
        chunk({}, "stop"),
        _event(usage),
        b"data: [DONE]\n\n",
    ]


def _message(text: str, stop: str | None = "end_turn") -> dict[str, Json]:
    return {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "model": "stand-in",
        "content": [{"type": "text", "text": text}] if stop else [],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 20},
    }


def _message_events(text: str) -> list[bytes]:
    deltas: list[dict[str, Json]] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in _pieces(text)
    ]
    events: list[dict[str, Json]] = [
        {"type": "message_start", "message": _message("", None)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 20},
        },
        {"type": "message_stop"},
    ]
    return [_event(event, str(event["type"])) for event in events]


def _event(data: Json, name: str = "") -> bytes:
    lead = f"event: {name}\n" if name else ""
    return f"{lead}data: {json.dumps(data)}\n\n".encode()
