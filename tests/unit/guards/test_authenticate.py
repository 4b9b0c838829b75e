"""The first guard: who calls."""

import pytest

from gateway.core.decision import Action, Decision, GuardName, Reason
from gateway.core.exchange import Principal, Ruling
from gateway.errors import DependencyError
from gateway.guards.authenticate import Authenticate, challenge, judge
from gateway.guards.authorize import judge as authorize
from gateway.ports import TokenRefused
from tests.support.plans import exchange, plan, principal, route


class Verifier:
    """Knows one token; the keys for another are away."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def verify(self, token: str) -> Principal:
        self.asked.append(token)
        if token == "good":
            return principal()
        if token == "dark":
            raise DependencyError(Reason.KEYS_UNAVAILABLE, "the keys are away")
        raise TokenRefused(Reason.TOKEN_EXPIRED, "the token has expired")


async def ruling(*credentials: str) -> Ruling:
    return await Authenticate(Verifier())(exchange(plan(), credentials=credentials))


async def test_a_proven_caller_is_let_in_and_the_token_left_outside() -> None:
    """After this guard nothing downstream can log, forward or leak the token."""
    outcome = await ruling("good")
    (decision,) = outcome.decisions
    assert (decision.action, decision.reason, decision.guard) == (Action.ALLOW, Reason.TOKEN_VERIFIED, "authenticate")
    assert outcome.exchange.principal == principal()
    assert outcome.exchange.credentials == ()


@pytest.mark.parametrize(
    ("credentials", "status", "reason"),
    [
        ((), 401, Reason.TOKEN_MISSING),
        (("", ""), 401, Reason.TOKEN_MISSING),
        (("good", "other"), 400, Reason.TOKEN_AMBIGUOUS),
        (("bad",), 401, Reason.TOKEN_EXPIRED),
        (("dark",), 503, Reason.KEYS_UNAVAILABLE),
    ],
)
async def test_an_unproven_caller_is_denied(credentials: tuple[str, ...], status: int, reason: Reason) -> None:
    """As a ruling, never as an exception; with no principal and no token on the exchange."""
    outcome = await ruling(*credentials)
    (decision,) = outcome.decisions
    assert (decision.action, decision.would_action, decision.reason) == (Action.DENY, Action.DENY, reason)
    assert outcome.status == status
    assert outcome.detail
    assert (outcome.exchange.principal, outcome.exchange.credentials) == (None, ())


async def test_the_same_token_in_two_headers_is_one_token() -> None:
    """SDKs do that; an empty header beside it means nothing."""
    assert (await ruling("good", "", "good")).decisions[0].action is Action.ALLOW


async def test_of_two_different_tokens_neither_is_tried() -> None:
    """Picking one would let a caller show one to us and another to somebody else."""
    verifier = Verifier()
    await Authenticate(verifier)(exchange(plan(), credentials=("good", "other")))
    assert verifier.asked == []


async def test_no_policy_lets_an_unproven_caller_in() -> None:
    """`on_failure` may open other guards, not this one."""
    open_plan = plan(on_failure={"keys": Action.ALLOW, "authenticate": Action.ALLOW})
    outcome = await Authenticate(Verifier())(exchange(open_plan, credentials=("dark",)))
    assert outcome.decisions[0].action is Action.DENY


async def test_a_principal_set_beforehand_counts_for_nothing() -> None:
    """Only a token proves."""
    outcome = await Authenticate(Verifier())(exchange(plan(), principal()))
    assert outcome.exchange.principal is None


async def test_nothing_shows_a_token() -> None:
    """Neither the exchange before, nor what the guard returns."""
    outcome = await ruling("secret-sesame-1", "secret-sesame-2")
    before = exchange(plan(), credentials=("secret-sesame-1",))
    assert "sesame" not in repr(outcome) + repr(before)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.TOKEN_MISSING, 'Bearer realm="sluice"'),
        (Reason.TOKEN_AMBIGUOUS, 'Bearer realm="sluice", error="invalid_request"'),
        (
            Reason.TOKEN_EXPIRED,
            'Bearer realm="sluice", error="invalid_token", error_description="token-expired"',
        ),
        (Reason.KEYS_UNAVAILABLE, None),
    ],
)
def test_the_challenge_says_what_is_wrong_with_the_token(reason: Reason, expected: str | None) -> None:
    """RFC 6750: no error code when there was no token, and none when the fault is ours."""
    assert challenge(judge(plan(), reason)) == expected


def test_other_denials_challenge_only_for_scopes() -> None:
    """A missing scope is about the token; a model that is not yours is not."""
    guarded = plan([route(scopes=("admin",), models=("gpt-*",))])
    lacking: Decision = authorize(guarded, principal(), "openai-chat", "gpt-4o").decision
    assert challenge(lacking) == 'Bearer realm="sluice", error="insufficient_scope"'
    foreign = authorize(guarded, principal(), "openai-chat", "claude").decision
    assert foreign.guard is GuardName.AUTHORIZE
    assert challenge(foreign) is None
    assert challenge(judge(plan(), principal())) is None
