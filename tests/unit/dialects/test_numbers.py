"""Numbers of JSON: somebody's by their length or by the key above them, whichever way they come."""

import json
from typing import Any

import pytest

from gateway.core.dialect import Framing
from gateway.core.numbers import plain
from gateway.dialects import codecs
from gateway.dialects.registry import Registry
from tests.support.inside import Inside, data
from tests.support.speech import chunk, completion

CHAT, GEMINI = "/v1/chat/completions", "/v1beta/models/g:generateContent"
NAMED = [("ssn", 219099999), ("social_security_number", 219099999), ("socialSecurityNumber", 219099999),
         ("account", 12345678), ("phone", 4155550132), ("password", 492133), ("passcode", 492133.0),
         ("card", 4111111111111111), ("passport", 123456789)]  # fmt: skip
NOBODYS = [("count", 219099999), ("created", 1732500000), ("password", 49213), ("total", 492133), ("ms", 1732500000123)]


@pytest.fixture(scope="module")
def inside() -> Inside:
    """The default policy."""
    return Inside.of()


async def asked(inside: Inside, path: str, body: dict[str, Any]) -> Any:
    match = Registry().find("POST", path, {})
    assert match is not None
    return (await inside.asks(inside.exchange(match.dialect, match.endpoint, body))).payload


async def answered(inside: Inside, path: str, values: list[Any], framing: Framing | None) -> str:
    match = Registry().find("POST", path, {})
    assert match is not None
    encoder = codecs.encoder(framing)
    sent = b"".join(encoder.encode(data(value)) for value in values) + encoder.end()
    steps = await inside.carries(inside.exchange(match.dialect, match.endpoint, {}), [sent], framing)
    return json.dumps([frame.data for step in steps for frame in step])


async def through(inside: Inside, key: str, number: float) -> dict[str, str]:
    """Return what goes out of every way in which a member of somebody's JSON travels."""
    args = {"a": {key: number}}
    text = json.dumps(args)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": text}}
    parts: Any = [{"functionResponse": {"name": "f", "response": args}}, {"functionCall": {"name": "f", "args": args}}]
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "arguments": (CHAT, {"messages": [{"tool_calls": [call]}]}),
        "tool": (CHAT, {"messages": [{"role": "tool", "content": text}]}),
        "metadata": (CHAT, {"messages": [], "metadata": {key: number}}),
        "unnamed": (CHAT, {"messages": [], key: number}),
        "input": ("/v1/messages", {"messages": [{"content": [{"type": "tool_use", "input": args}]}]}),
        "args": (GEMINI, {"contents": [{"parts": parts}]}),
    }
    out = {way: json.dumps(await asked(inside, *request)) for way, request in requests.items()}
    pieces = (text[:12], text[12:15], text[15:])
    deltas = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in pieces]
    out["answer"] = await answered(inside, CHAT, [completion(tool=("f", text))], None)
    out["args of an answer"] = await answered(inside, GEMINI, [{"candidates": [{"content": {"parts": parts}}]}], None)
    out["stream"] = "".join(
        event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
        for event in json.loads(await answered(inside, CHAT, [*deltas, chunk({}, "stop")], Framing.SSE))
        if event is not None and event["choices"][0]["delta"]
    )
    return out


@pytest.mark.parametrize(("key", "number"), NAMED)
async def test_a_key_says_what_a_number_is(inside: Inside, key: str, number: float) -> None:
    """As a word before it would in a text; a number is context's as much as a string is."""
    ways = await through(inside, key, number)
    digits = str(int(number))
    assert {way for way, out in ways.items() if digits in out} == set()


@pytest.mark.parametrize(("key", "number"), NOBODYS)
async def test_a_number_that_is_nobodys_stays(inside: Inside, key: str, number: float) -> None:
    """Counts, times, and numbers about which nothing is said, are numbers still."""
    ways = await through(inside, key, number)
    assert {way for way, out in ways.items() if str(number) not in out or f'"{number}"' in out} == set()


async def test_decimals_are_read_as_they_would_be_in_a_text(inside: Inside) -> None:
    """A card's digits behind a point are a card's where a word says so, else a measure; a vector is none."""
    card, measure = 0.4111111111111111, 0.4539578763621486
    vector = [measure] * 16
    body = {"messages": [], "metadata": {"card": card, "score": measure, "vector": vector}}
    sent = await asked(inside, "/v1/chat/completions", body)
    assert "4111111111111111" not in str(sent)
    assert (sent["metadata"]["score"], sent["metadata"]["vector"]) == (measure, vector)


@pytest.mark.parametrize("number", ["4.111111111111111e15", "4111111111111111E0", "-4.111111111111111e+15"])
@pytest.mark.parametrize("cut", [9, 14, 20])
async def test_an_exponent_hides_nothing(inside: Inside, number: str, cut: int) -> None:
    """A number is read as a person would write it, and goes out as it was written where it is nobody's."""
    nobodys = number.replace("1", "2", 1)
    for key, written, left in (("card", number, "CREDIT_CARD"), ("size", nobodys, nobodys)):
        text = f'{{"{key}": {written}, "n": 1.5e3}}'
        body = {"messages": [{"role": "tool", "content": text}], "metadata": json.loads(text)}
        sent = await asked(inside, CHAT, body)
        assert left in sent["messages"][0]["content"]
        assert ("CREDIT_CARD" in str(sent["metadata"])) == (key == "card")
        deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in (text[:cut], text[cut:])]
        out = await answered(inside, CHAT, [*map(chunk, deltas), chunk({}, "stop")], Framing.SSE)
        assert (left in out, "1.5e3" in out) == (True, True)


@pytest.mark.parametrize(("written", "read"), [("1e999", "1e999"), ("12345678e300", "12345678e300"), ("1.0", "1"),
                                               ("1-2e", "1-2e"), ("2.5e-3", "0.0025"), ("-1e3", "-1000")])  # fmt: skip
def test_numbers_are_spelled_out_within_bounds(written: str, read: str) -> None:
    """No text grows by much."""
    assert plain(written) == read


@pytest.mark.parametrize("number", [4111111111111111, 6011000990139424])
async def test_no_count_of_an_answer_is_as_long_as_a_card(inside: Inside, number: int) -> None:
    """Where counts, times and sizes stand, a number longer than any of these is looked at."""
    said = {**completion("Hi"), "usage": {"prompt_tokens": number, "of": {"card": number}}}
    assert str(number) not in await answered(inside, CHAT, [said], None)
    line = {"message": {"role": "assistant", "content": "Hi"}, "done": True, "eval_duration": number}
    assert str(number) not in await answered(inside, "/api/chat", [line], Framing.LINES)


async def test_counts_of_an_answer_stay_numbers(inside: Inside) -> None:
    """The longest that there are: nanoseconds of an hour and more, bytes of a model, times in milliseconds."""
    line = {"done": True, "total_duration": 5191410416123, "created": 1732500000123, "size": 475123456789}
    assert json.loads(await answered(inside, "/api/chat", [line], Framing.LINES)) == [line]
