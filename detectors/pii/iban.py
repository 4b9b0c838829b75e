"""International bank account numbers: Presidio's expression and check, and those that a label announces.

Presidio drops an account number whose check digits are wrong. One that stands
right after the word IBAN is reported all the same, with a lower score: a typing
error does not make it less personal.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import regex  # type: ignore[import-untyped]

ENTITY: Final = "IBAN_CODE"
LABELLED: Final = 0.6
UNKNOWN_FORMAT: Final = 0.5
WIDTH: Final = 43

# Countries in the register of the standard (ISO 13616).
_COUNTRIES: Final = frozenset(
    {
        "AD", "AE", "AL", "AT", "AZ", "BA", "BE", "BG", "BH", "BI", "BR", "BY", "CH", "CR", "CY", "CZ", "DE", "DJ",
        "DK", "DO", "EE", "EG", "ES", "FI", "FK", "FO", "FR", "GB", "GE", "GI", "GL", "GR", "GT", "HN", "HR", "HU",
        "IE", "IL", "IQ", "IS", "IT", "JO", "KW", "KZ", "LB", "LC", "LI", "LT", "LU", "LV", "LY", "MC", "MD", "ME",
        "MK", "MN", "MR", "MT", "MU", "NI", "NL", "NO", "OM", "PK", "PL", "PS", "PT", "QA", "RO", "RS", "RU", "SA",
        "SC", "SD", "SE", "SI", "SK", "SM", "SO", "ST", "SV", "TL", "TN", "TR", "UA", "VA", "VG", "XK", "YE",
    }
)  # fmt: skip

_MAYBE: Final = re.compile(rb"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]{4}")
_LABEL: Final = re.compile(r"\biban\b[^A-Za-z0-9]{0,4}(?:(?:no|nr|number)\b[^A-Za-z0-9]{0,4})?\Z", re.IGNORECASE)
_RUN: Final = re.compile(
    r"[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?)(?![A-Za-z0-9])"
)


def find(text: str, dark: bytes, recognizer: Any) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and score (without context) of every account number; `recognizer` is Presidio's."""
    for maybe in _MAYBE.finditer(dark):
        found = _valid(text, maybe.start(), recognizer) or _labelled(text, maybe.start())
        if found is not None:
            yield found


def _valid(text: str, start: int, recognizer: Any) -> tuple[int, int, float] | None:
    """Judge as Presidio does: the longest of the pattern's three ends whose check digits are right."""
    left = max(0, start - 1)
    pattern = recognizer.patterns[0]
    match = _compiled(pattern.regex, int(recognizer.global_regex_flags)).match(
        text[left : start + WIDTH + 2], start - left
    )
    if match is None:
        return None
    ends = {match.end(group): None for group in (3, 2, 1) if match.end(group) > 0}
    numbers = [(end, written) for end in ends if _checks(written := match.string[match.start() : end])]
    for end, written in numbers:
        verdict = recognizer.validate_result(written)
        if verdict is None or verdict:
            return start, left + end, float(pattern.score) if verdict is None else 1.0
    for end, written in numbers:
        if written[:2] in _COUNTRIES and 15 <= sum(map(str.isalnum, written)) <= 34:
            return start, left + end, UNKNOWN_FORMAT
    return None


def _checks(written: str) -> bool:
    """Say whether the check digits are right, whatever the length: one in 97 is, by chance."""
    compact = written.replace(" ", "").replace("-", "")
    try:
        return int("".join([_VALUES[char] for char in compact[4:] + compact[:4]])) % 97 == 1
    except KeyError:  # a digit of another script
        return int("".join([str(int(char, 36)) for char in compact[4:] + compact[:4]])) % 97 == 1


_VALUES: Final = {char: str(int(char, 36)) for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@cache
def _compiled(expression: str, flags: int) -> Any:
    return regex.compile(expression, flags)


def _labelled(text: str, start: int) -> tuple[int, int, float] | None:
    if _LABEL.search(text[max(0, start - 24) : start]) is None:
        return None
    run = _RUN.match(text[start : start + WIDTH + 2])
    return None if run is None else (start, start + run.end(), LABELLED)
