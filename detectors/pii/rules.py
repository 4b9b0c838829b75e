"""The rule detector: what has a form, found in one pass.

Presidio's recognizers of all countries, with its validation, context words and
scores, behind one scan (`scan.py`); addresses, account and telephone numbers by
engines of their own. `corrections.py` says where it differs from Presidio.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import hyperscan

from detectors.detector import DetectorFailure, Finding
from detectors.escapes import without_escapes
from detectors.pii import cards, holdback, iban, mail, phone, phone_after, sensitive, url
from detectors.pii.context import CHARACTERS, Spoken
from detectors.pii.corrections import BARE_NUMBER
from detectors.pii.presidio import load_recognizers
from detectors.pii.scan import ACCOUNT, NUMBER, Match, Scanner
from detectors.pii.shadow import shadow
from detectors.pii.table import BOOST, BOOSTED_MIN, Table, table

FLOOR: Final = 0.35
"""Findings that score less are not reported: a policy could only drown in them."""

NAME: Final = "pii"

# Presidio's two kinds of South African telephone number come as PHONE_NUMBER, as every other country's do.
_AS_PHONE_NUMBERS: Final = frozenset({"ZA_MOBILE_NUMBER", "ZA_TELEPHONE_NUMBER"})

_BARE_CARD: Final = BARE_NUMBER["CreditCardRecognizer"]

_ID: Final = "UUID"

_SURE: Final = 0.75
"""What a context word makes of the findings of our own engines at most: as much as a form that needs none scores
(an international telephone number), so that no part of that ever outdoes the whole."""


class RuleDetector:
    """Finds addresses, numbers and codes of people by rule. Safe to share between threads."""

    name = NAME
    reach = url.LONGEST
    context = 2 * CHARACTERS
    lookahead = 96

    def __init__(self, floor: float = FLOOR) -> None:
        """Build the scanner; `floor` is the least score that is reported, in 0..1."""
        self._table: Table = table()
        self._floor = floor
        self._scanner = Scanner(self._table, floor, sensitive.signs())
        self._iban = iban.formats(next(r for r in load_recognizers() if type(r).__name__ == "IbanRecognizer"))
        self._speaks = {
            entity: self._table.speaks(recognizer)
            for entity, recognizer in (
                (url.ENTITY, "UrlRecognizer"),
                (phone.ENTITY, "PhoneRecognizer"),
                (iban.ENTITY, "IbanRecognizer"),
            )
        }
        self.entities = self._table.entities - _AS_PHONE_NUMBERS | sensitive.ENTITIES

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text, in ascending order of start.

        Raises `DetectorFailure` when the scan breaks off or an expression takes longer than `scan.DEADLINE`.
        """
        try:
            return [self._detect(text) for text in texts]
        except (TimeoutError, hyperscan.error) as failure:
            raise DetectorFailure(f"the rules could not decide: {type(failure).__name__}") from None

    def _detect(self, text: str) -> list[Finding]:
        text = without_escapes(text)
        dark = shadow(text)
        matches, spoken = self._scanner.find(text, dark)
        present = spoken.present
        matches = [alone for match in matches if (alone := _as_alone(match, dark))[3] >= self._floor]
        if "@" in text:
            matches.extend((start, end, mail.ENTITY, mail.SCORE) for start, end in mail.find(text))
        if b"." in dark:
            self._add(matches, spoken, url.ENTITY, url.find(text, dark))
        if present & NUMBER:
            loose = bool(present & self._speaks[phone.ENTITY][0])
            self._add(matches, spoken, phone.ENTITY, phone.find(dark, loose), text)
        if present & ACCOUNT:
            self._add(matches, spoken, iban.ENTITY, iban.find(text, dark, self._iban))
        if present & sensitive.ANY:
            matches.extend(
                (start, end, entity, sensitive.SCORE) for start, end, entity in sensitive.find(text, present)
            )
        if not matches:
            return []
        return [_make(Finding, (*match, NAME)) for match in outermost(matches)]

    def _add(
        self, matches: list[Match], spoken: Spoken, entity: str, found: Iterable[tuple[int, int, float]], text: str = ""
    ) -> None:
        """Add what an engine of its own found, scored with the words before it, if it scores enough.

        `text` is given when words after it count, too.
        """
        for_, against = self._speaks[entity]
        for start, end, alone in found:
            score = alone
            if score < _SURE:
                words = spoken.before(start, for_)
                spoken_for = words & for_ and not (words & against and score <= phone.BARE)
                if spoken_for or (text and phone_after.speaks(text, end)):
                    score = min(_SURE, max(BOOSTED_MIN, score + BOOST))
            if score >= self._floor:
                matches.append((start, end, entity, score))

    def settled(self, text: str) -> int:
        """Return how many leading characters no continuation can change; see `holdback.py`."""
        return holdback.settled(text)


_make: Final = tuple.__new__  # a finding's own constructor takes twice as long


def _as_alone(match: Match, dark: bytes) -> Match:
    """Score a card number in one piece, about which no word says anything, by where it stands."""
    start, end, entity, score = match
    if score != _BARE_CARD or entity != cards.ENTITY:
        return match
    if cards.is_fraction(dark, start):
        return start, end, entity, 0.0
    return start, end, entity, cards.ALONE if cards.stands_alone(dark, start, end) else score


def outermost(matches: list[Match]) -> list[Match]:
    """Drop what lies inside a match of the same entity that scores no less, as Presidio does; sort by start.

    Drop, too, what lies inside a UUID: its pieces have the form of licences and of numbers of many kinds.
    """
    matches.sort()
    reached = 0
    for match in matches:
        if match[0] < reached:
            break
        reached = match[1]
    else:
        return matches
    matches.sort(key=lambda m: (m[0], -m[1], -m[3], m[2]))
    kept: list[Match] = []
    last: dict[str, list[Match]] = {}
    id_until = 0
    for match in matches:
        start, end, entity, score = match
        if entity == _ID:
            id_until = max(id_until, end)
        elif end <= id_until:
            continue
        around = last.get(entity)
        if around is None:
            last[entity] = [match]
        else:
            around[:] = [other for other in around if other[1] > start]
            if any(other[1] >= end and other[3] >= score for other in around):
                continue
            around.append(match)
        kept.append(match)
    return kept


def build() -> RuleDetector:
    """Build the rule detector of all countries."""
    return RuleDetector()
