"""A real HTTP backend with four dialects, whose answers depend on question and seed alone."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Reply = Callable[[str, int, int], str]
"""From question, seed and number of the request to the answer's text."""


def chance(*parts: object) -> float:
    """A number in 0..1 that depends on `parts` alone."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8]) / 2**64


def fair(text: str, seed: int, _number: int) -> str:
    """Yes in 70 of 100 questions, whoever is asked about."""
    return "Yes" if chance(text, seed) < 0.7 else "No"


def unfair(text: str, seed: int, _number: int) -> str:
    """Yes in 95 of 100 questions about men, in 35 about women."""
    return "Yes" if chance(text, seed) < (0.35 if " her " in text else 0.95) else "No"


@dataclass
class Vendor:
    """The server's behaviour, and what it saw."""

    reply: Reply = fair
    token: str = "canary-token"
    throttled: float = 0.0
    status: int = 200
    listing: int = 200
    raw: str | None = None
    model: Callable[[int], str] = lambda _number: "test-1"
    slow: float = 0.0
    requests: int = 0
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer in the dialect of the path."""
        self.requests += 1
        number = self.requests
        if number == 25:
            self.busy.set()
        body = await request.json()
        self.seen.append((request.path, dict(request.headers), body))
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.throttled and chance("throttle", number) < self.throttled:
            return web.json_response({"error": "slow down"}, status=429, headers={"retry-after": "0"})
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        if self.raw is not None:
            return web.Response(text=self.raw, content_type="application/json")
        return web.json_response(self._spoken(request.path, body, number))

    def _spoken(self, path: str, body: dict[str, Any], number: int) -> dict[str, Any]:
        model = self.model(number)
        if "generateContent" in path:
            seed = body["generationConfig"]["seed"]
            text = self.reply(body["contents"][-1]["parts"][0]["text"], seed, number)
            return {
                "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": text}]}}],
                "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 1},
                "modelVersion": model,
            }
        if path.endswith("/responses"):
            said = {"type": "output_text", "text": self.reply(body["input"][-1]["content"], 0, number)}
            output = [{"type": "reasoning", "summary": []}, {"type": "message", "content": [said]}]
            return {"output": output, "usage": {"input_tokens": 10, "output_tokens": 1}, "model": model}
        if path == "/v1/completions":
            usage = {"prompt_tokens": 10, "completion_tokens": 1}
            text = " " + self.reply(body["prompt"], body["seed"], number)
            return {"choices": [{"text": text}], "usage": usage, "model": model}
        question = body["messages"][-1]["content"]
        if path.endswith("/messages"):
            text = self.reply(question, 0, number)
            usage = {"input_tokens": 10, "output_tokens": 1}
            return {"content": [{"type": "text", "text": text}], "usage": usage, "model": model}
        if path.endswith("/api/chat"):
            text = self.reply(question, body["options"]["seed"], number)
            return {"message": {"content": text}, "prompt_eval_count": 10, "eval_count": 1, "model": model}
        text = self.reply(question, body["seed"], number)
        return {
            "choices": [{"message": {"content": text}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 1},
            "model": model,
        }

    async def models(self, request: web.Request) -> web.Response:
        """List models as each vendor does."""
        if self.listing != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.listing)
        key = "models" if request.path.endswith("tags") or "v1beta" in request.path else "data"
        return web.json_response({key: [{"id": "test-1", "name": "models/test-1"}, {"id": "test-2"}]})


@asynccontextmanager
async def serving(vendor: Vendor) -> AsyncIterator[str]:
    """Run the server on a free port; yield its address."""
    app = web.Application()
    app.router.add_post("/{path:.*}", vendor.handle)
    app.router.add_get("/{path:.*}", vendor.models)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
