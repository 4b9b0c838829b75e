"""Surrogates: realistic, keyed stand-ins that keep a model's answers natural, and can come back.

A surrogate looks like what it stands for: a name in the same script and, as far
as letters tell, of the same language; a phone number from a range that is
reserved for fiction; an address at a domain, or in a network, that is reserved for examples;
otherwise the same pattern of letters and digits. Which one, is a function of
key, tenant, entity and value, so it is the same in every turn.

Reserved are: example.com, .org and .net (RFC 2606), 192.0.2.0/24, 198.51.100.0/24,
203.0.113.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849), telephone numbers 555-0100 to
555-0199 (NANPA) and 01632 960000 to 960999 (Ofcom).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final

from gateway.core.surrogate_names import FAMILY, GIVEN

_GIVEN: Mapping[str, list[str]] = {tongue: names.split() for tongue, names in GIVEN.items()}
_FAMILY: Mapping[str, list[str]] = {tongue: names.split() for tongue, names in FAMILY.items()}
_LETTERS = (
    ("cyrillic", re.compile("[Ѐ-ӿ]")),
    ("greek", re.compile("[Ͱ-Ͽ]")),
    ("hangul", re.compile("[가-힣]")),
    ("kana", re.compile("[぀-ヿ]")),
    ("han", re.compile("[一-鿿]")),
    ("arabic", re.compile("[؀-ۿ]")),
    ("pl", re.compile("[ąćęłńśźż]", re.IGNORECASE)),
    ("nordic", re.compile("[åøæ]", re.IGNORECASE)),
    ("de", re.compile("[äöüß]", re.IGNORECASE)),
    ("es", re.compile("[ñáíóú]", re.IGNORECASE)),
    ("fr", re.compile("[éèêëçàâîôûœ]", re.IGNORECASE)),
)


DOUBLE: Final = 3
"""Attempts after which family names are double."""

_UNHYPHENED: Final = frozenset({"han", "kana", "hangul", "arabic"})


class _Dice:
    """An endless stream of keyed numbers: the same for the same key, value and attempt."""

    def __init__(self, key: bytes, *parts: str, attempt: int = 0) -> None:
        self.attempt = attempt
        message = b"\x00".join(part.encode("utf-8", "surrogatepass") for part in parts)
        seed = hmac.digest(key, b"surrogate\x00" + message, hashlib.sha256)
        self._numbers = int.from_bytes(hashlib.shake_256(seed).digest(256), "big")

    def below(self, bound: int) -> int:
        self._numbers, number = divmod(self._numbers, bound)
        return number


def surrogate(key: bytes, tenant: str, entity: str, value: str, attempt: int = 0) -> str:
    """Return the stand-in of `value`; a further `attempt` gives another, where one cannot be used."""
    dice = _Dice(key, tenant, entity, value, str(attempt), attempt=attempt)
    return _MAKERS.get(entity, _pattern)(dice, value)


def language(name: str) -> str:
    """Return the list of names that a name's letters point to."""
    return next((word for word, letters in _LETTERS if letters.search(name)), "en")


def _person(dice: _Dice, value: str) -> str:
    """A given name for one word, given names and a family name for more; initials stay initials.

    After some attempts, in scripts with hyphens, a family name of two: there are many more of them.
    """
    tongue = language(value)
    given, family = _GIVEN[tongue], _FAMILY[tongue]

    def surname() -> str:
        name = family[dice.below(len(family))]
        double = dice.attempt >= DOUBLE and tongue not in _UNHYPHENED
        return f"{name}-{family[dice.below(len(family))]}" if double else name

    if tongue in ("han", "kana", "hangul") and " " not in value:
        return family[dice.below(len(family))] + given[dice.below(len(given))]
    words = value.split() or [value]
    made = [given[dice.below(len(given))] if len(w.strip(".")) > 1 else f"{chr(65 + dice.below(26))}." for w in words]
    if len(words) > 1:
        made[-1] = surname()
    else:  # one word alone would be any name: make it one that nobody else has
        made[0] = surname()
    return " ".join(made)


def _mail(dice: _Dice, value: str) -> str:
    del value
    given, family = _GIVEN["en"], _FAMILY["en"]
    domain = ("example.com", "example.org", "example.net")[dice.below(3)]
    name = f"{given[dice.below(len(given))]}.{family[dice.below(len(family))]}".lower()
    return f"{name}{dice.below(9000) + 1000}@{domain}"


def _phone(dice: _Dice, value: str) -> str:
    if value.lstrip().startswith(("+44", "0044", "01", "02", "07")):
        return f"{'+44 1632' if value.lstrip().startswith(('+', '00')) else '01632'} 960{dice.below(1000):03d}"
    area = dice.below(700) + 200
    return f"{'+1 ' if value.lstrip().startswith('+') else ''}{area}-555-01{dice.below(100):02d}"


def _ip(dice: _Dice, value: str) -> str:
    if ":" in value:
        return "2001:db8:" + ":".join(f"{dice.below(65536):x}" for _ in range(6))
    return ("192.0.2", "198.51.100", "203.0.113")[dice.below(3)] + f".{dice.below(254) + 1}"


def _url(dice: _Dice, value: str) -> str:
    scheme = value.partition("://")[0] + "://" if "://" in value else ""
    return f"{scheme}www.example.com/{dice.below(16**8):08x}"


def _pattern(dice: _Dice, value: str) -> str:
    """The same pattern: a digit for a digit, a letter for a letter of its case, everything else as it is."""
    made = []
    for sign in value:
        if sign.isdigit():
            made.append(str(dice.below(10)))
        elif sign.isalpha():
            letter = chr(97 + dice.below(26))
            made.append(letter.upper() if sign.isupper() else letter)
        else:
            made.append(sign)
    return "".join(made)


_MAKERS: Mapping[str, Callable[[_Dice, str], str]] = {
    "PERSON": _person,
    "EMAIL_ADDRESS": _mail,
    "PHONE_NUMBER": _phone,
    "IP_ADDRESS": _ip,
    "URL": _url,
}
