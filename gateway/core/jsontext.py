"""JSON that arrives in pieces, taken apart so that only what its strings *mean* is inspected.

Tool-call arguments and structured answers are JSON texts cut at any character,
inside escapes too. `JsonText` reads them incrementally and yields tokens;
whoever rewrites the string tokens and writes them back with `quote` gets valid
JSON again, as it goes, without waiting for the end.

A number or word is believed only when a comma or a bracket follows it: until
then it may be the beginning of prose (``[4111 1111 …] is my card``), and then
all of it goes on as one plain text.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from gateway.core.numbers import enough
from gateway.core.payload import is_plain_key
from gateway.core.stretch import Names

_PLAIN = re.compile(r'[^"\\]*')
_BLANKS = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"(-?[0-9][-+0-9.eE]*|[a-z]+)[ \t\r\n]*")
_HEX = re.compile("[0-9A-Fa-f]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
MAX_DEPTH = 64
"""Nesting beyond this is no JSON that anybody sends."""


class Is(Enum):
    """What a token is."""

    MARK = "mark"  # punctuation, blanks, words and small numbers: goes out as it stands
    KEY = "key"  # a whole key that is a plain word; its text is without the quotation marks
    OPEN = "open"  # a string begins: a value, or a key that is no plain word
    PART = "part"  # decoded characters of the open string
    CLOSE = "close"  # the open string ends; its text is the closing quote, "" where there was none
    NUMBER = "number"  # a whole number of many digits
    BROKEN = "broken"  # from here on the text is not JSON; all further text comes as one kind


@dataclass(frozen=True, slots=True)
class Token:
    """One step of the text.

    `raw` is how a part or a plain key was written; `hint` is the key above a value; `names` are the
    names of the object whose key this is, None for a value.
    """

    what: Is
    text: str = field(repr=False, default="")
    raw: str = field(repr=False, default="")
    hint: str = field(repr=False, default="")
    names: Names | None = field(repr=False, default=None)


class JsonText:
    """An incremental reader. `feed` returns the tokens of what has come; leftovers wait inside."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._tokens: list[Token] = []
        self._marks: list[str] = []
        self._stack: list[str] = []  # "{" before a key, ":" before a member's value, "[" in a list
        self._keys: list[str] = [""]
        self._names: list[Names] = []  # of the objects that are open
        self._key: list[str] | None = None
        self._raw_key: list[str] = []
        self._in_string = False
        self._expect_value = True
        self._complete = False
        self._broken = False

    @property
    def waiting(self) -> int:
        """How many characters wait for what follows them."""
        return len(self._text) - self._at + sum(map(len, self._key or ()))

    def feed(self, text: str, end: bool = False) -> list[Token]:
        """Read on. With `end`, what is left over comes out as it is."""
        self._tokens = []
        self._text = self._text[self._at :] + text
        self._at = 0
        while self._at < len(self._text) and self._step(end):
            pass
        if end and self._at < len(self._text):
            self._break()
        elif end and self._in_string and self._key is not None:
            self._put_key("")
        self._flush_marks()
        return self._tokens

    def _put(self, token: Token) -> None:
        self._flush_marks()
        self._tokens.append(token)

    def _mark(self, text: str) -> bool:
        self._marks.append(text)
        self._at += len(text)
        return True

    def _flush_marks(self) -> None:
        if self._marks:
            self._tokens.append(Token(Is.MARK, "".join(self._marks)))
            self._marks = []

    def _step(self, end: bool) -> bool:
        if self._broken:
            return self._break()
        if self._in_string:
            return self._string()
        blanks = _BLANKS.match(self._text, self._at)
        if blanks is not None and blanks.end() > self._at:
            return self._mark(blanks.group())
        sign = self._text[self._at]
        if sign in "{}[],:":
            return self._mark(sign) if self._structure(sign) else self._break()
        if sign == '"':
            return self._open()
        return self._scalar(end)

    def _structure(self, sign: str) -> bool:
        """Move through objects and lists; return False where `sign` cannot stand."""
        stack = self._stack
        if sign in "{[":
            if not self._expect_value or self._complete or len(stack) >= MAX_DEPTH:
                return False
            stack.append(sign)
            if sign == "{":
                self._names.append(Names())
            self._keys.append(self._keys[-1])
            self._expect_value = sign == "["
        elif sign in "}]":
            if not stack or (sign == "]") != (stack[-1] == "["):
                return False
            stack.pop()
            if sign == "}":
                self._names.pop()
            self._keys.pop()
            self._after_value()
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

    def _open(self) -> bool:
        key = self._stack[-1:] == ["{"] and self._key is None and not self._expect_value
        if not key and (self._complete or not self._expect_value):
            return self._break()
        self._in_string = True
        self._at += 1
        if key:
            self._key, self._raw_key = [], []
        else:
            self._key = None
            self._put(Token(Is.OPEN, hint=self._keys[-1]))
        return True

    def _string(self) -> bool:
        plain = _PLAIN.match(self._text, self._at)
        assert plain is not None
        if plain.end() > self._at:
            return self._part(plain.group(), plain.end() - self._at)
        if self._text[self._at] == '"':
            self._in_string = False
            self._at += 1
            if self._key is not None:
                self._put_key('"')
            else:
                self._put(Token(Is.CLOSE, '"'))
                self._after_value()
            return True
        return self._escape()

    def _escape(self) -> bool:
        rest = self._text[self._at : self._at + 12]
        if len(rest) < 2:
            return False
        if rest[1] != "u":
            meaning = _ESCAPES.get(rest[1])
            return self._part(meaning, 2) if meaning is not None else self._break()
        code = _hex(rest[2:6])
        if len(rest) < 6:
            return False
        if code is None or 0xDC00 <= code < 0xE000:
            return self._break()
        if code < 0xD800 or code >= 0xE000:
            return self._part(chr(code), 6)
        if len(rest) < 12:
            return rest[6:7] not in ("", "\\") and self._break()
        low = _hex(rest[8:12])
        if rest[6:8] != "\\u" or low is None or not 0xDC00 <= low < 0xE000:
            return self._break()
        return self._part(chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), 12)

    def _part(self, text: str, length: int) -> bool:
        raw = self._text[self._at : self._at + length]
        if self._key is not None:
            self._key.append(text)
            self._raw_key.append(raw)
        else:
            self._put(Token(Is.PART, text, raw))
        self._at += length
        return True

    def _put_key(self, closing: str) -> None:
        """Put out a key, whole: a plain word as it is, any other as a string."""
        assert self._key is not None
        key, raw = "".join(self._key), "".join(self._raw_key)
        if closing and is_plain_key(key):
            self._put(Token(Is.KEY, key, raw, names=self._names[-1]))
            return
        self._put(Token(Is.OPEN, names=self._names[-1]))
        for part, written in zip(self._key, self._raw_key, strict=True):
            self._put(Token(Is.PART, part, written))
        self._put(Token(Is.CLOSE, closing))

    def _scalar(self, end: bool) -> bool:
        """Read a number or a word, if what follows it shows that it is a value."""
        match = _SCALAR.match(self._text, self._at)
        if match is None:
            waits = self._text[self._at :] == "-" and not end
            return False if waits else self._break()
        if match.end() == len(self._text):
            return self._break() if end else False
        word = match.group(1)
        known = word in ("true", "false", "null") or not word[0].isalpha()
        if self._complete or not self._expect_value or not known or self._text[match.end()] not in ",]}":
            return self._break()
        self._after_value()
        if not enough(sum(map(str.isdigit, word)), self._keys[-1]):
            return self._mark(match.group())
        self._put(Token(Is.NUMBER, word, hint=self._keys[-1]))
        self._at += len(word)
        return True

    def _after_value(self) -> None:
        self._expect_value = False
        self._complete = not self._stack

    def _break(self) -> bool:
        if self._in_string and self._key is not None:
            self._put_key("")
        elif self._in_string:
            self._put(Token(Is.CLOSE))
        self._broken, self._in_string = True, False
        self._put(Token(Is.BROKEN, self._text[self._at :]))
        self._at = len(self._text)
        return True


def _hex(digits: str) -> int | None:
    return int(digits, 16) if _HEX.fullmatch(digits) else None
