"""The guard on bias probes: what verdicts do to traffic."""

from dataclasses import replace

import pytest

from detectors.bias.mitigation.quarantine import Hysteresis
from detectors.bias.outcome import Verdict
from gateway.core.decision import Action, Enforcement, Reason
from gateway.core.plan import BiasRule, Plan
from gateway.core.verdicts import ProbeRun, Verdicts
from gateway.guards.bias import Bias, Caller, judge
from tests.support.plans import exchange, plan, principal, route

NOW = 1e6
HOUR = 3600.0
CALLER = Caller("chat", "gpt-4o", "main", frozenset())
RULE = BiasRule("fair", ("hiring",), ("chat",), ("gpt-*",), "", Hysteresis(2, HOUR, 24 * HOUR), "", Enforcement.ENFORCE)
OTHER = replace(RULE, id="other", suites=("lending",))
SPARE = replace(RULE, fallback="spare", probe_scope="probe")


def known(*runs: tuple[Verdict, float] | ProbeRun) -> Verdicts:
    """Verdicts of the rule's suite on the primary, as (verdict, hours ago), or whole runs."""
    return Verdicts(tuple(r if isinstance(r, ProbeRun) else probed(*r) for r in runs))


def probed(
    verdict: Verdict, ago: float, upstream: str = "main", model: str = "gpt-4o", suite: str = "hiring"
) -> ProbeRun:
    """One run, some hours ago."""
    return ProbeRun(suite, "sha256:0", 1, upstream, model, "m1", 100, verdict, NOW - ago * HOUR)


def ruled(*rules: BiasRule) -> Plan:
    """A plan with these rules."""
    return replace(plan([route("chat")]), bias=rules)


def outcome(verdicts: Verdicts, *rules: BiasRule, caller: Caller = CALLER) -> tuple[Action, str]:
    """What happens, and where it goes instead."""
    judged = judge(ruled(*(rules or (RULE,))), caller, verdicts, NOW)
    denied = any(d.action is Action.DENY for d in judged.decisions)
    return (Action.DENY if denied else Action.ALLOW), judged.fallback


def test_a_model_to_fall_back_on_is_set_aside_like_any() -> None:
    """Naming it beside another opens no door."""
    failed = known((Verdict.FAIL, 1))
    behind = replace(CALLER, model="claude")
    assert outcome(failed, caller=behind) == (Action.ALLOW, "")
    assert outcome(failed, caller=replace(behind, others=("gpt-4o",))) == (Action.DENY, "")


@pytest.mark.parametrize(
    ("runs", "action"),
    [
        ([], Action.ALLOW),  # nobody is set aside without evidence
        ([(Verdict.INCONCLUSIVE, 3), (Verdict.INVALID, 2)], Action.ALLOW),
        ([(Verdict.PASS, 3), (Verdict.FAIL, 2)], Action.DENY),
        ([(Verdict.FAIL, 5), (Verdict.PASS, 2)], Action.DENY),  # one pass of two
        ([(Verdict.FAIL, 5), (Verdict.PASS, 3), (Verdict.PASS, 2)], Action.ALLOW),
        ([(Verdict.FAIL, 5), (Verdict.PASS, 4), (Verdict.INVALID, 3), (Verdict.PASS, 2)], Action.DENY),
        ([(Verdict.FAIL, 5), (Verdict.PASS, 4.9), (Verdict.PASS, 4.8)], Action.DENY),  # too soon after the failure
        ([probed(Verdict.FAIL, 1, upstream="")], Action.DENY),  # probed through the gateway
        ([probed(Verdict.FAIL, 1, model="gpt-4o-2024-11-20")], Action.DENY),  # another name opens no door
        ([probed(Verdict.FAIL, 1, model="claude")], Action.ALLOW),
        ([probed(Verdict.FAIL, 1, upstream="elsewhere")], Action.ALLOW),
        ([probed(Verdict.FAIL, 1, suite="lending")], Action.ALLOW),
    ],
)
def test_a_failure_sets_aside_and_passes_set_free(runs: list[tuple[Verdict, float]], action: Action) -> None:
    """With hysteresis; only verdicts on what the rule names count."""
    assert outcome(known(*runs)) == (action, "")


@pytest.mark.parametrize(
    ("caller", "action"),
    [
        (CALLER, Action.DENY),
        (replace(CALLER, model=""), Action.DENY),  # left out: it may be any
        (replace(CALLER, model="claude"), Action.ALLOW),
        (replace(CALLER, route="batch"), Action.ALLOW),
        (replace(CALLER, upstream="elsewhere"), Action.ALLOW),
    ],
)
def test_a_rule_concerns_its_routes_and_models(caller: Caller, action: Action) -> None:
    """Others are served."""
    assert outcome(known((Verdict.FAIL, 1)), caller=caller) == (action, "")


