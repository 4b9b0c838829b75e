"""Where a text gives a protected attribute away, as slots that can be filled anew.

One reading of the text serves two levers: filled neutrally, the text is blinded;
filled for every group, it becomes the variants of a counterfactual ensemble. Both
levers rest on one law: two texts that differ only in words of a group have the
same slots and the same rest, so their neutral fillings are equal.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from detectors.bias.mitigation.words import COLOURS, GROUP_TERMS, NOT_OWNED, NOUNS, PEOPLE_NOUNS, PROXIES, TITLES


class SlotKind(StrEnum):
    """What stands in a slot."""

    NAME = "name"
    SUBJECT = "subject"  # he, she
    OBJECT = "object"  # him, her; his, hers at the end of a clause
    OWNER = "owner"  # his, her before a thing
    REFLEXIVE = "reflexive"
    TITLE = "title"
    NOUN = "noun"
    GROUP = "group"
    PROXY = "proxy"
    AGE = "age"
    YEAR = "year"
    POSTCODE = "postcode"


#: Every kind; scopes of a policy are subsets (medicine may need the age).
EVERYTHING = frozenset(SlotKind)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill. `index` numbers the persons, ages, ... of a text from 0; `original` is what stood there."""

    kind: SlotKind
    index: int
    original: str = field(repr=False)

    @property
    def capital(self) -> bool:
        """Whether the filling must start with a capital letter."""
        return self.original[:1].isupper()


@dataclass(frozen=True, slots=True)
class Slotted:
    """A text as its fixed pieces and its slots, in order."""

    parts: tuple[str | Slot, ...] = field(repr=False)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    def filled(self, fill: Callable[[Slot], str]) -> str:
        """Return the text with each slot filled; the article before a slot follows the filling."""
        pieces: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            filling = fill(part)
            if pieces and _ARTICLE.search(pieces[-1]) and filling[:1].casefold() in _VOWELS:
                pieces[-1] = pieces[-1][:-1] + "n "
            pieces.append(filling)
        return "".join(pieces)


_ARTICLE = re.compile(r"\b[Aa] $")
_AN = re.compile(r"\b([Aa])n $")
_VOWELS = frozenset("aeiou8")

_PRONOUNS = r"(?P<pronoun>(?:he|she|him|his|hers|her|himself|herself)\b(?!['’-]))"
_AGE = (
    r"(?P<age>\b\d{1,3}[- ]years?[- ]old\b|(?<=\baged )\d{1,3}\b|(?<!\[age )(?<=\bage )\d{1,3}\b"
    r"|(?<=\bborn in )(?:19|20)\d\d\b)"
)
_YEAR = r"(?P<year>(?:(?<=\bgraduated in )|(?<=\bclass of )|(?<=\bgraduation: ))(?:19|20)\d\d\b)"
_POSTCODE = r"(?P<postcode>(?:(?<=\bzip )|(?<=\bzip code )|(?<=\bpostcode )|(?<=[ ,][A-Z]{2} ))\d{5}(?:-\d{4})?\b)"


def find_slots(
    text: str,
    names: Sequence[str] = (),
    spans: Sequence[tuple[int, int]] = (),
    scope: frozenset[SlotKind] = EVERYTHING,
) -> Slotted:
    """Return `text` with its slots.

    `names` are given names to look for; a capitalised surname after one belongs
    to it, and is found alone from then on. `spans` are further person names,
    found by a detector, as offsets (start, end). Kinds outside `scope` stay text.
    """
    found = [(m.start(), m.end(), _kind(m, text)) for m in _pattern(tuple(sorted(names))).finditer(text)]
    found += [(start, end, SlotKind.NAME) for start, end in spans if 0 <= start < end <= len(text)]
    found += _surnames_alone(text, found)
    parts: list[str | Slot] = []
    people: dict[str, int] = {}
    counts: dict[SlotKind, dict[str, int]] = {}
    position = 0
    for start, end, kind in sorted(found, key=lambda place: (place[0], -place[1])):
        if start < position or kind not in scope:
            continue
        original = text[start:end]
        if kind is SlotKind.NAME:
            index = _person(people, original)
        else:
            seen = counts.setdefault(kind, {})
            index = seen.setdefault(original.casefold(), len(seen))
        # "an Asian" and "a Black" must leave the same text behind.
        before = _AN.sub(r"\1 ", text[position:start])
        parts += [before, Slot(kind, index, original)]
        position = end
    parts.append(text[position:])
    return Slotted(tuple(part for part in parts if part != ""))


def _kind(match: re.Match[str], text: str) -> SlotKind:
    if match.lastgroup and match.lastgroup != "pronoun":
        return SlotKind(match.lastgroup)
    word = match.group().casefold()
    if word in ("he", "she"):
        return SlotKind.SUBJECT
    if word in ("himself", "herself"):
        return SlotKind.REFLEXIVE
    following = re.match(r"\s+([A-Za-z][\w'’-]*)", text[match.end() : match.end() + 80])
    return SlotKind.OWNER if following and following[1].casefold() not in NOT_OWNED else SlotKind.OBJECT


def _surnames_alone(text: str, found: Sequence[tuple[int, int, SlotKind]]) -> list[tuple[int, int, SlotKind]]:
    """Return the places where the surname of a full name stands by itself."""
    surnames = {text[s:e].split()[-1] for s, e, kind in found if kind is SlotKind.NAME and len(text[s:e].split()) > 1}
    if not surnames:
        return []
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(surnames)))})\b")
    return [(m.start(), m.end(), SlotKind.NAME) for m in pattern.finditer(text)]


def _person(people: dict[str, int], name: str) -> int:
    """Return the number of the person whose given name, surname or whole name this is."""
    words = name.split()
    known = [people[word] for word in words if word in people]
    index = known[0] if known else len(set(people.values()))
    for word in words:
        people.setdefault(word, index)
    return index


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=16)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    person = rf"(?P<name>\b(?:{_any(names)})(?:\s+[A-Z][a-z]+(?:[-'’][A-Z]?[a-z]+)?)?\b)|" if names else ""
    return re.compile(
        rf"(?P<proxy>\b(?:{_any(PROXIES)})(?!\w))|{person}"
        rf"(?i:{_AGE})|(?i:{_YEAR})|{_POSTCODE.replace('zip', '[Zz][Ii][Pp]')}|"
        rf"(?P<group>\b(?:{_any(GROUP_TERMS)})\b|\b(?:{_any(COLOURS)})(?=\s+(?:{_any(PEOPLE_NOUNS)})\b))|"
        rf"(?P<title>\b(?i:{_any(tuple(TITLES))})\b\.?(?=\s+[A-Z]))|"
        rf"(?P<noun>\b(?i:{_any(tuple(NOUNS))})\b)|\b(?i:{_PRONOUNS})"
    )
