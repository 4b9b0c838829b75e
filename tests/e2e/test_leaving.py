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


async def endless_words(request: web.BaseRequest) -> web.StreamResponse:
    """Answer with a stream that goes on until it is left."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        for piece in sse(chunk({"content": "word and "}), done=False):
            await response.write(piece)
        await asyncio.sleep(0.01)


async def all_closed(house: House) -> list[str]:
    """Return the exchanges of the log once there are some, and all have their closing record."""
    await until(lambda: (seen := house.listed()) and all(house.facts(e)[-1]["kind"] == "closed" for e in seen), 60)
    return house.listed()


async def test_in_mid_stream(house: House, backend: Backend) -> None:
    """When the caller leaves, the backend is left too, which would never end, and the exchange is closed as such."""
    backend.does(endless_words)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(request(house))
    await reader.readuntil(b"word")  # the stream has begun
    writer.transport.abort()
    await backend.left(1)
    [exchange] = await all_closed(house)
    assert [fact["kind"] for fact in house.facts(exchange)] == ["admitted", "closed"]
    assert house.facts(exchange)[-1]["outcome"] == "client-left"
    assert house.decisions(exchange)[-1] == ("upstream", "allow", "client-left")
    assert house.verified()


async def test_before_the_answer(house: House, backend: Backend) -> None:
    """Likewise while the backend still thinks."""

    async def thinks(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    backend.does(thinks)
    _, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(request(house))
    await backend.asked_for(1)
    writer.transport.abort()
    await backend.left(1)
    await all_closed(house)


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
    await backend.left(1)
    [exchange] = await all_closed(house)
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
    [exchange] = await all_closed(house)
    assert house.facts(exchange)[-1]["outcome"] == "client-left"
    writer.transport.abort()


async def test_limits_settle(build: HouseBuilder, backend: Backend) -> None:
    """Leaving early neither keeps the reservation for ever nor makes the answer free."""
    limit = "  limits:\n    - {id: few, unit: tokens, quota: 200, window: 1h, burst: 200, per: [tenant]}\n"
    house = await build(policy=lambda p: p.replace("  limits:\n", limit, 1))
    backend.does(endless_words)
    for times in (1, 2):  # each reserves more than 100 of 200
        reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
        writer.write(request(house))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, head
        writer.transport.abort()
        await backend.left(times)
        assert len(await all_closed(house)) == times
