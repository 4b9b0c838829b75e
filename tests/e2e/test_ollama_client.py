"""The official Ollama client, unmodified. Its streams are JSON lines, and on unless asked otherwise."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ollama
import pytest

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.responses_speech import lines, ollama_chat, ollama_generate
from tests.support.speech import pieces

MAIL = "maria.lopez@acme.com"
EVE = "eve.hacker@evil.com"
NDJSON = "application/x-ndjson"


_OPEN: list[ollama.AsyncClient] = []


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """Close every client at the end of its test."""
    yield
    while _OPEN:
        await _OPEN.pop()._client.aclose()


def client_of(house: House) -> ollama.AsyncClient:
    """The client, as an application would make it."""
    made = ollama.AsyncClient(host=house.url, headers={"Authorization": f"Bearer {house.token()}"})
    _OPEN.append(made)
    return made


def asked(text: str) -> list[dict[str, Any]]:
    """One message of a user's."""
    return [{"role": "user", "content": text}]


async def test_chat(house: House, backend: Backend) -> None:
    """Whole and streamed say the same, thinking too; durations are numbers, not phones."""
    client = client_of(house)
    backend.answers(ollama_chat("ok"))
    await client.chat(model="llama-x", messages=asked(f"Remember {MAIL}"))
    token = str(backend.asked[-1].body["messages"][0]["content"]).removeprefix("Remember ")
    assert token.startswith("[EMAIL_ADDRESS_")
    text, wanted = f"{token} wrote to {EVE}.", f"{MAIL} wrote to [EMAIL_ADDRESS]."
    backend.answers(ollama_chat(text, thinking=text))
    whole = await client.chat(model="llama-x", messages=asked(f"Remember {MAIL}"))
    assert whole.message.content == whole.message.thinking == wanted
    assert whole.total_duration == 4155551234
    for size in (1, 5, 1000):
        said = [ollama_chat("", done=False, thinking=piece) for piece in pieces(text, size)]
        said += [ollama_chat(piece, done=False) for piece in pieces(text, size)]
        backend.streams(lines(*said, ollama_chat("")), content_type=NDJSON)
        events = [e async for e in await client.chat(model="llama-x", messages=asked(f"Remember {MAIL}"), stream=True)]
        assert "".join(event.message.content or "" for event in events) == wanted
        assert "".join(event.message.thinking or "" for event in events) == wanted
        assert events[-1].done
        assert events[-1].eval_count == 7


async def test_a_stream_is_the_default(house: House, backend: Backend) -> None:
    """A body that does not say streams."""
    backend.streams(lines(ollama_chat("Ask ", done=False), ollama_chat(EVE)), content_type=NDJSON)
    reply = await house.post("/api/chat", {"model": "llama-x", "messages": asked("Hi")})
    assert reply.headers["Content-Type"].startswith(NDJSON)
    said = [json.loads(line)["message"]["content"] for line in reply.raw.splitlines()]
    assert "".join(said) == "Ask [EMAIL_ADDRESS]"


async def test_tools(house: House, backend: Backend) -> None:
    """Arguments are objects here: the tool gets the real value, the history is inspected."""
    client = client_of(house)
    backend.answers(ollama_chat("ok"))
    history = [*asked(MAIL), {"role": "tool", "tool_name": "find", "content": MAIL}]
    history.insert(1, {"role": "assistant", "tool_calls": [{"function": {"name": "find", "arguments": {"a": MAIL}}}]})
    await client.chat(model="llama-x", messages=history)
    assert MAIL not in backend.text
    token = backend.asked[-1].body["messages"][0]["content"]
    call = {"function": {"name": "send", "arguments": {"to": token, "cc": [EVE]}}}
    final = ollama_chat("")
    backend.streams(lines(ollama_chat("", done=False, tool_calls=[call]), final), content_type=NDJSON)
    events = [e async for e in await client.chat(model="llama-x", messages=asked(MAIL), stream=True)]
    calls = events[0].message.tool_calls
    assert calls is not None
    assert calls[0].function.arguments == {"to": MAIL, "cc": ["[EMAIL_ADDRESS]"]}


