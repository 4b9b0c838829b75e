"""The guard that proves who calls. After it the exchange has a principal and no credentials."""

from dataclasses import replace

from gateway.core.decision import Action, Decision, GuardName, Reason, plain
from gateway.core.exchange import Exchange, Principal, Ruling
from gateway.core.plan import Plan
from gateway.errors import DependencyError
from gateway.ports import TokenRefused, TokenVerifier


class Authenticate:
    """Takes the one token out of the exchange's credentials and has it verified.

    It denies with 401 (no token, or one that proves nothing), 400 (two
    different tokens) or 503 (no keys to verify with). No policy can let an
    unproven caller pass: there would be no principal to judge.
    """

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def __call__(self, exchange: Exchange) -> Ruling:
        tokens = {value for value in exchange.credentials if value}
        bare = replace(exchange, credentials=(), principal=None)
        if not tokens:
            detail = "no token: send one as Authorization: Bearer, x-api-key, api-key or x-goog-api-key"
            return Ruling((judge(exchange.plan, Reason.TOKEN_MISSING),), bare, status=401, detail=detail)
        if len(tokens) > 1:
            detail = "two different tokens in one request: send one"
            return Ruling((judge(exchange.plan, Reason.TOKEN_AMBIGUOUS),), bare, status=400, detail=detail)
        try:
            principal = await self._verifier.verify(tokens.pop())
        except TokenRefused as refused:
            decision = judge(exchange.plan, Reason(refused.reason))
            return Ruling((decision,), bare, status=401, detail=refused.detail)
        except DependencyError as error:
            decision = judge(exchange.plan, Reason.KEYS_UNAVAILABLE)
            return Ruling((decision,), bare, status=503, detail=error.detail)
        return Ruling((judge(exchange.plan, principal),), replace(bare, principal=principal))


def judge(plan: Plan, outcome: Principal | Reason) -> Decision:
    """Allow a proven principal; deny for any reason that there is none."""
    action, reason = (Action.ALLOW, Reason.TOKEN_VERIFIED) if isinstance(outcome, Principal) else (Action.DENY, outcome)
    return plain(GuardName.AUTHENTICATE, action, reason, plan.revision)


def challenge(decision: Decision) -> str | None:
    """Return the ``WWW-Authenticate`` value for a denial by authenticate or authorize (RFC 6750 section 3), or None."""
    realm = 'Bearer realm="sluice"'
    if decision.reason is Reason.TOKEN_MISSING:
        return realm
    if decision.reason is Reason.TOKEN_AMBIGUOUS:
        return f'{realm}, error="invalid_request"'
    if decision.reason is Reason.SCOPE_MISSING:
        return f'{realm}, error="insufficient_scope"'
    if decision.guard is GuardName.AUTHENTICATE and decision.reason not in _NOT_THE_TOKEN:
        return f'{realm}, error="invalid_token", error_description="{decision.reason}"'
    return None


_NOT_THE_TOKEN = frozenset({Reason.TOKEN_VERIFIED, Reason.KEYS_UNAVAILABLE})
