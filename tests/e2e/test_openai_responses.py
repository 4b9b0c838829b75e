"""OpenAI's Responses, completions, embeddings, moderations and models, by the official client."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from yarl import URL

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.responses_speech import numbered, response, response_text_events, response_tool_events
from tests.support.speech import pieces, sse

MAIL = "maria.lopez@acme.com"
EVE = "eve.hacker@evil.com"
TOKEN: Any = "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"


def client_of(house: House) -> openai.AsyncOpenAI:
    """The client, as an application would make it."""
    return openai.AsyncOpenAI(base_url=house.url + "/v1", api_key=house.token(), max_retries=0)


@pytest.fixture
async def client(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client of the default house."""
    async with client_of(house) as made:
        yield made


async def token_of(client: openai.AsyncOpenAI, backend: Backend) -> str:
    """Return what the model sees instead of MAIL."""
    backend.answers(response("ok"))
    await client.responses.create(model="gpt-x", input=f"Remember {MAIL}")
    return str(backend.asked[-1].body["input"]).removeprefix("Remember ")


async def test_text(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """Whole and streamed say the same, and so do all the copies in the stream; numbers are contiguous."""
    token = await token_of(client, backend)
    assert token.startswith("[EMAIL_ADDRESS_")
    text = f"{token} wrote to {EVE}."
    wanted = f"{MAIL} wrote to [EMAIL_ADDRESS]."
    backend.answers(response(text))
    whole = await client.responses.create(model="gpt-x", input=f"Remember {MAIL}")
    assert whole.output_text == wanted
    for size in (1, 5, 1000):
        backend.streams(numbered(response_text_events(pieces(text, size))))
        stream = await client.responses.create(model="gpt-x", input=f"Remember {MAIL}", stream=True)
        events = [event async for event in stream]
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == wanted
        [done] = [event for event in events if event.type == "response.output_text.done"]
        assert done.text == wanted
        last = events[-1]
        assert last.type == "response.completed"
        assert last.response.output_text == wanted
        types = [event.type for event in events]
        assert types.index("response.output_text.done") > max(
            n for n, kind in enumerate(types) if kind == "response.output_text.delta"
        )
        async with client.responses.stream(model="gpt-x", input=f"Remember {MAIL}") as helper:
            final = await helper.get_final_response()
        assert final.output_text == wanted
        assert final.usage is not None
        assert final.usage.output_tokens == 7


async def test_tool_call(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """A function is called with the real value, and its arguments are JSON in every copy."""
    token = await token_of(client, backend)
    arguments = json.dumps({"to": token, "cc": [EVE], "text": 'say "hi"\n'})
    wanted = {"to": MAIL, "cc": ["[EMAIL_ADDRESS]"], "text": 'say "hi"\n'}
    for size in (1, 7, 1000):
        backend.streams(numbered(response_tool_events("send", pieces(arguments, size))))
        stream = await client.responses.create(model="gpt-x", input=f"Remember {MAIL}", stream=True)
        events = [event async for event in stream]
        said = "".join(e.delta for e in events if e.type == "response.function_call_arguments.delta")
        assert json.loads(said) == wanted
        [done] = [event for event in events if event.type == "response.function_call_arguments.done"]
        assert json.loads(done.arguments) == wanted
        assert events[-1].type == "response.completed"
        assert json.loads(events[-1].response.output[0].arguments) == wanted  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize(
    "body",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"input": [{"id": "msg_1"}]},
        {"prompt": {"id": "pmpt_1"}},
        {"tools": [{"type": "code_interpreter", "container": "cntr_1"}]},
        {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]},
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file_1"}]}]},
    ],
)
async def test_state_is_refused(house: House, backend: Backend, body: dict[str, object]) -> None:
    """What the provider keeps cannot be inspected: refused, with the line of the policy that says so."""
    reply = await house.post("/v1/responses", {"model": "m", "input": "Hi", **body})
    assert reply.status == 400
    assert "spec.content.state" in reply.body["error"]["message"]
    assert backend.asked == []


async def test_media_is_refused(house: House, backend: Backend) -> None:
    """So is an image."""
    part = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0K", "detail": "auto"}
    reply = await house.post("/v1/responses", {"model": "m", "input": [{"role": "user", "content": [part]}]})
    assert reply.status == 400
    assert "spec.content.media" in reply.body["error"]["message"]
    assert backend.asked == []


