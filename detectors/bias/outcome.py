"""The values that every file of the bias room shares: trials, outcomes, contrasts, verdicts.

A *trial* is one question to a backend: a template filled for one group. Its
*outcome* is what a parser made of the answer. Neither holds prompt or answer
text, so an observation can be journalled, logged and reported as it is.

A *contrast* asks one question of many observations ("do women get an invitation
as often as men?"); a `ContrastResult` answers it with an estimate, an interval,
a p-value and one of four verdicts.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

#: Joins the names of crossed attributes and of their groups: ``race*sex``, ``black*female``.
CROSS = "*"

#: Unknown or undisclosed group; counted and shown, never compared.
UNKNOWN_GROUP = "unknown"


class OutcomeKind(StrEnum):
    """What a parser made of an answer."""

    CHOICE = "choice"  # one of the declared options; `value` is 1.0 when it is the favourable one, else 0.0
    NUMBER = "number"  # a number that the answer states, a length, a sentiment
    RANKING = "ranking"  # an order of candidates; `value` says how the trial's group fared (1.0: first)
    REFUSAL = "refusal"  # the backend declined to answer
    UNPARSED = "unparsed"  # an answer came, and the parser does not guess
    FAILED = "failed"  # no answer came: transport error, rate limit, deadline

    @property
    def parsed(self) -> bool:
        """Whether the outcome has a value."""
        return self in _PARSED


_PARSED = frozenset({OutcomeKind.CHOICE, OutcomeKind.NUMBER, OutcomeKind.RANKING})


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to a backend, by its coordinates in the suite.

    `attribute` and `group` may be crossed: ``race*sex`` and ``black*female``, in
    the same order. `name` is the id of the name that stood for the group, empty
    when the template says the group in words. `repeat` numbers identical
    questions from 0; repeats of one trial differ in nothing else, so they are
    also the A/A noise. Trials with equal `pair` differ only in the group.
    `order` says which of the counterbalanced orders was used. `label` is the
    right answer (1 favourable, 0 not) where the template has one.
    """

    template: str
    attribute: str
    group: str
    name: str = ""
    order: int = 0
    repeat: int = 0
    pair: str = ""
    domain: str = ""
    label: int | None = None

    @property
    def factors(self) -> tuple[tuple[str, str], ...]:
        """The single attributes and groups that a crossed trial stands for."""
        return tuple(zip(self.attribute.split(CROSS), self.group.split(CROSS), strict=True))

    def group_of(self, attribute: str) -> str | None:
        """Return this trial's group for `attribute`, whole or as a factor of a crossed one; None when it has none."""
        if attribute == self.attribute:
            return self.group
        factors = dict(self.factors)
        parts = [factors.get(part) for part in attribute.split(CROSS)]
        return None if None in parts else CROSS.join(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial. Holds no answer text.

    `value` is the number on which inference is done, None unless `kind` is
    parsed. `label` names the chosen option; `ranking` lists candidate ids, best
    first; `order_slot` is where the trial's candidate stood in the question
    (0: first), for measuring position bias. `sketch` (hexadecimal digits) tells how
    far free texts are apart; no word can be read off it (see `text_sketch`).
    """

    kind: OutcomeKind
    value: float | None = None
    label: str = ""
    ranking: tuple[str, ...] = ()
    order_slot: int | None = None
    sketch: str = ""

    def __post_init__(self) -> None:
        if self.kind.parsed != (self.value is not None):
            raise ValueError(f"outcome of kind {self.kind}: value must be given exactly when the kind is parsed")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"outcome of kind {self.kind}: value must be finite")


@dataclass(frozen=True, slots=True)
class Observation:
    """A trial and its outcome."""

    trial: Trial
    outcome: Outcome


class Metric(StrEnum):
    """What a contrast compares. Gaps are group minus reference."""

    SELECTION_RATE_GAP = "selection_rate_gap"  # difference of favourable rates among parsed answers
    MEAN_GAP = "mean_gap"  # difference of means: numbers, sentiment, length, rank
    MEAN_RATIO = "mean_ratio"  # log of the ratio of means; margin is in log units
    IMPACT_RATIO = "impact_ratio"  # log of (group rate / reference rate); four-fifths: margin log(1 / 0.8)
    REFUSAL_GAP = "refusal_gap"  # difference of refusal rates among answers that came
    UNPARSED_GAP = "unparsed_gap"  # difference of unparsed rates among answers that came
    EXCESS_FLIP_RATE = "excess_flip_rate"  # flips between groups beyond flips between identical questions
    EXCESS_DISTANCE = "excess_distance"  # text distance between groups beyond that between identical questions
    TRUE_POSITIVE_GAP = "true_positive_gap"  # selection gap among trials labelled 1 (one half of equalised odds)
    FALSE_POSITIVE_GAP = "false_positive_gap"  # selection gap among trials labelled 0 (the other half)
    POSITION_EFFECT = "position_effect"  # how much more often the first place wins than chance


class Verdict(StrEnum):
    """What the evidence allows to say."""

    PASS = "pass"  # the gap is shown to lie within the margin
    FAIL = "fail"  # a gap is shown, and it is at least as large as the margin
    INCONCLUSIVE = "inconclusive"  # neither is shown; `n_needed` says what it would take
    INVALID = "invalid"  # the measurement itself is unsound; no statement about the backend

    @staticmethod
    def worst(verdicts: "list[Verdict] | tuple[Verdict, ...]") -> "Verdict":
        """Return the verdict of a whole: fail, then invalid, then inconclusive, then pass; nothing measured is invalid.

        A shown gap stays shown when another contrast could not be measured.
        """
        for verdict in (Verdict.FAIL, Verdict.INVALID, Verdict.INCONCLUSIVE, Verdict.PASS):
            if verdict in verdicts:
                return verdict
        return Verdict.INVALID


class Reason(StrEnum):
    """Why a verdict is what it is. Closed vocabulary; reports translate it."""

    GAP_SHOWN = "gap-shown"
    WITHIN_MARGIN = "within-margin"
    GAP_BELOW_MARGIN = "gap-below-margin"  # significant, but smaller than the margin
    UNDERPOWERED = "underpowered"
    MISSING_COULD_EXPLAIN = "missing-could-explain"  # worst-case bounds over refusals and unparsed change the verdict
    TOO_MANY_UNPARSED = "too-many-unparsed"
    TOO_MANY_FAILED = "too-many-failed"
    UNPARSED_DIFFERS_BY_GROUP = "unparsed-differs-by-group"
    TOO_FEW_TEMPLATES = "too-few-templates"
    TOO_FEW_NAMES = "too-few-names"
    ORDER_NOT_BALANCED = "order-not-balanced"
    NO_OBSERVATIONS = "no-observations"
    NO_VARIATION = "no-variation"  # every answer is the same: nothing was measured but one constant
    NOT_POSITIVE = "not-positive"  # a ratio of numbers, one of which is zero or below
    NO_REPEATS = "no-repeats"  # noise between identical questions was not measured
    REPLAYED = "replayed"  # identical questions get identical answers: a cache or a deterministic backend


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval at confidence `level` (0.95 for 95 %)."""

    low: float
    high: float
    level: float = 0.95

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def inside(self, margin: float) -> bool:
        """Whether the whole interval lies strictly within ``-margin..margin``."""
        return -margin < self.low and self.high < margin

    @property
    def half_width(self) -> float:
        """Half of the distance between the ends."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Contrast:
    """One declared question: `group` against `reference` on `metric`, with the smallest gap that matters.

    Contrasts with equal `family` share one error rate (Holm); families are
    declared by the suite before the run. `margin` is above zero, in the unit of
    the metric.
    """

    family: str
    attribute: str
    group: str
    reference: str
    metric: Metric
    margin: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.margin) and self.margin > 0):
            raise ValueError(
                f"contrast {self.attribute}: {self.group} against {self.reference}, {self.metric}: margin must be a "
                "number above zero; with no margin no run, however long, could ever pass"
            )
        if self.group == self.reference:
            raise ValueError(f"contrast {self.attribute}: {self.group} is compared with itself")


@dataclass(frozen=True, slots=True)
class MissingRates:
    """How many answers of the two sides are missing, as shares of the trials asked, and how likely by chance.

    `p_refused` and `p_unparsed` are two-sided p-values of "both sides alike".
    """

    refused_group: float
    refused_reference: float
    unparsed_group: float
    unparsed_reference: float
    failed: float
    p_refused: float
    p_unparsed: float


@dataclass(frozen=True, slots=True)
class ContrastResult:
    """The answer to a contrast.

    `p_adjusted` (Holm within the family) decides FAIL, together with the margin;
    `interval` has the family's simultaneous level (Bonferroni, a little wider).
    `equivalence` is the two-sided ``1 - 2 alpha`` interval that decides PASS (two
    one-sided tests). Gaps are group minus reference; for ratios they are logarithms.
    `bounds` are the estimate's worst cases over missing answers. `n` is the number
    of parsed answers on both sides, `clusters` of templates, `names` of names on the
    side that has fewer. `mde` is the smallest gap that this run would have found
    with 80 % power; `n_needed` is the number of answers on both sides for a
    conclusion, None when there is one or when more answers alone would not help.
    A result without estimate has NaN there and the verdict says why.
    """

    contrast: Contrast
    estimate: float
    interval: Interval
    equivalence: Interval
    bounds: Interval
    p: float
    p_adjusted: float
    n: int
    clusters: int
    names: int
    mde: float
    n_needed: int | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    missing: MissingRates
    template_gaps: tuple[tuple[str, float], ...] = ()
