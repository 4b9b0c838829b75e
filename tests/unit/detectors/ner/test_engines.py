"""Optional engines: clear errors without their packages, locality of sentences, no text in failures."""

import importlib
from collections.abc import Sequence

import pytest

from detectors.detector import DetectorFailure
from detectors.ner import engines
from detectors.ner.engines import EngineMissing, GlinerEngine, SentenceEngine, SpacyEngine, TransformersEngine
from detectors.ner.sentences import LONGEST, last_boundary, sentences


class Capitals(SentenceEngine):
    """A stand-in model: every capitalised word is a person, if the sentence has an exclamation mark."""

    def _tag(self, texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        found = []
        for text in texts:
            at, spans = 0, []
            for word in text.split(" "):
                if word[:1].isupper() and "!" in text:
                    spans.append((at, at + len(word), "PERSON", 0.9))
                at += len(word) + 1
            found.append(spans)
        return found


@pytest.mark.parametrize(
    ("engine", "package"), [(SpacyEngine, "spacy"), (TransformersEngine, "transformers"), (GlinerEngine, "gliner")]
)
def test_a_missing_package_says_how_to_install_it(
    engine: type[SentenceEngine], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the package and the command."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(EngineMissing, match=f"pip install {package}"):
        engine("some-model")  # type: ignore[call-arg]


def test_a_missing_spacy_model_says_how_to_get_it() -> None:
    """Models are never fetched: the error names the command that would."""
    pytest.importorskip("spacy")
    with pytest.raises(EngineMissing, match="spacy download xx_no_such_model"):
        SpacyEngine("xx_no_such_model")


def test_offsets_are_those_of_the_text() -> None:
    """Findings of a sentence are moved to where the sentence stands."""
    text = "nothing here.\n  Hello Anna! bye. Bob"
    (findings,) = Capitals().detect([text])
    assert [text[f.start : f.end] for f in findings] == ["Hello", "Anna!"]


def test_a_failing_model_is_a_failure_without_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the model complains about may hold the text; it does not travel on."""
    engine = Capitals()

    def fail(texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        raise ValueError(f"bad text: {texts}")

    monkeypatch.setattr(engine, "_tag", fail)
    with pytest.raises(DetectorFailure) as caught:
        engine.detect(["Anna Smith!"])
    assert "Anna" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text", ["One. Two! Three", "a\nb\n", "x" * 3000, "word " * 900, "a, " * 900, "", "\n\n", "no end", "3.5 is. one"]
)
def test_sentences_cover_every_word_and_are_short(text: str) -> None:
    """No word is left out, none is in two sentences."""
    places = list(sentences(text))
    assert "".join("".join(text[a:b].split()) for a, b in places) == "".join(text.split())
    assert all(b - a <= LONGEST or " " not in text[a:b] for a, b in places)


def test_what_is_settled_stays() -> None:
    """Findings before the settled position survive any continuation."""
    text = "Hi Anna! Then. Bob"
    position = Capitals().settled(text)
    assert text[position:] == "Bob"
    (now,), (later,) = Capitals().detect([text]), Capitals().detect([text + " Smith!\nX!"])
    assert [f for f in later if f.start < position] == [f for f in now if f.start < position]
    assert last_boundary("ends in a number 3.") == 0
    assert engines.SentenceEngine.reach == LONGEST
