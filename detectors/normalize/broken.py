"""Base64 that is broken over lines, as mail and key files have it: what is encoded across a break.

Each break is looked at by itself, with so much of both lines that a value has room; so what is found there depends on
these two stretches alone. What stands within a line is seen there (`encoded.py`).
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_SIDE: Final = 96
"""Characters of each line that are looked at: seventy-two bytes."""

LEAST: Final = 40
"""Characters of a line of base64 at least, before its break; lines of mail have 76, of keys 64."""

_READABLE: Final = re.compile(rb"[\t\n\r -~]{10,}")
_NEXT: Final = re.compile(rf"\r?\n[> \t]{{0,4}}(?P<line>[A-Za-z0-9+/]{{4,{_SIDE}}})")
_BEGUN: Final = re.compile(
    rf"[A-Za-z0-9+/]{{{LEAST},{_SIDE}}}(?:\r|\r?\n[> \t]{{0,4}}[A-Za-z0-9+/]{{0,{_SIDE - 1}}})\Z"
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A view of what is encoded across one break.

    The text is that of groups of four from `shift` on, its first byte the one at `offset`; characters before `split`
    stand at `first` and behind in the original, the others at `second`.
    """

    text: str = field(repr=False)
    first: int
    second: int
    split: int
    shift: int
    offset: int

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the groups that hold the range, the break between them included."""
        low = self.shift + (self.offset + start) // 3 * 4
        high = self.shift - (-(self.offset + end) // 3) * 4
        return self._place(low), self._place(max(low, high - 1)) + 1

    def _place(self, at: int) -> int:
        return self.first + at if at < self.split else self.second + at - self.split

    def changed(self, start: int, end: int) -> bool:  # noqa: ARG002
        """Everything reads differently in the original."""
        return True

    def windows(self, margin: int) -> list[tuple[int, int]]:  # noqa: ARG002
        """Return the whole text."""
        return [(0, len(self.text))]


def across(text: str, start: int, end: int) -> Iterator[Broken]:
    """Yield the readings across the break behind the run of base64 at ``[start, end)``, if there is one."""
    following = _NEXT.match(text, end) if end - start >= LEAST else None
    if following is None:
        return
    first = max(start, end - _SIDE)
    joined = text[first:end] + following["line"]
    if not joined.replace("+", "a").replace("/", "a").isalnum():
        return
    for shift in range(4):
        group = joined[shift : shift + (len(joined) - shift) // 4 * 4]
        for match in _READABLE.finditer(base64.b64decode(group)):
            yield Broken(match[0].decode("ascii"), first, following.start("line"), end - first, shift, match.start())


def open_from(text: str) -> int:
    """Return where the line before a break begins that is looked at, while the line behind it still grows."""
    match = _BEGUN.search(text, max(0, len(text) - 2 * _SIDE - 8))
    return match.start() if match else len(text)
