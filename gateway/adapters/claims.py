"""From verified claims to a principal: who it is for, from when to when, and whose it is. Pure.

Types are strict: an expiry that is a string or infinite is refused, not converted.
"""

import math
import re
from typing import NoReturn

from gateway.adapters.issuers import IssuerConfig
from gateway.core.decision import Reason
from gateway.core.exchange import Principal
from gateway.core.jsonvalue import Json
from gateway.ports import TokenRefused

MAX_NAME = 256
"""Longest subject, tenant or token id in characters."""

_NAME = re.compile(rf"[^\x00-\x1f\x7f]{{1,{MAX_NAME}}}")

_OTHER_KINDS = ("at_hash", "c_hash", "nonce", "events", "cnf")
"""Claims of ID tokens, of logout and event tokens, and of tokens bound to a key whose proof is not checked here."""


def principal_of(claims: dict[str, Json], config: IssuerConfig, now: float) -> Principal:
    """Return who the claims prove, at `now` (seconds since 1970), or raise `TokenRefused`."""
    for name in _OTHER_KINDS:
        if name in claims:
            raise TokenRefused(
                Reason.TOKEN_TYPE_REFUSED, f"the token has the claim {name}: not a plain bearer access token"
            )
    _check_times(claims, config, now)
    _check_audience(claims, config)
    for name in ("sub", "jti"):
        if name == "sub" or name in claims:
            _name(claims, name)
    return Principal(
        subject=_name(claims, config.subject_claim),
        tenant=_name(claims, config.tenant_claim),
        scopes=_scopes(claims.get(config.scope_claim), config.scope_claim),
    )


def _check_times(claims: dict[str, Json], config: IssuerConfig, now: float) -> None:
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if now >= expires + config.leeway:
        raise TokenRefused(Reason.TOKEN_EXPIRED, "the token has expired: get a new one")
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    if max(issued, begins) > now + config.leeway:
        raise TokenRefused(Reason.TOKEN_NOT_YET_VALID, "the token is not valid yet: check the clocks")
    if not 0 < expires - issued <= config.max_lifetime:
        _invalid(f"the token's lifetime is not between 0 and {config.max_lifetime:.0f} seconds")


def _check_audience(claims: dict[str, Json], config: IssuerConfig) -> None:
    audience = _present(claims, "aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not audiences or not all(isinstance(each, str) for each in audiences):
        _invalid("the token's aud is neither a string nor a list of strings")
    if not any(each in audiences for each in config.audience):
        raise TokenRefused(Reason.TOKEN_AUDIENCE_REFUSED, "the token is for another audience")


def _scopes(value: Json, name: str) -> frozenset[str]:
    """Return the scopes; none when there is no such claim."""
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset(value.split())
    if not isinstance(value, list):
        _invalid(f"the token's {name} is neither a string nor a list of strings")
    scopes = [each for each in value if isinstance(each, str)]
    if len(scopes) != len(value):
        _invalid(f"the token's {name} is neither a string nor a list of strings")
    return frozenset(scopes)


def _time(claims: dict[str, Json], name: str) -> float:
    value = _present(claims, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _invalid(f"the token's {name} is not a number")
    if not 0 <= value < 2**53 or not math.isfinite(value):
        _invalid(f"the token's {name} is no time")
    return float(value)


def _name(claims: dict[str, Json], name: str) -> str:
    value = _present(claims, name)
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        _invalid(f"the token's {name} is not a string of 1 to {MAX_NAME} characters without control characters")
    return value


def _present(claims: dict[str, Json], name: str) -> Json:
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.TOKEN_CLAIM_MISSING, f"the token lacks the claim {name}")
    return value


def _invalid(detail: str) -> NoReturn:
    raise TokenRefused(Reason.TOKEN_CLAIM_INVALID, detail)
