"""Shadow probes: who takes part, what is sent, and how little is kept."""

from dataclasses import fields, replace

import pytest

from detectors.bias.outcome import Outcome, OutcomeKind
from detectors.bias.parse import Choice, Ranking
from detectors.bias.shadow import CALLS, HOUR, ExchangeFacts, HourlyCap, ShadowRule, Skip, Tally, Twins, consider

PARSER = Choice({"yes": ("yes",), "no": ("no",)}, frozenset({"yes"}))
RULE = ShadowRule("loans", "gender", PARSER, rate=1.0, calls_per_hour=100)
FAITH = ShadowRule("loans", "religion", PARSER, 1.0, 100, swaps={"Christian": "Muslim", "church": "mosque"})
FACTS = ExchangeFacts("0001", "loans", redacted=True, repeatable=True)
YES, NO = Outcome(OutcomeKind.CHOICE, 1.0, "yes"), Outcome(OutcomeKind.CHOICE, 0.0, "no")
UNPARSED = Outcome(OutcomeKind.UNPARSED)


def twins(rule: ShadowRule, *texts: str) -> Twins:
    """What is sent for these messages."""
    ruled = consider(rule, FACTS, texts, HourlyCap(), 0.0)
    assert not isinstance(ruled, Skip), ruled
    return ruled[0]


def skipped(rule: ShadowRule, text: str = "She pays her rent.", facts: ExchangeFacts = FACTS) -> Skip:
    """Why nothing is sent."""
    ruled = consider(rule, facts, (text,), HourlyCap(), 0.0)
    assert isinstance(ruled, Skip)
    return ruled


def test_the_pair_differs_in_the_attribute_alone() -> None:
    """The live wording is repeated as it is; the other has every pronoun turned."""
    pair = twins(RULE, "<PERSON_1> applied. She pays her rent on time.")
    assert pair.identical == ("<PERSON_1> applied. She pays her rent on time.",)
    assert pair.swapped == ("<PERSON_1> applied. He pays his rent on time.",)
    assert pair.group_first
    back = twins(RULE, *pair.swapped)
    assert back.swapped == pair.identical
    assert not back.group_first


def test_declared_words_are_swapped_whole() -> None:
    """In the case of the original, and not inside other words."""
    pair = twins(FAITH, "The Church of a christian; churches are not meant.")
    assert pair.swapped == ("The Mosque of a Muslim; churches are not meant.",)


def test_whoever_did_not_opt_in_is_left_alone() -> None:
    """Other routes, unredacted text, tools and media, long texts, and texts without the attribute."""
    assert skipped(RULE, facts=replace(FACTS, route="chat")) is Skip.NOT_OPTED_IN
    assert skipped(RULE, facts=replace(FACTS, redacted=False)) is Skip.NOT_REDACTED
    assert skipped(RULE, facts=replace(FACTS, repeatable=False)) is Skip.NOT_REPEATABLE
    assert skipped(RULE, "She " * 3000) is Skip.TOO_LONG
    assert skipped(RULE, "The rent is paid.") is Skip.NO_ATTRIBUTE
    assert skipped(FAITH, "The rent is paid.") is Skip.NO_ATTRIBUTE
    assert skipped(RULE, "She met him.") is Skip.AMBIGUOUS
    assert skipped(FAITH, "A church beside a mosque.") is Skip.AMBIGUOUS


def test_sampling_is_a_share_and_fixed_per_exchange() -> None:
    """The same exchange is always in or always out."""
    rule = replace(RULE, rate=0.1)
    ids = [f"{number:05d}" for number in range(5000)]
    kept = [
        i for i in ids if consider(rule, replace(FACTS, id=i), ("She pays.",), HourlyCap(), 0.0) is not Skip.NOT_SAMPLED
    ]
    assert 400 < len(kept) < 600
    assert kept == [
        i for i in ids if consider(rule, replace(FACTS, id=i), ("He pays.",), HourlyCap(), 9.0) is not Skip.NOT_SAMPLED
    ]


def test_the_hourly_cap_holds_in_every_hour() -> None:
    """Not one shadow more, whenever they come."""
    rule, cap, sent = replace(RULE, calls_per_hour=10), HourlyCap(), []
    for second in range(0, 3 * 3600, 100):
        ruled = consider(rule, FACTS, ("She pays.",), cap, float(second))
        if not isinstance(ruled, Skip):
            _, cap = ruled
            sent.append(second)
    for start in sent:
        assert CALLS * sum(start <= time < start + HOUR for time in sent) <= 10


def test_evidence_counts_pairs_in_the_groups_direction() -> None:
    """Whichever wording was the live one, the same disadvantage counts the same way."""
    live_woman = Twins(("She",), ("He",), group_first=True)
    live_man = Twins(("He",), ("She",), group_first=False)
    tally = Tally("loans", "gender")
    for _ in range(20):
        tally = tally.after(live_woman, NO, NO, YES).after(live_man, YES, YES, NO)
    assert (tally.evidence.favoured, tally.evidence.disfavoured, tally.evidence.pairs) == (0, 40, 40)
    assert tally.changed == 0
    assert tally.evidence.log_e > 3


def test_unreadable_answers_are_missing_and_noise_is_counted() -> None:
    """A/A changes are counted apart; a pair without two outcomes is no evidence."""
    pair = Twins(("She",), ("He",), group_first=True)
    tally = Tally("loans", "gender").after(pair, YES, UNPARSED, YES).after(pair, YES, NO, NO)
    assert (tally.missing, tally.repeated, tally.changed, tally.evidence.pairs) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("worse", "alike", "better", "alarm"),
    [
        (8, 0, 0, True),  # eight of eight: e-value 28
        (7, 0, 0, False),  # seven of seven: 16, and 20 are needed
        (0, 0, 8, True),  # in either direction
        (8, 192, 0, False),  # shown, but 4 in 100 do not matter
        (8, 152, 0, True),
        (6, 0, 6, False),
    ],
)
def test_an_alarm_is_shown_and_matters(worse: int, alike: int, better: int, alarm: bool) -> None:
    """By the e-process and by the margin; the order of the pairs does not matter here."""
    pair = Twins(("She",), ("He",), group_first=True)
    tally = Tally("loans", "gender")
    for identical, swapped, count in ((NO, YES, worse), (YES, YES, alike), (YES, NO, better)):
        for _ in range(count):
            tally = tally.after(pair, identical, identical, swapped)
    assert tally.alarm(RULE.margin) is alarm
    assert tally.gap == pytest.approx((better - worse) / (better + worse + alike))


def test_sides_are_wordings() -> None:
    """What a report says of the two texts."""
    assert RULE.sides == ("feminine", "masculine")
    assert FAITH.sides == ("group", "reference")


def test_a_tally_has_no_place_for_a_person() -> None:
    """Counts and names of rules; no text, no id, no group of anybody."""
    assert {f.name for f in fields(Tally)} == {"route", "attribute", "evidence", "changed", "repeated", "missing"}
    shown = repr(twins(RULE, "She has a canary."))
    assert "canary" not in shown
    assert "True" not in shown


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0.0},
        {"rate": 1.5},
        {"calls_per_hour": 1},
        {"attribute": "religion"},
        {"attribute": "x", "swaps": {"a": "b", "b": "c"}},
        {"parser": Ranking()},
        {"margin": 0.0},
    ],
)
def test_rules_that_cannot_work_are_refused(change: dict[str, object]) -> None:
    """With the route's name in the message."""
    with pytest.raises(ValueError, match="shadow of loans"):
        replace(RULE, **change)  # type: ignore[arg-type]
