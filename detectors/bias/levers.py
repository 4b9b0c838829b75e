"""Levers before and after: ``python -m detectors.bias.levers SUITE --lever blinding --stand-in S1``.

Runs a suite twice, without and with a lever, and says for every contrast whether
the lever improved it, did not show to, or made it worse, and what it costs. With
``--stand-in`` the backend is one whose bias is known; names of groups other than
the first attribute's reference stand for its disfavoured group.
Exit code 0 when nothing is worsened, 1 when something is, 64 for wrong usage.
"""

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from detectors.bias import standins
from detectors.bias.backend import Backend
from detectors.bias.evaluate import rules
from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.mitigation.backends import Lever, blind_messages, calls_per_question, find_people, wrap
from detectors.bias.mitigation.effect import LeverEffect, LeverVerdict, lever_effects
from detectors.bias.mitigation.leakage import Leakage, leakage
from detectors.bias.outcome import Metric, Verdict
from detectors.bias.parse import Choice, Number, Pick, Ranking
from detectors.bias.plan import Plan, plan
from detectors.bias.problems import SuiteError
from detectors.bias.run import RunResult, Settings, run
from detectors.bias.standin_text import Signals, Speech, StandInBackend
from detectors.bias.statistics.table import tabulate
from detectors.bias.suite import Suite

