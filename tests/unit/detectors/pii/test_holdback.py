"""How much of a growing text goes out at once, and what is held."""

import pytest

from detectors import catalog
from detectors.detector import Detector
from detectors.pii.holdback import settled


@pytest.fixture(scope="module")
def detector() -> Detector:
    return catalog.build("pii")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The quick brown foxes jumped over ", ""),
        ("The quick brown foxes jumped to the ", "the "),
        ("The quick brown foxes sat in a ", "in a "),
        ("Please write to anna", "to anna"),
        ("Please contact anna@exam", "anna@exam"),
        ("Nothing here. ", ""),
        ("The number is +1 212 555 ", "is +1 212 555 "),
        ("She has breast ", "has breast "),
        ('{"name": "Anna", "mail": "a', "a"),
        ("请联系我们。谢", "谢"),
        ("visa 4111 1111 ", "4111 1111 "),
        ("plate KA AB 1234 ", "KA AB 1234 "),
        ("", ""),
    ],
)
def test_holds_what_is_open(text: str, held: str) -> None:
    """Closed words go out; a word in progress, numbers, and what may open a finding of several words stay."""
    assert text[settled(text) :] == held


@pytest.mark.parametrize(
    "text",
    [
        "my Kfz is the one with KA AB 1234 on it, not M X 77",
        "das Kennzeichen you vm RC 96 und nicht das",
        "the license plate ABC 123 GP of a car, or CA 123 456 or BCD 12 KZN",
        "vehicle registration ABC 123D or the AB12 CDE of my own",
        "my national insurance number is AB 12 34 56 C and so on",
        "die USt-ID ist DE 123 456 789 und an sie geht es",
        "carta di identità no AX 1234567 of the person",
        "plaka is 34 ABC 123 or 06 AB 1234 of the car",
        "im Handelsregister ist die HRB 12345 von uns",
        "send it to iban DE89 3704 0044 0532 0130 00 or to GB82 WEST 1234 5698 7654 32 now",
        "or to gb82 west 1234 5698 7654 32 then, or to mt84 malt 0110 0001 2345 mtlc ast0 01s",
        "she was diagnosed with type 2 diabetes and has breast cancer too",
        "call me at (415) 555 0123 ext 12 or on the old one",
    ],
)
def test_no_finding_begins_in_what_left(detector: Detector, text: str) -> None:
    """At every cut, what is found before the settled position is what the whole text has there."""
    *parts, whole = detector.detect([text[:at] for at in range(len(text) + 1)])
    assert whole
    for at, found in enumerate(parts):
        position = detector.settled(text[:at])
        assert [f for f in found if f.start < position] == [f for f in whole if f.start < position], text[:at]


def test_an_endless_word_is_not_held_for_ever() -> None:
    """Characters without white space go out once the longest URL could have ended."""
    assert len("x" * 10_000) - settled("x" * 10_000) < 2_200


def test_an_endless_row_of_numbers_is_not_held_for_ever() -> None:
    """Numbers go out once the widest finding of several words could have ended."""
    text = "12 34 56 78 " * 500
    assert len(text) - settled(text) < 200
