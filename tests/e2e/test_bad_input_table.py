"""What bad input gets, line by line, in every dialect that streams, over real sockets.

Refused in the dialect's own form, or carried as it should be: never a raw copy, never a 500. One
gateway a dialect; every row of a table is a request or an answer of its own.
"""

import json
import re

import pytest

from gateway.core.dialect import Framing
from tests.support.asking import (
    ALL_TALKS,
    CONTENT_TYPES,
    body_of,
    declaring,
    framing_of,
    order_of,
    url_of,
    whole_url,
    wrapped,
)
from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder, Reply
from tests.support.talk import Talk
from tests.support.talks_declared import DECLARED

Wrong = tuple[str, object]
"""A row, and what came of it instead."""

OWN = "maria.lopez@acme.com"
MAIL = "eve.hacker@evil.com"
GONE = "[EMAIL_ADDRESS]"
RAW = b"eve.hacker"
GOOD = "The rest is of no interest to anybody here, " * 4

REQUESTS: dict[str, bytes] = {
    "cut off": b'{"model": "m", "messages": [{"role": "user", "content": "%s',
    "trailing": b'{"model": "m"} "%s"',
    "not an object": b'["%s"]',
    "half a character": b'{"model": "m", "x": "%s \xe2\x82"}',
    "latin-1": b'{"model": "m", "x": "%s \xe9"}',
    "half a pair": b'{"model": "m", "x": "\\ud83d %s"}',
    "a control character": b'{"model": "m", "x": "%s \x00"}',
    "the same key twice": b'{"model": "m", "x": "a", "x": "%s"}',
    "the same key twice, escaped": b'{"model": "m", "x": "a", "\\u0078": "%s"}',
    "model in capitals": b'{"model": "m", "Model": "%s"}',
    "not a number": b'{"model": "m", "x": NaN, "y": "%s"}',
    "deep": b'{"model": "m", "x": ' + b'{"a":' * 70 + b'"%s"' + b"}" * 71,
    "very deep": b'{"model": "m", "y": "%s", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a byte order mark": b'\xef\xbb\xbf{"model": "m", "x": "%s"}',
    "sixteen bits": '{"model": "m", "x": "eve.hacker@evil.com"}'.encode("utf-16"),
}
"""Requests that are refused, whichever dialect; the mark is where the address stands."""

VALUES: dict[str, bytes] = {
    "not JSON": b'{"x": "%s"',
    "the same key twice": b'{"x": "a", "x": "%s"}',
    "latin-1": b'{"x": "%s \xe9"}',
    "half a pair": b'{"x": "\\udc00 %s"}',
    "not a number": b'{"y": "%s", "x": -Infinity}',
    "deep": b'{"x":' * 80 + b'"%s"' + b"}" * 80,
    "very deep": b'{"x":' * 50_000 + b'"%s"' + b"}" * 50_000,
    "huge number": b'{"y": "%s", "x": 1e999}',
    "trailing": b'{"x": "%s"} {}',
}
"""Events that are refused."""

ODD: dict[str, bytes] = {
    "null": b"null",
    "a string": b'"%s"',
    "a list": b'["%s"]',
    "no members": b"{}",
    "members of the wrong kind": json.dumps(
        dict.fromkeys(
            ("choices", "candidates", "message", "delta", "response", "type", "index", "output", "pieces"), MAIL
        )
    ).encode(),
    "members of members of the wrong kind": json.dumps(
        {name: [MAIL, {"delta": MAIL, "content": [MAIL], "index": MAIL}] for name in ("choices", "candidates", "rows")}
    ).encode(),
    "in capitals": b'{"Choices": [{"Delta": {"Content": "%s"}}], "Message": {"Content": "%s"}, "Response": "%s"}',
    "a key": b'{"%s": 1, "choices": [{"delta": {"%s": {"%s": "x"}}}]}',
    "an index that is none": b'{"choices": [{"index": -9223372036854775809, "delta": {"content": "%s"}}], "index": {}}',
}
"""Events that no sane backend sends, and that are JSON: inspected like any other, or refused."""

LARGE = ("/v1/chat/completions", "/api/chat", "/v1beta/models/{model}:streamGenerateContent")
"""One of each framing; the others belong to `-m slow`."""


def marked(row: bytes) -> bytes:
    """Put the address in the place of every mark."""
    return row.replace(b"%s", MAIL.encode())


async def begun(build: HouseBuilder) -> House:
    """A gateway that serves every dialect, the declared ones too."""
    detectors = re.compile(r"detectors: \[.*\]")  # what is shaken is the format, not the tagger
    return await build(settings=declaring, policy=lambda text: detectors.sub("detectors: [pii]", text))


def fault(reply: Reply) -> str | None:
    """Say what is wrong with any reply at all."""
    if reply.status in (500, 503):
        return f"status {reply.status}: {reply.raw[:200]!r}"
    if RAW in reply.raw:
        return f"a raw copy: {reply.raw[:300]!r}"
    return None


@pytest.mark.parametrize("name", ALL_TALKS)
async def test_the_tables(build: HouseBuilder, backend: Backend, name: str) -> None:
    """Every row of every table; what went wrong is listed."""
    house, talk = await begun(build), ALL_TALKS[name]
    assert await requests(house, backend, talk) == []
    assert await events(house, backend, talk) == []
    assert await odd_events(house, backend, talk) == []
    assert await whole_answers(house, backend, talk) == []


