"""A problem in a file, with its place; and how it is worded."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_WORD = 3
"""A shorter word stands in too many others to suggest one of them."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong where. `line` and `column` count from one.

    Prints as ``file:line:column: message``, which editors and CI systems
    understand.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean `x`?"`` when a known word is close to `word` or holds it, else ""."""
    sought = word[:80].casefold()
    by_fold = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(sought, by_fold, n=1, cutoff=0.6)
    if not close and len(sought) >= _WORD:
        close = [fold for fold in by_fold if sought in fold][:1]
    return f"; did you mean `{by_fold[close[0]]}`?" if close else ""


def quoted(word: object, limit: int = 60) -> str:
    """Return `word` for a message: on one line, printable, cut at `limit` characters."""
    text = str(word)
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return "`" + "".join(c if c.isprintable() else "�" for c in shown) + "`"
