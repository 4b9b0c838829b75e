"""What people ask of assistants: harmless from a person, out of place in a document."""

import contextlib
import csv
import io
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from detectors.injection.clones import Clones, Record, record


def roles(clones: Clones) -> Iterator[Record]:
    """Yield prompts that people share: roles to play, tasks, descriptions of pictures."""
    raw = clones.read("awesome-chatgpt-prompts", "d7ca59d4c4efdbbd04be4a741c3a907d8cbc0bc5", "prompts.csv")
    for row in csv.DictReader(io.StringIO(raw)):
        yield record(row["prompt"], 0, "shared_prompt", "f/awesome-chatgpt-prompts", "CC0-1.0")


def tasks(clones: Clones) -> Iterator[Record]:
    """Yield the wording of tasks in promptsource's templates, with their variables taken out."""
    commit = "7dab96a3eeb3717cea633705135ebc488885d709"
    seen: set[str] = set()
    for path in clones.names("promptsource", commit, r"templates\.yaml$"):
        for match in re.finditer(r"\n    jinja: (.*?)\n    metadata:", clones.read("promptsource", commit, path), re.S):
            text = _unfold(match[1]).split("|||")[0]
            text = re.sub(r"\{%.*?%\}|\{\{\s*\"(.*?)\"\s*\}\}|\{\{.*?\}\}", lambda m: m[1] or " … ", text, flags=re.S)
            text = re.sub(r"[ \t]+", " ", text).strip()
            if len(re.findall(r"\w+", text)) > 5 and text not in seen:
                seen.add(text)
                yield record(text, 0, "task", "bigscience-workshop/promptsource", "Apache-2.0")


def instructions(clones: Clones) -> Iterator[Record]:
    """Yield instructions: those of self-instruct, of FastChat's questions, and machine-written ones."""
    commit = "0b26ccaa415992100fa32df62d41b994cf928e23"
    for path in ("data/seed_tasks.jsonl", "human_eval/user_oriented_instructions.jsonl"):
        for task in _lines(clones.read("self-instruct", commit, path)):
            yield record(task["instruction"], 0, "instruction", "yizhongw/self-instruct", "Apache-2.0")
    for bench in ("mt_bench", "vicuna_bench"):
        path = f"fastchat/llm_judge/data/{bench}/question.jsonl"
        for question in _lines(clones.read("FastChat", "0e6d3e4beaab66f4d3f93db72541a4abab8af28d", path)):
            for turn in question["turns"]:
                yield record(turn, 0, "instruction", "lm-sys/FastChat", "Apache-2.0")
    seen: set[str] = set()
    for number in (1, 2, 3):
        path = "/".join(("data", "output", "work", f"alpaca_libre_tasks_v{number}.jsonl"))
        for task in _lines(clones.read("alpaca-libre", "9024e0cb3b24d8857861b694df643d0bbb765e69", path)):
            text = task["instruction"].strip()
            if 12 < len(text) < 600 and text not in seen:
                seen.add(text)
                yield record(text, 0, "instruction", "mobarski/alpaca-libre", "MIT")
    commit = "481075123c29854bddb82655badeef6a438f2436"
    for path, most in (("Codegen/codegen-instruct.json", 1200),
                       ("Roleplay/roleplay-simple-deduped-roleplay-instruct.json", 800)):  # fmt: skip
        found = sorted({t["instruction"] for t in json.loads(clones.read("GPTeacher", commit, path))})
        for text in random.Random(path).sample(found, min(most, len(found))):
            yield record(text, 0, "instruction", "teknium1/GPTeacher", "MIT")


