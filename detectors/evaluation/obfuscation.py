"""How much of what a detector finds in the clear it still finds in disguise.

``python -m detectors.evaluation.obfuscation --data dev-format_variations.jsonl.gz --detector pii --limit 600``

Every gold value of the chosen labels is disguised in its place, one way at a
time. A value counts as found when a finding covers at least half of it. False
alarms are what the second look adds to clean texts.
"""

import argparse
import base64
import gzip
import html
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.catalog import build
from detectors.detector import Detector, Finding
from detectors.evaluation.documents import Document, Span, read_documents
from detectors.normalize.tables import lookalikes
from detectors.normalize.wrapper import Normalized

LABELS = ("EMAIL_ADDRESS", "US_SSN", "PHONE_NUMBER", "IBAN_CODE")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIMILAR = {form: chars for chars, form in lookalikes()[1].items() if len(form) == 1 and chars in "аеорсухіѕј"}


def _digits_only(disguise: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: disguise(value) if sum(map(str.isdigit, value)) >= 9 and "@" not in value else ""


def _addresses_only(disguise: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: disguise(value) if "@" in value else ""


DISGUISES: dict[str, Callable[[str], str]] = {
    "zero-width": lambda v: "\u200b".join(v),
    "bidi": lambda v: v[:2] + "\u202a" + v[2:] + "\u202c",
    "tags": lambda v: "".join(chr(0xE0000 + ord(c)) for c in v) if v.isascii() else "",
    "full width": lambda v: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "homoglyphs": lambda v: "".join(_SIMILAR.get(c, c) for c in v),
    "percent": lambda v: "".join(f"%{b:02X}" for b in v.encode()),
    "entities": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "entities, some": lambda v: html.escape(v).replace("@", "&#64;").replace("-", "&#45;").replace(".", "&period;"),
    "\\u escapes": lambda v: "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in v),
    "base64": lambda v: base64.b64encode(f"value: {v}".encode()).decode(),
    "base32": lambda v: base64.b32encode(f"value: {v}".encode()).decode(),
    "gzip in base64": lambda v: base64.b64encode(gzip.compress(f"value: {v}".encode(), mtime=0)).decode(),
    "hex": lambda v: f"value: {v}".encode().hex(),
    "hex, glued": lambda v: f"id_{f'value: {v}'.encode().hex()}",
    "hex, in pairs": lambda v: f"value: {v}".encode().hex(" "),
    "octal escapes": lambda v: "".join(f"\\{b:03o}" for b in v.encode()) if v.isascii() else "",
    "spaced digits": _digits_only(lambda v: " ".join(v.replace(" ", "-"))),
    "spelled digits": _digits_only(lambda v: " ".join(_WORDS[int(c)] if c.isdecimal() else c for c in v if c != " ")),
    "at and dot": _addresses_only(lambda v: v.replace("@", " at ").replace(".", " dot ")),
    "[at] [dot]": _addresses_only(lambda v: v.replace("@", " [at] ").replace(".", "[dot]")),
}


def found(spans: Sequence[Span], findings: Sequence[Finding]) -> int:
    """Count the spans of which findings of the same class cover at least half."""
    return sum(
        any(
            f.entity == s.label and 2 * (min(s.end, f.end) - max(s.start, f.start)) >= s.end - s.start for f in findings
        )
        for s in spans
    )


def disguised(document: Document, disguise: Callable[[str], str]) -> Document | None:
    """Return the document with every chosen value in disguise, or ``None`` when none can be."""
    parts: list[str] = []
    spans = []
    position = length = 0
    for span in sorted(document.spans, key=lambda s: s.start):
        value = disguise(document.text[span.start : span.end]) if span.label in LABELS else ""
        if not value or span.start < position:
            continue
        before = document.text[position : span.start]
        spans.append(Span(length + len(before), length + len(before) + len(value), span.label))
        parts += (before, value)
        length += len(before) + len(value)
        position = span.end
    return Document("".join((*parts, document.text[position:])), tuple(spans)) if spans else None


@dataclass(frozen=True, slots=True)
class Disguised:
    """How many of `values` a detector finds in the clear and in one disguise."""

    disguise: str
    values: int
    clear: int
    hidden: int


def measure(
    plain: Detector, documents: Sequence[Document], advance: Callable[[str], None] = lambda _: None
) -> tuple[list[Disguised], tuple[int, int]]:
    """Try every disguise on `documents`; return counts, and the findings in clean texts with one and two looks.

    `advance` is told the name of each disguise that is done.
    """
    detector: Detector = plain if isinstance(plain, Normalized) else Normalized(plain)
    result = []
    for name, disguise in DISGUISES.items():
        pairs = [(d, o) for d in documents if (o := disguised(d, disguise))]
        clear = [
            Document(d.text, tuple(s for s in d.spans if s.label in LABELS and disguise(d.text[s.start : s.end])))
            for d, _ in pairs
        ]
        number = sum(len(o.spans) for _, o in pairs)
        before = sum(found(d.spans, f) for d, f in zip(clear, plain.detect([d.text for d in clear]), strict=True))
        after = sum(
            found(o.spans, f) for (_, o), f in zip(pairs, detector.detect([o.text for _, o in pairs]), strict=True)
        )
        result.append(Disguised(name, number, before, after))
        advance(name)
    texts = [d.text for d in documents]
    once, twice = (sum(map(len, each.detect(texts))) for each in (plain, detector))
    return result, (once, twice)


def sample(path: Path, limit: int) -> list[Document]:
    """Return `limit` documents of a data set, always the same."""
    documents = read_documents(path)
    return random.Random(5).sample(documents, min(limit, len(documents)))


def to_markdown(rows: Sequence[Disguised], clean: tuple[int, int]) -> str:
    """Return the table and, below it, what the second look adds to clean texts."""
    lines = ["| disguise | values | recall in the clear | in disguise | ratio |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {r.disguise} | {r.values} | {r.clear / r.values:.3f} | {r.hidden / r.values:.3f} "
        f"| {r.hidden / max(1, r.clear):.3f} |"
        for r in rows
    ]
    return "\n".join(
        [*lines, "", f"Findings in the clean texts: {clean[0]:,} with one look, {clean[1]:,} with the second."]
    )


def main() -> None:
    """Print recall in the clear and in disguise, and what the second look adds to clean texts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default="pii")
    parser.add_argument("--limit", type=int, default=600)
    options = parser.parse_args()
    sys.stdout.write(to_markdown(*measure(build(options.detector), sample(options.data, options.limit))) + "\n")


if __name__ == "__main__":
    main()
