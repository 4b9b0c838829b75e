"""Decoders fed in pieces."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from gateway.core.frame import Decoder, Frame, Malformed


def cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Return `data` in pieces that end at `cuts`, as far as it reaches."""
    edges = [0, *sorted(min(at, len(data)) for at in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def all_of(decoder: Decoder, pieces: Sequence[bytes]) -> tuple[list[Frame], Malformed | None]:
    """Return every frame of the pieces, and what is wrong after them."""
    reads = [*(decoder.feed(piece) for piece in pieces), decoder.end()]
    return [frame for read in reads for frame in read.frames], reads[-1].fault


def frames_of(decoder: Decoder, pieces: Sequence[bytes]) -> list[Frame]:
    """Return every frame of pieces with which nothing is wrong."""
    frames, fault = all_of(decoder, pieces)
    assert fault is None, fault
    return frames
