"""How much of a growing text goes out at once, and what is held."""

import pytest

from detectors.pii.holdback import settled


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The quick brown foxes jumped over ", "over "),
        ("Please write to anna", "to anna"),
        ("Please contact anna@exam", "anna@exam"),
        ("Nothing here. ", ""),
        ("The number is +1 212 555 ", "is +1 212 555 "),
        ("She has breast ", "She has breast "),
        ('{"name": "Anna", "mail": "a', "a"),
        ("请联系我们。谢", "谢"),
        ("visa 4111 1111 ", "visa 4111 1111 "),
        ("", ""),
    ],
)
def test_holds_what_is_open(text: str, held: str) -> None:
    """Closed words go out; a word in progress, numbers, and what may open a finding of several words stay."""
    assert text[settled(text) :] == held


def test_an_endless_word_is_not_held_for_ever() -> None:
    """Characters without white space go out once the longest URL could have ended."""
    assert len("x" * 10_000) - settled("x" * 10_000) < 2_200


def test_an_endless_row_of_numbers_is_not_held_for_ever() -> None:
    """Numbers go out once the widest finding of several words could have ended."""
    text = "12 34 56 78 " * 500
    assert len(text) - settled(text) < 200
