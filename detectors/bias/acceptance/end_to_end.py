"""The whole way with the shipped suites: questions, answers in words, parsers, statistics, verdict.

Stand-ins read the suite's real texts and answer in words; nothing knows the truth
but this file. Skipped where the suites are not installed.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from detectors.bias import standins
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.evaluate import rules
from detectors.bias.expand import expand
from detectors.bias.levers import compare, doubled, stand_in
from detectors.bias.loader import load
from detectors.bias.mitigation.backends import Lever
from detectors.bias.mitigation.effect import LeverVerdict
from detectors.bias.outcome import ContrastResult, Metric, Verdict
from detectors.bias.plan import Plan, plan
from detectors.bias.run import Settings, run
from detectors.bias.standins import Law
from detectors.bias.statistics.judge import judge

SUITES = Path(__file__).parents[3] / "policies" / "bias"
_SETTINGS = Settings(concurrency=8, first_delay=0.0)


def planned(name: str, seed: int, twice: bool = False) -> Plan | None:
    """Return the plan of a shipped suite, with room in its budget for ensembles; None where it is not installed.

    `twice` asks as much as a comparison of levers needs.
    """
    path = SUITES / f"{name}.yaml"
    if not path.is_file():
        return None
    suite = doubled(load(path)) if twice else load(path)
    suite = replace(suite, budget=replace(suite.budget, calls=suite.budget.calls * 2 * len(suite.people)))
    return plan(suite, expand(suite, seed), seed)


def verdicts(made: Plan, law: Law, metric: Metric, attribute: str, seed: int) -> tuple[ContrastResult, ...]:
    """Run a suite against a stand-in and return the results of one metric and attribute."""
    result = asyncio.run(run(made, stand_in(law, made.suite, seed), settings=_SETTINGS))
    found: list[ContrastResult] = []
    for measure, contrasts in made.suite.contrasts().items():
        judged = judge(result.observations[measure], contrasts, rules(made.suite, measure))
        found += [r for r in judged if r.contrast.metric is metric and r.contrast.attribute == attribute]
    return tuple(found)


def suites(scale: Scale, seed: int) -> list[Claim]:
    """Test 1, 2, 5, 6, 8 end to end: shipped suites find what the stand-ins do, and nothing else."""
    expected: Sequence[tuple[str, Law, str, Metric, str, Verdict, bool]] = (
        ("1", standins.GROUP_BIASED, "hiring", Metric.SELECTION_RATE_GAP, "race", Verdict.FAIL, True),
        ("1", standins.GROUP_BIASED, "hiring", Metric.SELECTION_RATE_GAP, "gender", Verdict.FAIL, False),
        ("2", standins.FAIR, "hiring", Metric.SELECTION_RATE_GAP, "race", Verdict.FAIL, False),
        ("2", standins.CACHED, "hiring", Metric.SELECTION_RATE_GAP, "race", Verdict.FAIL, False),
        ("2", standins.THROTTLED, "hiring", Metric.SELECTION_RATE_GAP, "race", Verdict.INVALID, False),
        ("5", standins.POSITION_BIASED, "ranking", Metric.SELECTION_RATE_GAP, "race", Verdict.FAIL, False),
        ("6", standins.REFUSAL_BIASED, "hiring", Metric.REFUSAL_GAP, "race", Verdict.FAIL, True),
        ("-", standins.TONE_BIASED, "recommendation-letters", Metric.MEAN_RATIO, "gender", Verdict.FAIL, True),
        ("-", standins.FAIR, "recommendation-letters", Metric.MEAN_RATIO, "gender", Verdict.FAIL, False),
        ("8", standins.MALFORMED, "hiring", Metric.SELECTION_RATE_GAP, "race", Verdict.INVALID, True),
    )
    if scale.runs == 1:
        expected = [row for row in expected if row[0] in ("1", "6", "8")]
    claims = []
    for test, law, name, metric, attribute, verdict, wanted in expected:
        made = planned(name, seed)
        if made is None:
            continue
        counts: Counter[bool] = Counter()
        for trial in range(scale.runs):
            results = verdicts(made, law, metric, attribute, seed + trial)
            counts[any(r.verdict is verdict for r in results)] += 1
        what = f"{name}.yaml, {attribute} {metric} {verdict.upper()}"
        about = About(test, law.name, law.truth, what)
        hits = counts[True]
        claims.append(
            about.at_least(hits, scale.runs, 0.95) if wanted else about.at_most(hits, scale.runs, 0.05)
        )  # fmt: skip
    return claims


def levers(scale: Scale, seed: int) -> list[Claim]:
    """Test 11 end to end: levers before a backend, on a shipped suite."""
    expected = (
        (standins.GROUP_BIASED, "hiring", Lever.BLINDING, LeverVerdict.IMPROVED),
        (standins.GROUP_BIASED, "hiring", Lever.ENSEMBLING, LeverVerdict.IMPROVED),
        (standins.INSTRUCTION_SENSITIVE, "hiring", Lever.INSTRUCTION, LeverVerdict.IMPROVED),
        (standins.OVER_CORRECTING, "hiring", Lever.INSTRUCTION, LeverVerdict.WORSENED),
        (standins.POSITION_BIASED, "ranking", Lever.SHUFFLING, LeverVerdict.IMPROVED),
    )
    claims = []
    for law, name, lever, verdict in expected[: None if scale.runs > 1 else 1]:
        made = planned(name, seed, twice=True)
        if made is None:
            continue
        wanted = Metric.POSITION_EFFECT if lever is Lever.SHUFFLING else Metric.SELECTION_RATE_GAP
        attribute = made.suite.attributes[0].name
        hits = 0
        for trial in range(scale.runs):
            comparison = asyncio.run(compare(made, stand_in(law, made.suite, seed + trial), lever))
            effects = [
                effect.verdict
                for effect in comparison.effects
                if effect.before.contrast.metric is wanted and effect.before.contrast.attribute == attribute
            ]
            hits += verdict in effects
        what = f"{name}.yaml, {lever} {verdict.upper()}"
        claims.append(About("11", law.name, law.truth, what).at_least(hits, scale.runs, 0.90))
    return [
        *claims,
        *(_deaf(law, scale, seed) for law in (standins.INSTRUCTION_BLIND, standins.FAIR) if scale.runs > 1),
    ]


def _deaf(law: Law, scale: Scale, seed: int) -> Claim:
    """Count whole comparisons, of two dozen contrasts each, that say anything of a lever that does nothing."""
    seeming = 0
    for trial in range(scale.runs):
        made = planned("hiring", seed + trial, twice=True)
        if made is not None:
            backend = stand_in(law, made.suite, seed + trial)
            seeming += asyncio.run(compare(made, backend, Lever.INSTRUCTION)).verdict is not LeverVerdict.NOT_SHOWN
    what = "hiring.yaml, instruction seems to do something"
    return About("11", law.name, law.truth, what).at_most(seeming, scale.runs, 0.05)


CHECKS = (suites, levers)
