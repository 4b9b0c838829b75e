"""Whether a probe through the gateway would reach the model that it is about.

While a model is set aside, callers are answered by the fallback. A probe that
were, too, would find the fallback fair and set the model free.
"""

import base64
import json

from gateway.errors import PolicyError
from gateway.policy.loader import load_plan
from gateway.settings import Settings


def require(settings: Settings, suite: str, token: str) -> None:
    """Raise `PolicyError` when a rule with a fallback listens to `suite` and the token lacks the rule's scope.

    The token is read, not verified: the gateway that it goes to does that.
    """
    scopes: frozenset[str] | None = None
    for rule in load_plan(settings.policy).bias:
        if not rule.fallback or suite not in rule.suites:
            continue
        if scopes is None:
            scopes = _scopes(token, {issuer.scope_claim for issuer in settings.issuers})
        if rule.probe_scope not in scopes:
            raise PolicyError(
                (
                    f"the probe's token lacks the scope {rule.probe_scope} of bias rule {rule.id}: while the model is "
                    f"set aside, {rule.fallback} would answer instead of it",
                )
            )


def _scopes(token: str, claims: set[str]) -> frozenset[str]:
    """Return the scopes that a JWT names; none when it cannot be read."""
    try:
        segment = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (IndexError, ValueError):
        return frozenset()
    found: set[str] = set()
    for value in (said.get(name) for name in claims) if isinstance(said, dict) else ():
        named = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        found.update(scope for scope in named if isinstance(scope, str))
    return frozenset(found)
