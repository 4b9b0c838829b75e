"""What an evaluation found out, and how it is written down."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % bootstrap interval over documents; NaN where nothing was to be counted."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        return f"{_short(self.value)} [{_short(self.low)}, {_short(self.high)}]"


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall, F1 and F2 with the counts that they come from."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    f2: Estimate
    hits: int
    predicted: int
    gold: int


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one class, or of all.

    `exact`, `iou50` and `iou75` count spans: same class, one to one, intersection
    over union in characters at least 1, .5 and .75. `characters` counts characters.
    `leaked` is the share of gold characters that no prediction of any class covers.
    `alarms` is the number of predictions that touch no gold span of any class, per
    10,000 characters of text.
    """

    name: str
    exact: Scores
    iou50: Scores
    iou75: Scores
    characters: Scores
    leaked: Estimate
    alarms: Estimate


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `detectors.evaluate.evaluate` found.

    `overall` sums over the classes (the right class is asked for); `untyped` asks
    only whether something personal was found, with adjacent pieces joined.
    """

    documents: int
    characters: int
    resamples: int
    seed: int
    classes: tuple[Row, ...]
    overall: Row
    untyped: Row

    def row(self, name: str) -> Row:
        """Return the row of a class; raises `KeyError` for a class that was not scored."""
        for row in self.classes:
            if row.name == name:
                return row
        raise KeyError(name)

    @property
    def rows(self) -> Sequence[Row]:
        """Every row: the classes, then `overall` and `untyped`."""
        return (*self.classes, self.overall, self.untyped)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; NaN becomes null."""
        clean: dict[str, Any] = _without_nan(asdict(self))
        return clean

    def to_text(self) -> str:
        """Return a table for terminals: one block per class with intervals."""
        lines = [f"{self.documents:,} documents, {self.characters:,} characters; 95 % intervals over documents"]
        for row in self.rows:
            lines.append(f"\n{row.name}  ({row.iou50.gold:,} gold, {row.iou50.predicted:,} predicted)")
            for title, s in _levels(row):
                cells = f"P {s.precision}  R {s.recall}  F1 {s.f1}  F2 {s.f2}"
                lines.append(f"  {title:<11} {cells}")
            lines.append(f"  leaked      {row.leaked}   false alarms per 10,000 characters {row.alarms}")
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """Return a table for a README: one line per class."""
        head = "| class | gold | P @.5 | R @.5 | F2 @.5 | P @.75 | R @.75 | F1 @.75 | F2 @.75 | chars F2 | leaked |"
        lines = [head, "|---" + "|--:" * 10 + "|"]
        for row in self.rows:
            cells = [
                f"{row.iou50.gold:,}",
                *(_short(e.value) for e in (row.iou50.precision, row.iou50.recall)),
                str(row.iou50.f2),
                *(_short(e.value) for e in (row.iou75.precision, row.iou75.recall, row.iou75.f1)),
                str(row.iou75.f2),
                _short(row.characters.f2.value),
                str(row.leaked),
            ]
            lines.append(f"| {row.name} | {' | '.join(cells)} |")
        return "\n".join(lines)


def _levels(row: Row) -> Sequence[tuple[str, Scores]]:
    return (("exact", row.exact), ("IoU .5", row.iou50), ("IoU .75", row.iou75), ("characters", row.characters))


def _short(value: float) -> str:
    if math.isnan(value):
        return "–"
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0.") else text


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(v) for v in value]
    return None if isinstance(value, float) and math.isnan(value) else value
