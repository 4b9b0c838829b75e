"""The guard that keeps callers within their share: reserve before the work, settle after it.

The limiter's store decides (`Limiter.reserve` is atomic over all buckets); this
module says what is demanded of it and turns its answer into decisions.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from gateway.core.decision import Action, Decision, Enforcement, GuardName, Reason, plain
from gateway.core.exchange import Exchange, Principal, Ruling
from gateway.core.globs import matches
from gateway.core.plan import LimitRule, LimitUnit, Plan
from gateway.core.quota import Demand, Refusal, Reservation
from gateway.errors import DependencyError
from gateway.ports import Limiter


class Limit:
    """Reserves requests and tokens for an exchange; the reservation travels on it as `Exchange.reservation`.

    `estimate` gives the tokens that an exchange may use at most: prompt and
    answer. After a refusal `Exchange.reservation` has an empty id and carries
    only the levels, for the reply's headers.
    """

    def __init__(self, limiter: Limiter, estimate: Callable[[Exchange], int]) -> None:
        self._limiter = limiter
        self._estimate = estimate

    async def __call__(self, exchange: Exchange) -> Ruling:
        plan, principal = exchange.plan, exchange.principal
        if principal is None:
            return _refuse(exchange, _decision(plan, Action.DENY, Reason.TOKEN_MISSING), 401, "no caller is known")
        route = exchange.route.id if exchange.route else ""
        counts_tokens = any(rule.unit is LimitUnit.TOKENS for rule in plan.limits)
        tokens = self._estimate(exchange) if counts_tokens else 0
        demands = demanded(plan, principal, exchange.model, route, tokens)
        try:
            outcome = await self._limiter.reserve(demands) if demands else Reservation("", (), ())
        except DependencyError:
            return _limiter_dead(exchange)
        decisions = judge(plan, outcome)
        if isinstance(outcome, Reservation):
            return Ruling(decisions, replace(exchange, reservation=outcome))
        carried = replace(exchange, reservation=Reservation("", (), outcome.levels))
        if outcome.retry_after is None:
            detail = f"this request asks for more than limit {outcome.rule} ever allows at once; make it smaller"
            return Ruling(decisions, carried, status=413, detail=detail)
        detail = f"limit {outcome.rule} is used up; wait before trying again"
        return Ruling(decisions, carried, status=429, detail=detail, retry_after=outcome.retry_after)


def demanded(plan: Plan, principal: Principal, model: str, route: str, tokens: int) -> tuple[Demand, ...]:
    """Return what the plan's limits ask of their buckets for one request that may use `tokens`."""
    caller = {"tenant": principal.tenant, "subject": principal.subject, "model": model, "route": route}
    return tuple(
        Demand(
            rule=rule.id,
            key=_bucket(rule, caller),
            quota=rule.quota,
            window=rule.window,
            burst=rule.burst,
            amount=1 if rule.unit is LimitUnit.REQUESTS else max(0, tokens),
            enforced=rule.enforcement is Enforcement.ENFORCE,
        )
        for rule in plan.limits
        if not rule.tenants or matches(rule.tenants, principal.tenant)
    )


def judge(plan: Plan, outcome: Reservation | Refusal) -> tuple[Decision, ...]:
    """Turn the limiter's answer into decisions; the first is what happens, the others are rules not yet enforced."""
    if isinstance(outcome, Refusal):
        return (_decision(plan, Action.DENY, _reason(outcome), outcome.rule, evidence=_evidence(outcome)),)
    enforcement = {rule.id: rule.enforcement for rule in plan.limits}
    passed = _decision(plan, Action.ALLOW, Reason.WITHIN_LIMIT, evidence=_evidence(outcome))
    return (
        passed,
        *(
            replace(
                _decision(plan, Action.DENY, _reason(refusal), refusal.rule, evidence=_evidence(refusal)),
                action=Action.ALLOW,
                enforcement=enforcement[refusal.rule],
            )
            for refusal in outcome.exceeded
        ),
    )


def settlement(plan: Plan, tokens: int) -> dict[str, int]:
    """Return what to settle a reservation with (`Limiter.settle`): the true `tokens` for every limit on tokens.

    Requests stay as they were counted. An exchange that never reached the
    backend settles with 0.
    """
    return {rule.id: max(0, tokens) for rule in plan.limits if rule.unit is LimitUnit.TOKENS}


def _bucket(rule: LimitRule, caller: Mapping[str, str]) -> str:
    """Name the bucket. A digest of the dimensions: bounded, unambiguous, and no caller's name in a shared store."""
    digest = hashlib.blake2b(digest_size=16)
    for dimension in rule.per:
        value = caller[dimension].encode("utf-8", "surrogatepass")
        digest.update(len(value).to_bytes(4, "big") + value)
    return f"{rule.id}:{digest.hexdigest()}"


def _reason(refusal: Refusal) -> Reason:
    return Reason.DEMAND_TOO_LARGE if refusal.retry_after is None else Reason.LIMIT_EXCEEDED


def _evidence(outcome: Reservation | Refusal) -> Mapping[str, int | float]:
    evidence: dict[str, int | float] = {f"remaining.{level.rule}": level.remaining for level in outcome.levels}
    if isinstance(outcome, Refusal) and outcome.retry_after is not None:
        evidence["retry_after"] = outcome.retry_after
    return MappingProxyType(evidence)


def _decision(
    plan: Plan, would: Action, reason: Reason, rule: str = "", evidence: Mapping[str, int | float] | None = None
) -> Decision:
    return plain(GuardName.LIMIT, would, reason, plan.revision, rule=rule, evidence=evidence or {})


def _limiter_dead(exchange: Exchange) -> Ruling:
    """Deny, unless the policy's `on_failure` says that an uncounted request may pass."""
    allowed = exchange.plan.on_failure.get("limiter", Action.DENY) is Action.ALLOW
    decision = _decision(exchange.plan, Action.ALLOW if allowed else Action.DENY, Reason.LIMITER_UNAVAILABLE)
    if allowed:
        return Ruling((decision,), exchange)
    return _refuse(exchange, decision, 503, "limits cannot be checked at the moment; try again")


def _refuse(exchange: Exchange, decision: Decision, status: int, detail: str) -> Ruling:
    return Ruling((decision,), exchange, status=status, detail=detail)
