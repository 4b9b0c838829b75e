"""Pseudonyms: keyed, deterministic, tenant-scoped tokens that can come back.

The same value gets the same token in every message and every turn, so that a
conversation stays coherent and the provider's prompt cache keeps hitting. A
token is an HMAC-SHA-256 of tenant, entity and value, cut to 60 bits: without
the key nobody can make or check one. What may be restored is not asked of the
key but of the `Ledger` of one exchange: only what this request's caller sent.
"""

import hashlib
import hmac
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.core.heard import Heard
from gateway.core.reading import LOOK_BACK, Reading, begun, read, written
from gateway.core.standins import LONGEST as LONGEST_STANDIN
from gateway.core.standins import Span, Standins
from gateway.core.surrogate import surrogate

_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789AEUY"
"""Thirty-two signs, no I, O, 0 or 1: a model that copies a token by sight does not confuse them."""

DIGEST_SIGNS = 12
"""60 bits: by the birthday bound, one accidental clash in about a billion values of a tenant."""

_PAIRS = [_ALPHABET[n & 31] + _ALPHABET[n >> 5] for n in range(1024)]
"""The signs of ten bits, lower five first."""

_DIGEST = re.compile(rf"(?<=[A-Za-z])_[{_ALPHABET}{_ALPHABET.lower()}]{{{DIGEST_SIGNS}}}(?![A-Za-z0-9])")
_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?:_[A-Za-z]+)*\Z")
"""A token as a model may write it, its escapes undone (`gateway.core.reading`): any case, with or without brackets.

It is known by its end: names are looked for before a digest only, and no further back than tokens are long, so
that no text of words and low lines costs more than its length.
"""

_SIGNS = re.compile(rf"[{_ALPHABET}{_ALPHABET.lower()}]{{{DIGEST_SIGNS}}}")
"""What every spelling of a token holds as it is: letters and digits need no escape."""

_TAIL = re.compile(r"\[?[A-Za-z]*(?:_[A-Za-z0-9]*)*\]?\Z")
"""The end of a text in which a token may still be growing, or be the text of a link."""

_BLANK = re.compile(r"\s")
_BEGIN = re.compile(r"\[|(?<![A-Za-z0-9])[A-Za-z]")
"""Where a token may begin: a bracket, or a word."""

LONGEST = 128
"""No token is written with more characters: the longest entity name, the digest, brackets, and their escapes."""

MAX_ATTEMPTS = 16
"""Surrogates that are tried for a value before it gets a token."""

CROWDED = 48
"""Surrogates of one exchange after which one whose words are another's is taken at once: others are hardly left."""

USED_UP = 64
"""Values of an entity, one after the other, for which no surrogate was free, after which no more are tried."""

TYPED = "PSEUDONYM"
"""The entity of a token that a caller typed: it is itself replaced, and comes back as it was typed."""


def mint(key: bytes, tenant: str, entity: str, value: str) -> str:
    """Return the token of `value`, e.g. ``[PERSON_7Q2M4KX3ABCD]``."""
    message = f"{tenant}\0{entity}\0{value}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256)[:8], "big")
    signs = "".join([_PAIRS[(number >> bits) & 1023] for bits in range(0, 5 * DIGEST_SIGNS, 10)])
    return f"[{entity}_{signs}]"


