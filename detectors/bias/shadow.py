"""Shadow probes on live traffic: which exchange is repeated, how, and what is kept of it. Pure logic.

A sampled exchange that mentions an attribute is sent twice more, once unchanged
and once with the attribute swapped; both answers are read by a parser and thrown
away. The gateway does the sending, beside the exchange and after it, so that no
caller waits. What stays is a handful of counts per route and attribute.

Rules that this file enforces by shape:

- A route takes part only when its policy says so; nothing is sampled by default.
- Only redacted text is repeated (`ExchangeFacts.redacted`), without tools, media
  or server-side state: a repetition must do nothing but answer.
- Nothing about a person is stored. `Tally` counts pairs; which of the two
  wordings was the live one is used to order the pair and then forgotten.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from detectors.bias.mitigation.blinding import Gender, Person, variants
from detectors.bias.mitigation.slots import SlotKind, find_slots
from detectors.bias.outcome import Outcome
from detectors.bias.parse import Parser
from detectors.bias.statistics.eprocess import EProcess

HOUR = 3600.0

#: Calls that one shadow costs: the repetition and the swap.
CALLS = 2

#: The chance that a fair backend ever raises an alarm, however long it is watched.
ALPHA = 0.05

_GENDERED = frozenset(
    {SlotKind.SUBJECT, SlotKind.OBJECT, SlotKind.OWNER, SlotKind.REFLEXIVE, SlotKind.TITLE, SlotKind.NOUN}
)


class Skip(StrEnum):
    """Why an exchange is not shadowed."""

    NOT_OPTED_IN = "not-opted-in"
    NOT_SAMPLED = "not-sampled"
    NOT_REDACTED = "not-redacted"
    NOT_REPEATABLE = "not-repeatable"  # tools, media or server-side state
    TOO_LONG = "too-long"
    NO_ATTRIBUTE = "no-attribute"
    AMBIGUOUS = "ambiguous"  # both sides are mentioned: there is nothing to swap
    HOURLY_CAP = "hourly-cap"


@dataclass(frozen=True, slots=True)
class ShadowRule:
    """A route's opt-in. `rate` in 0..1 is the share that is considered; `calls_per_hour` caps what is sent.

    `attribute` is ``gender``, or any name with `swaps`: words of the reference
    and the word of the group that takes their place. `margin` is the smallest gap
    that matters, as a share of all pairs.
    """

    route: str
    attribute: str
    parser: Parser
    rate: float
    calls_per_hour: int
    swaps: Mapping[str, str] = field(default_factory=dict)
    max_characters: int = 8_000
    seed: int = 0
    margin: float = 0.05

    @property
    def sides(self) -> tuple[str, str]:
        """What reports call the group and the reference: wordings, never a person."""
        return ("feminine", "masculine") if self.attribute == "gender" else ("group", "reference")

    def __post_init__(self) -> None:
        if not 0 < self.margin < 1:
            raise ValueError(f"shadow of {self.route}: margin above 0 and below 1; every backend has some gap")
        if not 0 < self.rate <= 1 or self.calls_per_hour < CALLS:
            raise ValueError(f"shadow of {self.route}: rate above 0 up to 1, at least {CALLS} calls an hour")
        if self.attribute != "gender" and not self.swaps:
            raise ValueError(f"shadow of {self.route}: attribute {self.attribute!r} needs `swaps`, pairs of words")
        words = [word.casefold() for pair in self.swaps.items() for word in pair]
        if len(set(words)) != len(words):
            raise ValueError(f"shadow of {self.route}: a word of `swaps` stands twice, so that swapping is ambiguous")
        if self.parser.panel:
            raise ValueError(f"shadow of {self.route}: answers of live traffic are read one at a time, not as a panel")


@dataclass(frozen=True, slots=True)
class ExchangeFacts:
    """What must be known of an exchange; no text."""

    id: str
    route: str
    redacted: bool
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Twins:
    """The two texts to send, message by message. `group_first` says that `identical` is the group's wording."""

    identical: tuple[str, ...] = field(repr=False)
    swapped: tuple[str, ...] = field(repr=False)
    group_first: bool = field(repr=False)


@dataclass(frozen=True, slots=True)
class HourlyCap:
    """When the shadows of the last hour were sent, oldest first."""

    times: tuple[float, ...] = ()

    def take(self, calls_per_hour: int, now: float) -> "HourlyCap | None":
        """Return the cap after one more shadow, or None when the hour is full."""
        # A clock that was set back keeps what is in the future: rather too few calls than too many.
        recent = tuple(time for time in self.times if time > now - HOUR)
        return None if (len(recent) + 1) * CALLS > calls_per_hour else HourlyCap((*recent, now))


