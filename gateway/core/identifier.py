"""What counts as an identifier: the only kind of string that the readable log and telemetry carry.

A pattern cannot prove that a string is nobody's data; it keeps out prose,
line breaks, quotes and mail addresses. That no text gets here in the first
place is the callers' promise, kept by the types of decisions and findings.
"""

import re
from typing import Final

OTHER: Final = "_OTHER"
"""Stands for a string outside the vocabulary (OpenTelemetry's word)."""

MAX_LENGTH: Final = 160
"""Characters of an identifier at most: a revision with its digest has 71, a long model path some 100."""

# A version may follow an at sign (`claude@20250514`), but nothing with a dot, as a mail domain has.
_is_identifier: Final = re.compile(r"(?=.{0,160}\Z)[A-Za-z0-9._:/+-]+(@[A-Za-z0-9-]+)?").fullmatch
_has_letter: Final = re.compile(r"[A-Za-z]").search


def is_identifier(value: str) -> bool:
    """Say whether `value` is a short name of ASCII letters, digits and ``._:/+-``, perhaps with an ``@version``."""
    return _is_identifier(value) is not None


def identifier(value: str) -> str:
    """Return `value` as a plain string if it is an identifier, else `OTHER`."""
    # `str.__str__` turns an enum member into the plain string that it is.
    return str.__str__(value) if _is_identifier(value) else OTHER


def model(value: str) -> str:
    """Return a model's name, which a caller chose, else `OTHER`; it has a letter, unlike a card or phone number."""
    return str.__str__(value) if _is_identifier(value) and _has_letter(value) else OTHER
