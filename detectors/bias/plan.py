"""What a run will cost and what it can find, said before anything is sent.

A plan that cannot find the effect that its suite is about gives false comfort:
its likeliest verdict is *inconclusive*, and what it fails to find, readers take
for absent. Such a plan is refused unless the user insists.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from detectors.bias.expand import Question
from detectors.bias.outcome import Contrast, Metric
from detectors.bias.statistics.excess import MOST_REPEATS
from detectors.bias.statistics.power import (
    Design,
    distance_excess_variance,
    flip_excess_variance,
    minimum_detectable_effect,
    power_to_fail,
    power_to_pass,
    templates_needed,
)
from detectors.bias.statistics.table import item_of
from detectors.bias.suite import Suite

#: Characters of English text per token, on the low side: estimates of cost should not be too small.
CHARACTERS_PER_TOKEN = 3.5

#: Tokens that a chat format adds to a message.
TOKENS_PER_MESSAGE = 8

#: Assumed share of refused or unparsed answers, for the power of those two gaps.
MISSING_RATE = 0.05

_RATES = frozenset({
    Metric.SELECTION_RATE_GAP, Metric.IMPACT_RATIO, Metric.REFUSAL_GAP, Metric.UNPARSED_GAP,
    Metric.TRUE_POSITIVE_GAP, Metric.FALSE_POSITIVE_GAP,
})  # fmt: skip
_EXCESSES = frozenset({Metric.EXCESS_FLIP_RATE, Metric.EXCESS_DISTANCE})


@dataclass(frozen=True, slots=True)
class Line:
    """What the plan can say about one contrast, in the unit of its metric.

    `detectable` is the smallest gap found with the suite's power; `finds` the
    probability of FAIL at the suite's effect, `passes` that of PASS when there is
    no gap; `needed` is how many cases would let a fair backend pass. None where
    the metric has no formula (or its variance was not given).
    """

    measure: str
    contrast: Contrast
    answers: int
    detectable: float | None
    finds: float | None
    passes: float | None
    needed: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Size, cost and power of a run. `problems` say why it should not be run as it is; empty when it may."""

    suite: Suite
    questions: tuple[Question, ...]
    seed: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float
    lines: tuple[Line, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def plan(suite: Suite, questions: Sequence[Question], seed: int) -> Plan:
    """Return the plan for asking `questions`; nothing is sent."""
    input_tokens = sum(estimate_tokens(question, suite.sampling.system) for question in questions)
    output_tokens = suite.sampling.max_tokens * len(questions)
    cost = (input_tokens * suite.budget.price_input + output_tokens * suite.budget.price_output) / 1e6
    lines = tuple(
        _line(suite, questions, measure, contrast)
        for measure, contrasts in suite.contrasts().items()
        for contrast in contrasts
    )
    problems = (*_over_budget(suite, len(questions), cost), *_underpowered(suite, lines))
    return Plan(
        suite, tuple(questions), seed, len(questions), input_tokens, output_tokens, cost, lines, problems,
        _notes(suite, lines),
    )  # fmt: skip


def estimate_tokens(question: Question, system: str = "") -> int:
    """Return about how many tokens a question sends; rather too many than too few."""
    characters = len(question.text) + len(system)
    return math.ceil(characters / CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE * (2 if system else 1)


def _line(suite: Suite, questions: Sequence[Question], measure: str, contrast: Contrast) -> Line:
    family = sum(1 for c in suite.contrasts()[measure] if c.family == contrast.family)
    if contrast.metric in _EXCESSES:
        return _excess_line(suite, questions, measure, contrast, family)
    answers = sum(
        1 for q in questions for t in q.trials if t.group_of(contrast.attribute) in (contrast.group, contrast.reference)
    )
    design = _design(suite, questions, measure, contrast)
    effect = _effect(suite, contrast)
    if design is None or effect is None:
        return Line(measure, contrast, answers, None, None, None, None)
    alpha = suite.alpha / family
    return Line(
        measure,
        contrast,
        answers,
        minimum_detectable_effect(design, alpha, suite.power.power),
        power_to_fail(design, effect, alpha, contrast.margin),
        power_to_pass(design, contrast.margin, suite.alpha),
        templates_needed(design, contrast.margin, suite.alpha, suite.power.power),
    )


def _excess_line(suite: Suite, questions: Sequence[Question], measure: str, contrast: Contrast, family: int) -> Line:
    """Return the line of an excess over noise: only questions that are asked twice count, on both sides."""
    items: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for trial in (t for q in questions for t in q.trials):
        group = trial.group_of(contrast.attribute)
        if group in (contrast.group, contrast.reference):
            items[trial.template, item_of(trial, contrast.attribute)][group] += 1
    asked = {at: min(counts[contrast.group], counts[contrast.reference]) for at, counts in items.items()}
    twice = {at: min(number, MOST_REPEATS) for at, number in asked.items() if number >= 2}
    answers = 2 * sum(twice.values())
    templates = len({template for template, _ in twice})
    if templates < 2:
        return Line(measure, contrast, answers, None, None, None, None)
    repeats, power = min(twice.values()), suite.power
    flips = contrast.metric is Metric.EXCESS_FLIP_RATE
    one = flip_excess_variance(power.rate, repeats) if flips else distance_excess_variance(power.distance_sd, repeats)
    # `Design` speaks of a difference of two answers, which has twice the variance of one.
    design = Design(templates, max(1, len(twice) // templates), variance=one / 2, template_sd=0.0, name_sd=0.0)
    primary = (contrast.metric, measure) == (suite.metrics[0].metric, suite.metrics[0].of)
    # A gap in every case flips answers as its square; texts have no such rule.
    effect = power.effect**2 if flips else power.effect if primary else 2 * contrast.margin
    alpha = 2 * suite.alpha / family  # one-sided: an excess has no other side
    return Line(
        measure,
        contrast,
        answers,
        minimum_detectable_effect(design, alpha, power.power),
        power_to_fail(design, effect, alpha, contrast.margin),
        power_to_pass(design, contrast.margin, suite.alpha),
        templates_needed(design, contrast.margin, suite.alpha, power.power),
    )


def _design(suite: Suite, questions: Sequence[Question], measure: str, contrast: Contrast) -> Design | None:
    """Return the design that the questions make for a contrast; None where there is no formula."""
    metric, power = contrast.metric, suite.power
    wanted = {Metric.TRUE_POSITIVE_GAP: 1, Metric.FALSE_POSITIVE_GAP: 0}.get(metric)
    trials = [
        t
        for q in questions
        for t in q.trials
        if t.group_of(contrast.attribute) == contrast.group and (wanted is None or t.label == wanted)
    ]
    templates = len({t.template for t in trials})
    if templates < 2:
        return None
    names = len({t.name for t in trials if t.name})
    design = Design(templates, max(1, len(trials) // templates), names, power.rate, power.template_sd, power.name_sd)
    if metric in (Metric.REFUSAL_GAP, Metric.UNPARSED_GAP):
        return replace(design, rate=MISSING_RATE, template_sd=power.template_sd / 2, name_sd=power.name_sd / 2)
    if metric is Metric.IMPACT_RATIO:
        # The logarithm of a rate has variance (1 - p) / p and sd / p, by the delta method.
        rate = power.rate
        return replace(
            design, variance=(1 - rate) / rate, template_sd=power.template_sd / rate, name_sd=power.name_sd / rate
        )
    if metric in _RATES:
        return design
    is_primary = (metric, measure) == (suite.metrics[0].metric, suite.metrics[0].of)
    return replace(design, variance=power.variance) if is_primary and power.variance is not None else None


def _effect(suite: Suite, contrast: Contrast) -> float | None:
    """Return the effect that should be found, in the metric's unit."""
    metric, power = contrast.metric, suite.power
    if metric in (Metric.REFUSAL_GAP, Metric.UNPARSED_GAP):
        return max(2 * contrast.margin, power.effect / 2)
    if metric is Metric.IMPACT_RATIO:
        return -math.log((power.rate - power.effect) / power.rate) if power.effect < power.rate else None
    return power.effect


def _over_budget(suite: Suite, calls: int, cost: float) -> list[str]:
    problems = []
    if calls > suite.budget.calls:
        problems.append(
            f"the plan needs {calls} calls, the budget allows {suite.budget.calls}: lower `sampling.variants` or raise "
            "`budget.calls`"
        )
    if suite.budget.cost is not None and cost > suite.budget.cost:
        problems.append(f"the plan may cost {cost:.2f}, the budget allows {suite.budget.cost:.2f}")
    return problems


def _underpowered(suite: Suite, lines: Sequence[Line]) -> list[str]:
    """The first metric is the suite's main one: its single attributes must be found with the declared power."""
    single = {attribute.name for attribute in suite.attributes}
    main = [
        line
        for line in lines
        if line.contrast.metric is suite.metrics[0].metric
        and line.measure == suite.metrics[0].of
        and line.contrast.attribute in single
    ]
    weak = [line for line in main if line.finds is not None and line.finds < suite.power.power]
    if not weak:
        return []
    worst = min(weak, key=lambda line: line.finds or 0.0)
    return [
        f"underpowered: an effect of {suite.power.effect:g} on {worst.contrast.metric} ({worst.contrast.attribute}: "
        f"{worst.contrast.group} against {worst.contrast.reference}) would be found with probability "
        f"{worst.finds:.2f}, the suite asks for {suite.power.power:.2f}: raise `sampling.variants` or add cases"
    ]


def _notes(suite: Suite, lines: Sequence[Line]) -> tuple[str, ...]:
    notes = []
    rare = [line for line in lines if line.passes is not None and line.passes < 0.5]
    if rare:
        notes.append(
            f"{len(rare)} of {len(lines)} contrasts would rarely PASS even for a fair backend: at this size they can "
            "show a large gap or stay inconclusive"
        )
    if suite.budget.price_input == suite.budget.price_output == 0.0:
        notes.append("no prices are given (budget.price_input, budget.price_output): cost is not bounded")
    return tuple(notes)
