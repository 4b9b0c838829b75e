"""The way back from the surrogates of one exchange, and the places where a value may be restored."""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.core.heard import Heard
from gateway.core.literals import Literals
from gateway.core.reading import LOOK_BACK, Reading, written

LONGEST = 64
"""A surrogate of more characters is not used: the stream window would have to wait for it."""


def _is_half(text: str, start: int, end: int) -> bool:
    """Tell whether a word is half of a double name: that is somebody else's."""
    return text[start - 1 : start] == "-" or text[end : end + 1] == "-"


class Span(NamedTuple):
    """A place where a value may be restored, and the value as it must be written there."""

    start: int
    end: int
    value: str

    def __repr__(self) -> str:
        return f"<Span {self.start}:{self.end}>"


class Standins:
    """Surrogates and their values: in any case, and word by word for names of several words."""

    def __init__(self) -> None:
        self._back: dict[str, tuple[str, bool]] = {}  # the value, and whether blanks are written as plus signs
        self._words: dict[str, str | None] = {}  # a word of a name to its meaning, None where it has several
        self._prefixes: set[str] = set()
        self._literals = Literals(ignore_case=True)

    def __contains__(self, made: str) -> bool:
        return made.lower() in self._back

    def __len__(self) -> int:
        return len(self._back)

    def shares(self, made: str) -> bool:
        """Tell whether a word of `made` is a word of a surrogate already: it could not come back by itself."""
        return any(word in self._words or word in self._back for word in made.lower().split())

    @property
    def empty(self) -> bool:
        """Whether there are none."""
        return not self._back

    def add(self, made: str, value: str, heard: Heard | None = None) -> None:
        """Remember that `made` stands for `value`; of names with as many words, also each word for its word.

        A word that would stand for two, or that the request itself says (`heard`), is restored only in its
        whole name.
        """
        self._remember(made)
        self._back[made.lower()] = (value, False)
        words, meant = made.split(), value.split()
        if len(words) > 1:
            joined = "+".join(words)  # as forms are encoded
            self._remember(joined)
            self._back.setdefault(joined.lower(), (value, True))
        if len(words) == len(meant) > 1:
            for word, meaning in zip(words, meant, strict=True):
                if len(word) > 2 and len(meaning) > 1:
                    low = word.lower()
                    known = self._words.setdefault(low, None if heard is not None and heard.says(low) else meaning)
                    self._words[low] = meaning if known == meaning else None
                    self._remember(word)

    def _remember(self, made: str) -> None:
        low = made.lower()
        self._prefixes.update(low[:end] for end in range(1, len(low) + 1))
        self._literals.add(made)

    def _meant(self, made: str) -> tuple[str, bool] | None:
        whole = self._back.get(made)
        if whole is not None:
            return whole
        word = self._words.get(made)
        return None if word is None else (word, False)

    def restorable(self, reading: Reading, text: str) -> Iterator[Span]:
        """Yield the surrogates in `text` (and `reading` of it); of overlapping ones the first and longest."""
        if not self._back:
            return
        found = [
            *self._found(Reading(text, [], []), text),
            *(self._found(reading, text) if reading.text != text else ()),
        ]
        after = 0
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if span.start >= after:
                yield span
                after = span.end

    def _found(self, reading: Reading, text: str) -> Iterator[Span]:
        for start, end in self._literals.find(reading.text):
            low = reading.text[start:end].lower()
            meant = self._meant(low)
            if meant is not None and not (low.isalpha() and _is_half(reading.text, start, end)):
                first, last = reading.place(start), reading.place(end)
                spelling = "" if reading.text is text else text[first:last]
                before = text[max(0, first - LOOK_BACK) : first]
                yield Span(first, last, written(meant[0], spelling, before, plus=meant[1]))

    def horizon(self, text: str) -> int:
        """Return where the last surrogate that may still be growing begins, or the text's length."""
        if self._back:
            for start in range(max(0, len(text) - LONGEST), len(text)):
                if text[start:].lower() in self._prefixes:
                    return start
        return len(text)
