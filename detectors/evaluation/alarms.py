"""False alarms on text that holds (nearly) no personal data: source code, logs, random numbers.

Counted are findings that a policy would act on: what a rule of it names, from its
threshold up, after overlaps are resolved. Nobody has labelled these texts, so
that what is really personal there (authors in file headers, hosts and users in
logs) counts as a false alarm too: the figures are upper bounds.
"""

import random
import sysconfig
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from detectors.detector import Detector
from detectors.entities import SECRET_TAGS, TAGS
from detectors.evaluation.documents import DataError
from detectors.overlap import resolve
from detectors.secrets.rules import ENTITIES as SECRETS

_PIECE: Final = 8192
_BATCH: Final = 32
_FILES: Final = 160


@dataclass(frozen=True, slots=True)
class Alarms:
    """What would be replaced in `characters` of text, by entity."""

    title: str
    characters: int
    by_entity: Mapping[str, int]

    @property
    def per_10_000(self) -> float:
        """All of them per 10,000 characters."""
        return 10_000 * sum(self.by_entity.values()) / max(1, self.characters)


def policy_thresholds(path: Path) -> dict[str, float]:
    """Return, for every entity that the policy in `path` replaces or denies, from which score.

    The first rule that names an entity decides. Raises `DataError` when the file
    is no such policy.
    """
    try:
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]["inspect"]["rules"]
        return _thresholds(rules)
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise DataError(f"{path}: not a policy with inspect rules ({type(error).__name__})") from None


def _thresholds(rules: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    tags = {**TAGS, **dict.fromkeys(SECRETS, SECRET_TAGS)}
    seen: dict[str, float] = {}
    for rule in rules:
        named = set(rule.get("entities", ()))
        named |= {entity for entity, its in tags.items() if its & set(rule.get("tags", ()))}
        acts = rule.get("enforcement", "enforce") == "enforce" and rule["operator"] != "allow"
        for entity in named - set(rule.get("exclude", ())):
            seen.setdefault(entity, float(rule.get("threshold", 0)) if acts else 2.0)
    return {entity: least for entity, least in seen.items() if least <= 1}


def count_alarms(
    title: str, texts: Sequence[str], detectors: Sequence[Detector], thresholds: Mapping[str, float]
) -> Alarms:
    """Count what would be replaced in `texts`."""
    counts: Counter[str] = Counter()
    for begin in range(0, len(texts), _BATCH):
        batch = texts[begin : begin + _BATCH]
        parts = [detector.detect(batch) for detector in detectors]
        for index, text in enumerate(batch):
            acted = [f for part in parts for f in part[index] if f.score >= thresholds.get(f.entity, 2.0)]
            counts.update(f.entity for f in resolve(acted, text))
    return Alarms(title, sum(map(len, texts)), dict(counts.most_common()))


def pieces(text: str) -> list[str]:
    """Cut a long text at line ends into pieces of about 8,000 characters."""
    result, position = [], 0
    while position < len(text):
        end = text.find("\n", position + _PIECE)
        end = len(text) if end < 0 else end + 1
        result.append(text[position:end])
        position = end
    return result


def source_code() -> list[str]:
    """Return 160 modules of the standard library that runs this, always the same ones of it, in pieces."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    files = random.Random(7).sample(files, min(_FILES, len(files)))
    return [piece for file in files for piece in pieces(file.read_text("utf-8", "replace"))]


def logs(folder: Path) -> list[str]:
    """Return the ``*.log`` files of a folder in pieces."""
    return [piece for file in sorted(folder.glob("*.log")) for piece in pieces(file.read_text("utf-8", "replace"))]


def made_up_logs(lines: int = 4000) -> list[str]:
    """Return log lines with requests, ids, versions, addresses of machines and durations, in pieces."""
    dice = random.Random(11)
    forms = (
        lambda: f"INFO worker {dice.randint(1, 64)} request {dice.getrandbits(64):016x} took {dice.randint(1, 900)} ms",
        lambda: f"WARN http GET /v1/items/{dice.randint(10**5, 10**9)}?page={dice.randint(1, 50)} 404",
        lambda: f"DEBUG module.name.sub_{dice.randint(1, 9)} version {dice.randint(1, 9)}.{dice.randint(0, 20)}.0",
        lambda: f"ERROR order {dice.randint(10**9, 10**10)} batch {dice.randint(10**11, 10**12)} status 500",
        lambda: f"INFO peer 10.0.{dice.randint(0, 255)}.{dice.randint(1, 254)}:{dice.randint(1024, 65535)} connected",
    )
    stamp = "2026-11-{:02}T10:{:02}:07.{:03}Z"
    made = (f"{stamp.format(dice.randint(1, 28), dice.randint(0, 59), dice.randint(0, 999))} " for _ in range(lines))
    return pieces("\n".join(head + dice.choice(forms)() for head in made))


def random_ids(number: int = 20_000, together: int = 100) -> list[str]:
    """Return `number` random numbers of 9 to 16 digits, a line each, with no word about them; `together` to a text."""
    dice = random.Random(13)
    numbers = [str(dice.randint(10 ** (length - 1), 10**length - 1)) for length in dice.choices(range(9, 17), k=number)]
    return ["\n".join(numbers[i : i + together]) for i in range(0, number, together)]


def to_markdown(rows: Sequence[Alarms]) -> str:
    """Return a table: a line per text."""
    lines = ["| text | characters | per 10,000 characters | by entity |", "|---|--:|--:|---|"]
    for row in rows:
        most = ", ".join(f"{entity} {n:,}" for entity, n in list(row.by_entity.items())[:6]) or "none"
        lines.append(f"| {row.title} | {row.characters:,} | {row.per_10_000:.2f} | {most} |")
    return "\n".join(lines)
