"""One scan of a text's shadow: which rules could match, and where; then the rules decide.

Vectorscan reads the shadow once, for two things: the rules that can report
without a context word, with the ends of what might be matches; and the context
words of all the others. The others are tried around digits only (every one of
their matches has a digit), and only where their words stand in the text.

Every start is tried, not only those that a left-to-right search without
overlaps would reach. So whether a stretch of text is found does not depend on
where a search began, as a stream needs it; and a number that fails its checksum
cannot hide one that overlaps it.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final

import hyperscan
import regex  # type: ignore[import-untyped]

from detectors.detector import Finding
from detectors.pii.context import Mask, Spoken, shortest_part
from detectors.pii.corrections import UNSUPPORTED
from detectors.pii.shadow import shadow
from detectors.pii.table import Rule, Table

NAME: Final = "pii"
"""The detector's, in every finding."""

MAKE: Final = tuple.__new__
"""Makes a finding: its own constructor takes twice as long."""

_GAP: Final = 16
"""Characters without a digit that end a cluster of digits: more than any rule has between two digits."""

_CLUSTER: Final = re.compile(rb"[0-9](?:[^0-9]{0,%d}[0-9]+)*" % (_GAP - 1))


class Scanner:
    """Scans for the rules of a table; reports what scores at least `floor`. Safe to share between threads.

    `signs` are further expressions over the shadow, without regard to case, each
    with the bit that `find` returns when it matches somewhere.
    """

    def __init__(self, table: Table, floor: float, signs: Iterable[tuple[bytes, Mask]] = ()) -> None:
        self._floor = floor
        self._words = table.words
        gated = [rule for rule in table.rules if rule.alone < floor or rule.labelled]
        # What is never gated has the gate that is always open.
        gates = {id(rule): rule.gate for rule in gated}
        self._open = _OPEN | (_union(gates.values()) if floor <= 0 else 0)
        wide = [rule for rule in table.rules if rule.wide]
        signed = {id(rule): _FIRST_SIGN << i for i, rule in enumerate(wide) if rule.sign is not None}
        self._wide = [(rule, gates.get(id(rule), _OPEN), signed.get(id(rule), _OPEN)) for rule in wide]
        # Without one of these a wide rule is not tried; most texts have none of them.
        self._wide_signs = _union(sign if gate == _OPEN else gate for _, gate, sign in self._wide)
        shapes: dict[str, list[tuple[Rule, Mask]]] = {}
        for rule in table.rules:
            if not rule.wide:
                gate = gates.get(id(rule), _OPEN)
                if rule.formatted is not None and floor > UNSUPPORTED:
                    shapes.setdefault(rule.formatted, []).append((rule, gate))
                    gate = rule.gate
                shapes.setdefault(rule.relaxed, []).append((rule, gate))
        self._shapes = [
            (_union(gate for _, gate in rules), max(rule.width for rule, _ in rules), rules)
            for rules in shapes.values()
        ]
        heralds = [(_herald(w), mask) for words in (table.words, table.labels) for w, mask in words.heralds()]
        shown = [(rule.sign.encode(), signed[id(rule)]) for rule in wide if rule.sign is not None]
        every = _merged([*heralds, *signs, *shown, (_NUMBER, NUMBER), (_ACCOUNT, ACCOUNT)])
        self._masks = [mask for _, mask in every]
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[shape.encode() for shape in shapes] + [sign for sign, _ in every],
            ids=list(range(len(shapes) + len(every))),
            flags=[_FLAGS] * len(shapes) + [_FLAGS | hyperscan.HS_FLAG_SINGLEMATCH] * len(every),
        )
        self._local = threading.local()

    def find(self, text: str, dark: bytes) -> tuple[list[Finding], Spoken]:
        """Return what the rules find in `text`, whose shadow is `dark`, in no order, and what its words speak for.

        What two expressions find may come twice. What is present has the bits of `NUMBER`, `ACCOUNT`, the signs of
        the constructor, and the recognizers that have a context word anywhere in the text.
        """
        hits: list[tuple[int, int]] = []
        self._database.scan(dark, match_event_handler=_collect, context=hits, scratch=self._scratch())
        present = self._open
        shaped = []
        words, masks = len(self._shapes), self._masks
        for hit in hits:
            if hit[0] < words:
                shaped.append(hit)
            else:
                present |= masks[hit[0] - words]
        spoken = Spoken(self._words, text, present, dark)
        found: list[Finding] = []
        if shaped:
            for number, windows in self._windows(shaped, present).items():
                for rule, gate in self._shapes[number][2]:
                    if gate & present:
                        for since, until in windows:
                            self._try(rule, text, since, until, spoken, found)
        if present & self._wide_signs:
            for rule, gate, sign in self._wide:
                if gate & present and sign & present:
                    for start, end in _stretches(dark):
                        self._try(rule, text, max(0, start - rule.width), end, spoken, found)
        return found, spoken

    def _windows(self, hits: list[tuple[int, int]], present: Mask) -> dict[int, list[tuple[int, int]]]:
        """Return by shape where a match may start, near places as one: a long try costs less than many short ones."""
        windows: dict[int, list[tuple[int, int]]] = {}
        shapes = self._shapes
        for number, end in hits:
            gates, width, _ = shapes[number]
            if gates & present:
                since = end - width if end > width else 0
                known = windows.get(number)
                if known is None:
                    windows[number] = [(since, end)]
                elif since <= known[-1][1]:
                    known[-1] = (known[-1][0], end)
                else:
                    known.append((since, end))
        return windows

    def _try(self, rule: Rule, text: str, since: int, until: int, spoken: Spoken, found: list[Finding]) -> None:
        """Try `rule` at every start in ``[since, until)``; note what scores enough."""
        spans = rule.expression.spans(text, since, until)
        if not spans:
            return
        changes = rule.demands or rule.speaks & spoken.present
        for start, end in spans:
            matched = text[start:end]
            score = rule.judge(matched)
            if score <= 0:
                continue
            if changes:
                score = rule.supported(score, matched, spoken.before(start, rule.speaks))
            if score >= self._floor:
                found.append(MAKE(Finding, (start, end, rule.entity, score, NAME)))

    def _scratch(self) -> Any:
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        return scratch


