"""An expression of a rule, tried at every place of a stretch of text.

Two engines read it. `re` takes half the time of `regex` and says the same of text
that is all ASCII (a test compares them); what `re` cannot compile (labels of many
lengths, looked for behind a match), and all other text, is left to `regex`.
"""

import re
import time
from typing import Any, Final

import regex  # type: ignore[import-untyped]

DEADLINE: Final = 5.0
"""Seconds after which one expression gives up on one stretch; then the text counts as not looked at."""

_LONG: Final = 2048
"""Characters above which a stretch is searched with the deadline."""

_AHEAD: Final = 64
"""Characters after a match at most that an expression looks at."""


class Expression:
    """One expression; `width` is its longest match, `lead` what it looks at before a match, in characters."""

    __slots__ = ("_ascii", "_lead", "_width", "pattern")

    def __init__(self, expression: str, flags: int, width: int, lead: int) -> None:
        """Compile `expression` for both engines; `flags` are those of `re`."""
        self.pattern: Any = regex.compile(expression, flags)
        self._width = width
        self._lead = lead
        try:
            self._ascii: re.Pattern[str] | None = re.compile(expression, flags | re.ASCII)
        except re.error:
            self._ascii = None

    def spans(self, text: str, since: int, until: int) -> list[tuple[int, int]]:
        """Return start and end of the match at every place in ``[since, until)`` where there is one.

        Raises `TimeoutError` when that takes longer than `DEADLINE`.
        """
        if self._ascii is None or not text.isascii():
            return self._of_any_script(text, since, until)
        stop = until + self._width + 2
        if stop - since > _LONG:
            return self._in_pieces(self._ascii, text, since, until)
        return _spans(self._ascii, text, since, until, stop)

    def _in_pieces(self, pattern: re.Pattern[str], text: str, since: int, until: int) -> list[tuple[int, int]]:
        """Search a long stretch piece by piece, since nothing stops `re` on its way; every place stands for itself."""
        found: list[tuple[int, int]] = []
        late = time.monotonic() + DEADLINE
        last = until + self._width + 2
        for begin in range(since, until, _LONG):
            end = min(until, begin + _LONG)
            found += _spans(pattern, text, begin, end, min(last, end + self._width + _AHEAD))
            if time.monotonic() > late:
                raise TimeoutError
        return found

    def _of_any_script(self, text: str, since: int, until: int) -> list[tuple[int, int]]:
        left = max(0, since - self._lead)
        piece = text[left : until + self._width + 2]
        # The deadline costs as much again as a short search does.
        limit = DEADLINE if len(piece) > _LONG else None
        matches = self.pattern.finditer(piece, since - left, overlapped=True, timeout=limit)
        spans = [(left + match.start(), left + match.end()) for match in matches]
        return [span for span in spans if span[0] < until]


def _spans(pattern: re.Pattern[str], text: str, since: int, until: int, stop: int) -> list[tuple[int, int]]:
    found = []
    match = pattern.search(text, since, stop)
    while match is not None:
        span = match.span()
        if span[0] >= until:
            break
        found.append(span)
        match = pattern.search(text, span[0] + 1, stop)
    return found
