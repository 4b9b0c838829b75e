"""Which recognizers the words before a finding speak for.

Presidio raises a score when one of a recognizer's context words stands among
the five content words before a finding. The same here, with what a stream and
a reader need:

- the words looked at are the last `WORDS` within `CHARACTERS` before the
  finding, so that a finding depends on a bounded stretch of text;
- an entry of several words ("tax file number") matches as a sequence of words:
  in Presidio it is compared with single words and can never match;
- in a script that is written without blanks an entry counts anywhere in a word, which may be a sentence;
- a short entry ("lic", "us", "pi") matches a whole word, a longer one also the
  start or the end of a compound ("creditcard", "Kartennummer"): in Presidio
  "lic" is found in "public".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

CHARACTERS: Final = 128
WORDS: Final = 8
NEAR_WORDS: Final = 3

_SHORTEST_PART: Final = 5
"""Letters that an entry needs to count as part of a compound."""
_SHORTEST_PART_OTHER_SCRIPT: Final = 2
"""Likewise in scripts that write no spaces or glue particles on, where words are short."""

_SPACELESS: Final = re.compile("[\u0e01-\u0e5b\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_WORD: Final = re.compile(r"[^\W_]+")

Mask = int
"""One bit for each recognizer."""


def shortest_part(word: str) -> int:
    """Return how many letters an entry needs to count as the start or the end of `word`."""
    return _SHORTEST_PART if word[0].isascii() else _SHORTEST_PART_OTHER_SCRIPT


class ContextWords:
    """The context words of all recognizers, as one table.

    `near` are entries that count only among the last `NEAR_WORDS` words.
    """

    def __init__(
        self, entries: Mapping[Mask, Iterable[str]], near: Mapping[Mask, Iterable[str]] = MappingProxyType({})
    ) -> None:
        self.near = ContextWords(near) if near else None
        self.masks: Mask = sum(entries)  # each is a bit of its own
        self._single: dict[str, Mask] = {}
        self.sequences: dict[str, list[tuple[list[str], Mask]]] = {}
        for mask, phrases in entries.items():
            for phrase in phrases:
                words = _WORD.findall(phrase.lower())
                if len(words) == 1:
                    self._single[words[0]] = self._single.get(words[0], 0) | mask
                elif words:
                    self.sequences.setdefault(words[-1], []).append((words, mask))
        # How long the entries are that open, or end, with some letters: most words share none with any entry.
        self._openings: dict[str, set[int]] = {}
        self._endings: dict[str, set[int]] = {}
        for word in self._single:
            for shortest in {shortest_part(word), _SHORTEST_PART}:
                if len(word) >= shortest:
                    self._openings.setdefault(word[:shortest], set()).add(len(word))
                    self._endings.setdefault(word[-shortest:], set()).add(len(word))
        # What is known of a word without looking at its parts: its mask, and the sequences that end with it.
        known = {*self._single, *(f"{word}s" for word in self._single), *self.sequences}
        self._known = {word: (self._of_parts(word), self.sequences.get(word, ())) for word in known}

    def heralds(self) -> Iterator[tuple[list[str], Mask]]:
        """Yield word sequences of which one stands in every text in which a recognizer has context, with the masks."""
        for word, mask in self._single.items():
            yield [word], mask
        for sequences in self.sequences.values():
            yield from sequences
        if self.near is not None:
            yield from self.near.heralds()

    def of(self, words: list[str]) -> Mask:
        """Return the recognizers that `words`, in lower case and in the order of the text, speak for.

        A word speaks by itself, as a plural, as a part of a compound, or as the last of a sequence.
        """
        mask = 0
        known, openings, endings = self._known, self._openings, self._endings
        for index, word in enumerate(words):
            entry = known.get(word)
            if entry is not None:
                mask |= entry[0]
                for sequence, of in entry[1]:
                    since = index + 1 - len(sequence)
                    if since >= 0 and words[since : index + 1] == sequence:
                        mask |= of
            elif not word.isascii() or (
                len(word) > _SHORTEST_PART and (word[:_SHORTEST_PART] in openings or word[-_SHORTEST_PART:] in endings)
            ):
                mask |= self._of_parts(word)
        return mask

    def _of_parts(self, word: str) -> Mask:
        single = self._single
        mask = single.get(word, 0)
        if word[-1] == "s":
            mask |= single.get(word[:-1], 0)
        size = len(word)
        shortest = shortest_part(word)
        if size > shortest:
            for length in self._openings.get(word[:shortest], ()):
                if length < size:
                    mask |= single.get(word[:length], 0)
            for length in self._endings.get(word[-shortest:], ()):
                if length < size:
                    mask |= single.get(word[-length:], 0)
            if not word.isascii() and _SPACELESS.match(word):
                mask |= self._of_sentence(word)
        return mask

    def _of_sentence(self, word: str) -> Mask:
        """Return what speaks anywhere in a word of a script without blanks, which may be a sentence."""
        mask = 0
        for at in range(1, len(word) - 1):
            for length in self._openings.get(word[at : at + _SHORTEST_PART_OTHER_SCRIPT], ()):
                mask |= self._single.get(word[at : at + length], 0)
        return mask


class Spoken:
    """Which recognizers the words before places of one text speak for; remembers the places asked for.

    `present` are the recognizers that have a word anywhere in the text: most have none, and then nothing is read.
    """

    __slots__ = ("_dark", "_near", "_places", "_table", "_text", "present")

    def __init__(self, table: ContextWords, text: str, present: Mask, dark: bytes) -> None:
        """`dark` is the shadow of `text`."""
        self.present = present
        self._dark = dark
        self._table = table
        self._text = text
        self._near = table.near if table.near is not None and present & table.near.masks else None
        self._places: dict[int, Mask] = {}

    def before(self, start: int, bits: Mask) -> Mask:
        """Return which of `bits` the words before `start` speak for, and possibly others.

        Looks at `CHARACTERS` characters before `start` and at nothing else.
        """
        if not bits & self.present:
            return 0
        mask = self._places.get(start)
        if mask is None:
            words = _words_before(self._text, self._dark, start)
            mask = self._table.of(words)
            if self._near is not None:
                mask |= self._near.of(words[-NEAR_WORDS:])
            self._places[start] = mask
        return mask


def _words_before(text: str, dark: bytes, start: int) -> list[str]:
    """Return the last `WORDS` words before `start`, in lower case, as far as they lie within `CHARACTERS`."""
    left = start - CHARACTERS // 2  # half the stretch has words enough, as a rule
    words = _words(text, dark, left if left > 0 else 0, start)
    if len(words) <= WORDS and left > 0:
        left = max(0, start - CHARACTERS)
        words = _words(text, dark, left, start)
        if left and words and len(words) <= WORDS and not text[left].isspace():
            del words[0]  # possibly cut
    return words[-WORDS:]


def _words(text: str, dark: bytes, start: int, end: int) -> list[str]:
    """Return the words of a stretch in lower case; of ASCII by its bytes, which takes a third of the time."""
    if text.isascii():
        return dark[start:end].translate(_LOWERED).decode("ascii").split()
    return _WORD.findall(text[start:end].lower())


# Letters in lower case and digits; a blank for every other byte.
_LOWERED: Final = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in bytes(range(256)).lower())
