"""Other people's models in the tagger's place: spaCy, transformers, GLiNER, for those who can download them.

Each is a `Detector`. None is needed: packages are imported when an engine is
built, and models are read from this machine only, never fetched. A model that
reads whole sentences sees far, so it promises a large `reach` and `lookahead`,
and the plan derives a longer hold for streams.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

from detectors.detector import DetectorFailure, Finding
from detectors.ner.sentences import LONGEST, last_boundary, sentences

_CLASSES: Final[Mapping[str, str]] = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "LOC": "LOCATION",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "ORGANIZATION": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
    "DATE_TIME": "DATE_TIME",
    "NORP": "NRP",
    "NRP": "NRP",
    "ADDRESS": "ADDRESS",
    "STREET_ADDRESS": "ADDRESS",
}
_ENTITIES: Final = frozenset(_CLASSES.values())
_GLINER_LABELS: Final[Mapping[str, str]] = {
    "person": "PERSON",
    "location": "LOCATION",
    "organization": "ORGANIZATION",
    "street address": "ADDRESS",
    "date": "DATE_TIME",
}


class EngineMissing(ImportError):
    """A package or model of an optional engine is not installed; says how to install it."""


def _require(module: str, package: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EngineMissing(f"this engine needs the package {package!r}: pip install {package}") from error


class SentenceEngine(ABC):
    """A detector that hands whole sentences to a model. Subclasses implement `_tag`."""

    name = "ner-engine"
    entities: frozenset[str] = _ENTITIES
    reach = LONGEST
    context = LONGEST
    lookahead = LONGEST

    @abstractmethod
    def _tag(self, texts: Sequence[str]) -> Sequence[Sequence[tuple[int, int, str, float]]]:
        """Return ``(start, end, class, score)`` in each sentence; classes of `entities`."""

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text. Raises `DetectorFailure` when the model does."""
        return [list(self._detect(text)) for text in texts]

    def _detect(self, text: str) -> Iterator[Finding]:
        places = list(sentences(text))
        try:
            tagged = self._tag([text[start:end] for start, end in places])
        except Exception as error:
            # What the model says may hold the text: neither its message nor its traceback may travel on.
            raise DetectorFailure(f"{self.name}: the model failed ({type(error).__name__})") from None
        for (start, _), found in zip(places, tagged, strict=True):
            for first, last, entity, score in found:
                if last - first <= self.reach:
                    yield Finding(start + first, start + last, entity, round(score, 3), self.name)

    def settled(self, text: str) -> int:
        """Return where the sentence begins that is still open, unless it is too long to matter."""
        return max(last_boundary(text), len(text) - self.reach - self.lookahead, 0)


class SpacyEngine(SentenceEngine):
    """A spaCy pipeline with a named-entity recogniser, by package name or folder."""

    name = "ner-spacy"

    def __init__(self, model: str = "en_core_web_lg", score: float = 0.85) -> None:
        """`score` stands in every finding: spaCy gives none. Raises `EngineMissing`."""
        spacy = _require("spacy", "spacy")
        try:
            self._pipeline = spacy.load(model)
        except OSError as error:
            raise EngineMissing(f"spaCy has no model {model!r}: python -m spacy download {model}") from error
        self._score = score

    def _tag(self, texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        return [
            [(e.start_char, e.end_char, _CLASSES[e.label_], self._score) for e in document.ents if e.label_ in _CLASSES]
            for document in self._pipeline.pipe(texts)
        ]


class TransformersEngine(SentenceEngine):
    """A token-classification model of the `transformers` library, from a local folder or cache."""

    name = "ner-transformers"

    def __init__(self, model: str) -> None:
        """Raises `EngineMissing` when the library or the model is not on this machine."""
        library = _require("transformers", "transformers[torch]")
        try:
            parts: dict[str, Any] = {
                "model": library.AutoModelForTokenClassification.from_pretrained(model, local_files_only=True),
                "tokenizer": library.AutoTokenizer.from_pretrained(model, local_files_only=True),
            }
        except OSError as error:
            raise EngineMissing(f"no model {model!r} on this machine: hf download {model}") from error
        self._pipeline = library.pipeline("token-classification", aggregation_strategy="simple", **parts)

    def _tag(self, texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        found = []
        for entities in self._pipeline(list(texts)) if texts else []:
            known = [entity for entity in entities if entity["entity_group"].upper() in _CLASSES]
            found.append(
                [(e["start"], e["end"], _CLASSES[e["entity_group"].upper()], float(e["score"])) for e in known]
            )
        return found


class GlinerEngine(SentenceEngine):
    """A GLiNER model, asked for the labels given (label to entity)."""

    name = "ner-gliner"

    def __init__(self, model: str, labels: Mapping[str, str] = _GLINER_LABELS, threshold: float = 0.5) -> None:
        """Raises `EngineMissing` when the library or the model is not on this machine."""
        library = _require("gliner", "gliner")
        try:
            self._model = library.GLiNER.from_pretrained(model, local_files_only=True)
        except OSError as error:
            raise EngineMissing(f"no model {model!r} on this machine: hf download {model}") from error
        self._labels, self._threshold = dict(labels), threshold
        self.entities = frozenset(labels.values())

    def _tag(self, texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        asked = list(self._labels)
        return [
            [
                (e["start"], e["end"], self._labels[e["label"]], float(e["score"]))
                for e in self._model.predict_entities(text, asked, threshold=self._threshold)
            ]
            for text in texts
        ]
