"""JSON in pieces: the same tokens however the text is cut, and valid JSON when they are written back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.jsonform import Form, form
from gateway.core.jsontext import Is, JsonText
from gateway.core.stretch import quote
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
    if what is Is.KEY:
        return out + f'"{token.raw}"', "", broken  # type: ignore[attr-defined]
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
        '["\\u٠٠٤١"]',
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
    ("text", "wanted"),
    [
        ('{"a"', Form.JSON),
        ("{}", Form.JSON),
        ('  [ "x"', Form.JSON),
        ("[1", Form.JSON),
        ("[[", Form.JSON),
        ("[link](x)", Form.TEXT),
        ("[PERSON_", Form.TEXT),
        ("{name}", Form.TEXT),
        ("text", Form.TEXT),
        ("", None),
        (" \n", None),
        ("{ ", None),
        (" " * 100, Form.TEXT),
        ('"', None),
        ('"{', None),
        ('"{\\', None),
        ('"{\\"a', Form.JSON),
        (' "[1', Form.JSON),
        ('"\\u007b}"', Form.JSON),
        ('"{name}"', Form.STRING),
        ('"[PERSON_', Form.STRING),
        ('"Hello', Form.STRING),
        ('""', Form.STRING),
        ('" "', Form.STRING),
    ],
)
def test_where_json_begins(text: str, wanted: Form | None) -> None:
    """An object or array is told from markdown and templates by its first two signs, in a string too."""
    assert form(text) is wanted
