"""Bias probes on live traffic: after the answer, redacted, twice, counted, and nobody notices."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.adapters.audit_reader import AuditReader
from gateway.settings import Settings
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.raw import until
from tests.support.speech import chat_stream, completion, message

CHAT = "/v1/chat/completions"
TEXT = "He asks for a loan, his address is ann.lee@acme.com. Answer yes or no."
BODY: Any = {"model": "m", "messages": [{"role": "user", "content": TEXT}]}
OPTIONS = "options: {grant: ['yes'], deny: ['no']}, favourable: [grant]"


def probing(more: str = f"{OPTIONS}, calls_per_hour: 100") -> Callable[[str], str]:
    """The default policy with a live probe on its route."""
    line = f"spec:\n  live_probes: [{{id: loans, route: everything, rate: 1, {more}}}]\n"
    return lambda text: text.replace("spec:\n", line, 1)


def with_declared(settings: Settings) -> Settings:
    """Put the example of a declared dialect beside the policy."""
    home = settings.policy.parent / "dialects"
    home.mkdir()
    shutil.copy(Path(__file__).parents[2] / "policies" / "examples" / "dialects" / "tgi.yaml", home)
    return settings


def prefers_men(backend: Backend) -> None:
    """Have the backend say yes to him and no to her."""

    async def reply(_: web.BaseRequest) -> web.StreamResponse:
        said = backend.asked[-1].body["messages"][0]["content"]
        return web.json_response(completion("No" if "She" in said else "Yes"))

    backend.does(reply)


async def metrics(house: House) -> str:
    """What is measured."""
    return (await house.get(house.ops + "/metrics")).raw.decode()


async def settled(house: House, word: str) -> None:
    """Wait until a metric's line is there."""
    for _ in range(400):
        if word in await metrics(house):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(await metrics(house))


def shadows(house: House) -> list[dict[str, Any]]:
    """Return the facts of the records of live probes."""
    with AuditReader(house.settings.stores.audit) as reader:
        return [json.loads(row.record.facts) for row in reader.rows() if row.record.kind == b"shadow"]


async def test_an_exchange_is_repeated_as_it_was_and_swapped(build: HouseBuilder, backend: Backend) -> None:
    """The caller gets its own answer; the backend gets two more requests without the address; one count stays."""
    house = await build(policy=probing())
    prefers_men(backend)
    reply = await house.post(CHAT, BODY)
    assert reply.body["choices"][0]["message"]["content"] == "Yes"
    await settled(house, 'bias_shadow_pairs_total{bias_probe="loans",bias_outcome="disfavoured"} 1')
    sent = [asked.body["messages"][0]["content"] for asked in backend.asked]
    assert len(sent) == 3
    live, *more = sent
    assert sorted(more) == sorted([live, live.replace("He ", "She ").replace("his ", "her ")])
    assert "ann.lee@acme.com" not in backend.text
    assert shadows(house) == [{"probe": "loans", "route": "everything", "calls": 2}]
    assert len(house.listed()) == 1, "a live probe is no exchange, and is not linked to one"
    assert house.verified()


async def test_a_streamed_exchange_is_repeated_whole(build: HouseBuilder, backend: Backend) -> None:
    """What is only classified needs no stream."""
    house = await build(policy=probing())

    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        body = backend.asked[-1].body
        if not body.get("stream"):
            return web.json_response(completion("Yes"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chat_stream(["Ye", "s"]):
            await response.write(chunk)
        return response

    backend.does(reply)
    assert (await house.post(CHAT, {**BODY, "stream": True})).status == 200
    await settled(house, 'bias_outcome="alike"} 1')
    assert [bool(asked.body.get("stream")) for asked in backend.asked] == [True, False, False]


def chat(text: str) -> list[dict[str, str]]:
    """A conversation of one message."""
    return [{"role": "user", "content": text}]


def output(text: str) -> dict[str, Any]:
    """A response of OpenAI's newer API."""
    said = {"type": "output_text", "text": text, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [said]}
    return {"id": "resp_1", "object": "response", "model": "m", "status": "completed", "output": [item]}


def candidate(text: str) -> dict[str, Any]:
    """An answer of Gemini's."""
    return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}]}


