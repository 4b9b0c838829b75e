"""BIPIA as BIPIA itself measures: its test attacks set into its test contexts, at the start, in the middle, at the end.

The contexts are mails, tables, and program text with what somebody answered about it;
those of BIPIA's other two tasks are not published with it. Every attack is put into
`_CONTEXTS` of the contexts of a task, its places taken in turn; BIPIA itself puts each
into all.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detectors.evaluation.attacks import ATTACK, HARMLESS, read_prompts
from detectors.evaluation.documents import DataError

_CONTEXTS: Final = 12
_BREAK: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_MAILS, _TABLES, _CODE = ("BIPIA_email_test.jsonl", "BIPIA_table_test.jsonl", "BIPIA_code_test.jsonl")
_TEXT_ATTACKS, _CODE_ATTACKS = "BIPIA_text.json", "BIPIA_code.json"

SETS: Final = (
    # name, files of contexts and of attacks, whether the texts hold attacks
    ("BIPIA test, text attacks in mails", _MAILS, _TEXT_ATTACKS, ATTACK),
    ("BIPIA test, text attacks in tables", _TABLES, _TEXT_ATTACKS, ATTACK),
    ("BIPIA test, code attacks in answers about code", _CODE, _CODE_ATTACKS, ATTACK),
    ("BIPIA test, mails alone", _MAILS, _TEXT_ATTACKS, HARMLESS),
    ("BIPIA test, tables alone", _TABLES, _TEXT_ATTACKS, HARMLESS),
    ("BIPIA test, answers about code alone", _CODE, _CODE_ATTACKS, HARMLESS),
)


def read(contexts: Path, attacks: Path, label: int) -> list[str]:
    """Return the contexts with an attack in each, or alone. Raises `DataError`."""
    around = read_contexts(contexts)
    return list(inserted(around, read_prompts([attacks], ATTACK))) if label else around


def read_contexts(path: Path) -> list[str]:
    """Return the contexts of a task; one that is a list of lines is joined. Raises `DataError`."""
    try:
        found = [json.loads(line)["context"] for line in path.read_text(encoding="utf-8").split("\n") if line]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not a file of BIPIA's contexts ({type(error).__name__})") from None
    return [context if isinstance(context, str) else "\n".join(context) for context in found]


def inserted(contexts: Sequence[str], attacks: Sequence[str]) -> Iterator[str]:
    """Yield each attack in `_CONTEXTS` contexts: on a line of its own before, within and after them in turn."""
    for number, attack in enumerate(attacks):
        for turn in range(_CONTEXTS if contexts else 0):
            context = contexts[(number * _CONTEXTS + turn) % len(contexts)]
            breaks = [match.end() for match in _BREAK.finditer(context)] or [0]
            at = (0, breaks[number % len(breaks)], len(context))[turn % 3]
            yield "\n".join(part for part in (context[:at], attack, context[at:]) if part)
