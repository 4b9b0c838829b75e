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
_has_number: Final = re.compile(r"[0-9]{9}|[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])|[0-9]{4}-[0-9]{4}-[0-9]{4}").search
_PIECE: Final = re.compile(r"[^A-Za-z0-9]")
_is_key: Final = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}").fullmatch


def is_identifier(value: str) -> bool:
    """Say whether `value` is a short name of ASCII letters, digits and ``._:/+-``, perhaps with an ``@version``."""
    return _is_identifier(value) is not None


def identifier(value: str) -> str:
    """Return `value` as a plain string if it is an identifier, else `OTHER`."""
    # `str.__str__` turns an enum member into the plain string that it is.
    return str.__str__(value) if _is_identifier(value) else OTHER


def model(value: str) -> str:
    """Return a model's name, which a caller chose, else `OTHER`.

    It has a letter, and neither a number nor a piece that is as long as those of somebody's card, account or key.
    """
    known = _is_identifier(value) and _has_letter(value) and not _has_number(value)
    return str.__str__(value) if known and not any(map(_is_key, _PIECE.split(value))) else OTHER
