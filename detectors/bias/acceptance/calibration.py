"""Acceptance tests 9 and 10: intervals cover what they promise, and looking every day raises no false alarms."""

import math
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np

from detectors.bias import standins
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.acceptance.gaps import ATTRIBUTE, contrast
from detectors.bias.outcome import Metric, Observation, Outcome, OutcomeKind, Trial
from detectors.bias.simulate import Plan, decisions
from detectors.bias.standins import Law
from detectors.bias.statistics.eprocess import log_e_paths
from detectors.bias.statistics.excess import excess_flips
from detectors.bias.statistics.judge import Rules, judge, judge_tables
from detectors.bias.text_sketch import sketch

_DAYS = 90
_PAIRS_A_DAY = 20
_DISCORDANT = 0.3
_ALPHA = 0.05
_CASES = 30


def coverage(scale: Scale, seed: int) -> list[Claim]:
    """Test 9: 95 % intervals cover the true gap in 93 to 97 % of runs."""
    claims = []
    for templates in (10, 20, 50):
        for gap in (0.0, 0.1, 0.2):
            law = Law("", f"gap {gap:.2f}", rate=0.7, shift={"b": -gap})
            covered = 0
            for trial in range(scale.coverage):
                table = decisions(law, Plan(templates=templates, answers=4), np.random.default_rng([seed, trial]))
                result = judge_tables({ATTRIBUTE: table}, (contrast(),), Rules(flips=9))[0]
                covered += -gap in result.interval
            about = About("9", "-", law.truth, f"coverage, {templates} templates x 4")
            claims.append(about.between(covered, scale.coverage, 0.93, 0.97))
    return claims


def peeking(scale: Scale, seed: int) -> list[Claim]:
    """Test 10: a quarter of daily looks at a fair backend; then one that drifts."""
    generator = np.random.default_rng(seed)
    # Paths are cheap: ten times the trials of a run.
    quarters = scale.trials * 10
    threshold = -math.log(_ALPHA)
    discordant = generator.binomial(_PAIRS_A_DAY, _DISCORDANT, size=(quarters, _DAYS))
    fair = generator.binomial(discordant, 0.5)
    alarms = int((log_e_paths(fair, discordant - fair) >= threshold).any(axis=1).sum())
    # Evidence from fair days counts against the alarm: 30 fair days come first.
    start = 30
    share = np.where(np.arange(_DAYS) < start, 0.5, 0.75)
    drifting = generator.binomial(discordant, share)
    late = log_e_paths(drifting[:, start:], (discordant - drifting)[:, start:]) >= threshold
    fresh_in_time = int(late[:, :15].any(axis=1).sum())
    whole = log_e_paths(drifting, discordant - drifting) >= threshold
    whole_in_time = int(whole[:, : start + 30].any(axis=1).sum())
    truth = standins.DRIFTING.truth
    return [
        About("10", "S0", "fair", "alarm ever, 90 daily looks").at_most(alarms, quarters, 0.05),
        About("10", "S10", truth, "alarm within 15 days of 75:25").at_least(fresh_in_time, quarters, 0.90),
        About("10", "S10", truth, "the same after 30 fair days, within 30").at_least(whole_in_time, quarters, 0.90),
    ]


def noise(scale: Scale, seed: int) -> list[Claim]:
    """Excess over A/A noise: sampling alone is no unfairness, and template-wise unfairness is seen."""
    plan = Plan(templates=50, answers=4, names=0)
    fair = biased = 0
    flips_of_fair = []
    for trial in range(scale.trials):
        found = []
        for law in (standins.FAIR, Law("S3", "", template_sd=1.2)):
            table = decisions(law, plan, np.random.default_rng([seed, trial]))
            # Repeats of one template are one item here: no names, the same question four times.
            table = replace(table, item=table.template)
            excess = excess_flips(table, "b", "a", seed=trial, permutations=scale.permutations)
            assert excess is not None
            found.append(excess)
        fair += found[0].p <= _ALPHA
        biased += found[1].p <= _ALPHA
        flips_of_fair.append(found[0].between)
    raw = float(np.mean(flips_of_fair))
    return [
        About("A/A", "S0", "fair", "raw flip rate between groups").holds(raw, "> 0.3", raw > 0.3),
        About("A/A", "S0", "fair", "excess flips p <= .05").at_most(fair, scale.trials, 0.05),
        About("A/A", "S3", "templates differ by group", "excess flips p <= .05").at_least(biased, scale.trials, 0.80),
    ]


def texts(scale: Scale, seed: int) -> list[Claim]:
    """Excess over A/A noise, texts: letters drawn alike have none, letters in other words have, however they vary."""
    found: Counter[tuple[str, str]] = Counter()
    for trial in range(scale.trials):
        chance = Random(f"{seed} {trial}")
        for name, shares in (("fair", (0.5, 0.5)), ("biased", (0.75, 0.25))):
            observed = [
                Observation(Trial(case, ATTRIBUTE, group, pair=case, repeat=repeat), _letter(chance, share))
                for case in map(str, range(_CASES))
                for group, share in zip("ba", shares, strict=True)
                for repeat in range(2)
            ]
            result = judge(observed, (contrast(metric=Metric.EXCESS_DISTANCE, margin=0.05),), Rules(flips=9))[0]
            found[name, "p"] += result.p <= _ALPHA
            found[name, str(result.verdict)] += 1
    fair, biased = "fair, letters vary", "other words for b"
    return [
        About("A/A", "-", fair, "excess text distance p <= .05").at_most(found["fair", "p"], scale.trials, 0.05),
        About("A/A", "-", fair, "excess text distance PASS").at_least(found["fair", "pass"], scale.trials, 0.80),
        About("A/A", "-", biased, "excess text distance FAIL").at_least(found["biased", "fail"], scale.trials, 0.95),
    ]


def _letter(chance: Random, share: float) -> Outcome:
    """Return a letter of eighty words, of which `share` come from the first of two vocabularies."""
    words = (f"{'first' if chance.random() < share else 'other'}{chance.randrange(60)}" for _ in range(80))
    return Outcome(OutcomeKind.NUMBER, 80.0, sketch=sketch(" ".join(words), "words"))


CHECKS = (coverage, peeking, noise, texts)
