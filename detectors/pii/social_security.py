"""United States social security numbers: which numbers were never issued."""

from typing import Final

_SAMPLES: Final = frozenset({"123456789", "987654320", "078051120"})
"""Printed as examples, and never valid: Presidio's list."""


def never_issued(written: str) -> bool:
    """Say whether `written`, nine digits with or without separators, is no number of a person.

    The same verdict as Presidio's `UsSsnRecognizer.invalidate_result`: mixed
    separators, one digit only, a group or an area that is not issued, a sample.
    """
    digits = "".join([char for char in written if char.isdigit()])
    return (
        ("." in written) + ("-" in written) + (" " in written) > 1
        or digits == digits[0] * len(digits)
        or digits[3:5] == "00"
        or digits[5:] == "0000"
        or digits[:3] in ("000", "666")
        or digits in _SAMPLES
    )
