"""Strict YAML: one reading of every text, and a place for every problem."""

# ruff: noqa: E501  (a row of a table is one line)

import pytest
import yaml

from detectors.strict_yaml import BOUNDS, Bounds, Document, parse

FAST = Bounds(aliases=0, loader=yaml.CSafeLoader)


def data(text: str) -> object:
    """Read a text by PyYAML's own parser and by libyaml's: they say the same."""
    document, again = parse(text, "f.yaml"), parse(text, "f.yaml", Bounds(loader=yaml.CSafeLoader))
    assert isinstance(document, Document), document
    assert document == again
    return document.data


def problems(text: str | bytes) -> list[str]:
    document = parse(text, "f.yaml")
    assert isinstance(document, tuple), document
    return [str(problem) for problem in document]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("no", "no"), ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("~", None), ("null", None), ("", None), ('""', ""),
        ("12", 12), ("-3", -3), ("+7", 7), ("0o14", "0o14"), ("014", 14), ("1_000", "1_000"), ("0x10", "0x10"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), (".inf", ".inf"), (".nan", ".nan"), ("1:30", "1:30"),
        ("2026-11-24", "2026-11-24"), ('"12"', "12"), ("'true'", "true"), ("=", "="), ("12345678901234567890", 1.2345678901234567e19),
    ],
)  # fmt: skip
def test_scalars_are_read_as_yaml_1_2(written: str, means: object) -> None:
    """`no` is Norway, a date is text, and only the plain forms are numbers."""
    assert data(f"a: {written}\n") == {"a": means}


def test_every_value_has_a_place() -> None:
    """Keys and values are found by their location, lines and columns from one."""
    document = parse("a:\n  b: [x, 2]\n", "f.yaml")
    assert isinstance(document, Document)
    assert document.keys[("a", "b")] == (2, 3)
    assert document.values[("a", "b", 1)] == (2, 10)
    assert str(document.problem(("a", "b", 7, "deeper"), "wrong")) == "f.yaml:2:3: wrong"
    assert str(document.value_problem(("a", "b", 1), "wrong")) == "f.yaml:2:10: wrong"


def test_an_alias_is_the_value_again() -> None:
    """A few aliases are fine."""
    assert data("a: &x [1]\nb: *x\n") == {"a": [1], "b": [1]}


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x\n", "a: &x 1\n", "a: [1]\nb: [&y {c: 1}]\n"])
def test_where_there_are_no_aliases_there_are_no_anchors(text: str) -> None:
    """They would only look as if they meant something."""
    found = parse(text, "f.yaml", FAST)
    assert isinstance(found, tuple)
    assert [problem.message for problem in found] == ["uses YAML anchors or aliases; write the text out instead"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key `a`; it already stands in line 1"),
        ("x: {a: 1, a: 1}", "f.yaml:1:11: duplicate key `a`; it already stands in line 1"),
        ("a: !!python/name:os.system x", "f.yaml:1:4: tag `tag:yaml.org,2002:python/name:os.system` is not allowed; write a plain value"),
        ("a: !secret x", "f.yaml:1:4: tag `!secret` is not allowed; write a plain value"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "f.yaml:3:3: merge keys (`<<`) are not allowed; write the values out"),
        ("? [a, b]\n: c", "f.yaml:1:3: a key must be a plain word"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: starts a second document; one file holds one document"),
        ("a: &x [*x]\n", "f.yaml:1:4: has too many values once its aliases are expanded"),
        ('a: "\\uD800"', "f.yaml:1:4: has an escape that is no character"),
        ('a: "\\UFFFFFFFF"', "f.yaml:1:1: has an escape that is no character"),
        ("a: \x07", "f.yaml:1:4: has a character that YAML does not allow"),
        ("a: [1", "f.yaml:1:6: is not YAML: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"),
        ("", "f.yaml:1:1: is empty"),
        ("# nothing\n", "f.yaml:1:1: is empty"),
        (b"a: 1\nb: \xff", "f.yaml:2:4: is not UTF-8; save the file as UTF-8"),
        ("[" * 1000, "f.yaml:1:25: is nested deeper than 24 levels"),
        ("a" * (BOUNDS.size + 1), "f.yaml:1:1: is larger than 256 KiB; split it"),
    ],
)  # fmt: skip
def test_whatever_has_two_readings_is_refused_with_its_place(text: str | bytes, expected: str) -> None:
    """Duplicate keys, tags, merge keys, second documents, endless nesting."""
    assert problems(text) == [expected]


def test_all_duplicates_are_named_at_once() -> None:
    """One run of the checker shows them all."""
    assert len(problems("a: 1\na: 2\nb: 1\nb: 2\nc: {d: 1, d: 1}\n")) == 3


def test_an_alias_bomb_is_only_counted() -> None:
    """Nine levels of nine aliases would be 387 million values."""
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert problems("l0: &l0 x\n" + levels) == ["f.yaml:9:15: has more than 64 aliases"]
    wide = "a: &a [" + "x, " * 2000 + "]\nb: &b [" + "*a, " * 30 + "]\nc: [" + "*b, " * 30 + "]\n"
    assert "too many values" in problems(wide)[0]


def test_a_byte_order_mark_is_no_text() -> None:
    """Editors on Windows write one."""
    document = parse(b"\xef\xbb\xbfa: 1", "f.yaml")
    assert isinstance(document, Document)
    assert document.data == {"a": 1}
