"""The detector of prompt injection: where a text reads like an attack, and how much."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from detectors.detector import Finding, settled_by_promise
from detectors.injection.features import GAP, WORD, words
from detectors.injection.model import SPAN, Model, load
from detectors.normalize.undo import views
from detectors.normalize.wrapper import Normalized

NAME: Final = "injection"
ENTITY: Final = "PROMPT_INJECTION"
INDIRECT: Final = "INDIRECT_INJECTION"
"""In what was brought in from outside (OWASP LLM01): a policy can tell it from what people write."""

THRESHOLD: Final = 0.5
_NEAR: Final = 96
"""Of stretches that end within so many characters only the best is reported."""


class InjectionDetector:
    """Reports the stretches, at most 320 characters long, that a model scores at `threshold` or above.

    Safe to share between threads.
    """

    reach = SPAN
    context = SPAN + 3 * (WORD + GAP) + _NEAR
    lookahead = _NEAR + WORD

    def __init__(self, model: Model, name: str = NAME, threshold: float = THRESHOLD, entity: str = ENTITY) -> None:
        self.name = name
        self.entities = frozenset({entity})
        self._entity = entity
        self._model = model
        self._threshold = threshold

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the findings of each text, in ascending order."""
        return [self._detect(text) for text in texts]

    def settled(self, text: str) -> int:
        """Return what the promises allow: an attack may still be completed by the next word."""
        return settled_by_promise(self, text)

    def _detect(self, text: str) -> list[Finding]:
        found = words(text)
        if not len(found.start):
            return []
        first, scores = self._model.scores(found)
        result = []
        for index in np.flatnonzero(scores >= self._threshold):
            end, score = found.end[index], scores[index]
            # The best within reach, the first of equals: decided by what is near, wherever the text began.
            low = np.searchsorted(found.end, end - _NEAR)
            high = np.searchsorted(found.end, end + _NEAR, side="right")
            if scores[low:index].max(initial=0.0) < score and scores[index + 1 : high].max(initial=0.0) <= score:
                start = max(int(found.start[first[index]]), int(end) - SPAN)
                result.append(Finding(start, int(end), self._entity, float(score), self.name))
        return result


class PromptInjection(Normalized):
    """`InjectionDetector` that sees through obfuscation, and scores whole texts."""

    def __init__(self, model: Model, name: str = NAME, threshold: float = THRESHOLD, entity: str = ENTITY) -> None:
        super().__init__(InjectionDetector(model, name, threshold, entity))
        self._model = model

    def score(self, text: str) -> float:
        """Return how much `text`, or any other reading of it, reads like an attack, in 0..1."""
        return max(self._model.score(reading) for reading in (text, *(view.text for view in views(text))))


@cache
def _model(name: str) -> Model:
    return load(Path(__file__).with_name(f"{name}.npz"))


def build() -> PromptInjection:
    """Build the detector for what people write to a model."""
    return PromptInjection(_model("prompt"))


def build_document() -> PromptInjection:
    """Build the detector for documents and tool results, where any instruction to a model is out of place."""
    return PromptInjection(_model("document"), "injection-document", entity=INDIRECT)


def score(text: str) -> float:
    """Return how much `text` reads like prompt injection or a jailbreak, in 0..1; `THRESHOLD` and above is one."""
    return build().score(text)
