"""A text rewritten, with the way back: every offset maps to code points of the original."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class View(Protocol):
    """What a detector should look at besides the text itself."""

    @property
    def text(self) -> str:
        """The rewritten text."""
        ...

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest range of the original that became ``[start, end)`` of this text."""
        ...

    def changed(self, start: int, end: int) -> bool:
        """Say whether ``[start, end)`` reads differently in the original."""
        ...

    def windows(self, margin: int) -> list[tuple[int, int]]:
        """Return the parts of this text within `margin` characters of a change, merged."""
        ...


class Edit(NamedTuple):
    """Characters ``[start, end)`` of the original read as `text`, one by one when the lengths are equal."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A view made of copied stretches and edits, possibly on top of another view.

    `at`, `source` and `stop` describe pieces in order: where each begins in
    `text`, and its range in the base. Pieces of equal lengths map character by
    character, others whole. `same` pieces are copies.
    """

    text: str = field(repr=False)
    at: list[int] = field(repr=False)
    source: list[int] = field(repr=False)
    stop: list[int] = field(repr=False)
    same: list[bool] = field(repr=False)
    base: View | None = field(default=None, repr=False)

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Map a range back; an edit that it touches is taken whole."""
        first, last = self._piece(start), self._piece(max(start, end - 1))
        low = self.source[first] + (start - self.at[first] if self._aligned(first) else 0)
        high = self.source[last] + (end - self.at[last]) if self._aligned(last) else self.stop[last]
        return self.base.to_original(low, max(low, high)) if self.base else (low, max(low, high))

    def changed(self, start: int, end: int) -> bool:
        """Say whether the range holds an edit, joins what something stood between, or begins or ends at an edit.

        What stands beside a word says whether it is one: an address behind ``%20`` is one only where that is a blank.
        """
        first, last = self._piece(start), self._piece(max(start, end - 1))
        if first != last or not self.same[first]:
            return True
        if (first and start == self.at[first]) or (first + 1 < len(self.at) and end == self._end(first)):
            return True
        shift = self.source[first] - self.at[first]
        return self.base.changed(start + shift, end + shift) if self.base else False

    def windows(self, margin: int) -> list[tuple[int, int]]:
        """Return the neighbourhoods of every change, in this text's offsets."""
        spots = [(self.at[i], self._end(i)) for i in range(len(self.at)) if not self.same[i]]
        spots += [(self.at[i], self.at[i]) for i in range(1, len(self.at)) if self.same[i]]
        if self.base:
            spots += [self._from_base(low, high) for low, high in self.base.windows(0)]
        merged: list[tuple[int, int]] = []
        for low, high in sorted(spots):
            low, high = max(0, low - margin), min(len(self.text), high + margin)
            if merged and low <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], high)
            else:
                merged.append((low, high))
        return merged

    def _piece(self, position: int) -> int:
        return max(0, bisect_right(self.at, position) - 1)

    def _end(self, piece: int) -> int:
        return self.at[piece + 1] if piece + 1 < len(self.at) else len(self.text)

    def _aligned(self, piece: int) -> bool:
        return self.stop[piece] - self.source[piece] == self._end(piece) - self.at[piece]

    def _from_base(self, start: int, end: int) -> tuple[int, int]:
        first, last = (max(0, bisect_right(self.source, p) - 1) for p in (start, end))
        low = self.at[first] + (min(start, self.stop[first]) - self.source[first] if self._aligned(first) else 0)
        shown = min(end, self.stop[last]) - self.source[last]
        high = self.at[last] + shown if self._aligned(last) else self._end(last)
        return low, max(low, high)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A view of one encoded run. Whatever is found in it, the run is the place.

    `unit` is ``None`` for a run taken whole, or (alignment, characters per group,
    bytes per group) for a stretch of a run too long for that.
    """

    text: str = field(repr=False)
    start: int
    end: int
    unit: tuple[int, int, int] | None = None

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the run, or of a long run the groups that hold the range."""
        if self.unit is None:
            return self.start, self.end
        offset, chars, size = self.unit
        low = (offset + start) // size * chars
        high = -(-(offset + end) // size) * chars
        return self.start + low, min(self.end, self.start + high)

    def changed(self, start: int, end: int) -> bool:  # noqa: ARG002
        """Everything in an encoded run reads differently in the original."""
        return True

    def windows(self, margin: int) -> list[tuple[int, int]]:  # noqa: ARG002
        """Return the whole text: all of it is new."""
        return [(0, len(self.text))]


def edited(text: str, edits: list[Edit], base: View | None = None) -> Edited | None:
    """Apply edits (ascending, disjoint) to a text; ``None`` when there are none or nothing is left."""
    if not edits:
        return None
    parts: list[str] = []
    view = Edited("", [], [], [], [], base)
    length = position = 0
    for start, end, replacement in [*edits, Edit(len(text), len(text), "")]:
        for low, high, part, same in ((position, start, text[position:start], True), (start, end, replacement, False)):
            if part:
                view.at.append(length)
                view.source.append(low)
                view.stop.append(high)
                view.same.append(same)
                parts.append(part)
                length += len(part)
        position = end
    return Edited("".join(parts), view.at, view.source, view.stop, view.same, base) if parts else None
