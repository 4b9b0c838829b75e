"""Decoders under any chunking: the same frames and the same fault as in one piece, for work linear in the bytes.

Work is counted, not timed: the bytes that a decoder copies into and out of the places where it keeps
what is not complete. It keeps bytes nowhere else, and looks at no byte that an earlier chunk brought.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.frame import Decoder, FrameKind
from gateway.dialects.jsonarray import ArrayDecoder
from gateway.dialects.jsonbody import JsonDecoder, LinesDecoder
from gateway.dialects.reader import Lines, Waiting
from gateway.dialects.sse import SseDecoder
from tests.support.reads import all_of, cut

DECODERS: dict[str, Callable[..., Decoder]] = {
    "sse": SseDecoder,
    "lines": LinesDecoder,
    "array": ArrayDecoder,
    "json": JsonDecoder,
}
SIZES = (1, 2, 61, 4096)
KINDS = {"sse": b"data: %b\n\n", "lines": b"%b\n", "array": b"%b", "json": b"%b"}


def written(kind: str, values: list[Any], tail: bytes = b"") -> bytes:
    """Return values in a format, and bytes after them."""
    texts = [KINDS[kind] % json.dumps(value, ensure_ascii=False).encode() for value in values]
    return (b"[" + b", ".join(texts) + b"]" if kind == "array" else b"".join(texts)) + tail


def sized(data: bytes, size: int) -> list[bytes]:
    """Return `data` in pieces of a size."""
    return cut(data, range(size, len(data), size))


members = st.text(max_size=12) | st.sampled_from(['"', "\\", "{[", "]}", "\n", "\r\n", "\u2028", "é😀"])
values = st.lists(
    st.dictionaries(members, members | st.none() | st.lists(members, max_size=3), max_size=3), min_size=1, max_size=4
)
tails = st.sampled_from([b"", b"\n", b"\r", b"{", b"]", b'{"a": ', b"data: {\n\n", b"\xff", b": alive\n\n", b"}\n"])


@pytest.mark.parametrize("kind", DECODERS)
@given(values, tails, st.lists(st.integers(0, 200), max_size=9))
def test_any_chunking_is_one_piece(kind: str, said: list[Any], tail: bytes, cuts: list[int]) -> None:
    """Frames and faults, of good streams and of those that go wrong after a while."""
    data = written(kind, said[:1] if kind == "json" else said, tail)
    make = DECODERS[kind]
    frames, fault = all_of(make(), [data])
    for pieces in (cut(data, cuts), sized(data, 1)):
        again, why = all_of(make(), pieces)
        assert again == frames
        assert str(why) == str(fault)
    if kind != "json":
        assert [frame.data for frame in frames if frame.kind is FrameKind.DATA] == said, "a fault loses no frame"


@pytest.mark.parametrize("kind", ["sse", "lines", "array"])
@pytest.mark.parametrize("size", [1, 5, 10**6])
def test_what_is_good_comes_before_what_is_not(kind: str, size: int) -> None:
    """Two values and a broken one in one read, or byte by byte: the two are read, then the fault, then nothing."""
    data = written(kind, [{"n": 1}, {"n": 2}], b"")
    broken = data.removesuffix(b"]") + {"sse": b"data: {\n\n", "lines": b"{\n", "array": b', {"a"}'}[kind]
    decoder = DECODERS[kind]()
    frames, fault = all_of(decoder, sized(broken + data, size))
    assert [frame.data for frame in frames] == [{"n": 1}, {"n": 2}]
    assert fault is not None
    assert decoder.feed(data).frames == []


class Copies:
    """Counts the bytes that are copied into and out of what waits."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.bytes = 0
        add, take = Waiting.add, Waiting.take

        def counted_add(waiting: Waiting, piece: bytes) -> None:
            self.bytes += len(piece)
            add(waiting, piece)

        def counted_take(waiting: Waiting, last: bytes = b"") -> bytes:
            whole = take(waiting, last)
            self.bytes += len(whole)
            return whole

        patch.setattr(Waiting, "add", counted_add)
        patch.setattr(Waiting, "take", counted_take)


def kept(decoder: object) -> Iterator[object]:
    """Yield what a decoder keeps between two chunks."""
    for member in vars(decoder).values():
        yield from kept(member) if isinstance(member, Lines) else (member,)


LARGE = {"text": 'é"\\\n{[' * 4_000, "more": ["x"] * 1_000}


@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize("size", SIZES)
def test_work_is_linear(kind: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large event in small chunks: each byte is copied a few times, never the whole of what waits for each chunk."""
    copies = Copies(monkeypatch)
    data = written(kind, [LARGE])
    decoder, seen = DECODERS[kind](), 0
    for piece in sized(data, size):
        decoder.feed(piece)
        seen += len(piece)
        assert not any(isinstance(member, bytes | bytearray | list) for member in kept(decoder)), "kept elsewhere"
        assert copies.bytes <= 4 * seen
    decoder.end()
    assert copies.bytes <= 4 * len(data)


def test_many_small_events_are_linear_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large read of many events is cut once."""
    copies = Copies(monkeypatch)
    data = written("sse", list(range(9999)))
    frames, fault = all_of(SseDecoder(), sized(data, 65_536))
    assert (len(frames), fault) == (9999, None)
    assert copies.bytes <= 4 * len(data)
