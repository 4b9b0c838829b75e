"""The second guard: who may use what."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.decision import Action, Reason
from gateway.core.jsonvalue import Json
from gateway.core.plan import Route
from gateway.guards.authorize import Authorize, judge
from tests.support.plans import exchange, plan, principal, route

ROUTES = [
    route("acme-gpt", dialects=("openai-*",), models=("gpt-4o", "gpt-4o-*"), tenants=("acme",), scopes=("chat",)),
    route("acme-all", dialects=("openai-chat",), models=("*",), tenants=("acme",), scopes=("chat", "wide")),
    route("labs", dialects=("anthropic-messages",), models=("claude-*",), tenants=("lab-*",)),
]


@pytest.mark.parametrize(
    ("tenant", "scopes", "dialect", "model", "reason", "rule"),
    [
        ("acme", ["chat"], "openai-chat", "gpt-4o", Reason.ROUTE_ALLOWED, "acme-gpt"),
        ("acme", ["chat"], "openai-responses", "gpt-4o-mini", Reason.ROUTE_ALLOWED, "acme-gpt"),
        ("acme", ["chat", "wide"], "openai-chat", "o3", Reason.ROUTE_ALLOWED, "acme-all"),
        ("lab-7", [], "anthropic-messages", "claude-x", Reason.ROUTE_ALLOWED, "labs"),
        # The first route that matches is taken, even if a later one would be kinder or its scopes are lacking.
        ("acme", ["wide"], "openai-chat", "gpt-4o", Reason.SCOPE_MISSING, "acme-gpt"),
        ("acme", ["chat"], "openai-chat", "o3", Reason.SCOPE_MISSING, "acme-all"),
        ("acme", ["CHAT"], "openai-chat", "gpt-4o", Reason.SCOPE_MISSING, "acme-gpt"),
        ("acme", ["chat"], "openai-responses", "o3", Reason.MODEL_REFUSED, ""),
        ("acme", ["chat"], "openai-responses", "GPT-4o", Reason.MODEL_REFUSED, ""),
        ("acme", ["chat"], "openai-responses", "gpt-4o\n", Reason.MODEL_REFUSED, ""),
        ("acme", ["chat"], "openai-responses", "", Reason.MODEL_REFUSED, ""),
        ("acme", ["chat"], "anthropic-messages", "claude-x", Reason.TENANT_REFUSED, ""),
        ("acme\n", ["chat"], "openai-chat", "gpt-4o", Reason.TENANT_REFUSED, ""),
        ("lab", [], "anthropic-messages", "claude-x", Reason.TENANT_REFUSED, ""),
        ("acme", ["chat"], "gemini", "gemini-pro", Reason.NO_ROUTE, ""),
    ],
)
def test_the_first_route_that_matches_decides(
    tenant: str, scopes: list[str], dialect: str, model: str, reason: Reason, rule: str
) -> None:
    """Dialect, model and tenant choose the route; its scopes are all required."""
    verdict = judge(plan(ROUTES), principal(tenant, scopes=scopes), dialect, model)
    assert (verdict.decision.reason, verdict.decision.rule) == (reason, rule)
    assert verdict.decision.action is (Action.ALLOW if reason is Reason.ROUTE_ALLOWED else Action.DENY)


@pytest.mark.parametrize(("models", "allowed"), [(("*",), True), (("",), True), (("gpt-*",), False)])
def test_leaving_the_model_out_opens_no_door(models: tuple[str, ...], allowed: bool) -> None:
    """A request that names no model (and would get the backend's default) needs a route for any model."""
    verdict = judge(plan([route(models=models)]), principal(), "openai-chat", "")
    assert (verdict.decision.action is Action.ALLOW) == allowed


@pytest.mark.parametrize(
    ("tenant", "dialect", "model", "status"),
    [
        ("acme", "openai-chat", "secret-model", 404),
        ("other", "openai-chat", "gpt-4o", 403),
        ("acme", "gemini", "x", 404),
    ],
)
async def test_a_denial_has_the_status_that_sdks_expect(tenant: str, dialect: str, model: str, status: int) -> None:
    """A model that is not yours is one that does not exist; no detail repeats the caller's words."""
    narrow = plan([route("acme-gpt", dialects=("openai-*",), models=("gpt-*",), tenants=("acme",))])
    outcome = await Authorize()(exchange(narrow, principal(tenant), model=model, dialect_name=dialect))
    assert outcome.status == status
    assert outcome.exchange.route is None
    assert model not in outcome.detail.split()


async def test_an_endpoint_without_a_model_needs_only_a_route() -> None:
    """A list of models is served to whoever has any route there, and to nobody else."""
    narrow = plan([route(models=("gpt-*",), tenants=("acme",))])
    listed = await Authorize()(exchange(narrow, principal("acme"), model="", model_at=""))
    assert listed.decisions[0].action is Action.ALLOW
    foreign = await Authorize()(exchange(narrow, principal("other"), model="", model_at=""))
    assert foreign.decisions[0].reason is Reason.TENANT_REFUSED
    left_out = await Authorize()(exchange(narrow, principal("acme"), model=""))
    assert left_out.decisions[0].reason is Reason.MODEL_REFUSED


async def test_what_exists_for_others_looks_like_what_exists_for_nobody() -> None:
    """No caller can find out which models another tenant has."""
    both = plan([route("a", models=("a-model",), tenants=("a",)), route("b", models=("b-model",), tenants=("b",))])
    foreign = await Authorize()(exchange(both, principal("a"), model="b-model"))
    nothing = await Authorize()(exchange(both, principal("a"), model="no-model"))
    assert (foreign.status, foreign.detail, foreign.decisions) == (nothing.status, nothing.detail, nothing.decisions)


async def test_an_allowed_exchange_carries_its_route() -> None:
    """Where it goes comes from the policy, never from the request."""
    outcome = await Authorize()(exchange(plan(ROUTES), principal(scopes=["chat"])))
    assert outcome.exchange.route == ROUTES[0]
    assert outcome.decisions[0].reason is Reason.ROUTE_ALLOWED


@pytest.mark.parametrize(
    ("model_at", "body", "allowed"),
    [
        ("/model", {"models": ["gpt-4o-mini", "gpt-4.1"]}, True),
        ("/model", {"models": ["gpt-4o-mini", "o3"]}, False),
        ("/model", {"fallbacks": [{"model": "gpt-4.1"}]}, True),
        ("/model", {"fallbacks": [{"model": "o3", "messages": []}]}, False),
        ("/model", {"fallbacks": [{"gpt-4o": ["o3"]}]}, False),
        ("/model", {"fallback_models": "o3"}, False),
        ("deployment", {"model": "gpt-4o"}, True),
        ("deployment", {"model": "o3"}, False),
        ("deployment", {"model": "models/gpt-4o"}, True),
        ("deployment", {"model": None, "models": [], "fallbacks": {}}, True),
    ],
)
async def test_every_model_that_a_request_names_must_be_the_callers(
    model_at: str, body: dict[str, Json], allowed: bool
) -> None:
    """A backend may fall back on another model, or believe the body more than the path."""
    narrow = plan([route("acme-gpt", models=("gpt-*",))])
    asked = replace(exchange(narrow, principal(), model_at=model_at), payload={"model": "gpt-4o", **body})
    outcome = await Authorize()(asked)
    assert outcome.decisions[0].reason is (Reason.ROUTE_ALLOWED if allowed else Reason.MODEL_REFUSED)
    assert allowed or outcome.status == 404


async def test_a_missing_scope_is_named() -> None:
    """It is the policy's word, and what the caller has to ask for."""
    outcome = await Authorize()(exchange(plan(ROUTES), principal(scopes=[])))
    assert (outcome.status, outcome.detail) == (403, "route acme-gpt requires the scopes: chat")
    assert outcome.exchange.route is None


async def test_nobody_is_nowhere() -> None:
    """Without a principal this guard denies, should the first ever be forgotten."""
    outcome = await Authorize()(exchange(plan([route()])))
    assert (outcome.status, outcome.decisions[0].reason) == (401, Reason.TOKEN_MISSING)


async def test_without_routes_everything_is_refused() -> None:
    """An empty policy is a closed gateway."""
    outcome = await Authorize()(exchange(plan(), principal()))
    assert outcome.decisions[0].reason is Reason.NO_ROUTE


_words = st.sampled_from(["*", "a", "b", "a*"])
_routes = st.builds(
    Route,
    id=st.text("xyz", min_size=1, max_size=3),
    dialects=st.tuples(_words),
    models=st.tuples(_words),
    tenants=st.tuples(_words),
    scopes=st.lists(st.sampled_from(["s", "t"]), max_size=2).map(tuple),
    upstream=st.just("u"),
)
_names = st.sampled_from(["a", "b", "ab", "c"])


@given(st.lists(_routes, max_size=5), _names, _names, _names, st.sets(st.sampled_from(["s", "t"])))
@settings(deadline=None)
def test_more_scopes_never_allow_less_and_fewer_never_more(
    routes: list[Route], dialect: str, model: str, tenant: str, scopes: set[str]
) -> None:
    """Allowed means: with every scope it is the same route, and its scopes are all there."""
    verdict = judge(plan(routes), principal(tenant, scopes=sorted(scopes)), dialect, model)
    everything = judge(plan(routes), principal(tenant, scopes=["s", "t"]), dialect, model)
    if verdict.decision.action is Action.ALLOW:
        assert verdict.route is not None
        assert set(verdict.route.scopes) <= scopes
        assert everything == verdict
    if everything.decision.action is Action.DENY:
        assert verdict.decision == everything.decision
