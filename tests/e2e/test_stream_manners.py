"""What a stream owes besides its text, in every dialect: usage is counted, signs of life pass, a denial is heard.

Usage is taken down wherever a vendor puts it; the event that only the gateway asked for goes no
further. A refusal in mid-stream makes the official client raise, after what was good.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import errors

from gateway.core.dialect import Framing
from gateway.core.frame import Frame, FrameKind
from gateway.dialects import codecs
from tests.support.asking import ALL_TALKS, CONTENT_TYPES, body_of, declaring, framing_of, order_of, url_of, whole_url
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder, Reply
from tests.support.reads import frames_of
from tests.support.talk import Talk

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")  # google-genai's use of aiohttp

IN, OUT = 11, 7
OPENAI = {"prompt_tokens": IN, "completion_tokens": OUT, "total_tokens": IN + OUT}
RESPONSES = {"input_tokens": IN, "output_tokens": OUT, "total_tokens": IN + OUT}
GEMINI = {"promptTokenCount": IN, "candidatesTokenCount": OUT - 2, "thoughtsTokenCount": 2}
OLLAMA = {"prompt_eval_count": IN, "eval_count": OUT}
Event = dict[str, Any]


def used(talk: Talk, events: list[Event]) -> list[Event]:
    """Return a stream that tells its usage where its vendor does."""
    first, last = events[0], events[-1]
    if talk.path in ("/v1/chat/completions", "/v1/completions"):
        return [*events, {"id": "c-1", "choices": [], "usage": OPENAI}]
    if talk.path == "/v1/responses":
        return [*events[:-1], {**last, "response": {**last["response"], "usage": RESPONSES}}]
    if talk.path == "/v1/messages":
        begun = {
            **first["message"],
            "usage": {"input_tokens": IN - 1, "cache_read_input_tokens": 1, "output_tokens": 1},
        }
        return [{**first, "message": begun}, *events[1:]]  # the end of its stream has output tokens already
    return [*events[:-1], {**last, **whole_usage(talk)}]


def whole_usage(talk: Talk) -> Event:
    """Return the members that tell the usage of a whole answer."""
    if talk.path in ("/v1/chat/completions", "/v1/completions"):
        return {"usage": OPENAI}
    if talk.path in ("/v1/responses", "/v1/messages"):
        return {"usage": RESPONSES}
    if "models" in talk.path:
        return {"usageMetadata": GEMINI}
    if talk.path == "/generate_stream":
        return {"details": {"generated_tokens": OUT}}
    return {"used": {"in": IN, "out": OUT}} if talk.path.startswith("/house") else OLLAMA


def events_of(talk: Talk, text: str = "Hello there.", size: int = 1000) -> list[tuple[str, Event]]:
    """Return a stream with its usage, each event with its name."""
    named = talk.events(order_of(talk, text, size))
    values = used(talk, [dict(event) for _, event in named if isinstance(event, dict)])
    names = [name for name, _ in named]
    return list(zip([*names, *[""] * (len(values) - len(names))], values, strict=True))


def sent(talk: Talk, events: list[tuple[str, Event]]) -> list[bytes]:
    """Return events as they come over a connection, one at a time."""
    encoder = codecs.encoder(framing_of(talk))
    out = [encoder.encode(Frame(FrameKind.DATA, event, name)) for name, event in events]
    return [*out, encoder.end()]


async def asked(house: House, backend: Backend, talk: Talk, body: Event | None = None) -> Reply:
    """Have a stream sent, and return what came."""
    backend.streams(sent(talk, events_of(talk)), CONTENT_TYPES[framing_of(talk)])
    return await house.post(url_of(talk), body or body_of(talk))


@pytest.mark.parametrize("name", ALL_TALKS)
async def test_usage_is_counted(build: HouseBuilder, backend: Backend, name: str) -> None:
    """Streamed and whole, it stands in the closing record."""
    house, talk = await build(settings=declaring), ALL_TALKS[name]
    replies = [await asked(house, backend, talk)]
    if not talk.path.startswith("/house"):
        whole = talk.whole(dict(order_of(talk, "Hello there.")))
        assert isinstance(whole, dict)
        backend.answers({**whole, **whole_usage(talk)})
        replies.append(await house.post(whole_url(talk), body_of(talk, stream=False)))
    for reply in replies:
        assert reply.status == 200
        facts = house.facts(reply.headers["x-sluice-exchange"])[-1]
        assert facts["output_tokens"] == OUT
        assert facts.get("input_tokens") == (None if talk.path == "/generate_stream" else IN)


@pytest.mark.parametrize("name", ["/v1/chat/completions", "/v1/completions"])
@pytest.mark.parametrize("wanted", [False, True, None])
async def test_the_surplus_event(build: HouseBuilder, backend: Backend, name: str, wanted: bool | None) -> None:
    """OpenAI's event of nothing but usage reaches a caller who asked, and no other; the backend is always asked."""
    house, talk = await build(), ALL_TALKS[name]
    body = body_of(talk)
    if wanted is not None:
        body["stream_options"] = {"include_usage": wanted, "include_obfuscation": False}
    for path in (name, f"/openai/deployments/m{name.removeprefix('/v1')}?api-version=2025-01-01"):
        backend.streams(sent(talk, events_of(talk)), "text/event-stream")
        reply = await house.post(path, body)
        assert reply.status == 200
        assert (b'"usage"' in reply.raw) is (wanted is True)
        assert backend.asked[-1].body["stream_options"]["include_usage"] is True
        assert house.facts(reply.headers["x-sluice-exchange"])[-1]["output_tokens"] == OUT


