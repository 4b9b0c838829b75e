r"""Escaped line breaks and marks, out of the way: in ``\nanna@example.com``, spelled so, the name is anna.

Text that was put into a string literal once too often (JSON in JSON, program text,
logs) has a backslash and a letter where a line ended; the letter then runs into the
word that follows and hides it. A quotation mark takes the place of every character
of such an escape: it is in no finding, so that what is found before and after it does
not depend on it, and offsets stay what they are.

Escapes of letters, digits and of marks that are parts of findings are not touched:
undoing disguises is `detectors/normalize`.
"""

import re
from typing import Final

# Line breaks, tabs, blanks, and the marks that serializers for web pages escape: " & ' < = > `
_CODES: Final = r"0[9aAdD]|2[0267]|3[cCdDeE]|60|85|[aA]0"
_ESCAPE: Final = re.compile(rf"\\(?:[nrt]|u00(?:{_CODES})|u202[89]|x(?:{_CODES}))")


def without_escapes(text: str) -> str:
    """Return `text` with quotation marks, one for each character, in the place of escaped white space and marks."""
    return _ESCAPE.sub(_marks, text) if "\\" in text else text


def after_escape(text: str, start: int) -> int:
    r"""Return where the word at `start` begins without the letter of an escape.

    ``\nAnna`` is Anna; ``\nina``, in a path of Windows, is Nina, so that only a capital after the letter tells.
    """
    escaped = text[start - 1 : start] == "\\" and text[start] in "nrt" and text[start + 1 : start + 2].isupper()
    return start + escaped


def _marks(escape: re.Match[str]) -> str:
    return '"' * len(escape[0])
