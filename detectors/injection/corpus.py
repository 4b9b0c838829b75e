"""The texts that `train.py` learns from: what they are to each of the two models, and what is left out together."""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from detectors.injection.placing import place
from detectors.injection.samples import PARTS, Sample, joined, samples

FOLDS: Final = 4
assert FOLDS == PARTS  # a part of a made-up family is its fold

# Attacks only in the light of a system prompt that the model does not see ("What is the password?").
_UNCLEAR: Final = frozenset(
    {"different_user_input_language", "indirect_reference", "output_formatting_manipulation", "persuasion"}
    | {"overload_with_information", "few_shot_attack", "many_shot_attack"}
)
REQUESTS: Final = frozenset({"benign_instruction", "shared_prompt", "task", "instruction", "utterance"})
"""What people ask of assistants: harmless from a person, out of place in a document."""
DOCUMENTS: Final = frozenset(
    {"passage", "context", "sentence", "tweet", "control_text", "control_code"}
    | {"recipe", "manual", "textbook", "handbook", "guide", "style_guide", "operations", "readme", "code"}
    | {"frequent_question", "exercise", "meeting", "program"}
    | {f"made-up {family}" for family in ("mail", "notice", "letter", "support", "minutes")}
)
"""What people write for people."""
_MADE_REQUESTS: Final = frozenset({"daily", "roles"})
# Orders about the model's own answer: nobody who asks something needs them, and somebody who hijacks an answer does.
_HIJACKS: Final = frozenset({"reply-adds"})
_REPLY: Final = re.compile(r"\b(your|the) (reply|response|answer|message|output)s?\b", re.I)
_QUESTION: Final = re.compile(
    r"\W*(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|should|has|have|will|would it"
    r"|(?:can|could) (?:i|we|a|the|one|it)|(?:in|for|at|on|to) (?:what|which|whom))\b",
    re.I,
)
_ASIDE: Final = -1


@dataclass(frozen=True, slots=True)
class Text:
    """A training text.

    `labels` say whether it is an attack to `prompt` and to `document` (1, 0, or -1 for left
    aside); texts of one `fold` are left out together; `attack` is its place when known.
    """

    text: str
    labels: tuple[int, int]
    fold: int
    kind: str
    attack: tuple[int, int] | None = None


def is_question(text: str) -> bool:
    """Return whether a text asks for a fact, as documents do too, and nothing of its reader."""
    first = re.split(r"(?<=[.?!])\s", text.strip(), maxsplit=1)[0]
    return bool(_QUESTION.match(first)) and not re.search(r"\b(you|your|me|us)\b", first, re.I)


def labels(label: int, kind: str, text: str) -> tuple[int, int]:
    """Return what a text of a kind is to each model."""
    if label:
        # BIPIA's text attacks are ordinary requests: only the document that holds them makes them attacks.
        plain = kind == "embedded_text" and not _REPLY.search(text)
        return (_ASIDE if plain else 1), (_ASIDE if plain and is_question(text) else 1)
    if kind in REQUESTS:
        return 0, _ASIDE if is_question(text) or (kind == "utterance" and _QUESTION.match(text)) else 1
    return 0, 0 if kind in DOCUMENTS else _ASIDE


def read(paths: Iterable[Path]) -> list[Text]:
    """Read the records of real text. BIPIA's attacks are also read alone, without the text around them."""
    records = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            records += [json.loads(line) for line in stream]
    records = [r for r in records if not (r["label"] and r.get("variant", "") in _UNCLEAR) and len(r["text"]) > 4]
    result = []
    alone: dict[str, int] = {}
    for r, fold in zip(records, _folds(records), strict=True):
        where = tuple(r["attack_span"]) if "attack_span" in r else None
        core = r["text"][slice(*where)] if where else r["text"]
        result.append(Text(r["text"], labels(r["label"], r["kind"], core), fold, r["kind"], where))
        if r["kind"] == "embedded_text":
            alone.setdefault(core, fold)
    result += [Text(t, labels(1, "embedded_text", t), fold, "embedded_text, alone") for t, fold in alone.items()]
    return result


