"""Strict JSON: one reading of a text, or none.

Two parsers that read the same bytes differently are a hole (a guard reads one
value, the backend another). So: UTF-8, no duplicate keys, no NaN or infinities,
no lone surrogates, bounded depth; and what is forwarded is always serialised
anew from what was inspected.
"""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Final, cast

from gateway.core.jsonvalue import Json


class JsonRefused(Exception):
    """The bytes are not one strict JSON text. Says why in our words, with no piece of the text."""


def _pairs(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise JsonRefused("an object has the same key twice")
    return made


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonRefused("a number is too large")
    return number


def _constant(_: str) -> Json:
    raise JsonRefused("NaN and infinities are not JSON")


def _integer(text: str) -> int:
    return int(text)  # a function of ours, so that other threads have their turn between a million numbers


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_float, parse_int=_integer, parse_constant=_constant)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parse(data: bytes | str) -> Json:
    """Return the value of one strict JSON text; raise `JsonRefused` otherwise."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = cast("Json", _DECODER.decode(text))
        if "\\u" in text:
            _ENCODER.encode(value).encode("utf-8")  # a lone surrogate has no UTF-8 form
    except UnicodeDecodeError:
        raise JsonRefused("the text is not UTF-8") from None
    except UnicodeEncodeError:
        raise JsonRefused("a string holds half of a surrogate pair") from None
    except json.JSONDecodeError as error:
        raise JsonRefused(f"not JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise JsonRefused("nested too deeply") from None
    except ValueError:
        raise JsonRefused("a number has too many digits") from None
    return value


def dump(value: Json) -> bytes:
    """Return the one serialisation that is ever sent."""
    return _ENCODER.encode(value).encode("utf-8")


def dump_large(value: Json) -> bytes:
    """Return what `dump` returns, written piece by piece: between two, other threads have their turn."""
    return "".join(_pieces(value, 0)).encode("utf-8")


_AT_ONCE: Final = 256
"""Items of a longer list that are written at once."""

_SPLIT: Final = 6
"""Levels at which lists and objects are written in pieces."""


def _pieces(value: Json, depth: int) -> Iterator[str]:
    if depth == _SPLIT or not isinstance(value, dict | list) or not value:
        yield _ENCODER.encode(value)
    elif isinstance(value, dict):
        for position, (key, member) in enumerate(value.items()):
            yield f"{',' if position else '{'}{_ENCODER.encode(key)}:"
            yield from _pieces(member, depth + 1)
        yield "}"
    elif len(value) > _AT_ONCE:
        for start in range(0, len(value), _AT_ONCE):
            yield f"{',' if start else '['}{_ENCODER.encode(value[start : start + _AT_ONCE])[1:-1]}"
        yield "]"
    else:
        for position, item in enumerate(value):
            yield "," if position else "["
            yield from _pieces(item, depth + 1)
        yield "]"


def dump_text(value: Json) -> str:
    """Return `dump` as text, for JSON inside JSON."""
    return _ENCODER.encode(value)
