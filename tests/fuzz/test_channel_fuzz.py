"""Texts that are JSON, nearly JSON or no JSON, cut anywhere: a channel changes what is found and nothing else."""

import itertools
import json
import re
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.detector import Finding
from gateway.core.channel import Channel
from gateway.core.stretch import said
from gateway.core.strictjson import JsonRefused, parse
from gateway.core.window import Edit
from gateway.policy.cases import all_strings

DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){6,29}")
OPEN_END = re.compile(r"[0-9][0-9 -]*\Z")
SIGN = "•"
"""What replaces a run of digits."""


class Digits:
    """Finds and replaces seven to thirty digits with single blanks or dashes between them."""

    context = 0

    def horizon(self, text: str) -> int:
        """All but digits at the end, which may go on."""
        tail = OPEN_END.search(text)
        return len(text) if tail is None else tail.start()

    def relevant(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """All."""
        return list(findings)

    def edits(self, text: str, findings: Sequence[Finding]) -> list[Edit]:
        """One sign for each."""
        return [Edit(f.start, f.end, SIGN) for f in findings]

    def renamed(self, key: str) -> str:
        """No value is known."""
        return key

    @staticmethod
    def detect(text: str) -> list[Finding]:
        """Find them."""
        return [Finding(m.start(), m.end(), "D", 1.0, "digits") for m in DIGITS.finditer(text)]


def through(pieces: Sequence[str], whole: bool = False) -> str:
    """Return what leaves a channel that is fed these pieces."""
    channel = Channel(Digits(), max_hold=10_000, whole=whole)
    out = []
    for piece in pieces:
        channel.push(piece)
        if whole:
            break
        out.append(said(channel.release([Digits.detect(question.text) for question in channel.questions()])))
    channel.finish()
    out.append(said(channel.release([Digits.detect(question.text) for question in channel.questions()])))
    return "".join(out)


MARKS = tuple('"[]{},:.- \n')
JSONISH = ('{"a": ', '"{\\"a\\": ', '"[\\"', '\\"', '\\\\\\"', "1e5", "true", "nul", '"b"', '{"', '["', "[1")
NUMBERS = ("4111 1111 1111 1111", "555-123-4567", "1234567", "12")
ESCAPES = ("\\u0041", "\\ud83d", "\\ude00", "\\n", "\\", "\\q", "x", "é")
fragments = st.sampled_from(MARKS + JSONISH + NUMBERS + ESCAPES)
texts = st.lists(fragments, max_size=12).map("".join) | st.text(max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from(["4111 1111 1111 1111", "1234567"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
cut = st.lists(st.integers(0, 60), max_size=6)


def pieces_of(text: str, places: Sequence[int]) -> list[str]:
    """Cut a text."""
    edges = [0, *sorted(place for place in places if place < len(text)), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(texts, cut)
@example("[4111 1111 1111 1111] is my card", [5])
@example('{"card": 4111 1111 1111 1111}', [14])
@example('{"path": "C:\\dir"}', [13])
def test_any_cut_leaves_the_same(text: str, places: Sequence[int]) -> None:
    """Exactness: however a text is cut, the same leaves, and no long run of digits is in it."""
    whole = through([text])
    assert through(pieces_of(text, places)) == whole
    assert through(list(text)) == whole
    assert DIGITS.search(whole) is None
    if "\\" not in text:  # no sign of a run is left over, wherever the text stopped being JSON
        assert sum(map(str.isdigit, whole)) <= sum(map(str.isdigit, DIGITS.sub("", text)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(texts)
def test_what_holds_nothing_leaves_as_it_came(text: str) -> None:
    """Fidelity: a whole text in which nothing is found leaves to the letter."""
    if DIGITS.search(text) is None:
        assert through([text], whole=True) == text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(values, st.booleans(), st.integers(0, 3), cut)
def test_json_stays_json(value: object, ascii_only: bool, nested: int, places: Sequence[int]) -> None:
    """A JSON text leaves as one, and no string of it holds what is to be found, nor one inside a string."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    for _ in range(nested):
        text = json.dumps({"a": text}) if nested % 2 else json.dumps(text)
    try:
        before = parse(text)
    except JsonRefused:
        return
    left = through(pieces_of(text, places))
    if isinstance(before, dict | list):
        after = json.loads(left)  # keys that were rewritten may be alike
        assert not any(DIGITS.search(each) for _, each in all_strings(after))
        if DIGITS.search(text) is None and not any(DIGITS.search(each) for _, each in all_strings(before)):
            assert after == before
