"""The words that a request itself says: no stand-in may be made of them, or a word of the caller's would come back
as somebody's value.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from gateway.core.literals import SPACELESS

_WORD = re.compile(rf"[^\W_{SPACELESS}]+|[{SPACELESS}]")
"""A word, or one letter of a script without spaces."""


class Heard:
    """The words of some texts and which of them are neighbours, in any case, whatever stands between them.

    Asked in time that does not grow with the texts: a request may hold a hundred thousand values, and each of their
    stand-ins is looked for in all of it.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = tuple(texts)
        self._known: set[int] | None = None  # digests of words and of pairs; taken when somebody asks

    def __repr__(self) -> str:
        return f"<Heard {len(self._texts)} texts>"

    def says(self, phrase: str) -> bool:
        """Tell whether the word of `phrase`, or each pair of neighbours in it, was heard: else it was not, as a whole.

        A phrase without words counts as heard.
        """
        if self._known is None:
            self._known = set()
            for text in self._texts:
                words = _words(text)
                self._known.update(map(hash, words), map(hash, pairwise(words)))
        words = _words(phrase)
        return all(hash(piece) in self._known for piece in (pairwise(words) if len(words) > 1 else words))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
