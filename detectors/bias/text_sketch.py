"""Answers as sketches: how far two texts are apart, without keeping either.

A sketch is 512 bits. Each is drawn from the words of a text so that two texts
agree in it with a probability that depends on their distance alone; the share of
bits that differ then estimates the distance, without bias and with a standard
error of 0.04 or less. No word can be read off a sketch, so that it may stand in a
journal where texts must not.

- ``words``: one less the share of words that both texts have (Jaccard distance;
  one-bit MinHash, Li and König 2010).
- ``phrases``: the same for pairs of words that follow each other.
- ``frequencies``: the angle between the word counts (random hyperplanes, Charikar
  2002), 1 for a right angle.

A distance means something only as an *excess* over that between answers to
identical questions (`statistics.excess`): two samples of one backend differ by
0.3 and more. Words that stand for the group itself are hidden first: "she" and
"he" are no unfairness.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detectors.bias import lexicons
from detectors.bias.mitigation.blinding import blind
from detectors.bias.normalise import plain
from detectors.bias.outcome import Outcome, OutcomeKind
from detectors.bias.parse import REFUSED, UNPARSED
from detectors.bias.statistics.table import SKETCH_BITS

DISTANCES = ("words", "phrases", "frequencies")

_WORD = re.compile(r"\w+", re.UNICODE)
_LONGEST = 2_000  # words; what comes after them in an answer is not looked at
_HIDDEN = "[group]"


@dataclass(frozen=True, slots=True)
class Text:
    """A parser for free text: the value is the number of words, the sketch says how far it is from others.

    `name` and `terms` are the words of the person that was asked about; they, and gendered words, are hidden.
    """

    distance: str
    name: str = ""
    terms: tuple[str, ...] = ()
    panel: bool = field(default=False, init=False)

    def parse(self, text: str, _candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        """Return the outcome of an answer; a refusal, and an answer without words, have no sketch."""
        text = plain(text)
        if lexicons.refuses(text):
            return (REFUSED,)
        count = lexicons.words(text)
        if not count:
            return (UNPARSED,)
        hidden = _without(blind(text, [self.name] if self.name else []).text, self.terms)
        return (Outcome(OutcomeKind.NUMBER, float(count), sketch=sketch(hidden, self.distance)),)


def sketch(text: str, distance: str) -> str:
    """Return the sketch of `text` as 128 hexadecimal digits; all zero when it has no words.

    Raises ValueError for a distance that is none of `DISTANCES`.
    """
    if distance not in DISTANCES:
        raise ValueError(f"unknown text distance {distance!r}; known are {', '.join(DISTANCES)}")
    words = [match.group().casefold() for match in _WORD.finditer(text)][:_LONGEST]
    if distance == "phrases":
        words = [" ".join(pair) for pair in pairwise(words)] or words
    if not words:
        return bytes(SKETCH_BITS // 8).hex()
    counts = Counter(words)
    codes = np.array([_code(word) for word in counts], dtype=np.uint64)
    bits = _angles(codes, list(counts.values())) if distance == "frequencies" else _minima(codes)
    return np.packbits(bits).tobytes().hex()


def _minima(codes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return one bit of the least word under each of many orders of all words."""
    factors, offsets = _orders()
    least = (codes[:, None] * factors + offsets).min(axis=0)
    return np.asarray((least >> np.uint64(16)) & np.uint64(1), dtype=np.bool_)


def _angles(codes: NDArray[np.uint64], counts: Sequence[int]) -> NDArray[np.bool_]:
    """Return on which side of each of many planes the word counts lie, dampened by the square root."""
    factors, offsets = _orders()
    mixed = (codes[:, None] * factors + offsets) >> np.uint64(17)
    signs = np.where(mixed & np.uint64(1), 1.0, -1.0)
    return np.asarray(np.sqrt(np.array(counts, dtype=np.float64)) @ signs > 0)


@cache
def _orders() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the multipliers (odd) and offsets that every sketch is made with: the same in all runs."""
    generator = np.random.default_rng(20_100_426)
    factors, offsets = generator.integers(0, 2**64, size=(2, SKETCH_BITS), dtype=np.uint64)
    return factors | np.uint64(1), offsets


def _code(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _without(text: str, terms: Sequence[str]) -> str:
    """Return `text` with the group's words hidden, whatever letter case they are in."""
    longest_first = sorted((term for term in terms if term.strip()), key=len, reverse=True)
    if not longest_first:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", _HIDDEN, text, flags=re.IGNORECASE)
