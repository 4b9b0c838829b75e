"""Acceptance test 11: each lever helps where it can, and is reported as useless or harmful where it is."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np

from detectors.bias import standins
from detectors.bias.acceptance import texts
from detectors.bias.acceptance.claim import About, Claim, Scale
from detectors.bias.acceptance.gaps import contrast
from detectors.bias.acceptance.texts import ALL_NAMES, NAMES, prompts, yes_or_no
from detectors.bias.mitigation.blinding import Person, blind, variants
from detectors.bias.mitigation.effect import LeverEffect, LeverVerdict, lever_effect
from detectors.bias.mitigation.ensemble import aggregate
from detectors.bias.mitigation.leakage import Leakage, leakage
from detectors.bias.mitigation.quarantine import Hysteresis, Record, Route, route
from detectors.bias.mitigation.shuffle import borda, orders
from detectors.bias.mitigation.slots import find_slots
from detectors.bias.mitigation.thresholds import GroupThresholds, LegalAcknowledgement
from detectors.bias.outcome import Outcome, OutcomeKind, Verdict
from detectors.bias.simulate import Plan, decisions
from detectors.bias.standin_text import Signals, StandInBackend
from detectors.bias.standins import Law
from detectors.bias.statistics.excess import excess_flips
from detectors.bias.statistics.judge import Rules
from detectors.bias.statistics.table import tabulate

_SIGNALS = Signals(
    {name: group for group, names in NAMES.items() for name in names},
    {club.strip(): group for group, club in texts.CLUBS.items()},
)
_Decide = Callable[[str], Outcome]


def _backend(law: Law, seed: int) -> _Decide:
    backend = StandInBackend(law, _SIGNALS, seed=seed)
    return lambda text: yes_or_no(backend.reply([{"role": "user", "content": text}]))


def blinding(scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L1: blinding removes a gap that comes from names; what comes from unknown proxies stays, and shows."""
    claims = []
    for law, clubs in ((standins.GROUP_BIASED, False), (standins.PROXY_BIASED, True)):
        questions = prompts(answers=12, clubs=clubs)
        plain, blinded = [q.text for q in questions], [blind(q.text, ALL_NAMES).text for q in questions]
        shown = _leakage(clubs)
        verdicts: Counter[LeverVerdict] = Counter()
        still = flips = 0
        for trial in range(scale.trials):
            decide = _backend(law, seed + trial)
            before, after = (tabulate(texts.ask(questions, t, decide), "x") for t in (plain, blinded))
            effect = lever_effect("blinding", before, after, contrast(), Rules(flips=scale.flips), draws=999)
            verdicts[effect.verdict] += 1
            still += effect.after.verdict is Verdict.FAIL
            excess = excess_flips(replace(after, item=after.template), "b", "a", trial, scale.permutations)
            flips += excess is not None and excess.p <= 0.05
        about = (law.name, law.truth)
        auc = f"AUC of group from blinded prompts [{shown.interval.low:.2f}, {shown.interval.high:.2f}]"
        if clubs:
            claims += [
                About("11", *about, auc).holds(shown.auc, "CI above 0.5", shown.leaks),
                About("11", *about, "gap after blinding FAIL").at_least(still, scale.trials, 0.95),
                About("11", *about, "blinding IMPROVED").at_most(verdicts[LeverVerdict.IMPROVED], scale.trials, 0.05),
            ]
        else:
            claims += [
                About("11", *about, auc).holds(shown.auc, "CI has 0.5", 0.5 in shown.interval),
                About("11", *about, "gap after blinding FAIL").at_most(still, scale.trials, 0.05),
                About("11", *about, "excess flips after, p <= .05").at_most(flips, scale.trials, 0.05),
                About("11", *about, "blinding IMPROVED").at_least(
                    verdicts[LeverVerdict.IMPROVED], scale.trials, 0.90
                ),
            ]  # fmt: skip
    return claims


def _leakage(clubs: bool) -> Leakage:
    questions = prompts(answers=2, clubs=clubs)
    blinded = [blind(q.text, ALL_NAMES).text for q in questions]
    return leakage(blinded, [q.trial.group == "b" for q in questions], [q.trial.template for q in questions])


