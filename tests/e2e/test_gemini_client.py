"""The official Gemini client, unmodified: only its base URL and its key are ours."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.responses_speech import gemini, gemini_array, gemini_sse
from tests.support.speech import pieces

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")
"""The client's own way with aiohttp."""

MAIL = "maria.lopez@acme.com"
EVE = "eve.hacker@evil.com"


_OPEN: list[genai.client.AsyncClient] = []


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """Close every client at the end of its test."""
    yield
    while _OPEN:
        await _OPEN.pop().aclose()


def client_of(house: House) -> genai.client.AsyncClient:
    """The client, as an application would make it."""
    options = types.HttpOptions(base_url=house.url)
    made = genai.Client(api_key=house.token(), http_options=options).aio
    _OPEN.append(made)
    return made


async def token_of(client: genai.client.AsyncClient, backend: Backend) -> str:
    """Return what the model sees instead of MAIL."""
    backend.answers(gemini("ok"))
    await client.models.generate_content(model="gemini-x", contents=f"Remember {MAIL}")
    return str(backend.asked[-1].body["contents"][0]["parts"][0]["text"]).removeprefix("Remember ")


async def test_text(house: House, backend: Backend) -> None:
    """Whole and streamed say the same."""
    client = client_of(house)
    token = await token_of(client, backend)
    assert token.startswith("[EMAIL_ADDRESS_")
    text, wanted = f"{token} wrote to {EVE}.", f"{MAIL} wrote to [EMAIL_ADDRESS]."
    backend.answers(gemini(text))
    whole = await client.models.generate_content(model="gemini-x", contents=f"Remember {MAIL}")
    assert whole.text == wanted
    for size in (1, 5, 1000):
        backend.streams(gemini_sse(pieces(text, size)))
        stream = await client.models.generate_content_stream(model="gemini-x", contents=f"Remember {MAIL}")
        events = [event async for event in stream]
        assert "".join(event.text or "" for event in events) == wanted
        assert events[-1].usage_metadata is not None


async def test_thoughts_stay_thoughts(house: House, backend: Backend) -> None:
    """What is held back of a thought leaves as a thought, in an event of its own if need be."""
    client = client_of(house)
    events = [gemini(piece, None, thought=True) for piece in pieces(f"Ask {EVE}", 3)]
    events += [gemini(piece, None) for piece in pieces(f"No, {EVE}", 3)]
    backend.streams([f"data: {json.dumps(event)}\n\n".encode() for event in [*events, gemini("", "STOP")]])
    said = {True: "", False: ""}
    async for event in await client.models.generate_content_stream(model="gemini-x", contents="Hi"):
        for part in event.candidates[0].content.parts if event.candidates else []:  # type: ignore[union-attr]
            said[bool(part.thought)] += part.text or ""
    assert said == {True: "Ask [EMAIL_ADDRESS]", False: "No, [EMAIL_ADDRESS]"}


async def test_functions(house: House, backend: Backend) -> None:
    """A function gets the real value; history, declarations and results are inspected."""
    client = client_of(house)
    token = await token_of(client, backend)
    call: Any = {"functionCall": {"name": "send", "args": {"to": token, "cc": [EVE]}}, "thoughtSignature": "QUJD"}
    backend.answers(gemini("", **call))
    declared = types.FunctionDeclaration(
        name="send", description=f"Send, not to {MAIL}", parameters=types.Schema(type=types.Type.OBJECT)
    )
    config = types.GenerateContentConfig(
        system_instruction=f"I am {MAIL}", tools=[types.Tool(function_declarations=[declared])], stop_sequences=[MAIL]
    )
    history: Any = [
        types.Content(role="user", parts=[types.Part.from_text(text=MAIL)]),
        types.Content(role="model", parts=[types.Part.from_function_call(name="send", args={"to": MAIL})]),
        types.Content(role="user", parts=[types.Part.from_function_response(name="send", response={"sent": MAIL})]),
    ]
    answer = await client.models.generate_content(model="gemini-x", contents=history, config=config)
    assert answer.function_calls is not None
    assert answer.function_calls[0].args == {"to": MAIL, "cc": ["[EMAIL_ADDRESS]"]}
    assert MAIL not in backend.text