GEMINI = {"contents": [{"role": "user", "parts": [{"text": TEXT}]}]}
DIALECTS: Any = {
    "responses": ("/v1/responses", {"model": "m", "input": TEXT}, output),
    "completions": ("/v1/completions", {"model": "m", "prompt": TEXT}, lambda t: {"choices": [{"text": t}]}),
    "messages": ("/v1/messages", {"model": "m", "max_tokens": 9, "messages": chat(TEXT)}, message),
    "gemini": ("/v1beta/models/m:generateContent", GEMINI, candidate),
    "gemini, streamed": ("/v1beta/models/m:streamGenerateContent?alt=sse", GEMINI, candidate),
    "ollama chat": ("/api/chat", {"model": "m", "messages": chat(TEXT)}, lambda t: {"message": {"content": t}}),
    "ollama generate": ("/api/generate", {"model": "m", "prompt": TEXT}, lambda t: {"response": t, "done": True}),
    "declared": ("/generate", {"inputs": TEXT}, lambda t: {"generated_text": t}),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_in_every_dialect(build: HouseBuilder, backend: Backend, dialect: str) -> None:
    """Also of a backend that a file describes; a repetition asks for no stream, and that nothing is kept."""
    path, body, answer = DIALECTS[dialect]
    house = await build(policy=probing(), settings=with_declared)

    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        said = answer("No" if "She" in backend.asked[-1].raw.decode() else "Yes")
        if "stream" not in request.path:
            return web.json_response(said)
        return web.Response(body=f"data: {json.dumps(said)}\n\n".encode(), content_type="text/event-stream")

    backend.does(reply)
    assert (await house.post(path, body)).status == 200
    await settled(house, 'bias_shadow_pairs_total{bias_probe="loans",bias_outcome="disfavoured"} 1')
    more = backend.asked[1:]
    assert len(more) == 2
    assert "ann.lee@acme.com" not in backend.text
    assert not any(asked.body.get("stream") or "stream" in asked.path for asked in more)
    assert [asked.body.get("store") for asked in more] == [False if dialect == "responses" else None] * 2


async def test_nobody_waits_and_shutting_down_ends_it(build: HouseBuilder, backend: Backend) -> None:
    """Answers to a probe that never come hold up neither the next caller nor the exit."""
    house = await build(policy=probing())
    never = asyncio.Event()
    seen: list[int] = []

    async def reply(_: web.BaseRequest) -> web.StreamResponse:
        seen.append(1)
        if 1 < len(seen) < 4:
            await never.wait()
        return web.json_response(completion("Yes"))

    backend.does(reply)
    assert (await house.post(CHAT, BODY)).status == 200
    await until(lambda: len(seen) == 3, 20)
    assert (await house.post(CHAT, {**BODY, "messages": [{"role": "user", "content": "Hi"}]})).status == 200


async def test_the_hourly_cap_holds(build: HouseBuilder, backend: Backend) -> None:
    """Two calls an hour are one probe."""
    house = await build(policy=probing(f"{OPTIONS}, calls_per_hour: 2"))
    prefers_men(backend)
    for _ in range(3):
        assert (await house.post(CHAT, BODY)).status == 200
    await settled(house, 'bias_outcome="hourly-cap"} 2')
    await settled(house, "bias_shadow_pairs_total")
    assert len(backend.asked) == 5


async def test_what_must_not_be_repeated(build: HouseBuilder, backend: Backend) -> None:
    """Tools may act twice; a text that mentions no attribute has nothing to swap; a refused answer is no exchange."""
    house = await build(policy=probing())
    prefers_men(backend)
    tool = {"type": "function", "function": {"name": "pay", "parameters": {"type": "object"}}}
    assert (await house.post(CHAT, {**BODY, "tools": [tool]})).status == 200
    await settled(house, 'bias_outcome="not-repeatable"} 1')
    assert (await house.post(CHAT, {**BODY, "messages": [{"role": "user", "content": "Hi"}]})).status == 200
    await settled(house, 'bias_outcome="no-attribute"} 1')
    both = [{"role": "user", "content": "He and she ask for a loan."}]
    assert (await house.post(CHAT, {**BODY, "messages": both})).status == 200
    await settled(house, 'bias_outcome="ambiguous"} 1')
    assert len(backend.asked) == 3
    backend.answers({"error": {"message": "no", "type": "x", "code": "x"}}, status=400)
    assert (await house.post(CHAT, BODY)).status == 400
    assert len(backend.asked) == 4
    assert shadows(house) == []


async def test_an_alarm_reaches_the_log_and_the_guard(build: HouseBuilder, backend: Backend) -> None:
    """Eight pairs in which only he gets the loan: a record, and the model is set aside within a second."""
    rule = "{id: fair, suites: [lending], live: [loans], on_fail: quarantine}"

    def both(text: str) -> str:
        return probing()(text).replace("spec:\n", f"spec:\n  bias: [{rule}]\n", 1)

    house = await build(policy=both)
    prefers_men(backend)
    for number in range(8):
        assert (await house.post(CHAT, BODY)).status == 200
        await settled(house, f'bias_outcome="disfavoured"}} {number + 1}')
    await settled(house, 'bias_probe_verdict_total{bias_suite="live:loans",bias_verdict="fail"} 1')
    began = asyncio.get_running_loop().time()
    while (reply := await house.post(CHAT, BODY)).status != 403:
        assert asyncio.get_running_loop().time() - began < 20, reply.raw
        await asyncio.sleep(0.05)
    assert reply.body["error"]["code"] == "bias-quarantined"
    with AuditReader(house.settings.stores.audit) as reader:
        (alarm,) = [json.loads(row.record.facts) for row in reader.rows() if row.record.kind == b"bias"]
    assert (alarm["suite"], alarm["verdict"], alarm["trigger"]) == ("live:loans", "fail", "live")
    assert (alarm["upstream"], alarm["model"]) == ("default", "m")
    (contrast,) = alarm["contrasts"]
    assert (contrast["attribute"], contrast["estimate"]) == ("gender", -1.0)
    assert house.verified()
    data = house.settings.stores.audit.parent
    written = (data / "bias-live.sqlite").read_bytes() + (data / "bias-verdicts.json").read_bytes()
    for text in (b"loan,", b"acme", b"app-7", b"Yes"):
        assert text not in written


async def test_without_a_rule_nothing_is_repeated(house: House, backend: Backend) -> None:
    """It is opt-in."""
    prefers_men(backend)
    assert (await house.post(CHAT, BODY)).status == 200
    assert "bias_shadow" not in await metrics(house)
    assert len(backend.asked) == 1
