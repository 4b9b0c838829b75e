"""What people write for people, much of it telling them what to do: manuals, recipes, questions and answers."""

import csv
import io
import json
import random
import re
from collections.abc import Iterator
from typing import Final

from detectors.injection.clones import Clones, Record, pieces, record

_GUIDES: Final = (
    ("public-domain-recipes", "61b488ee25afd3abacc7aec408752f3987a9f8b3", r"^content/.*\.md$", 400, "recipe",
     "ronaldl29/public-domain-recipes", "Unlicense"),
    ("based.cooking", "2d8642ec41ccc6162ec3123c15024dd3d22cc33b", r"^content/.*\.md$", 300, "recipe",
     "LukeSmithxyz/based.cooking", "Unlicense"),
    ("tldr", "08e345f42639f67d99282813247ac670dc6e87cb", r"^pages/(common|linux)/.*\.md$", 500, "manual",
     "tldr-pages/tldr", "CC-BY-4.0"),
    ("tldr", "08e345f42639f67d99282813247ac670dc6e87cb", r"^pages\.(de|fr|es|it|nl|pl|pt_BR|zh|ja|ru|tr)/.*\.md$",
     300, "manual", "tldr-pages/tldr", "CC-BY-4.0"),
    ("book", "917544888a55e4da7109bdba8c88c893c0da70f4", r"^src/.*\.md$", 500, "textbook", "rust-lang/book",
     "MIT OR Apache-2.0"),
    ("handbook", "1e4955634d0369f17e5bbc0ebbf8f62e2a3dfe4b", r"^pages/.*\.md$", 900, "handbook", "18F/handbook",
     "CC0-1.0"),
    ("opensource.guide", "ebc9678e39b55ff5e5c8801d1960904692188e90", r"^_articles/[^/]*\.md$", 500, "guide",
     "github/opensource.guide", "CC-BY-4.0"),
    ("opensource.guide", "ebc9678e39b55ff5e5c8801d1960904692188e90", r"^_articles/(de|fr|es|it|pl|pt|ja|tr|zh-hans)/",
     300, "guide", "github/opensource.guide", "CC-BY-4.0"),
    ("plainlanguage.gov", "43230773bd7c589ac6394ead7b36a2554241abdc", r"^_pages/.*\.md$", 700, "style_guide",
     "GSA/plainlanguage.gov", "CC0-1.0"),
    ("govuk-developer-docs", "972d1b4410ffd165f2f3e889eda30bcf7d1cc6b3", r"^source/.*\.html\.md$", 800, "operations",
     "alphagov/govuk-developer-docs", "MIT"),
    ("FastChat", "0e6d3e4beaab66f4d3f93db72541a4abab8af28d", r"\.md$", 150, "readme", "lm-sys/FastChat", "Apache-2.0"),
    ("FastChat", "0e6d3e4beaab66f4d3f93db72541a4abab8af28d", r"^(?!.*conversation).*\.py$", 700, "code",
     "lm-sys/FastChat", "Apache-2.0"),
    ("abcd", "6b8700ce67c6b37b062dd7a60abc76d7ef832a97", r"\.py$", 150, "code", "asappresearch/abcd", "MIT"),
    ("garak", "cafbe992780df70015de7295ca026b70c4629ada", r"^garak/(?!data|probes|resources).*\.py$", 800, "code",
     "NVIDIA/garak", "Apache-2.0"),
    ("book", "917544888a55e4da7109bdba8c88c893c0da70f4", r"^listings/.*\.rs$", 400, "code", "rust-lang/book",
     "MIT OR Apache-2.0"),
    ("fabric", "272f04dd3278f99bee49e94a7747b54708745a5d", r"\.go$", 700, "code", "danielmiessler/fabric", "MIT"),
    ("govuk-developer-docs", "972d1b4410ffd165f2f3e889eda30bcf7d1cc6b3", r"\.(rb|erb|js|yml|json|scss)$", 500, "code",
     "alphagov/govuk-developer-docs", "MIT"),
)  # fmt: skip


def guides(clones: Clones) -> Iterator[Record]:
    """Yield pieces of manuals, recipes, handbooks, a textbook, READMEs and program text."""
    for clone, commit, pattern, most, kind, source, licence in _GUIDES:
        dice = random.Random(clone + pattern)
        found: list[str] = []
        paths = clones.names(clone, commit, pattern)
        for path in dice.sample(paths, min(len(paths), most)):
            text = re.sub(r"\A---.*?\n---\n", "", clones.read(clone, commit, path), flags=re.S)
            found += [p for p in pieces(text) if len(p) > 60]
        for piece in dice.sample(found, min(len(found), most)):
            yield record(piece, 0, kind, source, licence)


def answers(clones: Clones) -> Iterator[Record]:
    """Yield questions with their answers, as on pages of frequent questions, and exercises of arithmetic."""
    raw = clones.read("COVID-QA", "fb2eb5e249618457e5359806601086c635c8eb8f", "data/faqs/faq_covidbert.csv")
    for row in csv.DictReader(io.StringIO(raw)):
        text = f"{row['question']}\n{row['answer']}"[:900]
        yield record(text, 0, "frequent_question", "deepset-ai/COVID-QA", "Apache-2.0")
    commit = "3101c7d5072418e28b9008a6636bde82a006892c"
    lines = clones.read("grade-school-math", commit, "grade_school_math/data/train.jsonl").split("\n")[:900]
    questions = [json.loads(line)["question"] for line in lines]
    for number in range(0, len(questions), 3):
        text = "\n".join(f"{n}. {q}" for n, q in enumerate(questions[number : number + 3], number + 1))
        yield record(text, 0, "exercise", "openai/grade-school-math", "MIT")


def meetings(clones: Clones) -> Iterator[Record]:
    """Yield pieces of what was said in meetings."""
    commit = "83d7768c1f2b4dfeb091385d3dc7e239b8e5bb7e"
    for path in clones.names("QMSum", commit, r"^data/ALL/train/.*\.json$"):
        turns = json.loads(clones.read("QMSum", commit, path))["meeting_transcripts"]
        said = (f"{t['speaker']}: " + re.sub(r"\{.*?\} ?", "", t["content"]) for t in turns)
        text = "\n\n".join(re.sub(r" ([.,?!']|n't)", r"\1", turn) for turn in said)
        found = list(pieces(text))
        for piece in random.Random(path).sample(found, min(len(found), 5)):
            yield record(piece.replace("\n\n", "\n"), 0, "meeting", "Yale-LILY/QMSum", "MIT")
