"""Lever L1: the model does not see who it is about. Also the variants for lever L2.

Names become consistent pseudonyms, pronouns and gendered nouns neutral words,
ages, groups and known proxies marks. What was taken out of the prompt is put back
into the answer. The lever fails where residual proxies remain (measure them with
`leakage.py`) and where the attribute matters to the question (narrow the scope).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from detectors.bias.mitigation.slots import EVERYTHING, Slot, SlotKind, Slotted, find_slots
from detectors.bias.mitigation.words import NOUNS, TITLES

_NEUTRAL = {
    SlotKind.SUBJECT: "the person",
    SlotKind.OBJECT: "the person",
    SlotKind.OWNER: "the person's",
    SlotKind.REFLEXIVE: "the person",
}
_MARKS = {
    SlotKind.GROUP: "group",
    SlotKind.PROXY: "organisation",
    SlotKind.AGE: "age",
    SlotKind.YEAR: "year",
    SlotKind.POSTCODE: "postcode",
}


class Gender(StrEnum):
    """Grammatical gender of a variant."""

    MASCULINE = "masculine"
    FEMININE = "feminine"


@dataclass(frozen=True, slots=True)
class Blinded:
    """A blinded text, and what its pseudonyms and marks stand for."""

    text: str = field(repr=False)
    originals: tuple[tuple[str, str], ...] = field(repr=False)
    kinds: tuple[SlotKind, ...] = ()

    def restore(self, answer: str) -> str:
        """Return `answer` with pseudonyms and marks turned back. Neutral words stay: the model chose them freely."""
        if not self.originals:
            return answer
        table = dict(self.originals)
        pattern = "|".join(re.escape(mark) for mark in sorted(table, key=len, reverse=True))
        return re.sub(rf"(?:{pattern})(?!\w)", lambda match: table[match.group()], answer)


@dataclass(frozen=True, slots=True)
class Person:
    """One group's filling of a text: names by person, gender, and the words for group and age if texts name them."""

    group: str
    names: tuple[str, ...] = ()
    gender: Gender | None = None
    term: str = ""
    age: str = ""


def blind(
    text: str,
    names: Sequence[str] = (),
    spans: Sequence[tuple[int, int]] = (),
    scope: frozenset[SlotKind] = EVERYTHING,
) -> Blinded:
    """Return `text` without the attributes in `scope`. Arguments as for `find_slots`."""
    slotted = find_slots(text, names, spans, scope)
    originals: dict[str, str] = {}
    for slot in slotted.slots:
        mark = neutral(slot)
        # A full name is the better restoration than the given name alone.
        if slot.kind is SlotKind.NAME or slot.kind in _MARKS:
            originals[mark] = max(originals.get(mark, ""), slot.original, key=len)
    return Blinded(slotted.filled(neutral), tuple(originals.items()), tuple(slot.kind for slot in slotted.slots))


def neutral(slot: Slot) -> str:
    """Return the filling that says nothing about the group."""
    if slot.kind is SlotKind.NAME:
        return f"Person {_letters(slot.index)}"
    if slot.kind is SlotKind.TITLE:
        return "Mx"
    if slot.kind is SlotKind.NOUN:
        return _cased(NOUNS[slot.original.casefold()][2], slot)
    if slot.kind in _MARKS:
        return f"[{_MARKS[slot.kind]} {slot.index + 1}]"
    return _cased(_NEUTRAL[slot.kind], slot)


def variants(slotted: Slotted, people: Sequence[Person]) -> tuple[str, ...]:
    """Return the text once for each of `people`.

    The set of variants depends on the slots only, not on who stood in them: that
    is what makes an ensemble over them invariant. Where a person has no word for
    a slot, the neutral filling stands.
    """
    return tuple(slotted.filled(lambda slot, person=person: _filled(slot, person)) for person in people)  # type: ignore[misc]


def _filled(slot: Slot, person: Person) -> str:
    if slot.kind is SlotKind.NAME and slot.index < len(person.names):
        return person.names[slot.index]
    if slot.kind is SlotKind.GROUP and person.term:
        return person.term
    if slot.kind is SlotKind.AGE and person.age:
        return person.age
    if person.gender is None:
        return neutral(slot)
    feminine = person.gender is Gender.FEMININE
    if slot.kind is SlotKind.NOUN:
        return _cased(NOUNS[slot.original.casefold()][feminine], slot)
    if slot.kind is SlotKind.TITLE:
        return TITLES[slot.original.casefold().rstrip(".")][feminine]
    pronoun = {
        SlotKind.SUBJECT: ("he", "she"),
        SlotKind.OBJECT: ("him", "her"),
        SlotKind.OWNER: ("his", "her"),
        SlotKind.REFLEXIVE: ("himself", "herself"),
    }.get(slot.kind)
    return neutral(slot) if pronoun is None else _cased(pronoun[feminine], slot)


def _cased(word: str, slot: Slot) -> str:
    return word[:1].upper() + word[1:] if slot.capital else word


def _letters(index: int) -> str:
    """Return A, B, ..., Z, AA, AB, ..."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
