"""The tagger keeps the stream laws: what is settled no continuation changes, what is far away does not matter."""

import random
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.detector import Finding
from detectors.ner.recall import Recall
from detectors.ner.tagger import Tagger
from detectors.ner.tokens import cut
from tests.support.chance_network import SELDOM, chance_tagger

PIECES = (
    # names and places
    *(
        "Anna",
        "Smith",
        "O'Brien",
        "dr.",
        "Mr. ",
        "Danes",
        " Danish",
        "Sri ",
        "Lankan",
        "Jean-Luc",
        "van der Berg",
        "Müller",
        "李 明",
        "Иван Петров",
        "Paris",
    ),
    *(
        "New York",
        "Acme",
        " Corp",
        " GmbH",
        " LLC",
        "und ",
        "Frau ",
        "12 Main Street",
        ", ",
        ",",
        "Springfield",
        " IL 62704",
        "10115 Berlin",
        "rue de la ",
        "Qx9 ",
        " Zzyzx ",
        " / ",
        "Block C ",
        "Giles Ville",
        "Paix 3",
        "Hauptstr. ",
        "karl-",
        "marx-",
        "straße",
        " Straße",
        ", nr. ",
        " SW1A",
        " 1AA",
        "Postfach ",
        "Post Office ",
        "PO Box 12",
        "Street",
    ),
    # dates and ages
    *("May 5", "th", ", 2024", "2024-05-", "06", "T12:30:00Z", "12:30", " pm", "at ", "Monday", "March", "aged ", "34"),
    *(" years old", "1", "00", ", 34, ", " (34)", " is ", "my son"),
    # masked values, whole and in parts
    *("anna.smith", "@", "example.com", "@bob_1", "https://", "x.io/a?b=c", "@param ", "/", "+1 (555) 010-9999"),
    # words, signs, blanks, barriers
    *("hello", "the ", "works for ", "lives in ", "my name is ", "call ", ". ", ".", ": ", "-", "(", ")", "[", "é"),
    *("\u0301", "\u200b", "😀", "_", "=====", "\n", "\n\n", "\t", " ", " ", " ", "  ", " " * 10, '{"name": "', '"}'),
    # program text and logs
    *("joe", "nova.virt.", ".py", " = ", " == ", "if ", ":\n", "range(a, ", "07.123 12 D ", "\\n", "\\nAnna"),
    *(" is None", "tti_", "``", "Jop.mat(", "    ", "return ", " | ", "-> ", "\\"),
    *("A" * 70, "x" * 40, "Ab " * 60),
)


@cache
def tagger() -> Tagger:
    return Tagger()


by_chance = cache(chance_tagger)


def texts(most: int = 60) -> st.SearchStrategy[str]:
    spaced = st.lists(st.sampled_from(PIECES), max_size=most).map(" ".join)
    joined = st.lists(st.sampled_from(PIECES), max_size=most).map("".join)
    return st.one_of(spaced, joined, st.text(max_size=80))


def before(findings: list[Finding], position: int) -> list[Finding]:
    return [finding for finding in findings if finding.start < position]


@settings(max_examples=80, deadline=None)
@given(texts(), texts(12))
def test_what_is_settled_no_continuation_changes(text: str, more: str) -> None:
    """Findings of `text + more` that start before the settled position are those of `text`, whole."""
    keeps_settled(tagger(), text, more)


@settings(max_examples=200, deadline=None)
@given(texts(20), texts(12), st.sampled_from((1, 2, 4, SELDOM)))
def test_that_holds_whatever_the_network_says(text: str, more: str, odds: int) -> None:
    """The rules and the decoding keep the law over a network that is local and otherwise mad, or finds nothing."""
    keeps_settled(by_chance(odds), text, more)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from((" a", " b", ",", "\n", " Mr. Cy", " May 9, 1924")), max_size=24), st.integers(0, 24))
def test_that_holds_where_addresses_go_on_through_commas(pieces: list[str], at: int) -> None:
    """Over a network that finds something everywhere."""
    keeps_settled(by_chance(1), "".join(pieces[:at]), "".join(pieces[at:]))


def keeps_settled(detector: Tagger, text: str, more: str) -> None:
    position = detector.settled(text)
    now, later = detector.detect([text, text + more])
    assert 0 <= position <= len(text)
    assert before(now, position) == before(later, position)


@settings(max_examples=12, deadline=None)
@given(texts(150), st.integers(0, 1 << 32))
def test_random_cuts_settle_the_same_findings_as_the_whole(text: str, seed: int) -> None:
    """Collecting settled findings delta by delta gives the findings of the whole text."""
    rng = random.Random(seed)
    (whole,) = tagger().detect([text])
    collected: list[Finding] = []
    done = at = 0
    while at < len(text):
        at = min(len(text), at + rng.randint(1, 60))
        settled = tagger().settled(text[:at])
        if settled > done:
            (found,) = tagger().detect([text[:at]])
            collected += [finding for finding in found if done <= finding.start < settled]
            done = settled
    collected += [finding for finding in whole if finding.start >= done]
    assert collected == whole


@settings(max_examples=30, deadline=None)
@given(texts(200), texts(12), st.integers(0, 1 << 32))
def test_what_lies_beyond_the_context_does_not_matter(text: str, other: str, seed: int) -> None:
    """A finding is the same when everything farther away than the promised context is cut off or replaced."""
    detector = tagger()
    at = random.Random(seed).randint(0, len(text))
    low, high = max(0, at - detector.context), min(len(text), at + detector.lookahead)
    (whole,) = detector.detect([text])
    for left, right in (("", ""), (other, other)):
        (part,) = detector.detect([left + text[low:high] + right])
        moved = [
            Finding(f.start - len(left) + low, f.end - len(left) + low, f.entity, f.score, f.detector) for f in part
        ]
        expected = [f for f in whole if f.start - detector.context >= low and f.end + detector.lookahead <= high]
        assert [
            f for f in moved if f.start - detector.context >= low and f.end + detector.lookahead <= high
        ] == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(texts(40), max_size=6))
def test_a_batch_finds_what_each_text_alone_has(batch: list[str]) -> None:
    """Batching changes nothing, bit for bit: scores are equal, not close."""
    together = tagger().detect(batch)
    assert together == [tagger().detect([text])[0] for text in batch]
    assert all(f.end - f.start <= tagger().reach for findings in together for f in findings)


@settings(max_examples=60, deadline=None)
@given(texts(80), st.integers(0, 1 << 32))
def test_remembered_scores_are_the_computed_ones(text: str, seed: int) -> None:
    """A growing text, and any excerpt with its end, get the scores of a text that was never seen, bit for bit."""
    network, rng = tagger()._network, random.Random(seed)
    recall = Recall(network)
    at = 0
    while at < len(text):
        at = min(len(text), at + rng.randint(1, 60))
        for part, remembered in ((text[:at], recall.growing), (text[rng.randint(0, at) : at], recall.grown)):
            keys = cut([part])[0].keys
            scores, expected = remembered(keys), network.scores([keys])
            if scores is not None:
                assert scores.at.tolist() == expected.at.tolist()
                assert scores.values.tobytes() == expected.values.tobytes()
