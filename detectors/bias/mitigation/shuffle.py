"""Lever L3: rank candidates in several orders, so that nobody wins by standing first.

The orders are rotations of one fixed order: over all of them every candidate
stands once in every place. Borda counts join the rankings. Neither depends on the
order in which the caller listed the candidates.
"""

import hashlib
from collections.abc import Sequence


def orders(candidates: Sequence[str], rounds: int | None = None) -> tuple[tuple[str, ...], ...]:
    """Return the orders in which to ask; all rotations by default, else `rounds` of them, evenly spaced.

    Raises ValueError for repeated candidates, or fewer than one round.
    """
    ids = _canonical(candidates)
    count = len(ids)
    rounds = count if rounds is None else rounds
    if rounds < 1:
        raise ValueError("at least one order is needed")
    starts = [round(turn * count / rounds) % count for turn in range(rounds)] if count else []
    return tuple(tuple(ids[start:] + ids[:start]) for start in starts)


def borda(candidates: Sequence[str], rankings: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the joint ranking, best first: mean of places, a candidate left out shares the places that are left.

    Ties are broken by a digest of the ids: fixed, but blind to order and name.
    Raises ValueError when a ranking names somebody who is not a candidate, or one twice.
    """
    ids = _canonical(candidates)
    points = dict.fromkeys(ids, 0.0)
    for ranking in rankings:
        if len(set(ranking)) != len(ranking) or not set(ranking) <= points.keys():
            raise ValueError("a ranking names a candidate twice or somebody who was not asked about")
        absent = [name for name in ids if name not in ranking]
        shared = len(ranking) + (len(absent) - 1) / 2
        for place, name in enumerate(ranking):
            points[name] += place
        for name in absent:
            points[name] += shared
    return tuple(sorted(ids, key=lambda name: (round(points[name], 9), _digest(name))))


def _canonical(candidates: Sequence[str]) -> list[str]:
    if len(set(candidates)) != len(candidates):
        raise ValueError("two candidates have the same id; orders need distinct ids")
    return sorted(candidates, key=_digest)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