@pytest.mark.parametrize("path", ["/v1beta/models/gemini-x", "/v1/models/gemini-x"])
async def test_json_array(house: House, backend: Backend, path: str) -> None:
    """Without ``alt=sse`` a stream is one JSON array; keys may come in snake case."""
    backend.streams(gemini_array(pieces(f"Ask {EVE} now", 2)), content_type="application/json")
    body = {"contents": [{"parts": [{"text": MAIL}]}], "system_instruction": {"parts": [{"text": MAIL}]}}
    reply = await house.post(path + ":streamGenerateContent", body)
    said = "".join(e["candidates"][0]["content"]["parts"][0]["text"] for e in reply.body)
    assert said == "Ask [EMAIL_ADDRESS] now"
    assert MAIL not in backend.text


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ({"inlineData": {"mimeType": "image/png", "data": "iVBORw0K"}}, "spec.content.media"),
        ({"inline_data": {"mime_type": "image/png", "data": "iVBORw0K"}}, "spec.content.media"),
        ({"file_data": {"file_uri": "https://example.com/a"}}, "spec.content.media"),
    ],
)
async def test_media_is_refused(house: House, backend: Backend, part: Any, line: str) -> None:
    """In both spellings."""
    reply = await house.post("/v1beta/models/gemini-x:generateContent", {"contents": [{"parts": [part]}]})
    assert reply.status == 400
    assert reply.body["error"]["status"] == "INVALID_ARGUMENT"
    assert line in reply.body["error"]["message"]
    assert backend.asked == []


async def test_cached_content_is_refused(house: House, backend: Backend) -> None:
    """What was stored before cannot be inspected."""
    client = client_of(house)
    config = types.GenerateContentConfig(cached_content="cachedContents/1")
    with pytest.raises(errors.ClientError, match=r"spec\.content\.state"):
        await client.models.generate_content(model="gemini-x", contents="Hi", config=config)
    assert backend.asked == []


async def test_errors(build: HouseBuilder, backend: Backend) -> None:
    """Refusals raise the client's classes, before a stream and inside it, in either framing."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["gemini-*"]'))
    client = client_of(house)
    with pytest.raises(errors.ClientError) as caught:
        await client.models.generate_content(model="secret-x", contents="Hi")
    assert caught.value.status == "NOT_FOUND"
    image = gemini("", None, inlineData={"mimeType": "image/png", "data": "iVBORw0K"})
    events = [gemini("Look: ", None), gemini("there.", None), image]
    backend.streams([f"data: {json.dumps(event)}\n\n".encode() for event in events], delay=0.05)
    with pytest.raises(errors.ClientError, match="media"):
        async for _ in await client.models.generate_content_stream(model="gemini-x", contents="Hi"):
            pass
    chunks = [b"[" + json.dumps(events[0]).encode(), *(b"," + json.dumps(e).encode() for e in events[1:]), b"]"]
    backend.streams(chunks, content_type="application/json", delay=0.05)
    body = {"contents": [{"parts": [{"text": "Hi"}]}]}
    reply = await house.post("/v1beta/models/gemini-x:streamGenerateContent", body)
    assert "media" in reply.body[-1]["error"]["message"]


async def test_count_embed_and_list(build: HouseBuilder, backend: Backend) -> None:
    """The smaller methods."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["gemini-*"]'))
    client = client_of(house)
    backend.answers({"totalTokens": 5})
    assert (await client.models.count_tokens(model="gemini-x", contents=MAIL)).total_tokens == 5
    backend.answers({"embeddings": [{"values": [0.5, 0.25]}]})
    texts: Any = [MAIL, "b"]  # the client's type for it depends on whether Pillow is installed
    made = await client.models.embed_content(model="gemini-x", contents=texts)
    assert made.embeddings is not None
    assert made.embeddings[0].values == [0.5, 0.25]
    listed = [{"name": "models/gemini-x", "displayName": "X"}, {"name": "models/secret-x", "displayName": "Y"}]
    backend.answers({"models": listed})
    assert [model.name async for model in await client.models.list()] == ["models/gemini-x"]
    assert MAIL not in backend.text
