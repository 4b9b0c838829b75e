"""Bad input is the normal case: a clear refusal in the dialect's form, nothing forwarded, a decision recorded."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.support.backend import Backend
from tests.support.house import House, Reply
from tests.support.raw import spoken, until
from tests.support.speech import completion

CHAT = "/v1/chat/completions"
GOOD: Any = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def refused(house: House, backend: Backend, reply: Reply, status: int, reason: str) -> None:
    """What every refusal has in common."""
    assert reply.status == status, reply.raw
    exchange = reply.headers["x-sluice-exchange"]
    assert exchange in reply.body["error"]["message"], "the caller can name the exchange"
    assert (reply.body["error"]["code"] or "") != ""
    assert backend.asked == [], "nothing was forwarded"
    decisions = house.decisions(exchange)
    assert decisions[-1][1:] == ("deny", reason)


def nested(depth: int) -> bytes:
    """A body whose metadata is that deep."""
    return json.dumps(GOOD).encode()[:-1] + b', "metadata": ' + b"[" * depth + b"]" * depth + b"}"


BODIES = [
    (b"", "malformed-body"),
    (b"{", "malformed-body"),
    (b"[]", "malformed-body"),
    (b"null", "malformed-body"),
    (b'"text"', "malformed-body"),
    (b'{"model": "m", "model": "n"}', "malformed-body"),
    (b'{"model": "m", "messages": [{"content": "\xff"}]}', "malformed-body"),
    (b'{"model": "m", "messages": [{"content": "\\ud800"}]}', "malformed-body"),
    (b'{"model": "m", "temperature": NaN}', "malformed-body"),
    (b'{"model": "m", "temperature": 1e999}', "malformed-body"),
    (b'{"model": "m", "n": ' + b"9" * 5000 + b"}", "malformed-body"),
    (b'{"model": "m"} {}', "malformed-body"),
    (b"\xef\xbb\xbf{}", "malformed-body"),
    (b'{"model": 7}', "malformed-body"),
    (b'{"model": "a\\nb"}', "malformed-body"),
    (b'{"model": "m", "stream": "yes"}', "malformed-body"),
    (nested(70), "body-too-deep"),
    (nested(200_000), "malformed-body"),
]


@pytest.mark.parametrize(("body", "reason"), BODIES, ids=[repr(body[:40]) for body, _ in BODIES])
async def test_bodies(house: House, backend: Backend, body: bytes, reason: str) -> None:
    """What is not one strict JSON object is a 400."""
    refused(house, backend, await house.post(CHAT, body), 400, reason)


@pytest.mark.parametrize("header", ["Authorization: Bearer {}", "x-api-key: {}"])
async def test_two_tokens_in_one_kind_of_header(house: House, backend: Backend, header: str) -> None:
    """A header that comes twice holds two tokens: which of them counts is nobody's to guess."""
    body = json.dumps(GOOD).encode()
    lines = [header.format(token) for token in (house.token(), house.token("app-8"))]
    lines += ["Host: x", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    head = "\r\n".join([f"POST {CHAT} HTTP/1.1", *lines, "", ""])
    answer = await spoken(house.gateway.ports.data, head.encode() + body, 5.0)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"token-ambiguous" in answer
    assert backend.asked == []


@pytest.mark.parametrize("told", [True, False])
async def test_ten_megabytes(house: House, backend: Backend, told: bool) -> None:
    """A body beyond the bound is refused, whether its length is told or it comes in chunks."""
    large = json.dumps({**GOOD, "user": "x" * house.settings.body.max_bytes}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield large

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {house.token()}"}
    data = io.BytesIO(large) if told else chunks()
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.url + CHAT, data=data, headers=headers) as response,
    ):
        reply = await house.recorded(Reply(response.status, response.headers, await response.read()))
    assert ("Content-Length" in response.request_info.headers) is told
    refused(house, backend, reply, 413, "body-too-large")


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415, "unsupported-media-type"),
        ({"Content-Encoding": "gzip"}, 415, "unsupported-encoding"),
        ({"Content-Encoding": "zstd"}, 415, "unsupported-encoding"),
        ({"Upgrade": "websocket", "Connection": "Upgrade"}, 400, "upgrade-refused"),
        ({"Authorization": ""}, 401, "token-missing"),
        ({"Authorization": "Bearer x.y.z"}, 401, "token-malformed"),
        ({"x-api-key": "another"}, 400, "token-ambiguous"),
    ],
)
async def test_headers(house: House, backend: Backend, headers: dict[str, str], status: int, reason: str) -> None:
    """Encodings, upgrades and credentials that cannot be taken."""
    body = gzip.compress(json.dumps(GOOD).encode()) if "gzip" in headers.values() else json.dumps(GOOD).encode()
    refused(house, backend, await house.post(CHAT, body, headers), status, reason)


