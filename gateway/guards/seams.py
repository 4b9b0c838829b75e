"""Values that are cut where one text of a request ends and the next begins: a model reads on, and so does this.

Parts of a message are read as one text, and a number goes on in the next message. What the detectors that go by form
find across such a seam is a finding in each text that holds a piece of it: each piece is replaced by itself, and comes
back by itself. The tagger is not asked: it takes the end of one sentence and the beginning of the next for a name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from detectors.catalog import by_rule
from detectors.detector import Finding
from gateway.aside import aside
from gateway.core.payload import Leaf
from gateway.core.plan import Plan
from gateway.core.window import Question
from gateway.ports import DetectorPool

_REACH: Final = 64
"""Characters of a text before and after a seam that are looked at; of one in the middle, all up to twice as many."""

_MOST: Final = 512
"""Characters of texts that are looked at as one."""

_GLUE: Final = frozenset("@._-+/")
"""Signs inside a value, beside letters and digits."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the text of question number `asked`, from `start` on, that stands at `at` in the joined text."""

    asked: int
    start: int
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Seam:
    """The text on both sides of one seam or of several, one right after the other."""

    text: str = field(repr=False)
    pieces: tuple[_Piece, ...]

    def apart(self, finding: Finding) -> Iterator[tuple[int, Finding]]:
        """Yield the pieces of a finding, by question; nothing of one that lies within a text: there it was seen."""
        touched = [piece for piece in self.pieces if piece.at < finding.end and finding.start < piece.end]
        for piece in touched if len(touched) > 1 else ():
            shift = piece.start - piece.at
            start, end = max(finding.start, piece.at), min(finding.end, piece.end)
            yield piece.asked, finding._replace(start=start + shift, end=end + shift)


async def across(
    size: int,
    pool: DetectorPool,
    plan: Plan,
    found: Sequence[Leaf],
    spans: Sequence[slice],
    questions: Sequence[Question],
    findings: Sequence[Sequence[Finding]],
) -> Sequence[Sequence[Finding]]:
    """Return the findings in a request of `size` bytes with those across seams added. Raises `DependencyError`."""
    detectors = tuple(key for key in plan.detectors if by_rule(key))
    seams = await aside(size, _seams, found, spans, questions) if detectors else []
    if not seams:
        return findings
    across_them = await pool.detect(detectors, [seam.text for seam in seams], whole=True)
    return await aside(size, _added, seams, across_them, findings)


def _added(
    seams: Sequence[Seam], across_them: Sequence[Sequence[Finding]], findings: Sequence[Sequence[Finding]]
) -> Sequence[Sequence[Finding]]:
    more: dict[int, list[Finding]] = {}
    for seam, those in zip(seams, across_them, strict=True):
        for finding in those:
            for asked, piece in seam.apart(finding):
                more.setdefault(asked, []).append(piece)
    return [[*those, *more.get(asked, ())] for asked, those in enumerate(findings)] if more else findings


def _seams(found: Sequence[Leaf], spans: Sequence[slice], questions: Sequence[Question]) -> list[Seam]:
    """Return all seams of a request, which may have hundreds of thousands of texts."""
    return [seam for row in _rows(found, spans, questions) for seam in _joined(row, questions)]


def _rows(found: Sequence[Leaf], spans: Sequence[slice], questions: Sequence[Question]) -> Iterator[Sequence[int]]:
    """Yield the rows of texts each of which goes on in the next; texts that are JSON have no seams."""
    row: list[int] = []
    before: Leaf | None = None
    length = 0
    for leaf, span in zip(found, spans, strict=True):
        plain = span.stop == span.start + 1 and questions[span.start].text.endswith(leaf.text)
        if plain and before is not None and row and _goes_on(before, leaf):
            row.append(span.start)
            length += len(leaf.text)
            if len(leaf.text) <= 2 * _REACH and length <= _MOST:
                before = leaf
                continue
        yield row
        row, length, before = ([span.start], 0, leaf) if plain else ([], 0, None)
    yield row


def _goes_on(one: Leaf, other: Leaf) -> bool:
    """Tell whether a value may go on from one text to the next: any in parts of one list, elsewhere a number."""
    number = one.text.rstrip()[-1:].isdigit() and other.text.lstrip()[:1].isdigit()
    if not number and not (_is_of_word(one.text[-1:]) and _is_of_word(other.text[:1])):
        return False
    if len(one.path) != len(other.path):
        return False
    lists = [at for at, step in enumerate(one.path) if isinstance(step, int)]
    differing = [at for at, (a, b) in enumerate(zip(one.path, other.path, strict=True)) if a != b]
    if not differing or not set(differing) <= set(lists):
        return False
    first = differing[0]
    here, there = one.path[first], other.path[first]
    follows = isinstance(here, int) and isinstance(there, int) and there == here + 1
    return follows and (number or (len(lists) > 1 and first == lists[-1]))


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or sign in _GLUE


def _joined(row: Sequence[int], questions: Sequence[Question]) -> Iterator[Seam]:
    """Yield a row as one text: with nothing between its texts, and with a blank, as a number's groups may stand."""
    for glue in ("", " ") if len(row) > 1 else ():
        pieces: list[_Piece] = []
        joined = ""
        for asked in row:
            text, start = questions[asked].text, questions[asked].start
            begins = max(start, len(text) - _REACH) if asked == row[0] else start
            if joined and glue:
                joined = joined.rstrip()
                pieces[-1] = replace(pieces[-1], end=len(joined))
                joined += glue
                begins = len(text) - len(text[begins:].lstrip())
            part = text[begins : begins + _REACH] if asked == row[-1] else text[begins:]
            pieces.append(_Piece(asked, begins, len(joined), len(joined) + len(part)))
            joined += part
        yield Seam(joined, tuple(pieces))
