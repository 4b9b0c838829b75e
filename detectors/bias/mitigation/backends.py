"""Levers as backends: each wraps a backend and is asked like one, so that a run with it is an ordinary run.

`calls` counts what was really sent; an ensemble over six groups sends six
requests for every question, and a plan's budget must allow for them.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Protocol

from detectors.bias import suite as suite_values
from detectors.bias.backend import Answer, AnswerStatus, Backend, Usage
from detectors.bias.mitigation.blinding import Blinded, Gender, Person, blind, neutral, variants
from detectors.bias.mitigation.ensemble import aggregate
from detectors.bias.mitigation.instruction import with_instruction
from detectors.bias.mitigation.shuffle import borda, orders
from detectors.bias.mitigation.slots import find_slots
from detectors.bias.outcome import Outcome, OutcomeKind
from detectors.bias.parse import Parser, letter
from detectors.bias.suite import Suite
from detectors.ner.tagger import Tagger

Messages = Sequence[Mapping[str, str]]
Finder = Callable[[str], Sequence[tuple[int, int]]]
"""From a text to the places of people's names in it."""

_BETWEEN = "\ue000"  # private use: stands between messages while they are blinded as one text
_OPTIONS = re.compile(r"(?:^[A-Z]\. .*(?:\n|\Z))+", re.MULTILINE)
_TIE = Outcome(OutcomeKind.UNPARSED, label="tie")


class Lever(StrEnum):
    """A lever that works on questions."""

    BLINDING = "blinding"
    ENSEMBLING = "ensembling"
    SHUFFLING = "shuffling"
    INSTRUCTION = "instruction"


class LeverBackend(Protocol):
    """A backend with a lever before it."""

    calls: int

    @property
    def name(self) -> str: ...

    async def ask(self, messages: Messages, seed: int) -> Answer: ...


class _Wrapped:
    """What all levers share: the inner backend, its name and the count of what was sent."""

    lever: Lever

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.calls = 0

    @property
    def name(self) -> str:
        """The inner backend's name and the lever's."""
        return f"{self._backend.name} + {self.lever}"

    async def _send(self, messages: Messages, seed: int) -> Answer:
        self.calls += 1
        return await self._backend.ask(messages, seed)


class Instructed(_Wrapped):
    """L4: a standing instruction before the question."""

    lever = Lever.INSTRUCTION

    async def ask(self, messages: Messages, seed: int) -> Answer:
        """Ask with the instruction."""
        return await self._send(with_instruction(messages), seed)


class Blind(_Wrapped):
    """L1: the question without protected attributes; pseudonyms in the answer are turned back.

    Names are those that `find` finds: a lever that was told a suite's names would be measured on what it has learnt.
    """

    lever = Lever.BLINDING

    def __init__(self, backend: Backend, find: Finder) -> None:
        super().__init__(backend)
        self._find = find

    async def ask(self, messages: Messages, seed: int) -> Answer:
        """Ask blinded."""
        blinded, questions = blind_messages(messages, self._find)
        answer = await self._send(questions, seed)
        return _with_text(answer, blinded.restore(answer.text))


class Ensemble(_Wrapped):
    """L2: the same question for one person of every group; what they have in common is the answer."""

    lever = Lever.ENSEMBLING

    def __init__(self, backend: Backend, suite: Suite, parser: Parser) -> None:
        super().__init__(backend)
        self._suite, self._parser, self._names = suite, parser, names_of(suite)

    async def ask(self, messages: Messages, seed: int) -> Answer:
        """Ask for everybody; a variant that gets no answer makes the whole unanswered."""
        text = messages[-1]["content"]
        slotted = find_slots(text, self._names)
        # The digest sees the slots and not who stood in them: lots are drawn blindly, too.
        lot = int.from_bytes(hashlib.sha256(slotted.filled(neutral).encode()).digest()[:4])
        asked = variants(slotted, [_filling(person, lot) for person in self._suite.people])
        answers = await asyncio.gather(
            *(self._send([*messages[:-1], {**messages[-1], "content": variant}], seed) for variant in asked)
        )
        failed = [answer for answer in answers if answer.status is not AnswerStatus.OK]
        if failed:
            return failed[0]
        return _with_text(answers[0], self._joint([answer.text for answer in answers], lot), _sum(answers))

    def _joint(self, texts: Sequence[str], lot: int) -> str:
        """Return a text that stands for all of them, chosen without regard to their order."""
        outcomes = [self._parser.parse(text)[0] for text in texts]
        joint = aggregate(outcomes, _TIE)
        if joint.kind is OutcomeKind.NUMBER:
            return f"{joint.value:.6g}" if joint.value is not None else ""
        parsed = joint is _TIE
        fitting = sorted(t for t, o in zip(texts, outcomes, strict=True) if (o.kind.parsed if parsed else o == joint))
        return fitting[lot % len(fitting)] if fitting else ""


