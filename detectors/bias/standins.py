"""Stand-in backends with known bias: the ground truth against which the inference is tested.

A `Law` says how a backend decides, in numbers. `simulate.py` draws whole runs
from a law; `standin_server.py` answers real prompts by the same law over HTTP.
The names S0 to S16 are used throughout the acceptance tests; they are plain words,
since they are typed in shells and are the names of models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from detectors.bias.outcome import CROSS
from detectors.bias.statistics.table import Floats, Ints


class OnInstruction(StrEnum):
    """What a debiasing instruction does to the law's gaps."""

    IGNORED = "ignored"
    OBEYED = "obeyed"  # gaps vanish
    OVERDONE = "overdone"  # gaps change sign


class Answerer(StrEnum):
    """How a BBQ-style question is answered."""

    STEREOTYPED = "stereotyped"
    ANTI_STEREOTYPED = "anti-stereotyped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Law:
    """How a backend decides.

    `rate` is the favourable rate; `shift` adds to it by group (whole, or a factor
    of a crossed group; the crossed group's own entry adds too). `by_label`
    replaces the rate by group and right answer. `name_sd` and `template_sd` are
    standard deviations, in logits, of effects that a name, or a template and
    group together, carry by accident. `proxy_shift` applies only when the
    question also mentions something that correlates with the group (a club, a
    college) and `proxy_share` of the group's questions do.
    `refusal` is the refusal rate by group, `garbage` the share of answers that
    nothing can parse, `first_place` the share of rankings won by whoever stands
    first (None: by chance). `drift_after` is the number of calls before the
    shifts begin. `length` and `warmth` say how long and how friendly free text is.
    """

    name: str
    truth: str
    rate: float = 0.7
    shift: Mapping[str, float] = field(default_factory=dict)
    by_label: Mapping[tuple[str, int], float] = field(default_factory=dict)
    name_sd: float = 0.0
    template_sd: float = 0.0
    template_spread: float = 0.0
    proxy_shift: Mapping[str, float] = field(default_factory=dict)
    refusal: Mapping[str, float] = field(default_factory=dict)
    garbage: float = 0.0
    first_place: float | None = None
    on_instruction: OnInstruction = OnInstruction.IGNORED
    answerer: Answerer | None = None
    drift_after: int = 0
    deterministic: bool = False
    cached: bool = False
    throttled: float = 0.0
    length: Mapping[str, float] = field(default_factory=dict)
    warmth: Mapping[str, float] = field(default_factory=dict)

    def instructed(self) -> "Law":
        """Return the law as it is when a debiasing instruction stands before the question."""
        factor = {OnInstruction.IGNORED: 1.0, OnInstruction.OBEYED: 0.0, OnInstruction.OVERDONE: -1.0}
        times = factor[self.on_instruction]
        return replace(self, shift={group: delta * times for group, delta in self.shift.items()})

    def shift_of(self, group: str) -> float:
        """Return what the law adds to the favourable rate of `group`, its factors included."""
        own = self.shift.get(group, 0.0)
        return own + (sum(self.shift.get(part, 0.0) for part in group.split(CROSS)) if CROSS in group else 0.0)

    def refusal_of(self, group: str) -> float:
        """Return the refusal rate of `group`: the highest among its entries."""
        return max(self.refusal.get(part, 0.0) for part in (group, *group.split(CROSS)))


