"""The rules: every pattern of every Presidio recognizer, with its corrections, ready to be scanned for.

A rule has two expressions. `expression` decides, on the text, as Presidio would.
`relaxed` only proposes, on the shadow (`shadow.py`, `relax.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import regex  # type: ignore[import-untyped]

from detectors.pii.checks import luhn, never_issued, no_address
from detectors.pii.context import ContextWords, Mask
from detectors.pii.corrections import (
    ANCHORED,
    BARE_NUMBER,
    CONTEXT_INSTEAD,
    DOUBTS,
    EXTRA_CONTEXT,
    FORMAT_OR_CONTEXT,
    FORMATS,
    FORMATTED,
    LABELLED,
    LABELS,
    NEAR,
    NEAR_DOUBTS,
    PATTERNS,
    RELAXED,
    REPAIRS,
    SPEAKS_FOR_ITSELF,
    UNSUPPORTED,
    WIDE,
    anchored,
)
from detectors.pii.expression import Expression
from detectors.pii.presidio import load_recognizers
from detectors.pii.relax import relax

BOOST: Final = 0.35
"""What a context word adds to a score (Presidio's `context_similarity_factor`)."""
BOOSTED_MIN: Final = 0.4
"""What a score is at least, once a context word is there (`min_score_with_context_similarity`)."""

# Recognizers whose findings come from code of their own: mail.py, url.py, phone.py, iban.py.
OWN_ENGINE: Final = frozenset(
    {"EmailRecognizer", "IbanRecognizer", "PhoneRecognizer", "UrlRecognizer"}
    | {"ZaMobileNumberRecognizer", "ZaTelephoneNumberRecognizer"}
)

# Of these no word changes a score: an address is sure by its form, and the others come as PhoneRecognizer's.
_WORDLESS: Final = frozenset({"EmailRecognizer", "ZaMobileNumberRecognizer", "ZaTelephoneNumberRecognizer"})

_SEPARATED: Final[Any] = regex.compile(r"[^\W_]*[\W_].*", regex.DOTALL)

Judge = Callable[[str], Any]

# Instead of Presidio's `invalidate_result` and `validate_result`.
FASTER_DOUBT: Final[dict[str, Judge]] = {"UsSsnRecognizer": never_issued, "IpRecognizer": no_address}
FASTER_PROOF: Final[dict[str, Judge]] = {"CreditCardRecognizer": luhn}


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of one recognizer. Lengths are in characters."""

    entity: str
    recognizer: str
    expression: Expression
    relaxed: str
    formatted: str | None  # the relaxed expression of those matches that need no context word, if that is narrower
    score: float
    validate: Judge | None
    invalidate: Judge | None
    bit: Mask
    doubt: Mask
    near: Mask
    speaks: Mask  # of all words before a match that bear on its score: these three
    demands_context: bool
    demands_format: bool
    format: Any  # regex.Pattern[str], or None where any separator is format enough
    gate: Mask
    wide: bool
    sign: str | None
    width: int

    @property
    def labelled(self) -> bool:
        """Whether the pattern demands a label before the match."""
        return not self.gate & self.bit

    @property
    def demands(self) -> bool:
        """Whether a match scores less without a context word or a format of its own."""
        return self.demands_context or self.demands_format

    @property
    def alone(self) -> float:
        """The highest score that a match can have without a context word."""
        best = 1.0 if self.validate is not None else self.score
        return min(best, UNSUPPORTED) if self.demands_context else best

    def judge(self, matched: str) -> float:
        """Return the score of a match before context: Presidio's validation and invalidation."""
        score = self.score
        try:
            if self.validate is not None:
                verdict = self.validate(matched)
                if verdict is not None:
                    score = 1.0 if verdict else 0.0
            if score and self.invalidate is not None and self.invalidate(matched):
                return 0.0
        except Exception:  # some of Presidio's checks break on letters that only fold to ASCII
            return self.score
        return score

    def supported(self, score: float, matched: str, context: Mask) -> float:
        """Return the score once the words before are known."""
        if context & self.doubt:
            return min(score, UNSUPPORTED)
        if context & (self.near | self.bit):
            boosted = min(1.0, max(BOOSTED_MIN, score + BOOST)) if context & self.bit else score
            return max(boosted, LABELLED) if context & self.near else boosted
        if self.demands_context:
            return min(score, UNSUPPORTED)
        if self.demands_format and not (_SEPARATED if self.format is None else self.format).fullmatch(matched):
            return min(score, BARE_NUMBER.get(self.recognizer, UNSUPPORTED))
        return score


@dataclass(frozen=True, slots=True)
class Table:
    """All rules, the context words, the words of labels, and the bit of each recognizer by class name."""

    rules: tuple[Rule, ...]
    words: ContextWords
    labels: ContextWords
    bits: dict[str, Mask]
    entities: frozenset[str]

    def speaks(self, recognizer: str) -> tuple[Mask, Mask]:
        """Return the bits of the words for a recognizer, and of those against it."""
        bit = self.bits[recognizer]
        return bit | bit << _NEAR_SHIFT, bit << _DOUBT_SHIFT


@cache
def table() -> Table:
    """Return the rules of all countries."""
    recognizers = load_recognizers()
    bits = {type(r).__name__: 1 << i for i, r in enumerate(recognizers)}
    words = {
        bits[name]: (*CONTEXT_INSTEAD.get(name, r.context or ()), *EXTRA_CONTEXT.get(name, ()))
        for r in recognizers
        for name in [type(r).__name__]
        if name not in _WORDLESS
    }
    words |= {bits[name] << _DOUBT_SHIFT: doubts for name, doubts in DOUBTS.items()}
    labels = {_label_bit(bits[name]): words_ for name, words_ in LABELS.items()}
    rules = tuple(rule for r in recognizers if type(r).__name__ not in OWN_ENGINE for rule in _rules(r, bits))
    near = {bits[name] << _NEAR_SHIFT: words_ for name, words_ in NEAR.items()}
    near |= {bits[name] << _DOUBT_SHIFT: words_ for name, words_ in NEAR_DOUBTS.items()}
    entities = frozenset(r.supported_entities[0] for r in recognizers)
    return Table(rules, ContextWords(words, near), ContextWords(labels), bits, entities)


def _rules(recognizer: Any, bits: dict[str, Mask]) -> Iterator[Rule]:
    name = type(recognizer).__name__
    flags = int(recognizer.global_regex_flags)
    base = next(c for c in type(recognizer).__mro__ if c.__name__ == "PatternRecognizer")
    own = {m: getattr(recognizer, m) for m in ("validate_result", "invalidate_result")}
    own = {m: judge for m, judge in own.items() if getattr(type(recognizer), m) is not getattr(base, m)}
    for index, pattern in enumerate(recognizer.patterns):
        expression = corrected(name, index, pattern.regex)
        if expression is None:
            continue
        relaxed, width = relax(expression)
        relaxed = RELAXED.get((name, index), relaxed)
        yield Rule(
            entity=recognizer.supported_entities[0],
            recognizer=name,
            expression=Expression(expression, flags, width, _LABEL_LEAD if "(?<=" in expression else 2),
            relaxed=relaxed,
            score=float(pattern.score),
            formatted=FORMATTED.get((name, index)),
            validate=FASTER_PROOF.get(name, own.get("validate_result")),
            invalidate=FASTER_DOUBT.get(name, own.get("invalidate_result")),
            bit=bits[name],
            doubt=bits[name] << _DOUBT_SHIFT,
            near=bits[name] << _NEAR_SHIFT,
            speaks=bits[name] | bits[name] << _DOUBT_SHIFT | bits[name] << _NEAR_SHIFT,
            demands_context=_demands_context(recognizer, name, relaxed),
            demands_format=name in FORMAT_OR_CONTEXT,
            format=regex.compile(FORMATS[name]) if name in FORMATS else None,
            gate=_label_bit(bits[name]) if "(?<=" in expression else bits[name] | bits[name] << _NEAR_SHIFT,
            wide=(name, index) in WIDE,
            sign=WIDE.get((name, index)),
            width=width,
        )


def _demands_context(recognizer: Any, name: str, relaxed: str) -> bool:
    if name in FORMAT_OR_CONTEXT:
        return name not in BARE_NUMBER and "\\x" not in relaxed  # it has no separator that could be its format
    return recognizer.country_code() is not None and name not in SPEAKS_FOR_ITSELF


def _label_bit(bit: Mask) -> Mask:
    return bit << _LABEL_SHIFT


_LABEL_SHIFT: Final = 128
_DOUBT_SHIFT: Final = 256
_NEAR_SHIFT: Final = 384

# Labels ("claim no.: ") are looked for by look-behind; as far back as context words are.
_LABEL_LEAD: Final = 128


def corrected(recognizer: str, index: int, expression: str) -> str | None:
    """Return Presidio's `expression` with the corrections that are on record, or None for a pattern that is dropped."""
    key = (recognizer, index)
    if key in PATTERNS:
        return PATTERNS[key][0]
    for old, new in REPAIRS.get(key, ()):
        if old not in expression:
            raise ValueError(f"Presidio's {recognizer} has changed: its pattern {index} has no {old}")
        expression = expression.replace(old, new)
    expression = expression.replace("(?i)", "")
    return anchored(expression) if key in ANCHORED else expression
