"""The guard that finds the caller's route: who may use which model of which dialect.

Some backends take more models than the one that a request asks for, to fall back on (OpenRouter's `models`,
`fallbacks` of other gateways), or read one in the body beside that in the path. All of them must be the route's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gateway.core.decision import Action, Decision, GuardName, Reason, plain
from gateway.core.dialect import Endpoint
from gateway.core.exchange import Exchange, Principal, Ruling
from gateway.core.globs import matches
from gateway.core.jsonvalue import Json
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
        more = others(exchange.payload, exchange.endpoint)
        verdict = judge(exchange.plan, exchange.principal, exchange.dialect.name, model, more)
        if verdict.decision.action is Action.ALLOW:
            return Ruling((verdict.decision,), replace(exchange, route=verdict.route))
        status, detail = _ANSWERS[verdict.decision.reason]
        if verdict.decision.reason is Reason.SCOPE_MISSING and verdict.route is not None:
            detail = f"route {verdict.route.id} requires the scopes: {' '.join(verdict.route.scopes)}"
        return Ruling((verdict.decision,), replace(exchange, route=None), status=status, detail=detail)


def others(payload: Json, endpoint: Endpoint) -> Iterator[str]:
    """Yield what a request says of models elsewhere: in its body beside the path, and where backends take fallbacks.

    Whatever is written there counts as a model's name, so that no form of it opens a door.
    """
    if isinstance(payload, dict):
        for member in _MODELS - {endpoint.model.removeprefix("/")}:
            yield from _strings(payload.get(member))


_MODELS: Final = frozenset({"model", "models", "fallback", "fallbacks", "fallback_model", "fallback_models"})
"""Members of a body that name models, with vendors or with gateways behind this one."""


def _strings(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and value:
            yield value.removeprefix("models/")  # Gemini's names, as its paths have them
        elif isinstance(value, dict):
            waiting += [name for name in value if name != "model"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def judge(
    plan: Plan, principal: Principal | None, dialect: str, model: str | None, others: Iterable[str] = ()
) -> Verdict:
    """Take the first route that matches dialect, model and tenant; all its scopes are required.

    `others` are further models that the request names: all must be that route's.

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
    if route is None or not all(matches(route.models, other) for other in others):
        return Verdict(_decision(plan, Reason.MODEL_REFUSED))
    if not principal.scopes.issuperset(route.scopes):
        return Verdict(_decision(plan, Reason.SCOPE_MISSING, route.id), route)
    return Verdict(_decision(plan, Reason.ROUTE_ALLOWED, route.id), route)


def _decision(plan: Plan, reason: Reason, rule: str = "") -> Decision:
    action = Action.ALLOW if reason is Reason.ROUTE_ALLOWED else Action.DENY
    return plain(GuardName.AUTHORIZE, action, reason, plan.revision, rule=rule)
