"""Ages of persons, by the words around a number.

Looks four tokens to either side, fewer than the network's field; and, for
`Anna Smith, 34, of Leeds`, at whether a person's name ends two tokens before.
"""

from collections.abc import Callable, Iterator, Sequence

from detectors.ner.tokens import Tokens


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OLDEST = 120
_AROUND = 4  # tokens
_BLANK = frozenset({"-", "/", ""})
_YEARS = frozenset({"years", "year", "yrs", "yr", "y", "jahre", "jaar", "år", "lat"})
_OLD = frozenset({"old", "olds", "alt", "oud", "gammal", "gammel", "young"})
_AGE = _words("age aged ages alter edad âge âgé âgée età leeftijd idade ålder wiek")
_SAYS = frozenset({":", "=", "is", "was", "of", '"', "de", "to", "from"})
_BEING = frozenset({"am", "is", "was", "are", "be", "im"})
_CLIPPED = frozenset({"'", "’"})
_WHO = _words(
    "i he she you they who im anyone both son daughter mother father mom mum dad wife husband brother sister child kid"
    " boy girl baby aunt uncle cousin nephew niece grandson granddaughter grandmother grandfather grandma grandpa boss"
    " friend neighbour neighbor roommate girlfriend boyfriend partner patient client applicant student teacher man"
    " woman customer employee victim suspect driver"
)
_TURNED = frozenset({"turned", "turning", "turns", "turn"})
_ENDS = _words(
    ", . ! ? ; ) and but or from now who with when years today male female m f lives living as then this next at"
)
_NO_TURNS = _words("degrees degree ° % percent times of out / x miles pages corners")
_GOES_ON = _words(", ) of from . ;")
_TELLING = _AGE | _BEING | _TURNED | _YEARS | _words("yo años anni anos ans m s")
_HINTS = frozenset(lead + form for w in _TELLING for form in (w, w.capitalize(), w.upper()) for lead in ("", " "))


def ages(tokens: Tokens, ends_person: Callable[[int], bool] = lambda _: False) -> Iterator[int]:
    """Yield the indices of numbers that are a person's age.

    `ends_person` says whether a token is part of what the network takes for a person.
    """
    keys = tokens.keys
    hinted = not _HINTS.isdisjoint(keys)  # most texts have no word that tells
    for i in tokens.numbers:
        body = keys[i].strip()
        if len(body) > 3 or not body.isdecimal() or int(body) > _OLDEST:
            continue
        named = len(body) == 2 and i > 1 and ends_person(i - 2)
        if (named and _is_apposed(keys, i)) or (hinted and _is_told(keys, i)):
            yield i


def _is_told(keys: Sequence[str], i: int) -> bool:
    """Whether the words around a number say that it is an age."""
    if _HINTS.isdisjoint(keys[max(0, i - _AROUND) : i + 1 + _AROUND]):
        return False
    before = [key.strip().lower() for key in keys[max(0, i - _AROUND) : i]]
    near = [key.strip().lower() for key in keys[i + 1 : i + 1 + _AROUND]]
    after = [word for word in near if word not in _BLANK]
    return _is_old(after) or _is_announced(before) or _is_somebody(before, near, after)


def _is_old(after: Sequence[str]) -> bool:
    """Whether `34` goes on like `34 years old`, `34-year-old`, `34 y/o`, `34 years of age`."""
    first, second, third = [*after, "", "", ""][:3]
    if first in {"yo", "años", "anni", "anos"}:
        return True
    if first in _YEARS and (second in _OLD or (second, third) == ("of", "age")):
        return True
    return (first == "y" and (second == "o" or (second, third) == (".", "o"))) or (first, second) == ("ans", "alt")


def _is_announced(before: Sequence[str]) -> bool:
    """Whether `34` stands like in `aged 34`, `age: 34`, `at the age of 34`."""
    if not before:
        return False
    return before[-1] in _AGE or (before[-1] in _SAYS and any(word in _AGE for word in before[:-1]))


def _is_somebody(before: Sequence[str], near: Sequence[str], after: Sequence[str]) -> bool:
    """Whether `34` stands like in `I am 34.`, `my son is 34`, `she's 34 and`, `he turned 34 on`."""
    one, two, three = ["", "", "", *before][-1:-4:-1]
    following = after[0] if after else ""
    if one in _TURNED:
        return following not in _NO_TURNS
    if following and following not in _ENDS and near[0]:
        return False
    if one == "im" or (one in _BEING and two in _WHO) or (one == "only" and two in _BEING and three in _WHO):
        return True
    return two in _CLIPPED and ((one == "m" and three == "i") or (one == "s" and three in {"he", "she", "who"}))


def _is_apposed(keys: Sequence[str], i: int) -> bool:
    """Whether `34` stands behind a name like in `Anna Smith, 34, of Leeds`, `Anna (34)`, `Anna is 34.`"""
    link = keys[i - 1].strip().lower()
    following = keys[i + 1].strip().lower() if i + 1 < len(keys) else ""
    if link == "(":
        return following == ")"
    if link in {"is", "was"}:
        return following in {"", "."} or following in _ENDS
    return link == "," and keys[i][0] == " " and following in _GOES_ON