async def test_huge_headers(house: House, backend: Backend) -> None:
    """Headers have a bound, each and together."""
    many = {f"x-{n}": "v" * 4000 for n in range(20)}
    refused(house, backend, await house.post(CHAT, GOOD, many), 431, "malformed-headers")
    reply = await house.post(CHAT, GOOD, {"x-one": "v" * 20_000})
    assert reply.status == 400
    assert reply.headers["x-sluice-exchange"]


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v1/files", 404, "unknown-endpoint"),
        ("/v1/chat/completions/", 404, "unknown-endpoint"),
        ("/v1//chat/completions", 404, "unknown-endpoint"),
        ("/v1/chat%2Fcompletions", 404, "unknown-endpoint"),
        ("/v1/chat/completions?key=abc", 400, "unknown-endpoint"),
        ("/openai/deployments/../chat/completions?api-version=2024-10-21", 404, "unknown-endpoint"),
        ("/openai/deployments/./chat/completions", 404, "unknown-endpoint"),
        ("/openai/deployments/a/chat/completions?api-version=maria.lopez", 400, "unknown-endpoint"),
        ("/openai/deployments/a/chat/completions?api-version=4155552671", 400, "unknown-endpoint"),
        ("/v1/chat/completions?api-version=x", 400, "unknown-endpoint"),
        ("/openai/v1/chat/completions?api-version=2024-10-21&api-version=preview", 400, "unknown-endpoint"),
    ],
)
async def test_paths(house: House, backend: Backend, path: str, status: int, reason: str) -> None:
    """A path is in a table to the letter, or it is refused; credentials never come in the query."""

    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {house.token()}"}
        async with session.post(URL(house.url + path, encoded=True), json=GOOD, headers=headers) as response:
            reply = await house.recorded(Reply(response.status, response.headers, await response.read()))
    refused(house, backend, reply, status, reason)


async def test_methods(house: House, backend: Backend) -> None:
    """A known path says which method it takes."""
    reply = await house.get(house.url + CHAT)
    refused(house, backend, reply, 405, "method-not-allowed")
    assert "POST" in reply.body["error"]["message"]


@pytest.mark.parametrize("bad", [b"zz\r\n", b"5 5\r\n", b"-1\r\n", b"4\r\nabcdXX", b"ffffffffffffffffff\r\n"])
async def test_a_body_that_breaks_in_the_middle(house: House, backend: Backend, bad: bytes) -> None:
    """It is refused when its chunks turn out to be none, and not when its time is over."""
    head = f"POST {CHAT} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {house.token()}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.ports.data)
    writer.write(head.encode() + b'9\r\n{"model":\r\n')
    await until(lambda: 'guard="authenticate",action="allow"' in house.gateway.telemetry.render_metrics())
    writer.write(bad)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    await until(house.listed)
    [exchange] = house.listed()
    assert house.decisions(exchange)[-1] == ("edge", "deny", "malformed-body")
    assert backend.asked == []


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /v1/chat/completions HTTP/9.9\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n maria.lopez@acme.com\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_not_http(house: House, backend: Backend, sent: bytes) -> None:
    """Bytes that are no request are refused without being repeated, and the next caller is served."""
    answer = await spoken(house.gateway.ports.data, sent)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer
    assert b"maria" not in answer
    await until(house.listed)
    [exchange] = house.listed()
    assert exchange.encode() in answer
    assert house.decisions(exchange) == [("edge", "deny", "malformed-headers")]
    assert backend.asked == []
    backend.answers(completion("ok"))
    assert (await house.post(CHAT, GOOD)).status == 200


async def test_the_ops_port_is_not_the_data_port(house: House) -> None:
    """Health and metrics are never on the data port, nor models on the ops port."""
    assert (await house.get(house.ops + "/healthz")).status == 200
    assert (await house.get(house.ops + "/readyz")).body["status"] == "ready"
    assert (await house.get(house.ops + "/metrics")).status == 200
    for page in ("/healthz", "/readyz", "/metrics"):
        assert (await house.get(house.url + page)).status == 404
    assert (await house.get(house.ops + CHAT)).status == 404


async def test_text_in_a_header_is_not_passed_on(house: House, backend: Backend) -> None:
    """Only versions and names of features go upstream, not a sentence, a number or an address."""
    backend.answers(completion("ok"))
    for value in ("My name is Maria Lopez", "card=4111111111111111x2", "maria.lopez@acme.com", "4155552671"):
        assert (await house.post(CHAT, GOOD, {"openai-beta": value})).status == 200
        assert "openai-beta" not in {name.lower() for name in backend.asked[-1].headers}
    assert (await house.post(CHAT, GOOD, {"openai-beta": "assistants=v2"})).status == 200
    assert {k.lower(): v for k, v in backend.asked[-1].headers.items()}["openai-beta"] == "assistants=v2"
