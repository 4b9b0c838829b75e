"""How many characters of an answer are held back while it streams, under the default policy.

``python -m tests.bench.hold [FILE ...]``

Each text (a file's paragraphs, or the answers below) is streamed in deltas of four
characters, about a token each; after every delta what came and has not left is
counted. No clock is involved: the figures are the same on every machine.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from detectors.detector import Place
from gateway.adapters.detector_pool import ThreadPool
from gateway.core.channel import Channel
from gateway.core.decision import Direction
from gateway.core.places import meant_at
from gateway.core.pseudonym import Ledger
from gateway.core.redact import Redactor
from gateway.core.tally import rulebook
from tests.support.inside import KEY, default_plan, real_detectors
from tests.support.operators import PlainOperators

ANSWERS = (
    "Dear {person}, thanks for your message. I've looked into it, and it's not as bad as it seems: the parcel left "
    "our warehouse on Monday, and the carrier's page says \"on its way\". If it isn't there by Friday, please write "
    "to {mail} again, and we'll send you another one, of course without any costs. Kind regards, the whole team.",
    "Here's how photosynthesis works, step by step. First, chlorophyll in the leaves absorbs light, mostly red and "
    "blue; that's why leaves look green. The energy splits water into oxygen, which the plant doesn't need, and "
    "hydrogen, which it does. Then, in the so-called Calvin cycle, carbon dioxide from the air is turned into sugar.",
    "You can sort the list in place or make a new one:\n\n```python\nnames = ['Zoe', 'Adam', 'Mia']\nnames.sort()\n"
    "for name in sorted(names, key=len):\n    print(f'{{name!r}} has {{len(name)}} letters')\n```\n\nThe first way "
    "changes `names` itself and returns `None`; the second leaves it as it was. Which one you need depends on you.",
    "The treaty was signed in Vienna in 1815 by Metternich, Talleyrand and Castlereagh. Historians don't agree on "
    "what it meant: some call it a restoration, others the first attempt at collective security. Either way, there "
    "wasn't another war between all the great powers until 1914, which is remarkable by any standard of that time.",
)
"""What assistants say: a letter with stand-ins, an explanation, code, and history with names."""


async def held(texts: Sequence[str], without: frozenset[str] = frozenset()) -> list[int]:
    """Return how many characters were held after each delta of each text; detectors may be left out."""
    plan = default_plan()
    detectors = tuple(n for n in meant_at(plan.detectors, Place.ANSWER) if n not in without)
    pool = ThreadPool(real_detectors(plan))
    counts: list[int] = []
    for text in texts:
        ledger = Ledger(KEY, "acme")
        tokens = {"person": ledger.mint("PERSON", "Ann Lee"), "mail": ledger.mint("EMAIL_ADDRESS", "ann@acme.com")}
        said = text.format(**tokens) if text in ANSWERS else text
        book = rulebook(plan, Direction.RESPONSE)
        redactor = Redactor(Direction.RESPONSE, book, ledger, PlainOperators(), pool.promise(detectors))
        channel, inside = Channel(redactor, plan.stream.max_hold), 0
        for at in range(0, len(said), 4):
            channel.push(said[at : at + 4])
            asked = channel.questions()
            left = channel.release(await pool.detect(detectors, [question.text for question in asked]))
            inside += len(said[at : at + 4]) - sum(len(came) for came, _ in left)
            counts.append(inside)
    pool.close()
    return sorted(counts)


def told(counts: Sequence[int]) -> str:
    """Return a line of figures."""
    share = sum(count <= 64 for count in counts) / len(counts)
    middle, most = counts[len(counts) // 2], counts[len(counts) * 9 // 10]
    mean = sum(counts) / len(counts)
    return f"mean {mean:.0f}, median {middle}, 90 % {most}, most {counts[-1]}; {share:.1%} of {len(counts)} at most 64"


def main() -> None:
    """Print the figures, with the tagger of names and without."""
    parser = argparse.ArgumentParser(description="characters held back while an answer streams")
    parser.add_argument("file", nargs="*", type=Path, help="texts instead of our own answers")
    files = parser.parse_args().file
    texts = [part for file in files for part in re.split(r"\n\s*\n", file.read_text()) if len(part) > 80]
    for name, without in (("all detectors", frozenset[str]()), ("without names", frozenset({"ner"}))):
        sys.stdout.write(f"{name}: {told(asyncio.run(held(texts or ANSWERS, without)))}\n")


if __name__ == "__main__":
    main()
