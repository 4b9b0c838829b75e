"""JSON that arrives in pieces, taken apart so that only what its strings *mean* is inspected.

Tool-call arguments and structured answers are JSON texts cut at any character,
inside escapes too. `JsonText` reads them incrementally and yields tokens;
whoever rewrites the string tokens and writes them back with `quote` gets valid
JSON again, as it goes, without waiting for the end.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from gateway.core.strictjson import dump_text

_PLAIN = re.compile(r'[^"\\]*')
_SPACE = " \t\r\n"
_NUMBER = re.compile(r"[-+0-9.eE]*")
_WORD = re.compile(r"[a-z]*")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
MAX_DEPTH = 64


class Is(Enum):
    """What a token is."""

    MARK = "mark"  # punctuation, white space, true, false, null: goes out as it stands
    OPEN = "open"  # a string begins
    PART = "part"  # decoded characters of the open string
    CLOSE = "close"  # the open string ends
    NUMBER = "number"  # a whole number
    BROKEN = "broken"  # from here on the text is not JSON; all further text comes as one kind


@dataclass(frozen=True, slots=True)
class Token:
    """One step of the text. `key` tells an object's key from a value; `hint` is the key above a value."""

    what: Is
    text: str = field(repr=False, default="")
    key: bool = False
    hint: str = field(repr=False, default="")


def quote(text: str) -> str:
    """Return `text` as the inside of a JSON string."""
    return dump_text(text)[1:-1]


def looks_like_json(text: str) -> bool | None:
    """Tell whether a text begins like a JSON object or array; None while it is too early to say."""
    start = text.lstrip(_SPACE)
    if not start:
        return None if len(text) <= MAX_DEPTH else False
    if start[0] not in "{[":
        return False
    inner = start[1:].lstrip(_SPACE)
    if not inner:
        return None if len(text) <= MAX_DEPTH else False
    return inner[0] in ('"}' if start[0] == "{" else '"{[-0123456789')


class JsonText:
    """An incremental reader. `feed` returns the tokens of what has come; leftovers wait inside."""

    def __init__(self) -> None:
        self._rest = ""
        self._stack: list[str] = []  # "{" before a key, ":" before a member's value, "[" in a list
        self._keys: list[str] = [""]
        self._key: list[str] | None = None
        self._in_string = False
        self._expect_value = True
        self._complete = False
        self._broken = False

    def feed(self, text: str, end: bool = False) -> list[Token]:
        """Read on. With `end`, what is left over comes out as it is."""
        tokens: list[Token] = []
        self._rest += text
        while self._rest and self._step(tokens, end):
            pass
        if end and self._rest:
            self._break(tokens)
        return tokens

    def _step(self, tokens: list[Token], end: bool) -> bool:
        if self._broken:
            tokens.append(Token(Is.BROKEN, self._rest))
            self._rest = ""
            return True
        if self._in_string:
            return self._string(tokens)
        sign = self._rest[0]
        if sign in _SPACE or sign in "{}[],:":
            return self._mark(sign, tokens)
        if self._complete or not self._expect_value:
            return (sign == '"' and self._stack[-1:] == ["{"] and self._open(tokens, key=True)) or self._break(tokens)
        if sign == '"':
            return self._open(tokens, key=False)
        if sign in "-0123456789":
            return self._scalar(_NUMBER, Is.NUMBER, tokens, end)
        if sign in "tfn":
            return self._scalar(_WORD, Is.MARK, tokens, end)
        return self._break(tokens)

    def _mark(self, sign: str, tokens: list[Token]) -> bool:
        if sign not in _SPACE and not self._structure(sign):
            return self._break(tokens)
        tokens.append(Token(Is.MARK, sign))
        self._rest = self._rest[1:]
        return True

    def _structure(self, sign: str) -> bool:
        """Move through objects and lists; return False where `sign` cannot stand."""
        stack = self._stack
        if sign in "{[":
            if not self._expect_value or self._complete or len(stack) >= MAX_DEPTH:
                return False
            stack.append(sign)
            self._keys.append(self._keys[-1])
            self._expect_value = sign == "["
        elif sign in "}]":
            if not stack or (sign == "]") != (stack[-1] == "["):
                return False
            stack.pop()
            self._keys.pop()
            self._expect_value = False
            self._complete = not stack
        elif sign == ":":
            if stack[-1:] != ["{"] or self._key is None:
                return False
            stack[-1] = ":"
            self._keys[-1] = "".join(self._key)
            self._key = None
            self._expect_value = True
        else:
            if not stack or stack[-1] == "{" or (self._expect_value and stack[-1] == ":"):
                return False
            if stack[-1] == ":":
                stack[-1] = "{"
            self._expect_value = stack[-1] == "["
        return True

    def _open(self, tokens: list[Token], key: bool) -> bool:
        if key and self._key is not None:
            return self._break(tokens)
        self._in_string = True
        self._key = [] if key else None
        tokens.append(Token(Is.OPEN, key=key, hint="" if key else self._keys[-1]))
        self._rest = self._rest[1:]
        return True

    def _string(self, tokens: list[Token]) -> bool:
        plain = _PLAIN.match(self._rest)
        assert plain is not None
        if plain.end():
            self._part(plain.group(), plain.end(), tokens)
            return True
        if self._rest[0] == '"':
            self._in_string = False
            key = self._key is not None
            tokens.append(Token(Is.CLOSE, key=key))
            self._rest = self._rest[1:]
            if not key:
                self._after_value()
            return True
        return self._escape(tokens)

    def _escape(self, tokens: list[Token]) -> bool:
        rest = self._rest
        if len(rest) < 2:
            return False
        if rest[1] != "u":
            meaning = _ESCAPES.get(rest[1])
            return self._part(meaning, 2, tokens) if meaning is not None else self._break(tokens)
        code = _hex(rest[2:6])
        if len(rest) < 6:
            return False
        if code is None or 0xDC00 <= code < 0xE000:
            return self._break(tokens)
        if code < 0xD800 or code >= 0xE000:
            return self._part(chr(code), 6, tokens)
        if len(rest) < 12:
            return rest[6:7] not in ("", "\\") and self._break(tokens)
        low = _hex(rest[8:12])
        if rest[6:8] != "\\u" or low is None or not 0xDC00 <= low < 0xE000:
            return self._break(tokens)
        return self._part(chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), 12, tokens)

    def _part(self, text: str, length: int, tokens: list[Token]) -> bool:
        if self._key is not None:
            self._key.append(text)
        tokens.append(Token(Is.PART, text))
        self._rest = self._rest[length:]
        return True

    def _scalar(self, pattern: re.Pattern[str], what: Is, tokens: list[Token], end: bool) -> bool:
        match = pattern.match(self._rest)
        assert match is not None
        if match.end() == len(self._rest) and not end:
            return False
        if what is Is.MARK and match.group() not in ("true", "false", "null"):
            return self._break(tokens)
        tokens.append(Token(what, match.group(), hint=self._keys[-1]))
        self._rest = self._rest[match.end() :]
        self._after_value()
        return True

    def _after_value(self) -> None:
        self._expect_value = False
        self._complete = not self._stack

    def _break(self, tokens: list[Token]) -> bool:
        if self._in_string:
            tokens.append(Token(Is.CLOSE))
        self._broken = True
        self._in_string = False
        tokens.append(Token(Is.BROKEN, self._rest))
        self._rest = ""
        return True


def _hex(digits: str) -> int | None:
    try:
        return int(digits, 16) if len(digits) == 4 and digits.isalnum() else None
    except ValueError:
        return None
