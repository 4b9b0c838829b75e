"""The parts of the evaluation of everything: readers, thresholds, goals, what is absent."""

import json
import math
from pathlib import Path

import pytest

from detectors.evaluate import evaluate
from detectors.evaluation import alarms, attacks, bipia
from detectors.evaluation.all import Run, quality_goals
from detectors.evaluation.documents import DataError, Document, Span
from detectors.evaluation.goals import Goal, to_markdown
from detectors.evaluation.proportion import proportion
from detectors.evaluation.published import read_uner, read_wnut17
from detectors.evaluation.report import Estimate
from detectors.evaluation.sets import SETS, without_handles

ROOT = Path(__file__).parents[4]


def labelled(document: Document) -> list[tuple[str, str]]:
    """What the spans of a document cover."""
    return [(document.text[s.start : s.end], s.label) for s in document.spans]


def test_wnut17_words_become_text(tmp_path: Path) -> None:
    """Words are put together as people write; classes that nobody scores are left out."""
    path = tmp_path / "w"
    rows = (
        "I\tO\ndo\tO\nn't\tO\nlike\tO\nAnna\tB-person\nBerger\tI-person\n,\tO\n@\tO\nbob\tB-person\n\niPad\tB-product\n"
    )
    path.write_text(rows)
    first, second = read_wnut17(path)
    assert first.text == "I don't like Anna Berger, @bob"
    assert labelled(first) == [("Anna Berger", "PERSON"), ("bob", "PERSON")]
    assert labelled(without_handles([first])[0]) == [("Anna Berger", "PERSON")]
    assert second.spans == ()


def test_uner_sentences_keep_their_text(tmp_path: Path) -> None:
    """The comment holds the sentence; words are found in it, in order."""
    path = tmp_path / "u"
    path.write_text("# text = Go to (Miramar).\n1\tGo\tO\n2\tto\tO\n3\t(\tO\n4\tMiramar\tB-LOC\n5\t)\tO\n6\t.\tO\n")
    (document,) = read_uner(path)
    assert labelled(document) == [("Miramar", "LOCATION")]


@pytest.mark.parametrize("body", ["one-column\n", "# text = other\n1\tword\tO\n"])
def test_bad_uner_is_refused_without_its_text(tmp_path: Path, body: str) -> None:
    """An error names the file and never a word of it."""
    path = tmp_path / "u"
    path.write_text(body)
    with pytest.raises(DataError) as caught:
        read_uner(path)
    assert "word\t" not in str(caught.value) and "other" not in str(caught.value)


def test_pieces_join_over_lines_only_when_asked() -> None:
    """An address over two lines is one place, if line breaks may be bridged."""
    gold = [Document("1 Road\nTown", (Span(0, 6, "X"), Span(7, 11, "X")))]
    assert evaluate(gold, [[]], join=("X",)).row("X").iou50.gold == 2
    assert evaluate(gold, [[]], join=("X",), over_lines=True).row("X").iou50.gold == 1


def test_thresholds_are_those_of_the_default_policy() -> None:
    """Rules that only watch, excluded entities and entities that no rule names are not counted."""
    thresholds = alarms.policy_thresholds(ROOT / "policies" / "default.yaml")
    assert {"PERSON", "EMAIL_ADDRESS", "API_KEY", "HIDDEN_TEXT"} <= thresholds.keys()
    assert not {"URL", "AGE", "PROMPT_INJECTION", "RELIGION", "LOCATION"} & thresholds.keys()


def test_no_policy_is_an_error_with_its_path(tmp_path: Path) -> None:
    """Whatever is wrong with the file, the error names it."""
    with pytest.raises(DataError, match=r"gone\.yaml"):
        alarms.policy_thresholds(tmp_path / "gone.yaml")


def test_pieces_lose_nothing() -> None:
    """A long text is cut at line ends and comes back whole."""
    text = "line of text\n" * 5000 + "end"
    cut = alarms.pieces(text)
    assert "".join(cut) == text and len(cut) > 3 and all(piece.endswith("\n") for piece in cut[:-1])


@pytest.mark.parametrize(
    ("reached", "sense", "verdict"),
    [
        (Estimate(0.9, 0.8, 0.95), "least", "reached"),
        (Estimate(0.7, 0.6, 0.85), "least", "short, goal inside the interval"),
        (Estimate(0.7, 0.6, 0.75), "least", "**not reached**"),
        (Estimate(0.7, math.nan, math.nan), "least", "**not reached**"),
        (Estimate(0.7, math.nan, math.nan), "most", "reached"),
        (Estimate(0.9, 0.7, 0.95), "most", "short, goal inside the interval"),
        (Estimate(math.nan, math.nan, math.nan), "least", "not measured"),
    ],
)
def test_verdicts(reached: Estimate, sense: str, verdict: str) -> None:
    """A goal is reached, short with the goal inside the interval, not reached, or not measured."""
    goal = Goal("figure", "set", 0.8, reached, "most" if sense == "most" else "least")
    assert goal.verdict == verdict
    assert verdict in to_markdown([goal])


def test_proportions_have_intervals_that_hold_them() -> None:
    """None of a hundred is not certainly none; no cases are no share."""
    none = proportion(0, 100)
    assert none.low == 0 and 0.03 < none.high < 0.05
    assert math.isnan(proportion(0, 0).value)


def test_prompts_are_read_by_label(tmp_path: Path) -> None:
    """Lists of objects with labels, objects of lists, and JSON lines."""
    (tmp_path / "a.json").write_text('[{"prompt": "x", "label": 1}, {"prompt": "y", "label": 0}, {"prompt": "z"}]')
    (tmp_path / "b.json").write_text('{"kind": ["p", "q"]}')
    (tmp_path / "c.jsonl").write_text('{"input": "r"}\n')
    assert attacks.read_prompts([tmp_path / "a.json"], 1) == ["x", "z"]
    assert attacks.read_prompts([tmp_path / "b.json", tmp_path / "c.jsonl"], 0) == ["p", "q", "r"]


def test_bipia_attacks_stand_in_its_contexts(tmp_path: Path) -> None:
    """Each in several contexts, on a line of its own, before, within and after them; or the contexts alone."""
    mail = "Dear Ann. The train is late. Bye."
    (tmp_path / "c").write_text(json.dumps({"context": mail}) + "\n" + json.dumps({"context": ["a", "b"]}) + "\n")
    (tmp_path / "a").write_text('{"kind": ["Do it.", "Go."]}')
    assert bipia.read(tmp_path / "c", tmp_path / "a", 0) == [mail, "a\nb"]
    texts = bipia.read(tmp_path / "c", tmp_path / "a", 1)
    assert len(texts) > 12 and all("Do it." in text.split("\n") for text in texts[: len(texts) // 2])
    assert {f"Do it.\n{mail}", f"{mail}\nDo it.", "Dear Ann. \nDo it.\nThe train is late. Bye."} <= set(texts)
    for wrong in ("{", '{"other": 1}', "1"):
        (tmp_path / "c").write_text(wrong)
        with pytest.raises(DataError, match="contexts"):
            bipia.read_contexts(tmp_path / "c")


def test_absent_sets_are_named(tmp_path: Path) -> None:
    """What cannot be measured is noted, and nothing is made up for it."""
    run = Run(tmp_path, None, None, tmp_path, lambda _: None)
    assert [run.find(data.place, data.file) for data in SETS] == [None] * len(SETS)
    assert len(run.absent) == len(SETS)
    assert quality_goals(run.reports) == []