async def test_retrieval(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """Stored responses are the provider's state: refused unless the policy lets state pass, then inspected."""
    with pytest.raises(openai.BadRequestError, match=r"spec\.content\.state"):
        await client.responses.retrieve("resp_1")
    assert backend.asked == []


async def test_retrieval_allowed(build: HouseBuilder, backend: Backend) -> None:
    """Retrieved, streamed again, cancelled, and what was put in: all inspected."""
    house = await build(policy=lambda p: p.replace("state: deny", "state: pass"))
    async with client_of(house) as client:
        backend.answers(response(f"Ask {EVE}"))
        assert (await client.responses.retrieve("resp_1")).output_text == "Ask [EMAIL_ADDRESS]"
        assert (await client.responses.cancel("resp_1")).output_text == "Ask [EMAIL_ADDRESS]"
        backend.streams(numbered(response_text_events(pieces(f"Ask {EVE}.", 3))))
        stream = await client.responses.retrieve("resp_1", stream=True)
        said = "".join([e.delta async for e in stream if e.type == "response.output_text.delta"])
        assert said == "Ask [EMAIL_ADDRESS]."
        item = {"id": "msg_1", "type": "message", "role": "user", "content": [{"type": "input_text", "text": EVE}]}
        backend.answers({"object": "list", "data": [item], "first_id": "msg_1", "last_id": "msg_1", "has_more": False})
        page = await client.responses.input_items.list("resp_1")
        assert page.data[0].content[0].text == "[EMAIL_ADDRESS]"  # type: ignore[union-attr,index]
        wanted: list[Any] = ["reasoning.encrypted_content", "message.output_text.logprobs"]
        backend.answers(response("Hi"))
        await client.responses.retrieve("resp_1", include=wanted)
        assert URL(backend.asked[-1].path).query.getall("include[]") == wanted, "a list keeps all its values"
        with pytest.raises(openai.BadRequestError, match=r"ACCESS_TOKEN at include\[\] in the query"):
            await client.responses.retrieve("resp_1", include=[*wanted, TOKEN])


async def test_stored_files_are_refused_in_mid_stream(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """An answer with an image in it ends in an error that the client raises."""
    events = response_text_events(["Look: "])[:5]
    image: dict[str, object] = {
        "type": "response.image_generation_call.partial_image",
        "item_id": "ig_1",
        "output_index": 1,
    }
    backend.streams(
        numbered([*events, {**image, "partial_image_b64": "iVBORw0K", "partial_image_index": 0}]), delay=0.05
    )
    stream = await client.responses.create(model="gpt-x", input="Draw", stream=True)
    with pytest.raises(openai.APIError, match="media"):
        async for _ in stream:
            pass


async def test_completions(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """Legacy completions: text through a window, log probabilities (tokens as keys) dropped, token ids refused."""
    logprobs = {"tokens": [EVE], "token_logprobs": [-0.1], "top_logprobs": [{EVE: -0.1}], "text_offset": [0]}

    def chunk(text: str, finish: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": finish}
        return {"id": "cmpl-1", "object": "text_completion", "created": 1700000000, "model": "m", "choices": [choice]}

    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    backend.answers({**chunk(f"Ask {EVE}", "stop"), "usage": usage})
    whole = await client.completions.create(model="m", prompt=f"Who? Not {MAIL}")
    assert whole.choices[0].text == "Ask [EMAIL_ADDRESS]"
    assert whole.choices[0].logprobs is None
    assert MAIL not in backend.text
    backend.streams(sse(*[chunk(p) for p in pieces(f"Ask {EVE}", 2)], chunk("", "stop")))
    stream = await client.completions.create(model="m", prompt=["Who?"], stream=True)
    assert "".join([event.choices[0].text async for event in stream]) == "Ask [EMAIL_ADDRESS]"
    for prompt in ([1, 2, 3], [[1, 2], [3]]):
        with pytest.raises(openai.BadRequestError, match=r"spec\.content\.tokens"):
            await client.completions.create(model="m", prompt=prompt)


async def test_embeddings_and_moderations(client: openai.AsyncOpenAI, backend: Backend) -> None:
    """Inputs are inspected; vectors pass; token ids are refused."""
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    data = [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}]
    backend.answers({"object": "list", "data": data, "model": "m", "usage": usage})
    made = await client.embeddings.create(model="m", input=[f"I am {MAIL}"])
    assert made.data[0].embedding == [1.0, 2.0]
    assert backend.asked[-1].body["input"][0].startswith("I am [EMAIL_ADDRESS_")
    with pytest.raises(openai.BadRequestError, match=r"spec\.content\.tokens"):
        await client.embeddings.create(model="m", input=[1, 2])
    backend.answers({"id": "modr-1", "model": "m", "results": [{"flagged": False, "categories": {}}]})
    await client.moderations.create(model="m", input=[{"type": "text", "text": MAIL}])  # type: ignore[arg-type]
    assert MAIL not in backend.text


async def test_models(build: HouseBuilder, backend: Backend) -> None:
    """A caller sees the models that its routes serve, by whichever vendor's client it asks."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["gpt-*", "claude-*"]'))
    names = ("gpt-x", "claude-x", "secret-x")
    backend.answers(
        {
            "object": "list",
            "data": [{"id": n, "object": "model", "created": 1700000000, "owned_by": "x"} for n in names],
        }
    )
    async with client_of(house) as client:
        assert [model.id async for model in client.models.list()] == ["gpt-x", "claude-x"]
        backend.answers({"id": "gpt-x", "object": "model", "created": 1700000000, "owned_by": "x"})
        assert (await client.models.retrieve("gpt-x")).created == 1700000000
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("secret-x")


async def test_azure(house: House, backend: Backend) -> None:
    """Azure's client: the deployment in the path is the model."""
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=house.url, api_key=house.token(), api_version="2025-01-01", max_retries=0
    ) as client:
        backend.answers(response("ok"))
        await client.responses.create(model="gpt-x", input=MAIL)
        assert backend.asked[-1].path == "/openai/responses?api-version=2025-01-01"
        data = [{"object": "embedding", "index": 0, "embedding": "AACAPw=="}]
        backend.answers(
            {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        )
        await client.embeddings.create(model="deployed", input=MAIL)
        assert backend.asked[-1].path == "/openai/deployments/deployed/embeddings?api-version=2025-01-01"
    assert MAIL not in backend.text
