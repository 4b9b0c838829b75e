"""Texts made up for training: attacks in many wordings, and harmless texts that use the same words.

Only `train.py` needs this. The harmless side matters more: a model that has seen
"ignore", "system prompt" and "bypass" in attacks alone takes every question
about them for one. Each text has a family; parts of families are held out whole
when the model is judged, so that no wording is on both sides. The templates are
in `made_up/`.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PARTS: Final = 4
"""Every family is cut into so many parts, which share no template."""
_MADE_UP: Final = Path(__file__).with_name("made_up")
_INNER: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up text; `group` names the part of a family of templates that it comes from."""

    text: str
    label: int
    group: str


def families(name: str) -> dict[str, list[str]]:
    """Return the templates of a file of `made_up/` by family."""
    result: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_MADE_UP / f"{name}.txt").read_text("utf-8").split("\n"):
        if line.startswith("## "):
            lines = result.setdefault(line[3:], [])
        elif line and not line.startswith("# "):
            lines.append(line)
    return result


def _slots() -> dict[str, list[str]]:
    lines = (_MADE_UP / "slots.txt").read_text("utf-8").split("\n")
    pairs = [line.split(": ", 1) for line in lines if line and not line.startswith("# ")]
    return {name: values.split("|") for name, values in pairs}


def fill(template: str, dice: random.Random) -> str:
    """Fill a template at random.

    ``{a|b}`` is a choice, innermost first; ``{slot}`` is one of a slot's values; ``\\n``
    breaks the line, ``\\{`` and ``\\}`` are braces.
    """
    text = template.replace("\\n", "\n").replace("\\{", "\0").replace("\\}", "\1")
    while match := _INNER.search(text):
        chosen = dice.choice(_CHOICES.get(match[1]) or match[1].split("|"))
        text = text[: match.start()] + chosen + text[match.end() :]
    return text.replace("\0", "{").replace("\1", "}").strip()


def vary(text: str, dice: random.Random) -> str:
    """Change how a text is written: its case, a letter here and there, its last sign."""
    roll = dice.random()
    if roll < 0.35:
        text = text[:1].upper() + text[1:]
    elif roll < 0.47:
        text = text.lower()
    elif roll < 0.51:
        text = text.upper()
    if dice.random() < 0.12:
        text = _misspelt(text, dice)
    if dice.random() < 0.15:
        text = text.rstrip(".!? ") + dice.choice(("", "!", "!!!", "...", " please", " :)", "\n"))
    return text


def _misspelt(text: str, dice: random.Random) -> str:
    """Drop, swap or double a letter inside a word in twelve."""
    words = text.split(" ")
    for _ in range(1 + len(words) // 12):
        at = dice.randrange(len(words))
        word = words[at]
        if len(word) > 3 and word.isalpha():
            i = dice.randrange(1, len(word) - 1)
            head, letter, after, tail = word[:i], word[i], word[i + 1], word[i + 2 :]
            words[at] = head + dice.choice((after, after + letter, letter * 2 + after)) + tail
    return " ".join(words)


def samples(name: str, label: int, per_template: int, seed: int) -> Iterator[Sample]:
    """Yield `per_template` fillings of every template of a file, without repetition."""
    dice = random.Random(seed)
    for family, templates in families(name).items():
        for number, template in enumerate(templates):
            for text in sorted({fill(template, dice) for _ in range(per_template)}):
                yield Sample(vary(text, dice), label, f"{family}/{number % PARTS}")


def joined(made: Sequence[Sample], number: int, seed: int) -> Iterator[Sample]:
    """Yield texts of two to five made-up sentences of one group, as system prompts and mails are."""
    dice = random.Random(seed)
    groups: dict[str, list[Sample]] = {}
    for sample in made:
        groups.setdefault(sample.group, []).append(sample)
    for group, members in groups.items():
        for _ in range(number if len(members) > 5 else 0):
            text = dice.choice((" ", "\n", "\n\n")).join(s.text for s in dice.sample(members, dice.randint(2, 5)))
            yield Sample(text, members[0].label, group)


_CHOICES: Final = _slots()
