"""Health, faith, opinion, origin and the like: what Article 9 GDPR and the CCPA protect specially.

Precision first: a word of a category counts only right after a phrase that ties
it to a person (`sensitive_words.py`). A name finder has nothing to say here, so
this is what there is; a policy that must not let such data out should not rest
on it alone.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from detectors.pii.sensitive_words import CATEGORIES, Category

SCORE: Final = 0.6
COORDINATES: Final = "GEOLOCATION"

ENTITIES: Final = frozenset({*(category.entity for category in CATEGORIES), COORDINATES})

_TIE: Final = 96
"""Characters before a word in which its tie must stand."""

# Four decimals of a degree are eleven metres; the CCPA calls geolocation precise within 1,850 feet.
_COORDINATES: Final = re.compile(
    r"(?<![\w.\-])[-+]?(?:[1-8]?\d|90)\.\d{4,8}°?\s?[NS]?[,;]?\s{0,2}[-+]?(?:1[0-7]\d|[1-9]?\d|180)\.\d{4,8}(?![\w.])"
)


def find(text: str, present: int) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and entity of what `text` says about somebody; `present` are the `signs` that it holds."""
    for bit, entity, words, tie in _compiled():
        if not bit & present:
            continue
        for match in words.finditer(text):
            start = match.start()
            if tie.search(text[max(0, start - _TIE) : start]) is not None:
                yield start, match.end(), entity
    if present & _COORDINATES_BIT:
        for match in _COORDINATES.finditer(text):
            yield match.start(), match.end(), COORDINATES


def signs() -> Iterator[tuple[bytes, int]]:
    """Yield expressions of which one matches in the shadow of every text in which `find` finds something, with bits."""
    for index, category in enumerate(CATEGORIES):
        for phrase in category.words:
            words = r"\s".join(re.escape(word) for word in phrase.split())
            yield rf"\b{words}\b".encode("ascii"), _FIRST_BIT << index
    yield rb"[0-9]\.[0-9]{4}[0-9]{0,4}[^0-9]", _COORDINATES_BIT


_COORDINATES_BIT: Final = 1 << 519
_FIRST_BIT: Final = 1 << 520

ANY: Final = _COORDINATES_BIT | sum(_FIRST_BIT << index for index in range(len(CATEGORIES)))
"""All bits of `signs`."""


@cache
def openings() -> frozenset[str]:
    """Return words that may be the first of several in a finding, in lower case."""
    return frozenset(
        opening
        for category in CATEGORIES
        for phrase in category.words
        for parts in [phrase.split()]
        for opening in parts[:-1]
    )


@cache
def _compiled() -> tuple[tuple[int, str, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((_FIRST_BIT << i, c.entity, _any_word(c), _any_tie(c)) for i, c in enumerate(CATEGORIES))


def _any_word(category: Category) -> re.Pattern[str]:
    longest_first = sorted(category.words, key=len, reverse=True)
    phrases = "|".join(r"\s".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"(?<![\w-])(?:{phrases})(?![\w-])", re.IGNORECASE)


def _any_tie(category: Category) -> re.Pattern[str]:
    ties = "|".join(category.ties)
    between = rf"(?:\s+[\w'-]{{1,16}}){{0,{category.between}}}"
    return re.compile(rf"(?:{ties}){between}[\s\"*_]{{1,3}}\Z", re.IGNORECASE)
