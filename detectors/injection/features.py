"""Words and short word sequences of a text as hashed features, each with its place.

Everything is array arithmetic on code points: a kilobyte costs some tens of
microseconds. Every feature depends on a bounded neighbourhood, whatever the
text, so that a text arriving in pieces has the features of the whole.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
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
KINDS: Final = 14
"""Features per word: the word, its beginning, two sequences of two, one of three, one of two with a hole; the word
and the sequence of two once more where a sentence, a line or a quotation begins with them; the same with classes of
words (``lexicon.txt``) in the place of words."""
STEMS: Final = range(4, 8)
"""Lengths of the beginnings of words that have a class."""

_BASE: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_OTHER, _LETTER, _ALONE, _SIGN, _MARK = range(5)


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
    kind[kind == _MARK] = _OTHER
    before = np.concatenate(([_OTHER], kind[:-1])) if len(kind) else kind
    opens = (kind != _OTHER) & ((kind != before) | (kind == _ALONE))
    closes = np.ones(len(kind), dtype=bool)
    closes[:-1] = (kind[1:] != kind[:-1]) | (kind[1:] == _ALONE)
    start = np.flatnonzero(opens)
    end = np.flatnonzero(closes & (kind != _OTHER)) + 1
    return Words(start, end, _features(codes, start, end))


def _features(codes: NDArray[np.uint32], start: Ints, end: Ints) -> Ints:
    count = len(start)
    if not count:
        return np.full((0, KINDS), -1, dtype=np.int64)
    powers, inverse = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers, out=sums[1:])
    low = np.maximum(start, end - WORD)
    # The whole word, and its beginnings, a row each.
    lengths = np.array([[WORD], *([length] for length in STEMS)])
    pieces = _mix((sums[np.minimum(low + lengths, end)] - sums[low]) * inverse[low])
    word, head = pieces[0], pieces[1]
    near = np.zeros(count, dtype=bool)
    near[1:] = start[1:] - end[:-1] <= GAP
    near2 = near & np.roll(near, 1)
    near2[:2] = False
    opens = _opens(codes, start, end)
    last, other = np.roll(word, 1), np.roll(word, 2)
    pair = last * np.uint64(3) + word
    hole, triple = other * np.uint64(5) + word, other * np.uint64(7) + pair
    heads = np.roll(head, 1) * np.uint64(3) + head
    of = _class_of(pieces, end - low >= lengths[1:])
    classed, known = _classed(of, word, opens, near, near2)
    every = np.ones(count, dtype=bool)
    present = (every, end - low > 5, near, near2, near2, near, opens, near & np.roll(opens, 1), *known)
    values = np.stack((word, head, pair, hole, triple, heads, word, pair, *classed), axis=1)
    sequences = [column for column in range(KINDS) if column not in (0, 1, 6)]
    values[:, sequences] = _mix(values[:, sequences])
    numbers = _mix(values + _SALTS) >> np.uint64(64 - BITS)
    return np.where(np.stack(present, axis=1), numbers.astype(np.int64), -1)


def _class_of(pieces: Hashes, fits: NDArray[np.bool_]) -> Ints:
    """Return the class of each word, 0 for none: that of the whole word, or of its longest beginning."""
    whole, begun = _lexicon()
    rows = np.concatenate((np.where(fits, begun[pieces[1:] >> _SHIFT], 0), whole[pieces[:1] >> _SHIFT]))
    last = len(rows) - 1 - np.argmax(rows[::-1] > 0, axis=0)
    found: Ints = np.take_along_axis(rows, last[None], axis=0)[0].astype(np.int64)
    return found


def _classed(
    of: Ints, word: Hashes, opens: NDArray[np.bool_], near: NDArray[np.bool_], near2: NDArray[np.bool_]
) -> tuple[tuple[Hashes, ...], tuple[NDArray[np.bool_], ...]]:
    """Return the values in which classes stand for words, and which words have them."""
    known, name = of > 0, of.astype(np.uint64)
    one, two = np.roll(known, 1), np.roll(known, 2)
    last, other = np.roll(name, 1), np.roll(name, 2)
    thousand = np.uint64(1000)
    pair, hole = last * thousand + name, other * thousand + name
    triple = (other * thousand + last) * thousand + name
    values = (name, pair, triple, hole, _mix(word + last), _mix(np.roll(word, 1) + name))
    both = near & known
    return values, (opens & known, both & one, near2 & one & two & known, near2 & two & known, near & one, both)


def _opens(codes: NDArray[np.uint32], start: Ints, end: Ints) -> NDArray[np.bool_]:
    """Return which words begin a sentence, a line or a quotation: after a mark, a sign, or nothing near."""
    classes = _classes()[np.minimum(codes, 0xFFFF)]
    marks = np.concatenate(([0], np.cumsum(classes == _MARK)))
    result = np.ones(len(start), dtype=bool)
    low = np.maximum(end[:-1], start[1:] - GAP)
    sign = classes[end[:-1] - 1] == _SIGN
    result[1:] = (marks[start[1:]] > marks[low]) | sign | (start[1:] - end[:-1] > GAP)
    return result


def _mix(value: Hashes) -> Hashes:
    value = value ^ (value >> np.uint64(31))
    value = value * np.uint64(0xBF58476D1CE4E5B9)
    return value ^ (value >> np.uint64(29))


_SALTS: Final = np.array([kind * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF for kind in range(1, KINDS + 1)], np.uint64)


def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the first powers of the base and of its inverse modulo 2 to the 64, at least `length` + 1."""
    size = 1 << max(12, (length + 1).bit_length())
    return _power_table(_BASE, size)[:length], _power_table(_INVERSE, size)[: length + 1]


