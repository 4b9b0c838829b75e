"""Many literals at once: every one is found, wherever it stands as whole words, however many there are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.literals import FEW, Literals

WORDS = st.sampled_from(["anna", "Anna", "smith", "o", "é", "4", "東", "京"])
SIGNS = st.sampled_from([" ", "-", ".", "_", "@", "́"])
TEXTS = st.lists(WORDS | SIGNS, max_size=14).map("".join)


def found(literals: list[str], text: str, *, ignore_case: bool = False) -> list[str]:
    known = Literals(ignore_case=ignore_case)
    for literal in literals:
        known.add(literal)
    return [text[start:end] for start, end in known.find(text)]


def naive(literals: set[str], text: str) -> set[tuple[int, int]]:
    """Every occurrence, one literal after the other: no word goes on across either end."""
    spans = set()
    for literal in literals:
        for match in re.finditer(f"(?={re.escape(literal)})", text):
            start, end = match.start(), match.start() + len(literal)
            if not joined(text, start) and not joined(text, end):
                spans.add((start, end))
    return spans


def joined(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(c.isalnum() and c not in "東京" for c in text[at - 1 : at + 1])


@given(st.sets(TEXTS.filter(str.strip), max_size=6), TEXTS)
def test_it_finds_what_a_search_for_each_finds(literals: set[str], text: str) -> None:
    """All occurrences of all literals, overlapping and nested ones too, each once."""
    known = Literals()
    for literal in literals:
        known.add(literal)
    spans = list(known.find(text))
    assert sorted(spans) == sorted(naive(literals, text))


@pytest.mark.parametrize(
    ("literals", "text", "expected"),
    [
        (["Anna"], "Anna, Annas, anna, (Anna)", ["Anna", "Anna"]),
        (["Bob Anna", "Anna Smith", "Smith"], "Bob Anna Smith", ["Bob Anna", "Anna Smith", "Smith"]),
        (["+49 30 1"], "at +49 30 1 or +49 30 12", ["+49 30 1"]),
        (["田中"], "私は田中です", ["田中"]),
        ([" ", ""], "a b", []),
    ],
)
def test_whole_words(literals: list[str], text: str, expected: list[str]) -> None:
    """A literal is found between words, never inside one; scripts without spaces have no inside."""
    assert found(literals, text) == expected


def test_letter_case_can_be_ignored_and_offsets_stay() -> None:
    """Letters whose lower case is longer stand where they stood."""
    assert found(["Anna Ek"], "İ ANNA EK", ignore_case=True) == ["ANNA EK"]


def test_none_of_thousands_with_the_same_words_is_lost() -> None:
    """Five thousand values of the same few words: the last is found like the first."""
    values = [f"anna smith {i // 100} {i % 100}" for i in range(5000)]
    assert found(values, "; ".join(values)) == values


def test_literals_may_be_added_between_searches() -> None:
    """What was added last is found next."""
    known = Literals()
    assert not known
    known.add("b")
    assert list(known.find("a b")) == [(2, 3)]
    known.add("a b")
    assert sorted(known.find("a b")) == [(0, 3), (2, 3)]


@pytest.mark.parametrize("count", [2, FEW, FEW + 1])
def test_few_and_many_are_found_alike(count: int) -> None:
    """One by one or all at once; also where they stand so often, or almost stand, that one by one is given up."""
    values = [f"{n} {n}" for n in range(count)]
    for text in ("1 1; 11 1; 1 1 1", "1 1 " * 500, "11 11 " * 500 + "1 1", " ".join(values) * 3):
        known = Literals()
        for value in values:
            known.add(value)
        spans = list(known.find(text))
        assert sorted(spans) == sorted(naive(set(values), text))
        assert [end for _, end in spans] == sorted(end for _, end in spans)
