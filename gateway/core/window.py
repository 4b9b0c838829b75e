"""The stream window: text goes in as it comes, rewritten text goes out as soon as it is safe.

Sans-IO. The window never calls a detector: it says on which text it needs
findings (`question`), and is told them (`release`). Two laws hold for every
text, every cut into deltas and every set of findings that keep the promises of
`detectors.detector`:

- *safety*: no character of any finding leaves in clear;
- *exactness*: what leaves, joined, is the rewriting of the whole text.

How: only characters before the *horizon* may leave (those that no continuation
can change any more), and a cut is never made inside a finding. What has left
stays in the buffer as left context for as long as a detector may look at it.
A text that comes whole is the same thing with one delta.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from detectors.detector import Finding
from gateway.core.stretch import Stretch, said


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``[start, end)`` of a text by `replacement`; or let nothing go on from `start`, if it `denies`."""

    start: int
    end: int
    replacement: str = field(repr=False)
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """What a plan's detectors promise together: the weakest of their promises (`detectors.detector`)."""

    context: int
    settled: Callable[[str], int]


class Rewriter(Protocol):
    """What to do with findings: the window's only view of policies, pseudonyms and overlaps."""

    context: int
    """How many characters before a cut the detectors need to see again."""

    def horizon(self, text: str) -> int:
        """Return how many leading characters no continuation can change."""
        ...

    def relevant(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Return the findings that count (thresholds applied), those of pseudonyms included."""
        ...

    def edits(self, text: str, findings: Sequence[Finding]) -> list[Edit]:
        """Return the non-overlapping edits, in order, for findings that are `relevant`; one that denies is the last."""
        ...

    def renamed(self, key: str) -> str:
        """Return a key that is a plain word, which no detector is asked about, without known values in it."""
        ...


class Question(NamedTuple):
    """A text on which findings are needed; only those that start at `start` or later count."""

    text: str
    start: int

    def __repr__(self) -> str:
        return f"<Question {len(self.text) - self.start} of {len(self.text)}>"


class HoldExceeded(Exception):
    """A finding may still be growing after `max_hold` characters; what is held must not leave."""


class Window:
    """The window over one text. Feed it with `push`, close it with `finish`."""

    __slots__ = ("_buffer", "_cut", "_done", "_hint", "_max_hold", "_rewriter", "_upto", "denied")

    def __init__(self, rewriter: Rewriter, max_hold: int, hint: str = "") -> None:
        """`hint` is read by the detectors as if it stood before the text; it never leaves."""
        self._rewriter = rewriter
        self._max_hold = max_hold
        self._buffer = hint
        self._hint = len(hint)  # characters of the buffer that are the hint's
        self._cut = len(hint)  # everything before it has left
        self._upto = self._cut  # everything before it may leave, once findings are known
        self._done = False
        self.denied = False
        """Whether something in it was denied: it and what follows never leave."""

    def __repr__(self) -> str:
        return f"<Window {len(self._buffer) - self._cut} held{', finished' if self._done else ''}>"

    @property
    def finished(self) -> bool:
        """Whether the text is complete and everything has left."""
        return self._done and self._cut == len(self._buffer)

    def push(self, delta: str) -> None:
        """Add text at the end."""
        self._buffer += delta

    def finish(self) -> None:
        """Say that no more text comes."""
        self._done = True

    def question(self) -> Question | None:
        """Return what must be known now, or None when nothing can leave yet.

        Raises `HoldExceeded` when more is held than the plan allows.
        """
        if self._done:
            self._upto = len(self._buffer)
        else:
            self._upto = max(self._cut, self._rewriter.horizon(self._buffer))
            if len(self._buffer) - self._upto > self._max_hold:
                raise HoldExceeded
        return Question(self._buffer, self._cut) if self._upto > self._cut else None

    def release(self, findings: Sequence[Finding]) -> list[Stretch]:
        """Return what leaves now, rewritten, given the findings in the last question's text.

        Raises `HoldExceeded`, unless it was `denied`.
        """
        text, cut, upto = self._buffer, self._cut, self._upto
        # What starts in the context has left already, or is not to be trusted at its truncated edge.
        known = [f for f in behind(self._rewriter.relevant(text, findings), self._hint) if f.start >= cut]
        if not self._done:
            upto = _before_any(known, upto)
            known = [f for f in known if f.end <= upto]
        out: list[Stretch] = []
        at = cut
        for edit in self._rewriter.edits(text, known):
            if edit.start > at:
                out.append(Stretch(text[at : edit.start]))
            if edit.denies:
                self.denied, upto, at = True, edit.start, edit.start
                break
            came = text[edit.start : edit.end]
            out.append(Stretch(came, None if edit.replacement == came else edit.replacement))
            at = edit.end
        if upto > at:
            out.append(Stretch(text[at:upto]))
        keep = max(0, upto - self._rewriter.context)
        self._buffer = text[keep:]
        self._hint = max(0, self._hint - keep)
        self._cut = self._upto = upto - keep
        if not (self._done or self.denied) and len(self._buffer) - self._cut > self._max_hold:
            raise HoldExceeded
        return out


def behind(findings: Sequence[Finding], start: int) -> list[Finding]:
    """Return the findings as far as they lie behind `start`: what stands before it is a hint, and no part of a text.

    A finding that begins in the hint is one of the text all the same: a sentence that the hint is read as the
    beginning of, for example.
    """
    return [f if f.start >= start else f._replace(start=start) for f in findings if f.end > start]


def _before_any(findings: Sequence[Finding], upto: int) -> int:
    """Return the last position up to `upto` that no finding straddles."""
    moved = True
    while moved:
        moved = False
        for finding in findings:
            if finding.start < upto < finding.end:
                upto, moved = finding.start, True
    return upto


def rewrite_whole(text: str, rewriter: Rewriter, detect: Callable[[str], Sequence[Finding]], hint: str = "") -> str:
    """Return the rewriting of a text that is known whole: the right-hand side of exactness."""
    window = Window(rewriter, max_hold=len(text), hint=hint)
    window.push(text)
    window.finish()
    question = window.question()
    return "" if question is None else said(window.release(detect(question.text)))
