"""The rule detector: Presidio's recognizers as a `Detector`."""

import re
from collections.abc import Sequence
from typing import Any, Final

from detectors.detector import Finding
from detectors.pii.presidio import load_recognizers

# Presidio's default English set.
DEFAULT_RECOGNIZERS: Final = frozenset(
    {
        "CreditCardRecognizer", "CryptoRecognizer", "DateRecognizer", "EmailRecognizer", "IbanRecognizer",
        "IpRecognizer", "MacAddressRecognizer", "MedicalLicenseRecognizer", "NhsRecognizer", "PhoneRecognizer",
        "UrlRecognizer", "UsBankRecognizer", "UsItinRecognizer", "UsLicenseRecognizer", "UsPassportRecognizer",
        "UsSsnRecognizer",
    }
)  # fmt: skip

_FLOOR: Final = 0.35
_CONTEXT_BOOST: Final = 0.35
_CONTEXT_MIN: Final = 0.4
_CONTEXT_CHARS: Final = 128

_CLOSED_WORD: Final = re.compile(r"\s(?=[^\W\d_]{5,}\s)")


class RuleDetector:
    """Finds what has a form: addresses, numbers, codes."""

    name = "pii"
    reach = 2048
    context = 256
    lookahead = 64

    def __init__(self) -> None:
        self._recognizers = [r for r in load_recognizers() if type(r).__name__ in DEFAULT_RECOGNIZERS]
        self.entities = frozenset(e for r in self._recognizers for e in r.supported_entities[:1])

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text."""
        return [self._detect(text) for text in texts]

    def settled(self, text: str) -> int:
        """Return the start of the last closed word that is followed by another token."""
        last = 0
        for match in _CLOSED_WORD.finditer(text, max(0, len(text) - self.reach)):
            last = match.end()
        return last

    def _detect(self, text: str) -> list[Finding]:
        found = []
        for recognizer in self._recognizers:
            for result in recognizer.analyze(text, recognizer.supported_entities, None):
                score = self._score(recognizer, result, text)
                if score >= _FLOOR and result.end - result.start <= self.reach:
                    found.append(Finding(result.start, result.end, result.entity_type, score, self.name))
        return sorted(found, key=lambda f: (f.start, f.end, f.entity))

    def _score(self, recognizer: Any, result: Any, text: str) -> float:
        before = text[max(0, result.start - _CONTEXT_CHARS) : result.end].lower()
        if any(word.lower() in before for word in recognizer.context or ()):
            return min(1.0, max(_CONTEXT_MIN, float(result.score) + _CONTEXT_BOOST))
        return float(result.score)


def build() -> RuleDetector:
    """Build the rule detector with the default recognizers."""
    return RuleDetector()
