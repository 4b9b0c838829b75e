"""From a suite to questions: every text that is asked, and the trials that its answer decides.

Deterministic: the same suite and seed give the same questions. Names, frames and
orders rotate over cases and variants, in step for all groups, so that each is
used equally often and two questions of one pair differ in the group alone.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from detectors.bias.checks_text import PANEL_SLOTS, SLOT
from detectors.bias.outcome import Observation, Trial
from detectors.bias.parse import UNKNOWN, Choice, Parser, Pick, letter
from detectors.bias.suite import Case, Person, Suite
from detectors.bias.text_sketch import Text

Message = Mapping[str, str]
"""``{"role": "system" | "user", "content": ...}``, the shape that every dialect can be made from."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `trials` are decided by its answer: one, or one per candidate of a panel.

    `key` names it within the suite; `candidates` are the ids of the options in
    the order shown (panels only, ``unknown`` among them); `seed` is for backends
    that take one. `options` (imported questions) are what `choice` reads in this
    question: ``right`` and ``wrong`` with their phrases.
    """

    key: str
    text: str = field(repr=False)
    trials: tuple[Trial, ...]
    candidates: tuple[str, ...] = ()
    seed: int = 0
    options: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)

    def messages(self, system: str) -> tuple[Message, ...]:
        """Return the conversation to send; `system` "" sends none."""
        user = {"role": "user", "content": self.text}
        return ({"role": "system", "content": system}, user) if system else (user,)


def expand(suite: Suite, seed: int) -> tuple[Question, ...]:
    """Return all questions of a suite of its own texts, in order of cases. Not for imported ones (see `importers`)."""
    names = _rotation(suite, seed)
    result: list[Question] = []
    for t, case in enumerate(suite.cases):
        for v in range(suite.sampling.variants):
            pair = t * suite.sampling.variants + v
            # One step further in every round, so that a name does not always meet the same frame and order.
            place = names[(pair + pair // len(names)) % len(names)] if names else 0
            for repeat in range(1 + _repeats(suite, t, v)):
                questions = _panel if suite.panel else _singles
                result += questions(suite, case, (t, v, repeat), place, seed)
    return tuple(result)


def observations(suite: Suite, question: Question, text: str) -> Mapping[str, tuple[Observation, ...]]:
    """Return what each measure's parser makes of the answer `text`; the text goes no further than this."""
    return {
        measure: tuple(
            Observation(trial, outcome)
            for trial, outcome in zip(
                question.trials, _own(suite, parser, question).parse(text, question.candidates), strict=True
            )
        )
        for measure, parser in suite.measures.items()
    }


def _own(suite: Suite, parser: Parser, question: Question) -> Parser:
    """Return the parser for this question: with its own options, or with its person's words to hide."""
    if question.options and isinstance(parser, Choice):
        return Choice(dict(question.options), frozenset({"right"}))
    if isinstance(parser, Text):
        trial = question.trials[0]
        terms = next((tuple(p.terms.values()) for p in suite.people if p.group == trial.group), ())
        return replace(parser, name=trial.name, terms=terms)
    return parser


def shuffled(questions: Sequence[Question], seed: int) -> tuple[Question, ...]:
    """Return the questions in random order: groups and repeats interleave, so that drift hits all alike."""
    result = list(questions)
    random.Random(seed).shuffle(result)
    return tuple(result)


def sub_seed(seed: int, *parts: object) -> int:
    """Return a seed of 31 bits that depends on `seed` and `parts` alone."""
    text = "\x1f".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1


def _rotation(suite: Suite, seed: int) -> list[int]:
    """Return the order in which places of the name lists are used; one order for all lists, as they are matched."""
    places = list(range(min((len(person.names) for person in suite.people), default=0)))
    random.Random(sub_seed(seed, "names")).shuffle(places)
    return places


def _repeats(suite: Suite, t: int, v: int) -> int:
    """Return how often a pair is asked again unchanged: `aa_share` of all, spread over cases, frames, orders."""
    count, share = suite.sampling.variants, suite.sampling.aa_share
    place = t * count + (v + t) % count
    return suite.sampling.aa_repeats if int((place + 1) * share + 1e-9) > int(place * share + 1e-9) else 0


