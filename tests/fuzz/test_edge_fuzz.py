"""Anything at all comes in; only the house's own errors, a denial or an answer come out.

Four doors are shaken: the edge (bytes of a request), the codecs (bytes of an answer), the answer's
transformation (values that are nearly right), and the whole gateway over sockets.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import edge
from gateway.core.dialect import Dialect, Endpoint, Framing
from gateway.core.frame import Frame
from gateway.core.jsonvalue import Json
from gateway.core.strictjson import JsonRefused, dump, parse
from gateway.dialects import codecs
from gateway.dialects.registry import Match, Registry
from gateway.errors import RequestError
from gateway.guards.estimate import estimate
from gateway.target import passed_path, passed_query
from tests.support.backend import Backend
from tests.support.house import House, Reply
from tests.support.inside import Inside, Refused, endpoints
from tests.support.plans import plan
from tests.support.raw import until
from tests.support.speech import chat_stream, chunk, completion, message, message_stream, pieces, sse, tool_stream

FRAMINGS: Sequence[Framing | None] = (None, *Framing)
REGISTRY = Registry()
QUICK = settings(max_examples=100, deadline=None, derandomize=True)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**6, 10**19, 10**400, -(10**30), 1.5e300])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "[", '{"a": "\\', "[4111 1111", "[EMAIL_ADDRESS_", "\\u0040", "text", "stop", "error", "0"])
)
words = st.sampled_from(
    ["type", "index", "choices", "delta", "content", "text", "usage", "model", "stream", "n", "max_tokens", "messages"]
)
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def spots(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield every place in a value."""
    yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from spots(member, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from spots(item, (*path, position))


def put(value: Json, path: tuple[str | int, ...], new: Json) -> Json:
    """Return the value with something else at a place."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(member, path[1:], new) if key == path[0] else member for key, member in value.items()}
    assert isinstance(value, list)
    return [put(item, path[1:], new) if i == path[0] else item for i, item in enumerate(value)]


@st.composite
def nearly(draw: st.DrawFn, right: Json) -> Json:
    """Draw what is right but for a place or two."""
    for _ in range(draw(st.integers(0, 2))):
        right = put(right, draw(st.sampled_from(list(spots(right)))), draw(values))
    return right


def parsed(stream: Sequence[bytes]) -> list[Json]:
    """Return the events of a stream, without their names."""
    lines = b"".join(stream).decode().splitlines()
    return [parse(line[6:]) for line in lines if line.startswith("data: {")]


REQUEST: Json = {
    "model": "m",
    "stream": True,
    "max_tokens": 9,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image", "source": {"data": "x"}}]},
        {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"a": 1}'}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
}
WHOLE: Sequence[Json] = [completion("Hi [x"), completion(tool=("f", '{"a": [1, "b"]}')), message("Hi")]
STREAMS: Sequence[Sequence[Json]] = [
    parsed(chat_stream(pieces("Hi [EMAIL_ADDRESS_ {", 3))),
    parsed(tool_stream("f", pieces('{"a": [1, "b\\u00e9"]}', 3))),
    parsed(message_stream(pieces("Hi [EMAIL_ADDRESS_ {", 3))),
    parsed(message_stream(pieces('{"a": [1, "b"]}', 3), tool="f")),
]


# --- the edge ------------------------------------------------------------------------------------


bodies = st.one_of(
    st.binary(max_size=60), values.map(json.dumps).map(str.encode), nearly(REQUEST).map(json.dumps).map(str.encode)
)


@QUICK
@given(st.sampled_from(endpoints()), bodies)
def test_a_body_is_an_exchange_or_a_400(place: tuple[Dialect, Endpoint], body: bytes) -> None:
    """Bytes, JSON of any kind and nearly right requests: an exchange, or a `RequestError` of status 400."""
    begun = edge.begun("0198", plan(), Match(*place, {}), make_mocked_request("POST", "/"))
    try:
        exchange = asyncio.run(edge.filled(begun, body))
    except RequestError as error:
        assert error.status == 400
        return
    assert exchange.size == len(body)
    assert exchange.model == "" or exchange.model.isprintable() or not exchange.model.isascii()
    assert estimate(exchange) >= 0


@QUICK
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
    path=st.sampled_from([e.path for _, e in endpoints()]) | st.text(max_size=30).map(lambda text: f"/{text}"),
    query=st.text(max_size=20),
    name=st.sampled_from(["Upgrade", "x-api-key", "anthropic-version", "traceparent", "content-type"]),
    value=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40),
)
def test_a_head_finds_an_endpoint_or_a_4xx(method: str, path: str, query: str, name: str, value: str) -> None:
    """Whatever path, query and header come: an endpoint's table, or a `RequestError`; and credentials can be read."""
    try:
        request = make_mocked_request(method, f"{path}?{query}", headers={name: value})
    except ValueError:
        return  # no URL at all: the server's parser refuses it
    try:
        match = edge.find(REGISTRY, request)
        begun = edge.begun("0198", plan(), match, request)
    except RequestError as error:
        assert error.status in (400, 404, 405, 431)
    else:
        assert match.endpoint.method == method
        assert passed_path(begun) == request.rel_url.raw_path
        assert parse_qsl(passed_query(begun)) == list(request.rel_url.query.items())
        assert not {".", ".."} & set(request.rel_url.raw_path.split("/")), "a path that a backend reads otherwise"
    REGISTRY.nearest(request.rel_url.raw_path, request.headers)
    edge.credentials(request.headers)
    edge.passed_headers(("anthropic-version", "openai-beta"), request.headers)


@QUICK
@given(st.binary(max_size=80) | values.map(json.dumps).map(str.encode))
def test_strict_json_reads_back_what_it_writes(data: bytes) -> None:
    """What is taken is written again to a text that is taken as the same value; anything else is `JsonRefused`."""
    try:
        value = parse(data)
    except JsonRefused:
        return
    assert parse(dump(value)) == value


# --- the codecs ----------------------------------------------------------------------------------

streams = st.lists(
    st.sampled_from(
        [b"data: ", b"event: x", b"\n", b"\r", b"\r\n", b":", b"\xef\xbb\xbf", b"{}", b"[", b"]", b",", b"[DONE]"]
    )
    | st.sampled_from([b'{"a":', b'"\\', b'"', b"1", b"id: 7", b"\xff", b"\xe2\x82", b"retry: 1", b"data"])
    | st.binary(max_size=3),
    max_size=14,
).map(b"".join)


def decoded(framing: Framing | None, chunks: Sequence[bytes]) -> tuple[list[Frame], bool]:
    """Return the frames of some chunks, and whether something is wrong after them."""
    decoder = codecs.decoder(framing)
    reads = [*(decoder.feed(piece) for piece in chunks), decoder.end()]
    return [frame for read in reads for frame in read.frames], reads[-1].fault is not None


@QUICK
@given(st.sampled_from(FRAMINGS), streams, st.lists(st.integers(0, 40), max_size=4))
def test_any_bytes_are_frames_or_malformed(framing: Framing | None, data: bytes, cuts: list[int]) -> None:
    """However they are cut, up to the same fault; and what is read is written to bytes that read the same."""
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges)]
    frames, faulty = decoded(framing, [data])
    assert decoded(framing, chunks) == (frames, faulty)
    assert decoded(framing, [bytes([byte]) for byte in data]) == (frames, faulty)
    encoder = codecs.encoder(framing)
    if frames:
        again, broken = decoded(framing, [b"".join(encoder.encode(frame) for frame in frames) + encoder.end()])
        assert not broken
        assert [f.data for f in again if f.data is not None] == [f.data for f in frames if f.data is not None]