def favourable_rates(
    law: Law,
    groups: tuple[str, ...],
    group: Ints,
    template: Ints,
    name: Ints,
    label: Ints,
    generator: np.random.Generator,
    proxy: NDArray[np.bool_] | None = None,
) -> Floats:
    """Return the favourable rate of each question; accidental effects are drawn from `generator`.

    All arrays have one entry per question: `group` indexes `groups`, `name` is -1
    where no name was used, `label` -1 where there is no right answer.
    """
    rates = law.rate + np.array([law.shift_of(g) for g in groups])[group]
    for (labelled_group, right), rate in law.by_label.items():
        rates = np.where((group == groups.index(labelled_group)) & (label == right), rate, rates)
    if proxy is not None:
        rates = rates + np.where(proxy, np.array([law.proxy_shift.get(g, 0.0) for g in groups])[group], 0.0)
    logits = np.log(np.clip(rates, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(rates, 1e-6, 1 - 1e-6))
    if law.name_sd:
        effects = generator.normal(0.0, law.name_sd, size=int(name.max()) + 2)
        logits = logits + np.where(name >= 0, effects[name], 0.0)
    if law.template_sd:
        effects = generator.normal(0.0, law.template_sd, size=(int(template.max()) + 1, len(groups)))
        logits = logits + effects[template, group]
    if law.template_spread:
        logits = logits + generator.normal(0.0, law.template_spread, size=int(template.max()) + 1)[template]
    probability = 1 / (1 + np.exp(-logits))
    return np.asarray(np.round(probability) if law.deterministic else probability, dtype=np.float64)


A, B = "a", "b"

FAIR = Law("S0", "fair")
GROUP_BIASED = Law("S1", "gap -0.20", rate=0.8, shift={B: -0.2})
NAME_IDIOSYNCRATIC = Law("S2", "fair, names differ", name_sd=0.7)
TEMPLATE_HETEROGENEOUS = Law("S3", "fair on average, templates differ", template_sd=0.8 / 2**0.5)
POSITION_BIASED = Law("S4", "first place wins 0.56", first_place=0.56)
REFUSAL_BIASED = Law("S5", "refuses b 0.20", refusal={B: 0.2})
TONE_BIASED = Law("S6", "b gets shorter, cooler text", length={A: 120.0, B: 90.0}, warmth={A: 0.6, B: 0.4})
PROXY_BIASED = Law("S7", "reacts to proxies, not to names", rate=0.8, proxy_shift={B: -0.3})
INSTRUCTION_SENSITIVE = Law("S8", "gap -0.20, obeys", 0.8, {B: -0.2}, on_instruction=OnInstruction.OBEYED)
INSTRUCTION_BLIND = Law("S8b", "gap -0.20, ignores", 0.8, {B: -0.2}, on_instruction=OnInstruction.IGNORED)
OVER_CORRECTING = Law("S8c", "gap -0.20, overdoes", 0.7, {B: -0.2}, on_instruction=OnInstruction.OVERDONE)
STEREOTYPED = Law("S9a", "always follows the stereotype", answerer=Answerer.STEREOTYPED)
ANTI_STEREOTYPED = Law("S9b", "always against the stereotype", answerer=Answerer.ANTI_STEREOTYPED)
ALWAYS_UNKNOWN = Law("S9c", "never names anybody", answerer=Answerer.UNKNOWN)
DRIFTING = Law("S10", "fair, then gap", rate=0.75, shift={B: -0.25}, drift_after=600)
MALFORMED = Law("S11", "a third of answers is garbage", garbage=0.33)
DETERMINISTIC = Law("S12", "gap in some templates, no noise", 0.6, {B: -0.15}, template_spread=0.5, deterministic=True)
THROTTLED = Law("S13", "fair, refuses connections", throttled=0.3)
CACHED = Law("S14", "fair, replays answers", cached=True)
INTERSECTION_BIASED = Law("S15", "only black women, -0.16", shift={f"black{CROSS}woman": -0.16})
LABEL_DEPENDENT = Law(
    "S16",
    "equal rates, unequal odds",
    by_label={(A, 1): 0.8, (A, 0): 0.4, (B, 1): 0.6, (B, 0): 0.6},
)

ALL = (
    FAIR, GROUP_BIASED, NAME_IDIOSYNCRATIC, TEMPLATE_HETEROGENEOUS, POSITION_BIASED, REFUSAL_BIASED, TONE_BIASED,
    PROXY_BIASED, INSTRUCTION_SENSITIVE, INSTRUCTION_BLIND, OVER_CORRECTING, STEREOTYPED, ANTI_STEREOTYPED,
    ALWAYS_UNKNOWN, DRIFTING, MALFORMED, DETERMINISTIC, THROTTLED, CACHED, INTERSECTION_BIASED, LABEL_DEPENDENT,
)  # fmt: skip
