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
from detectors.pii.scan import ACCOUNT, MAKE, NAME, NUMBER, Scanner
from detectors.pii.shadow import shadow
from detectors.pii.table import BOOST, BOOSTED_MIN, Table, table

FLOOR: Final = 0.35
"""Findings that score less are not reported: a policy could only drown in them."""

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

        Raises `DetectorFailure` when the scan breaks off or an expression takes longer than `expression.DEADLINE`.
        """
        try:
            return [self._detect(text) for text in texts]
        except (TimeoutError, hyperscan.error) as failure:
            raise DetectorFailure(f"the rules could not decide: {type(failure).__name__}") from None

    def _detect(self, text: str) -> list[Finding]:
        text = without_escapes(text)
        dark = shadow(text)
        found, spoken = self._scanner.find(text, dark)
        present = spoken.present
        if present & NUMBER and found:
            found = [alone for finding in found if (alone := _as_alone(finding, dark))[3] >= self._floor]
        if "@" in text:
            found += [MAKE(Finding, (start, end, mail.ENTITY, mail.SCORE, NAME)) for start, end in mail.find(text)]
        if b"." in dark:
            self._add(found, spoken, url.ENTITY, url.find(text, dark))
        if present & NUMBER:
            loose = bool(present & self._speaks[phone.ENTITY][0])
            self._add(found, spoken, phone.ENTITY, phone.find(dark, loose), text)
        if present & ACCOUNT:
            self._add(found, spoken, iban.ENTITY, iban.find(text, dark, self._iban))
        if present & sensitive.ANY:
            found += [
                MAKE(Finding, (start, end, entity, sensitive.SCORE, NAME))
                for start, end, entity in sensitive.find(text, present)
            ]
        return outermost(found)

    def _add(
        self, found: list[Finding], spoken: Spoken, entity: str, spans: Iterable[tuple[int, int, float]], text: str = ""
    ) -> None:
        """Add what an engine of its own found, scored with the words before it, if it scores enough.

        `text` is given when words after it count, too.
        """
        for_, against = self._speaks[entity]
        for start, end, alone in spans:
            score = alone
            if score < _SURE:
                words = spoken.before(start, for_)
                spoken_for = words & for_ and not (words & against and score <= phone.BARE)
                if spoken_for or (text and phone_after.speaks(text, end)):
                    score = min(_SURE, max(BOOSTED_MIN, score + BOOST))
            if score >= self._floor:
                found.append(MAKE(Finding, (start, end, entity, score, NAME)))

    def settled(self, text: str) -> int:
        """Return how many leading characters no continuation can change; see `holdback.py`."""
        return holdback.settled(text)


def _as_alone(finding: Finding, dark: bytes) -> Finding:
    """Score a card number in one piece, about which no word says anything, by where it stands."""
    start, end, entity, score, _ = finding
    if score != _BARE_CARD or entity != cards.ENTITY:
        return finding
    if cards.is_fraction(dark, start):
        return finding._replace(score=0.0)
    return finding._replace(score=cards.ALONE) if cards.stands_alone(dark, start, end) else finding


def outermost(found: list[Finding]) -> list[Finding]:
    """Drop what lies inside a finding of the same entity that scores no less, as Presidio does; sort by start.

    Drop, too, what lies inside a UUID: its pieces have the form of licences and of numbers of many kinds.
    """
    found.sort()
    reached = 0
    for finding in found:
        if finding[0] < reached:
            break
        reached = finding[1]
    else:
        return found
    found.sort(key=lambda m: (m[0], -m[1], -m[3], m[2]))
    kept: list[Finding] = []
    last: dict[str, list[Finding]] = {}
    id_until = 0
    for finding in found:
        start, end, entity, score, _ = finding
        if entity == _ID:
            id_until = max(id_until, end)
        elif end <= id_until:
            continue
        around = last.get(entity)
        if around is None:
            last[entity] = [finding]
        else:
            around[:] = [other for other in around if other[1] > start]
            if any(other[1] >= end and other[3] >= score for other in around):
                continue
            around.append(finding)
        kept.append(finding)
    return kept


def build() -> RuleDetector:
    """Build the rule detector of all countries."""
    return RuleDetector()
