"""Operators without a library, for tests of what is around them."""


class PlainOperators:
    """Implements `gateway.core.redact.Operators` in the plainest way."""

    def mask(self, text: str, sign: str, keep_last: int) -> str:
        """All but the last few."""
        return sign * (len(text) - keep_last) + text[len(text) - keep_last :]

    def hash(self, text: str, salt: bytes) -> str:
        """A word."""
        return "hash"

    def redact(self, text: str, entity: str) -> str:
        """The entity in brackets."""
        return f"[{entity}]"
