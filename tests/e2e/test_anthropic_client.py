"""The official Anthropic client, unmodified."""

import json
from collections.abc import AsyncIterator

import anthropic
import pytest

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.speech import message, message_stream, pieces

MAIL = "maria.lopez@acme.com"


@pytest.fixture
async def client(house: House) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """The client, as an application would make it."""
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key=house.token(), max_retries=0) as made:
        yield made


async def ask(client: anthropic.AsyncAnthropic, backend: Backend, text: str) -> str:
    """Ask once and return what the model saw."""
    backend.answers(message("ok"))
    await client.messages.create(model="claude-x", max_tokens=99, messages=[{"role": "user", "content": text}])
    return str(backend.asked[-1].body["messages"][0]["content"])


async def test_plain_and_streamed(client: anthropic.AsyncAnthropic, backend: Backend) -> None:
    """Both ways say the same."""
    token = (await ask(client, backend, f"Remember {MAIL}")).removeprefix("Remember ")
    assert token.startswith("[EMAIL_ADDRESS_")
    text = f"{token} wrote to eve.hacker@evil.com."
    wanted = f"{MAIL} wrote to [EMAIL_ADDRESS]."
    backend.answers(message(text))
    ours = [{"role": "user", "content": f"Remember {MAIL}"}]
    whole = await client.messages.create(model="claude-x", max_tokens=99, messages=ours)  # type: ignore[arg-type]
    assert whole.content[0].text == wanted  # type: ignore[union-attr]
    for size in (1, 5, 1000):
        backend.streams(message_stream(pieces(text, size)))
        async with client.messages.stream(model="claude-x", max_tokens=99, messages=ours) as stream:  # type: ignore[arg-type]
            final = await stream.get_final_message()
        assert final.content[0].text == wanted  # type: ignore[union-attr]
        assert final.usage.output_tokens == 7


async def test_tool_use(client: anthropic.AsyncAnthropic, backend: Backend) -> None:
    """A tool's input holds the real value, whole and streamed."""
    token = (await ask(client, backend, f"Remember {MAIL}")).removeprefix("Remember ")
    ours = [{"role": "user", "content": f"Remember {MAIL}"}]
    given = {"to": token, "cc": ["eve.hacker@evil.com"], "note": 'say "hi"'}
    wanted = {"to": MAIL, "cc": ["[EMAIL_ADDRESS]"], "note": 'say "hi"'}
    backend.answers(message(tool=("send_mail", given)))
    whole = await client.messages.create(model="claude-x", max_tokens=99, messages=ours)  # type: ignore[arg-type]
    assert whole.content[0].input == wanted  # type: ignore[union-attr]
    for size in (1, 6, 1000):
        backend.streams(message_stream(pieces(json.dumps(given), size), tool="send_mail"))
        async with client.messages.stream(model="claude-x", max_tokens=99, messages=ours) as stream:  # type: ignore[arg-type]
            final = await stream.get_final_message()
        assert final.content[0].input == wanted  # type: ignore[union-attr]


async def test_blocks_of_a_request(client: anthropic.AsyncAnthropic, backend: Backend) -> None:
    """System blocks, tool results and tool inputs in the history are inspected; signatures stay as they are."""
    backend.answers(message("ok"))
    signature = "EqQBCkYIBxgCKkBh" + "A" * 40 + "=="
    await client.messages.create(
        model="claude-x",
        max_tokens=99,
        system=[{"type": "text", "text": f"The user is {MAIL}."}],
        messages=[
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": f"I should look up {MAIL}", "signature": signature},
                    {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"mail": MAIL}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "content": [{"type": "text", "text": f"It is {MAIL}"}],
                    }
                ],
            },
        ],
    )
    body = backend.asked[-1].body
    token = body["system"][0]["text"].removeprefix("The user is ").removesuffix(".")
    assert token.startswith("[EMAIL_ADDRESS_")
    assert body["messages"][0]["content"][0] == {
        "type": "thinking",
        "thinking": f"I should look up {token}",
        "signature": signature,
    }
    assert body["messages"][0]["content"][1]["input"] == {"mail": token}
    assert body["messages"][1]["content"][0]["content"][0]["text"] == f"It is {token}"
    assert MAIL not in backend.text


async def test_models_page_by_page(build: HouseBuilder, backend: Backend) -> None:
    """The client walks pages of its own models; the backend is asked for all, and no cursor names a hidden one."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["claude-*"]'))
    names = ["secret-a", "claude-a", "secret-b", "claude-b", "claude-c", "secret-c"]
    data = [{"id": n, "type": "model", "display_name": n, "created_at": "2026-01-01T00:00:00Z"} for n in names]
    backend.answers({"data": data, "first_id": "secret-a", "last_id": "secret-c", "has_more": False})
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key=house.token(), max_retries=0) as client:
        page = await client.models.list(limit=2)
        assert (page.first_id, page.last_id, page.has_more) == ("claude-a", "claude-b", True)
        assert [model.id async for model in page] == ["claude-a", "claude-b", "claude-c"]
        assert "secret" not in (await client.models.list(before_id="claude-c")).to_json()
    assert {asked.path for asked in backend.asked} == {"/v1/models?limit=1000"}