@pytest.mark.parametrize("name", [name for name, talk in ALL_TALKS.items() if framing_of(talk) is Framing.SSE])
async def test_signs_of_life_pass(build: HouseBuilder, backend: Backend, name: str) -> None:
    """Each in its place between events, without its text; before the first event too."""
    house, talk = await build(settings=declaring), ALL_TALKS[name]
    events = sent(talk, events_of(talk))
    lively = [part for event in events for part in (b": eve.hacker@evil.com\n\n", event)]
    backend.streams(lively, "text/event-stream")
    reply = await house.post(url_of(talk), body_of(talk))
    assert reply.status == 200
    assert reply.raw.startswith(b": alive\n\n")
    assert reply.raw.count(b": alive\n\n") == len(events)
    assert b"eve.hacker" not in reply.raw
    frames = frames_of(codecs.decoder(Framing.SSE), [reply.raw])
    said = talk.heard([frame.data for frame in frames if frame.kind is FrameKind.DATA])
    assert said["text"] == "Hello there."


async def test_anthropic_pings_pass(house: House, backend: Backend) -> None:
    """Its own sign of life is an event."""
    talk = ALL_TALKS["/v1/messages"]
    events = events_of(talk)
    backend.streams(sent(talk, [events[0], *[("ping", {"type": "ping"})] * 3, *events[1:]]))
    reply = await house.post(url_of(talk), body_of(talk))
    assert reply.raw.count(b'event: ping\ndata: {"type":"ping"}\n\n') == 3


async def test_blank_lines_do_not(house: House, backend: Backend) -> None:
    """A client of Ollama's reads every line as a value: a blank one would be its end."""
    talk = ALL_TALKS["/api/chat"]
    lively = [part for event in sent(talk, events_of(talk)) for part in (b"\n", event)]
    backend.streams(lively, "application/x-ndjson")
    reply = await house.post(url_of(talk), body_of(talk))
    assert all(json.loads(line) for line in reply.raw.splitlines())


BEFORE = "The rest is of no interest to anybody here. " * 6
REFUSED = "The number is 536-90-4399, and more."


def denying(policy: str) -> str:
    """The default policy with a rule that refuses social security numbers."""
    rule = "    rules:\n      - {id: no-ssn, entities: [US_SSN], operator: deny, threshold: 0.5}\n"
    return re.sub(r"detectors: \[.*\]", "detectors: [pii]", policy).replace("    rules:\n", rule, 1)


ASK: Any = [{"role": "user", "content": "Hi"}]


def openai_client(house: House) -> openai.AsyncOpenAI:
    """OpenAI's."""
    return openai.AsyncOpenAI(base_url=house.url + "/v1", api_key=house.token(), max_retries=0)


async def chat(house: House) -> AsyncIterator[str]:
    async with openai_client(house) as client:
        async for event in await client.chat.completions.create(model="m", messages=ASK, stream=True):
            yield event.choices[0].delta.content or ""


async def completions(house: House) -> AsyncIterator[str]:
    async with openai_client(house) as client:
        async for event in await client.completions.create(model="m", prompt="Hi", stream=True):
            yield event.choices[0].text


async def responses(house: House) -> AsyncIterator[str]:
    async with openai_client(house) as client:
        async for event in await client.responses.create(model="m", input="Hi", stream=True):
            yield getattr(event, "delta", "") or ""


async def responses_helper(house: House) -> AsyncIterator[str]:
    async with openai_client(house) as client, client.responses.stream(model="m", input="Hi") as stream:
        async for event in stream:
            yield getattr(event, "delta", "") or ""


async def messages(house: House) -> AsyncIterator[str]:
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key=house.token(), max_retries=0) as client:
        async for event in await client.messages.create(model="m", max_tokens=9, messages=ASK, stream=True):
            yield getattr(getattr(event, "delta", None), "text", "") or ""


async def generate(house: House) -> AsyncIterator[str]:
    client = genai.Client(api_key=house.token(), http_options={"base_url": house.url}).aio
    try:
        async for event in await client.models.generate_content_stream(model="m", contents="Hi"):
            yield event.text or ""
    finally:
        await client.aclose()


