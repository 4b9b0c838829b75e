"""Text that a reader cannot see and a model can: a finding of its own."""

import re
from collections.abc import Iterator, Sequence

from detectors.detector import Finding, settled_by_promise
from detectors.normalize.folding import LONGEST_GAP
from detectors.normalize.tables import INVISIBLE

_LONGEST = 512
_TAGS = "\U000e0020-\U000e007e\U000e0001"
_SELECTORS = "\ufe00-\ufe0e\U000e0100-\U000e01ef"  # U+FE0F alone makes an emoji of the character before it
# Tag characters spell out flags of regions after a black flag, at most six and a cancel tag: those are visible.
_HIDDEN = re.compile(
    f"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}\U000e007f"
    f"|(?P<hidden>[{_TAGS}\U000e007f]++"
    f"|[{INVISIBLE}]{{{LONGEST_GAP + 1},}}+"
    f"|[{_SELECTORS}]{{3,}}+"
    "|[\u202d\u202e])"
)
_MAYBE = re.compile(f"[{_TAGS}\U000e007f{INVISIBLE}]")


class HiddenText:
    """Finds tag characters, long runs of invisible characters, and overrides of reading direction.

    A run up to 512 characters is one finding; of a longer run every character is
    one, so that what is found in it does not depend on where it began.
    """

    name = "hidden"
    entities = frozenset({"HIDDEN_TEXT"})
    reach = _LONGEST
    context = _LONGEST + 8
    lookahead = _LONGEST + 8

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the hidden runs of each text."""
        return [[] if text.isascii() else list(self._find(text)) for text in texts]

    def settled(self, text: str) -> int:
        """Return the start of the invisible run at the end of the text, or its length."""
        if not text or not (text[-1] == "\U0001f3f4" or _MAYBE.match(text[-1])):
            return len(text)
        return max(settled_by_promise(self, text) - self.context, self._run_start(text))

    def _run_start(self, text: str) -> int:
        start, least = len(text), max(0, len(text) - 2 * _LONGEST)
        while start > least and (text[start - 1] == "\U0001f3f4" or _MAYBE.match(text[start - 1])):
            start -= 1
        return start

    def _find(self, text: str) -> Iterator[Finding]:
        for match in _HIDDEN.finditer(text):
            if not match["hidden"]:
                continue
            start, end = match.span("hidden")
            step = end - start if end - start <= _LONGEST else 1
            for low in range(start, end, step):
                yield Finding(low, low + step, "HIDDEN_TEXT", 0.95, self.name)


def build() -> HiddenText:
    """Build the detector, as the catalog does."""
    return HiddenText()
