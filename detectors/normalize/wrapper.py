"""Any detector, made to see through obfuscation."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from detectors.detector import Detector, Finding
from detectors.normalize.encoded import LONGEST_WHOLE
from detectors.normalize.undo import stable_prefix, views
from detectors.normalize.view import View

# How far disguise may stretch what the inner detector promises: by this factor (an HTML entity for every
# second character, percent-encoding for every one), and by a whole encoded run. What is stretched further is
# not reported from the reading; it cannot be without breaking the promises that streams rest on.
_FACTOR = 4
_SLACK = LONGEST_WHOLE + 64

_Found = dict[tuple[int, int, str], Finding]


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """Characters ``[low, high)`` of a view of text number `index`."""

    index: int
    view: View = field(repr=False)
    low: int
    high: int

    @property
    def text(self) -> str:
        return self.view.text[self.low : self.high]


class Normalized:
    """Runs `inner` on each text and on its other readings, and maps the findings back.

    From another reading only what touches a change counts (everything else `inner`
    has seen in the text itself), and only the neighbourhoods of changes are read
    again.
    """

    def __init__(self, inner: Detector) -> None:
        self._inner = inner
        self._margin = inner.reach + max(inner.context, inner.lookahead)
        self.name = inner.name
        self.entities = inner.entities
        self.reach = _FACTOR * inner.reach + _SLACK
        self.context = _FACTOR * inner.context + _SLACK
        self.lookahead = _FACTOR * inner.lookahead + _SLACK

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return what `inner` finds in the texts and in their other readings."""
        plain = self._inner.detect(texts)
        excerpts = [
            _Excerpt(index, view, low, high)
            for index, text in enumerate(texts)
            for view in views(text)
            for low, high in view.windows(self._margin)
        ]
        if not excerpts:
            return plain
        merged: list[_Found] = [{(f.start, f.end, f.entity): f for f in findings} for findings in plain]
        doubtful: list[tuple[_Excerpt, Finding]] = []
        for excerpt, finding in self._changed(excerpts):
            narrow = self._narrowed(excerpt, finding)
            if narrow is None:
                self._add(merged[excerpt.index], excerpt.view, finding)
            else:
                doubtful.append((narrow, finding))
        for narrow, finding in self._confirmed(doubtful):
            self._add(merged[narrow.index], narrow.view, finding)
        return [sorted(found.values(), key=lambda f: (f.start, f.end, f.entity)) for found in merged]

    def settled(self, text: str) -> int:
        """Return what is settled in the text and in its other readings."""
        margin = 2 * (self._inner.reach + self._inner.lookahead) + 64
        stable = stable_prefix(text, margin)
        own = self._inner.settled(text)
        plain = min(stable.length, own)
        other = own if stable.reading == text else self._inner.settled(stable.reading)
        if stable.view is None:
            return min(plain, other)
        return min(plain, stable.view.to_original(other, other + 1)[0]) if other < len(stable.reading) else plain

    def _changed(self, excerpts: Sequence[_Excerpt]) -> Iterator[tuple[_Excerpt, Finding]]:
        """Yield what `inner` finds at changes, in offsets of the view; nothing longer than `reach`."""
        for excerpt, findings in zip(excerpts, self._inner.detect([e.text for e in excerpts]), strict=True):
            for f in findings:
                start, end = f.start + excerpt.low, f.end + excerpt.low
                if excerpt.view.changed(start, end):
                    low, high = excerpt.view.to_original(start, end)
                    if high - low <= self.reach:
                        yield excerpt, Finding(start, end, f.entity, f.score, f.detector)

    def _narrowed(self, excerpt: _Excerpt, finding: Finding) -> _Excerpt | None:
        """Return what of an excerpt lies within the promises; ``None`` when all that `inner` looked at does."""
        view, inner = excerpt.view, self._inner
        low, high = max(excerpt.low, finding.start - inner.context), min(excerpt.high, finding.end + inner.lookahead)
        start, end = view.to_original(finding.start, finding.end)
        least, most = start - self.context, end + self.lookahead
        if view.to_original(low, low + 1)[0] >= least and view.to_original(high - 1, high)[1] <= most:
            return None
        span = range(low, high)
        first = bisect_left(span, least, key=lambda p: view.to_original(p, p + 1)[0])
        last = bisect_left(span, most, key=lambda p: view.to_original(p, p + 1)[1])
        return _Excerpt(excerpt.index, view, low + first, low + last)

    def _confirmed(self, doubtful: Sequence[tuple[_Excerpt, Finding]]) -> Iterator[tuple[_Excerpt, Finding]]:
        """Yield those findings that `inner` makes on the narrow excerpts too, with the score that it gives there."""
        answers = self._inner.detect([narrow.text for narrow, _ in doubtful]) if doubtful else []
        for (narrow, finding), answer in zip(doubtful, answers, strict=True):
            for f in answer:
                start, end = f.start + narrow.low, f.end + narrow.low
                if (start, end, f.entity) == (finding.start, finding.end, finding.entity):
                    yield narrow, Finding(start, end, f.entity, f.score, f.detector)

    @staticmethod
    def _add(found: _Found, view: View, finding: Finding) -> None:
        start, end = view.to_original(finding.start, finding.end)
        key = start, end, finding.entity
        if key not in found or found[key].score < finding.score:
            found[key] = Finding(start, end, finding.entity, finding.score, finding.detector)
