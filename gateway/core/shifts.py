"""Places in a text before and after it was rewritten: offsets that name the same stretch in both.

Citations and annotations say from where to where in a text they speak. `Shifts`
is what rewriting did to one text's places, in the unit that the vendor counts
in. It holds numbers, no text.
"""

from bisect import bisect_right
from collections.abc import Iterable
from enum import Enum

from gateway.core.stretch import Stretch


class Unit(Enum):
    """What a vendor's offsets count."""

    SIGNS = "code points"
    BYTES = "bytes of UTF-8"


class Shifts:
    """The edits of one text by their places. `came` and `gone` are its lengths so far, before and after."""

    __slots__ = ("_edits", "_starts", "_unit", "came", "gone")

    def __init__(self, unit: Unit, stretches: Iterable[Stretch] = ()) -> None:
        self._unit = unit
        self._starts: list[int] = []
        self._edits: list[tuple[int, int, int]] = []  # its end before, its start and end after
        self.came = self.gone = 0
        self.add(stretches)

    def __repr__(self) -> str:
        return f"<Shifts {len(self._starts)} edits, {self.came} to {self.gone} {self._unit.value}>"

    def add(self, stretches: Iterable[Stretch]) -> None:
        """Tell what became of the next stretches of the text."""
        for came, goes in stretches:
            before = self._length(came)
            after = before if goes is None else self._length(goes)
            if goes is not None:
                self._edit(self.came, self.came + before, self.gone, self.gone + after)
            self.came += before
            self.gone += after

    def follow(self, other: "Shifts") -> None:
        """Tell that another text, with these shifts, comes after this one in what offsets count."""
        for start, (end, first, last) in zip(other._starts, other._edits, strict=True):
            self._edit(start + self.came, end + self.came, first + self.gone, last + self.gone)
        self.came += other.came
        self.gone += other.gone

    def inverse(self) -> "Shifts":
        """Return the way back: from places after to places before."""
        back = Shifts(self._unit)
        for start, (end, first, last) in zip(self._starts, self._edits, strict=True):
            back._edit(first, last, start, end)
        back.came, back.gone = self.gone, self.came
        return back

    def place(self, at: int, *, end: bool) -> int:
        """Return where a place of the text before is after; `end` tells that a stretch ends there.

        A place inside of what was replaced is its start or end: a stretch grows to hold the replaced
        whole. A place behind the text is its end.
        """
        if at >= self.came:
            return self.gone
        step = bisect_right(self._starts, at) - 1
        if step < 0:
            return at
        start, (stop, first, last) = self._starts[step], self._edits[step]
        if at == start:
            return first
        return (last if end else first) if at < stop else last + at - stop

    def _edit(self, start: int, end: int, first: int, last: int) -> None:
        self._starts.append(start)
        self._edits.append((end, first, last))

    def _length(self, text: str) -> int:
        if self._unit is Unit.SIGNS or text.isascii():
            return len(text)
        return len(text.encode("utf-8", "surrogatepass"))
