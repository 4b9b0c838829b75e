"""What form a text has, as far as its beginning tells: words, JSON, or a JSON string of words."""

from enum import Enum

from gateway.core.jsontext import Is, JsonText

MAX_BLANKS = 64
"""A text that begins with more blanks is no JSON: it would have to be held to the end of them."""


class Form(Enum):
    """What a text is, as far as its beginning tells."""

    TEXT = "text"
    JSON = "json"  # an object or an array, or a string that holds one
    STRING = "string"  # a string of anything else, or words that begin with a quotation mark


def form(text: str) -> Form | None:
    """Return the form of a text by its beginning; None while it is too early to say."""
    start = text.lstrip(" \t\r\n")
    if not start:
        return None if len(text) <= MAX_BLANKS else Form.TEXT
    if start[0] == '"':
        tokens = JsonText().feed(start[: 2 * MAX_BLANKS])
        inner = form("".join(token.text for token in tokens if token.what is Is.PART))
        closed = len(start) >= 2 * MAX_BLANKS or any(token.what is Is.CLOSE for token in tokens)
        return Form.JSON if inner is Form.JSON else Form.STRING if inner or closed else None
    if start[0] not in "{[":
        return Form.TEXT
    first = start[1:].lstrip(" \t\r\n")[:1]
    if not first:
        return None if len(text) <= MAX_BLANKS else Form.TEXT
    return Form.JSON if first in ('"}' if start[0] == "{" else '"{[-0123456789tfn') else Form.TEXT
