"""Ages by rule: the words around a number say that it is one, or a name before it."""

import pytest

from detectors.ner.ages import ages
from detectors.ner.tokens import cut


def found(text: str, person: str = "") -> list[str]:
    """Return the ages in a text in which `person` is taken for a person."""
    (tokens,) = cut([text])
    begin = text.find(person) if person else len(text)

    def ends_person(i: int) -> bool:
        return begin <= tokens.starts[i] and tokens.ends[i] <= begin + len(person)

    return [text[tokens.starts[i] : tokens.ends[i]] for i in ages(tokens, ends_person)]


@pytest.mark.parametrize(
    "text",
    [
        "a 34 years old man",
        "a 34-year-old",
        "34 y/o",
        "34 y.o. male",
        "34yrs old",
        "34 years of age",
        "aged 34",
        "Age: 34",
        "at the age of 34",
        '{"age": 34}',
        "his age was 34",
        "I am 34.",
        "I'm 34, hi",
        "im 34 from Leeds",
        "She's 34 and tired",
        "my son is 34, my daughter",
        "he was only 34 when",
        "the patient is 34\nand well",
        "she turned 34 on Monday",
        "34 Jahre alt",
    ],
)
def test_words_tell(text: str) -> None:
    """Words for age and years, being, turning, after words for a person."""
    assert found(text) == ["34"]


@pytest.mark.parametrize(
    "text", ["Anna Smith, 34, of Leeds", "Anna Smith (34)", "Anna Smith is 34.", "Anna Smith, 34."]
)
def test_a_name_before_it(text: str) -> None:
    """A number in apposition to a person's name; not to anything else."""
    assert found(text, "Anna Smith") == ["34"]
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "34 minutes",
        "I am 25 minutes late",
        "he is 3 km away",
        "I turned 90 degrees",
        "page 34",
        "the answer is 42.",
        "age of 200",
        "34 years in prison",
        "port is 80",
        "version 34.",
    ],
)
def test_other_numbers(text: str) -> None:
    """Durations, distances, pages and answers are no ages."""
    assert found(text) == []


@pytest.mark.parametrize("text", ["Smith, 344, of", "Smith, 4, 5", "Smith 34, 35", "Smith's 34 goals", "Smith,34,1"])
def test_numbers_behind_names(text: str) -> None:
    """Results, tables and counts are no ages."""
    assert found(text, "Smith") == []
