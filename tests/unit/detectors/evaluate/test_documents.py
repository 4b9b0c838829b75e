"""Data sets in three formats; what is wrong with one is said with file and line, without its text."""

import gzip
import json
from pathlib import Path

import pytest

from detectors.evaluation.documents import DataError, Span, read_documents, read_label_map


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_json_lines_split_at_newlines_only(tmp_path: Path) -> None:
    """U+2028 inside a text ends no record."""
    record = {"text": "a\u2028Anna", "spans": [{"start": 2, "end": 6, "label": "PERSON"}], "source": "s"}
    path = tmp_path / "x.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write(json.dumps(record, ensure_ascii=False) + "\n\n" + json.dumps(record) + "\n")
    documents = read_documents(path)
    assert [d.spans for d in documents] == [(Span(2, 6, "PERSON"),)] * 2
    assert documents[0].source == "s"


def test_presidio_research_lists_are_recognized(tmp_path: Path) -> None:
    """A JSON list in presidio-research's vocabulary needs no --format."""
    span = {"entity_type": "PERSON", "entity_value": "Anna", "start_position": 0, "end_position": 4}
    path = write(
        tmp_path / "x.json", json.dumps([{"full_text": "Anna", "masked": "{{name}}", "spans": [span]}], indent=1)
    )
    assert read_documents(path)[0].spans == (Span(0, 4, "PERSON"),)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["B-PER", "I-PER", "O", "B-LOC"], [Span(0, 8, "PER"), Span(12, 17, "LOC")]),
        (["I-PER", "I-PER", "O", "I-LOC"], [Span(0, 8, "PER"), Span(12, 17, "LOC")]),
        (["B-PER", "B-PER", "O", "O"], [Span(0, 4, "PER"), Span(5, 8, "PER")]),
        (["B-PER", "E-PER", "O", "S-LOC"], [Span(0, 8, "PER"), Span(12, 17, "LOC")]),
    ],
)
def test_conll_tags_become_spans(tmp_path: Path, tags: list[str], expected: list[Span]) -> None:
    """IOB1, IOB2 and IOBES; words are joined by single spaces."""
    words = ["Anna", "Lee", "in", "Leeds"]
    body = "-DOCSTART- O\n\n" + "".join(f"{w} x {t}\n" for w, t in zip(words, tags, strict=True)) + "\nnext O\n"
    documents = read_documents(write(tmp_path / "x.conll", body))
    assert [d.text for d in documents] == ["Anna Lee in Leeds", "next"]
    assert list(documents[0].spans) == expected


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"text": "secret", "spans": []}\n{nonsense secret', ":2: not a JSON object"),
        ('{"text": "secret"}', ':1: needs "text"'),
        ('{"text": "secret", "spans": [{"start": 2, "end": 9, "label": "A"}]}', ":1: a span lies outside its text"),
        ('{"text": "secret", "spans": ["secret"]}', ":1: a span must be an object"),
        ('[{"full_text": "secret"}]', "record 1: needs"),
        ("[1, secret", "not a JSON list"),
        ("secret\n", ":1: expected a word and a tag"),
        ("", "holds no documents"),
    ],
)
def test_bad_data_is_refused_without_quoting_it(tmp_path: Path, body: str, says: str) -> None:
    """The message names the place and the fault; the record's text stays out of it."""
    with pytest.raises(DataError) as caught:
        read_documents(write(tmp_path / "data", body))
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_missing_and_damaged_files_are_refused(tmp_path: Path) -> None:
    """No traceback for a path that is wrong or an archive that is cut."""
    with pytest.raises(DataError, match="cannot be read"):
        read_documents(tmp_path / "absent.jsonl")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b'{"text": "a", "spans": []}\n' * 99)[:40])
    with pytest.raises(DataError, match="cannot be read"):
        read_documents(tmp_path / "cut.gz")


def test_a_repr_holds_no_text(tmp_path: Path) -> None:
    """A document in a traceback or a log shows no text."""
    document = read_documents(write(tmp_path / "x", '{"text": "secret", "spans": []}'))[0]
    assert "secret" not in repr(document)


def test_label_maps_are_flat_or_two_sided(tmp_path: Path) -> None:
    """A flat map serves both sides; null leaves a label out; `only` keeps the classes named."""
    flat = read_label_map(write(tmp_path / "flat", '{"PER": "PERSON", "MISC": null}'))
    assert (flat.gold_class("PER"), flat.predicted_class("PER"), flat.gold_class("MISC")) == ("PERSON", "PERSON", None)
    two = read_label_map(write(tmp_path / "two", '{"gold": {"A": "X"}, "predicted": {"B": "X"}}'), only=["X"])
    assert (two.gold_class("A"), two.predicted_class("B"), two.gold_class("C")) == ("X", "X", None)
    with pytest.raises(DataError, match="must map labels"):
        read_label_map(write(tmp_path / "bad", '{"A": 3}'))
