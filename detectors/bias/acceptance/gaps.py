"""Acceptance tests 1 to 6, 8 and 12: verdicts on groups, against stand-ins whose truth is known."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import numpy as np

from detectors.bias import standins
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.outcome import CROSS, Contrast, ContrastResult, Metric, Reason, Verdict
from detectors.bias.simulate import Plan, decisions, marginal, rankings
from detectors.bias.standins import Law
from detectors.bias.statistics.distributions import normal_cdf
from detectors.bias.statistics.judge import Rules, judge_tables
from detectors.bias.statistics.table import Table

ATTRIBUTE = "x"
MARGIN = 0.10
Draw = Callable[[np.random.Generator], Table]


def contrast(
    group: str = "b", reference: str = "a", metric: Metric = Metric.SELECTION_RATE_GAP, margin: float = MARGIN
) -> Contrast:
    """Return a contrast of the simulated attribute; all share one family per metric."""
    return Contrast(f"{ATTRIBUTE}/{metric}", ATTRIBUTE, group, reference, metric, margin)


def runs(
    draw: Draw, contrasts: Sequence[Contrast], trials: int, flips: int, seed: int
) -> Iterable[tuple[ContrastResult, ...]]:
    """Yield the results of `trials` independent runs."""
    for trial in range(trials):
        table = draw(np.random.default_rng([seed, trial]))
        yield judge_tables({ATTRIBUTE: table}, contrasts, Rules(flips=flips))


def verdict_counts(
    law: Law, plan: Plan, scale: Scale, seed: int, contrasts: Sequence[Contrast] | None = None
) -> Counter[Verdict]:
    """Return how many runs ended with which worst verdict."""
    asked = contrasts or (contrast(),)
    return Counter(
        Verdict.worst([result.verdict for result in results])
        for results in runs(lambda g: decisions(law, plan, g), asked, scale.trials, scale.flips, seed)
    )


def power(scale: Scale, seed: int) -> list[Claim]:
    """Test 1: a gap of 0.20 is found."""
    claims = []
    for plan, share in ((Plan(templates=50, answers=4), 0.95), (Plan(templates=25, answers=4), 0.75)):
        counts = verdict_counts(standins.GROUP_BIASED, plan, scale, seed)
        about = About("1", "S1", standins.GROUP_BIASED.truth, f"FAIL, {plan.templates} templates x 4 x 2")
        claims.append(about.at_least(counts[Verdict.FAIL], scale.trials, share))
    return claims


def fairness(scale: Scale, seed: int) -> list[Claim]:
    """Test 2: a fair backend does not fail, passes when enough is asked, and else is inconclusive."""
    law, claims = standins.FAIR, []
    for count in (2, 5, 8):
        groups = tuple("abcdefgh"[:count])
        pairs = [contrast(second, first) for first, second in combinations(groups, 2)]
        significant = failed = 0
        plan = Plan(groups=groups, templates=50, answers=4)
        for results in runs(lambda g, plan=plan: decisions(law, plan, g), pairs, scale.trials, scale.flips, seed):  # type: ignore[misc]
            significant += any(r.p_adjusted <= 0.05 for r in results)
            failed += any(r.verdict is Verdict.FAIL for r in results)
        what = f"{count} groups, all {len(pairs)} pairs, Holm"
        claims.append(About("2", "S0", law.truth, f"FAIL, {what}").at_most(failed, scale.trials, 0.05))
        claims.append(About("2", "S0", law.truth, f"p <= .05, {what}").at_most(significant, scale.trials, 0.05))
    large = verdict_counts(law, Plan(templates=100, answers=4), scale, seed)
    claims.append(About("2", "S0", law.truth, "PASS, 400 a group").at_least(large[Verdict.PASS], scale.trials, 0.80))
    small = verdict_counts(law, Plan(templates=25, answers=4), scale, seed)
    about = About("2", "S0", law.truth, "INCONCLUSIVE, 100 a group")
    return [*claims, about.at_least(small[Verdict.INCONCLUSIVE], scale.trials, 0.90)]


def names(scale: Scale, seed: int) -> list[Claim]:
    """Test 3: a backend that likes some names is not called biased against a group; the naive test calls it so."""
    law, plan = standins.NAME_IDIOSYNCRATIC, Plan(templates=25, answers=4, names=20)
    failed = significant = naive = lonely = invalid = 0
    for trial, results in enumerate(
        runs(lambda g: decisions(law, plan, g), (contrast(),), scale.trials, scale.flips, seed)
    ):
        failed += results[0].verdict is Verdict.FAIL
        significant += results[0].p <= 0.05
        generator = np.random.default_rng([seed, trial])
        naive += naive_p(decisions(law, plan, generator)) <= 0.05
        one = decisions(law, Plan(templates=25, answers=4, names=1), generator)
        lonely += naive_p(one) <= 0.05
        invalid += judge_tables({ATTRIBUTE: one}, (contrast(),), Rules(flips=99))[0].verdict is Verdict.INVALID
    about = About("3", "S2", law.truth, "FAIL, 20 names")
    trials = scale.trials
    return [
        about.at_most(failed, trials, 0.07),
        About("3", "S2", law.truth, "p <= .05, 20 names").at_most(significant, trials, 0.07),
        About("3", "S2", law.truth, "naive z-test, 20 names").exceeds(naive, trials, 0.07),
        About("3", "S2", law.truth, "naive z-test, 1 name").exceeds(lonely, trials, 0.45),
        About("3", "S2", law.truth, "INVALID, 1 name").at_least(invalid, trials, 1.0),
    ]


def templates(scale: Scale, seed: int) -> list[Claim]:
    """Test 4: templates that differ do not make a gap; the naive test takes them for one."""
    law, plan = standins.TEMPLATE_HETEROGENEOUS, Plan(templates=10, answers=20)
    failed = significant = naive = 0
    for trial, results in enumerate(
        runs(lambda g: decisions(law, plan, g), (contrast(),), scale.trials, scale.flips, seed)
    ):
        failed += results[0].verdict is Verdict.FAIL
        significant += results[0].p <= 0.05
        naive += naive_p(decisions(law, plan, np.random.default_rng([seed, trial]))) <= 0.05
    return [
        About("4", "S3", law.truth, "FAIL, 10 templates x 20").at_most(failed, scale.trials, 0.07),
        About("4", "S3", law.truth, "p <= .05, 10 templates x 20").at_most(significant, scale.trials, 0.07),
        About("4", "S3", law.truth, "naive z-test").exceeds(naive, scale.trials, 0.07),
    ]


def position(scale: Scale, seed: int) -> list[Claim]:
    """Test 5: position bias is reported as such, and does not become a group's gap."""
    law, plan = standins.POSITION_BIASED, Plan(groups=tuple("abcdefgh"), templates=50, answers=4)
    gaps = [contrast(group, "a", margin=0.05) for group in plan.groups[1:]]
    effect = contrast("b", "a", Metric.POSITION_EFFECT)
    failed = found = 0
    estimates = []
    for results in runs(lambda g: rankings(law, plan, g), [*gaps, effect], scale.trials, scale.flips, seed):
        failed += any(r.verdict is Verdict.FAIL for r in results[:-1])
        found += results[-1].verdict is Verdict.FAIL
        estimates.append(results[-1].estimate)
    refused = naive = 0
    for results in runs(lambda g: rankings(law, plan, g, False), gaps, scale.trials, scale.flips, seed):
        refused += any(Reason.ORDER_NOT_BALANCED in r.reasons for r in results)
        naive += any(r.p_adjusted <= 0.05 for r in results)
    mean = float(np.mean(estimates))
    return [
        About("5", "S4", law.truth, "any group FAIL, counterbalanced").at_most(failed, scale.trials, 0.05),
        About("5", "S4", law.truth, "position effect FAIL").at_least(found, scale.trials, 0.95),
        About("5", "S4", law.truth, "position effect (truth .435)").holds(mean, ".425...445", abs(mean - 0.435) < 0.01),
        About("5", "S4", law.truth, "group p <= .05, fixed order").exceeds(naive, scale.trials, 0.95),
        About("5", "S4", law.truth, "INVALID, fixed order").at_least(refused, scale.trials, 1.0),
    ]


