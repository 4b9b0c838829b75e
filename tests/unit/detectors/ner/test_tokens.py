"""Cutting text into tokens: nothing lost, masked values whole, long data taken out."""

import pytest

from detectors.ner.tokens import BARRIER, BLANK_LIMIT, CHUNK_LIMIT, canonical, cut


def words(text: str) -> list[str]:
    (tokens,) = cut([text])
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello Anna", ["Hello", "Anna"]),
        ("O'Brien,Jr.", ["O", "'", "Brien", ",", "Jr", "."]),
        ("a  b\tc\nd", ["a", "  ", "b", "\t", "c", "\n", "d"]),
        ("12th", ["12", "th"]),
        ("mail anna.b@x.co.uk now", ["mail", "anna.b@x.co.uk", "now"]),
        ("see https://a.b/c?d=1, ok", ["see", "https://a.b/c?d=1", ",", "ok"]),
        ("at www.example.com", ["at", "www.example.com"]),
        ("hi @bob_1!", ["hi", "@bob_1", "!"]),
        ("example.com.", ["example.com", "."]),
        ("snake_case", ["snake", "_", "case"]),
        ("=====", ["====="]),
        ("Zoë 李明 Ψ", ["Zoë", "李明", "Ψ"]),
        ("", []),
    ],
)
def test_tokens_of_ordinary_text(text: str, expected: list[str]) -> None:
    """Letters, digits, symbols, breaks and masked values are tokens; the blank before a word is not part of it."""
    assert words(text) == expected


def test_joined_keys_are_the_text() -> None:
    """No character is lost, whatever it is."""
    text = "Tom\u200bé\u0301 \ud800 x😀\r\n\x00 __ a@b.de  \xa0 1.2"
    (tokens,) = cut([text])
    assert "".join(tokens.keys) == text


@pytest.mark.parametrize("run", ["x" * (CHUNK_LIMIT + 1), "ab1+/" * 40, " " * (BLANK_LIMIT + 1), "a.b@" * 30])
def test_long_runs_are_barriers(run: str) -> None:
    """What is too long for a name is one barrier and does not disturb its neighbours."""
    (tokens,) = cut([f"Anna {run},Bob"])
    assert tokens.keys[-2:] == [",", "Bob"]
    assert BARRIER in tokens.keys


@pytest.mark.parametrize("run", ["x" * CHUNK_LIMIT, " " * BLANK_LIMIT])
def test_runs_at_the_limit_are_not(run: str) -> None:
    """The limit itself is still ordinary text."""
    (tokens,) = cut([f"a,{run},b"])
    assert BARRIER not in tokens.keys


def test_a_batch_is_cut_like_its_texts() -> None:
    """Offsets count from each text's own start."""
    texts = ["Anna", "", "Bob 7\n", "x" * 80, "12"]
    together = cut(texts)
    for text, tokens in zip(texts, together, strict=True):
        (alone,) = cut([text])
        assert (list(tokens.keys), tokens.starts, tokens.numbers) == (
            list(alone.keys),
            alone.starts,
            alone.numbers,
        )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (" 1987", " 1900"),
        ("2024", "2000"),
        (" 34", " 34"),
        ("9999999", "0000000"),
        (" a@b.de", " \x00email"),
        ("https://x.y", "\x00url"),
        (" @bob", " \x00handle"),
        ("-----", "---"),
        ("   ", "  "),
        (" \t ", "\t"),
        (" Anna", " Anna"),
    ],
)
def test_canonical_forms(key: str, expected: str) -> None:
    """Numbers, masked values, rules and blanks are known by their kind, not by their value."""
    assert canonical(key) == expected


def test_repr_holds_no_text() -> None:
    """Tokens can be printed without leaking what they stand for."""
    (tokens,) = cut(["Anna Smith"])
    assert "Anna" not in repr(tokens)