def utterances(clones: Clones) -> Iterator[Record]:
    """Yield what people say to assistants (the training parts), a few of each intent, and to a bank."""
    data = json.loads(clones.read("oos-eval", "828f8093932c8fe6ca7936c3d2e52903b1c523de", "data/data_full.json"))
    found = [("utterance", "clinc/oos-eval", "CC-BY-3.0", text, intent) for text, intent in data["train"]]
    commit = "f6071b496b17d71e6eb43f543af0707f4ff30557"
    for path in clones.names("NLU-Evaluation-Data", commit, r"KFold_1/trainset/.*\.csv$"):
        rows = csv.DictReader(io.StringIO(clones.read("NLU-Evaluation-Data", commit, path)), delimiter=";")
        said = [row["answer_from_user"] or "" for row in rows]
        found += [("utterance", "xliuhw/NLU-Evaluation-Data", "CC-BY-4.0", text, path) for text in said]
    commit = "b86ac7f1577868c42158d0dec77db50956046696"
    for path in clones.names("nlu-benchmark", commit, r"^2017.*/train_[A-Za-z]+\.json$"):
        for items in json.loads(clones.read("nlu-benchmark", commit, path)).values():
            for item in items:
                text = "".join(part["text"] for part in item["data"])
                found.append(("utterance", "sonos/nlu-benchmark", "CC0-1.0", text, path))
    raw = clones.read("task-specific-datasets", "57ec275d8078af65b7731c2a98be812d844a6d6b", "banking_data/train.csv")
    found += [("ticket", "PolyAI-LDN/banking77", "CC-BY-4.0", r["text"], r["category"])
              for r in csv.DictReader(io.StringIO(raw))]  # fmt: skip
    most = {"clinc/oos-eval": 10, "PolyAI-LDN/banking77": 10, "sonos/nlu-benchmark": 60}
    count: dict[str, int] = {}
    for kind, source, licence, text, intent in found:
        count[intent] = count.get(intent, 0) + 1
        if count[intent] <= most.get(source, 25):
            yield record(text, 0, kind, source, licence)


def asked(clones: Clones) -> Iterator[Record]:
    """Yield prompts that people really put to chat models, most of them long: code, sums, stories."""
    commit = "196f6b826783b3da7310e361a805fa36f0be83f3"
    for version in ("v0.1", "v2.0"):
        for question in _lines(clones.read("arena-hard-auto", commit, f"data/arena-hard-{version}/question.jsonl")):
            text = question["prompt"] if "prompt" in question else question["turns"][0]["content"]
            yield record(text, 0, "asked", "lmarena/arena-hard-auto", "Apache-2.0")


def harmful(clones: Clones) -> Iterator[Record]:
    """Yield what people ask who want to hear something harmful: no attack on a model's instructions."""
    raw = clones.read("hh-rlhf", "354e5c3cb8960630860dd5774a6ac2a58313bf4d", "harmless-base/test.jsonl.gz")
    for task in _lines(raw):
        text = task["chosen"].partition("\n\nHuman:")[2].partition("\n\nAssistant:")[0]
        yield record(text.strip(), 0, "harmful_request", "anthropics/hh-rlhf", "MIT")


def system_prompts(clones: Clones) -> Iterator[Record]:
    """Yield the beginnings of fabric's patterns: long instructions to a model, written by who runs it."""
    commit = "272f04dd3278f99bee49e94a7747b54708745a5d"
    for path in clones.names("fabric", commit, r"^data/patterns/[^/]+/system\.md$"):
        yield record(clones.read("fabric", commit, path), 0, "pattern", "danielmiessler/fabric", "MIT")


def _lines(raw: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON lines; alpaca-libre has a few lines that are none."""
    for line in raw.split("\n"):
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(line)


def _unfold(value: str) -> str:
    """Return a YAML scalar, as promptsource writes them, as text."""
    value = re.sub(r"\n *\n", "\x00", value.strip())
    value = re.sub(r"\\?\n\s*\\?", " ", value).replace("\x00", "\n")
    if value[:1] == '"':
        return value[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\ ", " ")
    return re.sub(r"\A[|>][-+0-9]* ", "", value[1:-1].replace("''", "'") if value[:1] == "'" else value)
