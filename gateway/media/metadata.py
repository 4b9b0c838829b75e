"""Words in the metadata of a picture, whatever form they have there."""

import re
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.limits import CannotRead

MAX_METADATA: Final = 1_000_000
"""Bytes of one piece of metadata that are looked at; a larger one is refused."""

_TELLING: Final = re.compile(r"[^\s@]{2,}@[^\s@]+\.[^\s@]{2,}|(?:[0-9][^0-9\n]{0,3}){9}")
_WORDS: Final = re.compile(rb"[\x20-\x7e\x80-\xff]{4,}")
_WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")


def words(data: bytes) -> list[str]:
    """Return the runs of four or more printable signs in metadata: names, places, software, comments."""
    if len(data) > MAX_METADATA:
        raise CannotRead(Unreadable.TOO_LARGE)
    found = [match.group().decode("utf-8", "ignore") for match in _WORDS.finditer(data)]
    found += [match.group().decode("utf-16-le") for match in _WIDE.finditer(data)]
    return [text for text in dict.fromkeys(found) if sum(sign.isalnum() for sign in text) > 3]


def telling(data: bytes) -> list[str]:
    """Return the runs in a colour profile that hold an address or a long number.

    Profiles name their makers, who own them: nobody's file should be refused for these.
    """
    found = [match.group().decode("utf-8", "ignore") for match in _WORDS.finditer(data)]
    found += [match.group().decode("utf-16-le") for match in _WIDE.finditer(data)]
    return [text for text in dict.fromkeys(found) if _TELLING.search(text)]
