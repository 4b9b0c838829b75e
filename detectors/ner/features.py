"""What the tagger knows of a token: word, affixes, letter groups, shape, lexicons.

Every feature depends on the token alone (with the blank before it), so that the
network's first layers are computed once per distinct token and cached. Hashes
are CRC-32 of the UTF-8 bytes: stable over machines and Python versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

AFFIX_BUCKETS = 1 << 13
GROUP_BUCKETS = 1 << 14
GROUPS = 8  # letter groups (4-grams) per token, at most
UNKNOWN_WORD = 0
NO_GROUP = GROUP_BUCKETS  # row of zeros
SHAPES = 48
SETS = (
    "given", "surname", "city", "country", "company", "street", "calendar", "unit",
    "nationality", "title", "institution", "common", "state", "frequent_given", "frequent_surname", "number_word",
    "job", "known_name",
)  # fmt: skip  # lexicons, one bit each

_SPECIAL_SHAPES = {"\n": 1, "\t": 2, "  ": 3}
_MASK_SHAPES = {"\x00url": 4, "\x00email": 5, "\x00handle": 6}


def digest32(text: str) -> int:
    """Return 32 bits that stand for `text` in vocabularies and lexicons."""
    return crc32(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Features:
    """Feature rows of some tokens; `n` rows each.

    `words` (n,) rows of the vocabulary, 0 for unknown; `affixes` (n, 4): two
    prefixes and two suffixes, hashed; `groups` (n, `GROUPS`) hashed 4-grams,
    `NO_GROUP` where there are fewer; `shapes` (n,); `lexicon` (n, bits) 0 or 1.
    """

    words: NDArray[np.int32]
    affixes: NDArray[np.int32]
    groups: NDArray[np.int32]
    shapes: NDArray[np.int32]
    lexicon: NDArray[np.float32]


def _letters_shape(body: str) -> int:
    if body.islower():
        return 7 + min(len(body), 3)  # 8..10
    if body.isupper():
        return 10 + min(len(body), 5)  # 11..15
    if body[0].isupper():
        return 16 if body[1:].islower() else 17
    if any(char.isupper() for char in body):
        return 18
    return 19  # a script without case


def shape_of(body: str, spaced: bool) -> int:
    """Return the class of a token's outer form, in 0..`SHAPES`-1."""
    special = _SPECIAL_SHAPES.get(body)
    if special is not None:
        return special
    mask = _MASK_SHAPES.get(body)
    if mask is not None:
        shape = mask
    elif body.isdecimal():
        shape = 19 + min(len(body), 3) if len(body) < 4 else 20 + min(len(body) // 2 + 1, 3)
        shape = min(shape, 23)
    elif body.isalpha():
        shape = _letters_shape(body)
    else:
        shape = 7
    return shape + (24 if spaced else 0)


@dataclass(frozen=True, slots=True)
class Words:
    """Known words, as digests: `vocabulary` sorted (row of a word is its place + 1); `lexicon` sorted, with `masks`."""

    vocabulary: NDArray[np.uint32]
    lexicon: NDArray[np.uint32]
    masks: NDArray[np.uint32]
    bits: int

    def rows(self, codes: NDArray[np.uint32]) -> NDArray[np.int32]:
        """Return the vocabulary rows of digests; `UNKNOWN_WORD` where there is none."""
        at = np.minimum(np.searchsorted(self.vocabulary, codes), len(self.vocabulary) - 1)
        return np.where(self.vocabulary[at] == codes, at + 1, UNKNOWN_WORD).astype(np.int32)

    def sets(self, codes: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Return (n, bits): 1 where the word stands in a lexicon."""
        at = np.minimum(np.searchsorted(self.lexicon, codes), len(self.lexicon) - 1)
        masks = np.where(self.lexicon[at] == codes, self.masks[at], 0).astype(np.int64)
        return ((masks[:, None] >> np.arange(self.bits)) & 1).astype(np.float32)

    def in_set(self, keys: Sequence[str], *names: str) -> NDArray[np.bool_]:
        """Return (n,): whether the word of each token stands in one of the named lexicons (of `SETS`)."""
        found = self.sets(np.array([digest32(key.strip().lower()) for key in keys], np.uint32))
        return np.asarray(found[:, [SETS.index(name) for name in names]].any(1))


def lookup(keys: Sequence[str], words: Words) -> Features:
    """Return the features of canonical tokens (`tokens.canonical`)."""
    n = len(keys)
    codes = np.zeros(n, np.uint32)
    affixes = np.zeros((n, 4), np.int32)
    groups = np.full((n, GROUPS), NO_GROUP, np.int32)
    shapes = np.zeros(n, np.int32)
    for i, key in enumerate(keys):
        spaced = len(key) > 1 and key[0] == " " and key[1] != " "
        body = key[1:] if spaced else key
        lower = body.lower()
        codes[i] = digest32(lower)
        shapes[i] = shape_of(body, spaced)
        parts = ("<" + lower[:2], "<" + lower[:3], lower[-2:] + ">", lower[-3:] + ">")
        affixes[i] = [digest32(part) % AFFIX_BUCKETS for part in parts]
        if lower[:1].isalpha():
            padded = f"^{lower[:40]}$"
            grams = [padded[j : j + 4] for j in range(max(1, len(padded) - 3))][:GROUPS]
            groups[i, : len(grams)] = [digest32(gram) % GROUP_BUCKETS for gram in grams]
    return Features(words.rows(codes), affixes, groups, shapes, words.sets(codes))
