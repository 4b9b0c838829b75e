"""Cuts text into the tagger's tokens, and keeps track of where they stand.

A token is a run of letters, a run of digits, one symbol, a line break or a run
of blanks; one blank before a word belongs to it (`" Anna"`), so that joining
all tokens gives the text back. E-mail addresses, URLs, bare domains and
@handles are one token each: rules find them, and the tagger must not take their
pieces for names.

Cutting is local. A *chunk* is a run of characters without white space, quotes,
brackets, commas or bars; no token but a blank crosses its border, so its tokens
do not depend on where the text begins. A chunk longer than `CHUNK_LIMIT` (a
hash, base64) and a run of more than `BLANK_LIMIT` blanks are barriers: they are
not tagged, and nothing is seen through them. That bounds how many characters a
number of tokens can span, on which the promises of the tagger rest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CHUNK_LIMIT = 64  # characters; longer runs are data, not names
BLANK_LIMIT = 8
TOKEN_SPAN = CHUNK_LIMIT + BLANK_LIMIT  # a token and the blanks before it

_CHUNK = r"[^\s<>\"'()\[\]{},;|]"
_PIECES = r"[^\W\d_]+|\d+|[=*#~.+_-]{3,}|[^\s\w]|_"
_BLANKS = r"\n|[^\S\n]+"
_SUFFIXES = "com|org|net|io|edu|gov|mil|info|biz|co|ai|app|dev|eu|uk|de|fr|es|nl|ch|pl|se|br|ru|jp|cn|au|ca"
_URL = rf"(?:https?://|HTTPS?://|Https?://|ftp://|www\.|WWW\.|Www\.){_CHUNK}+"
_EMAIL = r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
_HANDLE = r"@\w{2,}"
_DOMAIN = rf"[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.(?:{_SUFFIXES})\b(?:/{_CHUNK}*)?"

_PLAIN_TOKEN = re.compile(rf" ?(?:{_PIECES})|{_BLANKS}")
_MASKED_TOKEN = re.compile(rf" ?(?:{_URL}|{_EMAIL}|{_HANDLE}|{_DOMAIN}|{_PIECES})|{_BLANKS}")
_BARRIERS_TOO = re.compile(
    rf" ?(?:{_CHUNK}{{{CHUNK_LIMIT + 1},}}|{_URL}|{_EMAIL}|{_HANDLE}|{_DOMAIN}|{_PIECES})|{_BLANKS}"
)
_TRIGGER = re.compile(rf"@|://|[wW][wW]\.|\.(?:{_SUFFIXES})\b")  # in every masked value
_CHUNK_RUN = re.compile(rf"{_CHUNK}+")
_LONG_CHUNK = re.compile(rf"{_CHUNK}{{{CHUNK_LIMIT + 1}}}")
_MASKS = (
    ("\x00url", re.compile(_URL)),
    ("\x00email", re.compile(_EMAIL)),
    ("\x00handle", re.compile(_HANDLE)),
    ("\x00url", re.compile(_DOMAIN)),
)

BARRIER = "\x00barrier"
_IS_BLANK = np.array([chr(code).isspace() and code != 10 for code in range(0x3002)])


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text. `keys` hold text: never log them.

    `starts` and `ends` are offsets in code points, without the blank before a
    token; `numbers` are the indices of tokens that end in a digit 0-9.
    """

    keys: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    numbers: Sequence[int]

    def __repr__(self) -> str:
        return f"Tokens({len(self.keys)})"


def _split(text: str) -> list[str]:
    """Return the tokens of a text without long chunks: only chunks with a trigger are searched for masked values."""
    keys: list[str] = []
    at = 0
    for trigger in _TRIGGER.finditer(text):
        start = trigger.start()
        if start < at:
            continue
        while start > at and _CHUNK_RUN.match(text, start - 1, start):
            start -= 1
        run = _CHUNK_RUN.match(text, start)
        end = run.end() if run else start + 1
        lead = (
            start > at
            and text[start - 1] == " "
            and (start < 2 or text[start - 2] == "\n" or not text[start - 2].isspace())
        )
        keys += _PLAIN_TOKEN.findall(text, at, start - lead)
        keys += _MASKED_TOKEN.findall(text, start - lead, end)
        at = end
    keys += _PLAIN_TOKEN.findall(text, at)
    return keys


def _keys(text: str) -> list[str]:
    if max(map(len, text.split()), default=0) > CHUNK_LIMIT and _LONG_CHUNK.search(text):
        return _BARRIERS_TOO.findall(text)
    return _split(text)


def cut(texts: Sequence[str]) -> list[Tokens]:
    """Return the tokens of each text, in order; joined, they are the text (but for barriers)."""
    keys = [_keys(text) for text in texts]
    flat = [key for text in keys for key in text]
    lengths = np.array(list(map(len, flat)), np.int64)
    if not flat:
        return [Tokens([], [], [], []) for _ in texts]
    ends = lengths.cumsum()
    starts = ends - lengths
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    last = codes[ends - 1]
    blanks = _IS_BLANK[np.minimum(last, len(_IS_BLANK) - 1)]
    leads = (codes[starts] == 32) & (lengths > 1) & ~blanks
    lengths -= leads
    starts += leads
    long = np.flatnonzero((lengths > CHUNK_LIMIT) | (blanks & (lengths > BLANK_LIMIT)))
    numbers = (last >= 48) & (last <= 57)
    tokens = []
    first = offset = 0
    for text, own in zip(texts, keys, strict=True):
        part = slice(first, first + len(own))
        for i in long[(long >= part.start) & (long < part.stop)].tolist() if len(long) else ():
            own[i - first] = BARRIER
        places = (starts[part] - offset).tolist(), (ends[part] - offset).tolist()
        tokens.append(Tokens(own, *places, np.flatnonzero(numbers[part]).tolist()))
        first += len(own)
        offset += len(text)
    return tokens


def canonical(key: str) -> str:
    """Return the key under which a token's features are computed.

    Numbers become their length (years and small numbers keep more), masked
    values their kind; a blank before the token stays.
    """
    lead, body = (" ", key[1:]) if len(key) > 1 and key[0] == " " and key[1] != " " else ("", key)
    if body.isdecimal():
        if len(body) == 4 and body[:2] in {"19", "20"}:
            return lead + body[:2] + "00"
        return lead + (body if len(body) < 3 else "0" * min(len(body), 13))
    if len(body) > 1 and not body.isalpha():
        for name, pattern in _MASKS:
            if pattern.fullmatch(body):
                return lead + name
        if body.isspace():
            return "\t" if "\t" in body else "  "
        return lead + body[0] * 3  # a ruled line
    return key