async def requests(house: House, backend: Backend, talk: Talk) -> list[Wrong]:
    """Requests are refused with a 4xx that says why in the dialect's form; nothing goes to the backend."""
    found: list[Wrong] = []
    rows = {row: body for row, body in REQUESTS.items() if row != "model in capitals" or talk not in DECLARED}
    for row, body in rows.items():
        reply = await house.post(url_of(talk), marked(body))
        wrong = fault(reply)
        if wrong or reply.status not in (400, 413) or "error" not in reply.body or backend.asked:
            found.append((row, wrong or reply.raw[:200]))
    return found


async def events(house: House, backend: Backend, talk: Talk) -> list[Wrong]:
    """First: a 502. After a good event: what was good, then the dialect's own error, and no regular end."""
    framing = framing_of(talk)
    good = wrapped(talk, value(talk), first=True)
    found: list[Wrong] = []
    rows = {row: [wrapped(talk, marked(bad), first=False)] for row, bad in VALUES.items()}
    if framing is Framing.ARRAY:
        del rows["trailing"]  # there it is a good item and a broken one
    rows["cut off"] = [b'data: {"x": "' + MAIL.encode() if framing is Framing.SSE else b', {"x": "' + MAIL.encode()]
    rows["half a character"] = [wrapped(talk, b'{"x": "\xe2\x82', first=False)]
    for row, bad in rows.items():
        first = [wrapped(talk, marked(VALUES[row]), first=True)] if row in VALUES else bad
        backend.streams(first, CONTENT_TYPES[framing])
        reply = await house.post(url_of(talk), body_of(talk))
        wrong = fault(reply)
        if wrong or reply.status != 502 or "error" not in reply.body:
            found.append((row, wrong or (reply.status, reply.raw[:200])))
        backend.streams([good + b"".join(bad)], CONTENT_TYPES[framing])
        reply = await house.post(url_of(talk), body_of(talk))
        wrong = fault(reply)
        if wrong or reply.status != 200 or b"no interest" not in reply.raw or b"error" not in reply.raw[-600:]:
            found.append((f"{row}, later", wrong or (reply.status, reply.raw[-300:])))
    return found


def value(talk: Talk) -> bytes:
    """Return one event of the talk that says something good."""
    events = talk.events(order_of(talk, GOOD))
    at = next(n for n, (_, event) in enumerate(events) if GOOD in json.dumps(event))
    return json.dumps(events[at][1]).encode()


async def odd_events(house: House, backend: Backend, talk: Talk) -> list[Wrong]:
    """JSON of another shape than any vendor's is inspected whole, or refused; and so are answers that are whole."""
    framing = framing_of(talk)
    found: list[Wrong] = []
    for row, odd in ODD.items():
        end = b"]" if framing is Framing.ARRAY else b""
        backend.streams([wrapped(talk, marked(odd), first=True) + end], CONTENT_TYPES[framing])
        for reply in (
            await house.post(url_of(talk), body_of(talk)),
            await whole(house, backend, talk, marked(odd)),
        ):
            wrong = fault(reply)
            if wrong or reply.status not in (200, 400, 502):
                found.append((row, wrong or (reply.status, reply.raw[:200])))
    return found


async def whole(house: House, backend: Backend, talk: Talk, answer: bytes) -> Reply:
    """Ask for no stream, where that is possible, and get these bytes as the answer."""
    backend.streams([answer], "application/json")
    return await house.post(whole_url(talk), body_of(talk, stream=False))


async def whole_answers(house: House, backend: Backend, talk: Talk) -> list[Wrong]:
    """A whole answer that is not one strict JSON text is a 502."""
    found: list[Wrong] = []
    empty = {} if talk in DECLARED else {"empty": b""}  # those always stream, and no line is a stream too
    for row, bad in {**VALUES, **empty, "half a character": b'{"x": "\xe2\x82'}.items():
        reply = await whole(house, backend, talk, marked(bad))
        wrong = fault(reply)
        if wrong or reply.status != 502:
            found.append((row, wrong or (reply.status, reply.raw[:200])))
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in LARGE else pytest.mark.slow) for name in ALL_TALKS]
)
async def test_five_megabytes(build: HouseBuilder, backend: Backend, name: str) -> None:
    """One text, with an address at its end: in a request, in one event, in a whole answer. Inspected to its end."""
    house, talk = await begun(build), ALL_TALKS[name]
    text = "word " * 1_000_000 + MAIL + " ."
    said = {**dict(order_of(talk, "ok", 10**9)), "text": text}
    backend.streams([talk.bytes(list(said.items()), framing_of(talk))], CONTENT_TYPES[framing_of(talk)])
    reply = await house.post(url_of(talk), body_of(talk, text.replace(MAIL, OWN)))
    assert (reply.status, fault(reply)) == (200, None)
    assert len(backend.asked[-1].raw) > 5_000_000
    assert OWN not in backend.text
    assert GONE.encode() in reply.raw
    assert len(reply.raw) > 5_000_000
    if talk.path == "/house/json-array":
        return  # it always streams, and one object is no array
    reply = await whole(house, backend, talk, json.dumps(talk.whole(said)).encode())
    assert fault(reply) is None
    assert talk.heard_whole(reply.body)["text"] == text.replace(MAIL, GONE)
