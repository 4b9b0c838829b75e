"""Whole bodies, lines and arrays, at any cut."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.dialect import Framing
from gateway.core.frame import Decoder, Frame, FrameKind
from gateway.dialects.codecs import announced, decoder, encoder
from gateway.dialects.jsonarray import ArrayDecoder
from gateway.dialects.jsonbody import JsonDecoder, LinesDecoder
from tests.support.reads import all_of, cut, frames_of

VALUES = [{"a": 'ü]\\"[{'}, {"b": [1, {"c": None}]}, {}]


def decoded(framing: Framing | None, data: bytes, cuts: list[int]) -> list[object]:
    """The values of `data`, fed in pieces."""
    return [frame.data for frame in frames_of(decoder(framing), cut(data, cuts)) if frame.kind is FrameKind.DATA]


@given(st.lists(st.integers(0, 80), max_size=8), st.sampled_from([Framing.LINES, Framing.ARRAY]))
def test_any_cut(cuts: list[int], framing: Framing) -> None:
    """Any cut gives the same values."""
    text = json.dumps(VALUES, ensure_ascii=False)
    if framing is Framing.LINES:
        text = "\n\n".join(json.dumps(value, ensure_ascii=False) for value in VALUES)
    assert decoded(framing, text.encode(), cuts) == VALUES


@pytest.mark.parametrize("framing", [None, Framing.LINES, Framing.ARRAY, Framing.SSE])
def test_encode_and_decode(framing: Framing | None) -> None:
    """What is written is read."""
    writer = encoder(framing)
    values = VALUES[:1] if framing is None else VALUES
    data = b"".join(writer.encode(Frame(FrameKind.DATA, value)) for value in values) + writer.end()  # type: ignore[arg-type]
    assert decoded(framing, data, []) == values


def test_an_empty_array() -> None:
    """No items are an array too."""
    assert encoder(Framing.ARRAY).end() == b"[]"
    assert decoded(Framing.ARRAY, b" [ ] ", []) == []


@pytest.mark.parametrize(
    "data",
    [
        *(b"[{]", b"{}", b"[1]", b"[{}", b"[{}] {}", b"", b'[{"a": 1, "a": 1}]', b"x"),
        *(b"[,{}]", b"[{},]", b"[{},,{}]", b"[{}{}]", b"[[{}]]", b'[{"a": "}'),
    ],
)
def test_what_is_no_array_of_objects(data: bytes) -> None:
    """Refused, also when it was cut off."""
    _, fault = all_of(ArrayDecoder(), [data])
    assert fault is not None


@pytest.mark.parametrize("make", [JsonDecoder, LinesDecoder, ArrayDecoder])
def test_values_are_bounded(make: Callable[[int], Decoder]) -> None:
    """A value that does not end is refused, and one that is too large however it comes."""
    assert make(100).feed(b'[{"a": "' + b"x" * 200).fault is not None
    large = b'[{"a": "' + b"x" * 200 + b'"}]\n'
    for size in (1, 7, 1000):
        frames, fault = all_of(make(100), [large[i : i + size] for i in range(0, len(large), size)])
        assert (frames, fault is not None) == ([], True)


def test_content_types() -> None:
    """A framing knows what it is announced as."""
    assert announced(Framing.SSE, "text/event-stream; charset=utf-8")
    assert announced(None, "application/json")
    assert announced(Framing.LINES, "application/x-ndjson")
    assert not announced(None, "text/html")
    assert not announced(Framing.SSE, "")
