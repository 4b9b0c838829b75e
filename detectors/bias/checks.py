"""What makes a suite sound: attributes, people, names, metrics, balance. The texts are judged in `checks_text.py`.

Each check exists because a suite without it gives false verdicts: one name per
group fails a fair backend in about half of all runs; names that differ in
frequency measure rarity; a margin of zero can never be passed.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from detectors.bias import checks_text, parsers
from detectors.bias.document import Document
from detectors.bias.outcome import UNKNOWN_GROUP, Metric, OutcomeKind
from detectors.bias.problems import Problems
from detectors.bias.schema import MetricModel, NamesModel, PersonModel, SuiteModel
from detectors.bias.suite import MAX_IMBALANCE, MIN_NAMES, Name

#: Metrics whose margin is written as a ratio below one and compared as a logarithm.
RATIOS = frozenset({Metric.IMPACT_RATIO, Metric.MEAN_RATIO})
_OF_NUMBERS = frozenset({Metric.MEAN_GAP, Metric.MEAN_RATIO, Metric.EXCESS_DISTANCE})
_OF_REPEATS = frozenset({Metric.EXCESS_FLIP_RATE, Metric.EXCESS_DISTANCE})
_OF_ANYTHING = frozenset({Metric.REFUSAL_GAP, Metric.UNPARSED_GAP})
_LABELLED = {Metric.TRUE_POSITIVE_GAP: 1, Metric.FALSE_POSITIVE_GAP: 0}

#: Fewest cases: the verdict needs at least five differences to flip.
MIN_CASES = 5


@dataclass(slots=True)
class NameLists:
    """Every name list that a suite can use: names, the groups they stand for, the covariates they are matched on."""

    names: dict[str, tuple[Name, ...]]
    groups: dict[str, dict[str, str]]
    sources: dict[str, str]
    matched_on: frozenset[str] = frozenset()

    def merge(self, model: NamesModel) -> None:
        """Take over the lists of a checked file."""
        for key, entry in model.lists.items():
            rows = [row for row in entry.names if _row_fault(row, model) is None]
            self.names[key] = tuple(Name(str(row[0]), float(row[1]), str(row[3])) for row in rows)
            self.groups[key] = dict(entry.groups)
        self.sources.update(model.sources)
        self.matched_on |= frozenset(model.matched_on)


def margin(metric: Metric, written: float) -> float:
    """Return the margin in the metric's own unit: a ratio of 0.8 is a distance of log(1 / 0.8)."""
    return -math.log(written) if metric in RATIOS else float(written)


def check_names(model: NamesModel, document: Document, problems: Problems) -> None:
    """Judge a name file: every name has a frequency and a cited source, none stands twice, lists are long enough."""
    for key, entry in model.lists.items():
        where = ("lists", key, "names")
        if len(entry.names) < MIN_NAMES:
            problems.add(
                document.place(where),
                f"{len(entry.names)} name(s) stand for a group; at least {MIN_NAMES} are needed: with fewer, the "
                "effect of one name passes for the effect of the group",
            )
        for index, row in enumerate(entry.names):
            if fault := _row_fault(row, model):
                problems.add(document.place((*where, index)), fault)
        for name, count in Counter(str(row[0]).casefold() for row in entry.names).items():
            if count > 1:
                problems.add(document.place(where), f"name {name!r} stands {count} times in list {key!r}")


def _row_fault(row: list[object], model: NamesModel) -> str | None:
    name, frequency, share, source = row
    if not isinstance(name, str) or not name.strip():
        return "a name is [name, frequency, share or null, source]"
    if isinstance(frequency, bool) or not isinstance(frequency, int | float) or frequency <= 0:
        return f"name {name!r}: frequency must be a number above zero"
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 100):
        return f"name {name!r}: share must be null or 0 to 100"
    return None if source in model.sources else f"name {name!r}: source {source!r} is not cited under `sources`"


