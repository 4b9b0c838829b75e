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
from gateway.core.jsonvalue import Json
from gateway.core.payload import Key, Path, substitute
from gateway.core.stretch import said
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

    def renamed(self, key: str) -> str:
        """No value is known."""
        return key


def found(text: str) -> list[Finding]:
    """The findings of a text."""
    return [Finding(m.start(), m.end(), "X", 1.0, "d") for m in CARD.finditer(text)]


def through(text: str, cuts: Sequence[int] = (), whole: bool = False) -> str:
    """What leaves a channel, joined."""
    channel, out, at = Channel(Rewriter(), len(text), whole=whole), "", 0
    for cut in [*sorted(cuts), len(text)]:
        channel.push(text[at:cut])
        at = max(at, cut)
        out += said(channel.release([found(q.text) for q in channel.questions()]))
    channel.finish()
    return out + said(channel.release([found(q.text) for q in channel.questions()]))


def test_strings_are_inspected_as_what_they_mean() -> None:
    """Escapes hide nothing, and what goes out is JSON again."""
    text = '{"to": "ann\\u0040acme.com", "n": [4111111111111111, 12, true], "x@y.com": "\\ud83d\\ude00"}'
    out = json.loads(through(text))
    assert out == {"to": '<"X">', "n": ['<"X">', 12, True], '<"X">': "😀"}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_json_in_strings_is_json_again(depth: int) -> None:
    """However deep: escapes hide nothing, and what goes out parses at every level."""
    inner = '{"to": "ann\\u0040acme.com", "ssn": 536904399, "a\\u0040x.com": ["ok", "é"]}'
    text = inner
    for _ in range(depth):
        text = json.dumps({"body": text})
    for cuts in ([], list(range(len(text)))):
        out = json.loads(through(text, cuts))
        for _ in range(depth):
            out = json.loads(out["body"])
        assert out == {"to": '<"X">', "ssn": '<"X">', '<"X">': ["ok", "é"]}


@pytest.mark.parametrize("inner", ["ann@acme.com", 'say "ann@acme.com" to\n4111 1111 1111 1111', "[ann@acme.com](x)"])
def test_a_text_that_is_one_json_string(inner: str) -> None:
    """It is read as what it means, and goes out as a JSON string."""
    text = json.dumps(inner).replace("@", "\\u0040")
    for cuts in ([], list(range(len(text)))):
        out = json.loads(through(text, cuts))
        assert out == CARD.sub('<"X">', inner)


def test_json_that_was_encoded_twice() -> None:
    """A JSON string that holds an object is that object."""
    text = json.dumps(json.dumps({"to": "ann@acme.com"}))
    assert json.loads(json.loads(through(text, range(len(text))))) == {"to": '<"X">'}


@pytest.mark.parametrize(
    "text",
    [
        '"My card:" 4111 1111 1111 1111',
        '"4111 1111" 1111 1111',
        '"C:\\dir\\new" and "x',
        '"one line\nand more," she said',
        '"',
        '"{',
        '"[1] Smith" is a reference',
    ],
)
def test_speech_in_quotation_marks_is_one_text(text: str) -> None:
    """What only begins like a JSON string loses and gains nothing, and is not torn apart at its end."""
    wanted = text.replace("4111 1111 1111 1111", '<"X">')
    for cuts in ([], list(range(len(text)))):
        assert through(text, cuts) == wanted


def test_keys_that_become_alike_stay_apart() -> None:
    """In one object; whole and streamed alike, plain words among them too; what came twice stays as it came."""
    text = '{"a@x.com": 1, "b@x.com": {"a@x.com": 2}, "c@x.com": 3, "k": 4, "k": 5, "<\\"X\\">": 6}'
    wanted = r'{"<\"X\">": 1, "<\"X\"> (2)": {"<\"X\">": 2}, "<\"X\"> (3)": 3, "k": 4, "k": 5, "<\"X\"> (4)": 6}'
    for cuts in ([], list(range(len(text)))):
        assert through(text, cuts) == wanted


def test_whole_objects_number_their_keys_as_texts_do() -> None:
    """An object that comes as JSON and one that comes as a JSON text read alike."""
    value: Json = {"a@x.com": 1, "b@x.com": {"c@x.com": 2, "d@x.com": 3}}
    changes: dict[Path, Json] = {
        (Key("a@x.com"),): '<"X">',
        (Key("b@x.com"),): '<"X">',
        ("b@x.com", Key("c@x.com")): '<"X">',
        ("b@x.com", Key("d@x.com")): '<"X">',
    }
    assert substitute(value, changes) == json.loads(through(json.dumps(value)))


def test_what_is_unchanged_keeps_its_spelling_around_what_is_not() -> None:
    """In streams too: only what is replaced is spelled anew; and control characters, which JSON forbids."""
    text = r'{"a": "\u00e9 ann\u0040acme.com \/", "b": "' + "x\ty" + '"}'
    wanted = r'{"a": "\u00e9 <\"X\"> \/", "b": "x\ty"}'
    assert through(text) == through(text, range(len(text))) == wanted


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
