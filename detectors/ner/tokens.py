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
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

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
# The same, where all is ASCII.
_PLAIN_ASCII = re.compile(rf" ?(?:[A-Za-z]+|[0-9]+|[=*#~.+_-]{{3,}}|[^\sA-Za-z0-9])|{_BLANKS}")
_MASKED_TOKEN = re.compile(rf" ?(?:{_URL}|{_EMAIL}|{_HANDLE}|{_DOMAIN}|{_PIECES})|{_BLANKS}")
_BARRIERS_TOO = re.compile(
    rf" ?(?:{_CHUNK}{{{CHUNK_LIMIT + 1},}}|{_URL}|{_EMAIL}|{_HANDLE}|{_DOMAIN}|{_PIECES})|{_BLANKS}"
)
# In every masked value: @, ://, ww., .com; one of three characters first, for which a search is fast.
_TRIGGER = re.compile(rf"[@:.](?:(?<=@)|(?<=:)//|(?<=\.)(?:(?<=[wW][wW]\.)|(?:{_SUFFIXES})\b))")
_CHUNK_RUN = re.compile(rf"{_CHUNK}+")
_LONG_CHUNK = re.compile(rf"{_CHUNK}{{{CHUNK_LIMIT + 1}}}")
_MASKS = (
    ("\x00url", re.compile(_URL)),
    ("\x00email", re.compile(_EMAIL)),
    ("\x00handle", re.compile(_HANDLE)),
    ("\x00url", re.compile(_DOMAIN)),
)

BARRIER = "\x00barrier"
_IS_BORDER = np.array([_CHUNK_RUN.match(chr(code)) is None for code in range(0x3002)])
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
    plain = _PLAIN_ASCII if text.isascii() else _PLAIN_TOKEN
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
        keys += plain.findall(text, at, start - lead)
        keys += _MASKED_TOKEN.findall(text, start - lead, end)
        at = end
    keys += plain.findall(text, at)
    return keys


def _keys(text: str) -> list[str]:
    if max(map(len, text.split()), default=0) > CHUNK_LIMIT and _LONG_CHUNK.search(text):
        return _BARRIERS_TOO.findall(text)
    return _split(text)


def _of(table: NDArray[np.bool_], codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Look code points up; those beyond the table are what its last one is."""
    found: NDArray[np.bool_] = table[codes if codes.dtype == np.uint8 else np.minimum(codes, len(table) - 1)]
    return found


def _all_short(codes: NDArray[np.integer]) -> bool:
    """Whether no chunk of some texts, one after the other, can be long; a look that is faster than `_keys` has."""
    borders = np.flatnonzero(_of(_IS_BORDER, codes))
    return len(borders) > 0 and max(borders[0], np.diff(borders, append=len(codes)).max() - 1) <= CHUNK_LIMIT


def cut(texts: Sequence[str]) -> list[Tokens]:
    """Return the tokens of each text, in order; joined, they are the text (but for barriers)."""
    joined = "".join(texts)
    codes: NDArray[np.integer]
    if joined.isascii():
        codes = np.frombuffer(joined.encode("ascii"), np.uint8)
    else:
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    keys = [*map(_split if _all_short(codes) else _keys, texts)]
    flat = list(chain.from_iterable(keys))
    if not flat:
        return [Tokens([], [], [], []) for _ in texts]
    lengths = np.fromiter(map(len, flat), np.int64, len(flat))
    ends = lengths.cumsum()
    starts = ends - lengths
    last = codes[ends - 1]
    blanks = _of(_IS_BLANK, last)
    leads = (codes[starts] == 32) & (lengths > 1) & ~blanks
    lengths -= leads
    starts += leads
    long = np.flatnonzero((lengths > CHUNK_LIMIT) | (blanks & (lengths > BLANK_LIMIT))).tolist()
    numbers = np.flatnonzero((last >= 48) & (last <= 57)).tolist()
    tokens = []
    first = offset = barrier = number = 0
    for text, own in zip(texts, keys, strict=True):
        after = first + len(own)
        while barrier < len(long) and long[barrier] < after:
            own[long[barrier] - first] = BARRIER
            barrier += 1
        since, number = number, bisect_left(numbers, after, number)
        places = (starts[first:after] - offset).tolist(), (ends[first:after] - offset).tolist()
        tokens.append(Tokens(own, *places, [at - first for at in numbers[since:number]]))
        first, offset = after, offset + len(text)
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
