"""From an expression that decides to one that only proposes, for the scan of the shadow.

The relaxed expression matches in the shadow wherever the original matches in
the text, with the same end or, where it takes the character after it along, one
later; or something in it does. It says less on purpose: classes are widened to digits, letters or both,
so that the many rules of Presidio share a few dozen small automata, which
Vectorscan compiles in half a second instead of three.
"""

import importlib
import re
from collections.abc import Iterable
from typing import Any, Final

_DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_WORD: Final = _DIGITS | _LETTERS | {"_"}
_SPACES: Final = frozenset(
    " \t\n\r\f\v"
)  # all that is white space to Presidio's expressions is one of these in the shadow

# Look-around at the edges that can be said without look-around. Everything else is dropped: look-around only
# ever removes matches. What stands on the right holds in the shadow whenever the left holds in the text.
_OPENINGS: Final = {
    r"(?<![^\W_])": "(?:^|[^a-zA-Z0-9])",
    r"(?<!\d)": "(?:^|[^0-9])",
    r"(?<!\w)": r"(?:^|\W)",
    r"(?<![\w-])": r"(?:^|\W)",
    r"(?<![\w:])": r"(?:^|\W)",
    r"(?<![\w.])": r"(?:^|\W)",
}
_ENDINGS: Final = {
    r"(?![^\W_])": "(?:$|[^a-zA-Z0-9])",
    r"(?!\d)": "(?:$|[^0-9])",
    r"(?!\w)": r"(?:$|\W)",
    r"(?![\w:])": r"(?:$|\W)",
    r"(?!\w|\.\d)": r"(?:$|\W)",
}


def relax(expression: str) -> tuple[str, int]:
    """Return the relaxed `expression`, to be compiled without regard to case, and its longest match in characters."""
    opening = next((o for o in _OPENINGS if expression.startswith(o)), "")
    ending = next((e for e in _ENDINGS if expression.endswith(e)), "")
    core = without_assertions(expression[len(opening) : len(expression) - len(ending)])
    parsed = _parser().parse(core)
    relaxed = _OPENINGS.get(opening, "") + _emit(parsed) + _ENDINGS.get(ending, "")
    return relaxed, int(parsed.getwidth()[1]) + bool(opening) + bool(ending)


def without_assertions(expression: str) -> str:
    """Return `expression` without look-around; a back reference becomes what its group could have been."""
    group = re.search(r"\((\[[^\]]*\])\)", expression)
    if r"\1" in expression:
        if group is None:
            raise ValueError("a back reference to something else than a character class")
        expression = expression.replace(r"\1", group[1])
    while (opening := re.search(r"\(\?(?:=|!|<=|<!)", expression)) is not None:
        end = _closing(expression, opening.start())
        expression = expression[: opening.start()] + expression[end:]
    return expression


def _closing(expression: str, opening: int) -> int:
    """Return the offset after the parenthesis that closes the one at `opening`."""
    depth = 0
    in_class = False
    at = opening
    while at < len(expression):
        char = expression[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise ValueError("unbalanced expression")


def _emit(parsed: Iterable[tuple[Any, Any]]) -> str:
    """Write a parsed expression down again, with widened classes."""
    parts = []
    for operation, value in parsed:
        match str(operation):
            case "LITERAL":
                parts.append(_class({chr(value)}))
            case "IN":
                parts.append(_class(_members(value)))
            case "AT":
                parts.append(r"\b")
            case "SUBPATTERN":
                parts.append(f"(?:{_emit(value[3])})")
            case "BRANCH":
                parts.append(f"(?:{'|'.join(dict.fromkeys(_emit(branch) for branch in value[1]))})")
            case "MAX_REPEAT":
                low, high, repeated = value
                parts.append(f"(?:{_emit(repeated)}){{{low},{high}}}")
            case other:
                raise ValueError(f"no relaxed form of {other}")
    return "".join(parts)


def _members(items: Iterable[tuple[Any, Any]]) -> set[str]:
    members: set[str] = set()
    for operation, value in items:
        match str(operation):
            case "LITERAL":
                members.add(chr(value))
            case "RANGE":
                members.update(map(chr, range(value[0], value[1] + 1)))
            case "CATEGORY":
                members |= {"DIGIT": _DIGITS, "WORD": _WORD, "SPACE": _SPACES}[str(value).rsplit("_", 1)[-1]]
            case other:
                raise ValueError(f"no relaxed form of {other} in a class")
    return members


def _class(members: set[str]) -> str:
    """Return the narrowest of a few classes that holds `members` as they stand in the shadow."""
    dark = {c.lower() if c.isascii() else "_" for c in members}
    letters, figures = bool(dark & _LETTERS), bool(dark & _DIGITS)
    others = "".join(f"\\x{ord(c):02x}" for c in sorted(dark - _LETTERS - _DIGITS))
    return f"[{'a-z' if letters else ''}{'0-9' if figures else ''}{others}]"


def _parser() -> Any:
    return importlib.import_module("re._parser")  # its only public face, sre_parse, is deprecated
