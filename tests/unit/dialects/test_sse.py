"""Server-sent events: every line end, every cut, and a clear error for what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.dialects.sse import SseDecoder, SseEncoder

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


def decoded(data: bytes, cuts: list[int], **options: int) -> list[Frame]:
    """The frames of `data`, fed in pieces."""
    decoder, at = SseDecoder(**options), 0
    frames: list[Frame] = []
    for cut in [*sorted(cuts), len(data)]:
        frames += decoder.feed(data[at:cut])
        at = max(at, cut)
    return [*frames, *decoder.end()]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_whole_and_byte_by_byte(ends: str) -> None:
    """The frames are the same, inside characters and line ends too."""
    data = STREAM.replace("\n", ends).encode()
    assert decoded(data, []) == FRAMES
    assert decoded(data, list(range(len(data)))) == FRAMES


@given(st.lists(st.integers(0, 200), max_size=10), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_cut(cuts: list[int], ends: str) -> None:
    """Any cut gives the same frames."""
    data = STREAM.replace("\n", ends).encode()
    assert decoded(data, [min(cut, len(data)) for cut in cuts]) == FRAMES


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
        b"data: 1\n",
        b"data: 1",
        b'data: {"x"',
    ],
)
def test_malformed(data: bytes) -> None:
    """What is no event, and what was cut off, is an error that repeats nothing."""
    with pytest.raises(Malformed):
        decoded(data, [])


def test_an_event_is_bounded() -> None:
    """An endless line, and an endless event of many lines, are refused before they fill the memory."""
    with pytest.raises(Malformed):
        decoded(b"data: " + b"x" * 2000, [], max_event=1000)
    with pytest.raises(Malformed):
        decoded(b"data: xxxxxxxx\n" * 200, [], max_event=1000)


@given(st.binary(max_size=100), st.lists(st.integers(0, 100), max_size=5))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    """Any bytes are frames or malformed."""
    try:
        decoded(data, [min(cut, len(data)) for cut in cuts])
    except Malformed as error:
        assert str(error)


@given(st.sampled_from(FRAMES))
def test_encode_and_decode(frame: Frame) -> None:
    """What is written is read."""
    assert decoded(SseEncoder().encode(frame), []) == [frame]
