"""The guard that finds the caller's route: who may use which model of which dialect."""

from dataclasses import dataclass, replace

from gateway.core.decision import Action, Decision, Direction, Enforcement, GuardName, Reason
from gateway.core.exchange import Exchange, Principal, Ruling
from gateway.core.globs import matches
from gateway.core.plan import Plan, Route


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the plan says: the decision, and the route when one was found."""

    decision: Decision
    route: Route | None = None


_ANSWERS: dict[Reason, tuple[int, str]] = {
    Reason.TOKEN_MISSING: (401, "no caller is known"),
    Reason.NO_ROUTE: (404, "no route of the policy serves this kind of endpoint"),
    Reason.TENANT_REFUSED: (403, "no route of the policy serves your tenant here"),
    Reason.MODEL_REFUSED: (404, "the model does not exist or you do not have access to it"),
    Reason.SCOPE_MISSING: (403, "your token lacks a scope that this route requires"),
}
"""Status and sentence by reason.

A model that is not the caller's is a 404, as the vendors have it, whether or
not it exists: what other tenants use stays their own affair.
"""


class Authorize:
    """Sets the exchange's route, or denies."""

    async def __call__(self, exchange: Exchange) -> Ruling:
        model = exchange.model if exchange.endpoint.model else None
        verdict = judge(exchange.plan, exchange.principal, exchange.dialect.name, model)
        if verdict.decision.action is Action.ALLOW:
            return Ruling((verdict.decision,), replace(exchange, route=verdict.route))
        status, detail = _ANSWERS[verdict.decision.reason]
        if verdict.decision.reason is Reason.SCOPE_MISSING and verdict.route is not None:
            detail = f"route {verdict.route.id} requires the scopes: {' '.join(verdict.route.scopes)}"
        return Ruling((verdict.decision,), replace(exchange, route=None), status=status, detail=detail)


def judge(plan: Plan, principal: Principal | None, dialect: str, model: str | None) -> Verdict:
    """Take the first route that matches dialect, model and tenant; all its scopes are required.

    A model of None is that of an endpoint that has none (a list of models):
    every route of dialect and tenant serves it. A model of "" is one that the
    request left out; it matches only `*`, so that leaving it out opens no door.
    """
    if principal is None:
        return Verdict(_decision(plan, Reason.TOKEN_MISSING))
    of_dialect = [route for route in plan.routes if matches(route.dialects, dialect)]
    if not of_dialect:
        return Verdict(_decision(plan, Reason.NO_ROUTE))
    of_tenant = [route for route in of_dialect if matches(route.tenants, principal.tenant)]
    if not of_tenant:
        return Verdict(_decision(plan, Reason.TENANT_REFUSED))
    route = next((route for route in of_tenant if model is None or matches(route.models, model)), None)
    if route is None:
        return Verdict(_decision(plan, Reason.MODEL_REFUSED))
    if not principal.scopes.issuperset(route.scopes):
        return Verdict(_decision(plan, Reason.SCOPE_MISSING, route.id), route)
    return Verdict(_decision(plan, Reason.ROUTE_ALLOWED, route.id), route)


def _decision(plan: Plan, reason: Reason, rule: str = "") -> Decision:
    action = Action.ALLOW if reason is Reason.ROUTE_ALLOWED else Action.DENY
    return Decision(
        guard=GuardName.AUTHORIZE,
        action=action,
        reason=reason,
        direction=Direction.REQUEST,
        rule=rule,
        enforcement=Enforcement.ENFORCE,
        revision=plan.revision,
        would_action=action,
    )
