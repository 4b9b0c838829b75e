"""From scores of tags to findings, locally.

Every step looks a fixed number of tokens around. Tags become *runs*: a token
that begins something, or follows nothing, opens a run; tokens that continue
extend it. A run's class is the one with the most probability over its tokens;
PERSON needs half of it. A person torn with another class goes to that class when
it has at least half as much, and is left out when it is torn with nothing.
A run of more than `REACH` characters is no name: its tokens are reported one by
one, which needs no agreement on where the run began.

Probabilities are integers out of `WHOLE`, looked up by rounded difference of
scores, so that they do not depend on how a processor computes exponentials.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.ner.tokens import BARRIER, Tokens

CLASSES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "NRP", "MISC", "TITLE")
REACH = 160  # characters
WHOLE = 1 << 16
SURELY_NOTHING = 30.0  # score of "no name" of tokens that were not looked at; no other is that high
_STEPS = 16  # per unit of score
_MASS = np.rint(np.exp(-np.arange(16 * _STEPS) / _STEPS) * WHOLE).astype(np.int64)
_PERSON, _ADDRESS, _LOCATION, _NRP, _MISC, _ORGANIZATION = (
    CLASSES.index(name) for name in ("PERSON", "ADDRESS", "LOCATION", "NRP", "MISC", "ORGANIZATION")
)
_PEOPLE_SHARE = WHOLE * 6 // 10
COMPANY_WORDS = 3  # tokens of a company's name before its legal form that a rule looks at
GLUE = frozenset({",", "\n"})


class Run(NamedTuple):
    """Tokens ``[first, last]`` of one class; `share` is its mean probability."""

    first: int
    last: int
    label: str
    share: float


class Tags(NamedTuple):
    """What each token is: `inside` a name, one that `begins`; its `best` class; `mass` (n, classes) of `WHOLE`."""

    inside: list[bool]
    begins: list[bool]
    best: list[int]
    mass: NDArray[np.int64]

    def is_person(self, i: int) -> bool:
        """Whether token `i` is likeliest part of a person's name."""
        return self.inside[i] and self.best[i] == _PERSON

    def is_place(self, i: int) -> bool:
        """Whether token `i` is likeliest part of a place's name."""
        return self.inside[i] and self.best[i] == _LOCATION


def tag(scores: NDArray[np.float32], places: Sequence[slice], texts: Sequence[Tokens], least: float) -> Iterator[Tags]:
    """Yield the tags of each text; a token is inside a name when that has a probability of at least `least`."""
    rows = np.flatnonzero(scores[:, 0] != SURELY_NOTHING)
    some = scores[rows]
    steps = np.minimum(np.rint((some.max(1, keepdims=True) - some) * _STEPS), len(_MASS) - 1)
    mass = _MASS[steps.astype(np.int64)]
    mass = mass * WHOLE // mass.sum(1, keepdims=True)
    begin, go_on = mass[:, 1::2], mass[:, 2::2]
    by_class = np.zeros((len(scores), len(CLASSES)), np.int64)
    by_class[rows] = begin + go_on
    inside = by_class.sum(1) >= int(least * WHOLE)
    begins = np.zeros(len(scores), np.bool_)
    begins[rows] = begin.sum(1) > go_on.sum(1)
    best = by_class.argmax(1)
    for place, tokens in zip(places, texts, strict=True):
        tags = Tags(inside[place].tolist(), begins[place].tolist(), best[place].tolist(), by_class[place])
        _adjust(tags, tokens.keys)
        yield tags


def _adjust(tags: Tags, keys: Sequence[str]) -> None:
    """Take blanks and barriers out of names, except within addresses; join the pieces of an address."""
    inside, begins, best, mass = tags
    last = len(keys) - 1
    for i in [i for i, value in enumerate(inside) if value]:
        key = keys[i]
        if key == BARRIER or (best[i] != _ADDRESS and key.isspace()):
            inside[i] = False
        elif best[i] == _ADDRESS and i + 1 < last and keys[i + 1] in GLUE and _continues(tags, keys, i + 2):
            inside[i + 1], begins[i + 1], begins[i + 2] = True, False, False
            mass[i + 1] = mass[i]


def _continues(tags: Tags, keys: Sequence[str], i: int) -> bool:
    """Whether token `i` can go on an address before a comma or a line break."""
    return tags.inside[i] and tags.best[i] in (_ADDRESS, _LOCATION) and keys[i] != BARRIER and not keys[i].isspace()


def mark_address(tags: Tags, keys: Sequence[str], first: int, last: int) -> None:
    """Make tokens ``[first, last]`` an address, or the end of the one that they follow."""
    inside, begins, best, mass = tags
    previous = first - 1
    if previous > 0 and keys[previous] in GLUE:
        previous -= 1
    goes_on = previous >= 0 and inside[previous] and best[previous] in (_ADDRESS, _LOCATION)
    for i in range(previous + 1 if goes_on else first, last + 1):
        inside[i], begins[i], best[i] = True, False, _ADDRESS
        mass[i] = 0
        mass[i, _ADDRESS] = WHOLE
    begins[first] = not goes_on
    if last + 1 < len(keys) and inside[last + 1]:
        begins[last + 1] = begins[last + 1] or best[last + 1] not in (_ADDRESS, _LOCATION)


def within(tags: Tags, i: int) -> bool:
    """Whether token `i` is part of a name of more than one token."""
    inside, begins = tags.inside, tags.begins
    if not inside[i]:
        return False
    return (not begins[i] and i > 0 and inside[i - 1]) or (i + 1 < len(inside) and inside[i + 1] and not begins[i + 1])


def mark_people(tags: Tags, i: int) -> None:
    """Make token `i` a name of its own, for members of a people."""
    inside, begins, best, mass = tags
    inside[i], begins[i], best[i] = True, True, _NRP
    mass[i] = 0
    mass[i, _NRP] = _PEOPLE_SHARE
    if i + 1 < len(begins):
        begins[i + 1] = True


def mark_company(tags: Tags, i: int) -> None:
    """Make token `i`, a legal form, go on the name before it, and that a company's, as far as rules look back."""
    inside, begins, best, mass = tags
    inside[i], begins[i] = True, False
    for at in range(i, max(i - COMPANY_WORDS, 0) - 1, -1):
        if not inside[at]:
            break
        best[at] = _ORGANIZATION
        mass[at] = 0
        mass[at, _ORGANIZATION] = _PEOPLE_SHARE
        if begins[at]:
            break
    if i + 1 < len(begins):
        begins[i + 1] = True


def runs(tags: Tags, tokens: Tokens) -> Iterator[Run]:
    """Yield the runs of a text, in order."""
    inside, begins, _, mass = tags
    n, last = len(inside), -1
    for first in [i for i, value in enumerate(inside) if value]:
        if first <= last:
            continue
        last = first
        while last + 1 < n and inside[last + 1] and not begins[last + 1]:
            last += 1
        if tokens.ends[last] - tokens.starts[first] > REACH:
            yield from (_run(i, i, mass) for i in range(first, last + 1))
        else:
            yield _run(first, last, mass)


def _run(first: int, last: int, mass: NDArray[np.int64]) -> Run:
    total, whole = mass[first : last + 1].sum(0), WHOLE * (last + 1 - first)
    label = int(total.argmax())
    if label == _PERSON and 2 * total[_PERSON] < whole:  # torn
        others = total.copy()
        others[_PERSON] = 0
        label = int(others.argmax()) if 2 * others.max() >= total[_PERSON] else _MISC
    return Run(first, last, CLASSES[label], round(int(total[label]) / whole, 3))
