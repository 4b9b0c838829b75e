"""The official OpenAI client, unmodified, over TLS: only its base URL and its key are ours."""

import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import trustme

from tests.support.backend import Backend
from tests.support.house import House
from tests.support.speech import chat_stream, completion, pieces, tool_stream

MAIL = "maria.lopez@acme.com"
CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority for this file."""
    return trustme.CA()


@pytest.fixture
async def secure(tmp_path: Path, authority: trustme.CA) -> AsyncIterator[tuple[House, Backend]]:
    """A gateway and a backend, both over TLS."""
    certificate = authority.issue_cert("localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    ca_file, pem, key = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    authority.cert_pem.write_to_path(ca_file)
    certificate.cert_chain_pems[0].write_to_path(pem)
    certificate.private_key_pem.write_to_path(key)
    from gateway.settings import TlsSettings

    async with (
        Backend(tls=context) as backend,
        House.running(
            tmp_path,
            backend.url,
            ca_file=ca_file,
            settings=lambda s: replace(s, listen=replace(s.listen, tls=TlsSettings(pem, key))),
        ) as house,
    ):
        yield house, backend


@pytest.fixture
async def client(secure: tuple[House, Backend], authority: trustme.CA) -> AsyncIterator[openai.AsyncOpenAI]:
    """The client, as an application would make it."""
    house, _ = secure
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with openai.AsyncOpenAI(
        base_url=house.url + "/v1",
        api_key=house.token(),
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(verify=trusting),
    ) as made:
        yield made


async def test_plain(client: openai.AsyncOpenAI, secure: tuple[House, Backend]) -> None:
    """The model never sees the address; the caller gets it back; what the model made up is redacted."""
    _, backend = secure

    async def echo(request: object) -> object:
        from aiohttp import web

        said = backend.asked[-1].body["messages"][-1]["content"]
        return web.json_response(completion(f"You said: {said} Ask bob.stone@corp.com too."))

    backend.does(echo)  # type: ignore[arg-type]
    answer = await client.chat.completions.create(
        model="gpt-x", messages=[{"role": "user", "content": f"Write to {MAIL} about card {CARD}."}]
    )
    assert answer.choices[0].message.content == (
        f"You said: Write to {MAIL} about card {CARD}. Ask [EMAIL_ADDRESS] too."
    )
    assert MAIL not in backend.text
    assert CARD not in backend.text
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 11


@pytest.mark.parametrize("size", [1, 3, 8, 1000])
async def test_streamed_as_whole(client: openai.AsyncOpenAI, secure: tuple[House, Backend], size: int) -> None:
    """A stream says what the whole answer would say, whatever pieces it comes in."""
    _, backend = secure
    backend.answers(completion("ok"))
    await client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": f"Remember {MAIL}"}])
    token = backend.asked[-1].body["messages"][0]["content"].removeprefix("Remember ")
    text = f"Dear {token}, **{token.lower()}** and eve.hacker@evil.com are on it.\nBye."
    backend.streams(chat_stream(pieces(text, size)))
    stream = await client.chat.completions.create(
        model="gpt-x", stream=True, messages=[{"role": "user", "content": f"Remember {MAIL}"}]
    )
    events = [event async for event in stream]
    heard = "".join(event.choices[0].delta.content or "" for event in events)
    assert heard == f"Dear {MAIL}, **{MAIL}** and [EMAIL_ADDRESS] are on it.\nBye."
    assert all(event.choices for event in events), "the usage event that only the gateway asked for is not passed on"
    assert backend.asked[-1].body["stream_options"] == {"include_usage": True}


async def test_usage_is_passed_on_when_asked_for(client: openai.AsyncOpenAI, secure: tuple[House, Backend]) -> None:
    """Whoever asks for usage gets it."""
    secure[1].streams(chat_stream(["Hello"]))
    stream = await client.chat.completions.create(
        model="gpt-x",
        stream=True,
        stream_options={"include_usage": True},
        messages=[{"role": "user", "content": "Hi"}],
    )
    events = [event async for event in stream]
    assert events[-1].usage is not None
    assert events[-1].usage.total_tokens == 18


@pytest.mark.parametrize("size", [1, 4, 1000])
async def test_tool_calls(client: openai.AsyncOpenAI, secure: tuple[House, Backend], size: int) -> None:
    """A tool is called with the real value, and its arguments stay JSON, also in a stream."""
    _, backend = secure
    backend.answers(completion("ok"))
    question: Any = [{"role": "user", "content": f'Mail "{MAIL}" now'}]
    await client.chat.completions.create(model="gpt-x", messages=question)
    token = backend.asked[-1].body["messages"][0]["content"].split('"')[1]
    arguments = json.dumps({"to": token, "cc": "eve.hacker@evil.com", "n": [1, True, None], "text": "a\u00e9\n"})
    backend.answers(completion(None, tool=("send_mail", arguments)))
    answer = await client.chat.completions.create(model="gpt-x", messages=question)
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    wanted = {"to": MAIL, "cc": "[EMAIL_ADDRESS]", "n": [1, True, None], "text": "a\u00e9\n"}
    assert json.loads(calls[0].function.arguments) == wanted  # type: ignore[union-attr]

    backend.streams(tool_stream("send_mail", pieces(arguments, size)))
    stream = await client.chat.completions.create(model="gpt-x", stream=True, messages=question)
    streamed, name = "", ""
    async for event in stream:
        for call in event.choices[0].delta.tool_calls or []:
            assert call.function is not None
            streamed += call.function.arguments or ""
            name += call.function.name or ""
    assert name == "send_mail"
    assert streamed == calls[0].function.arguments  # type: ignore[union-attr]


async def test_history_with_tool_calls(client: openai.AsyncOpenAI, secure: tuple[House, Backend]) -> None:
    """Arguments and results in the history are inspected too; the same value is the same pseudonym everywhere."""
    _, backend = secure
    backend.answers(completion("ok"))
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "find", "arguments": json.dumps({"mail": MAIL})},
    }
    await client.chat.completions.create(
        model="gpt-x",
        messages=[
            {"role": "system", "content": f"The user is {MAIL}."},
            {"role": "assistant", "content": None, "tool_calls": [call]},  # type: ignore[list-item]
            {"role": "tool", "tool_call_id": "call_1", "content": f'{{"found": "{MAIL}"}}'},
        ],
    )
    messages = backend.asked[-1].body["messages"]
    token = messages[0]["content"].removeprefix("The user is ").removesuffix(".")
    assert token.startswith("[EMAIL_ADDRESS_")
    assert json.loads(messages[1]["tool_calls"][0]["function"]["arguments"]) == {"mail": token}
    assert json.loads(messages[2]["content"]) == {"found": token}


async def test_the_callers_token_stays_here(client: openai.AsyncOpenAI, secure: tuple[House, Backend]) -> None:
    """No header of the caller's that is not on the list goes upstream, its credentials least of all."""
    house, backend = secure
    backend.answers(completion("ok"))
    await client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": "Hi"}])
    names = {name.lower() for name in backend.asked[-1].headers}
    assert names <= {"host", "content-type", "accept", "accept-encoding", "user-agent", "content-length"}
    assert house.token()[:20] not in backend.text
