"""A stand-in backend over HTTP, in OpenAI's shape: a target for ``sluice bias run`` with a known truth.

``python -m detectors.bias.standin_server policies/bias/hiring.yaml --law S1 --port 9001``
answers ``POST /v1/chat/completions`` and ``GET /v1/models``. Bound to this
machine unless told otherwise; it keeps no log and asks for no key.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from detectors.bias import standins
from detectors.bias.backend import AnswerStatus
from detectors.bias.levers import stand_in
from detectors.bias.loader import load
from detectors.bias.problems import SuiteError
from detectors.bias.standin_text import StandInBackend

_MAX_BYTES = 1_000_000


def application(backend: StandInBackend) -> web.Application:
    """Return the server of one stand-in."""

    async def complete(request: web.Request) -> web.Response:
        try:
            messages = _messages(json.loads(await request.read()))
        except ValueError as error:
            return _error(400, f"not a chat completion request: {error}")
        answer = await backend.ask(messages, 0)
        if answer.status is not AnswerStatus.OK:
            return _error(429, "slow down", {"retry-after": "0"})
        return web.json_response(
            {
                "id": f"chatcmpl-{backend.calls}",
                "object": "chat.completion",
                "created": 0,
                "model": backend.name,
                "system_fingerprint": answer.fingerprint,
                "choices": [
                    {"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": "stop"}
                ],
                "usage": {
                    "prompt_tokens": answer.usage.input_tokens,
                    "completion_tokens": answer.usage.output_tokens,
                    "total_tokens": answer.usage.input_tokens + answer.usage.output_tokens,
                },
            }
        )

    async def models(_request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": backend.name, "object": "model"}]})

    app = web.Application(client_max_size=_MAX_BYTES)
    app.add_routes([web.post("/v1/chat/completions", complete), web.get("/v1/models", models)])
    return app


def _messages(body: object) -> list[Mapping[str, str]]:
    """Return role and text of each message. Raises ValueError for anything else."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages must be a list that is not empty")
    plain: list[Mapping[str, str]] = []
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, str):
            raise ValueError("every message needs a content that is a string")
        plain.append({"role": str(message.get("role")), "content": content})
    return plain


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "stand_in"}}, status=status, headers=headers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="standin_server", description="Serve a backend whose bias is known.")
    parser.add_argument("suite", type=Path, help="the suite whose names and words it reacts to")
    parser.add_argument("--law", default="S1", choices=[law.name for law in standins.ALL])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--seed", type=int, default=0)
    try:
        options = parser.parse_args(arguments)
        law = next(law for law in standins.ALL if law.name == options.law)
        backend = stand_in(law, load(options.suite), options.seed)
    except SystemExit as stop:
        return 0 if stop.code == 0 else 64
    except (SuiteError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 64
    sys.stdout.write(f"{backend.name} ({law.truth}) on http://{options.host}:{options.port}\n")
    sys.stdout.flush()
    web.run_app(application(backend), host=options.host, port=options.port, print=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
