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

from gateway.core.surrogate import Standins, surrogate

_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789AEUY"
"""Thirty-two signs, no I, O, 0 or 1: a model that copies a token by sight does not confuse them."""

DIGEST_SIGNS = 12
"""60 bits: by the birthday bound, one accidental clash in about a billion values of a tenant."""

_SHAPE = re.compile(
    r"(?P<open>\\?\[)?(?<![A-Za-z0-9])(?P<name>[A-Za-z]+(?:\\?_[A-Za-z]+)*)\\?_"
    rf"(?P<digest>[{_ALPHABET}{_ALPHABET.lower()}]{{{DIGEST_SIGNS}}})(?![A-Za-z0-9])(?P<close>\\?\])?"
)
"""A token as a model may write it: any case, with or without brackets, underscores and brackets escaped."""

_TAIL = re.compile(r"(?:\\?\[)?[A-Za-z]*(?:\\?_[A-Za-z0-9]*)*\\?\Z")
"""The end of a text in which a token may still be growing."""

_BLANK = re.compile(r"\s")
_BEGIN = re.compile(r"[\\\[]|(?<![A-Za-z0-9])[A-Za-z]")
"""Where a token may begin: an escape, a bracket, or a word."""

LONGEST = 64
"""No token is longer: the longest entity name, the digest, brackets and escapes."""

MAX_ATTEMPTS = 16
"""Surrogates that are tried for a value before it gets a token."""

TYPED = "PSEUDONYM"
"""The entity of a token that a caller typed: it is itself replaced, and comes back as it was typed."""


def mint(key: bytes, tenant: str, entity: str, value: str) -> str:
    """Return the token of `value`, e.g. ``[PERSON_7Q2M4KX3ABCD]``."""
    message = b"\x00".join(part.encode("utf-8", "surrogatepass") for part in (tenant, entity, value))
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256)[:8], "big")
    signs = "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(DIGEST_SIGNS))
    return f"[{entity}_{signs}]"


def _canonical(name: str, digest: str) -> str:
    return f"{name}_{digest}".replace("\\", "").upper()


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
    _heard: str = field(repr=False, default="")
    _sorted: list[str] = field(repr=False, default_factory=list)

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
        """Take in the request's own texts: no surrogate is used that stands in one of them."""
        self._heard = "\n".join(texts).lower()

    def surrogate(self, entity: str, value: str) -> str:
        """Return the surrogate of `value`; its token where no surrogate is free and unambiguous."""
        made = self._tokens.get((entity, value))
        attempt = 0
        while made is None and attempt < MAX_ATTEMPTS:
            candidate = surrogate(self.key, self.tenant, entity, value, attempt)
            taken = candidate in self._standins or candidate.lower() in self._heard or len(candidate) > LONGEST
            if not taken and candidate != value:
                made = self._tokens[(entity, value)] = candidate
                self._standins.add(candidate, value)
                self._known[value] = entity
            attempt += 1
        return made if made is not None else self.mint(entity, value)

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

    def restorable(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield ``(start, end, value)`` for each token and surrogate in `text` that was minted here."""
        yield from self._standins.restorable(text)
        if self._values and "_" in text:
            yield from self._tokens_in(text)

    def _tokens_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        for match in _SHAPE.finditer(text):
            name, start = match["name"], match.start("name")
            while (value := self._values.get(_canonical(name, match["digest"]))) is None and "_" in name:
                start += name.index("_") + 1  # words before the token, joined to it: mail_PERSON_…
                name = match.string[start : match.end("name")]
            if value is None:
                continue
            paired = match["open"] is not None and match["close"] is not None and start == match.start("name")
            yield (match.start(), match.end(), value) if paired else (start, match.end("digest"), value)

    def horizon(self, text: str) -> int:
        """Return where the last token or surrogate that may still be growing begins, or the text's length."""
        return min(self._token_horizon(text), self._standins.horizon(text))

    def _token_horizon(self, text: str) -> int:
        if not self._values:
            return len(text)
        first = max(0, len(text) - LONGEST)
        while (blank := _BLANK.search(text, first)) is not None:  # no token has a blank
            first = blank.end()
        for begin in _BEGIN.finditer(text, first):
            if _TAIL.match(text, begin.start()) is None:
                continue
            stem = text[begin.start() :].replace("\\", "").lstrip("[").upper()
            if self._begins_token(stem):
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
            for start, end, _ in self._tokens_in(text):
                yield start, end
