"""The operators that cannot be undone: Presidio's own, called as it defines them.

`presidio_anonymizer` would load an optional operator for a cloud service, and
with it Presidio's analyzer and spaCy: seconds and a hundred megabytes for
nothing. That one module is declared absent while the package is imported, which
is the case that the package itself provides for.
"""

import sys
from typing import Any

_OPTIONAL = "presidio_anonymizer.operators.ahds_surrogate"
_SHOWN = 16
"""Hexadecimal digits of a hash that are shown: 64 bits, enough to tell values apart."""


def _operators() -> Any:
    absent = _OPTIONAL not in sys.modules
    if absent:
        sys.modules[_OPTIONAL] = None  # type: ignore[assignment]
    try:
        from presidio_anonymizer import operators
    finally:
        if absent:
            del sys.modules[_OPTIONAL]
    return operators


class PresidioOperators:
    """Implements `gateway.core.redact.Operators`. Stateless."""

    def __init__(self) -> None:
        made = _operators()
        self._mask, self._hash, self._replace = made.Mask(), made.Hash(), made.Replace()

    def mask(self, text: str, sign: str, keep_last: int) -> str:
        """Return `text` with all but its last `keep_last` characters replaced by `sign`."""
        count = max(0, len(text) - keep_last) or len(text)  # what is not longer than what is kept is masked whole
        masked = self._mask.operate(text, {"masking_char": sign, "chars_to_mask": count, "from_end": False})
        return str(masked)

    def hash(self, text: str, salt: bytes) -> str:
        """Return the salted SHA-256 of `text`, shortened, as hexadecimal digits."""
        return str(self._hash.operate(text, {"hash_type": "sha256", "salt": salt}))[:_SHOWN]

    def redact(self, text: str, entity: str) -> str:
        """Return the entity's name in brackets."""
        return str(self._replace.operate(text, {"new_value": f"[{entity}]"}))