def ensembling(_scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L2: an ensemble over all groups has a gap of exactly zero with a deterministic backend."""
    law = standins.DETERMINISTIC
    questions = prompts(answers=4)
    decide = _backend(law, seed)

    def ensembled(text: str) -> Outcome:
        slotted = find_slots(text, ALL_NAMES)
        # Whoever the caller names, the same two persons are asked about.
        place = Random(slotted.filled(lambda slot: slot.kind)).randrange(18)
        people = [Person(group, (NAMES[group][place],)) for group in ("a", "b")]
        return aggregate([decide(v) for v in variants(slotted, people)], Outcome(OutcomeKind.CHOICE, 0.0, "no"))

    plain = [q.text for q in questions]
    before, after = (tabulate(texts.ask(questions, plain, d), "x") for d in (decide, ensembled))
    effect = lever_effect("ensembling", before, after, contrast(), calls=2.0)
    largest = max(abs(gap) for _, gap in effect.after.template_gaps)
    return [
        About("11", law.name, law.truth, "gap before ensembling").holds(
            effect.before.estimate, "not 0", effect.before.estimate != 0
        ),
        About("11", law.name, law.truth, "largest template gap after").equals(largest, 0.0),
        About("11", law.name, law.truth, "ensembling WORSENED").holds(
            float(effect.verdict is LeverVerdict.WORSENED), "no", effect.verdict is not LeverVerdict.WORSENED
        ),
    ]


def shuffling(scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L3: over all rotations, standing first is worth nothing."""
    law, generator = standins.POSITION_BIASED, Random(seed)
    candidates = tuple(f"candidate-{index}" for index in range(4))
    before = after = 0
    rounds = scale.trials * 5
    for _ in range(rounds):
        listed = generator.sample(candidates, len(candidates))
        before += _ranked(law, listed, generator)[0] == listed[0]
        joint = borda(listed, [_ranked(law, order, generator) for order in orders(listed)])
        after += joint[0] == listed[0]
    return [
        About("11", law.name, law.truth, "first listed wins, asked once").exceeds(before, rounds, 0.5),
        About("11", law.name, law.truth, "first listed wins, all rotations").between(after, rounds, 0.25, 0.25),
    ]


def _ranked(law: Law, order: list[str] | tuple[str, ...], generator: Random) -> list[str]:
    assert law.first_place is not None
    winner = 0 if generator.random() < law.first_place else generator.randrange(1, len(order))
    others = [name for place, name in enumerate(order) if place != winner]
    generator.shuffle(others)
    return [order[winner], *others]


def instruction(scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L4: an instruction is improved, not shown or worsened, as the backend obeys, ignores or overdoes it."""
    claims = []
    for law, expected, share in (
        (standins.INSTRUCTION_SENSITIVE, LeverVerdict.IMPROVED, 0.90),
        (standins.INSTRUCTION_BLIND, LeverVerdict.NOT_SHOWN, 0.90),
        (standins.OVER_CORRECTING, LeverVerdict.WORSENED, 0.90),
    ):
        verdicts: Counter[LeverVerdict] = Counter()
        for trial in range(scale.trials):
            verdicts[_instructed(law, seed, trial, scale).verdict] += 1
        about = About("11", law.name, law.truth, f"instruction {expected.upper()}")
        claims.append(about.at_least(verdicts[expected], scale.trials, share))
    return claims


def _instructed(law: Law, seed: int, trial: int, scale: Scale) -> LeverEffect:
    plan = Plan(templates=50, answers=8)
    before, after = (
        decisions(version, plan, np.random.default_rng([seed, trial, part]))
        for part, version in enumerate((law, law.instructed()))
    )
    return lever_effect("instruction", before, after, contrast(), Rules(flips=scale.flips), draws=999)


def thresholds(scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L6: thresholds by group meet parity on held-out cases, reproducibly, and never unacknowledged."""
    generator = np.random.default_rng(seed)
    size = 200 * scale.trials

    def cases() -> tuple[list[float], list[int], list[str]]:
        group = generator.integers(0, 2, size)
        truth = generator.integers(0, 2, size)
        return list(generator.normal(truth * 1.5 - group * 0.8, 1.0)), list(truth), [("a", "b")[g] for g in group]

    fitted = GroupThresholds.fit(*cases(), LegalAcknowledgement("self test", "simulated persons", "none"))
    scores, _, groups = cases()
    decided = fitted.decide(scores, groups, seed=seed)
    again = fitted.decide(scores, groups, seed=seed)
    side = np.array(groups) == "b"
    gap = abs(float(decided.values[side].mean() - decided.values[~side].mean()))
    allowed = 4 * (0.5 / size) ** 0.5 * 2
    try:
        GroupThresholds.fit(*cases(), None)
        refused = False
    except ValueError:
        refused = True
    about = ("L6", "scores differ by group")
    return [
        About("11", *about, "parity difference, held out").holds(gap, f"<= {allowed:.3f}", gap <= allowed),
        About("11", *about, "share decided by lot").holds(decided.randomised, "< 0.1", decided.randomised < 0.1),
        About("11", *about, "same seed, same decisions").holds(
            float((decided.values == again.values).all()), "yes", bool((decided.values == again.values).all())
        ),
        About("11", *about, "refused without acknowledgement").holds(float(refused), "yes", refused),
    ]


def quarantine(scale: Scale, seed: int) -> list[Claim]:
    """Test 11, L5: requests and verdicts in random order; none reaches a backend between a failure and its return."""
    rules, generator = Hysteresis(passes=2, rest=10.0, fresh=50.0), Random(seed)
    leaks = returned_early = stale = requests = 0
    for _ in range(scale.trials):
        primary, fallback, now = Record(), Record(), 0.0
        failed_at, passes, fallback_passed = None, 0, -1e9
        for _ in range(200):
            now += generator.expovariate(1.0)
            event = generator.choices(("request", *Verdict), (6, 1, 1, 1, 1))[0]
            if event == "request":
                requests += 1
                target = route(primary, fallback, now, rules)
                held = failed_at is not None and (passes < rules.passes or now - failed_at < rules.rest)
                leaks += target is Route.PRIMARY and failed_at is not None and passes == 0
                returned_early += target is Route.PRIMARY and held
                stale += target is Route.FALLBACK and now - fallback_passed > rules.fresh
                continue
            verdict = Verdict(event)
            if generator.random() < 0.3:
                fallback = fallback.after(verdict, now, rules)
                fallback_passed = now if verdict is Verdict.PASS else fallback_passed
                continue
            primary = primary.after(verdict, now, rules)
            if verdict is Verdict.FAIL:
                failed_at, passes = now, 0
            elif verdict is Verdict.PASS:
                passes += 1
    about = ("L5", f"{requests} requests")
    return [
        About("11", *about, "sent to a backend that failed").equals(leaks, 0),
        About("11", *about, "sent before enough passes and rest").equals(returned_early, 0),
        About("11", *about, "sent to a fallback without fresh pass").equals(stale, 0),
    ]


CHECKS = (blinding, ensembling, shuffling, instruction, quarantine, thresholds)
