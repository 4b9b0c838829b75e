"""Plans, principals and exchanges for tests of guards, as short as the test's point."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from gateway.core.decision import Action, Enforcement
from gateway.core.dialect import Dialect, Endpoint
from gateway.core.exchange import Exchange, Principal
from gateway.core.paths import Paths
from gateway.core.plan import AuditPlan, LimitRule, LimitUnit, Plan, Route, StreamPlan


def route(name: str = "all", **changes: object) -> Route:
    """Return a route for everybody and everything, with these changes."""
    return replace(Route(name, ("*",), ("*",), ("*",), (), "model"), **changes)  # type: ignore[arg-type]


def limit(name: str = "burst", unit: LimitUnit = LimitUnit.REQUESTS, quota: int = 10, **changes: object) -> LimitRule:
    """Return a limit of `quota` in ten seconds for each tenant, with these changes."""
    made = LimitRule(name, unit, quota, 10.0, quota, ("tenant",), ("*",), Enforcement.ENFORCE)
    return replace(made, **changes)  # type: ignore[arg-type]


def plan(
    routes: Sequence[Route] = (), limits: Sequence[LimitRule] = (), on_failure: dict[str, Action] | None = None
) -> Plan:
    """Return a plan that only routes and limits."""
    return Plan(
        revision="sha256:test",
        name="test",
        routes=tuple(routes),
        rules=(),
        limits=tuple(limits),
        detectors=(),
        on_failure=MappingProxyType(on_failure or {}),
        opaque=MappingProxyType({}),
        stream=StreamPlan(1024, Action.DENY),
        audit=AuditPlan(payload=True, required=True),
    )


def principal(tenant: str = "acme", subject: str = "ann", scopes: Sequence[str] = ()) -> Principal:
    """Return a caller of a tenant."""
    return Principal(subject, tenant, frozenset(scopes))


def dialect(name: str = "openai-chat") -> Dialect:
    """Return a dialect that is only a name."""
    return Dialect(name, name.partition("-")[0], name, (), lambda _: None, lambda _: [])


def exchange(
    plan: Plan,
    principal: Principal | None = None,
    *,
    model: str = "gpt-4o",
    dialect_name: str = "openai-chat",
    model_at: str = "/model",
    credentials: Sequence[str] = (),
) -> Exchange:
    """Return an exchange on its way."""
    return Exchange(
        id="0198",
        plan=plan,
        dialect=dialect(dialect_name),
        endpoint=Endpoint("POST", "/v1/chat/completions", "chat", Paths({}), Paths({}), model=model_at),
        params={},
        payload={"model": model},
        credentials=tuple(credentials),
        principal=principal,
        model=model,
    )
