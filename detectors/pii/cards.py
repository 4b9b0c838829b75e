"""Card numbers in one piece, without a word about them.

One in ten numbers passes the check of cards. What else tells a card from an id:
the ranges and lengths that the networks have issued (a quarter of all numbers of
16 digits), and that it stands alone: not in a key, a path or a longer identifier,
not after a word that names something else, not in the line of a log, and not in a
column of numbers that are no cards.
"""

import re
from typing import Final

from detectors.pii.checks import luhn

ENTITY: Final = "CREDIT_CARD"
ALONE: Final = 0.5
"""What such a number scores when it stands alone: as much as other forms that are probable without a word."""

_BEFORE: Final = 96
"""Characters before a number that are looked at."""

# Visa, Mastercard (both ranges), American Express, Discover, JCB, Diners Club, UnionPay: what is issued in numbers.
_NETWORKS: Final = re.compile(
    rb"4[0-9]{15}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|3[47][0-9]{13}"
    rb"|6(?:011|4[4-9][0-9]|5[0-9]{2}|2[0-9]{2})[0-9]{12}|35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[68][0-9])[0-9]{11}"
)
_LONG: Final = re.compile(rb"(?<![0-9A-Za-z])[0-9]{9,}(?![0-9A-Za-z])")
_CLOCK: Final = re.compile(rb"[0-9]{2}:[0-9]{2}:[0-9]{2}[^\n]*\Z")
_NAMED: Final = re.compile(
    rb"(?:order|invoice|ticket|case|reference|ref|tracking|serial|sku|isbn|imei|iccid|batch|booking|transaction|session"
    rb"|request|trace|message|customer|member|user|account|device|timestamp|barcode|parcel|shipment|uuid|pid|id|ids|key)"
    rb"[^\n0-9]{0,12}\Z",
    re.IGNORECASE,
)
_NEVER_AFTER: Final = frozenset(b"_-./:=#@$%+~")
_GOES_ON: Final = re.compile(rb"[-./:][0-9A-Za-z]|[_@=%]")


def stands_alone(dark: bytes, start: int, end: int) -> bool:
    """Say whether the digits in ``[start, end)`` of a shadow, which pass the check of cards, are probably a card."""
    if _NETWORKS.fullmatch(dark, start, end) is None or _GOES_ON.match(dark, end):
        return False
    if start and dark[start - 1] in _NEVER_AFTER:
        return False
    before = dark[max(0, start - _BEFORE) : start]
    if _NAMED.search(before) or _CLOCK.search(before):
        return False
    return all(is_card(other[0]) for other in _LONG.finditer(dark, max(0, start - _BEFORE), start))


def is_fraction(dark: bytes, start: int) -> bool:
    """Say whether digits from `start` on are those behind a decimal point: a measure, of as many digits as a card."""
    return start > 1 and dark[start - 1] == ord(".") and chr(dark[start - 2]).isdigit()


def is_card(digits: bytes) -> bool:
    """Say whether digits pass the check of cards and are in the ranges and lengths that the networks have issued."""
    return _NETWORKS.fullmatch(digits) is not None and luhn(digits.decode("ascii"))
