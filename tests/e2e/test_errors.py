"""Refusals in the vendors' words: the official clients raise their right classes, before and in mid-stream."""

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import openai
import pytest
from aiohttp import web

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.speech import chat_stream, chunk, completion, message_stream, sse

ASK: Any = [{"role": "user", "content": "Hi"}]
SSN: Any = [{"role": "user", "content": "My social security number is 536-90-4399."}]


def denying_ssn(policy: str) -> str:
    """The default policy with a rule that refuses social security numbers in both directions."""
    rule = "    rules:\n      - {id: no-ssn, entities: [US_SSN], operator: deny, threshold: 0.5}\n"
    return policy.replace("    rules:\n", rule, 1)


def openai_client(house: House, token: str | None = None) -> openai.AsyncOpenAI:
    """OpenAI's client."""
    return openai.AsyncOpenAI(base_url=house.url + "/v1", api_key=token or house.token(), max_retries=0)


def anthropic_client(house: House, token: str | None = None) -> anthropic.AsyncAnthropic:
    """Anthropic's client."""
    return anthropic.AsyncAnthropic(base_url=house.url, api_key=token or house.token(), max_retries=0)


async def openai_raises(house: House, messages: Any = ASK, token: str | None = None, model: str = "m") -> Any:
    """Return what OpenAI's client raises."""
    async with openai_client(house, token) as client:
        with pytest.raises(openai.APIError) as caught:
            await client.chat.completions.create(model=model, messages=messages, max_tokens=50)
    return caught.value


async def anthropic_raises(house: House, messages: Any = ASK, token: str | None = None, model: str = "m") -> Any:
    """Return what Anthropic's client raises."""
    async with anthropic_client(house, token) as client:
        with pytest.raises(anthropic.APIError) as caught:
            await client.messages.create(model=model, messages=messages, max_tokens=50)
    return caught.value


async def test_400_what_the_policy_refuses(build: HouseBuilder, backend: Backend) -> None:
    """A denial is a 400 that no client retries, says which rule, and does not repeat the text."""
    house = await build(policy=denying_ssn)
    error = await openai_raises(house, SSN)
    assert type(error) is openai.BadRequestError
    assert error.code == "content_policy_violation"
    assert "no-ssn" in error.message
    assert "536-90" not in error.message
    assert error.response.headers["x-should-retry"] == "false"
    assert type(await anthropic_raises(house, SSN)) is anthropic.BadRequestError
    assert backend.asked == []


async def test_401_no_proof_of_who_calls(house: House, backend: Backend) -> None:
    """A token that proves nothing is a 401."""
    error = await openai_raises(house, token="nonsense")
    assert type(error) is openai.AuthenticationError
    assert "exchange" in error.message
    assert type(await anthropic_raises(house, token="nonsense")) is anthropic.AuthenticationError
    assert backend.asked == []


async def test_403_a_missing_scope(build: HouseBuilder, backend: Backend) -> None:
    """A caller who may not is told which scope is missing."""
    tenants = '      tenants: ["*"]\n'
    house = await build(policy=lambda p: p.replace(tenants, f"{tenants}      scopes: [chat]\n", 1))
    error = await openai_raises(house)
    assert type(error) is openai.PermissionDeniedError
    assert "chat" in error.message
    assert type(await anthropic_raises(house)) is anthropic.PermissionDeniedError
    backend.answers(completion("ok"))
    async with openai_client(house, house.token(scopes=("chat",))) as client:
        await client.chat.completions.create(model="m", messages=ASK)


async def test_404_a_model_that_is_not_the_callers(build: HouseBuilder, backend: Backend) -> None:
    """A model outside the route does not exist for this caller."""
    house = await build(policy=lambda p: p.replace('models: ["*"]', 'models: ["gpt-*"]', 1))
    error = await openai_raises(house, model="secret-model")
    assert type(error) is openai.NotFoundError
    assert error.code == "model_not_found"
    assert type(await anthropic_raises(house, model="secret-model")) is anthropic.NotFoundError
    assert backend.asked == []


async def test_413_a_body_that_is_too_large(build: HouseBuilder, backend: Backend) -> None:
    """A body beyond the bound is refused before it is read whole."""
    from dataclasses import replace

    house = await build(settings=lambda s: replace(s, body=replace(s.body, max_bytes=20_000)))
    large = [{"role": "user", "content": "x" * 30_000}]
    error = await openai_raises(house, large)
    assert error.status_code == 413
    assert type(await anthropic_raises(house, large)) is anthropic.RequestTooLargeError
    assert backend.asked == []


def few(unit: str, quota: int) -> Callable[[str], str]:
    """The default policy with a tight limit."""

    def change(policy: str) -> str:
        limit = f"{{id: few, unit: {unit}, quota: {quota}, window: 1h, burst: {quota}, per: [tenant]}}"
        return policy.replace("  limits:\n", f"  limits:\n    - {limit}\n", 1)

    return change


