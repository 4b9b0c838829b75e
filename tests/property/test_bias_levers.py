"""Laws of the levers: what is blinded is equal, what is asked for all is answered for all, orders do not matter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bias.mitigation.blinding import Gender, Person, blind, variants
from detectors.bias.mitigation.ensemble import aggregate
from detectors.bias.mitigation.quarantine import Hysteresis, Record, Route, route
from detectors.bias.mitigation.shuffle import borda, orders
from detectors.bias.mitigation.slots import find_slots
from detectors.bias.outcome import Outcome, OutcomeKind, Verdict

FIRST = ("Emily", "Anne", "Sarah")
SECOND = ("Jamal", "Tyrone", "Leroy")
NAMES = FIRST + SECOND

#: Pieces of a text as (about a woman, about a man); plain words are the same for both.
WORDS = (
    ("she", "he"), ("her", "his"), ("her", "him"), ("herself", "himself"), ("woman", "man"), ("Her", "His"),
    ("aunt", "uncle"), ("Ms. Lopez", "Mr. Lopez"), ("an Asian person", "a Black person"), ("waitress", "waiter"),
    ("aged 81", "aged 34"), ("Spelman College", "Wabash College"), ("", ""),
)  # fmt: skip
PLAIN = ("and", "the file", "works well.", "person", "yesterday", "woman's", "Boston,", "a", "“quoted”", "42")

pieces = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.integers(0, 2).map(lambda i: (FIRST[i], SECOND[i])),
        st.sampled_from(PLAIN).map(lambda word: (word, word)),
    ),
    max_size=25,
)
outcomes = st.sampled_from(
    [Outcome(OutcomeKind.CHOICE, 1.0, "yes"), Outcome(OutcomeKind.CHOICE, 0.0, "no"), Outcome(OutcomeKind.REFUSAL),
     Outcome(OutcomeKind.UNPARSED), Outcome(OutcomeKind.NUMBER, 0.1), Outcome(OutcomeKind.NUMBER, 0.7)]
)  # fmt: skip


@settings(max_examples=200)
@given(pieces)
def test_texts_that_differ_in_the_group_alone_are_equal_when_blinded(parts: list[tuple[str, str]]) -> None:
    """The law on which blinding and ensembling rest."""
    her, him = (" ".join(part[side] for part in parts) for side in (0, 1))
    assert blind(her, NAMES).text == blind(him, NAMES).text
    people = (Person("f", ("Ines",), Gender.FEMININE, "Asian"), Person("m", ("Otto",), Gender.MASCULINE, "White"))
    assert variants(find_slots(her, NAMES), people) == variants(find_slots(him, NAMES), people)


@given(st.text(max_size=200))
def test_any_text_can_be_blinded_and_nothing_else_is_lost(text: str) -> None:
    """No crash; slots filled with their originals give the text back, articles aside."""
    slotted = find_slots(text, NAMES)
    assert isinstance(blind(text, NAMES).text, str)
    if not slotted.slots:
        assert blind(text, NAMES).text == text


@given(pieces)
def test_blinding_twice_changes_nothing_more(parts: list[tuple[str, str]]) -> None:
    """Neutral words are not found again."""
    once = blind(" ".join(part[0] for part in parts), NAMES).text
    assert blind(once, NAMES).text == once


@given(st.lists(outcomes, max_size=6), st.randoms(use_true_random=False))
def test_an_ensemble_does_not_depend_on_the_order(answers: list[Outcome], random: object) -> None:
    """Whoever the caller sent is one variant among equals."""
    tie = Outcome(OutcomeKind.UNPARSED)
    shuffled = list(answers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert aggregate(answers, tie) == aggregate(shuffled, tie)


@given(st.lists(st.text(min_size=1, max_size=4), unique=True, min_size=1, max_size=6), st.data())
def test_joint_rankings_do_not_depend_on_how_candidates_were_listed(ids: list[str], data: st.DataObject) -> None:
    """Neither the orders nor the result know who was listed first; the result ranks everybody once."""
    listed = data.draw(st.permutations(ids))
    assert orders(ids) == orders(listed)
    rankings = data.draw(st.lists(st.permutations(ids), max_size=4))
    assert borda(ids, rankings) == borda(listed, rankings)
    assert sorted(borda(ids, rankings)) == sorted(ids)


@given(st.lists(st.tuples(st.sampled_from(list(Verdict)), st.floats(0, 50)), max_size=30))
def test_after_a_failure_it_takes_as_many_passes_as_declared(history: list[tuple[Verdict, float]]) -> None:
    """Whatever happened before: a primary route after a failure has at least that many passes since, after the rest."""
    rules = Hysteresis(passes=3, rest=10.0, fresh=1_000.0)
    record, now, passes, failed_at = Record(), 0.0, 0, None
    for verdict, wait in history:
        now += wait
        record = record.after(verdict, now, rules)
        if verdict is Verdict.FAIL:
            passes, failed_at = 0, now
        elif verdict is Verdict.PASS:
            passes += 1
        if failed_at is not None and route(record, None, now, rules) is Route.PRIMARY:
            assert passes >= 3
            assert now - failed_at >= 10.0