def refusals(scale: Scale, seed: int) -> list[Claim]:
    """Tests 6 and 8: refusals are an outcome of their own; garbage makes no verdict."""
    law, plan = standins.REFUSAL_BIASED, Plan(templates=100, answers=8)
    asked = (contrast(), contrast(metric=Metric.REFUSAL_GAP))
    inconclusive = shown = contains = 0
    for results in runs(lambda g: decisions(law, plan, g), asked, scale.trials, scale.flips, seed):
        inconclusive += results[0].verdict is Verdict.INCONCLUSIVE
        contains += 0.0 in results[0].bounds
        shown += results[1].verdict is Verdict.FAIL
    garbage = verdict_counts(standins.MALFORMED, Plan(), scale, seed)
    return [
        About("6", "S5", law.truth, "outcome gap INCONCLUSIVE").at_least(inconclusive, scale.trials, 0.95),
        About("6", "S5", law.truth, "refusal gap FAIL").at_least(shown, scale.trials, 0.95),
        About("6", "S5", law.truth, "worst-case bounds contain 0").at_least(contains, scale.trials, 0.95),
        About("8", "S11", standins.MALFORMED.truth, "INVALID").at_least(
            garbage[Verdict.INVALID], scale.trials, 1.0
        ),
    ]  # fmt: skip


