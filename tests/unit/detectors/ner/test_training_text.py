"""What the tagger is trained on: LitBank's names without titles, text with other names, addresses that are whole."""

import re
from pathlib import Path
from random import Random

import pytest

from detectors.ner.corpora import Document
from detectors.ner.litbank import read_litbank
from detectors.ner.pools import Pools
from detectors.ner.swap import swapped
from detectors.ner.synthesis import synthesize
from detectors.ner.values import Values


@pytest.fixture
def values() -> Values:
    """Values from tiny pools."""
    return Values(
        Pools(
            given=["Ada"],
            surnames=["Quill"],
            pairs=["Ada Quill"],
            cities=["Lindow"],
            regions=["Marsh"],
            countries=["Utopia"],
            companies=["Quill Ltd"],
            addresses=["1 Fen Road\nLindow"],
            streets=["1 Fen Road"],
            nationalities=["Utopian"],
            jobs=["Engineer, civil"],
            native=["李 明"],
            foreign=["La luna sale."],
            words=["table"],
        ),
        Random(1),
    )


@pytest.mark.parametrize(
    ("line", "marks", "text", "names"),
    [
        ("Mr. Darcy smiled .", ["PROP_PER 0 9"], "Mr. Darcy smiled.", [("Darcy", "PERSON")]),
        ("the second Sir Walter died", ["PROP_PER 0 21"], "the second Sir Walter died", [("Walter", "PERSON")]),
        ("`` Oh , Tom ! ''", ["PROP_PER 8 11"], '"Oh, Tom!"', [("Tom", "PERSON")]),
        ("She left London", ["PROP_GPE 9 15", "NOM_PER 0 3"], "She left London", [("London", "LOCATION")]),
        ("I saw the Lord Chancellor", ["PROP_PER 6 25"], None, []),
    ],
)
def test_litbank_names_lose_titles(
    tmp_path: Path, line: str, marks: list[str], text: str | None, names: list[tuple[str, str]]
) -> None:
    """Words are put together as printed, titles and articles are cut off, mere titles leave no document."""
    folder = tmp_path / "coref" / "brat"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(line + "\n", encoding="utf-8")
    (folder / "a.ann").write_text("".join(f"T1\t{mark}\tx\n" for mark in marks), encoding="utf-8")
    documents = read_litbank(tmp_path)
    if text is None:
        assert documents == []
        return
    (document,) = documents
    assert document.text == text
    assert [(document.text[start:end], label) for start, end, label in document.spans] == names


def test_other_names_stand_where_names_stood(values: Values, monkeypatch: pytest.MonkeyPatch) -> None:
    """A swapped copy keeps the words around names and marks the new ones; the same name gets the same other."""
    monkeypatch.setattr(values, "rare", lambda: "Ada")
    text = "Tom met Ann in Rome; Tom left."
    spans = ((0, 3, "PERSON"), (8, 11, "PERSON"), (15, 19, "LOCATION"), (21, 24, "PERSON"))
    for seed in range(20):
        (copy,) = swapped([Document(text, spans), Document("No names.", ())], values, Random(seed))
        parts = [copy.text[start:end] for start, end, _ in copy.spans]
        assert copy.text == f"{parts[0]} met {parts[1]} in {parts[2]}; {parts[3]} left."
        assert parts[0] == parts[3]
        assert {parts[0], parts[1]} <= {"Tom", "Ann", "Ada", "Quill"}


def test_synthetic_documents_mark_what_they_say(values: Values) -> None:
    """Spans of a synthetic document are in order, within the text, and not blank."""
    for document in synthesize(values, Random(3), 400):
        last = 0
        for start, end, _ in document.spans:
            assert last <= start < end <= len(document.text)
            assert document.text[start:end].strip()
            last = end


def test_military_addresses_name_place_and_region(values: Values) -> None:
    """Mail to the forces goes to a post office of theirs, its region and five digits, or to a British number."""
    for _ in range(200):
        assert re.search(r"(?:[AFD]PO,? A[AEP] \d{5}|BFPO \d{1,3})\Z", values.military(", "))


def test_rare_names_are_one_capitalised_word(values: Values) -> None:
    """A name that no list has looks like one all the same."""
    for _ in range(200):
        assert re.fullmatch(r"[A-Z][a-z]+", values.rare())
