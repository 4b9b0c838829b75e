"""JSON in pieces: the same tokens however the text is cut, and valid JSON when they are written back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.jsontext import Is, JsonText, looks_like_json, quote
from tests.unit.core.test_strictjson import json_values


def read(text: str, cuts: list[int]) -> tuple[str, list[str], bool]:
    """Return the text written back, its string values, and whether it broke."""
    reader, values = JsonText(), list[str]()
    out, broken, current = "", False, ""
    at = 0
    for cut in [*sorted(cuts), len(text)]:
        tokens = reader.feed(text[at:cut], end=False)
        at = max(at, cut)
        for token in tokens:
            out, current, broken = _write(token, out, current, values, broken)
    for token in reader.feed("", end=True):
        out, current, broken = _write(token, out, current, values, broken)
    return out, values, broken


def _write(token: object, out: str, current: str, values: list[str], broken: bool) -> tuple[str, str, bool]:
    what, text = token.what, token.text  # type: ignore[attr-defined]
    if what is Is.OPEN:
        return out + '"', "", broken
    if what is Is.CLOSE:
        values.append(current)
        return out + text, "", broken
    if what is Is.PART:
        return out + quote(text), current + text, broken
    return out + text, current, broken or what is Is.BROKEN


@given(json_values, st.booleans(), st.lists(st.integers(0, 200), max_size=12))
def test_any_cut_of_any_json(value: object, ascii_only: bool, cuts: list[int]) -> None:
    """What is written back parses to the same value, and no cut changes it."""
    text = json.dumps([value], ensure_ascii=ascii_only)
    cuts = [min(cut, len(text)) for cut in cuts]
    out, values, broken = read(text, cuts)
    assert not broken
    assert json.loads(out) == [value]
    assert (out, values, broken) == read(text, list(range(len(text))))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": b}',
        '{"a" "b"}',
        '{"a": 1,}',
        "[1 2]",
        '{"a": "\\x"}',
        '["\\ud800 "]',
        '{"a": 1} tail',
        '["x"',
        "{]",
        "{1: 2}",
    ],
)
def test_what_is_not_json_is_still_all_there(text: str) -> None:
    """From the first mistake on, the rest comes as plain text: nothing is lost, nothing goes unseen."""
    out, _, _ = read(text, [])
    assert out.replace('"', "").replace(" ", "") == text.replace('"', "").replace(" ", "")
    for cut in range(len(text)):
        assert read(text, [cut])[0].replace('"', "") == out.replace('"', "")


@given(st.text('{}[]",:\\u0aé1 -tfn', max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_any_text_at_any_cut(text: str, cuts: list[int]) -> None:
    """No text makes the reader fail, and no cut changes what it says."""
    cuts = [min(cut, len(text)) for cut in cuts]
    assert read(text, cuts) == read(text, [])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('{"a"', True),
        ("{}", True),
        ('  [ "x"', True),
        ("[1", True),
        ("[[", True),
        ("[link](x)", False),
        ("[PERSON_", False),
        ("{name}", False),
        ("text", False),
        ("", None),
        (" \n", None),
        ("{ ", None),
        (" " * 100, False),
    ],
)
def test_where_json_begins(text: str, verdict: bool | None) -> None:
    """An object or array is told from markdown and templates by its first two signs."""
    assert looks_like_json(text) is verdict