# --- the answer ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inside() -> Inside:
    """An inspect guard without rules: what is shaken is the tables, not the detectors."""
    return Inside.of(plan(), detectors={})


def carried(inside: Inside, place: tuple[Dialect, Endpoint], chunks: Sequence[bytes], framing: Framing | None) -> None:
    """Carry an answer; only a refusal may come of it."""
    exchange = inside.exchange(*place, {"model": "m"})
    try:
        asyncio.run(inside.carries(exchange, chunks, framing))
    except Refused:
        return


@settings(QUICK, max_examples=80)
@given(st.sampled_from(endpoints()), st.sampled_from(WHOLE).flatmap(nearly) | values)
def test_any_whole_answer(inside: Inside, place: tuple[Dialect, Endpoint], body: Json) -> None:
    """A value of any shape is carried or refused."""
    carried(inside, place, [dump(body)], None)


@settings(QUICK, max_examples=50)
@given(
    st.sampled_from([e for e in endpoints() if e[1].streaming is not None]),
    st.sampled_from(STREAMS).flatmap(lambda events: st.tuples(*map(nearly, events))),
    st.permutations(range(4)),
)
def test_any_stream(inside: Inside, place: tuple[Dialect, Endpoint], events: Sequence[Json], order: list[int]) -> None:
    """Events that are nearly right, some out of order, are carried or refused."""
    shuffled = [events[i] for i in order if i < len(events)] + list(events[4:])
    carried(inside, place, sse(*shuffled), Framing.SSE)


# --- the whole -----------------------------------------------------------------------------------

PATHS = ("/v1/chat/completions", "/v1/messages")
types = st.sampled_from(["application/json", "text/event-stream", "text/html", "application/json; charset=x", ""])
answers = st.one_of(
    st.binary(max_size=40),
    streams,
    st.sampled_from(WHOLE).flatmap(nearly).map(dump),
    st.sampled_from(STREAMS).map(lambda events: b"".join(sse(*events))),
    st.lists(nearly(chunk({"content": "Hi"})), max_size=3).map(lambda events: b"".join(sse(*events))),
)


def saying(body: bytes, kind: str, status: int) -> Callable[[web.BaseRequest], Any]:
    """Return a backend that says this."""

    async def reply(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers={"Content-Type": kind} if kind else {})

    return reply


async def proper(house: House, reply: Reply) -> None:
    """What every reply has: an id, no status of a bug, and a record that is closed (a stream's, soon after its end)."""
    exchange = reply.headers["x-sluice-exchange"]
    await until(lambda: house.facts(exchange)[-1]["kind"] == "closed")
    facts = house.facts(exchange)
    assert reply.status != 500 or facts[-1]["outcome"] == "upstream-refused", reply.raw
    assert facts[-1]["outcome"] != "internal-error"


def test_whatever_a_backend_answers() -> None:
    """Any body under any type and status: carried or refused with a reason; never a bug's 500, always closed."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> tuple[Backend, House]:
            backend = await stack.enter_async_context(Backend())
            return backend, await stack.enter_async_context(House.running(Path(folder), backend.url))

        backend, house = runner.run(start())
        served = iter(range(10**6))

        @settings(QUICK, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
        @given(
            st.sampled_from(PATHS),
            st.booleans(),
            answers,
            types,
            st.sampled_from([200, 200, 200, 204, 302, 400, 429, 529]),
        )
        def check(path: str, stream: bool, body: bytes, kind: str, status: int) -> None:
            backend.does(saying(b"" if status == 204 else body, kind, status))
            asked = {"model": "m", "max_tokens": 9, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
            token = house.token(tenant=f"t{next(served)}")
            reply = runner.run(house.post(path, asked, token=token))
            runner.run(proper(house, reply))

        try:
            check()
        finally:
            runner.run(stack.aclose())
