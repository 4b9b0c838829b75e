"""Many literal texts looked for at once, as whole words, in time that does not grow with their number.

An Aho-Corasick automaton over words instead of characters: a literal begins and
ends where words do, so one step per word (or per sign between words) follows
all literals at the same time. Scripts that write without spaces have a word per
sign. There is no limit to the number of literals, and no text for which the
search is slower than its words and its hits. Few literals are looked for one by
one, which is quicker, unless they stand in the text so often that it is not.

Source: Aho, Corasick, "Efficient string matching", Communications of the ACM
18 (1975).
"""

import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter

SPACELESS = "぀-ヿ一-鿿가-힣ก-๛"
"""Letters of scripts that write without spaces between words, as a class of a pattern."""

_WORD = re.compile(rf"[^\W_{SPACELESS}]+|[\s\S]")
"""A word, or one sign: a blank, a mark, a letter of a script without spaces."""

_ROOT = 0

_JOINED = re.compile(rf"[^\W_{SPACELESS}]{{2}}")
"""Two signs of one word."""


def joined(before: str, after: str) -> bool:
    """Tell whether a word goes on from the sign `before` to the sign `after`; "" is where a text ends."""
    return _JOINED.fullmatch(before + after) is not None


FEW = 64
"""Up to so many literals are looked for one by one."""

SPARSE = 16
"""Characters of a text for each place at which one of the few may stand; at more places the automaton is quicker."""


class Literals:
    """A set of literals. With `ignore_case`, texts are compared in lower case."""

    def __init__(self, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        self._steps: list[dict[str, int]] = [{}]
        """By state, the next state after each word."""
        self._lengths = [0]
        """By state, the length of the literal that ends there; 0 for none."""
        self._fallback = [_ROOT]
        """By state, the state of the longest proper end of its words that begins a literal."""
        self._shorter = [_ROOT]
        """By state, the nearest state on its way of fallbacks at which a literal ends."""
        self._linked = 0
        """How many of the literals the automaton knows."""
        self._all: dict[str, None] = {}
        """The literals, folded, in the order in which they came."""

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, literal: str) -> None:
        """Look for `literal` too, unless it is blank."""
        if literal.strip():
            self._all[self._folded(literal)] = None

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield ``(start, end)`` of every literal in `text`, overlapping ones too, in the order of their ends."""
        folded = self._folded(text)
        spans = self._one_by_one(folded) if len(self._all) <= FEW else None
        if spans is not None:
            yield from spans
            return
        if self._linked < len(self._all):
            self._link()
        steps, fallback, lengths, shorter = self._steps, self._fallback, self._lengths, self._shorter
        state, end = _ROOT, 0
        for word in _WORD.findall(folded):
            end += len(word)
            while state and word not in steps[state]:
                state = fallback[state]
            state = steps[state].get(word, _ROOT)
            ending = state if lengths[state] else shorter[state]
            while ending:
                yield end - lengths[ending], end
                ending = shorter[ending]

    def _one_by_one(self, folded: str) -> list[tuple[int, int]] | None:
        """Return the places of the few literals in the order of their ends; None when that would take long."""
        found: list[tuple[int, int]] = []
        places = SPARSE + len(folded) // SPARSE
        for literal in [literal for literal in self._all if literal in folded]:
            start = folded.find(literal)
            while start >= 0:
                places -= 1
                if places < 0:
                    return None
                end = start + len(literal)
                if not (start and _JOINED.match(folded, start - 1)) and not _JOINED.match(folded, end - 1):
                    found.append((start, end))
                start = folded.find(literal, start + 1)
        return sorted(found, key=itemgetter(1, 0))

    def _link(self) -> None:
        """Take in the literals that are new, then compute the fallbacks of all states, shorter ones first."""
        for literal in islice(self._all, self._linked, None):
            self._grow(literal)
        self._fallback = [_ROOT] * len(self._steps)
        self._shorter = [_ROOT] * len(self._steps)
        waiting = deque(self._steps[_ROOT].values())
        while waiting:
            state = waiting.popleft()
            for word, following in self._steps[state].items():
                back = self._fallback[state]
                while back and word not in self._steps[back]:
                    back = self._fallback[back]
                self._fallback[following] = back = self._steps[back].get(word, _ROOT)
                self._shorter[following] = back if self._lengths[back] else self._shorter[back]
                waiting.append(following)
        self._linked = len(self._all)

    def _grow(self, folded: str) -> None:
        state = _ROOT
        for word in _WORD.findall(folded):
            following = self._steps[state].get(word)
            if following is None:
                following = self._steps[state][word] = len(self._steps)
                self._steps.append({})
                self._lengths.append(0)
            state = following
        self._lengths[state] = len(folded)

    def _folded(self, text: str) -> str:
        """Return `text` in lower case where that is asked for, with every character at its place."""
        if not self._ignore_case:
            return text
        low = text.lower()
        return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
