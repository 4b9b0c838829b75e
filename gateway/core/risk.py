"""Which known risk a decision speaks of: OWASP Top 10 for LLM applications 2025 and MITRE ATLAS 5.6 ids.

A table and a lookup, so that a security team can read what its rules will
match. A decision that found nothing wrong has no entry.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.core.decision import Reason

_INJECTION: Final = ("LLM01:2025", "AML.T0051")  # LLM prompt injection
_DISCLOSURE: Final = ("LLM02:2025", "AML.T0057")  # sensitive information disclosure; LLM data leakage
_UNREADABLE: Final = ("LLM01:2025", "LLM02:2025", "AML.T0015")  # could carry either past inspection; evade ML model
_STATE: Final = ("LLM01:2025", "LLM02:2025", "AML.T0092")  # manipulate user LLM chat history
_UNFAIR: Final = ("LLM09:2025", "AML.T0048")  # misinformation is the closest; external harms
_CONSUMPTION: Final = ("LLM10:2025", "AML.T0034")  # unbounded consumption; cost harvesting
_SERVICE: Final = ("LLM10:2025", "AML.T0029")  # denial of ML service
_ACCOUNT: Final = ("LLM10:2025", "AML.T0012")  # valid accounts
_ACCESS: Final = ("LLM10:2025", "AML.T0040")  # AI model inference API access

RISKS: Final[Mapping[Reason, tuple[str, ...]]] = MappingProxyType(
    {
        Reason.BODY_TOO_LARGE: _SERVICE,
        Reason.BODY_TOO_DEEP: _SERVICE,
        Reason.TOKEN_MISSING: _ACCOUNT,
        Reason.TOKEN_AMBIGUOUS: _ACCOUNT,
        Reason.TOKEN_MALFORMED: _ACCOUNT,
        Reason.TOKEN_ALGORITHM_REFUSED: _ACCOUNT,
        Reason.TOKEN_TYPE_REFUSED: _ACCOUNT,
        Reason.TOKEN_ISSUER_UNKNOWN: _ACCOUNT,
        Reason.TOKEN_KEY_UNKNOWN: _ACCOUNT,
        Reason.TOKEN_SIGNATURE_INVALID: _ACCOUNT,
        Reason.TOKEN_EXPIRED: _ACCOUNT,
        Reason.TOKEN_NOT_YET_VALID: _ACCOUNT,
        Reason.TOKEN_AUDIENCE_REFUSED: _ACCOUNT,
        Reason.TOKEN_CLAIM_MISSING: _ACCOUNT,
        Reason.TOKEN_CLAIM_INVALID: _ACCOUNT,
        Reason.NO_ROUTE: _ACCESS,
        Reason.SCOPE_MISSING: _ACCESS,
        Reason.TENANT_REFUSED: _ACCESS,
        Reason.MODEL_REFUSED: _ACCESS,
        Reason.LIMIT_EXCEEDED: _CONSUMPTION,
        Reason.DEMAND_TOO_LARGE: _CONSUMPTION,
        Reason.ENTITIES_KEPT: _DISCLOSURE,
        Reason.ENTITIES_REDACTED: _DISCLOSURE,
        Reason.ENTITIES_DENIED: _DISCLOSURE,
        Reason.INJECTION_DENIED: _INJECTION,
        Reason.IDENTIFIER_DENIED: _DISCLOSURE,
        Reason.MEDIA_REFUSED: _UNREADABLE,
        Reason.MEDIA_PASSED: _UNREADABLE,
        Reason.MEDIA_DENIED: _DISCLOSURE,
        Reason.MEDIA_UNREADABLE: _UNREADABLE,
        Reason.TOKENS_REFUSED: _UNREADABLE,
        Reason.TOKENS_PASSED: _UNREADABLE,
        Reason.DERIVED_REFUSED: _UNREADABLE,
        Reason.DERIVED_PASSED: _UNREADABLE,
        Reason.STATE_REFUSED: _STATE,
        Reason.STATE_STRIPPED: _STATE,
        Reason.STATE_PASSED: _STATE,
        Reason.HOLD_EXCEEDED: _SERVICE,
        Reason.BIAS_QUARANTINED: _UNFAIR,
    }
)


def risks(reason: Reason) -> tuple[str, ...]:
    """Return the risk ids of `reason`, OWASP first; none for a reason that speaks of no risk."""
    return RISKS.get(reason, ())
