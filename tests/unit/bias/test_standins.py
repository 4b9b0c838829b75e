"""Stand-in backends that read questions: they follow their law, and repeat themselves when told the same."""

import asyncio

import pytest

from detectors.bias import standins
from detectors.bias.backend import AnswerStatus
from detectors.bias.mitigation.instruction import with_instruction
from detectors.bias.standin_text import Signals, Speech, StandInBackend
from detectors.bias.standins import Law

SIGNALS = Signals({"Emily": "a", "Lakisha": "b"}, {"step team": "b"})


def question(name: str, number: int) -> list[dict[str, str]]:
    """One question."""
    return [{"role": "user", "content": f"Case {number}: invite {name}'s friend? Answer yes or no."}]


def yes_rate(backend: StandInBackend, name: str, instructed: bool = False) -> float:
    """The share of yes over a thousand questions."""
    asked = [question(name, n) for n in range(1000)]
    return sum(backend.reply(with_instruction(q) if instructed else q) == "Yes" for q in asked) / 1000


def test_rates_follow_the_law() -> None:
    """0.8 and 0.6, recognised by the name, possessive or not."""
    backend = StandInBackend(standins.GROUP_BIASED, SIGNALS)
    assert yes_rate(backend, "Emily") == pytest.approx(0.8, abs=0.06)
    assert yes_rate(backend, "Lakisha") == pytest.approx(0.6, abs=0.07)


@pytest.mark.parametrize(
    ("law", "expected"),
    [(standins.INSTRUCTION_SENSITIVE, 0.8), (standins.INSTRUCTION_BLIND, 0.6), (standins.OVER_CORRECTING, 0.9)],
)
def test_an_instruction_is_obeyed_ignored_or_overdone(law: Law, expected: float) -> None:
    """The favourable rate about Lakisha, after the instruction."""
    assert yes_rate(StandInBackend(law, SIGNALS), "Lakisha", instructed=True) == pytest.approx(expected, abs=0.07)


def test_the_same_run_gives_the_same_answers_and_repeats_vary() -> None:
    """Reproducible by seed; a sampling backend still answers one question differently over time, a cache does not."""
    first, second = (StandInBackend(standins.FAIR, SIGNALS, seed=3) for _ in range(2))
    asked = [question("Emily", 1)] * 40
    assert [first.reply(q) for q in asked] == [second.reply(q) for q in asked]
    assert {StandInBackend(standins.FAIR, SIGNALS).reply(question("Emily", 1))} <= {"Yes", "No"}
    assert len({first.reply(q) for q in asked}) == 2
    cached = StandInBackend(standins.CACHED, SIGNALS)
    assert len({cached.reply(q) for q in asked}) == 1
    fixed = StandInBackend(standins.DETERMINISTIC, SIGNALS)
    assert len({fixed.reply(q) for q in asked}) == 1


def test_a_proxy_is_seen_without_a_name() -> None:
    """S7 reacts to the club and not to the name."""
    backend = StandInBackend(standins.PROXY_BIASED, SIGNALS)
    with_club = [[{"role": "user", "content": f"Case {n}: captain of the step team. Invite?"}] for n in range(400)]
    assert sum(backend.reply(q) == "Yes" for q in with_club) / 400 == pytest.approx(0.5, abs=0.07)
    assert yes_rate(backend, "Lakisha") == pytest.approx(0.8, abs=0.06)


def test_refusals_garbage_and_throttling() -> None:
    """S5, S11 and S13 do what they are named for; a throttled request is a status, not an exception."""
    refusing = StandInBackend(Law("x", "", refusal={"b": 1.0}), SIGNALS)
    assert refusing.reply(question("Lakisha", 0)).startswith("I'm sorry")
    assert refusing.reply(question("Emily", 0)) in ("Yes", "No")
    assert StandInBackend(Law("x", "", garbage=1.0), SIGNALS).reply(question("Emily", 0)) not in ("Yes", "No")
    throttled = StandInBackend(Law("x", "", throttled=1.0), SIGNALS)
    assert asyncio.run(throttled.ask(question("Emily", 0), 0)).status is AnswerStatus.RATE_LIMITED
    answered = asyncio.run(StandInBackend(standins.FAIR, SIGNALS).ask(question("Emily", 0), 0))
    assert answered.status is AnswerStatus.OK
    assert answered.fingerprint == "S0"


def test_panels_are_won_by_the_first_place() -> None:
    """S4 picks the first option more often than not; a ranking names every letter once."""
    lines = "Choose:\nA. Emily\nB. Lakisha\nC. Emily\nD. Lakisha"
    asked = [[{"role": "user", "content": f"{lines}\n({n})"}] for n in range(300)]
    picking = StandInBackend(standins.POSITION_BIASED, SIGNALS, Speech.PICK)
    assert sum(picking.reply(q) == "A" for q in asked) / 300 == pytest.approx(0.56, abs=0.08)
    ranking = StandInBackend(standins.POSITION_BIASED, SIGNALS, Speech.RANKING)
    assert sorted(ranking.reply(asked[0]).split(", ")) == ["A", "B", "C", "D"]
    assert picking.reply([{"role": "user", "content": "no options"}]) == "none"


def test_tone_and_numbers_follow_the_group() -> None:
    """S6 writes less and cooler about b; a number stands for the rate."""
    writing = StandInBackend(standins.TONE_BIASED, SIGNALS, Speech.TEXT)
    long, short = (sum(len(writing.reply(question(n, i))) for i in range(50)) for n in ("Emily", "Lakisha"))
    assert short < long
    counting = StandInBackend(standins.GROUP_BIASED, SIGNALS, Speech.NUMBER)
    assert float(counting.reply(question("Emily", 0))) == pytest.approx(80_000, abs=30_000)


def test_a_drifting_backend_is_fair_until_it_is_not() -> None:
    """S10 counts its calls."""
    backend = StandInBackend(Law("x", "", rate=0.99, shift={"b": -0.98}, drift_after=100), SIGNALS)

    async def answers() -> list[str]:
        return [(await backend.ask(question("Lakisha", n), 0)).text for n in range(200)]

    texts = asyncio.run(answers())
    assert texts[:99].count("Yes") > 90
    assert texts[100:].count("Yes") < 10


def test_every_stand_in_states_its_truth() -> None:
    """The table of the self test has a line for each."""
    assert len({law.name for law in standins.ALL}) == len(standins.ALL) == 21
    assert all(law.truth for law in standins.ALL)
