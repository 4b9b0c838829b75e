"""A probe suite, compiled: who is compared, what is asked, how answers are read, what may be spent.

Values only. `detectors.bias.loader` makes a `Suite` from YAML and refuses
whatever could give a false verdict; `detectors.bias.expand` turns it into
questions.

The shape of an experiment:

- A *person* stands for one combination of groups (``race=black, gender=woman``)
  and lends a name, and words such as pronouns, to the slots of a text.
- A *case* is a situation (one applicant's record, one support ticket). Cases are
  the clusters of the statistics: one difference per case goes into the test.
- A *frame* is a wording around the case. Frames, names and orders rotate over
  the *variants* of a case, in step for all groups, so that two questions of one
  variant differ in the group and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from detectors.bias.outcome import CROSS, Contrast, Metric
from detectors.bias.parse import Parser

#: Fewest names that may stand for a group (or several cells of a group, each).
MIN_NAMES = 20

#: Largest standardised mean difference of a matched covariate between two name lists (Stuart 2010, a common bound).
MAX_IMBALANCE = 0.25


@dataclass(frozen=True, slots=True)
class Name:
    """A first name: a signal that readers associate with a group, and its source."""

    text: str
    frequency: float
    source: str


@dataclass(frozen=True, slots=True)
class Person:
    """One combination of groups, `groups` in the order of the suite's attributes."""

    groups: tuple[str, ...]
    names: tuple[Name, ...]
    terms: Mapping[str, str]

    @property
    def group(self) -> str:
        """The crossed name: ``black*woman``."""
        return CROSS.join(self.groups)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A protected attribute, its groups, and the one that others are compared with."""

    name: str
    groups: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class Case:
    """A situation. `fills` are the words that it puts into frames; `label` is the right answer where there is one.

    A case of a panel has one profile per candidate. `texts` by crossed group stand in place of the frames.
    """

    id: str
    fills: Mapping[str, str]
    label: int | None = None
    domain: str = ""
    profiles: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric of one measure (`of`) and its margin, in the metric's own unit (logarithms for ratios)."""

    metric: Metric
    margin: float
    of: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How much is asked: every case in `variants` variants; `aa_share` of them `aa_repeats` more times, unchanged.

    `temperature` None is the backend's default; `system` is a system prompt.
    """

    variants: int
    aa_repeats: int
    aa_share: float
    temperature: float | None
    max_tokens: int
    system: str
    nonce: bool


@dataclass(frozen=True, slots=True)
class Power:
    """What the suite must be able to find, and what is assumed to judge that (see `statistics.power.Design`).

    `distance_sd` is the standard deviation of the distance between two answers to one question.
    """

    effect: float
    power: float
    rate: float
    template_sd: float
    name_sd: float
    variance: float | None
    distance_sd: float = 0.08


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent. `calls` counts every request sent, retries too; `cost` is in the currency of the prices.

    Prices are per million tokens; 0 when unknown, and then `cost` cannot bind.
    """

    calls: int
    cost: float | None
    price_input: float
    price_output: float


@dataclass(frozen=True, slots=True)
class Imported:
    """A data set that the user downloaded, in place of people, frames and cases. `sha256` "" is not checked."""

    format: str
    file: str
    sha256: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite. `digest` is ``sha256:`` over its meaning, names included.

    `panel` says that one question shows all people side by side.
    """

    name: str
    title: str
    about: str
    domain: str
    attributes: tuple[Attribute, ...]
    people: tuple[Person, ...]
    frames: Mapping[str, str]
    cases: tuple[Case, ...]
    measures: Mapping[str, Parser]
    metrics: tuple[MetricSpec, ...]
    intersections: bool
    alpha: float
    unparsed_max: float
    sampling: Sampling
    power: Power
    budget: Budget
    limits: tuple[str, ...]
    sources: tuple[str, ...]
    panel: bool
    answers: tuple[str, ...]
    imported: Imported | None
    path: str = field(compare=False)
    digest: str = field(compare=False)

    @property
    def attribute(self) -> str:
        """The crossed attribute that every trial carries: ``race*gender``."""
        return CROSS.join(attribute.name for attribute in self.attributes)

    def contrasts(self) -> Mapping[str, tuple[Contrast, ...]]:
        """Return the declared contrasts by measure.

        A family is a metric of one measure over all attributes and intersections: with a family per attribute, a
        fair backend failed the hiring suite in 8 of 100 runs, with these in 5 of 150.
        """
        result: dict[str, list[Contrast]] = {}
        for spec in self.metrics:
            pairs = [
                (attribute.name, group, attribute.reference)
                for attribute in self.attributes
                for group in attribute.groups
                if group != attribute.reference
            ]
            if self.intersections and len(self.attributes) > 1:
                reference = CROSS.join(attribute.reference for attribute in self.attributes)
                crossed = [CROSS.join(groups) for groups in product(*(a.groups for a in self.attributes))]
                pairs += [(self.attribute, group, reference) for group in crossed if group != reference]
            if spec.metric is Metric.POSITION_EFFECT:
                pairs = pairs[:1]
            for attribute_name, group, reference in pairs:
                family = f"{spec.of}/{spec.metric}"
                result.setdefault(spec.of, []).append(
                    Contrast(family, attribute_name, group, reference, spec.metric, spec.margin)
                )
        return {measure: tuple(contrasts) for measure, contrasts in result.items()}