@pytest.mark.parametrize(("said", "told"), [("7", "7"), ("4111111111111111", None), ("٧", None), ("soon", None)])
async def test_a_backend_says_when_to_try_again(house: House, backend: Backend, said: str, told: str | None) -> None:
    """Its word is passed on if it is a number of seconds, and nothing else."""
    backend.answers({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": said})
    reply = await house.post("/v1/chat/completions", {"model": "m", "messages": ASK})
    assert (reply.status, reply.headers.get("Retry-After")) == (429, told)


async def test_429_a_limit(build: HouseBuilder, backend: Backend) -> None:
    """The second request of a tenant that has one is told when to come back; another tenant is served."""
    house = await build(policy=few("requests", 1))
    backend.answers(completion("ok"))
    async with openai_client(house) as client:
        await client.chat.completions.create(model="m", messages=ASK)
    error = await openai_raises(house)
    assert type(error) is openai.RateLimitError
    assert int(error.response.headers["retry-after"]) > 60
    assert error.response.headers["x-should-retry"] == "false"
    assert "few" in error.response.headers["RateLimit-Policy"]
    assert type(await anthropic_raises(house)) is anthropic.RateLimitError
    assert len(backend.asked) == 1
    async with openai_client(house, house.token(tenant="other")) as client:
        await client.chat.completions.create(model="m", messages=ASK)


async def test_tokens_are_reserved_and_settled(build: HouseBuilder, backend: Backend) -> None:
    """What was reserved and not used comes back; what cannot ever be granted is a 413."""
    house = await build(policy=few("tokens", 1000))
    backend.answers(completion("ok"))
    async with openai_client(house) as client:
        for _ in range(5):  # 900 are reserved each time, 18 are used
            await client.chat.completions.create(model="m", messages=ASK, max_tokens=880)
    async with openai_client(house) as client:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(model="m", messages=ASK, max_tokens=2000)
    assert caught.value.status_code == 413


async def test_502_and_504_a_backend_that_fails(build: HouseBuilder, backend: Backend) -> None:
    """Refusing, resetting, stalling, HTML instead of JSON, wrong credentials: none of it is the caller's fault."""
    from dataclasses import replace

    def hasty(s: Any) -> Any:
        quick = {
            n: replace(u, connect_timeout=0.5, first_byte_timeout=0.5, idle_timeout=0.5) for n, u in s.upstreams.items()
        }
        return replace(s, upstreams=quick)

    house = await build(settings=hasty)

    async def html(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>maria.lopez@acme.com</html>", content_type="text/html")

    async def reset(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def lies(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b'{"id": 1', headers={"Content-Type": "application/json"})

    async def short(request: web.BaseRequest) -> web.StreamResponse:
        """Announces more than it sends."""
        assert request.transport is not None
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        request.transport.write(head + b'{"id": "maria.lopez@acme.com"')
        await asyncio.sleep(0.05)
        request.transport.abort()
        return web.Response()

    async def forbidden(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": "bad key sk-123"}}, status=401)

    async def stalls(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(3)
        return web.Response()

    for reply, status in ((html, 502), (reset, 502), (lies, 502), (short, 502), (forbidden, 502), (stalls, 504)):
        backend.does(reply)
        error = await openai_raises(house)
        assert isinstance(error, openai.InternalServerError), reply.__name__
        assert error.status_code == status, reply.__name__
        assert "maria" not in error.message
        assert "sk-123" not in error.message
        assert isinstance(await anthropic_raises(house), anthropic.InternalServerError)


async def test_a_backend_that_is_not_there(build: HouseBuilder) -> None:
    """A connection that is refused is a 502."""
    from dataclasses import replace

    def nowhere(s: Any) -> Any:
        return replace(s, upstreams={n: replace(u, base_url="http://127.0.0.1:9") for n, u in s.upstreams.items()})

    house = await build(settings=nowhere)
    error = await openai_raises(house)
    assert error.status_code == 502


async def test_a_backends_own_refusal_is_passed_on(house: House, backend: Backend) -> None:
    """Its 400 keeps its status and class; its sentence is inspected like any text."""
    refusal = {
        "error": {
            "message": "maria.lopez@acme.com is over the context length",
            "type": "invalid_request_error",
            "param": None,
            "code": "context_length_exceeded",
        }
    }
    backend.answers(refusal, status=400)
    error = await openai_raises(house)
    assert type(error) is openai.BadRequestError
    assert error.code == "context_length_exceeded"
    assert "[EMAIL_ADDRESS] is over" in error.message


async def test_a_denial_in_mid_stream(build: HouseBuilder, backend: Backend) -> None:
    """What came before went out; then the client raises, and the text that was refused never left."""
    house = await build(policy=denying_ssn)
    words = ["Here it comes. " * 20, "The SSN is 536-", "90-4399", " and more"]
    backend.streams(chat_stream(words), delay=0.02)
    heard = ""
    async with openai_client(house) as client:
        stream = await client.chat.completions.create(model="m", messages=ASK, stream=True)
        with pytest.raises(openai.APIError, match="no-ssn"):
            async with stream:
                async for event in stream:
                    heard += event.choices[0].delta.content or ""
    assert heard.startswith("Here it comes.")
    assert "536" not in heard
    backend.streams(message_stream(words), delay=0.02)
    heard = ""
    async with anthropic_client(house) as claude:
        with pytest.raises(anthropic.APIStatusError, match="no-ssn"):
            async with claude.messages.stream(model="m", max_tokens=50, messages=ASK) as spoken:
                async for text in spoken.text_stream:
                    heard += text
    assert heard.startswith("Here it comes.")
    assert "536" not in heard


@pytest.mark.parametrize(
    "tail",
    [
        [b"data: {broken\n\n"],
        [b'data: {"id": "x", "id": "y"}\n\n'],
        [b"data: \xff\xfe\n\n"],
        [*sse(chunk({"content": " half"}), done=False), b"data: {"],
    ],
)
async def test_malformed_or_cut_in_mid_stream(house: House, backend: Backend, tail: list[bytes]) -> None:
    """A stream that stops being one ends with an error; what was held back stays back."""
    good = sse(chunk({"role": "assistant", "content": ""}), chunk({"content": "Mail me: john.doe@ex"}), done=False)
    backend.streams([*good, *tail], delay=0.05, cut=True)
    heard = ""
    async with openai_client(house) as client:
        stream = await client.chat.completions.create(model="m", messages=ASK, stream=True)
        with pytest.raises(openai.APIError):
            async with stream:
                async for event in stream:
                    heard += event.choices[0].delta.content or ""
    assert "john" not in heard
