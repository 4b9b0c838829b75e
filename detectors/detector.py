"""What a detector is, and what it may say.

A detector reads text and answers with findings: where, what, how sure. It never
answers with the text itself, so that whatever prints, logs or traces a finding
cannot leak what was found.

A detector that takes part in streams makes three promises, from which the
stream window derives how much it must hold back (`gateway/core/window.py`):

- a finding is never longer than `reach` characters;
- a finding in ``[start, end)`` depends only on the characters in
  ``[start - context, end + lookahead)``;
- `settled` never says more than these two allow, unless it knows better from
  the text itself.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol


class Place(Enum):
    """Whose word a text of a conversation is. A detector may be meant for some of them only (`detectors.catalog`)."""

    PROMPT = "prompt"
    """What a person, or a model before, said to the model."""
    SYSTEM = "system"
    """What an operator told the model to be: instructions by nature."""
    DOCUMENT = "document"
    """What was brought in from outside: documents, search results, what a tool answered."""
    ANSWER = "answer"
    """What the model says."""


class Finding(NamedTuple):
    """A place in a text and what stands there. Holds no text.

    `start` and `end` are offsets in code points, end exclusive; `score` lies in
    0..1; `detector` names who found it. A tuple, since there is one for each
    finding of every request and nothing else is made as fast.
    """

    start: int
    end: int
    entity: str
    score: float
    detector: str


class Detector(Protocol):
    """Finds entities in texts. Pure: same texts, same findings; no IO, no clock.

    `detect` may be called from a worker thread, and from several at once.
    """

    @property
    def name(self) -> str:
        """Short, stable name; stands in findings and in policies."""
        ...

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that `detect` can report."""
        ...

    @property
    def reach(self) -> int:
        """The longest finding, in characters."""
        ...

    @property
    def context(self) -> int:
        """How many characters before a finding may change its mind."""
        ...

    @property
    def lookahead(self) -> int:
        """How many characters after a finding may change its mind."""
        ...

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the findings of each text, in the order of `texts`.

        Raises `DetectorFailure` when it cannot decide; never returns less than
        it would have found.
        """
        ...

    def settled(self, text: str) -> int:
        """Return how many leading characters no continuation can change.

        For every continuation ``more`` and every finding of ``text + more`` that
        starts before the returned position, `detect` on ``text`` reports that
        same finding, whole, and no other finding before that position.
        The safe default is ``settled_by_promise``; a detector that can see in
        the text that nothing is open returns more.
        """
        ...


class DetectorFailure(Exception):
    """A detector could not decide (deadline, damaged model). Carries no text."""


def settled_by_promise(detector: Detector, text: str) -> int:
    """Return what the promises alone allow: a finding may still be growing."""
    return max(0, len(text) - detector.reach - detector.lookahead)
