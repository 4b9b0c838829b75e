"""Levers as backends: asked like a backend, and the answer is one that the suite's parser reads."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from detectors.bias import levers, standin_server, standins
from detectors.bias.backend import Answer, AnswerStatus, Usage
from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.levers import compare, stand_in
from detectors.bias.loader import load
from detectors.bias.mitigation.backends import Lever, blind_messages, calls_per_question, wrap
from detectors.bias.mitigation.effect import LeverVerdict
from detectors.bias.mitigation.instruction import INSTRUCTION
from detectors.bias.plan import Plan, plan
from detectors.bias.run import Settings, run
from detectors.bias.suite import Suite

SUITES = Path(__file__).parents[3] / "policies" / "bias"
HIRING, RANKING = SUITES / "hiring.yaml", SUITES / "ranking.yaml"


class Scripted:
    """A backend that answers by a function of the last message, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, answer: object) -> None:
        self._answer = answer
        self.asked: list[list[Mapping[str, str]]] = []

    async def ask(self, messages: Sequence[Mapping[str, str]], seed: int) -> Answer:
        self.asked.append(list(messages))
        found = self._answer(messages[-1]["content"]) if callable(self._answer) else self._answer
        return found if isinstance(found, Answer) else Answer(str(found), usage=Usage(10, 1))


def suite(path: Path) -> Suite:
    """A shipped suite."""
    return load(path)


def ask(lever: Lever, path: Path, backend: Scripted, text: str) -> Answer:
    """Ask one question with a lever before the backend."""
    return asyncio.run(wrap(lever, suite(path), backend).ask([{"role": "user", "content": text}], 1))


def test_blinding_hides_the_person_from_the_backend_and_not_from_the_caller() -> None:
    """The backend sees a pseudonym; the answer that the caller reads has the name again."""
    name = suite(HIRING).people[0].names[0].text
    backend = Scripted(lambda text: "Yes, invite Person A." if "Person A" in text else "leaked")
    answer = ask(Lever.BLINDING, HIRING, backend, f"Applicant: {name}. Should we invite him?")
    assert answer.text == f"Yes, invite {name}."
    assert name not in str(backend.asked)


def test_a_pseudonym_means_one_person_in_all_messages() -> None:
    """System prompt and question are blinded as one conversation."""
    messages = [{"role": "system", "content": "About Emily and Greg."}, {"role": "user", "content": "Greg or Emily?"}]
    _, blinded = blind_messages(messages, lambda text: [m.span() for m in re.finditer("Emily|Greg", text)])
    assert [m["content"] for m in blinded] == ["About Person A and Person B.", "Person B or Person A?"]


def test_an_ensemble_asks_for_every_group_and_answers_with_the_majority() -> None:
    """Six people, one of whom the backend turns down: yes."""
    made = suite(HIRING)
    turned_down = {name.text for name in made.people[0].names}
    backend = Scripted(lambda text: "no" if any(f" {name} M." in f" {text}" for name in turned_down) else "yes")
    answer = ask(Lever.ENSEMBLING, HIRING, backend, f"Applicant: {made.people[0].names[3].text} M. Invite him?")
    assert answer.text == "yes"
    assert len(backend.asked) == len(made.people) == calls_per_question(Lever.ENSEMBLING, made)
    assert answer.usage == Usage(10 * len(made.people), len(made.people))


def test_whoever_the_caller_names_the_ensemble_asks_the_same() -> None:
    """Invariance by construction, seen at the backend."""
    made = suite(HIRING)
    asked = []
    for person in made.people:
        backend = Scripted("yes")
        terms = person.terms
        ask(Lever.ENSEMBLING, HIRING, backend, f"Applicant: {person.names[0].text} M. Invite {terms['them']}?")
        asked.append(sorted(str(messages) for messages in backend.asked))
    assert all(questions == asked[0] for questions in asked)


def test_an_ensemble_without_one_variant_has_no_answer() -> None:
    """A rate limit on one variant is a rate limit on the whole."""
    turns = iter(range(100))
    backend = Scripted(lambda _: Answer("", AnswerStatus.RATE_LIMITED) if next(turns) == 2 else "yes")
    name = suite(HIRING).people[0].names[0].text
    assert ask(Lever.ENSEMBLING, HIRING, backend, f"{name} M. Invite him?").status is AnswerStatus.RATE_LIMITED


PANEL = "Rank them.\n\nA. Ann, 3 years\nB. Bo, 5 years\nC. Cy, 9 years\n\nAnswer with letters, best first."


def test_shuffling_undoes_a_backend_that_looks_at_places() -> None:
    """A backend that always says A, B, C ranks by place; over all rotations everybody is first once."""
    backend = Scripted("A, B, C")
    answer = ask(Lever.SHUFFLING, RANKING, backend, PANEL)
    assert len(backend.asked) == 3
    assert {text.split("A. ")[1].split(",")[0] for text in (m[-1]["content"] for m in backend.asked)} == {
        "Ann",
        "Bo",
        "Cy",
    }
    assert sorted(answer.text.split(", ")) == ["A", "B", "C"]


