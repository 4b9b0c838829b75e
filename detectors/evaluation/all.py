"""Every evaluation in one go: ``python -m detectors.evaluation.all`` (``make eval``).

Runs on whatever it finds: labelled sets under `SLUICE_SHARED` (default `../shared`)
and published test sets in the folder `SLUICE_EVAL`; says which are absent and where
to get them. Refreshes the generated blocks of ``detectors/README.md`` (a block whose
set is absent stays as it is) and prints what is wanted and what is reached.
"""

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from detectors.catalog import build
from detectors.detector import Detector
from detectors.evaluate import evaluate, predict
from detectors.evaluation import alarms, attacks, bipia, footprint, goals, obfuscation
from detectors.evaluation.block import replace_block
from detectors.evaluation.documents import DataError
from detectors.evaluation.proportion import proportion
from detectors.evaluation.report import Estimate, Report
from detectors.evaluation.sets import ORIGINS, SETS, DataSet

_ROOT: Final = Path(__file__).parents[2]
_REDACTING: Final = ("pii", "ner", "secrets", "hidden")
_INJECTION: Final = ("injection", "injection-document")
_ALL: Final = "pii,ner,secrets,hidden,injection,injection-document"
_FORMS: Final = ("EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "IP_ADDRESS", "URL")
_OBFUSCATED: Final = 300
_SEEN: Final = "dev-"  # sets of which training saw a part get one line each, not a table


@dataclass(slots=True)
class Run:
    """What one run has measured so far, and where it writes."""

    shared: Path
    published: Path | None
    readme: Path | None
    policy: Path
    say: Callable[[str], None]
    detectors: dict[str, Detector] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    figures: list[goals.Goal] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def detector(self, name: str) -> Detector:
        """Build each detector once."""
        if name not in self.detectors:
            self.detectors[name] = build(name)
        return self.detectors[name]

    def find(self, place: str, *files: str) -> list[Path] | None:
        """Return the paths of `files`, or ``None`` when one is absent, which is noted."""
        root = self.shared if place == "shared" else self.published
        paths = [root / file for file in files] if root else []
        missing = [file for file, path in zip(files, paths or [Path()] * len(files), strict=True) if not path.is_file()]
        self.absent += [f"{place}: {file}" for file in (files if root is None else missing)]
        return None if root is None or missing else paths

    def write(self, block: str, body: str) -> None:
        """Replace a block of the README, when there is one to write to."""
        if self.readme:
            replace_block(self.readme, block, body)


def labelled(run: Run, data: DataSet) -> None:
    """Evaluate on one labelled set."""
    paths = run.find(data.place, data.file)
    if not paths:
        return
    documents = data.read(paths[0])
    predicted = predict([run.detector(name) for name in data.detectors], documents)
    report = evaluate(documents, predicted, data.labels, join=data.join, over_lines=data.over_lines)
    run.reports[data.block] = report
    if not data.block.startswith(_SEEN):
        size = f"{report.documents:,} documents, {report.characters:,} characters"
        joined = f"; adjacent {' and '.join(data.join)} joined, over line breaks too" if data.join else ""
        run.write(
            data.block, f"{data.title}, detectors {', '.join(data.detectors)}: {size}{joined}\n\n{_table(report)}"
        )


def _table(report: Report) -> str:
    return report.to_markdown()


def seen_sets(run: Run) -> None:
    """Write one line per development set."""
    head = "| set | PERSON exact F1 | LOCATION | ORGANIZATION |\n|---|--:|--:|--:|"
    lines = [
        f"| {data.title} | {' | '.join(str(run.reports[data.block].row(n).exact.f1) for n in names)} |"
        for data in SETS
        if data.block.startswith(_SEEN) and data.block in run.reports
        for names in [("PERSON", "LOCATION", "ORGANIZATION")]
    ]
    if lines:
        run.write("dev", "\n".join([head, *lines]))


def false_alarms(run: Run) -> None:
    """Count what the default policy would replace in code, logs and random numbers."""
    thresholds = alarms.policy_thresholds(run.policy)
    ids = {
        "random numbers of 9 to 16 digits, 100 to a text": alarms.random_ids(),
        "random numbers of 9 to 16 digits, one to a text": alarms.random_ids(together=1),
    }
    texts = {
        "source code (160 modules of Python's standard library)": alarms.source_code(),
        "made-up logs": alarms.made_up_logs(),
        **ids,
    }
    folder = run.published / "logs" if run.published else None
    if folder and folder.is_dir():
        texts["real logs (loghub, 16 systems)"] = alarms.logs(folder)
    else:
        run.absent.append("published: logs/*.log")
    detectors = [run.detector(name) for name in _REDACTING]
    rows = [alarms.count_alarms(title, some, detectors, thresholds) for title, some in texts.items()]
    run.write("alarms", alarms.to_markdown(rows))
    for row in rows:
        if row.title in ids:
            share = proportion(sum(row.by_entity.values()), sum(t.count("\n") + 1 for t in ids[row.title]))
            run.figures.append(goals.Goal("random numbers taken for ids", row.title, 0.005, share, "most"))
        else:
            value = Estimate(row.per_10_000, math.nan, math.nan)
            run.figures.append(goals.Goal("false alarms per 10,000 characters", row.title, 1, value, "most", 2))


def disguises(run: Run) -> None:
    """Measure recall in disguise."""
    data = next(d for d in SETS if d.block == "format_variations")
    paths = run.find(data.place, data.file)
    if not paths:
        return
    rows, clean = obfuscation.measure(run.detector("pii"), obfuscation.sample(paths[0], _OBFUSCATED))
    run.write("obfuscation", obfuscation.to_markdown(rows, clean))
    worst = min(rows, key=lambda row: row.hidden / max(1, row.clear))
    share = proportion(worst.hidden, worst.clear)
    run.figures.append(
        goals.Goal("obfuscated values, of those found in the clear", f"worst: {worst.disguise}", 0.9, share)
    )
    added = Estimate((clean[1] - clean[0]) / max(1, clean[0]), math.nan, math.nan)
    run.figures.append(
        goals.Goal("findings that the second look adds to clean text", "same documents", 0.01, added, "most")
    )


def injections(run: Run) -> None:
    """Judge published prompts, harmless and not."""
    able = [s for name in _INJECTION if isinstance(s := run.detector(name), attacks.Scorer)]
    rows = []
    for title, files, label in attacks.PROMPT_SETS:
        if paths := run.find("published", *files):
            rows.append(attacks.judge(title, attacks.read_prompts(paths, label), bool(label), able))
    for title, context, attack, label in bipia.SETS:
        if paths := run.find("published", context, attack):
            rows.append(attacks.judge(title, bipia.read(paths[0], paths[1], label), bool(label), able))
    if not rows:
        return
    scorer = run.detector("injection-document")
    if isinstance(scorer, attacks.Scorer):
        found = harmless_documents(run).items()
        alarmed = [attacks.judge(title, texts, False, [scorer]) for title, texts in found]
        run.write("injection-documents", attacks.to_markdown(alarmed, _INJECTION[1:]))
        for row in alarmed:
            name = "`injection-document`: harmless taken for attacks"
            run.figures.append(goals.Goal(name, row.title, 0.03, row.shares[0], "most"))
    run.write("injection", attacks.to_markdown(rows, _INJECTION))
    for row in rows:
        # BIPIA's attacks are requests that only a document makes attacks of: both detectors are asked.
        placed = "document" in row.title or " in " in row.title or "alone" in row.title
        asked = (1,) if placed else (0, 1) if row.title.startswith("BIPIA") else (0,)
        for index in asked:
            name = f"`{_INJECTION[index]}`: {'attacks caught' if row.attacks else 'harmless taken for attacks'}"
            wanted = 0.8 if row.attacks else 0.05 if row.title.startswith("NotInject") else 0.03
            sense = "least" if row.attacks else "most"
            run.figures.append(goals.Goal(name, row.title, wanted, row.shares[index], sense))  # type: ignore[arg-type]


def harmless_documents(run: Run) -> dict[str, list[str]]:
    """Return texts that hold nothing for a model: web text, made-up letters and forms, program text, logs."""
    texts = {}
    for block, title in (("ewt", "UNER EWT test, ten sentences a document"), ("synth_v2", "synth_dataset_v2")):
        data = next(d for d in SETS if d.block == block)
        if paths := run.find(data.place, data.file):
            found = [document.text for document in data.read(paths[0])]
            texts[title] = attacks.joined(found) if block == "ewt" else found
    texts["Python's standard library, 8,000 characters a document"] = alarms.source_code()
    if run.published and (run.published / "logs").is_dir():
        texts["real logs (loghub, 16 systems), 8,000 characters a document"] = alarms.logs(run.published / "logs")
    return texts


def start_up(run: Run) -> None:
    """Measure start-up and memory in fresh processes."""
    rows = [footprint.footprint(names) for names in ("pii", "pii,ner,secrets,hidden", _ALL)]
    run.write("footprint", footprint.to_markdown(rows))
    most = rows[-1]
    where = "all six detectors, one fresh process"
    for what, value, wanted in (
        ("start-up to first finding, seconds of processor time", most.cpu, 2.0),
        ("start-up to first finding, seconds by the clock", most.wall, 2.0),
    ):
        run.figures.append(goals.Goal(what, where, wanted, Estimate(value, math.nan, math.nan), "most", 2))
    resident = Estimate(most.worked, math.nan, math.nan)
    run.figures.append(goals.Goal("resident memory after a megabyte of text, MB", where, 250, resident, "most", 0))


def quality_goals(reports: dict[str, Report]) -> list[goals.Goal]:
    """Return the figures on labelled text that the project has goals for, of the sets that were there."""
    result: list[goals.Goal] = []
    if report := reports.get("synth_v2"):
        where = "synth_dataset_v2"
        for name in _FORMS:
            row = report.row(name).iou75
            result.append(goals.Goal(f"{name} recall, IoU .75", f"{where}, {row.gold} values", 0.99, row.recall))
            result.append(goals.Goal(f"{name} precision, IoU .75", f"{where}", 0.99, row.precision))
        phone = report.row("PHONE_NUMBER").iou75
        result += [
            goals.Goal("PHONE_NUMBER recall, IoU .75", f"{where}, {phone.gold} values", 0.9, phone.recall),
            goals.Goal("PHONE_NUMBER precision, IoU .75", where, 0.88, phone.precision),
            goals.Goal("PERSON F2, IoU .75", where, 0.86, report.row("PERSON").iou75.f2),
            goals.Goal("places and addresses, merged, F2, IoU .5", where, 0.85, report.row("LOCATION").iou50.f2),
            goals.Goal("all personal data, binary, F2, IoU .5", where, 0.9, report.untyped.iou50.f2),
        ]
    for block, where, wanted in (("wnut17", "WNUT17 test, no @handles", 0.66), ("ewt", "UNER EWT test", 0.78)):
        if block in reports:
            result.append(goals.Goal("PERSON exact F1", where, wanted, reports[block].row("PERSON").exact.f1))
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything; 0 when all that was there was measured, 64 for data that cannot be read."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    published = Path(options.published) if options.published else None
    readme = options.readme if options.readme.is_file() and not options.dry else None
    run = Run(
        options.shared,
        published,
        readme,
        options.policy,
        lambda line: console.print(line, highlight=False, soft_wrap=True),
    )
    steps: list[tuple[str, Callable[[], None]]] = [(d.title, lambda d=d: labelled(run, d)) for d in SETS]  # type: ignore[misc]
    steps += [
        ("development sets", lambda: seen_sets(run)),
        ("false alarms", lambda: false_alarms(run)),
        ("obfuscation", lambda: disguises(run)),
        ("injection", lambda: injections(run)),
        ("start-up and memory", lambda: start_up(run)),
    ]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    try:
        with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("", total=len(steps))
            for title, step in steps:
                bar.update(task, description=title)
                if not console.is_terminal:
                    run.say(f"{title} ...")
                step()
                bar.advance(task)
        _finish(run)
    except DataError as error:
        sys.stderr.write(f"evaluate: {error.args[0]}\n")
        return 64
    return 0


def _finish(run: Run) -> None:
    table = goals.to_markdown([*quality_goals(run.reports), *run.figures])
    if run.published and not run.absent:
        run.write("goals", table)
    sys.stdout.write(f"{table}\n\nSpeed: make bench-detect.\n")
    for name in dict.fromkeys(run.absent):
        run.say(f"absent, not measured: {name}")
    if run.absent:
        run.say("The table of goals in the README was left as it was. Published sets go into a folder outside the")
        run.say("repository that SLUICE_EVAL names; they come from:")
        for files, origin in ORIGINS.items():
            run.say(f"  {files}: {origin}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m detectors.evaluation.all", description=(__doc__ or "").split("\n\n")[0]
    )
    shared = os.environ.get("SLUICE_SHARED") or _ROOT.parent / "shared"
    parser.add_argument("--shared", type=Path, default=Path(shared), metavar="DIR", help="default: $SLUICE_SHARED")
    parser.add_argument(
        "--published", default=os.environ.get("SLUICE_EVAL"), metavar="DIR", help="default: $SLUICE_EVAL"
    )
    parser.add_argument("--policy", type=Path, default=_ROOT / "policies" / "default.yaml", metavar="FILE")
    parser.add_argument("--readme", type=Path, default=_ROOT / "detectors" / "README.md", metavar="FILE")
    parser.add_argument("--dry", action="store_true", help="write no README")
    return parser


if __name__ == "__main__":
    sys.exit(main())
