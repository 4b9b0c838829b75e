"""How good detectors are on labelled text: ``python -m detectors.evaluate --data FILE.jsonl``.

Per class and overall: precision, recall, F1 and F2 of spans (exact, and at
intersection over union .5 and .75 in characters, one to one, same class) and of
characters, the share of gold characters that stay uncovered, false alarms per
10,000 characters; each with a percentile bootstrap interval over documents.

Spans of one class that equal or contain each other count once, on both sides:
what they cover is the same. Classes named in `join` have their adjacent pieces
(up to four characters of space and punctuation between them) joined on both
sides before spans are counted, as an address labelled piece by piece needs.
"""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from detectors.detector import Detector, DetectorFailure, Finding
from detectors.evaluation.block import replace_block
from detectors.evaluation.documents import FORMATS, DataError, Document, LabelMap, Span, read_documents, read_label_map
from detectors.evaluation.report import Report
from detectors.evaluation.scoring import count, joined, rows

_BATCH = 64


def evaluate(
    gold: Sequence[Document],
    predicted: Sequence[Sequence[Finding]],
    labels: LabelMap | None = None,
    *,
    join: Collection[str] = (),
    over_lines: bool = False,
    least_score: float = 0.0,
    resamples: int = 1000,
    seed: int = 20,
) -> Report:
    """Score `predicted`, one sequence of findings per document, against `gold`.

    `labels` maps both vocabularies to the classes that are scored; findings with
    a score under `least_score` are left out; `over_lines` lets adjacent pieces be
    joined across a line break too, as an address over several lines needs. Raises `ValueError` when the two do
    not have the same length or there is nothing to score.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} documents but predictions for {len(predicted)}")
    if not gold:
        raise ValueError("no documents to score")
    labels = labels or LabelMap()
    wanted = [[Span(s.start, s.end, c) for s in d.spans if (c := labels.gold_class(s.label))] for d in gold]
    found = [
        [Span(f.start, f.end, c) for f in fs if f.score >= least_score and (c := labels.predicted_class(f.entity))]
        for fs in predicted
    ]
    classes = sorted({s.label for side in (wanted, found) for spans in side for s in spans})
    lengths = np.array([len(d.text) for d in gold], dtype=np.int64)
    typed = count(_join(wanted, gold, join, over_lines), _join(found, gold, join, over_lines), classes)
    together = np.concatenate([typed, typed.sum(axis=1, keepdims=True)], axis=1)
    anything, something = (_join(_untyped(side), gold, ("",), over_lines) for side in (wanted, found))
    untyped = count(anything, something, ("",))
    counts = np.concatenate([together, untyped], axis=1)
    table = rows(counts, [*classes, "overall", "untyped"], lengths, resamples, seed)
    return Report(len(gold), int(lengths.sum()), resamples, seed, tuple(table[:-2]), table[-2], table[-1])


def predict(detectors: Sequence[Detector], documents: Sequence[Document]) -> list[list[Finding]]:
    """Run every detector on every document, in batches, and put the findings together."""
    result: list[list[Finding]] = []
    for start in range(0, len(documents), _BATCH):
        texts = [d.text for d in documents[start : start + _BATCH]]
        parts = [detector.detect(texts) for detector in detectors]
        result += [[f for part in parts for f in part[i]] for i in range(len(texts))]
    return result


def _join(
    side: Sequence[Sequence[Span]], documents: Sequence[Document], names: Collection[str], over_lines: bool
) -> list[list[Span]]:
    if not names:
        return [list(spans) for spans in side]
    result = []
    for spans, document in zip(side, documents, strict=True):
        rest = [s for s in spans if s.label not in names]
        for name in names:
            rest += joined([s for s in spans if s.label == name], document.text, over_lines)
        result.append(rest)
    return result


def _untyped(side: Sequence[Sequence[Span]]) -> list[list[Span]]:
    return [[Span(s.start, s.end, "") for s in spans] for spans in side]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when a report was printed, 64 for bad arguments or data, 1 for a failed detector."""
    options = _parser().parse_args(arguments)
    try:
        labels = (
            read_label_map(options.map, _names(options.only))
            if options.map
            else LabelMap(only=frozenset(_names(options.only)) or None)
        )
        documents = read_documents(options.data, options.format, options.limit)
        predicted = predict(_build(_names(options.detectors)), documents)
    except (ValueError, KeyError) as error:  # bad data, an unknown detector
        return _refuse(error.args[0], 64)
    except DetectorFailure as error:
        return _refuse(f"a detector could not decide: {error}", 1)
    report = evaluate(
        documents,
        predicted,
        labels,
        join=_names(options.join),
        over_lines=options.over_lines,
        least_score=options.least_score,
        resamples=options.resamples,
        seed=options.seed,
    )
    try:
        _write(report, options)
    except DataError as error:
        return _refuse(error.args[0], 64)
    return 0


def _write(report: Report, options: argparse.Namespace) -> None:
    if options.into:
        path, _, block = options.into.partition("#")
        given = {"map": options.map and options.map.name, "join": options.join, "only": options.only}
        given["least-score"] = str(options.least_score) if options.least_score else ""
        more = "".join(f" --{name} {value}" for name, value in given.items() if value)
        more += " --over-lines" if options.over_lines else ""
        command = f"`python -m detectors.evaluate --detectors {options.detectors} --data {options.data.name}{more}`"
        size = f"{report.documents:,} documents, {report.characters:,} characters"
        replace_block(Path(path), block, f"{command}: {size}\n\n{report.to_markdown()}")
        return
    forms = {"json": lambda: json.dumps(report.to_json(), indent=1), "markdown": report.to_markdown}
    render = next((forms[name] for name in forms if getattr(options, name)), report.to_text)
    sys.stdout.write(render() + "\n")


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"evaluate: {message}\n")
    return code


def _build(names: Sequence[str]) -> list[Detector]:
    from detectors.catalog import build  # heavy libraries are imported only when a detector is asked for

    return [build(name) for name in names]


def _names(value: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in value.split(",")) if name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m detectors.evaluate", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="labelled text, .gz or not")
    parser.add_argument("--format", choices=FORMATS, default="auto")
    parser.add_argument("--detectors", default="pii,ner", metavar="NAMES", help="from the catalog, comma between")
    parser.add_argument("--map", type=Path, metavar="FILE", help="JSON: label to class, or null to leave it out")
    parser.add_argument("--only", default="", metavar="CLASSES", help="score these classes only")
    parser.add_argument("--join", default="", metavar="CLASSES", help="join adjacent pieces of these classes")
    parser.add_argument("--over-lines", action="store_true", help="join across a line break too")
    parser.add_argument("--least-score", type=float, default=0.0, metavar="S", help="leave out findings under this")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N documents only")
    parser.add_argument("--resamples", type=int, default=1000, metavar="N", help="of the bootstrap")
    parser.add_argument("--seed", type=int, default=20)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, as JSON")
    form.add_argument("--markdown", action="store_true", help="a table for a README")
    form.add_argument("--into", metavar="README#BLOCK", help="replace a generated block of a README by the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
