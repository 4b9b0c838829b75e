"""A stand-in backend that reads real questions and answers them by a law: the ground truth, end to end.

It knows who a question is about by the words that it is told to react to
(`Signals`), and draws each answer from a digest of the question, its own seed and
how often it was asked that question: the same run gives the same answers, and
repeats of one question still vary as a sampling backend's do.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from random import Random
from statistics import NormalDist

from detectors.bias.backend import Answer, AnswerStatus, Usage
from detectors.bias.mitigation.instruction import INSTRUCTION
from detectors.bias.outcome import CROSS
from detectors.bias.standins import Law

_REFUSAL = "I'm sorry, but I can't help with that decision."
_GARBAGE = (
    "I do not know enough about this.",
    "Well, yes and no; both could be said.",
    "The knowledge base has no north star for this.",
    "",
)
_WARM = "This excellent, reliable and generous {} earned our trust and praise in the {}."
_COOL = "The work was delivered and the {} of the {} were handled."
_WHO = ("colleague", "member", "person", "neighbour", "worker", "newcomer", "hand", "adviser")
_WHAT = ("tasks", "papers", "orders", "files", "rooms", "bills", "tools", "calls", "books", "maps")
_WHERE = ("role", "office", "shop", "ward", "yard", "hall", "floor", "line", "site", "archive", "kitchen", "garage")
_OPTION = re.compile(r"^([A-Z])\. (.*)$", re.MULTILINE)
_NUMBERED = 100_000.0  # where numbers are asked for, the favourable rate is the share of this


class Speech(StrEnum):
    """What kind of answer the questions ask for."""

    CHOICE = "choice"
    NUMBER = "number"
    PICK = "pick"
    RANKING = "ranking"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Signals:
    """What the stand-in reacts to: whole words (names) and phrases (proxies), each with its group."""

    words: Mapping[str, str]
    proxies: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str) -> tuple[str, str]:
        """Return (word, group) of the first known word in `text`, empty strings when there is none."""
        match = _whole_words(tuple(self.words)).search(text)
        return (match.group(), self.words[match.group()]) if match else ("", "")

    def proxy(self, text: str) -> str:
        """Return the group of the first known phrase in `text`, or an empty string."""
        return next((group for phrase, group in self.proxies.items() if phrase in text), "")


@lru_cache(maxsize=32)
def _whole_words(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b" if words else r"(?!)")


class StandInBackend:
    """A backend that follows a law. Safe for concurrent use within one event loop."""

    def __init__(
        self,
        law: Law,
        signals: Signals,
        speech: Speech = Speech.CHOICE,
        choices: tuple[str, str] = ("Yes", "No"),
        seed: int = 0,
    ) -> None:
        self._law, self._signals, self._speech, self._choices, self._seed = law, signals, speech, choices, seed
        self._asked: Counter[str] = Counter()
        self.calls = 0

    @property
    def name(self) -> str:
        """The law's number, as a model's name: one word, since a gateway refuses a blank in one."""
        return f"stand-in-{self._law.name}"

    async def ask(self, messages: Sequence[Mapping[str, str]], seed: int) -> Answer:
        """Answer one question; the caller's seed is ignored, as most backends do."""
        del seed
        self.calls += 1
        generator = self._generator(_text(messages), self.calls)
        if generator.random() < self._law.throttled:
            return Answer("", AnswerStatus.RATE_LIMITED, retry_after=0.0)
        text = self.reply(messages)
        return Answer(text, usage=Usage(len(_text(messages)) // 4, len(text) // 4), fingerprint=self._law.name)

    def reply(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Return the answer's text."""
        question = _text(messages)
        law = self._law
        if any(INSTRUCTION in message.get("content", "") for message in messages):
            law = law.instructed()
        occurrence = 0 if law.cached else self._asked[question]
        self._asked[question] += 1
        generator = self._generator(question, occurrence)
        word, group = self._signals.find(question)
        if generator.random() < law.refusal_of(group):
            return _REFUSAL
        if generator.random() < law.garbage:
            return generator.choice(_GARBAGE)
        if self._speech in (Speech.PICK, Speech.RANKING):
            return self._panel(law, question, generator)
        if self._speech is Speech.TEXT:
            return _letter(law, group, generator)
        rate = self._rate(law, question, word, group)
        if self._speech is Speech.NUMBER:
            return f"{rate * _NUMBERED + (0 if law.deterministic else generator.gauss(0, 5_000)):.0f}"
        chosen = rate >= 0.5 if law.deterministic else generator.random() < rate
        return self._choices[0] if chosen else self._choices[1]

    def _rate(self, law: Law, question: str, word: str, group: str) -> float:
        """Return the favourable rate of the question, its accidental effects drawn from digests."""
        drifted = self.calls >= law.drift_after
        rate = law.rate + (law.shift_of(group) if drifted else 0.0)
        proxy = self._signals.proxy(question)
        if proxy:
            rate += law.proxy_shift.get(proxy, 0.0)
        rest = question.replace(word, "_") if word else question
        logit = math.log(min(max(rate, 1e-6), 1 - 1e-6)) - math.log1p(-min(max(rate, 1e-6), 1 - 1e-6))
        logit += law.name_sd * self._normal("name", word) if word else 0.0
        logit += law.template_sd * self._normal("template", rest, group) if law.template_sd else 0.0
        logit += law.template_spread * self._normal("spread", rest) if law.template_spread else 0.0
        return 1 / (1 + math.exp(-logit))

    def _panel(self, law: Law, question: str, generator: Random) -> str:
        """Return the letter of the chosen option, or all letters, best first."""
        options = _OPTION.findall(question)
        if not options:
            return "none"
        weights = []
        for place, (_, line) in enumerate(options):
            group = self._signals.find(line)[1]
            weight = max(0.01, 1 + law.shift_of(group)) if group else 0.01
            if law.first_place is not None:
                weight = law.first_place if place == 0 else (1 - law.first_place) / max(1, len(options) - 1)
            weights.append(weight)
        letters = [str(letter) for letter, _ in options]
        first = generator.choices(letters, weights)[0]
        if self._speech is Speech.PICK:
            return first
        others = [letter for letter in letters if letter != first]
        generator.shuffle(others)
        return ", ".join([first, *others])

    def _generator(self, *parts: object) -> Random:
        return Random(_digest(self._seed, self._law.name, *parts))

    def _normal(self, *parts: object) -> float:
        uniform = (_digest(self._seed, *parts) + 0.5) / 2**64
        return NormalDist().inv_cdf(uniform)


def _letter(law: Law, group: str, generator: Random) -> str:
    """Return free text of the length and warmth that the law gives the group; no two letters are quite alike."""
    words = _of(law.length, group, 100.0)
    warmth = _of(law.warmth, group, 0.5)
    count = max(1, round(generator.gauss(words, words / 10) / 11))
    sentences = (((_WARM, _WHO) if generator.random() < warmth else (_COOL, _WHAT)) for _ in range(count))
    return " ".join(text.format(generator.choice(words), generator.choice(_WHERE)) for text, words in sentences)


def _of(table: Mapping[str, float], group: str, default: float) -> float:
    return next((table[part] for part in (group, *group.split(CROSS)) if part in table), default)


def _text(messages: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(message.get("content", "") for message in messages if message.get("role") != "system")


def _digest(*parts: object) -> int:
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