_FLAGS: Final = int(hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_CASELESS)
_OPEN: Final[Mask] = 1 << 512
NUMBER: Final[Mask] = 1 << 513
"""Somewhere in the text are digits enough for a telephone number."""
ACCOUNT: Final[Mask] = 1 << 514
"""Somewhere in the text is what could be the start of an international account number."""

_FIRST_SIGN: Final[Mask] = 1 << 515
_NUMBER: Final = rb"[0-9](?:[^0-9a-z]{0,4}[0-9]){6}"
_ACCOUNT: Final = (
    rb"(?-i)[A-Z]{2}[0-9]{2}[ \-]?[A-Z0-9]{4}|[^A-Za-z0-9][a-z]{2}[0-9]{2}[ \-]?[a-z0-9]{4}|^[a-z]{2}[0-9]{2}"
)


def _collect(number: int, _start: int, end: int, _flags: int, hits: Any) -> None:
    hits.append((number, end))


def _stretches(dark: bytes) -> Iterator[tuple[int, int]]:
    """Yield the stretches with digits, near ones as one: a few long tries cost less than many short ones."""
    start = end = -1
    for cluster in _CLUSTER.finditer(dark):
        if start < 0:
            start = cluster.start()
        elif cluster.start() - end > _NEAR:
            yield start, end
            start = cluster.start()
        end = cluster.end()
    if start >= 0:
        yield start, end


_NEAR: Final = 8


def _union(masks: Iterable[Mask]) -> Mask:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _merged(signs: Iterable[tuple[bytes, Mask]]) -> list[tuple[bytes, Mask]]:
    """Return every expression once, with all its bits: each that matches costs a call."""
    merged: dict[bytes, Mask] = {}
    for sign, mask in signs:
        merged[sign] = merged.get(sign, 0) | mask
    return list(merged.items())


def _herald(words: list[str]) -> bytes:
    """Return an expression that matches in the shadow of every text with these words, one after the other."""
    dark = [regex.escape(shadow(word).decode("ascii"), literal_spaces=True) for word in words]
    if len(words) == 1 and len(words[0]) < shortest_part(words[0]):
        return rf"(?:^|[^a-zA-Z0-9]){dark[0]}s?(?:[^a-zA-Z0-9]|$)".encode()
    return r"[^a-zA-Z0-9]+".join(dark).encode()
