"""Laws of the rule detector: streams are exact, the shadow is sound, any text is answered."""

import re
import unicodedata

import regex  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.pii.rules import RuleDetector
from detectors.pii.shadow import shadow

DETECTOR = RuleDetector()

# Words that are findings, parts of findings, or look like either; and what stands between words.
WORDS = """
the to a of AB C ab HRB DE GB29 NWBK 6016 1331 9268 19 call phone passport account ext. extension x12 +
+49 (030) 030 / - 12 123 1234 456-7890 212-555-0134 219-09-9999 4111 john@ex @example.com mail
foo.bar@x.org 花子.佐々木70@x.jp https://a.com/x?y=1 www.foo.com request.path 1.2.3.4 1::2 00:1a:2b:3c:4d:5e
hello diagnosis 2024-11-24 24/11/2024 iban DE89370400440532013000 visa SW1A 1AA AB12 CDE CA 電話 请联系 。 ，
" <b> ſ ١٢٣ 12% claim no.: 123456789 1234567890 rx# abcdefg abc-def A1 B2 tax ssn D1234567 license car
reg postcode zip | , ; : . diagnosed with breast cancer she has multiple sclerosis my 52.52437,
13.41053 = key=anna@x.org \u200b ' member union \\ \\n \\nanna@x.org \\u003c \\t030
""".split()  # noqa: SIM905
PHRASES = [
    *WORDS,
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "+1 (391) 737-4683",
    "AB 12 34 56 C",
    "5551234567",
    "5551234567 is my",
    "(mobile)",
    "office",
    "is my new cell",
    "to reach me",
    "gb82 west 1234 5698 7654 32",
    "34 AB 1234",
    "19 212-555-0134",
]
GLUE = [" ", " ", " ", "", "-", ". ", ", ", "\n", "  ", "\t", "\u00a0"]
TEXTS = st.lists(st.tuples(st.sampled_from(PHRASES), st.sampled_from(GLUE)), max_size=30).map(
    lambda parts: "".join(word + glue for word, glue in parts)
)


@given(TEXTS, st.data())
@settings(max_examples=300, deadline=None)
def test_a_settled_text_does_not_change(text: str, data: st.DataObject) -> None:
    """What is found before the settled position is found the same, whole, whatever comes after."""
    seen = data.draw(st.integers(0, len(text)))
    settled = DETECTOR.settled(text[:seen])
    assert 0 <= settled <= seen
    before = [f for f in DETECTOR.detect([text[:seen]])[0] if f.start < settled]
    assert before == [f for f in DETECTOR.detect([text])[0] if f.start < settled]
    assert all(f.end <= seen for f in before)


@given(TEXTS, st.data())
@settings(max_examples=300, deadline=None)
def test_after_a_cut_the_context_is_enough(text: str, data: st.DataObject) -> None:
    """From a settled position on, a buffer that begins `context` characters before it shows what the whole shows."""
    cut = DETECTOR.settled(text[: data.draw(st.integers(0, len(text)))])
    begin = max(0, cut - DETECTOR.context)
    here = [(f.start + begin, f.end + begin, f.entity, f.score) for f in DETECTOR.detect([text[begin:]])[0]]
    whole = [(f.start, f.end, f.entity, f.score) for f in DETECTOR.detect([text])[0]]
    assert [f for f in here if f[0] >= cut] == [f for f in whole if f[0] >= cut]


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_findings_keep_the_promises(text: str) -> None:
    """Findings lie in the text, are not longer than `reach`, and name an entity that was announced."""
    for finding in DETECTOR.detect([text])[0]:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.end - finding.start <= DETECTOR.reach
        assert 0 < finding.score <= 1
        assert finding.entity in DETECTOR.entities


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    """No text makes the detector raise, and the shadow of any text has its length."""
    assert len(shadow(text)) == len(text)
    assert 0 <= DETECTOR.settled(text) <= len(text)
    DETECTOR.detect([text])


def test_shadow_of_every_character() -> None:
    r"""What `\w`, `\d`, `\s` and caseless letters match in the text, they match in the shadow, for all of Unicode."""
    every = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    dark = shadow("".join(every)).decode("latin-1")
    pairs = list(zip(every, dark, strict=True))
    whole = "".join(every)
    for kind in (r"\w", r"\d", r"\s"):
        matched = set(regex.findall(kind, whole))
        assert {d for c, d in pairs if c in matched and not re.match(kind, d, re.ASCII)} == set()
    # Where \w is false in the text it is false in the shadow: \b says the same in both.
    words = set(regex.findall(r"\w", whole))
    assert not [c for c, d in pairs if c not in words and re.match(r"\w", d, re.ASCII)]
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for caseless in regex.findall(f"[{letter}]|{letter}", whole, regex.IGNORECASE):
            assert dark[whole.index(caseless)].lower() == letter
    for literal in "-+/.:@# ":
        assert dark[whole.index(literal)] == literal


def test_shadow_keeps_the_value_of_digits() -> None:
    """A decimal digit of any script becomes its ASCII digit."""
    for char in "٣", "७", "９", "𝟗":
        assert shadow(char) == str(unicodedata.decimal(char)).encode()
