"""Streets with house numbers and post-office boxes, found by rule; other numbers beside capitals are left alone."""

import pytest

from detectors.ner.streets import streets
from detectors.ner.tokens import cut


def found(text: str) -> list[str]:
    (tokens,) = cut([text])
    return [text[tokens.starts[first] : tokens.ends[last]] for first, last in streets(text, tokens)]


@pytest.mark.parametrize(
    "street",
    [
        "12 Oak Street",
        "94171 Austin Lakes",
        "12 N. Main St.",
        "1 Martin Luther King Jr. Blvd",
        "42-44 High Road",
        "12b Baker Street",
        "4783 NE 5th Avenue",
        "Hauptstr. 5",
        "Otto-Hahn-Straße 3",
        "Lange Strasse 12",
        "Vestergade 12",
        "Kerkstraat 7",
        "rue de la Paix 3",
        "Calle de San Juan, 14",
        "Av. 9 de Julio 1234",
        "Via Roma, 5",
        "ul. Kwiatowa 7",
        "Jl. Sudirman No. 12",
        "P.O. Box 123",
        "PO Box 4411",
        "Postfach 1234",
    ],
)
def test_streets_are_found_whole(street: str) -> None:
    """A street with its number, or a box, in running text."""
    assert found(f"He lives at {street} now") == [street]


@pytest.mark.parametrize(
    "text",
    [
        "via Roma 5",
        "Brigade 5",
        "500 First Points",
        "I saw 3 Star Park",
        "rue Basse est 3",
        "$500 Main Street",
        "The 2007 Bowling Green team",
        "500 MHz Corner",
        "Room 5",
        "Box 5",
        "404 Not Found",
        "12 oak street",
        "2026-11-25 High Road",
        "Av. 5",
    ],
)
def test_other_numbers_are_no_streets(text: str) -> None:
    """Amounts, years, boxes of other kinds, words in small letters."""
    assert found(text) == []


@pytest.mark.parametrize(
    "street", ["Hauptstr. #12", "POBox 12", "Kerkstraat, nº 7", "Alte Straße 5", "Vestergade n° 3"]
)
def test_a_hint_elsewhere_changes_nothing(street: str) -> None:
    """What saves time on most texts decides nothing: a lead word far away does not help, nor does its absence harm."""
    assert found(f"in {street} now") == found(f"in {street} now" + " and" * 20 + " rue Box ul")


def test_what_is_far_away_does_not_matter() -> None:
    """A street of more tokens than the tagger sees is cut the same way whatever follows or comes before."""
    long = "12 Oak Elm Ash Fir Yew Bay Street"
    assert found(long) == []
    assert found("Calle de la Paz y de la Luz y del Sol 5") == []