def made_up(seed: int, attacks: int, harmless: int) -> list[Text]:
    """Make up texts: so many from every template, and some of several sentences."""
    made = [_text(s, "attack") for s in samples("attacks", 1, attacks, seed)]
    mild = list(samples("harmless", 0, harmless, seed + 1))
    made += [_text(s, "harmless") for s in [*mild, *joined(mild, 2 * harmless, seed + 2)]]
    return made + [_text(s, "request") for s in samples("requests", 0, 3 * attacks, seed + 3)]


def _text(sample: Sample, role: str) -> Text:
    family, part = sample.group.split("/")
    if role == "attack":
        found, kind = (1, 1), f"made-up attack {family}"
    elif role == "request":
        hijack = 1 if family in _HIJACKS or "```" in sample.text else _ASIDE if family == "reply-form" else 0
        found, kind = (hijack, 1), f"made-up request {family}"
    else:
        kind = f"made-up {family}"
        found = (0, 1 if family in _MADE_REQUESTS and not is_question(sample.text) else labels(0, kind, sample.text)[1])
    return Text(sample.text, found, int(part), kind)


def embedded(texts: Sequence[Text], passages: Sequence[str], share: float, seed: int) -> Iterator[Text]:
    """Yield a share of the texts set into documents, attacks and harmless ones alike: the seam tells nothing."""
    dice = random.Random(seed)
    for text in texts:
        often = 1.0 if text.kind.endswith(", alone") else share
        if text.attack is None and text.kind != "program" and dice.random() < often:
            core = text.text if len(text.text) < 500 else _sentence(text.text, dice) if 1 not in text.labels else ""
            if core:
                whole, where = place(core, passages, dice)
                yield Text(whole, text.labels, text.fold, f"{text.kind}, embedded", where)


def _sentence(text: str, dice: random.Random) -> str:
    found = [s for s in re.split(r"(?<=[.!?])\s+|\n\n", text) if 20 < len(s) < 300]
    return dice.choice(found) if found else text[:200]


def _folds(records: Sequence[dict[str, Any]]) -> list[int]:
    """Return the part of each record.

    A source of documents is one part, a variant of attacks too; jailbreaks, which are
    copied from each other, and requests are cut into parts that share no eight words.
    """
    cut = REQUESTS | {"harmful_request", "asked"}
    lone = [n for n, r in enumerate(records) if r["kind"] in cut or (r["label"] and "embedded" not in r["kind"])]
    root = _copies([records[n]["text"] for n in lone])
    mark = {n: f"{lone[root[i]]}" for i, n in enumerate(lone)}
    groups: dict[str, list[int]] = {}
    for n, r in enumerate(records):
        variant = r.get("variant", "") if r["label"] else ""
        around = r["source"].split(" in ")[-1]
        name = r["kind"] if r["label"] else "mail" if "BIPIA" in around else f"{around}/{r['kind'] == 'code'}"
        groups.setdefault(f"{r['kind']}/{variant}" if variant else mark.get(n, name), []).append(n)
    result, filled = [0] * len(records), [[0] * FOLDS for _ in range(3)]
    order = sorted(groups.items())
    random.Random(11).shuffle(order)
    for _, members in sorted(order, key=lambda item: -len(item[1])):
        first = records[members[0]]
        role = filled[2 if first["label"] else 1 if first["kind"] in cut else 0]
        fold = role.index(min(role))
        role[fold] += len(members)
        for n in members:
            result[n] = fold
    return result


def _copies(texts: Sequence[str]) -> list[int]:
    """Return for each text the number of one that it shares eight words in a row with, the same for all of a chain."""
    parent = list(range(len(texts)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    first: dict[str, int] = {}
    for n, text in enumerate(texts):
        found = re.findall(r"\w+", text.lower())
        for i in range(len(found) - 7):
            parent[root(n)] = root(first.setdefault(" ".join(found[i : i + 8]), n))
    return [root(n) for n in range(len(texts))]