def ollama_client(house: House) -> ollama.AsyncClient:
    """Ollama's."""
    return ollama.AsyncClient(host=house.url, headers={"Authorization": f"Bearer {house.token()}"})


async def ollama_chat(house: House) -> AsyncIterator[str]:
    client = ollama_client(house)
    try:
        async for event in await client.chat(model="m", messages=ASK, stream=True):
            yield event.message.content or ""
    finally:
        await client._client.aclose()


async def ollama_generate(house: House) -> AsyncIterator[str]:
    client = ollama_client(house)
    try:
        async for event in await client.generate(model="m", prompt="Hi", stream=True):
            yield event.response or ""
    finally:
        await client._client.aclose()


CLIENTS: dict[str, tuple[str, Callable[[House], AsyncIterator[str]], type[Exception]]] = {
    "openai chat": ("/v1/chat/completions", chat, openai.APIError),
    "openai completions": ("/v1/completions", completions, openai.APIError),
    "openai responses": ("/v1/responses", responses, openai.APIError),
    "openai responses.stream": ("/v1/responses", responses_helper, openai.APIError),
    "anthropic": ("/v1/messages", messages, anthropic.APIStatusError),
    "google-genai": ("/v1beta/models/{model}:streamGenerateContent?alt=sse", generate, errors.ClientError),
    "ollama chat": ("/api/chat", ollama_chat, ollama.ResponseError),
    "ollama generate": ("/api/generate", ollama_generate, ollama.ResponseError),
}


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_denial_in_mid_stream_raises(build: HouseBuilder, backend: Backend, name: str) -> None:
    """The official client hears what was good, then raises with the rule's name; what was refused never left."""
    path, speak, error = CLIENTS[name]
    house, talk = await build(policy=denying), ALL_TALKS[path]
    order = [("text", BEFORE), ("text", REFUSED), *[(v, p) for v, p in order_of(talk, "x") if v != "text"]]
    backend.streams(talk_bytes(talk, order), CONTENT_TYPES[framing_of(talk)], delay=0.02)
    heard = ""
    with pytest.raises(error, match="no-ssn"):
        async with aclosing(speak(house)) as stream:  # type: ignore[type-var]
            async for piece in stream:
                heard += piece
    assert heard.startswith("The rest is of no interest")
    assert "536" not in heard


def talk_bytes(talk: Talk, order: list[tuple[str, str]]) -> list[bytes]:
    """Return a talk's stream, event by event."""
    encoder = codecs.encoder(framing_of(talk))
    return [encoder.encode(Frame(FrameKind.DATA, event, name)) for name, event in talk.events(order)]


@pytest.mark.parametrize("name", ["/v1beta/models/{model}:streamGenerateContent", "/house/json-array", "/house/ndjson"])
async def test_a_denial_where_no_client_is(build: HouseBuilder, backend: Backend, name: str) -> None:
    """What no official client reads ends as its framing does: a whole array, whole lines, the last one the error."""
    house, talk = await build(policy=denying, settings=declaring), ALL_TALKS[name]
    order = [("text", BEFORE), ("text", REFUSED), *[(v, p) for v, p in order_of(talk, "x") if v != "text"]]
    backend.streams(talk_bytes(talk, order), CONTENT_TYPES[framing_of(talk)], delay=0.02)
    reply = await house.post(url_of(talk), body_of(talk))
    whole = json.loads(reply.raw) if framing_of(talk) is Framing.ARRAY else [*map(json.loads, reply.raw.splitlines())]
    assert "no-ssn" in json.dumps(whole[-1]["error"])
    assert "no interest" in json.dumps(whole[:-1])
    assert b"536" not in reply.raw


@pytest.mark.parametrize("begun", [True, False])
async def test_what_came_with_the_denied_text_is_not_lost(build: HouseBuilder, backend: Backend, begun: bool) -> None:
    """In one read with it: in mid-stream it leaves before the error; an answer of which nothing left gets a status."""
    house, talk = await build(policy=denying), ALL_TALKS["/v1/chat/completions"]
    order = [*[("text", f"{word} ") for word in BEFORE.split()], ("text2", BEFORE), ("text", REFUSED), ("args", "{}")]
    sent = talk_bytes(talk, [*order, ("args2", "{}")])
    first = 12 if begun else 0
    backend.streams([*sent[:first], b"".join(sent[first:])], delay=0.05)
    reply = await house.post(url_of(talk), body_of(talk))
    assert b"no-ssn" in reply.raw
    assert b"536" not in reply.raw
    assert reply.status == (200 if begun else 400)
    if begun:
        events = [frame.data for frame in frames_of(codecs.decoder(Framing.SSE), [reply.raw])]
        said = talk.heard([event for event in events if isinstance(event, dict) and "choices" in event])
        assert said["text"] == BEFORE
        assert len(said["text2"]) > len(BEFORE) - 64  # a window may hold its end
