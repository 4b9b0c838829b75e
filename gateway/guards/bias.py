"""The guard that keeps traffic from a model whose last bias probe failed.

It knows verdicts, not texts: what probes found (`gateway.core.verdicts`), folded
with hysteresis. One failure sets a model aside at once; only passes set it free.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from detectors.bias.mitigation.quarantine import Hysteresis, Record, Standing
from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.exchange import Exchange, Ruling
from gateway.core.globs import matches
from gateway.core.plan import BiasRule, Plan
from gateway.core.verdicts import Verdicts, standings
from gateway.guards.authorize import others


@dataclass(frozen=True, slots=True)
class Caller:
    """What the rules ask of an exchange.

    `model` is "" where the request left it out, `others` are those that it names to fall back on; `upstream` is the
    primary.
    """

    route: str
    model: str
    upstream: str
    scopes: frozenset[str]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision for each rule that concerns the caller, and the upstream that takes over ("" for none)."""

    decisions: tuple[Decision, ...]
    fallback: str = ""


class Bias:
    """Refuses, sends to the fallback, warns, or lets pass; without a rule it says nothing.

    `verdicts` gives what is known now, `upstream` the backend's name for a route's
    upstream and a dialect, `clock` seconds since the epoch.
    """

    def __init__(
        self,
        verdicts: Callable[[], Verdicts],
        upstream: Callable[[str, str], str | None],
        clock: Callable[[], float],
    ) -> None:
        self._verdicts = verdicts
        self._upstream = upstream
        self._clock = clock

    async def __call__(self, exchange: Exchange) -> Ruling:
        plan, route, principal = exchange.plan, exchange.route, exchange.principal
        if not plan.bias or route is None or principal is None or not exchange.endpoint.model:
            return Ruling((), exchange)
        primary = self._upstream(route.upstream, exchange.dialect.name) or ""
        more = tuple(others(exchange.payload, exchange.endpoint))
        caller = Caller(route.id, exchange.model, primary, principal.scopes, more)
        judged = judge(plan, caller, self._verdicts(), self._clock())
        if judged.fallback:
            exchange = replace(exchange, route=replace(route, upstream=judged.fallback))
        rules = ", ".join(d.rule for d in judged.decisions if d.action is Action.DENY)
        detail = f"the model is set aside: its last bias probe failed (rule {rules})"
        return Ruling(judged.decisions, exchange, status=403, detail=detail)


def judge(plan: Plan, caller: Caller, verdicts: Verdicts, now: float) -> Judgement:
    """Return what the plan's rules say of a caller, by the verdicts that are known at `now`. Pure.

    A fallback takes over only if all rules that refuse name the same one, each
    suite of theirs has passed there lately, and no other rule sets it aside.
    """
    concerned = [rule for rule in plan.bias if _concerns(rule, caller)]
    primary = ("", caller.upstream)
    aside = [rule for rule in concerned if _aside(rule, primary, verdicts)]
    refusing = [
        rule
        for rule in aside
        if rule.enforcement is Enforcement.ENFORCE and not (rule.probe_scope and rule.probe_scope in caller.scopes)
    ]
    fallbacks = {rule.fallback for rule in refusing}
    fallback = fallbacks.pop() if len(fallbacks) == 1 else ""
    if fallback and not (
        all(_trusted(rule, fallback, verdicts, now) for rule in refusing)
        and not any(_aside(rule, (fallback,), verdicts) for rule in concerned)
    ):
        fallback = ""
    return Judgement(
        tuple(_decision(plan, rule, rule in aside, rule in refusing, fallback) for rule in concerned), fallback
    )


def _concerns(rule: BiasRule, caller: Caller) -> bool:
    """Whether a rule is about this route and a model that may answer: one left out may be any, so it opens no door."""
    named = (caller.model, *caller.others)
    return matches(rule.routes, caller.route) and (
        not caller.model or any(matches(rule.models, model) for model in named)
    )


def _aside(rule: BiasRule, upstreams: tuple[str, ...], verdicts: Verdicts) -> bool:
    return any(
        record.standing is not Standing.TRUSTED
        for suite in rule.suites
        for record in _standings(verdicts, suite, upstreams, rule.models, rule.recover, rule.live)
    )


def _trusted(rule: BiasRule, upstream: str, verdicts: Verdicts, now: float) -> bool:
    """Whether an upstream has lately passed every suite of a rule."""
    by_suite = [_standings(verdicts, suite, (upstream,), rule.models, rule.recover, rule.live) for suite in rule.suites]
    return all(records and all(r.fresh(now, rule.recover) for r in records) for records in by_suite)


@lru_cache(maxsize=512)
def _standings(
    verdicts: Verdicts,
    suite: str,
    upstreams: tuple[str, ...],
    models: tuple[str, ...],
    rules: Hysteresis,
    live: tuple[str, ...],
) -> tuple[Record, ...]:
    """Fold once for each state of the verdicts (they compare by identity), not for each request."""
    return standings(verdicts, suite, upstreams, models, rules, live)


def _decision(plan: Plan, rule: BiasRule, aside: bool, refusing: bool, fallback: str) -> Decision:
    enforced = rule.enforcement is Enforcement.ENFORCE
    would, evidence = Action.ALLOW, dict[str, int | float]()
    if refusing and fallback:
        evidence = {"fallback": 1}
    elif aside and enforced and not refusing:
        evidence = {"probe": 1}
    elif aside:
        would = Action.DENY
    return Decision(
        guard=GuardName.BIAS,
        action=would if enforced else Action.ALLOW,
        reason=Reason.BIAS_QUARANTINED if aside else Reason.BIAS_WITHIN_MARGIN,
        direction=Direction.REQUEST,
        rule=rule.id,
        enforcement=rule.enforcement,
        revision=plan.revision,
        would_action=would,
        evidence=evidence,
    )
