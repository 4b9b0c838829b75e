"""The two laws of the stream window, over arbitrary texts, findings and cuts.

The detectors here are made of promises and nothing else: each finding is a function of the characters
that its promise allows it to look at, and of none beyond.
"""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.detector import Finding
from detectors.overlap import resolve
from gateway.core.stretch import said
from gateway.core.window import Edit, Window, rewrite_whole

MARK = "█"
ALPHABET = "ab1@. -"


class Promised:
    """A detector that reports runs of `signs`, at most `reach` long, unless `veto` stands within its sight.

    It is local in the strict sense: a run longer than `reach` is reported piece by piece from its start only as far
    as its promise goes, and starts are decided by what stands `context` before.
    """

    def __init__(self, signs: str, reach: int, context: int, lookahead: int, veto: str) -> None:
        self.signs, self.reach, self.context, self.lookahead, self.veto = signs, reach, context, lookahead, veto

    def detect(self, text: str) -> list[Finding]:
        """Return every maximal run that is short enough and not vetoed."""
        found = []
        at = 0
        while at < len(text):
            if text[at] not in self.signs:
                at += 1
                continue
            end = at
            while end < len(text) and text[end] in self.signs:
                end += 1
            before = text[max(0, at - self.context) : at]
            after = text[end : end + self.lookahead]
            if end - at <= self.reach and self.veto not in before + after:
                found.append(Finding(at, end, "X", 1.0, self.signs))
            at = end
        return found

    def settled(self, text: str) -> int:
        """Return how far nothing can change: an open run may grow, and what follows a run may veto it."""
        end = len(text)
        safe = max(0, end - self.lookahead)
        while safe > 0 and text[safe - 1] in self.signs:
            safe -= 1
        return safe


class Blackening:
    """A rewriter that puts one mark for each resolved finding."""

    def __init__(self, detectors: Sequence[Promised]) -> None:
        self.detectors = detectors
        self.context = max(d.context for d in detectors) + 1  # one more, to see where a run begins

    def horizon(self, text: str) -> int:
        """Return the weakest detector's word."""
        return min(detector.settled(text) for detector in self.detectors)

    def relevant(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Everything counts."""
        return list(findings)

    def edits(self, text: str, findings: Sequence[Finding]) -> list[Edit]:
        """Return one edit for each resolved finding."""
        return [Edit(f.start, f.end, MARK) for f in resolve(findings, text)]

    def renamed(self, key: str) -> str:
        """No value is known."""
        return key

    def detect(self, text: str) -> list[Finding]:
        """Return the findings of all detectors."""
        return [f for detector in self.detectors for f in detector.detect(text)]


detectors = st.lists(
    st.builds(
        Promised,
        signs=st.sampled_from(["a", "b", "ab", "1", "a1", "@.", "1."]),
        reach=st.integers(1, 12),
        context=st.integers(0, 4),
        lookahead=st.integers(0, 4),
        veto=st.sampled_from(["-", "b", "@"]),
    ),
    min_size=1,
    max_size=3,
)
texts = st.text(ALPHABET, max_size=60)


def streamed(text: str, cuts: Sequence[int], rewriter: Blackening, hint: str = "") -> list[str]:
    """Return what leaves the window, delta by delta."""
    window = Window(rewriter, max_hold=10_000, hint=hint)
    out = []
    places = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    at = 0
    for place in places:
        window.push(text[at:place])
        at = place
        question = window.question()
        if question is not None:
            out.append(said(window.release(rewriter.detect(question.text))))
    window.finish()
    question = window.question()
    if question is not None:
        out.append(said(window.release(rewriter.detect(question.text))))
    assert window.finished
    return out


@settings(max_examples=3000, deadline=None)
@given(texts, st.lists(st.integers(0, 60), max_size=20), detectors)
def test_exactness_what_leaves_is_the_rewriting_of_the_whole(
    text: str, cuts: list[int], found_by: list[Promised]
) -> None:
    """Joined, the pieces are what the whole text would have become, however it was cut."""
    rewriter = Blackening(found_by)
    assert "".join(streamed(text, cuts, rewriter)) == rewrite_whole(text, rewriter, rewriter.detect)


@settings(max_examples=1500, deadline=None)
@given(texts, detectors)
def test_exactness_one_character_at_a_time(text: str, found_by: list[Promised]) -> None:
    """The finest cut of all."""
    rewriter = Blackening(found_by)
    assert "".join(streamed(text, range(61), rewriter)) == rewrite_whole(text, rewriter, rewriter.detect)


@settings(max_examples=1500, deadline=None)
@given(texts, st.lists(st.integers(0, 60), max_size=20), detectors)
def test_safety_no_character_of_a_finding_leaves(text: str, cuts: list[int], found_by: list[Promised]) -> None:
    """What leaves in clear is exactly what no finding covers, white space aside."""
    rewriter = Blackening(found_by)
    covered = {i for f in rewriter.detect(text) for i in range(f.start, f.end) if not text[i].isspace()}
    clear = "".join(c for i, c in enumerate(text) if i not in covered)
    out = "".join(streamed(text, cuts, rewriter)).replace(MARK, "")
    assert out.replace(" ", "") == clear.replace(" ", "")


@settings(max_examples=1500, deadline=None)
@given(st.text(ALPHABET, max_size=10), texts, st.lists(st.integers(0, 60), max_size=20), detectors)
def test_a_hint_hides_nothing(hint: str, text: str, cuts: list[int], found_by: list[Promised]) -> None:
    """What a finding covers of the text does not leave in clear, also where the finding begins in the hint."""
    rewriter = Blackening(found_by)
    findings = rewriter.detect(hint + text)
    covered = {i - len(hint) for f in findings for i in range(f.start, f.end)}
    clear = "".join(c for i, c in enumerate(text) if i not in covered or c.isspace())
    out = "".join(streamed(text, cuts, rewriter, hint))
    assert out.replace(MARK, "").replace(" ", "") == clear.replace(" ", "")
    assert out == rewrite_whole(text, rewriter, rewriter.detect, hint)
