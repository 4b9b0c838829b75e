"""The detector of secrets: one scan for literals, then rules where they stand."""

import re
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, Final

import hyperscan

from detectors.detector import Finding
from detectors.escapes import without_escapes
from detectors.normalize.wrapper import Normalized
from detectors.secrets.keyed import FOREIGN, LONGEST_VALUE, NAMES, Place, judge
from detectors.secrets.rules import CONNECTION_STRING, ENTITIES, LONGEST, PASSWORD, PRIVATE_KEY, RULES, Rule
from detectors.secrets.values import entropy, is_stand_in, password_score

NAME: Final = "secrets"
_NAMED: Final = [(entity, literal) for entity, literals in NAMES.items() for literal in literals]
_OPEN_QUOTE: Final = re.compile(rf"[\"'`][^\"'`\r\n]{{0,{LONGEST_VALUE}}}\Z")
_NAME: Final = re.compile("|".join((*(re.escape(literal) for _, literal in _NAMED), FOREIGN.pattern)), re.IGNORECASE)
_NAME_TO_VALUE: Final = 160
"""Characters from a name that makes a secret of a value to that value's quotation mark (`keyed.py`), and more."""

_OPEN_BLOCK: Final = re.compile(
    r"-----BEGIN[A-Z0-9 ]{0,48}-{0,5}(?!.*-----END [A-Z0-9 ]{3,40}-----)|PuTTY-User-Key-File-", re.DOTALL
)
_LAST_RUN: Final = re.compile(r"\S*\Z")


class SecretDetector:
    """Finds keys, tokens, private keys, connection strings and passwords. Safe to share between threads."""

    name = NAME
    entities = ENTITIES
    reach = LONGEST
    context = 288
    lookahead = 8

    def __init__(self) -> None:
        """Compile the scan; a few milliseconds."""
        literals = [(rule.literal, 0) for rule in RULES]
        literals += [(literal, int(hyperscan.HS_FLAG_CASELESS)) for _, literal in _NAMED]
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[re.escape(literal).encode() for literal, _ in literals],
            ids=list(range(len(literals))),
            flags=[flag for _, flag in literals],
        )
        self._local = threading.local()

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the secrets of each text, in ascending order of start."""
        return [self._detect(text) for text in texts]

    def settled(self, text: str) -> int:
        """Return the start of whatever may still grow: a word, a quotation after a secret's name, a key block.

        A quotation mark (or an apostrophe) that no such name stands before opens nothing.
        """
        least = max(0, len(text) - self.reach - self.lookahead)
        run = _LAST_RUN.search(text, least)
        settled = run.start() if run else len(text)
        quote = _OPEN_QUOTE.search(text, max(0, len(text) - LONGEST_VALUE - 2))
        if quote and not _NAME.search(text, max(0, quote.start() - _NAME_TO_VALUE), quote.end()):
            quote = None
        block = _OPEN_BLOCK.search(text, least)
        return (
            max(least, min(settled, *(match.start() for match in (quote, block) if match)))
            if quote or block
            else settled
        )

    def _detect(self, text: str) -> list[Finding]:
        hits: list[tuple[int, int]] = []
        # One byte per character, so that offsets are the same; what is no Latin-1 is in no literal.
        data = text.encode("latin-1", "replace")
        self._database.scan(data, match_event_handler=_collect, context=hits, scratch=self._scratch())
        plain = without_escapes(text)
        places = {place for number, end in hits for place in self._places(text, plain, number, end)}
        if not text.isascii():
            places.update(place for name in FOREIGN.finditer(text) for place in judge(text, *name.span(), PASSWORD))
        return [Finding(*place, NAME) for place in _outermost(sorted(places))]

    def _places(self, text: str, plain: str, number: int, end: int) -> Iterator[Place]:
        if number < len(RULES):
            rule = RULES[number]
            # A key block has escaped line ends inside; every other secret may only follow one.
            yield from _by_form(text if rule.entity == PRIVATE_KEY else plain, rule, end - len(rule.literal))
        else:
            entity, literal = _NAMED[number - len(RULES)]
            yield from judge(text, end - len(literal), end, entity)

    def _scratch(self) -> Any:
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        return scratch


def _by_form(text: str, rule: Rule, anchor: int) -> Iterator[Place]:
    if rule.lead:
        match = next(
            (m for s in range(max(0, anchor - rule.lead), anchor + 1) if (m := rule.pattern.match(text, s))), None
        )
    else:
        match = rule.pattern.match(text, anchor)
    if match is None:
        return
    groups = match.groupdict()
    if rule.entity == CONNECTION_STRING and is_stand_in(groups.get("password") or groups.get("secret") or match[0]):
        return
    group = "secret" if "secret" in groups else 0
    if rule.entity == PASSWORD and not password_score(match[group], quoted=False):
        return
    if entropy(match[group]) >= rule.bits:
        yield Place(*match.span(group), rule.entity, rule.score)


def _outermost(places: Sequence[Place]) -> list[Place]:
    """Leave out what lies inside a place that is as sure, and the less sure of two readings of one place."""
    return [p for p, over in _nested(places) if not any(_rank(q) > _rank(p) for q in over)]


def _nested(places: Sequence[Place]) -> Iterator[tuple[Place, list[Place]]]:
    """Yield each place with those that contain it; `places` ascend by start, then end."""
    open_: list[Place] = []
    for index, place in enumerate(places):
        open_ = [q for q in open_ if q.end > place.start]
        later = takewhile(partial(_starts_at, place.start), places[index + 1 : index + 9])
        yield place, [q for q in (*open_, *later) if q.end >= place.end]
        open_.append(place)


def _starts_at(start: int, place: Place) -> bool:
    return place.start == start


def _rank(place: Place) -> tuple[float, int, str]:
    return place.score, place.end - place.start, place.entity


def _collect(number: int, _start: int, end: int, _flags: int, hits: Any) -> None:
    hits.append((number, end))


def build() -> Normalized:
    """Build the detector, as the catalog does; it sees through obfuscation."""
    return Normalized(SecretDetector())
