"""How many attacks an injection detector catches, and how many harmless prompts it takes for one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from detectors.evaluation.documents import DataError
from detectors.evaluation.proportion import proportion
from detectors.evaluation.report import Estimate

_NOT_INJECT: Final = ("NotInject_one.json", "NotInject_two.json", "NotInject_three.json")
_SPIKEE: Final = "results_aws_bedrock_guardrail-targeted-2024-12-document_1734620371.jsonl"
_SPIKEE_HARMLESS: Final = "results_aws_bedrock_guardrail-1734615302_guardrail-false-positive-check_1734623677.jsonl"

ATTACK, HARMLESS = 1, 0
PROMPT_SETS: Final = (
    # name, files, whether they hold attacks (None: their labels say)
    ("NotInject, harmless with words of attacks", _NOT_INJECT, HARMLESS),
    ("WildGuard, harmless", ("wildguard.json",), HARMLESS),
    ("PIGuard validation, harmless", ("valid.json",), HARMLESS),
    ("spikee, harmless mails", (_SPIKEE_HARMLESS,), HARMLESS),
    ("spikee 2024-12, attacks in a document", (_SPIKEE,), ATTACK),
    ("PIGuard validation, attacks", ("valid.json",), ATTACK),
    ("BIPIA test, text attacks", ("BIPIA_text.json",), ATTACK),
    ("BIPIA test, code attacks", ("BIPIA_code.json",), ATTACK),
)
_TOGETHER: Final = 10
"""So many sentences of a set of sentences make a document."""


@runtime_checkable
class Scorer(Protocol):
    """An injection detector that judges whole texts."""

    def score(self, text: str) -> float:
        """Return how much `text` reads like an attack, in 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class Flagged:
    """The share of `texts` of one set that each detector takes for an attack."""

    title: str
    attacks: bool
    texts: int
    shares: tuple[Estimate, ...]


def read_prompts(paths: Sequence[Path], label: int) -> list[str]:
    """Return the prompts with `label` of JSON lists, JSON objects of lists, or JSON lines. Raises `DataError`."""
    result: list[str] = []
    for path in paths:
        try:
            raw = path.read_text(encoding="utf-8")
            data = [json.loads(li) for li in raw.split("\n") if li] if path.suffix == ".jsonl" else json.loads(raw)
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: not readable as JSON ({type(error).__name__})") from None
        items = [x for part in data.values() for x in part] if isinstance(data, dict) else data
        result += [t for x in items if (t := _text(x, label)) is not None]
    return result


def _text(item: Any, label: int) -> str | None:
    if isinstance(item, str):
        return item
    if item.get("label", label) != label:
        return None
    return str(item.get("prompt") or item.get("input") or "")


def joined(sentences: Sequence[str]) -> list[str]:
    """Return documents of ten sentences each."""
    return [" ".join(sentences[i : i + _TOGETHER]) for i in range(0, len(sentences), _TOGETHER)]


def judge(title: str, texts: Sequence[str], attacks: bool, scorers: Sequence[Scorer], least: float = 0.5) -> Flagged:
    """Score every text by every detector."""
    shares = [proportion(sum(s.score(t) >= least for t in texts), len(texts)) for s in scorers]
    return Flagged(title, attacks, len(texts), tuple(shares))


def to_markdown(rows: Sequence[Flagged], names: Sequence[str]) -> str:
    """Return a table: a line per set, a column per detector."""
    lines = [f"| set | texts | {' | '.join(f'`{n}`' for n in names)} |", "|---|--:" + "|--:" * len(names) + "|"]
    lines += [f"| {r.title} | {r.texts} | {' | '.join(map(str, r.shares))} |" for r in rows]
    return "\n".join(lines)
