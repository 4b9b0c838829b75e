"""A detector for tests of volume."""

import re
from collections.abc import Sequence

from detectors.detector import Finding


class Mails:
    """A cheap detector for volume: addresses, by one regular expression. Keeps the promises to the letter."""

    name = "pii"
    entities = frozenset({"EMAIL_ADDRESS"})
    reach = context = 100
    lookahead = 1
    _MAIL = re.compile(r"[A-Za-z0-9._'-]+@[A-Za-z0-9.-]+\.[a-z]{2,}")
    _OPEN = re.compile(r"[A-Za-z0-9._'@-]*\Z")

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Find them."""
        return [
            [Finding(m.start(), m.end(), "EMAIL_ADDRESS", 1.0, self.name) for m in self._MAIL.finditer(text)]
            for text in texts
        ]

    def settled(self, text: str) -> int:
        """All but what may be an address yet."""
        match = self._OPEN.search(text)
        return match.start() if match else len(text)