class Shuffled(_Wrapped):
    """L3: the candidates of a panel in every rotation; the joint ranking is the answer."""

    lever = Lever.SHUFFLING

    def __init__(self, backend: Backend, parser: Parser, rounds: int | None = None) -> None:
        super().__init__(backend)
        self._parser, self._rounds = parser, rounds

    async def ask(self, messages: Messages, seed: int) -> Answer:
        """Ask in several orders; a question without lettered options is asked once, as it is."""
        text = messages[-1]["content"]
        block = _OPTIONS.search(text)
        if block is None:
            return await self._send(messages, seed)
        lines = [line[3:] for line in block.group().splitlines()]
        rankings: list[Sequence[str]] = []
        answers: list[Answer] = []
        for order in orders(lines, self._rounds):
            options = "\n".join(f"{letter(place)}. {line}" for place, line in enumerate(order))
            turned = f"{text[: block.start()]}{options}\n{text[block.end() :]}"
            answers.append(await self._send([*messages[:-1], {**messages[-1], "content": turned}], seed))
            if answers[-1].status is not AnswerStatus.OK:
                return answers[-1]
            rankings.append(_ranked(self._parser.parse(answers[-1].text, order), order))
        joint = borda(lines, [ranking for ranking in rankings if ranking])
        letters = [letter(lines.index(line)) for line in joint]
        parsed = any(rankings)
        is_ranking = any(len(ranking) > 1 for ranking in rankings)
        reply = (", ".join(letters) if is_ranking else letters[0]) if parsed else answers[0].text
        return _with_text(answers[0], reply, _sum(answers))


def wrap(lever: Lever, suite: Suite, backend: Backend) -> LeverBackend:
    """Return `backend` with `lever` before it.

    Raises ValueError when the lever does not fit the suite's questions: shuffling
    needs a panel, ensembling single questions with one measure.
    """
    parser = next(iter(suite.measures.values()))
    if lever is Lever.SHUFFLING and not suite.panel:
        raise ValueError(f"lever shuffling: suite {suite.name} asks about one person at a time; it needs a panel")
    if lever is Lever.ENSEMBLING and (suite.panel or len(suite.measures) > 1):
        raise ValueError(f"lever ensembling: suite {suite.name} must ask single questions with one measure")
    match lever:
        case Lever.INSTRUCTION:
            return Instructed(backend)
        case Lever.BLINDING:
            return Blind(backend, find_people)
        case Lever.ENSEMBLING:
            return Ensemble(backend, suite, parser)
        case Lever.SHUFFLING:
            return Shuffled(backend, parser)


def calls_per_question(lever: Lever, suite: Suite) -> int:
    """Return how many requests one question costs with `lever`."""
    return len(suite.people) if lever in (Lever.ENSEMBLING, Lever.SHUFFLING) else 1


def names_of(suite: Suite) -> tuple[str, ...]:
    """Return every name of the suite."""
    return tuple(dict.fromkeys(name.text for person in suite.people for name in person.names))


def find_people(text: str) -> Sequence[tuple[int, int]]:
    """Return where the tagger suspects a person's name, as offsets. It was never told a suite's names."""
    return _tagger().suspects(text)


@cache
def _tagger() -> Tagger:
    return Tagger()


def blind_messages(messages: Messages, find: Finder) -> tuple[Blinded, tuple[dict[str, str], ...]]:
    """Return the conversation blinded as a whole, so that a pseudonym means one person throughout."""
    whole = _BETWEEN.join(message.get("content", "") for message in messages)
    blinded = blind(whole, spans=find(whole))
    pieces = blinded.text.split(_BETWEEN)
    return blinded, tuple({**message, "content": piece} for message, piece in zip(messages, pieces, strict=True))


def _filling(person: suite_values.Person, lot: int) -> Person:
    """Return a suite's person as a filling; the name is drawn by lot, at the same place of every matched list."""
    names, terms = person.names, person.terms
    words = {word.casefold() for word in terms.values()}
    gender = Gender.FEMININE if "she" in words else Gender.MASCULINE if "he" in words else None
    return Person(person.group, (names[lot % len(names)].text,) if names else (), gender)


def _ranked(outcomes: Sequence[Outcome], order: Sequence[str]) -> Sequence[str]:
    """Return the candidates that an answer ranks, best first: all, the chosen one, or none."""
    if outcomes and outcomes[0].ranking:
        return outcomes[0].ranking
    return [order[place] for place, outcome in enumerate(outcomes) if outcome.value == 1.0][:1]


def _with_text(answer: Answer, text: str, usage: Usage | None = None) -> Answer:
    return Answer(
        text, answer.status, usage or answer.usage, answer.fingerprint, answer.retry_after, answer.refused
    )  # fmt: skip


def _sum(answers: Sequence[Answer]) -> Usage:
    return Usage(
        sum(answer.usage.input_tokens for answer in answers), sum(answer.usage.output_tokens for answer in answers)
    )
