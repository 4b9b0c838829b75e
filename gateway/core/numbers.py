"""Numbers of JSON: which of them may be somebody's, and how a person would write them."""

from decimal import Decimal

from detectors.secrets.keyed import names_password

MIN_DIGITS = 7
"""A number of seven or more digits may be a phone, an account or a card; a password may have one less."""

LONG_NUMBER = 10 ** (MIN_DIGITS - 1)
"""The least whole number of so many digits."""

MOST_PLACES = 40
"""A number with an exponent is spelled out up to so many places: a short text must not become a long one."""

VECTOR = 16
"""A list of so many items or more is a vector, as far as they are decimals: embeddings are long."""

LONGEST_COUNT = 10**8
"""In a request no count is longer than eight digits: what is may be anybody's, also where a table exempts counts."""

LONGEST_MEASURE = 10**13
"""Of an answer's measures none has more than 13 digits (nanoseconds of two hours, bytes of a model); a card's has."""


def somebodys(value: int | float, hint: str, asked: bool) -> bool:
    """Tell whether a number under `LONG_NUMBER` may be somebody's: a decimal of a request, or by its key.

    A decimal of an answer is a measure.
    """
    if asked and type(value) is float:
        return enough(sum(map(str.isdigit, number_text(value))), hint)
    return enough(MIN_DIGITS - 1, hint) if abs(value) >= LONG_NUMBER // 10 else False


def enough(digits: int, hint: str) -> bool:
    """Tell whether a number of so many digits may be somebody's, under a key that says `hint`."""
    return digits >= MIN_DIGITS or (digits == MIN_DIGITS - 1 and names_password(hint) is not None)


def number_text(value: int | float) -> str:
    """Return a number as a person would write it: no exponent, no trailing ``.0``."""
    return plain(str(value))


def plain(number: str) -> str:
    """Return a number of JSON without an exponent and without a trailing ``.0``.

    What is no number, or has more places than anybody's, is returned as it is.
    """
    if "e" not in number and "E" not in number:
        return number.removesuffix(".0")
    try:
        value = Decimal(repr(float(number)))
    except ValueError:
        return number
    places = value.adjusted() if value.is_finite() else MOST_PLACES
    return format(value, "f").removesuffix(".0") if abs(places) < MOST_PLACES else number


def is_count(value: int | float, asked: bool) -> bool:
    """Tell whether a number where a table exempts counts can be one: in an answer, a duration or a size too."""
    return abs(value) < (LONGEST_COUNT if asked else LONGEST_MEASURE)
