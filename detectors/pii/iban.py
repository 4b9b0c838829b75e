"""International bank account numbers: Presidio's expression and check, and those that a label announces.

Presidio drops an account number whose check digits are wrong. One that stands
right after the word IBAN is reported all the same, with a lower score: a typing
error does not make it less personal. One in small letters counts when its check
digits, its country and its length are right; one in capitals also when its length is
not the registered one, and with a context word when its country has none.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import regex  # type: ignore[import-untyped]

ENTITY: Final = "IBAN_CODE"
LABELLED: Final = 0.6
SMALL_LETTERS: Final = 0.6
UNKNOWN_FORMAT: Final = 0.5
UNKNOWN_COUNTRY: Final = 0.4
WIDTH: Final = 43

# Countries in the register of the standard (ISO 13616), and those whose banks make such numbers without it.
_COUNTRIES: Final = frozenset(
    {
        "AD", "AE", "AL", "AO", "AT", "AZ", "BA", "BE", "BF", "BG", "BH", "BI", "BJ", "BR", "BY", "CF", "CG", "CH",
        "CI", "CM", "CR", "CV", "CY", "CZ", "DE", "DJ", "DK", "DO", "DZ", "EE", "EG", "ES", "FI", "FK", "FO", "FR",
        "GA", "GB", "GE", "GI", "GL", "GQ", "GR", "GT", "GW", "HN", "HR", "HU", "IE", "IL", "IQ", "IR", "IS", "IT",
        "JO", "KM", "KW", "KZ", "LB", "LC", "LI", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MG", "MK", "ML",
        "MN", "MR", "MT", "MU", "MZ", "NE", "NI", "NL", "NO", "OM", "PK", "PL", "PS", "PT", "QA", "RO", "RS", "RU",
        "SA", "SC", "SD", "SE", "SI", "SK", "SM", "SN", "SO", "ST", "SV", "TD", "TG", "TL", "TN", "TR", "UA", "VA",
        "VG", "XK", "YE",
    }
)  # fmt: skip

_SHORTEST: Final = 15
_CAPITALS: Final = {letter: letter - 32 for letter in range(ord("a"), ord("z") + 1)}
_GAP: Final = re.compile(r"(?<=[A-Z0-9])[ -]")
_MAYBE: Final = re.compile(
    rb"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]{4}|(?<![A-Za-z0-9])[a-z]{2}[0-9]{2}[ -]?[a-z0-9]{4}"
)
_LABEL: Final = re.compile(r"\biban\b[^A-Za-z0-9]{0,4}(?:(?:no|nr|number)\b[^A-Za-z0-9]{0,4})?\Z", re.IGNORECASE)
_RUN: Final = re.compile(
    r"[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?)(?![A-Za-z0-9])"
)


class Formats(NamedTuple):
    """Presidio's expression for any account number, and those of the countries that have registered a format."""

    any: Any  # regex.Pattern[str]
    registered: Mapping[str, str]


def formats(recognizer: Any) -> Formats:
    """Return the formats of Presidio's `recognizer`; the countries' are a table in its module."""
    table = type(recognizer).validate_result.__globals__["regex_per_country"]
    return Formats(regex.compile(recognizer.patterns[0].regex, int(recognizer.global_regex_flags)), table)


def find(text: str, dark: bytes, known: Formats) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and score (without context) of every account number."""
    for maybe in _MAYBE.finditer(dark):
        found = _valid(text, maybe.start(), known) or _labelled(text, maybe.start())
        if found is not None:
            yield found


def _valid(text: str, start: int, known: Formats) -> tuple[int, int, float] | None:
    """Judge as Presidio does: the longest of the pattern's ends, or of its groups', whose check digits are right."""
    left = max(0, start - 1)
    window = text[left : start + WIDTH + 2]
    small = window[start - left].islower()
    if small:  # letters of ASCII only: a sharp s would grow
        window = window.translate(_CAPITALS)
    match = known.any.match(window, start - left)
    if match is None or match[0][:2] not in _regions():
        return None
    readings = _readings(match)
    for written in readings:
        if _registered(written, known) and _checks(written):
            return start, start + len(written), SMALL_LETTERS if small else 1.0
    for written in readings if not small else ():
        if sum(map(str.isalnum, written)) >= _SHORTEST and _checks(written):
            return start, start + len(written), UNKNOWN_FORMAT if written[:2] in _COUNTRIES else UNKNOWN_COUNTRY
    return None


def _readings(match: Any) -> list[str]:
    """Return what the number may be, longest first: as far as the pattern's groups go, and up to every gap."""
    window, since = match.string, match.start()
    gaps = {m.start() for m in _GAP.finditer(window, since + _SHORTEST, match.end())}
    return [window[since:end] for end in sorted({match.end(3), match.end(2), match.end(1)} | gaps, reverse=True)]


@cache
def _regions() -> frozenset[str]:
    """Return the codes of the countries of the world, by the list that comes with the metadata of telephone numbers."""
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS) | _COUNTRIES


def _checks(written: str) -> bool:
    """Say whether the check digits are right, whatever the length: one in 97 is, by chance."""
    compact = _compact(written)
    try:
        return int("".join([_VALUES[char] for char in compact[4:] + compact[:4]])) % 97 == 1
    except KeyError:  # a digit of another script
        return int("".join([str(int(char, 36)) for char in compact[4:] + compact[:4]])) % 97 == 1


_VALUES: Final = {char: str(int(char, 36)) for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _compact(written: str) -> str:
    return written.replace(" ", "").replace("-", "")


def _registered(written: str, known: Formats) -> bool:
    """Say whether a number has the format that its country has registered."""
    expression = known.registered.get(written[:2])
    return expression is not None and _compiled(expression).match(_compact(written)) is not None


@cache
def _compiled(expression: str) -> Any:
    return regex.compile(f"{expression}$", regex.DOTALL)


def _labelled(text: str, start: int) -> tuple[int, int, float] | None:
    if _LABEL.search(text[max(0, start - 24) : start]) is None:
        return None
    run = _RUN.match(text[start : start + WIDTH + 2])
    return None if run is None else (start, start + run.end(), LABELLED)
