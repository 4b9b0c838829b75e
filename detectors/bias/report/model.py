"""A report as plain data: what every form of it (HTML, JSON, CSV, JUnit, SARIF, Markdown) is made from.

``null`` stands for what could not be computed. There is no text of any question
or answer in it, and no name of a list.
"""

import json
from dataclasses import asdict, dataclass

from detectors.bias.outcome import Metric, Reason, Verdict
from detectors.bias.schema import build

VERSION = "sluice.bias-report/1"


class ReportError(Exception):
    """A file is no report of this version; says which file and what to do."""


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """Which suite, in its own words."""

    name: str
    title: str
    about: str
    domain: str
    digest: str
    path: str
    cases: int
    alpha: float
    power: float
    limits: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How it was run. `digest` is over what was observed."""

    backend: str
    fingerprints: dict[str, int]
    seed: int
    finished: str
    planned: int
    calls: int
    unasked: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost: float
    digest: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One case's gap."""

    case: str
    gap: float


@dataclass(frozen=True, slots=True)
class ContrastRow:
    """One contrast, in the metric's own unit (logarithms for ratios). See `outcome.ContrastResult`."""

    measure: str
    metric: Metric
    family: str
    attribute: str
    group: str
    reference: str
    margin: float
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    equivalence_low: float | None
    equivalence_high: float | None
    worst_low: float | None
    worst_high: float | None
    p: float
    p_adjusted: float
    n: int
    cases: int
    names: int
    detectable: float | None
    needed: int | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    dots: tuple[Dot, ...]

    @property
    def id(self) -> str:
        """A stable name: measure, metric, attribute, group against reference."""
        return f"{self.measure}.{self.metric}.{self.attribute}.{self.group}-vs-{self.reference}"


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One group's answers to one measure."""

    measure: str
    attribute: str
    group: str
    asked: int
    parsed: int
    refused: int
    unparsed: int
    failed: int
    rate: float | None
    low: float
    high: float
    impact_ratio: float | None


@dataclass(frozen=True, slots=True)
class NoiseFacts:
    """A/A noise beside the difference between groups. See `evaluate.Noise`."""

    measure: str
    identical_pairs: int
    identical: float | None
    swapped_pairs: int
    swapped: float | None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """How often a place in a panel won. See `evaluate.Place`."""

    measure: str
    place: int
    n: int
    won: float | None
    expected: float | None


@dataclass(frozen=True, slots=True)
class ImpactFacts:
    """One line of an impact-ratio table."""

    measure: str
    attribute: str
    category: str
    n: int
    selected: int
    rate: float | None
    impact_ratio: float | None
    small: bool
    scored: bool
    unknown: int
    missing: int


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    version: str
    verdict: Verdict
    notes: tuple[str, ...]
    suite: SuiteFacts
    run: RunFacts
    contrasts: tuple[ContrastRow, ...]
    groups: tuple[GroupFacts, ...]
    noise: tuple[NoiseFacts, ...]
    places: tuple[PlaceFacts, ...]
    impact: tuple[ImpactFacts, ...]

    def to_json(self) -> str:
        """Return the report as JSON text, keys in a fixed order."""
        return json.dumps(asdict(self), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def from_json(text: str | bytes, shown: str) -> Report:
    """Read a report, as text or in UTF-8; `shown` is the file's name for messages. Raises `ReportError`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{shown}: is not JSON; give the report.json that `bias run` wrote") from error
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ReportError(f"{shown}: is no report of version {VERSION}; give the report.json that `bias run` wrote")
    try:
        return build(Report, data)
    except ValueError as error:
        raise ReportError(f"{shown}: is damaged: {error}") from error
