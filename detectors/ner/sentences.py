"""Cuts text into sentences for models that read whole ones, so that even they are local.

A sentence ends at a line break, or after `.`, `!` or `?` and a blank. One of
more than `LONGEST` characters is cut at commas and semicolons, and a part that
is still longer at every blank: where the cuts are depends on the text within
`LONGEST` characters, never on where the text begins.
"""

import re
from collections.abc import Iterator

LONGEST = 1000  # characters
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?]+(?=\s)|(?=\n)|\Z)")
_CLAUSE = re.compile(r"[^,;]+[,;]*|[,;]+")
_WORD = re.compile(r"\S+")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield ``(start, end)`` of sentences, in order, none longer than `LONGEST` but for single words."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        if end - start <= LONGEST:
            if start < end:
                yield start, end
            continue
        for clause in _CLAUSE.finditer(text, start, end):
            if clause.end() - clause.start() <= LONGEST:
                yield clause.span()
            else:
                yield from (word.span() for word in _WORD.finditer(text, *clause.span()))


def last_boundary(text: str) -> int:
    """Return where the last sentence begins that a continuation may still change."""
    newline = text.rfind("\n") + 1
    ends = [match.end() for match in re.finditer(r"[.!?]\s", text[newline:])]
    return newline + (ends[-1] if ends else 0)
