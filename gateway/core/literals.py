"""Many literal texts looked for at once, as whole words, in time that does not grow with their number.

An Aho-Corasick automaton over words instead of characters: a literal begins and
ends where words do, so one step per word (or per sign between words) follows
all literals at the same time. Scripts that write without spaces have a word per
sign. There is no limit to the number of literals, and no text for which the
search is slower than its words and its hits.

Source: Aho, Corasick, "Efficient string matching", Communications of the ACM
18 (1975).
"""

import re
from collections import deque
from collections.abc import Iterator

SPACELESS = "぀-ヿ一-鿿가-힣ก-๛"
"""Letters of scripts that write without spaces between words, as a class of a pattern."""

_WORD = re.compile(rf"[^\W_{SPACELESS}]+|[\s\S]")
"""A word, or one sign: a blank, a mark, a letter of a script without spaces."""

_ROOT = 0

FEW = 64
"""Up to so many literals, it pays to ask first whether the longest word of any stands in a text at all."""


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
        self._linked = True
        self._telling: set[str] = set()
        """The longest word of each literal."""

    def __bool__(self) -> bool:
        return len(self._steps) > 1

    def add(self, literal: str) -> None:
        """Look for `literal` too, unless it is blank."""
        if not literal.strip():
            return
        words = _WORD.findall(self._folded(literal))
        self._telling.add(max(words, key=len))
        state = _ROOT
        for word in words:
            following = self._steps[state].get(word)
            if following is None:
                following = self._steps[state][word] = len(self._steps)
                self._steps.append({})
                self._lengths.append(0)
            state = following
        self._lengths[state] = len(literal)
        self._linked = False

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield ``(start, end)`` of every literal in `text`, overlapping ones too, in the order of their ends."""
        folded = self._folded(text)
        if len(self._telling) <= FEW and not any(word in folded for word in self._telling):
            return
        if not self._linked:
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

    def _link(self) -> None:
        """Compute the fallbacks of all states, shorter ones first."""
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
        self._linked = True

    def _folded(self, text: str) -> str:
        """Return `text` in lower case where that is asked for, with every character at its place."""
        if not self._ignore_case:
            return text
        low = text.lower()
        return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
