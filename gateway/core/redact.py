"""Redaction: what a plan's rules make of findings, as edits of a text and numbers of a decision.

One `Redactor` per exchange and direction. It is the `Rewriter` behind every
window of that direction: thresholds, overlaps, pseudonyms and operators meet
here and nowhere else.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import accumulate
from typing import Protocol

from detectors.detector import Detector, Finding
from detectors.overlap import resolve
from gateway.core.decision import Direction
from gateway.core.literals import Literals, joined
from gateway.core.payload import Key, Mark, Path
from gateway.core.plan import InspectRule, OperatorKind
from gateway.core.pseudonym import LONGEST, TYPED, Ledger
from gateway.core.reading import LOOK_BACK
from gateway.core.standins import Span
from gateway.core.tally import Rulebook, Tally, enforced_of
from gateway.core.window import Edit, Promise, Question, behind

_RESTORE = "restore"
_REPEAT = "repeat"
_BEYOND_DOUBT = math.inf
"""The score of what is known and not guessed: it wins every overlap."""


class Operators(Protocol):
    """The operators that cannot be undone (`gateway.adapters.operators` brings them)."""

    def mask(self, text: str, sign: str, keep_last: int) -> str: ...
    def hash(self, text: str, salt: bytes) -> str: ...
    def redact(self, text: str, entity: str) -> str: ...


_Ruled = tuple[InspectRule | None, InspectRule]
"""The rule that is enforced, if any, and the one that would be if all were."""


class _Rulings(dict[tuple[str, float], _Ruled | None]):
    """What the rules make of an entity at a score, None where there is no rule; looked up once for each such pair."""

    def __init__(self, rules: Rulebook) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, pair: tuple[str, float]) -> _Ruled | None:
        entity, score = pair
        named = [rule for rule in self._rules.get(entity, ()) if score >= rule.threshold]
        ruled = self[pair] = (enforced_of(named), named[0]) if named else None
        return ruled


def _rewrites(rule: InspectRule | None) -> bool:
    return rule is not None and rule.operator is not OperatorKind.KEEP


class Redactor:
    """The `Rewriter` of one exchange's direction. Not shared; not thread-safe."""

    def __init__(
        self,
        direction: Direction,
        rules: Rulebook,
        ledger: Ledger,
        operators: Operators,
        promise: Promise,
        learning: bool = False,
        own: Sequence[Detector] = (),
    ) -> None:
        """`learning` (requests): first see every text through `learn`, then rewrite, so that each
        value is replaced wherever it stands, also where no detector recognised it. `own` are quick
        detectors of this exchange alone.
        """
        self.tally = Tally()
        self.context = max(promise.context, LONGEST, LOOK_BACK)
        self._direction = direction
        self._ruled = _Rulings(rules)
        self._ledger = ledger
        self._operators = operators
        self._settled: Callable[[str], int] = promise.settled
        self._learning = learning
        self._own = own
        self._known = Literals()
        self._made: dict[tuple[tuple[str, float, str], str], str] = {}
        """What stands for a text that was found, by what was found there."""
        self._signed = False

    def under(self, mark: Mark) -> "Redactor":
        """Return the redactor of a text with this mark; they know and count the same things.

        In a `signed` text only those tokens are restored that come back as they were, so that the signature
        still holds when the conversation is sent again; there, the tokens are the model's and nobody typed them.
        """
        if not mark.signed:
            return self
        signed = copy(self)
        signed._signed = True
        return signed

    def horizon(self, text: str) -> int:
        """Return how many leading characters neither a detector nor a token can change any more."""
        own = (detector.settled(text) for detector in self._own)
        return min(self._settled(text), self._ledger.horizon(text), *own)

    def relevant(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Return the findings for which a rule exists at their score, and the places of known values."""
        if self._own:
            findings = [*findings, *(f for detector in self._own for f in detector.detect([text])[0])]
        ruled = self._ruled
        kept = [f for f in findings if ruled[f[2:4]] is not None]
        if self._direction is Direction.RESPONSE:
            kept.extend(
                Finding(start, end, _RESTORE, _BEYOND_DOUBT, _RESTORE) for start, end, _ in self._restorable(text)
            )
        elif self._learning and not self._ledger.empty:
            typed = self._ledger.typed(text) if not self._signed else ()
            kept.extend(Finding(start, end, TYPED, _BEYOND_DOUBT, _REPEAT) for start, end in typed)
            replaced = {f[:2] for f in kept if not math.isinf(f.score) and _rewrites(self._rule(f)[0])}
            repeats = self._repeats(text, replaced)  # mostly, the detectors found what is known
            kept.extend(repeat for repeat in repeats if not (self._signed and repeat.entity == TYPED))
        return kept

    def learn(self, question: Question, findings: Sequence[Finding]) -> None:
        """Mint the pseudonyms of a text before any text is rewritten."""
        text = question.text
        found = behind(self.relevant(text, findings), question.start)
        acting = [f for f in found if math.isinf(f.score) or _rewrites(self._rule(f)[0])]
        for piece in resolve(_not_inside(acting), text):
            self._replaced(piece, text[piece.start : piece.end])

    def learned(self) -> None:
        """Say that every text was seen: from now on known values are found by themselves."""
        for value in self._ledger.known:
            if len(value) >= MIN_REPEAT:
                self._known.add(value)

    def edits(self, text: str, findings: Sequence[Finding]) -> list[Edit]:
        """Return the edits that the rules make of relevant findings; count them in the tally.

        An answer ends at the first finding that is denied: nothing of it, or behind it, is edited. (A request is
        refused as a whole.)
        """
        acting: list[Finding] = []
        denied: int | None = None
        for finding in findings:
            if math.isinf(finding.score):
                acting.append(finding)
                continue
            enforced, wished = self._rule(finding)
            if self._direction is Direction.RESPONSE and text[finding.start : finding.end] in self._ledger.known:
                continue  # the caller's own value: it is coming home
            if _rewrites(enforced):
                acting.append(finding)
            denies = enforced is not None and enforced.operator is OperatorKind.DENY
            if denies or not _rewrites(enforced):
                self.tally.note(finding.entity, enforced, wished)  # a denial counts also under a better finding
            if denies and self._direction is Direction.RESPONSE:
                denied = finding.start if denied is None else min(denied, finding.start)
        pieces = resolve(_not_inside(acting), text)
        restoring = any(piece.detector == _RESTORE for piece in pieces)
        values = {(s, e): value for s, e, value in self._restorable(text)} if restoring else {}
        edits = [self._edit(piece, text, values) for piece in pieces]
        return edits if denied is None else _ending(edits, denied)

    def renamed(self, key: str) -> str:
        """Return a key that is a plain word with the known values in it replaced."""
        name, at = "", 0
        for edit in self.edits(key, [*self._repeats(key)]) if self._learning and key not in SCHEMA_WORDS else ():
            name, at = name + key[at : edit.start] + edit.replacement, edit.end
        return name + key[at:]

    def renaming(self, keys: Iterable[Path]) -> dict[Path, str]:
        """Return the keys that hold known values, with their new names."""
        named = {key: self.renamed(key[-1].name) for key in keys if isinstance(key[-1], Key)} if self._known else {}
        return {key: name for key, name in named.items() if isinstance(key[-1], Key) and name != key[-1].name}

    def _edit(self, piece: Finding, text: str, values: Mapping[tuple[int, int], str]) -> Edit:
        if piece.detector == _RESTORE:
            self.tally.restored += 1
            here = (piece.start, piece.end)
            return Edit(*here, values.get(here, text[piece.start : piece.end]))
        if piece.detector != _REPEAT:
            enforced, wished = self._rule(piece)
            if enforced is not None and enforced.operator is not OperatorKind.DENY:
                self.tally.note(piece.entity, enforced, wished)
        return Edit(piece.start, piece.end, self._replaced(piece, text[piece.start : piece.end]))

    def _rule(self, finding: Finding) -> _Ruled:
        rules = self._ruled[finding[2:4]]
        assert rules is not None
        return rules

    def _replaced(self, finding: Finding, text: str) -> str:
        """Return what stands for a text that was found, made once: deterministic, so that it need not be made again."""
        what = finding[2:], text
        made = self._made.get(what)
        if made is None:
            made = self._made[what] = self._replacement(finding, text)
        return made

    def _replacement(self, finding: Finding, text: str) -> str:
        if finding.detector == _REPEAT:
            return self._ledger.replacement(finding.entity, text)
        rule, _ = self._rule(finding)
        assert rule is not None
        if rule.operator in (OperatorKind.PSEUDONYM, OperatorKind.SURROGATE):
            if self._direction is Direction.REQUEST:
                entity = self._ledger.known.get(text, finding.entity)  # one value, one pseudonym
                makes = self._ledger.surrogate if rule.operator is OperatorKind.SURROGATE else self._ledger.mint
                return makes(entity, text)
            return self._operators.redact(text, finding.entity)  # what the model made up has nobody to return to
        if rule.operator is OperatorKind.MASK:
            return self._operators.mask(text, rule.mask_char, rule.mask_keep_last)
        if rule.operator is OperatorKind.HASH:
            salt = self._ledger.salt
            return f"[{finding.entity}_{self._operators.hash(text, salt)}]"
        return self._operators.redact(text, finding.entity)

    def _restorable(self, text: str) -> Iterator[Span]:
        """Yield what is restored; in a signed text, only values that are found again: whole words, and not short."""
        for span in self._ledger.restorable(text, exact=self._signed):
            start, end, value = span
            if not self._signed or (
                len(value) >= MIN_REPEAT
                and not joined(text[start - 1 : start], value[0])
                and not joined(value[-1], text[end : end + 1])
            ):
                yield span

    def _repeats(self, text: str, found: Container[tuple[int, int]] = ()) -> Iterator[Finding]:
        """Yield the known values where they stand as whole words, but for what was `found` there and nobody typed."""
        known = self._ledger.known
        for start, end in self._known.find(text) if self._known else ():
            entity = known.get(text[start:end])
            if entity is not None and (entity == TYPED or (start, end) not in found):
                yield Finding(start, end, entity, _BEYOND_DOUBT, _REPEAT)


def _ending(edits: Sequence[Edit], denied: int) -> list[Edit]:
    """Return the edits before the place of a denial, then the denial; where an edit goes across, it begins there."""
    before = [edit for edit in edits if edit.end <= denied]
    at = min([denied, *(edit.start for edit in edits if edit.start < denied < edit.end)])
    return [*before, Edit(at, at, "", denies=True)]


SCHEMA_WORDS = frozenset(
    {
        *("additionalProperties", "allOf", "anyOf", "const", "default", "definitions", "description", "enum"),
        *("examples", "format", "items", "maximum", "maxItems", "maxLength", "minimum", "minItems", "minLength"),
        *("oneOf", "pattern", "prefixItems", "properties", "required", "title", "type"),
    }
)
"""Words of JSON Schema, among which the users' own keys stand; they are nobody's name."""

MIN_REPEAT = 4
"""Shorter values are not looked for by themselves: they would hit ordinary words."""


def _not_inside(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out a known value that a detector's own finding covers: a first name inside an e-mail address."""
    if all(f.detector != _REPEAT for f in findings):
        return [*findings]
    others = sorted({(f.start, -f.end) for f in findings if f.detector != _REPEAT})
    starts = [start for start, _ in others]
    furthest = list(accumulate((-end for _, end in others), max))

    def held(finding: Finding) -> bool:
        upto = bisect_right(starts, finding.start)
        return upto > 0 and furthest[upto - 1] >= finding.end

    return [f for f in findings if f.detector != _REPEAT or f.entity == TYPED or not held(f)]