@pytest.mark.parametrize(
    ("spare", "expected"),
    [
        ([], (Action.DENY, "")),  # never probed: not trusted
        ([(Verdict.PASS, 1)], (Action.ALLOW, "spare")),
        ([(Verdict.PASS, 25)], (Action.DENY, "")),  # stale
        ([(Verdict.PASS, 2), (Verdict.FAIL, 1)], (Action.DENY, "")),
        ([(Verdict.INCONCLUSIVE, 1)], (Action.DENY, "")),
    ],
)
def test_a_fallback_takes_over_only_while_trusted(
    spare: list[tuple[Verdict, float]], expected: tuple[Action, str]
) -> None:
    """By a fresh pass of its own."""
    runs = [probed(verdict, ago, "spare") for verdict, ago in spare]
    assert outcome(known((Verdict.FAIL, 1), *runs), SPARE) == expected


def test_an_alarm_of_live_traffic_is_a_failure_of_every_suite() -> None:
    """Where the rule names the probe; the suites' own passes set free, and a fallback is judged alike."""
    live = replace(RULE, live=("loans",))
    alarm = probed(Verdict.FAIL, 5, suite="live:loans")
    assert outcome(known(alarm)) == (Action.ALLOW, "")
    assert outcome(known(alarm), live) == (Action.DENY, "")
    passes = [probed(Verdict.PASS, 3), probed(Verdict.PASS, 2)]
    assert outcome(known(alarm, *passes[:1]), live) == (Action.DENY, "")
    assert outcome(known(alarm, *passes), live) == (Action.ALLOW, "")
    both = replace(live, suites=("hiring", "lending"))
    assert outcome(known(alarm, *passes), both) == (Action.DENY, "")
    spare = replace(SPARE, live=("loans",))
    runs = (alarm, probed(Verdict.PASS, 1, "spare"))
    assert outcome(known(*runs), spare) == (Action.ALLOW, "spare")
    assert outcome(known(*runs, probed(Verdict.FAIL, 0.5, "spare", suite="live:loans")), spare) == (Action.DENY, "")


def test_a_fallback_must_suit_every_rule() -> None:
    """Not one that another rule sets aside, and not two at once."""
    sound = (probed(Verdict.FAIL, 1), probed(Verdict.PASS, 1, "spare"))
    unfair = probed(Verdict.FAIL, 1, "spare", suite="lending")
    assert outcome(known(*sound), SPARE, OTHER) == (Action.ALLOW, "spare")
    assert outcome(known(*sound, unfair), SPARE, OTHER) == (Action.DENY, "")
    both = (*sound, probed(Verdict.FAIL, 1, suite="lending"))
    assert outcome(known(*both), SPARE, OTHER) == (Action.DENY, "")
    passed = [
        probed(Verdict.PASS, 1, name, suite=suite) for name in ("spare", "third") for suite in ("hiring", "lending")
    ]
    assert outcome(known(*both, *passed), SPARE, replace(SPARE, id="o", suites=("lending",))) == (Action.ALLOW, "spare")
    assert outcome(known(*both, *passed), SPARE, replace(OTHER, fallback="third")) == (Action.DENY, "")


def test_the_probe_itself_gets_through() -> None:
    """Its scope lets it reach the model that is set aside, never the fallback; the decision says so."""
    caller = replace(CALLER, scopes=frozenset({"probe"}))
    verdicts = known((Verdict.FAIL, 1), probed(Verdict.PASS, 1, "spare"))
    judged = judge(ruled(SPARE), caller, verdicts, NOW)
    (decision,) = judged.decisions
    assert judged.fallback == ""
    assert (decision.action, decision.reason, dict(decision.evidence)) == (
        Action.ALLOW, Reason.BIAS_QUARANTINED, {"probe": 1},
    )  # fmt: skip


@pytest.mark.parametrize("enforcement", [Enforcement.WARN, Enforcement.SHADOW])
def test_warn_and_shadow_let_pass_and_say_what_would_be(enforcement: Enforcement) -> None:
    """The decision records the denial that it is not."""
    (decision,) = judge(ruled(replace(RULE, enforcement=enforcement)), CALLER, known((Verdict.FAIL, 1)), NOW).decisions
    assert (decision.action, decision.would_action) == (Action.ALLOW, Action.DENY)
    assert (decision.reason, decision.enforcement) == (Reason.BIAS_QUARANTINED, enforcement)
    (decision,) = judge(ruled(RULE), CALLER, known(), NOW).decisions
    assert (decision.action, decision.would_action, decision.reason) == (
        Action.ALLOW, Action.ALLOW, Reason.BIAS_WITHIN_MARGIN,
    )  # fmt: skip


async def test_the_guard_rules_by_what_is_known_now() -> None:
    """403, or another upstream; a list of models, and a policy without rules, get no decision at all."""
    state = known((Verdict.FAIL, 1))
    guard = Bias(lambda: state, lambda upstream, _: upstream or "main", lambda: NOW)
    found = replace(exchange(ruled(SPARE), principal()), route=route("chat", upstream="main"))
    refused = await guard(found)
    assert (refused.decisions[0].action, refused.status) == (Action.DENY, 403)
    assert "rule fair" in refused.detail
    state = known((Verdict.FAIL, 1), probed(Verdict.PASS, 1, "spare"))
    sent = await guard(found)
    assert sent.exchange.route is not None
    assert (sent.decisions[0].action, sent.exchange.route.upstream) == (Action.ALLOW, "spare")
    assert (await guard(replace(found, plan=ruled()))).decisions == ()
    assert (await guard(replace(found, endpoint=replace(found.endpoint, model="")))).decisions == ()
