"""Decisions: what a guard ruled, as values that cannot hold a user's text.

Every field is an enumeration, an identifier of ours or a number. The reasons
are a closed vocabulary; each negative reason has its positive opposite, and all
of them are listed in `policies/README.md` (a test keeps that page complete).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Direction(StrEnum):
    """Which way the text travels."""

    REQUEST = "request"
    RESPONSE = "response"


class Action(StrEnum):
    """What happens to the exchange, in rising severity."""

    ALLOW = "allow"
    REDACT = "redact"
    DENY = "deny"


class Enforcement(StrEnum):
    """Whether a rule takes effect (`enforce`), takes none but tells the caller (`warn`), or only counts (`shadow`)."""

    ENFORCE = "enforce"
    WARN = "warn"
    SHADOW = "shadow"


class GuardName(StrEnum):
    """Who decides. The order of guards is a constant of `gateway.pipeline`."""

    EDGE = "edge"
    AUTHENTICATE = "authenticate"
    AUTHORIZE = "authorize"
    LIMIT = "limit"
    INSPECT = "inspect"
    BIAS = "bias"
    AUDIT = "audit"
    UPSTREAM = "upstream"


class Reason(StrEnum):
    """Why, in a closed vocabulary. SOC rules match on these words: never reuse one."""

    # edge: the request itself
    MALFORMED_BODY = "malformed-body"
    BODY_TOO_LARGE = "body-too-large"
    BODY_TOO_DEEP = "body-too-deep"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    UNSUPPORTED_ENCODING = "unsupported-encoding"
    UNKNOWN_ENDPOINT = "unknown-endpoint"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    UPGRADE_REFUSED = "upgrade-refused"
    MALFORMED_HEADERS = "malformed-headers"
    REQUEST_TIMEOUT = "request-timeout"
    INTERNAL_ERROR = "internal-error"
    DRAINING = "draining"
    # authenticate
    TOKEN_VERIFIED = "token-verified"
    TOKEN_MISSING = "token-missing"
    TOKEN_AMBIGUOUS = "token-ambiguous"
    TOKEN_MALFORMED = "token-malformed"
    TOKEN_ALGORITHM_REFUSED = "token-algorithm-refused"
    TOKEN_TYPE_REFUSED = "token-type-refused"
    TOKEN_ISSUER_UNKNOWN = "token-issuer-unknown"
    TOKEN_KEY_UNKNOWN = "token-key-unknown"
    TOKEN_SIGNATURE_INVALID = "token-signature-invalid"
    TOKEN_EXPIRED = "token-expired"
    TOKEN_NOT_YET_VALID = "token-not-yet-valid"
    TOKEN_AUDIENCE_REFUSED = "token-audience-refused"
    TOKEN_CLAIM_MISSING = "token-claim-missing"
    TOKEN_CLAIM_INVALID = "token-claim-invalid"
    KEYS_UNAVAILABLE = "keys-unavailable"
    # authorize
    ROUTE_ALLOWED = "route-allowed"
    NO_ROUTE = "no-route"
    SCOPE_MISSING = "scope-missing"
    TENANT_REFUSED = "tenant-refused"
    MODEL_REFUSED = "model-refused"
    # limit
    WITHIN_LIMIT = "within-limit"
    LIMIT_EXCEEDED = "limit-exceeded"
    DEMAND_TOO_LARGE = "demand-too-large"
    LIMITER_UNAVAILABLE = "limiter-unavailable"
    # inspect
    NOTHING_FOUND = "nothing-found"
    ENTITIES_KEPT = "entities-kept"
    ENTITIES_REDACTED = "entities-redacted"
    ENTITIES_DENIED = "entities-denied"
    INJECTION_DENIED = "injection-denied"
    IDENTIFIER_DENIED = "identifier-denied"
    MEDIA_REFUSED = "media-refused"
    MEDIA_PASSED = "media-passed"
    MEDIA_INSPECTED = "media-inspected"
    MEDIA_DENIED = "media-denied"
    MEDIA_UNREADABLE = "media-unreadable"
    STATE_REFUSED = "state-refused"
    STATE_STRIPPED = "state-stripped"
    STATE_PASSED = "state-passed"
    TOKENS_REFUSED = "tokens-refused"
    TOKENS_PASSED = "tokens-passed"
    DERIVED_REFUSED = "derived-refused"
    DERIVED_PASSED = "derived-passed"
    HOLD_EXCEEDED = "hold-exceeded"
    DETECTOR_UNAVAILABLE = "detector-unavailable"
    # bias
    BIAS_WITHIN_MARGIN = "bias-within-margin"
    BIAS_QUARANTINED = "bias-quarantined"
    # audit
    RECORD_SEALED = "record-sealed"
    AUDIT_UNAVAILABLE = "audit-unavailable"
    # upstream
    UPSTREAM_COMPLETED = "upstream-completed"
    UPSTREAM_REFUSED = "upstream-refused"
    UPSTREAM_UNREACHABLE = "upstream-unreachable"
    UPSTREAM_TIMEOUT = "upstream-timeout"
    UPSTREAM_MALFORMED = "upstream-malformed"
    UPSTREAM_CUT = "upstream-cut"
    CLIENT_LEFT = "client-left"


@dataclass(frozen=True, slots=True)
class Decision:
    """One guard's ruling on one exchange in one direction.

    `would_action` is what the rules say, `action` what was done: they differ
    when the winning rule is only in `warn` or `shadow`. `rule` is the id of the
    deciding rule ("" when none did), `revision` the plan's, `evidence` numbers
    by name (counts of findings by entity as ``findings.<ENTITY>``, remaining
    quota, and the like).
    """

    guard: GuardName
    action: Action
    reason: Reason
    direction: Direction
    rule: str
    enforcement: Enforcement
    revision: str
    would_action: Action
    evidence: Mapping[str, int | float] = field(default_factory=lambda: MappingProxyType({}))


def plain(
    guard: GuardName,
    action: Action,
    reason: Reason,
    revision: str,
    direction: Direction = Direction.REQUEST,
    *,
    rule: str = "",
    evidence: Mapping[str, int | float] = MappingProxyType({}),
) -> Decision:
    """Return a decision that is enforced as it stands, by a rule or by whoever has none: the edge, the audit log."""
    return Decision(guard, action, reason, direction, rule, Enforcement.ENFORCE, revision, action, evidence)
