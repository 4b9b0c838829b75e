"""Text to compare detectors on: strings that expressions match, in the company that they keep."""

import importlib
import random
from collections.abc import Iterable
from typing import Any

from detectors.pii.relax import without_assertions

# What may stand between values, with what breaks naive scanners: other scripts, underscores, combining marks.
GLUE = [
    " ",
    " ",
    " ",
    "\n",
    "",
    "-",
    "_",
    ".",
    ",",
    ":",
    "/",
    " no. ",
    "id ",
    "\u00a0",
    "é",
    "ß",
    "\u0301",
    "李",
    "ſ",
    "x",
    "0",
]

# Letters and digits that regular expressions take for ASCII ones, or for word characters.
DISGUISES = {"s": "ſ", "k": "\u212a", "i": "ı", "0": "٠", "7": "７", "4": "४", " ": "\u2003", "-": "‐"}


def matching(expression: str, rng: random.Random) -> str:
    """Return a string that `expression` matches, save for its look-around; now and then in another guise."""
    parsed = importlib.import_module("re._parser").parse(without_assertions(expression))
    text = _sample(parsed, rng)
    if rng.random() < 0.3:
        text = text.swapcase()
    if rng.random() < 0.2:
        text = "".join(DISGUISES.get(c.lower(), c) if rng.random() < 0.3 else c for c in text)
    return text


def _sample(parsed: Iterable[tuple[Any, Any]], rng: random.Random) -> str:
    parts = []
    for operation, value in parsed:
        match str(operation):
            case "LITERAL":
                parts.append(chr(value))
            case "IN":
                parts.append(_member(value, rng))
            case "BRANCH":
                parts.append(_sample(rng.choice(value[1]), rng))
            case "SUBPATTERN":
                parts.append(_sample(value[3], rng))
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, repeated = value
                parts.extend(_sample(repeated, rng) for _ in range(rng.randint(low, min(high, low + 6))))
            case "AT" | "ASSERT" | "ASSERT_NOT":
                pass
            case "ANY":
                parts.append("x")
            case other:
                raise ValueError(other)
    return "".join(parts)


def _member(items: Iterable[tuple[Any, Any]], rng: random.Random) -> str:
    operation, value = rng.choice(list(items))
    match str(operation):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(rng.randint(*value))
        case _:
            kind = str(value)
            return rng.choice("0123456789") if "DIGIT" in kind else " " if "SPACE" in kind else rng.choice("aZ_5")