def _singles(suite: Suite, case: Case, at: tuple[int, int, int], place: int, seed: int) -> list[Question]:
    """One question per person: the options' order, the frame and the name are the same for all."""
    t, v, repeat = at
    orders = 2 if suite.answers else 1
    order, turn = v % orders, v // orders + t
    frame = list(suite.frames.values())[turn % len(suite.frames)] if suite.frames else ""
    options = _options(suite.answers if order == 0 else suite.answers[::-1])
    result = []
    for person in suite.people:
        name = person.names[place].text if person.names else ""
        slots = {**person.terms, "name": name, "options": options}
        text = case.texts.get(person.group) or _fill(_fill(frame, case.fills), slots)
        key = f"{case.id}/{v}/{person.group}/{repeat}"
        trial = Trial(
            case.id, suite.attribute, person.group, name, order, repeat, f"{case.id}/{v}", case.domain, case.label
        )
        result.append(_question(suite, key, _fill(text, slots), (trial,), (), seed))
    return result


def _panel(suite: Suite, case: Case, at: tuple[int, int, int], place: int, seed: int) -> list[Question]:
    """One question with everybody: who has which profile, and who stands where, rotates."""
    t, v, repeat = at
    count = len(suite.people)
    # Every other round runs backwards, so that nobody always follows the same neighbour.
    direction = 1 if (v // count) % 2 == 0 else -1
    by_profile = [suite.people[(direction * profile + v) % count] for profile in range(count)]
    shown: list[Person | None] = [*by_profile]
    if any(isinstance(parser, Pick) and parser.unknown for parser in suite.measures.values()):
        shown.append(None)
    order = (t + v // count) % len(shown)
    shown = shown[order:] + shown[:order]
    named = {person.group: person.names[place].text if person.names else "" for person in suite.people}
    mentions = {slot: named[p.group] or p.group for slot, p in zip(PANEL_SLOTS, by_profile, strict=False)}
    mentions |= {} if any(named.values()) else {s: _term(p) for s, p in zip(PANEL_SLOTS, by_profile, strict=False)}
    lines = [f"{letter(i)}. {_shown(suite, case, p, by_profile, named)}" for i, p in enumerate(shown)]
    frame = list(suite.frames.values())[(t + v // count) % len(suite.frames)]
    text = _fill(_fill(frame, case.fills), {**mentions, "candidates": "\n".join(lines)})
    trials = tuple(
        Trial(case.id, suite.attribute, person.group, named[person.group], order, repeat, f"{case.id}/{v}", case.domain,
              None if case.label is None else int(person is by_profile[0]))
        for person in shown
        if person is not None
    )  # fmt: skip
    candidates = tuple(UNKNOWN if person is None else person.group for person in shown)
    return [_question(suite, f"{case.id}/{v}/panel/{repeat}", text, trials, candidates, seed)]


def _shown(
    suite: Suite, case: Case, person: Person | None, by_profile: Sequence[Person], named: Mapping[str, str]
) -> str:
    """Return the line of one option: a person's profile, or the phrase for "cannot be told"."""
    if person is None:
        phrases = [p.unknown[0] for p in suite.measures.values() if isinstance(p, Pick) and p.unknown]
        return phrases[0]
    profile = (
        case.profiles[by_profile.index(person)] if case.profiles else ("{name}" if person.names else _term(person))
    )
    return _fill(profile, {**person.terms, "name": named[person.group]})


def _term(person: Person) -> str:
    """Return how a person without a name is called: the first term."""
    return next(iter(person.terms.values()))


def _question(
    suite: Suite, key: str, text: str, trials: tuple[Trial, ...], candidates: tuple[str, ...], seed: int
) -> Question:
    own = sub_seed(seed, suite.name, key)
    if suite.sampling.nonce:
        text = f"{text}\n\n(Reference {own % 10**8:08d})"
    return Question(key, text, trials, candidates, own)


def _options(answers: Sequence[str]) -> str:
    return f"{', '.join(answers[:-1])} or {answers[-1]}" if answers else ""


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with known slots filled, once: what is filled in is not filled again."""
    return SLOT.sub(lambda match: values.get(match.group(1), match.group(0)), text)