def intersections(scale: Scale, seed: int) -> list[Claim]:
    """Test 12: a gap of one intersection, and a gap of one kind of error, are found where rates look equal."""
    groups = tuple(CROSS.join((race, sex)) for race in ("white", "black") for sex in ("man", "woman"))
    plan = Plan(groups=groups, templates=100, answers=20)
    race = Contrast("race", "race", "black", "white", Metric.SELECTION_RATE_GAP, 0.12)
    sex = Contrast("sex", "sex", "woman", "man", Metric.SELECTION_RATE_GAP, 0.12)
    crossed = [Contrast("cross", "race*sex", g, groups[0], Metric.SELECTION_RATE_GAP, 0.12) for g in groups[1:]]
    marginal_pass = cross_fail = others_fail = 0
    for trial in range(scale.trials):
        whole = decisions(standins.INTERSECTION_BIASED, plan, np.random.default_rng([seed, trial]))
        tables = {"race": marginal(whole, 0), "sex": marginal(whole, 1), "race*sex": whole}
        results = judge_tables(tables, [race, sex, *crossed], Rules(flips=scale.flips))
        marginal_pass += all(r.verdict is Verdict.PASS for r in results[:2])
        cross_fail += results[-1].verdict is Verdict.FAIL
        others_fail += any(r.verdict is Verdict.FAIL for r in results[2:-1])
    truth, trials = standins.INTERSECTION_BIASED.truth, scale.trials
    return [
        About("12", "S15", truth, "race and sex PASS").at_least(marginal_pass, trials, 0.80),
        About("12", "S15", truth, "black women FAIL").at_least(cross_fail, trials, 0.95),
        About("12", "S15", truth, "other intersections FAIL").at_most(others_fail, trials, 0.05),
        *_odds(scale, seed),
    ]


def _odds(scale: Scale, seed: int) -> list[Claim]:
    plan = Plan(templates=100, answers=8, labelled=True)
    asked = (
        contrast(),
        contrast(metric=Metric.TRUE_POSITIVE_GAP),
        contrast(metric=Metric.FALSE_POSITIVE_GAP),
    )
    parity = odds = 0
    for results in runs(lambda g: decisions(standins.LABEL_DEPENDENT, plan, g), asked, scale.trials, scale.flips, seed):
        parity += results[0].verdict is Verdict.PASS
        odds += any(r.verdict is Verdict.FAIL for r in results[1:])
    truth = standins.LABEL_DEPENDENT.truth
    return [
        About("12", "S16", truth, "selection rates PASS").at_least(parity, scale.trials, 0.80),
        About("12", "S16", truth, "equalised odds FAIL").at_least(odds, scale.trials, 0.95),
    ]


def naive_p(table: Table) -> float:
    """Return the p-value of the pooled z-test over calls, which ignores templates and names. For comparison only."""
    first, second = (table.value[table.group == code] for code in (0, 1))
    pooled = np.concatenate([first, second]).mean()
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(first) + 1 / len(second)))
    return 2 * normal_cdf(-abs(float((first.mean() - second.mean()) / error))) if error > 0 else 1.0


CHECKS = (power, fairness, names, templates, position, refusals, intersections)
