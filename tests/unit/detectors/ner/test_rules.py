"""Dates, postcodes, forms of address and handles by rule."""

import pytest

from detectors.ner import rules
from detectors.ner.tokens import cut


def dates(text: str) -> list[str]:
    (tokens,) = cut([text])
    return [text[start:end] for start, end in rules.dates(text, tokens, rules.marked(tokens.keys))]


@pytest.mark.parametrize(
    "date",
    [
        "2024-05-06",
        "2024-05-06T12:30:01Z",
        "2024-05-06 12:30",
        "05/06/2024",
        "5/6/24",
        "06.05.2024",
        "6-5-2024",
        "May 5, 2024",
        "May 5th",
        "5 May 2024",
        "5th of May 2024",
        "12-Mar-2021",
        "March 2024",
        "Sept. 3",
        "3. März 2024",
        "14 de julio de 2020",
        "Monday, May 5, 2024",
        "12:30",
        "12:30:15",
        "3:05 pm",
        "3pm",
        "11 a.m.",
        "Tuesday",
        "3rd January",
    ],
)
def test_dates_are_found_whole(date: str) -> None:
    """A written-out date or time is one finding, from its first to its last character."""
    assert dates(f"It is on {date} he said") == [date]


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3",
        "192.168.1.10",
        "555-123-4567",
        "ratio 99:99",
        "13/13/2024",
        "may I",
        "march on",
        "sun is up",
        "12.50 EUR",
        "a1/2/24",
        "$5.05.2024",
        "1234-56-78",
    ],
)
def test_other_numbers_and_words_are_no_dates(text: str) -> None:
    """Versions, addresses, phones and verbs stay."""
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("ask @bob_smith about it", "@bob_smith"),
        ("@anna hi", "@anna"),
        ("@property\ndef x", None),
        ("  @app.route('/')", None),
        ("@types/node", None),
        ("@param name", None),
        ("thanks @bob.", "@bob"),
        ("# by @_functools.wraps here", None),
        ("[Worker$Send@688] - leaving", None),
        ("line 9 @774", None),
        ("(stack @0x7fed806eb5d)", None),
        ("12:01:01 local@tbird-admin1 xinetd", None),
        ("style `@validator` is", None),
        ("replace('@@@NAME@@@')", None),
        ('@architectures = "x"', None),
    ],
)
def test_handles(text: str, handle: str | None) -> None:
    """Handles are found; decorators, packages and doc tags are not handles."""
    (tokens,) = cut([text])
    found = [text[tokens.starts[i] : tokens.ends[i]] for i in rules.handles(tokens.keys)]
    assert found == ([handle] if handle else [])


@pytest.mark.parametrize(
    ("text", "open_part"),
    [("on May", "May"), ("see you 12:3", "12:3"), ("5 May 2024", "5 May 2024"), ("at Anna x", "x")],
)
def test_a_date_that_may_still_grow_is_open(text: str, open_part: str) -> None:
    """What could be the beginning of a date, and the last token in any case, is not settled."""
    (tokens,) = cut([text])
    assert text[tokens.starts[rules.open_date(tokens)] :] == open_part


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Springfield, IL 62704", "62704"),
        ("IL 62704-1234.", "62704-1234"),
        ("London SW1A 1AA today", "SW1A 1AA"),
        ("Ottawa K1A 0B1", "K1A 0B1"),
        ("zip code: 90210", "90210"),
        ("PLZ 1010", "1010"),
        ("order 90210", None),
        ("XY 62704", None),
        ("model A4 123456", None),
        ("zip file 90210", None),
    ],
)
def test_postcodes(text: str, code: str | None) -> None:
    """Codes are known by their form, by the state before them, or by the words that announce them."""
    (tokens,) = cut([text])
    found = [text[tokens.starts[a] : tokens.ends[b]] for a, b in rules.postcodes(text, tokens)]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Dear Mr. Smith", "Mr."),
        ("ask Dr Rossi", "Dr"),
        ("Frau Weber", "Frau"),
        ("the dr. said", None),
        ("Dr. no", None),
    ],
)
def test_titles(text: str, title: str | None) -> None:
    """A form of address counts when a capitalised word follows."""
    (tokens,) = cut([text])
    found = [text[tokens.starts[a] : tokens.ends[b]] for a, b in rules.titles(tokens.keys, rules.marked(tokens.keys))]
    assert found == ([title] if title else [])
