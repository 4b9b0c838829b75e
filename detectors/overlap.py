"""Which finding wins where findings overlap. Pure.

The rule is strictly local, so that a stream and its whole text resolve alike:
every character that any finding covers is owned by the best finding that covers
*it*, and each maximal run of one owner becomes one finding. Whether a character
is owned, and by whom, depends on the findings over that character alone; no
choice travels along a chain of overlaps.

Best is the higher score, then the longer finding, then the earlier start, then
the names of entity and detector in ascending order.

Whitespace at the edges of a piece carries nothing and is trimmed; a piece of
nothing else vanishes. Every other character of every finding stays covered.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import pairwise

from detectors.detector import Finding

_Rank = tuple[float, int, int, str, str]


def _rank(finding: Finding) -> _Rank:
    """Smaller is better."""
    return (-finding.score, finding.start - finding.end, finding.start, finding.entity, finding.detector)


def resolve(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Return findings of `text` that do not overlap, in ascending order.

    `findings` may come in any order, overlap and repeat; empty ones say nothing.
    The pieces keep entity, score and detector of their owner.
    """
    ordered = sorted((f for f in findings if f.start < f.end), key=lambda f: f.start)
    if all(a.end <= b.start for a, b in pairwise(ordered)):
        return [piece for f in ordered if (piece := _trimmed(f, f.start, f.end, text)) is not None]
    return list(_pieces(ordered, text))


def _pieces(ordered: list[Finding], text: str) -> Iterable[Finding]:
    """Sweep from edge to edge; the best finding that covers the stretch between two edges owns it."""
    edges = sorted({edge for f in ordered for edge in (f.start, f.end)})
    open_: list[tuple[_Rank, Finding]] = []
    waiting = iter(ordered)
    upcoming = next(waiting, None)
    owner: Finding | None = None
    since = 0
    for edge in edges:
        while upcoming is not None and upcoming.start <= edge:
            heappush(open_, (_rank(upcoming), upcoming))
            upcoming = next(waiting, None)
        while open_ and open_[0][1].end <= edge:
            heappop(open_)
        best = open_[0][1] if open_ else None
        if best != owner:
            if owner is not None and (piece := _trimmed(owner, since, edge, text)) is not None:
                yield piece
            owner, since = best, edge


def _trimmed(finding: Finding, start: int, end: int, text: str) -> Finding | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return None
    if start == finding.start and end == finding.end:
        return finding
    return Finding(start, end, finding.entity, finding.score, finding.detector)