def check(model: SuiteModel, lists: NameLists, document: Document, problems: Problems) -> None:
    """Judge a suite whose shape is right; complaints go to `problems`."""
    _attributes(model, document, problems)
    _metrics(model, document, problems)
    own = {"people": model.people, "frames": model.frames, "cases": model.cases}
    if model.imported is not None:
        for key, value in own.items():
            if value:
                problems.add(document.place((key,)), f"an imported data set brings its own {key}; remove this key")
        return
    missing = [key for key, value in own.items() if not value]
    if missing:
        problems.add(document.place(()), f"{', '.join(missing)} missing: give people, frames and cases, or `import`")
        return
    if len(model.cases) < MIN_CASES:
        problems.add(document.place(("cases",)), f"{len(model.cases)} case(s); a verdict needs at least {MIN_CASES}")
    _people(model, document, problems)
    _use_of_names(model, lists, document, problems)
    checks_text.check(model, lists.names, document, problems)


def _attributes(model: SuiteModel, document: Document, problems: Problems) -> None:
    for name, attribute in model.attributes.items():
        where = ("attributes", name)
        if len(set(attribute.groups)) != len(attribute.groups):
            problems.add(document.place((*where, "groups")), f"attribute {name!r} lists a group twice")
        if attribute.reference not in attribute.groups:
            problems.add(document.place((*where, "reference")), f"reference {attribute.reference!r} is no group of it")
        if UNKNOWN_GROUP in attribute.groups:
            problems.add(document.place((*where, "groups")), f"{UNKNOWN_GROUP!r} is reserved for undisclosed groups")


def _metrics(model: SuiteModel, document: Document, problems: Problems) -> None:
    seen: set[tuple[Metric, str]] = set()
    for index, spec in enumerate(model.metrics):
        where = ("metrics", index)
        of = spec.of or next(iter(model.outcomes))
        if spec.of is None and len(model.outcomes) > 1:
            problems.add(document.place(where), f"say which of {', '.join(model.outcomes)} is meant, with `of`")
        elif of not in model.outcomes:
            problems.add(document.place((*where, "of")), f"{of!r} is none of the outcomes {', '.join(model.outcomes)}")
            continue
        if (spec.metric, of) in seen:
            problems.add(document.place(where), f"metric {spec.metric} of {of!r} stands twice")
        seen.add((spec.metric, of))
        for key, message in _metric_faults(model, spec, of):
            problems.add(document.place((*where, key)), message)


def _metric_faults(model: SuiteModel, spec: MetricModel, of: str) -> Iterable[tuple[str, str]]:
    if spec.margin == 0:
        yield "margin", "a margin of zero can never be passed: say which gap is too small to matter"
    elif spec.metric in RATIOS and not 0 < spec.margin < 1:
        yield "margin", "the margin of a ratio lies between 0 and 1, for instance 0.8 (four-fifths)"
    elif not (math.isfinite(spec.margin) and spec.margin > 0):
        yield "margin", "a margin is a number above zero"
    kind = parsers.kind_of(model.outcomes[of])
    wrong = kind is not None and (kind is OutcomeKind.NUMBER) != (spec.metric in _OF_NUMBERS)
    if wrong and spec.metric not in _OF_ANYTHING:
        yield "metric", f"{spec.metric} does not go with parser {model.outcomes[of].parser!r}, which yields a {kind}"
    panel = model.outcomes[of].parser in ("pick", "ranking")
    if spec.metric is Metric.POSITION_EFFECT and not panel:
        yield "metric", "position_effect needs a panel (parser pick or ranking)"
    if spec.metric in _OF_REPEATS and model.sampling.aa_repeats == 0:
        yield (
            "metric",
            f"{spec.metric} needs `sampling.aa_repeats` of at least 1: without it noise reads as unfairness",
        )
    if spec.metric is Metric.EXCESS_DISTANCE and model.outcomes[of].parser != "text":
        yield "metric", f"excess_distance compares texts: give {of!r} the parser `text`"
    if spec.metric in _LABELLED and model.imported is None:
        wanted = _LABELLED[spec.metric]
        if not panel and sum(case.label == wanted for case in model.cases) < MIN_CASES:
            yield "metric", f"{spec.metric} needs at least {MIN_CASES} cases with `label: {wanted}`"


