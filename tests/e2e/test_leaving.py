"""A caller who leaves: upstream is cancelled, limits settle, the record closes."""

import asyncio
import json

import pytest
from aiohttp import web

from gateway import reply
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.raw import until
from tests.support.speech import chunk, sse

BODY = {"model": "m", "stream": True, "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}


def request(house: House) -> bytes:
    """A request as bytes."""
    body = json.dumps(BODY).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {house.token()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def test_in_mid_stream(house: House, backend: Backend) -> None:
    """Within a second of the caller's leaving the backend is left too, and the exchange is closed as such."""
    backend.streams(sse(*[chunk({"content": f"word {n} "}) for n in range(500)], done=False), delay=0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(request(house))
    await reader.readuntil(b"word")  # the stream has begun
    writer.transport.abort()
    await until(lambda: backend.cancelled == 1, 1.0)
    [exchange] = house.listed()
    await until(lambda: [f["kind"] for f in house.facts(exchange)] == ["admitted", "closed"])
    assert house.facts(exchange)[-1]["outcome"] == "client-left"
    assert house.decisions(exchange)[-1] == ("upstream", "allow", "client-left")
    assert house.verified()


async def test_before_the_answer(house: House, backend: Backend) -> None:
    """Likewise while the backend still thinks."""

    async def thinks(_: object) -> object:
        await asyncio.sleep(30)
        return None

    backend.does(thinks)  # type: ignore[arg-type]
    _, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(request(house))
    await until(lambda: len(backend.asked) == 1)
    writer.transport.abort()
    await until(lambda: backend.cancelled == 1, 1.5)
    [exchange] = house.listed()
    await until(lambda: house.facts(exchange)[-1]["kind"] == "closed")


async def test_who_does_not_read_has_left(house: House, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who takes nothing of its answer does not keep the backend: it is left, and the exchange is closed."""
    monkeypatch.setattr(reply, "TAKE_SECONDS", 0.3)
    monkeypatch.setattr(reply, "SLOWEST", 1024 * 1024)

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(b":\n" * 30_000)

    backend.does(endless)
    _, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(request(house))
    await until(lambda: backend.cancelled == 1, 20)
    [exchange] = house.listed()
    await until(lambda: house.facts(exchange)[-1]["kind"] == "closed")
    assert house.facts(exchange)[-1]["outcome"] == "client-left"
    writer.transport.abort()


async def test_who_does_not_read_a_whole_answer_has_left(
    house: House, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it keep a large answer in our memory: the connection ends with it."""
    monkeypatch.setattr(reply, "TAKE_SECONDS", 0.3)
    monkeypatch.setattr(reply, "SLOWEST", 10**9)
    backend.answers({"object": "list", "data": [{"index": 0, "embedding": [0.123456789] * 1_500_000}], "model": "m"})
    body = json.dumps({"model": "m", "input": "Hi"}).encode()
    head = request(house).partition(b"Content-Length")[0].replace(b"chat/completions", b"embeddings")
    _, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    await until(lambda: house.listed() and house.facts(house.listed()[0])[-1]["kind"] == "closed", 30)
    assert house.facts(house.listed()[0])[-1]["outcome"] == "client-left"
    writer.transport.abort()


async def test_limits_settle(build: HouseBuilder, backend: Backend) -> None:
    """Leaving early neither keeps the reservation for ever nor makes the answer free."""
    limit = "  limits:\n    - {id: few, unit: tokens, quota: 200, window: 1h, burst: 200, per: [tenant]}\n"
    house = await build(policy=lambda p: p.replace("  limits:\n", limit, 1))
    backend.streams(sse(*[chunk({"content": "word "}) for n in range(200)], done=False), delay=0.05)
    for _ in range(2):  # each reserves more than 100 of 200
        reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
        writer.write(request(house))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, head
        writer.transport.abort()
        seen = backend.cancelled
        await until(lambda: backend.cancelled > seen, 2.0)  # noqa: B023
        await asyncio.sleep(0.3)
