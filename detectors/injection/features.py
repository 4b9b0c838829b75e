"""Words and short word sequences of a text as hashed features, each with its place.

Everything is array arithmetic on code points: a kilobyte costs some tens of
microseconds. Every feature depends on a bounded neighbourhood, whatever the
text, so that a text arriving in pieces has the features of the whole.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

BITS: Final = 18
WORD: Final = 24
"""Of a longer word only the last 24 characters count."""
GAP: Final = 12
"""Words further apart than this form no sequence."""
KINDS: Final = 6
"""Features per word: the word, its beginning, two sequences of two, one of three, one of two with a hole."""

_BASE: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_OTHER, _LETTER, _ALONE, _SIGN = range(4)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: where each stands, and `KINDS` feature numbers for each (-1 for none)."""

    start: Ints
    end: Ints
    features: Ints


def words(text: str) -> Words:
    """Return the words of `text` with their features; arrays of shape (words,) and (words, KINDS)."""
    codes = np.frombuffer(lower(text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kind = _classes()[np.minimum(codes, 0xFFFF)]
    before = np.concatenate(([_OTHER], kind[:-1])) if len(kind) else kind
    opens = (kind != _OTHER) & ((kind != before) | (kind == _ALONE))
    closes = np.ones(len(kind), dtype=bool)
    closes[:-1] = (kind[1:] != kind[:-1]) | (kind[1:] == _ALONE)
    start = np.flatnonzero(opens)
    end = np.flatnonzero(closes & (kind != _OTHER)) + 1
    return Words(start, end, _features(codes, start, end))


def _features(codes: NDArray[np.uint32], start: Ints, end: Ints) -> Ints:
    count = len(start)
    table = np.full((count, KINDS), -1, dtype=np.int64)
    if not count:
        return table
    powers, inverse = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers, out=sums[1:])
    low = np.maximum(start, end - WORD)
    word = _mix((sums[end] - sums[low]) * inverse[low])
    table[:, 0] = _number(word, 1)
    long = end - low > 5
    head = _mix((sums[np.minimum(low + 4, end)] - sums[low]) * inverse[low])
    table[long, 1] = _number(head[long], 2)
    near = np.zeros(count, dtype=bool)
    near[1:] = start[1:] - end[:-1] <= GAP
    last, other = np.roll(word, 1), np.roll(word, 2)
    near2 = near & np.roll(near, 1)
    near2[:2] = False
    table[near, 2] = _number(_mix(last * np.uint64(3) + word)[near], 3)
    table[near2, 3] = _number(_mix(other * np.uint64(5) + word)[near2], 4)
    table[near2, 4] = _number(_mix(other * np.uint64(7) + last * np.uint64(3) + word)[near2], 5)
    table[near, 5] = _number(_mix(np.roll(head, 1) * np.uint64(3) + head)[near], 6)
    return table


def _mix(value: Hashes) -> Hashes:
    value = value ^ (value >> np.uint64(31))
    value = value * np.uint64(0xBF58476D1CE4E5B9)
    return value ^ (value >> np.uint64(29))


def _number(value: Hashes, salt: int) -> Ints:
    salted = _mix(value + np.uint64(salt * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF))
    return (salted >> np.uint64(64 - BITS)).astype(np.int64)


def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the first powers of the base and of its inverse modulo 2 to the 64, at least `length` + 1."""
    size = 1 << max(12, (length + 1).bit_length())
    return _power_table(_BASE, size)[:length], _power_table(_INVERSE, size)[: length + 1]


@cache
def _power_table(base: int, size: int) -> Hashes:
    factors = np.full(size, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


@cache
def _classes() -> NDArray[np.uint8]:
    """Return the class of every character of the Basic Multilingual Plane; what lies beyond counts as the last."""
    table = np.zeros(0x10000, dtype=np.uint8)
    letters = [code for code in range(0x10000) if chr(code).isalnum()]
    table[letters] = _LETTER
    for low, high in ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF)):
        table[low : high + 1] = np.where(table[low : high + 1] == _LETTER, _ALONE, table[low : high + 1])
    table[[ord(c) for c in "<>[]{}|#*=~`"]] = _SIGN
    table[ord("'")] = table[0x2019] = _LETTER
    table[0x0900:0x0DFF] = _LETTER  # vowel signs of Indian scripts are parts of words
    return table


def lower(text: str) -> str:
    """Return `text` in lower case with every character in its place."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