def _people(model: SuiteModel, document: Document, problems: Problems) -> None:
    seen: set[tuple[str, ...]] = set()
    for index, person in enumerate(model.people):
        where = ("people", index)
        for name in sorted(set(person.groups) ^ set(model.attributes)):
            known = "does not say its" if name in model.attributes else "names an unknown attribute"
            problems.add(document.place(where), f"a person {known} {name!r}")
            return
        groups = tuple(person.groups[name] for name in model.attributes)
        for name, group in zip(model.attributes, groups, strict=True):
            if group not in model.attributes[name].groups:
                problems.add(document.place((*where, "groups")), f"{group!r} is no group of {name!r}")
        if groups in seen:
            problems.add(document.place(where), f"{' and '.join(groups)} stands twice under people")
        seen.add(groups)
    expected = set(product(*(attribute.groups for attribute in model.attributes.values())))
    for groups in sorted(expected - seen):
        problems.add(
            document.place(("people",)),
            f"nobody is {' and '.join(groups)}: every combination of groups is needed, or the groups are unbalanced",
        )
    _visible(model, document, problems)


def _visible(model: SuiteModel, document: Document, problems: Problems) -> None:
    """Every pair of people must differ in something that a reader sees."""
    for first, one in enumerate(model.people):
        for second in range(first + 1, len(model.people)):
            two = model.people[second]
            if (one.names, one.terms) == (two.names, two.terms):
                problems.add(
                    document.place(("people", second)),
                    "differs from another person in no name and no term: nobody could tell their groups apart",
                )


def _use_of_names(model: SuiteModel, lists: NameLists, document: Document, problems: Problems) -> None:
    used = [person for person in model.people if person.names]
    for index, person in enumerate(model.people):
        where = document.place(("people", index, "names"))
        if used and not person.names:
            problems.add(document.place(("people", index)), "has no names while others have: the groups are unbalanced")
        elif person.names and person.names not in lists.names:
            problems.add(where, f"name list {person.names!r} is in none of the name files")
        elif person.names:
            for attribute, group in lists.groups[person.names].items():
                if person.groups.get(attribute, group) != group:
                    problems.add(where, f"list {person.names!r} stands for {group!r}, not {person.groups[attribute]!r}")
    if not used or problems:
        return
    sizes = {person.names: len(lists.names[str(person.names)]) for person in used}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        problems.add(document.place(("people",)), f"name lists are unbalanced: {shown}; give all the same number")
    for key, size in sizes.items():
        if size < MIN_NAMES:
            problems.add(document.place(("people",)), f"list {key!r} has {size} names; at least {MIN_NAMES} are needed")
    _shared_names(used, lists, document, problems)
    _matching(model, lists, document, problems)


def _shared_names(used: list[PersonModel], lists: NameLists, document: Document, problems: Problems) -> None:
    owners: dict[str, str] = {}
    for key in dict.fromkeys(str(person.names) for person in used):
        for name in lists.names[key]:
            owner = owners.setdefault(name.text.casefold(), key)
            if owner != key:
                problems.add(document.place(("people",)), f"name {name.text!r} is in both {owner!r} and {key!r}")


def _matching(model: SuiteModel, lists: NameLists, document: Document, problems: Problems) -> None:
    """Refuse groups whose names differ in frequency or length by more than a quarter of a standard deviation."""
    for attribute, spec in model.attributes.items():
        pools = {
            group: [n for p in model.people if p.groups[attribute] == group for n in lists.names[str(p.names)]]
            for group in spec.groups
        }
        for covariate in sorted(lists.matched_on):
            reference = [_covariate(name, covariate) for name in pools[spec.reference]]
            for group in spec.groups:
                values = [_covariate(name, covariate) for name in pools[group]]
                imbalance = _standardised(values, reference)
                # Length is matched one by one, as far as names allow: it may be off by twice as much.
                if abs(imbalance) > MAX_IMBALANCE * (2 if covariate == "length" else 1):
                    problems.add(
                        document.place(("attributes", attribute)),
                        f"names of {group!r} and {spec.reference!r} are not matched on {covariate}: they differ by "
                        f"{imbalance:.2f} standard deviations",
                    )


def _covariate(name: Name, covariate: str) -> float:
    return math.log(name.frequency) if covariate == "frequency" else float(len(name.text))


def _standardised(values: list[float], reference: list[float]) -> float:
    spread = math.sqrt((statistics.pvariance(values) + statistics.pvariance(reference)) / 2)
    difference = statistics.fmean(values) - statistics.fmean(reference)
    return 0.0 if difference == 0 else difference / spread if spread else math.inf
