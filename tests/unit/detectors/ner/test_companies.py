"""A legal form makes a company of the name before it."""

import pytest

from detectors.ner.companies import companies
from detectors.ner.tokens import cut


def found(text: str, person: bool = False, place: bool = False) -> list[str]:
    (tokens,) = cut([text])
    return [tokens.keys[i] for i in companies(tokens.keys, range(len(tokens.keys)), lambda _: person, lambda _: place)]


def test_behind_a_person() -> None:
    """Any legal form behind what was taken for a person."""
    assert found("Anna Meier GmbH and Bo Ek AB", person=True) == [" GmbH", " AB"]


def test_behind_a_place() -> None:
    """`AB` and `NV` are a province and a state; `GmbH` is neither."""
    assert found("Berlin GmbH, Calgary AB, Reno NV", place=True) == [" GmbH"]


@pytest.mark.parametrize("text", ["GmbH", "Anna/Inc", "the inc of it"])
def test_alone(text: str) -> None:
    """Without a name and a blank before it, and in small letters, it says nothing."""
    assert found(text, person=True, place=True) == []


def test_without_a_name() -> None:
    """Behind other words it says nothing."""
    assert found("Some GmbH") == []