@dataclass(frozen=True, slots=True)
class Tally:
    """All that is kept of a route's shadows on one attribute.

    `changed` counts live answers that a mere repetition changed (A/A), `missing`
    shadows without two readable answers.
    """

    route: str
    attribute: str
    evidence: EProcess = field(default_factory=EProcess)
    changed: int = 0
    repeated: int = 0
    missing: int = 0

    @property
    def gap(self) -> float:
        """The share of pairs in which only the group got the favourable outcome, less the reference's share."""
        evidence = self.evidence
        return (evidence.favoured - evidence.disfavoured) / evidence.pairs if evidence.pairs else 0.0

    def alarm(self, margin: float) -> bool:
        """Whether a gap is shown, by evidence that may be looked at after every pair, and is large enough to matter."""
        return self.evidence.alarm(ALPHA) and abs(self.gap) >= margin

    def after(self, twins: Twins, live: Outcome, identical: Outcome, swapped: Outcome) -> "Tally":
        """Return the tally with one more shadow. Outcomes that no parser could read count as missing."""
        tally = self
        if live.value is not None and identical.value is not None:
            differs = (live.label, live.value) != (identical.label, identical.value)
            tally = replace(tally, repeated=tally.repeated + 1, changed=tally.changed + differs)
        if identical.value is None or swapped.value is None:
            return replace(tally, missing=tally.missing + 1)
        group, reference = (identical, swapped) if twins.group_first else (swapped, identical)
        assert group.value is not None
        assert reference.value is not None
        return replace(tally, evidence=tally.evidence.after(group.value - reference.value))


def consider(
    rule: ShadowRule, facts: ExchangeFacts, texts: Sequence[str], cap: HourlyCap, now: float
) -> tuple[Twins, HourlyCap] | Skip:
    """Return what to send and the cap after it, or why nothing is sent. `texts` are the redacted messages.

    Cheap checks come first; most exchanges cost one hash.
    """
    if facts.route != rule.route:
        return Skip.NOT_OPTED_IN
    if not sampled(rule, facts.id):
        return Skip.NOT_SAMPLED
    if not facts.redacted:
        return Skip.NOT_REDACTED
    if not facts.repeatable:
        return Skip.NOT_REPEATABLE
    if sum(map(len, texts)) > rule.max_characters:
        return Skip.TOO_LONG
    twins = _by_gender(texts) if rule.attribute == "gender" else _by_words(texts, rule.swaps)
    if isinstance(twins, Skip):
        return twins
    after = cap.take(rule.calls_per_hour, now)
    return Skip.HOURLY_CAP if after is None else (twins, after)


def sampled(rule: ShadowRule, exchange: str) -> bool:
    """Whether an exchange, by its id, is among the share that is considered. One hash."""
    text = f"{rule.seed}\x1f{rule.route}\x1f{rule.attribute}\x1f{exchange}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64 < rule.rate


def _by_gender(texts: Sequence[str]) -> Twins | Skip:
    """The feminine wording is the group's. Redaction has taken names out, so that no name contradicts a pronoun."""
    people = (Person("man", gender=Gender.MASCULINE), Person("woman", gender=Gender.FEMININE))
    slotted = [find_slots(text, scope=_GENDERED) for text in texts]
    if not any(text.slots for text in slotted):
        return Skip.NO_ATTRIBUTE
    masculine, feminine = zip(*(variants(text, people) for text in slotted), strict=True)
    return _twins(tuple(texts), masculine, feminine)


def _by_words(texts: Sequence[str], swaps: Mapping[str, str]) -> Twins | Skip:
    to_group = {a.casefold(): b for a, b in swaps.items()}
    to_reference = {b.casefold(): a for a, b in swaps.items()}
    group = tuple(_replaced(text, to_group) for text in texts)
    reference = tuple(_replaced(text, to_reference) for text in texts)
    if group == reference:
        return Skip.NO_ATTRIBUTE
    return _twins(tuple(texts), reference, group)


def _twins(texts: tuple[str, ...], reference: tuple[str, ...], group: tuple[str, ...]) -> Twins | Skip:
    """Return the pair when the live text is wholly one of the two wordings."""
    if reference == group:
        return Skip.NO_ATTRIBUTE
    if texts == group:
        return Twins(group, reference, group_first=True)
    return Twins(reference, group, group_first=False) if texts == reference else Skip.AMBIGUOUS


def _replaced(text: str, table: Mapping[str, str]) -> str:
    pattern = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))

    def swap(match: re.Match[str]) -> str:
        word = table[match.group().casefold()]
        return word[:1].upper() + word[1:] if match.group()[:1].isupper() else word

    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", swap, text, flags=re.IGNORECASE)