@dataclass(slots=True)
class Ledger:
    """The pseudonyms of one exchange: minted from its request, restored in its answer.

    Lives and dies with the exchange; never shared between callers. `mint` is
    idempotent.
    """

    key: bytes = field(repr=False)
    tenant: str
    _values: dict[str, str] = field(repr=False, default_factory=dict)
    _tokens: dict[tuple[str, str], str] = field(repr=False, default_factory=dict)
    _known: dict[str, str] = field(repr=False, default_factory=dict)
    _standins: Standins = field(repr=False, default_factory=Standins)
    _heard: Heard = field(repr=False, default_factory=Heard)
    _sorted: list[str] = field(repr=False, default_factory=list)
    _lacking: dict[str, int] = field(repr=False, default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Ledger":
        """Return a ledger that restores these tokens; it has no key, so it is for restoring only."""
        ledger = cls(b"", "")
        ledger._values = {token.strip("[]"): value for token, value in values.items()}
        return ledger

    def mint(self, entity: str, value: str) -> str:
        """Return the token of `value` and remember that it may be restored."""
        token = self._tokens.get((entity, value))
        if token is None:
            token = self._tokens[(entity, value)] = mint(self.key, self.tenant, entity, value)
            self._values[token[1:-1]] = value
            self._known[value] = entity
        return token

    def replacement(self, entity: str, value: str) -> str:
        """Return what stands for a value that was replaced before, whichever way; else its new token."""
        return self._tokens.get((entity, value)) or self.mint(entity, value)

    def hear(self, texts: Iterable[str]) -> None:
        """Take in the request's own texts: no surrogate is used that may stand in one of them."""
        self._heard = Heard(texts)

    def surrogate(self, entity: str, value: str) -> str:
        """Return the surrogate of `value`; its token where no surrogate is free and unambiguous.

        The first that shares no word with another's or with the request is taken, so that each of
        its words can come back by itself; else the first that is nobody else's as a whole.
        """
        made = self._tokens.get((entity, value))
        if made is not None:
            return made
        spare: str | None = None
        for attempt in range(MAX_ATTEMPTS if self._lacking.get(entity, 0) < USED_UP else 0):
            candidate = surrogate(self.key, self.tenant, entity, value, attempt)
            if candidate == value or not self._free(candidate):
                continue
            if not self._standins.shares(candidate) and not self._hears_word_of(candidate):
                made = candidate
                break
            spare = spare or candidate
            if len(self._standins) >= CROWDED:
                break
        made = made or spare
        self._lacking[entity] = 0 if made is not None else self._lacking.get(entity, 0) + 1
        if made is None:
            return self.mint(entity, value)
        self._tokens[(entity, value)] = made
        self._standins.add(made, value, self._heard)
        self._known[value] = entity
        return made

    def _free(self, candidate: str) -> bool:
        taken = candidate in self._standins or self._heard.says(candidate)
        return not taken and len(candidate) <= LONGEST_STANDIN

    def _hears_word_of(self, candidate: str) -> bool:
        return any(self._heard.says(word) for word in candidate.split() if len(word) > 2)

    @property
    def empty(self) -> bool:
        """Whether nothing was minted."""
        return not self._values and self._standins.empty

    @property
    def known(self) -> Mapping[str, str]:
        """Every value that was replaced, with its entity."""
        return self._known

    @property
    def salt(self) -> bytes:
        """A salt of this tenant, for hashes that must agree within it and with nobody else's."""
        return hmac.digest(self.key, b"salt\x00" + self.tenant.encode(), hashlib.sha256)

    def restorable(self, text: str, *, exact: bool = False) -> Iterator[Span]:
        """Yield the tokens and surrogates in `text` that were minted here, in order, none over another.

        However they are spelled (`gateway.core.reading`); each value is spelled as its place demands. With
        `exact`, only tokens that are written as they were minted, where the value is written as it is: what
        replaces it there again is the same token to the letter.
        """
        if self._standins.empty and (not self._values or _SIGNS.search(text) is None):
            return
        reading = read(text)
        found = [*self._tokens_in(reading, text, exact), *self._standins.restorable(reading, text)]
        after = 0
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if span.start >= after:
                yield span
                after = span.end

    def _tokens_in(self, reading: Reading, text: str, exact: bool = False) -> Iterator[Span]:
        said = reading.text
        for match in _DIGEST.finditer(said) if self._values and "_" in said else ():
            named = _NAME.search(said, max(0, match.start() - LONGEST), match.start())
            start = self._named(said, named.start(), match) if named is not None else None
            if start is None:
                continue
            value = self._values[said[start : match.end()].upper()]
            first, last = reading.place(start), reading.place(match.end())
            if said[start - 1 : start] == "[" and said.startswith("]", match.end()):
                outer = reading.place(start - 1), reading.place(match.end() + 1)
                spelling = text[slice(*outer)]
                link = spelling[:1] == "[" and spelling[-1:] == "]" and said.startswith("(", match.end() + 1)
                if exact or not link:  # the text of a link keeps its brackets
                    first, last = outer
            spelt = written(value, text[first:last], text[max(0, first - LOOK_BACK) : first])
            same = spelt == value and text[first:last] == f"[{said[start : match.end()].upper()}]"
            if last - first <= LONGEST and (same or not exact):
                yield Span(first, last, spelt)

    def _named(self, said: str, start: int, match: re.Match[str]) -> int | None:
        """Return where a token's name begins: at `start`, or behind words that are joined to it (mail_PERSON_…)."""
        while said[start : match.end()].upper() not in self._values:
            start = said.find("_", start, match.start()) + 1
            if not start:
                return None
        return start

    def horizon(self, text: str) -> int:
        """Return where the last token or surrogate that may still be growing begins, or the text's length."""
        if self.empty:
            return len(text)
        first = max(0, len(text) - LONGEST)
        open_ = begun(text)
        reading = read(text[first:open_])
        grown = min(self._token_horizon(reading.text), self._standins.horizon(reading.text))
        held = first + reading.place(grown) if grown < len(reading.text) else open_
        return held if self._standins.empty else min(held, first + self._standins.horizon(text[first:]))

    def _token_horizon(self, text: str) -> int:
        if not self._values:
            return len(text)
        first = 0
        while (blank := _BLANK.search(text, first)) is not None:  # no token has a blank
            first = blank.end()
        for begin in _BEGIN.finditer(text, first):
            if _TAIL.match(text, begin.start()) is None:
                continue
            stem = text[begin.start() :].lstrip("[").upper()
            if self._begins_token(stem) or (stem.endswith("]") and stem[:-1] in self._values):
                return begin.start()
        return len(text)

    def _begins_token(self, stem: str) -> bool:
        if len(self._sorted) != len(self._values):
            self._sorted = sorted(self._values)
        at = bisect_left(self._sorted, stem)
        return at < len(self._sorted) and self._sorted[at].startswith(stem)

    def typed(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the places where a caller's own text spells a token that this exchange minted.

        Such a text must not come back as somebody's value; it is replaced by a
        pseudonym of its own (entity `TYPED`).
        """
        if self._values:
            for start, end, _ in self._tokens_in(read(text), text):
                yield start, end
