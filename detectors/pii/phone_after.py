"""Words after a number that say that it is a telephone number: `555-0123 is my cell`, `5550123 (mobile)`.

They follow at once and are few, so that a stream waits for them only while what
comes after a number may still become one of these phrases.
"""

from typing import Any, Final

import regex  # type: ignore[import-untyped]

LONGEST: Final = 64
"""Characters after a number that are looked at."""

_KIND: Final = r"(?:phone|cell|cellphone|mobile|telephone|fax|landline|handy)(?:[ ]number)?"
_WHOSE: Final = r"(?:my|his|her|our|their|your)"
_ADJECTIVE: Final = r"(?:[ ](?:new|old|other|current|personal|private|work|home|office|direct|business))?"
_PHRASE: Final[Any] = regex.compile(
    rf"""
      ,?[ ](?:is|was)[ ]{_WHOSE}{_ADJECTIVE}[ ](?:number|{_KIND})\b
    | ,?[ ](?:is|was)[ ](?:the|a){_ADJECTIVE}[ ]{_KIND}\b
    | ,?[ ](?:on|from|at)[ ]{_WHOSE}{_ADJECTIVE}[ ]{_KIND}\b
    | ,?[ ]to[ ]reach[ ](?:me|us|him|her|them)\b
    | ,?[ ](?:mobile|cell|home|work|office|phone|telephone|fax|landline|direct)(?=[ ]?(?:[\n,;|/.)]|\Z))
    | [ ]?\((?:mobile|mob|cell|home|work|office|phone|tel|fax|landline|direct|handy|m|c|h|w|t|f)\)
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_OPENINGS: Final = frozenset(" ,(")


def speaks(text: str, end: int) -> bool:
    """Say whether what follows the number that ends at `end` says what it is."""
    return text[end : end + 1] in _OPENINGS and _PHRASE.match(text, end, end + LONGEST) is not None


def may_speak(rest: str) -> bool:
    """Say whether `rest`, all that follows a number so far, may still become a phrase that says what it is."""
    return _PHRASE.fullmatch(rest, partial=True) is not None
