"""Channels: texts, JSON inside texts, and what only begins like JSON."""

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.detector import Finding
from detectors.overlap import resolve
from gateway.core.channel import Channel
from gateway.core.window import Edit, HoldExceeded

CARD = re.compile(r"(?<!\d)\d{4}( ?\d{4}){3}(?!\d)|[a-z.]+@[a-z]+\.com|(?<=ssn: )\d{9}")


class Rewriter:
    """Finds card numbers, addresses, and nine digits under a key ``ssn``."""

    context = 40

    def horizon(self, text: str) -> int:
        """Everything before the last run of what a finding may be made of."""
        match = re.search(r"[\w@. :]*\Z", text)
        return match.start() if match else len(text)

    def relevant(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Everything counts."""
        return list(findings)

    def edits(self, text: str, findings: Sequence[Finding]) -> list[Edit]:
        """A mark with a quotation mark in it, which JSON must escape."""
        return [Edit(f.start, f.end, '<"X">') for f in resolve(findings, text)]


def found(text: str) -> list[Finding]:
    """The findings of a text."""
    return [Finding(m.start(), m.end(), "X", 1.0, "d") for m in CARD.finditer(text)]


def through(text: str, cuts: Sequence[int] = (), whole: bool = False) -> str:
    """What leaves a channel, joined."""
    channel, out, at = Channel(Rewriter(), len(text), whole=whole), "", 0
    for cut in [*sorted(cuts), len(text)]:
        channel.push(text[at:cut])
        at = max(at, cut)
        out += channel.release([found(q.text) for q in channel.questions()])
    channel.finish()
    return out + channel.release([found(q.text) for q in channel.questions()])


def test_strings_are_inspected_as_what_they_mean() -> None:
    """Escapes hide nothing, and what goes out is JSON again."""
    text = '{"to": "ann\\u0040acme.com", "n": [4111111111111111, 12, true], "x@y.com": "\\ud83d\\ude00"}'
    out = json.loads(through(text))
    assert out == {"to": '<"X">', "n": ['<"X">', 12, True], '<"X">': "😀"}


def test_a_key_is_context_for_its_value() -> None:
    """Nine digits are somebody's under ``ssn``, and nobody's elsewhere."""
    assert json.loads(through('{"ssn": "536904399", "id": "536904399"}')) == {"ssn": '<"X">', "id": "536904399"}
    assert json.loads(through('{"ssn": 536904399}')) == {"ssn": '<"X">'}


@pytest.mark.parametrize(
    "text",
    [
        "[4111 1111 1111 1111] is my card",
        '{"card": 4111 1111 1111 1111}',
        '{"a": true, "card": 4111 1111 1111 1111',
        "[ann@acme.com](mailto:ann@acme.com)",
        '["x", 4111 1111 1111 1111]',
        '{"a": "x"} 4111 1111 1111 1111',
    ],
)
def test_what_only_begins_like_json_is_one_text(text: str) -> None:
    """A number is believed only when a comma or bracket follows: prose is not torn apart."""
    whole: list[int] = []
    for cuts in (whole, list(range(len(text)))):
        out = through(text, cuts)
        assert "1111" not in out
        assert "ann@" not in out


@pytest.mark.parametrize("text", ['{"path": "C:\\dir"}', '{"re": "\\d+", "x": 1}', '{"a', '["x', "{", "[", '{"k\\'])
def test_broken_json_loses_and_gains_nothing(text: str) -> None:
    """What is not JSON and holds nothing goes out as it came."""
    for cut in range(len(text) + 1):
        assert through(text, [cut]) == text


def test_an_unchanged_string_of_a_whole_text_keeps_its_spelling() -> None:
    """A signature may cover the spelling, so it is not spelled anew without need."""
    text = '{"a":"\\u00e9\\/", "b\\u00e9":"ann@acme.com", "c": 1.50}'
    assert through(text, whole=True) == text.replace('"ann@acme.com"', '"<\\"X\\">"')


pieces = st.lists(
    st.sampled_from(["ann@acme.com", "4111 1111 1111 1111", "{", "}", "[", "]", '"', ":", ",", "\\", " ", "a", "1"]),
    max_size=14,
).map("".join)


@given(pieces, st.lists(st.integers(0, 80), max_size=8))
def test_no_cut_matters(text: str, cuts: list[int]) -> None:
    """Whatever the text, streamed is what whole would be."""
    assert through(text, [min(cut, len(text)) for cut in cuts]) == through(text)


def test_a_text_that_never_settles_is_not_held_for_ever() -> None:
    """Neither an endless word nor an endless number inside JSON."""
    for begin, more in (("", "a" * 50), ("[", "1" * 50), ('{"', "k" * 50)):
        channel = Channel(Rewriter(), 200)
        channel.push(begin)
        with pytest.raises(HoldExceeded):
            for _ in range(10):
                channel.push(more)
                channel.release([found(q.text) for q in channel.questions()])


@pytest.mark.parametrize(
    "text",
    [
        "[" + "1," * 150_000 + "1]",
        '["' + "\\n" * 150_000 + '"]',
        '{"' + "k " * 75_000 + '": [' + '"a",' * 20_000 + '"a"]}',
        "[" * 60 + '"x"' + "]" * 60,
        " " * 300_000,
    ],
    ids=["numbers", "escapes", "a long key", "nesting", "blanks"],
)
def test_size_costs_no_more_than_size(text: str) -> None:
    """Large texts of small parts pass (in quadratic time they would not)."""
    assert through(text, whole=True) == text