async def test_generate(house: House, backend: Backend) -> None:
    """The context, which is the conversation as token ids, neither comes back nor goes in."""
    client = client_of(house)
    backend.answers(ollama_generate(f"Ask {EVE}"))
    whole = await client.generate(model="llama-x", prompt=MAIL, system=MAIL)
    assert whole.response == "Ask [EMAIL_ADDRESS]"
    assert whole.context is None
    assert MAIL not in backend.text
    said = [ollama_generate(piece, done=False) for piece in pieces(f"Ask {EVE}", 2)]
    backend.streams(lines(*said, ollama_generate("")), content_type=NDJSON)
    stream = await client.generate(model="llama-x", prompt="Hi", stream=True)
    assert "".join([event.response or "" async for event in stream]) == "Ask [EMAIL_ADDRESS]"
    for body, line in (({"context": [1, 2]}, "state"), ({"images": ["aGVsbG8="]}, "media")):
        with pytest.raises(ollama.ResponseError, match=rf"spec\.content\.{line}") as caught:
            await client.generate(model="llama-x", prompt="Hi", **body)
        assert caught.value.status_code == 400


@pytest.mark.parametrize("key", ["Model", "IMAGES", "Context", "mode\u013f", "\u017ftream"])
async def test_case_variants_are_refused(house: House, backend: Backend, key: str) -> None:
    """Its server takes keys in any case, so that ours must be to the letter."""
    reply = await house.post("/api/generate", {"model": "llama-x", "prompt": "Hi", key: ["x"], "stream": False})
    if key == "mode\u013f":  # folds to no key of the format: an unknown one, and inspected as such
        assert reply.status != 400
        return
    assert reply.status == 400
    assert "capitals" in reply.body["error"]
    assert backend.asked == []


async def test_arguments_may_have_any_keys(house: House, backend: Backend) -> None:
    """Keys of the users' own, in arguments and schemas, are no variants of the format's."""
    backend.answers(ollama_chat("ok"))
    call = {"function": {"name": "find", "arguments": {"Model": "T", "Role": "x"}}}
    body = {"model": "llama-x", "stream": False, "messages": [{"role": "assistant", "tool_calls": [call]}]}
    parameters = {"type": "object", "properties": {"Model": {"type": "string"}}}
    body["tools"] = [{"type": "function", "function": {"name": "find", "parameters": parameters}}]
    assert (await house.post("/api/chat", body)).status == 200


async def test_errors(build: HouseBuilder, backend: Backend) -> None:
    """A refusal is a `ResponseError`, inside a stream too."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["llama-*"]'))
    client = client_of(house)
    with pytest.raises(ollama.ResponseError) as caught:
        await client.chat(model="secret-x", messages=asked("Hi"))
    assert caught.value.status_code == 404
    said = [ollama_chat("Look: there ", done=False), ollama_chat("x", done=False, images=["aGVsbG8="])]
    backend.streams(lines(*said), content_type=NDJSON, delay=0.1)
    with pytest.raises(ollama.ResponseError, match="media"):
        async for _ in await client.chat(model="llama-x", messages=asked("Hi"), stream=True):
            pass


async def test_embed_and_models(build: HouseBuilder, backend: Backend) -> None:
    """The smaller endpoints; a list holds what the caller may use."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["llama-*"]'))
    client = client_of(house)
    backend.answers({"model": "llama-x", "embeddings": [[0.5, 0.25]], "total_duration": 14143917})
    assert (await client.embed(model="llama-x", input=[MAIL])).embeddings == [[0.5, 0.25]]
    backend.answers({"embedding": [0.5, 0.25]})
    assert (await client.embeddings(model="llama-x", prompt=MAIL)).embedding == [0.5, 0.25]
    assert MAIL not in backend.text
    listed = [
        {"name": name, "model": name, "size": 4155551234, "digest": "a" * 64, "modified_at": "2026-01-01T00:00:00Z"}
        for name in ("llama-x:1b", "secret:1b")
    ]
    backend.answers({"models": listed})
    assert [(model.model, model.size) for model in (await client.list()).models] == [("llama-x:1b", 4155551234)]
    backend.answers({"details": {"family": "llama"}, "model_info": {"general.parameter_count": 8030261248}})
    shown = await client.show("llama-x")
    assert shown.modelinfo == {"general.parameter_count": 8030261248}
    backend.answers({"version": "0.9.1"})
    headers = {"Authorization": f"Bearer {house.token()}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(house.url + "/api/version", headers=headers) as response,
    ):
        assert await response.json() == {"version": "0.9.1"}