@cache
def _power_table(base: int, size: int) -> Hashes:
    factors = np.full(size, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


_SHIFT: Final = np.uint64(64 - 20)


@cache
def _lexicon() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the classes of whole words and of beginnings by the first 20 bits of their hash."""
    tables = np.zeros((2, 1 << 20), dtype=np.uint8)
    lines = Path(__file__).with_name("lexicon.txt").read_text("utf-8").split("\n")
    for number, line in enumerate((line for line in lines if line and not line.startswith("#")), 1):
        for entry in line.partition(": ")[2].split():
            text = entry.removesuffix("*")[: STEMS.stop - 1] if entry.endswith("*") else entry
            tables[int(entry.endswith("*")), _hash(text) >> _SHIFT] = number
    return tables[0], tables[1]


def _hash(word: str) -> np.uint64:
    """Return the hash of one word, as `_features` computes it."""
    codes = np.frombuffer(lower(word).encode("utf-32-le"), dtype=np.uint32)[-WORD:].astype(np.uint64)
    powers, _ = _powers(len(codes))
    with np.errstate(over="ignore"):
        return np.uint64(_mix(np.array([((codes + np.uint64(1)) * powers).sum()], dtype=np.uint64))[0])


@cache
def _classes() -> NDArray[np.uint8]:
    """Return the class of every character of the Basic Multilingual Plane; what lies beyond counts as the last."""
    table = np.zeros(0x10000, dtype=np.uint8)
    letters = [code for code in range(0x10000) if chr(code).isalnum()]
    table[letters] = _LETTER
    for low, high in ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF)):
        table[low : high + 1] = np.where(table[low : high + 1] == _LETTER, _ALONE, table[low : high + 1])
    table[[ord(c) for c in "<>[]{}|#*=~`?"]] = _SIGN
    table[[ord(c) for c in '.!:;\n\r"“”„»«。！？：「¿¡•—']] = _MARK
    table[ord("'")] = table[0x2019] = _LETTER
    table[0x0900:0x0DFF] = _LETTER  # vowel signs of Indian scripts are parts of words
    return table


def lower(text: str) -> str:
    """Return `text` in lower case with every character in its place."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