def test_shuffling_keeps_a_ranking_by_merit() -> None:
    """A backend that ranks by years ranks the same in every order, in the letters of the caller's order."""

    def by_years(text: str) -> str:
        lines = [line for line in text.splitlines() if line[1:3] == ". "]
        return ", ".join(line[0] for line in sorted(lines, key=lambda line: -int(line.split(", ")[1].split()[0])))

    assert ask(Lever.SHUFFLING, RANKING, Scripted(by_years), PANEL).text == "C, B, A"


def test_shuffling_leaves_other_questions_alone() -> None:
    """No lettered options, one request."""
    backend = Scripted("whatever")
    assert ask(Lever.SHUFFLING, RANKING, backend, "How are you?").text == "whatever"
    assert len(backend.asked) == 1


def test_the_instruction_reaches_the_backend() -> None:
    """As a system message."""
    backend = Scripted("yes")
    ask(Lever.INSTRUCTION, HIRING, backend, "Invite?")
    assert backend.asked[0][0] == {"role": "system", "content": INSTRUCTION}


def test_a_lever_that_does_not_fit_is_refused() -> None:
    """Shuffling needs a panel, ensembling a single question."""
    with pytest.raises(ValueError, match="panel"):
        wrap(Lever.SHUFFLING, suite(HIRING), Scripted("x"))
    with pytest.raises(ValueError, match="single questions"):
        wrap(Lever.ENSEMBLING, suite(RANKING), Scripted("x"))


def small(path: Path, cases: int = 12) -> Plan:
    """A shipped suite, cut short."""
    made = suite(path)
    made = replace(made, cases=made.cases[:cases])
    return plan(made, expand(made, 1), 1)


def test_a_comparison_says_what_a_lever_did_and_what_it_sent() -> None:
    """An instruction to a backend that overdoes it is worsened; a run that exceeds the budget does not start."""
    made = small(HIRING, 30)
    law = replace(standins.OVER_CORRECTING, shift={standins.B: -0.5}, rate=0.7)
    comparison = asyncio.run(compare(made, stand_in(law, made.suite), Lever.INSTRUCTION))
    assert comparison.verdict is LeverVerdict.WORSENED
    assert comparison.calls_before == comparison.calls_after == made.calls
    assert "turned around" in levers.render(comparison)
    poor = replace(made, suite=replace(made.suite, budget=replace(made.suite.budget, calls=made.calls)))
    with pytest.raises(ValueError, match="exceed the budget"):
        asyncio.run(compare(poor, stand_in(law, made.suite), Lever.ENSEMBLING))


def test_levers_are_judged_in_the_suite_s_families() -> None:
    """A contrast fails before a lever when it fails in the run: looked at alone, one in twenty fair ones would."""
    made = small(HIRING, 30)
    backend = stand_in(standins.INSTRUCTION_BLIND, made.suite)
    comparison = asyncio.run(compare(made, backend, Lever.INSTRUCTION))
    result = asyncio.run(
        run(made, stand_in(standins.INSTRUCTION_BLIND, made.suite), settings=Settings(first_delay=0.0))
    )
    judged = {r.contrast: (r.verdict, r.p_adjusted) for rows in evaluate(result).contrasts.values() for r in rows}
    assert len(comparison.effects) > 8
    for effect in comparison.effects:
        assert (effect.before.verdict, effect.before.p_adjusted) == judged[effect.before.contrast]
    single = [effect.interval.level for effect in comparison.effects if "*" not in effect.before.contrast.attribute]
    assert max(single) > 0.99, "the interval of a difference is simultaneous, too"


def test_blinding_reports_what_still_shows() -> None:
    """The shipped texts have no proxies beside name and pronoun: the area is one half."""
    made = small(HIRING, 6)
    comparison = asyncio.run(compare(made, stand_in(standins.GROUP_BIASED, made.suite), Lever.BLINDING))
    assert comparison.leakage is not None
    assert comparison.leakage.auc == pytest.approx(0.5, abs=0.02)


def test_the_command_refuses_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing suite is exit code 64 and one line, no traceback."""
    assert levers.main([str(tmp_path / "none.yaml"), "--stand-in", "S1"]) == 64
    assert levers.main(["x.yaml", "--stand-in", "S99"]) == 64
    assert standin_server.main([str(tmp_path / "none.yaml")]) == 64
    assert "Traceback" not in capsys.readouterr().err


async def test_a_stand_in_speaks_http() -> None:
    """A chat completion in, one out; garbage is a clear 400, throttling a 429."""
    made = suite(HIRING)
    name = made.people[0].names[0].text
    server = TestServer(standin_server.application(stand_in(standins.FAIR, made)))
    async with TestClient(server) as client:
        body = {"model": "x", "messages": [{"role": "user", "content": f"Invite {name}?"}]}
        answered = await client.post("/v1/chat/completions", json=body)
        content = (await answered.json())["choices"][0]["message"]["content"]
        assert content in ("yes", "no")
        assert (await (await client.get("/v1/models")).json())["data"][0]["id"] == "stand-in-S0"
        wrong: list[object] = [{}, {"messages": []}, {"messages": [{"content": 3}]}, [1]]
        for bad in wrong:
            assert (await client.post("/v1/chat/completions", json=bad)).status == 400
        assert (await client.post("/v1/chat/completions", data=b"\xff{")).status == 400
    throttled = stand_in(replace(standins.FAIR, throttled=1.0), made)
    async with TestClient(TestServer(standin_server.application(throttled))) as client:
        assert (await client.post("/v1/chat/completions", json=body)).status == 429
