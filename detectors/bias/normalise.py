"""An answer as the parsers read it: markdown, thinking and wrapping taken off, words untouched."""

import json
import re
import unicodedata

#: No parser reads further than this: an answer that has not been given by then is not given.
MAX_CHARACTERS = 100_000

_THINKING = re.compile(r"<(think|thinking|reasoning|thought)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPEN_THINKING = re.compile(r"<(?:think|thinking|reasoning|thought)>", re.IGNORECASE)
_FENCE = re.compile(r"^\s*```[\w-]*\n(.*?)\n?```\s*$", re.DOTALL)
_EMPHASIS = re.compile(r"(\*\*|__|\*|_|`|~~)(?=\S)(.+?)(?<=\S)\1")
_PREFIX = re.compile(r"^[ \t]*(?:>|#{1,6}(?=[ \t]))[ \t]*", re.MULTILINE)
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "\u202f": " "})


def plain(text: str) -> str:
    """Return `text` without thinking tags, code fences, emphasis, headings and fancy quotes.

    An answer that never leaves its thinking has said nothing: the result is "".
    """
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).translate(_QUOTES)
    text = _THINKING.sub(" ", text)
    if _OPEN_THINKING.search(text):
        return ""
    if fenced := _FENCE.match(text):
        text = fenced.group(1)
    previous = ""
    while previous != text:
        previous, text = text, _EMPHASIS.sub(r"\2", text)
    return _PREFIX.sub("", text).strip()


def json_value(text: str) -> object:
    """Return the JSON value that the whole answer is (a code fence is taken off); raise `ValueError` if none."""
    text = _THINKING.sub(" ", text[:MAX_CHARACTERS]).strip()
    if fenced := _FENCE.match(text):
        text = fenced.group(1)
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def at(value: object, pointer: str) -> object:
    """Return the value at an RFC 6901 `pointer`; raise `ValueError` when there is none."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9]\d{0,8}", key) and int(key) < len(value):
            value = value[int(key)]
        else:
            raise ValueError("nothing at the pointer")
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object key stands twice")
    return result