_SKIPPED = frozenset({Metric.EXCESS_FLIP_RATE, Metric.EXCESS_DISTANCE})
_TOLD = frozenset({Verdict.FAIL, Verdict.INVALID})  # contrasts worth a line whatever the lever did
_MOST_PROMPTS = 480  # for leakage: enough to find a proxy, few enough to fit in seconds
_QUIET = Settings(concurrency=8, first_delay=0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A lever's effects on all contrasts, what still shows of the group (blinding only), and what was sent."""

    lever: Lever
    effects: tuple[LeverEffect, ...]
    leakage: Leakage | None
    calls_before: int
    calls_after: int

    @property
    def verdict(self) -> LeverVerdict:
        """Worsened when anything is; improved when something is and nothing worsened."""
        verdicts = {effect.verdict for effect in self.effects}
        for verdict in (LeverVerdict.WORSENED, LeverVerdict.IMPROVED):
            if verdict in verdicts:
                return verdict
        return LeverVerdict.NOT_SHOWN


async def compare(
    made: Plan, backend: Backend, lever: Lever, before: RunResult | None = None, settings: Settings | None = None
) -> Comparison:
    """Run `made` without and with `lever`; give `before` when it was run already.

    Raises ValueError when the lever does not fit the suite or would exceed its
    budget of calls.
    """
    suite = made.suite
    cost = calls_per_question(lever, suite) * made.calls
    if cost > suite.budget.calls:
        raise ValueError(
            f"lever {lever}: {cost} requests for {made.calls} questions exceed the budget of {suite.budget.calls} calls"
        )
    first = before or await run(made, backend, settings=settings or _QUIET)
    wrapped = wrap(lever, suite, backend)
    second = await run(made, wrapped, settings=settings or _QUIET)
    effects: list[LeverEffect] = []
    for measure, declared in suite.contrasts().items():
        contrasts = [contrast for contrast in declared if contrast.metric not in _SKIPPED]
        attributes = {contrast.attribute for contrast in contrasts}
        old, new = (
            {attribute: tabulate(observed.observations[measure], attribute) for attribute in attributes}
            for observed in (first, second)
        )
        calls = wrapped.calls / max(1, first.calls)
        effects += lever_effects(lever, old, new, contrasts, rules(suite, measure), calls)
    shown = residual(made) if lever is Lever.BLINDING and not suite.panel else None
    return Comparison(lever, tuple(effects), shown, first.calls, wrapped.calls)


def doubled(suite: Suite) -> Suite:
    """Return the suite with twice the variants and the budget for them.

    What a lever changes is a difference of two gaps, whose variance is twice that of one: a run that finds a gap is
    too small to find that the gap has gone.
    """
    sampling = replace(suite.sampling, variants=2 * suite.sampling.variants)
    budget = replace(suite.budget, calls=2 * suite.budget.calls)
    return replace(suite, sampling=sampling, budget=budget, digest=f"{suite.digest}+doubled")


def residual(made: Plan) -> Leakage | None:
    """Return how well the first attribute's reference group can be told from blinded prompts.

    None when the suite has one template only: then nothing can be learnt.
    """
    suite = made.suite
    attribute = suite.attributes[0]
    step = max(1, len(made.questions) // _MOST_PROMPTS)
    rows = [
        (blind_messages(question.messages(""), find_people)[1][-1]["content"], question.trials[0])
        for question in made.questions[::step]
    ]
    if len({trial.template for _, trial in rows}) < 2:
        return None
    return leakage(
        [text for text, _ in rows],
        [trial.group_of(attribute.name) != attribute.reference for _, trial in rows],
        [trial.template for _, trial in rows],
    )


def stand_in(law: standins.Law, suite: Suite, seed: int = 0) -> StandInBackend:
    """Return a stand-in that answers this suite's questions by `law`, in the words that its first parser reads.

    Names (or, without names, the words for a group) of the first attribute's
    reference group mean the law's group ``a``, all others ``b``; the suite's own
    group names mean themselves where the law speaks of them.
    """
    attribute = suite.attributes[0]
    words: dict[str, str] = {}
    for person in suite.people:
        group = person.group if set(law.shift) & {person.group, *person.groups} else ""
        group = group or (standins.A if person.groups[0] == attribute.reference else standins.B)
        for word in [name.text for name in person.names] or list(person.terms.values()):
            words.setdefault(word, group)
    speech, choices = _speech(suite)
    return StandInBackend(law, Signals(words), speech, choices, seed)


def _speech(suite: Suite) -> tuple[Speech, tuple[str, str]]:
    parser = next(iter(suite.measures.values()))
    if isinstance(parser, Choice):
        favourable = [label in parser.favourable for label in parser.options]
        phrases = [options[0] for options in parser.options.values()]
        return Speech.CHOICE, (phrases[favourable.index(True)], phrases[favourable.index(False)])
    kinds = ((Number, Speech.NUMBER), (Pick, Speech.PICK), (Ranking, Speech.RANKING))
    speech = next((speech for kind, speech in kinds if isinstance(parser, kind)), Speech.TEXT)
    return speech, ("Yes", "No")


def _of_what(metric: Metric) -> str:
    """Return what is reduced: of an impact ratio, whose cases have no ratios, the gap in rates behind it."""
    return "rate gap reduced by" if metric is Metric.IMPACT_RATIO else "reduction"


def render(comparison: Comparison) -> str:
    """Return the comparison as a table for a terminal."""
    lines = [f"{comparison.lever}: {comparison.verdict} ({comparison.calls_after} requests)"]
    told = [e for e in comparison.effects if e.verdict is not LeverVerdict.NOT_SHOWN or e.before.verdict in _TOLD]
    for effect in told:
        contrast = effect.before.contrast
        utility = "" if math.isnan(effect.utility) else f", utility {effect.utility:+.3f}"
        note = ", turned around" if effect.over_corrected else ""
        lines.append(
            f"  {contrast.attribute} {contrast.group} / {contrast.reference}, {contrast.metric}: "
            f"{effect.before.estimate:+.3f} ({effect.before.verdict}) to {effect.after.estimate:+.3f} "
            f"({effect.after.verdict}), {_of_what(contrast.metric)} {effect.reduction:+.3f} "
            f"[{effect.interval.low:+.3f}, {effect.interval.high:+.3f}]: {effect.verdict}{note}{utility}, "
            f"refusals {effect.refusals:+.3f}"
        )
    if len(told) < len(comparison.effects):
        lines.append(f"  {len(comparison.effects) - len(told)} more contrasts, none failed before: not shown")
    if comparison.leakage is not None:
        leak = comparison.leakage
        found = "the group still shows" if leak.leaks else "the group does not show"
        lines.append(f"  leakage: AUC {leak.auc:.2f} [{leak.interval.low:.2f}, {leak.interval.high:.2f}], {found}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit code."""
    parser = argparse.ArgumentParser(prog="levers", description="Measure levers against bias, before and after.")
    parser.add_argument("suite", type=Path)
    parser.add_argument("--lever", action="append", choices=[lever.value for lever in Lever], help="default: all")
    parser.add_argument("--stand-in", required=True, choices=[law.name for law in standins.ALL], dest="law")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the effects to this file")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return 0 if stop.code == 0 else 64
    try:
        suite = doubled(load(options.suite))
        # A stand-in costs nothing: the budget is the plan's, times the dearest lever.
        suite = replace(suite, budget=replace(suite.budget, calls=suite.budget.calls * len(suite.people)))
        made = plan(suite, expand(suite, options.seed), options.seed)
        law = next(law for law in standins.ALL if law.name == options.law)
        comparisons = asyncio.run(_compare_all(made, law, options.lever or [*Lever], options.seed))
    except (SuiteError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 64
    if options.json:
        options.json.write_text(json.dumps([asdict(c) for c in comparisons], indent=1, default=str), encoding="utf-8")
    return 1 if any(c.verdict is LeverVerdict.WORSENED for c in comparisons) else 0


async def _compare_all(made: Plan, law: standins.Law, levers: Sequence[str], seed: int) -> list[Comparison]:
    before = await run(made, stand_in(law, made.suite, seed), settings=_QUIET)
    comparisons = []
    for name in levers:
        try:
            comparison = await compare(made, stand_in(law, made.suite, seed + 1), Lever(name), before)
        except ValueError as error:
            sys.stdout.write(f"{error}\n")
            continue
        sys.stdout.write(render(comparison) + "\n")
        comparisons.append(comparison)
    return comparisons


if __name__ == "__main__":
    sys.exit(main())
