"""Many literal texts looked for at once, as whole words, in time that does not grow with their number.

Each literal is filed under the word of its own that has the fewest yet; a text is
walked word by word, and only the literals filed under a word are compared there. Scripts that write
without spaces have no words to file under: the few literals in them are looked
for one by one.
"""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_NO_SPACES = re.compile("[぀-ヿ一-鿿가-힣ก-๛]")

MAX_PER_WORD = 32
"""Literals under one word; more are an attack, and are not looked for."""

MAX_PLAIN = 256
"""Literals without words."""


class Literals:
    """A set of literals. With `ignore_case`, texts are compared in lower case."""

    def __init__(self, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        self._by_word: dict[str, list[tuple[int, str]]] = {}
        self._plain: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._by_word or self._plain)

    def add(self, literal: str) -> None:
        """Look for `literal` too."""
        text = self._folded(literal)
        words = [] if _NO_SPACES.search(text) else list(_WORD.finditer(text))
        if not words:
            if len(self._plain) < MAX_PLAIN and text.strip():
                self._plain.append(text)
            return
        rarest = min(words, key=lambda word: (len(self._by_word.get(word.group(), ())), word.start() - word.end()))
        filed = self._by_word.setdefault(rarest.group(), [])
        if len(filed) < MAX_PER_WORD:
            filed.append((rarest.start(), text))

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield ``(start, end)`` of every literal in `text`, overlapping ones too."""
        searched = self._folded(text)
        for literal in self._plain:
            at = searched.find(literal)
            while at >= 0:
                yield at, at + len(literal)
                at = searched.find(literal, at + len(literal))
        if not self._by_word:
            return
        for word in _WORD.finditer(searched):
            for offset, literal in self._by_word.get(word.group(), ()):
                start = word.start() - offset
                end = start + len(literal)
                if start >= 0 and searched.startswith(literal, start) and not _joined(searched, start, end):
                    yield start, end

    def _folded(self, text: str) -> str:
        if not self._ignore_case:
            return text
        low = text.lower()
        return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def _joined(text: str, start: int, end: int) -> bool:
    """Tell whether a word goes on across either end."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return before or after
