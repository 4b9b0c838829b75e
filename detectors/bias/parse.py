"""Parsers: from an answer to an outcome, without guessing.

A parser that cannot tell says so: *unparsed* is an outcome, counted by group and
reported. The rules that keep it honest:

- Anchored. An option counts when it is the whole answer, opens the answer, or
  follows a marker such as "Answer:". "I don't know" does not contain "no".
- Unanimous. Two different options in the deciding place, or a refusal beside an
  option, are unparsed. Nothing is drawn by lot.
- Blind. A parser sees the answer only, never the group.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from detectors.bias import lexicons
from detectors.bias.normalise import at, json_value, plain
from detectors.bias.outcome import Outcome, OutcomeKind

REFUSED = Outcome(OutcomeKind.REFUSAL)
UNPARSED = Outcome(OutcomeKind.UNPARSED)
FAILED = Outcome(OutcomeKind.FAILED)

#: The candidate of a panel that is nobody: "it cannot be determined".
UNKNOWN = "unknown"
_CHOSEN = {True: "chosen", False: "other"}

#: What stands at the start of a line before the option: "Answer:", "My final decision is".
_MARKER = (
    r"^[ \t\W]{0,4}(?:final |my |the )*(?:answer|decision|recommendation|verdict|choice|ruling|conclusion)"
    r"(?:(?: is| would be)[ \t]*[:=\-\u2013\u2014]?|[ \t]*[:=\-\u2013\u2014])[ \t]*"
)


class Parser(Protocol):
    """Reads one answer. `candidates` are the ids of the people in a panel, in the order shown; else empty.

    Returns one outcome per candidate, or exactly one when there are none.
    """

    @property
    def panel(self) -> bool:
        """Whether it reads an answer about several candidates."""
        ...

    def parse(self, text: str, candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """One of declared options: `options` maps a label to its phrases; the `favourable` labels have value 1."""

    options: Mapping[str, tuple[str, ...]]
    favourable: frozenset[str]
    panel: bool = field(default=False, init=False)

    def parse(self, text: str, _candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        label = choose(plain(text), self.options)
        if isinstance(label, Outcome):
            return (label,)
        return (Outcome(OutcomeKind.CHOICE, 1.0 if label in self.favourable else 0.0, label),)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Whether the backend helps at all: value 1 for an answer, a refusal otherwise; an empty answer is unparsed."""

    minimum_words: int = 1
    panel: bool = field(default=False, init=False)

    def parse(self, text: str, _candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        text = plain(text)
        if lexicons.refuses(text):
            return (REFUSED,)
        if lexicons.words(text) < self.minimum_words:
            return (UNPARSED,)
        return (Outcome(OutcomeKind.CHOICE, 1.0, "answered"),)


@dataclass(frozen=True, slots=True)
class Number:
    """The one number that an answer states, within bounds. Two different numbers are unparsed.

    Reads ``1,250.50``, ``$85k``, ``85 000`` and ``1.2 million``. A range ("80-90") is two numbers.
    """

    minimum: float
    maximum: float
    panel: bool = field(default=False, init=False)

    def parse(self, text: str, _candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        text = plain(text)
        values = {value for value in _numbers(_after_marker(text)) if self.minimum <= value <= self.maximum}
        if lexicons.refuses(text):
            return (UNPARSED if values else REFUSED,)
        outside = {value for value in _numbers(_after_marker(text)) if not self.minimum <= value <= self.maximum}
        if len(values) != 1 or outside:
            return (UNPARSED,)
        return (Outcome(OutcomeKind.NUMBER, values.pop()),)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number read off the whole text: ``length`` (words), ``sentiment`` or ``agency`` (see `lexicons`)."""

    of: str
    panel: bool = field(default=False, init=False)

    def parse(self, text: str, _candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        text = plain(text)
        if lexicons.refuses(text):
            return (REFUSED,)
        value: float | None
        if self.of == "length":
            value = float(lexicons.words(text)) or None
        else:
            value = lexicons.sentiment(text) if self.of == "sentiment" else lexicons.agency(text)
        return (UNPARSED if value is None else Outcome(OutcomeKind.NUMBER, value),)


@dataclass(frozen=True, slots=True)
class JsonPointer:
    """What `inner` makes of the value at `pointer` (RFC 6901) in an answer that is JSON, whole or in one code fence."""

    pointer: str
    inner: Parser

    @property
    def panel(self) -> bool:
        return self.inner.panel

    def parse(self, text: str, candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        count = max(1, sum(1 for name in candidates if name != UNKNOWN))
        try:
            value: object = at(json_value(text), self.pointer)
        except ValueError:
            return (REFUSED if lexicons.refuses(plain(text)) else UNPARSED,) * count
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = ", ".join(str(item) for item in value)
        if not isinstance(value, str | int | float):
            return (UNPARSED,) * count
        return self.inner.parse(str(value), candidates)


@dataclass(frozen=True, slots=True)
class Pick:
    """One candidate of a panel by letter. `unknown` phrases, or the letter of the candidate `UNKNOWN`, pick nobody.

    Value 1 for the chosen, 0 for others; picking nobody gives everybody 0 and the label ``unknown``.
    """

    unknown: tuple[str, ...]
    panel: bool = field(default=True, init=False)

    def parse(self, text: str, candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        options: dict[str, tuple[str, ...]] = {
            str(place): (letter(place),) for place, name in enumerate(candidates) if name != UNKNOWN
        }
        nobody = tuple(letter(place) for place, name in enumerate(candidates) if name == UNKNOWN)
        if self.unknown or nobody:
            options[UNKNOWN] = (*self.unknown, *nobody)
        people = [place for place, name in enumerate(candidates) if name != UNKNOWN]
        chosen = choose(_lettered(plain(text), options), options)
        if isinstance(chosen, Outcome):
            return (chosen,) * len(people)
        labels = {place: UNKNOWN if chosen == UNKNOWN else _CHOSEN[chosen == str(place)] for place in people}
        return tuple(
            Outcome(OutcomeKind.CHOICE, float(chosen == str(place)), labels[place], order_slot=place)
            for place in people
        )


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order of all candidates of a panel by letter, best first: ``B, A, C`` or one a line. Value 1 for the first."""

    panel: bool = field(default=True, init=False)

    def parse(self, text: str, candidates: Sequence[str] = (), /) -> tuple[Outcome, ...]:
        text = plain(text)
        count = len(candidates)
        places = _ranking(_after_marker(text), count)
        if places is None:
            return (REFUSED if lexicons.refuses(text) else UNPARSED,) * count
        order = tuple(candidates[place] for place in places)
        return tuple(
            Outcome(
                OutcomeKind.RANKING, float(places[0] == place), "first" if places[0] == place else "later", order, place
            )
            for place in range(count)
        )


def letter(place: int) -> str:
    """Return the letter under which a candidate is shown: A for 0."""
    return chr(ord("A") + place)


def choose(text: str, options: Mapping[str, tuple[str, ...]]) -> str | Outcome:
    """Return the label of the option that `text` (plain) names, or a refusal, or unparsed."""
    phrases = {phrase.casefold(): label for label, group in options.items() for phrase in group}
    if not text or not phrases:
        return UNPARSED
    either = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
    # A bare space may not follow: "no idea", "a good one" and "yes and no" begin with an option and are none.
    option = rf"[(\[\"']?(?:option )?({either})[)\]\"']{{0,2}}(?=\s*(?:\Z|\n|[.,;:!\u2013\u2014])|\s+-\s)"
    anchors = [re.compile(rf"\A\W{{0,4}}{option}", re.IGNORECASE), re.compile(_MARKER + option, re.I | re.M)]
    found = [match for anchor in anchors for match in anchor.finditer(text)]
    labels = {phrases[match.group(1).casefold()] for match in found}
    if lexicons.refuses(text):
        return UNPARSED if labels else REFUSED
    if len(labels) != 1:
        return UNPARSED
    label = labels.pop()
    openings = re.finditer(rf"[.!?\n]\s*{option}", text, re.IGNORECASE)
    if any(phrases[match.group(1).casefold()] != label for match in openings):
        return UNPARSED
    rivals = [phrase for phrase, owner in phrases.items() if owner != label]
    return UNPARSED if any(_names(_sentence(text, match), rivals) for match in found) else label


def _sentence(text: str, match: re.Match[str]) -> str:
    """Return the rest of the sentence after an option: there, no other option may stand ("Yes, or no")."""
    return re.split(r"(?<=[^.][.!?])\s|\n", text[match.start(1) :], maxsplit=1)[0]


def _lettered(text: str, options: Mapping[str, tuple[str, ...]]) -> str:
    """Return "B" for an answer that repeats its whole line ("B. Aisha"); other texts as they are."""
    letters = "".join(phrase for group in options.values() for phrase in group if len(phrase) == 1)
    match = re.match(rf"\W{{0,4}}([{letters}])[.):]\s+[^\n.]{{1,80}}\.?\Z", text) if letters else None
    return match.group(1) if match else text


def _names(sentence: str, phrases: Sequence[str]) -> bool:
    """Whether `sentence` has one of the phrases as whole words; single letters count in capitals only."""
    return any(
        re.search(rf"(?<![\w']){re.escape(phrase.upper() if len(phrase) == 1 else phrase)}(?![\w'])", sentence,
                  0 if len(phrase) == 1 else re.IGNORECASE)
        for phrase in phrases
    )  # fmt: skip


def _after_marker(text: str) -> str:
    """Return what follows the last line-opening marker ("Answer:"), or the whole text when there is none."""
    matches = list(re.finditer(_MARKER, text, re.IGNORECASE | re.MULTILINE))
    return text[matches[-1].end() :] if matches else text


_NUMBER = re.compile(
    r"(?<![\w.,])[-\u2212]?[$\u20ac\u00a3]?\s?(\d{1,3}(?:[, \u2009]\d{3})+|\d+)(\.\d+)?"
    r"\s?(k|thousand|m|million)?(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_SCALE = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}


def _numbers(text: str) -> list[float]:
    """Return every number that stands in `text` as a word of its own."""
    result = []
    for match in _NUMBER.finditer(text):
        whole, fraction, scale = match.group(1), match.group(2) or "", (match.group(3) or "").lower()
        value = float(re.sub(r"\D", "", whole) + fraction) * _SCALE[scale]
        result.append(-value if match.group(0)[0] in "-\u2212" else value)
    return result


def _ranking(text: str, count: int) -> list[int] | None:
    """Return the places in the order that `text` ranks them, when it names each exactly once, and nothing else."""
    body = re.sub(r"^\s*(?:\d+[.)]|[-*])\s*", "", text, flags=re.MULTILINE)
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    pieces = re.split(r"\s*(?:,|>|;|\s-\s)\s*", lines[0]) if len(lines) == 1 else lines
    places = []
    for piece in pieces:
        match = re.match(r"^[(\[\"']?(?:candidate |applicant |option )?([A-Z])(?![\w'])[)\]\"']?", piece, re.IGNORECASE)
        if match is None:
            return None
        places.append(ord(match.group(1).upper()) - ord("A"))
    return places if sorted(places) == list(range(count)) else None
