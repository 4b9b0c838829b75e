"""The laws of obfuscation undone: any text, any cut, and the way back."""

import base64
import gzip
import re
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.detector import Detector, Finding, settled_by_promise
from detectors.normalize.hidden import HiddenText
from detectors.normalize.undo import views
from detectors.normalize.wrapper import Normalized


class Emails:
    """A detector that keeps its promises and is small enough to be sure of that."""

    name = "emails"
    entities = frozenset({"EMAIL_ADDRESS", "NUMBER"})
    reach = 40
    context = 1
    lookahead = 1
    _tail = re.compile(r"[\w.@-]*\Z")  # nothing that it finds crosses another character
    _patterns = (
        ("EMAIL_ADDRESS", re.compile(r"(?<![\w.@])[a-z.]{1,16}@[a-z]{1,16}\.[a-z]{2,4}(?![\w@])")),
        ("NUMBER", re.compile(r"(?<![\w-])[0-9][0-9-]{7,20}[0-9](?![\w-])")),
    )

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        return [
            [Finding(m.start(), m.end(), e, 0.9, self.name) for e, p in self._patterns for m in p.finditer(text)]
            for text in texts
        ]

    def settled(self, text: str) -> int:
        return max(settled_by_promise(self, text), len(text) - len(self._tail.search(text)[0]))  # type: ignore[index]


SECRET = "mail anna@example.com or 123-45-6789 now"
FRAGMENTS = [
    "anna@example.com", "anna%40example.com", "a%6e%6Ea@ex%61mple.com", "anna&#64;example&#x2e;com",
    "+ ", "&amp;#64;", "an\u200bna@exam\u200b\u200dple.com", "ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "аnna@ехаmple.com",
    "anna [at] example [dot] com", "anna at example dot com",
    "anna dot lee at mail dot example dot co dot uk", "\\u0061nna\\u0040example.com",
    "five five five one two three four five six", "1 2 3 - 4 5 - 6 7 8 9", "1–2 3 4 5 6 7 8 9 0",
    "123–45–6789",
    "G B 8 2 W E S T 1 2 3 4 5 6 9 8 7 6 5 4 3 2", "( 5 5 5 ) 1 2 3 - 4 5 6 7",
    base64.b64encode(SECRET.encode()).decode(), SECRET.encode().hex(),
    base64.b64encode(SECRET.encode() * 20).decode(), "hxxp://a[.]com", "\u200b" * 9, "\u200b" * 3,
    "\U000e0041\U000e0042", "Привет", "ра", "о", "日本", "𝐚𝐛", "①②", " ", " ", ", ", "\n", "-", "--",
    "at", "dot", " at ", " dot ", "@", ".", "[", "]", "%", "%4", "&", "&#", "\\", "\\u", "0x",
    "the", "a", "x", "1", "7 ", "=", "_", "é", "ı", "ﬁ", "\ud800", "\x00", "one", "double ",
    "triple seven ", "4111.1111.1111.1111", "4111111111111111", "4111_", "1111_", "1111, ", "card ",
    "3782*822463*10005", "411 111 111 111 111 1", "41 11 11 11 11 11 11 11", "11 ", "my_card_",
    base64.b32encode(SECRET.encode()).decode(), base64.b32encode(SECRET.encode() * 9).decode().lower(),
    base64.b64encode(gzip.compress(SECRET.encode(), mtime=0)).decode(), "61 ", "40:", "0x6", "id_",
    base64.b64encode(zlib.compress(b"a@b.com")).decode(), SECRET.encode().hex(" "), SECRET.encode().hex(":"),
    ", ".join(map(hex, SECRET.encode())),
    base64.encodebytes(SECRET.encode() * 4).decode(), "QUFB" * 12,
    base64.encodebytes(b"x" * 50 + SECRET.encode()).decode(),
    "anna\\100example\\056com", "卡号", "是219-09-9999", "です", "_219-09-9999_", "__", "%20", "_anna@example.com_",
    "123456789__ ",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=14).map("".join)


def keys(findings: Sequence[Finding], before: int) -> list[tuple[int, int, str]]:
    return sorted((f.start, f.end, f.entity) for f in findings if f.start < before)


def holds_under_cut(detector: Detector, text: str, cut: int) -> None:
    head = text[:cut]
    settled = detector.settled(head)
    assert 0 <= settled <= len(head)
    whole, part = detector.detect([text, head])
    assert keys(whole, settled) == keys(part, settled)
    assert all(f.end <= cut for f in whole if f.start < settled)


@settings(max_examples=150, deadline=None)
@given(texts, st.data())
def test_what_is_settled_stays(text: str, data: st.DataObject) -> None:
    """No continuation changes, adds or removes a finding before the settled position."""
    cut = data.draw(st.integers(0, len(text)))
    holds_under_cut(Normalized(Emails()), text, cut)
    holds_under_cut(HiddenText(), text, cut)


@settings(max_examples=80, deadline=None)
@given(texts)
def test_any_text_is_taken_and_findings_lie_inside(text: str) -> None:
    """No exception, offsets in the original, nothing longer than promised, nothing that the inner detector loses."""
    detector = Normalized(Emails())
    (findings,) = detector.detect([text])
    (plain,) = Emails().detect([text])
    assert set(plain) <= set(findings)
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.end - finding.start <= detector.reach


@settings(max_examples=80, deadline=None)
@given(texts)
def test_every_range_of_a_view_has_a_place(text: str) -> None:
    """`to_original` is monotone, lands inside the text, and an unchanged range reads the same there."""
    for view in views(text):
        last = 0
        for position in range(len(view.text)):
            low, high = view.to_original(position, position + 1)
            assert last <= low <= high <= len(text)
            last = low
            if not view.changed(position, position + 1):
                assert text[low:high] == view.text[position]


@given(st.lists(st.sampled_from(["the", "cat", "sat", "on", "mat", "7", "and", "one", "went", "home"]), max_size=40))
def test_plain_text_has_no_other_reading(words: list[str]) -> None:
    """What is not obfuscated costs no second look."""
    if not any(w in words for w in ("7", "one")):
        assert not views(" ".join(words) + ".")


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_findings_do_not_depend_on_what_is_far_away(before: str, after: str) -> None:
    """What stands beyond context and lookahead changes nothing."""
    detector = HiddenText()
    middle = " " * detector.context + "\u200b" * 12 + " " * detector.lookahead
    (alone,) = detector.detect([middle])
    (amid,) = detector.detect([before + middle + after])
    low, high = len(before), len(before) + len(middle)
    assert [f.start - low for f in amid if low <= f.start < high] == [f.start for f in alone]


ATS = (" at ", " [at] ", "(at)", " @ ", "[ at ]", "<at>", " {a} ", "_at_", "_ at_", "_a_", "*at*", "  at  ")
DOTS = (" dot ", " [dot] ", "(.)", "[ dot ]", " (d) ", "[punkt]", " (point) ", "  dot  ", "_dot_", "[.]", ".")


@pytest.mark.parametrize("at", ATS)
def test_an_address_in_words_is_waited_for(at: str) -> None:
    """Whatever its signs are written as, also as letters of a word: at no cut is it settled as something else."""
    detector = Normalized(Emails())
    for dot in DOTS:
        for name in ("anna", "anna.lee", "a dot b"):
            text = f"Ask {name}{at}acme{dot}com{dot}uk now, or dot."
            (found,) = detector.detect([text])
            for cut in range(len(text)):
                settled = detector.settled(text[:cut])
                assert keys(detector.detect([text[:cut]])[0], settled) == keys(found, settled), text[:cut]
