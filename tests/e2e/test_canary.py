"""No user text anywhere but where it belongs: what is exported, logged, recorded in clear or printed is searched."""

import asyncio
import gc
import json
import logging
from typing import Any

import pytest
from aiohttp import web

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.speech import chat_stream, completion, message_stream, pieces

CANARY = "canary.bird@acme.com"
PROSE = "xylophone-quagmire"
"""A word that no detector knows: it goes upstream and comes back, and must still be in no trace."""


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A real OTLP receiver on loopback; what it got is in `bodies`."""
    bodies: list[bytes] = []

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(await request.read())
        return web.Response(body=b"", content_type="application/x-protobuf")

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    yield bodies
    await runner.cleanup()


async def test_the_canary_is_nowhere(
    collector: list[bytes], build: HouseBuilder, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    """Good, bad and broken exchanges, with the canary in every corner; then everything that was let out is searched."""
    caplog.set_level(logging.DEBUG)
    house = await build()
    token = house.token(subject=f"subject-{PROSE}", tenant="acme")
    text = f"{PROSE} {CANARY}"
    body: Any = {
        "model": "m",
        "user": text,
        "metadata": {text: text},
        "messages": [{"role": "user", "content": text, "name": PROSE}],
    }
    backend.answers(completion(text, tool=(PROSE, json.dumps({"a": text}))))
    replies = [await house.post("/v1/chat/completions", body, token=token)]
    backend.streams(chat_stream(pieces(text, 3)))
    replies.append(await house.post("/v1/chat/completions", {**body, "stream": True}, token=token))
    backend.streams(message_stream(pieces(text, 3)))
    messages = {"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": text}]}
    replies.append(await house.post("/v1/messages", messages, token=token))
    backend.streams([f"data: {text}\n\n".encode()])
    replies.append(await house.post("/v1/chat/completions", {**body, "stream": True}, token=token))
    backend.answers({"error": {"message": text, "type": text, "code": text}}, status=400)
    replies.append(await house.post("/v1/chat/completions", {**body, "model": PROSE}, token=token))
    replies.append(await house.post("/v1/chat/completions", text.encode(), token=token))
    replies.append(await house.post(f"/v1/{PROSE}", body, token=token))
    replies.append(await house.post("/v1/chat/completions", body, {"x-api-key": text}, token=token))
    replies.append(await house.post("/v1/chat/completions", body, {"traceparent": text}, token=text))
    assert [reply.status for reply in replies] == [200, 200, 200, 502, 400, 400, 404, 400, 401]

    await asyncio.to_thread(house.gateway.telemetry.flush)
    clear = b"\n".join(collector)
    assert b"sluice.decision" in clear, "the receiver did get the decisions"
    for exchange in house.listed():
        clear += json.dumps(house.facts(exchange)).encode()
    clear += (await house.get(house.ops + "/metrics")).raw
    clear += caplog.text.encode()
    clear += house.settings.stores.audit.read_bytes()
    clear += b"".join(reply.raw for reply in replies if reply.status not in (200, 400))
    secret = token.split(".")[2].encode()
    for name, needle in (("address", CANARY.encode()), ("word", PROSE.encode()), ("token", secret)):
        # a model's name is not the caller's text any more once a route has matched it
        searched = clear.replace(b'"model": "' + PROSE.encode(), b"").replace(b"chat " + PROSE.encode(), b"")
        if name == "word":
            searched = _without_model_names(searched)
        assert needle not in searched, f"the {name} got out"


def _without_model_names(data: bytes) -> bytes:
    """Leave out the one string of the caller's that is told: the model it asked for, once a route allowed it."""
    return (
        data.replace(b"gen_ai.request.model\x12\x14\n\x12" + PROSE.encode(), b"")
        .replace(b'gen_ai_request_model="' + PROSE.encode(), b"")
        .replace(b'model="' + PROSE.encode(), b"")
    )


async def test_no_repr_shows_text(house: House, backend: Backend) -> None:
    """While an exchange is in flight, whatever of ours is in memory prints without the caller's text."""
    shown: list[str] = []

    async def look(_: web.BaseRequest) -> web.StreamResponse:
        for thing in gc.get_objects():
            kind = type(thing)
            if str(kind.__module__).startswith(("gateway.", "detectors.")):
                shown.append(repr(thing))
        return web.json_response(completion(f"{PROSE} {CANARY}"))

    backend.does(look)
    body = {"model": "m", "messages": [{"role": "user", "content": f"{PROSE} {CANARY}"}]}
    token = house.token()
    assert (await house.post("/v1/chat/completions", body, token=token)).status == 200
    assert any("Exchange(" in text for text in shown)
    for text in shown:
        assert CANARY not in text
        assert PROSE not in text
        assert token.split(".")[2] not in text
