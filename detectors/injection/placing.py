"""Sets a text into a document: a passage, a mail, a table, a tool's JSON, a comment in a program."""

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Final

_NAMES: Final = ("Anna", "Tom", "Maria", "Dr. Lee", "Sam", "Priya", "Jonas", "Mrs. Clark", "Ben", "Yuki")


def place(core: str, passages: Sequence[str], dice: random.Random) -> tuple[str, tuple[int, int]]:
    """Return a document that holds `core`, and where."""
    before, after = dice.choice(_FORMS)(passages, dice)
    return f"{before}{core}{after}", (len(before), len(before) + len(core))


def _part(passages: Sequence[str], dice: random.Random, longest: int = 300) -> str:
    """Return some words in a row of a passage."""
    text, length = dice.choice(passages), dice.randint(40, longest)
    low = dice.randrange(max(1, len(text) - length))
    return text[low : low + length].partition(" ")[2].rpartition(" ")[0]


def _sentence(passages: Sequence[str], dice: random.Random) -> str:
    for _ in range(9):
        found = [s for s in re.split(r"(?<=[.!?])\s+|\n\n", dice.choice(passages)) if 20 < len(s) < 200]
        if found:
            return dice.choice(found)
    return "It was a good year."


def _passage(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    seam = dice.choice((" ", "\n", "\n\n", " "))
    side = dice.randrange(4)
    before = _part(passages, dice) + seam if side != 0 else ""
    return before, seam + _part(passages, dice) if side != 1 else ""


def _mail(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    one, two = dice.sample(_NAMES, 2)
    after = _part(passages, dice) if dice.random() < 0.5 else ""
    head = f"From: {one}\nSubject: {_part(passages, dice, 60)}\n\nHi {two},\n\n{_part(passages, dice)}\n"
    return head, f"\n{after}\n\nBest regards,\n{one}"


def _table(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    one, two = dice.sample(_NAMES, 2)
    head = f"| id | name | note |\n|---|---|---|\n| 1 | {one} | {_part(passages, dice, 80)} |\n| 2 | {two} | "
    return head, f" |\n| 3 | {dice.choice(_NAMES)} | {_part(passages, dice, 80)} |"


def _json(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    title, text = (json.dumps(_part(passages, dice, size))[1:-1] for size in (60, 200))
    before = f'{{"results": [{{"title": "{title}", "content": "{text} '
    return before, f'", "author": "{dice.choice(_NAMES)}"}}]}}'


def _code(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    opening, closing = dice.choice((("# ", "\n"), ("// ", "\n"), ("/* ", " */\n"), ('"""', '"""\n')))
    above = _part(passages, dice, 80).replace("\n", " ")
    return f"# {above}\ndef load(path):\n    {opening}", f"{closing}    return open(path).read()\n"


def _html(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    forms = (("<p>", "</p>"), ("<!-- ", " -->"), ("<div style='display:none'>", "</div>"), ("<li>", "</li>"))
    opening, closing = dice.choice(forms)
    return f"<p>{_part(passages, dice)}</p>\n{opening}", f"{closing}\n<p>{_part(passages, dice)}</p>"


def _list(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    return f"- {_sentence(passages, dice)}\n- {_sentence(passages, dice)}\n- ", f"\n- {_sentence(passages, dice)}"


def _talk(passages: Sequence[str], dice: random.Random) -> tuple[str, str]:
    one, two = dice.sample(_NAMES, 2)
    return f"{one}: {_sentence(passages, dice)}\n{two}: ", f"\n{one}: {_sentence(passages, dice)}"


_FORMS: Final[tuple[Callable[[Sequence[str], random.Random], tuple[str, str]], ...]] = (
    *([_passage] * 4), _mail, _table, _json, _code, _html, _list, _talk,
)  # fmt: skip
