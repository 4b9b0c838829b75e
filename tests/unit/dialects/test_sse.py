"""Server-sent events: every line end, every cut, and a clear error for what is none."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.frame import Frame, FrameKind
from gateway.dialects.sse import SseDecoder, SseEncoder
from tests.support.reads import all_of, cut, frames_of

STREAM = (
    "\ufeff: hello\n"
    'event: message_start\ndata: {"a":\ndata: "ü€😀"}\n\n'
    'id: 7\nretry: 5\ndata:{"b": 1}\n\n'
    ": keep-alive john@doe.com\n\n"
    "data: [DONE]\n\n"
)
FRAMES = [
    Frame(FrameKind.ALIVE),
    Frame(FrameKind.DATA, {"a": "ü€😀"}, "message_start"),
    Frame(FrameKind.DATA, {"b": 1}),
    Frame(FrameKind.ALIVE),
    Frame(FrameKind.END),
]


def decoded(data: bytes, cuts: Sequence[int]) -> list[Frame]:
    """The frames of `data`, fed in pieces."""
    return frames_of(SseDecoder(), cut(data, cuts))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_whole_and_byte_by_byte(ends: str) -> None:
    """The frames are the same, inside characters and line ends too."""
    data = STREAM.replace("\n", ends).encode()
    assert decoded(data, []) == FRAMES
    assert decoded(data, range(len(data))) == FRAMES


@given(st.lists(st.integers(0, 200), max_size=10), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_cut(cuts: list[int], ends: str) -> None:
    """Any cut gives the same frames."""
    data = STREAM.replace("\n", ends).encode()
    assert decoded(data, cuts) == FRAMES


def test_comments_lose_their_text() -> None:
    """A sign of life carries nothing."""
    assert SseEncoder().encode(Frame(FrameKind.ALIVE)) == b": alive\n\n"


@pytest.mark.parametrize(
    "data",
    [
        b"data: {\n\n",
        b'data: {"a": 1, "a": 2}\n\n',
        b"data: \xff\n\n",
        b"event: a b\ndata: 1\n\n",
        b"event: card-4111111111111111\ndata: 1\n\n",
        b"data: 1\n",
        b"data: 1",
        b'data: {"x"',
    ],
)
def test_malformed(data: bytes) -> None:
    """What is no event, and what was cut off, is an error that repeats nothing."""
    frames, fault = all_of(SseDecoder(), [data])
    assert frames == []
    assert fault is not None


@pytest.mark.parametrize("size", [1, 7, 5000])
@pytest.mark.parametrize("data", [b"data: " + b"x" * 2000, b"data: xxxxxxxx\n" * 200, b"data:\n" * 1200, b":" * 2000])
def test_an_event_is_bounded(data: bytes, size: int) -> None:
    """An endless line, and an endless event of many lines, empty ones too, are refused before they fill the memory."""
    frames, fault = all_of(SseDecoder(1000), cut(data + b"\n\n", range(0, len(data), size)))
    assert frames == []
    assert "larger than 1000 bytes" in str(fault)


@given(st.binary(max_size=100), st.lists(st.integers(0, 100), max_size=5))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    """Any bytes are frames or malformed, with a reason."""
    _, fault = all_of(SseDecoder(), cut(data, cuts))
    assert fault is None or str(fault)


@given(st.sampled_from(FRAMES))
def test_encode_and_decode(frame: Frame) -> None:
    """What is written is read."""
    assert decoded(SseEncoder().encode(frame), []) == [frame]
