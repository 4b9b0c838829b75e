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

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from detectors.ner.network import Scores
from detectors.ner.tokens import BARRIER, Tokens

CLASSES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", "DATE_TIME", "NRP", "MISC", "TITLE")
REACH = 160  # characters
WHOLE = 1 << 16
_STEPS = 16  # per unit of score
_MASS = np.rint(np.exp(-np.arange(16 * _STEPS) / _STEPS) * WHOLE).astype(np.int64)
_PERSON, _ADDRESS, _LOCATION, _NRP, _MISC, _ORGANIZATION = (
    CLASSES.index(name) for name in ("PERSON", "ADDRESS", "LOCATION", "NRP", "MISC", "ORGANIZATION")
)
COMPANY_WORDS = 3  # tokens of a company's name before its legal form that a rule looks at
_CERTAIN_ADDRESS = tuple(WHOLE if name == "ADDRESS" else 0 for name in CLASSES)
_LIKELY_PEOPLE, _LIKELY_COMPANY = (
    tuple(WHOLE * 6 // 10 if name == likely else 0 for name in CLASSES) for likely in ("NRP", "ORGANIZATION")
)
GLUE = frozenset({",", "\n"})


class Run(NamedTuple):
    """Tokens ``[first, last]`` of one class; `share` is its mean probability."""

    first: int
    last: int
    label: str
    share: float


class Tags(NamedTuple):
    """What each token is: `inside` a name, one that `begins`; its `best` class; `mass` (classes) of `WHOLE`.

    `mass` has those tokens only that the network looked at, or that a rule marked.
    """

    inside: list[bool]
    begins: list[bool]
    best: list[int]
    mass: dict[int, Sequence[int]]

    def is_person(self, i: int) -> bool:
        """Whether token `i` is likeliest part of a person's name."""
        return self.inside[i] and self.best[i] == _PERSON

    def is_place(self, i: int) -> bool:
        """Whether token `i` is likeliest part of a place's name."""
        return self.inside[i] and self.best[i] == _LOCATION


def tag(scores: Scores, texts: Sequence[Tokens], least: float) -> Iterator[Tags]:
    """Yield the tags of each text; a token is inside a name when that has a probability of at least `least`."""
    at, values, places, _ = scores
    steps = np.minimum(np.rint((values.max(1, keepdims=True) - values) * _STEPS), len(_MASS) - 1)
    mass = _MASS[steps.astype(np.intp)]
    mass = mass * WHOLE // mass.sum(1, keepdims=True)
    begin, go_on = mass[:, 1::2], mass[:, 2::2]
    by_class = begin + go_on
    inside = (by_class.sum(1) >= int(least * WHOLE)).tolist()
    begins = (begin.sum(1) > go_on.sum(1)).tolist()
    best = by_class.argmax(1).tolist()
    rows, masses = at.tolist(), by_class.tolist()
    first = 0
    for place, tokens in zip(places, texts, strict=True):
        last = bisect_left(rows, place.stop, first)
        n, own = len(tokens.keys), [row - place.start for row in rows[first:last]]
        tags = Tags([False] * n, [False] * n, [0] * n, dict(zip(own, masses[first:last], strict=True)))
        for i, row in enumerate(own, first):
            tags.inside[row], tags.begins[row], tags.best[row] = inside[i], begins[i], best[i]
        if last > first:
            _adjust(tags, tokens.keys)
        first = last
        yield tags


def _adjust(tags: Tags, keys: Sequence[str]) -> None:
    """Take blanks and barriers out of names, except within addresses; join the pieces of an address."""
    inside, begins, best, mass = tags
    last = len(keys) - 1
    for i in _chosen(inside):
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
        mass[i] = _CERTAIN_ADDRESS
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
    mass[i] = _LIKELY_PEOPLE
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
        mass[at] = _LIKELY_COMPANY
        if begins[at]:
            break
    if i + 1 < len(begins):
        begins[i + 1] = True


def runs(tags: Tags, tokens: Tokens) -> Iterator[Run]:
    """Yield the runs of a text, in order."""
    inside, begins, _, mass = tags
    n, last = len(inside), -1
    for first in _chosen(inside):
        if first <= last:
            continue
        last = first
        while last + 1 < n and inside[last + 1] and not begins[last + 1]:
            last += 1
        if tokens.ends[last] - tokens.starts[first] > REACH:
            yield from (_run(i, i, mass) for i in range(first, last + 1))
        else:
            yield _run(first, last, mass)


def _run(first: int, last: int, mass: Mapping[int, Sequence[int]]) -> Run:
    if first == last:
        total, whole = mass[first], WHOLE
    else:
        total = [sum(column) for column in zip(*[mass[i] for i in range(first, last + 1)], strict=True)]
        whole = WHOLE * (last + 1 - first)
    most = max(total)
    label = total.index(most)
    if label == _PERSON and 2 * most < whole:  # torn
        others = [*total]
        others[_PERSON] = 0
        next_most = max(others)
        label = others.index(next_most) if 2 * next_most >= most else _MISC
    return Run(first, last, CLASSES[label], round(total[label] / whole, 3))


def _chosen(values: Sequence[bool]) -> list[int]:
    """Return where `values` are true."""
    return list(compress(range(len(values)), values))
