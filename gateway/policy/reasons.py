"""What each reason of a decision means, for `policies/README.md`; a test keeps the list complete."""

from collections.abc import Mapping
from typing import Final

from gateway.core.decision import GuardName, Reason

MEANINGS: Final[Mapping[GuardName, Mapping[Reason, str]]] = {
    GuardName.EDGE: {
        Reason.MALFORMED_BODY: "The body is not one strict JSON text (duplicate keys, NaN, bad UTF-8, half a text).",
        Reason.BODY_TOO_LARGE: "The body, unpacked, is over the size that `sluice.yaml` allows.",
        Reason.BODY_TOO_DEEP: "The body is nested deeper than allowed.",
        Reason.UNSUPPORTED_MEDIA_TYPE: "The content type is not JSON.",
        Reason.UNSUPPORTED_ENCODING: "The content encoding is unknown, or the body unpacks to far more than it should.",
        Reason.UNKNOWN_ENDPOINT: "No dialect has this path.",
        Reason.METHOD_NOT_ALLOWED: "The path exists, but not with this method.",
        Reason.UPGRADE_REFUSED: "The request asks for another protocol.",
        Reason.MALFORMED_HEADERS: "Headers are too many, too large or contradict each other.",
        Reason.REQUEST_TIMEOUT: "The body did not arrive in time.",
        Reason.INTERNAL_ERROR: "A defect of the gateway; the exchange was closed.",
        Reason.DRAINING: "The gateway is shutting down and takes no new exchange.",
    },
    GuardName.AUTHENTICATE: {
        Reason.TOKEN_VERIFIED: "The token proves who calls.",
        Reason.TOKEN_MISSING: "There is no token.",
        Reason.TOKEN_AMBIGUOUS: "Several headers hold different tokens.",
        Reason.TOKEN_MALFORMED: "The token is not a JWT in its canonical form.",
        Reason.TOKEN_ALGORITHM_REFUSED: "The token's algorithm is not one that its issuer uses here.",
        Reason.TOKEN_TYPE_REFUSED: "The token's `typ` is not accepted from its issuer.",
        Reason.TOKEN_ISSUER_UNKNOWN: "No such issuer is configured.",
        Reason.TOKEN_KEY_UNKNOWN: "The issuer has no such key.",
        Reason.TOKEN_SIGNATURE_INVALID: "The signature does not fit.",
        Reason.TOKEN_EXPIRED: "The token has expired.",
        Reason.TOKEN_NOT_YET_VALID: "The token is not valid yet.",
        Reason.TOKEN_AUDIENCE_REFUSED: "The token is for somebody else.",
        Reason.TOKEN_CLAIM_MISSING: "A required claim is missing.",
        Reason.TOKEN_CLAIM_INVALID: "A claim has a wrong type or value.",
        Reason.KEYS_UNAVAILABLE: "The issuer's keys cannot be had.",
    },
    GuardName.AUTHORIZE: {
        Reason.ROUTE_ALLOWED: "A route of the policy serves the caller.",
        Reason.NO_ROUTE: "No route serves this dialect.",
        Reason.SCOPE_MISSING: "The token lacks a scope that the route requires.",
        Reason.TENANT_REFUSED: "No route serves the caller's tenant.",
        Reason.MODEL_REFUSED: "No route serves this model for this tenant.",
    },
    GuardName.LIMIT: {
        Reason.WITHIN_LIMIT: "Every limit has room.",
        Reason.LIMIT_EXCEEDED: "A limit is used up; it says when to come back.",
        Reason.DEMAND_TOO_LARGE: "The request asks for more than a limit ever allows at once.",
        Reason.LIMITER_UNAVAILABLE: "The store of the limits cannot be reached.",
    },
    GuardName.INSPECT: {
        Reason.NOTHING_FOUND: "No finding that a rule names.",
        Reason.ENTITIES_KEPT: "Findings, all of them left as they are.",
        Reason.ENTITIES_REDACTED: "Findings were rewritten.",
        Reason.ENTITIES_DENIED: "A finding that a rule denies.",
        Reason.INJECTION_DENIED: "Text that tries to take over the model.",
        Reason.IDENTIFIER_DENIED: "What a rule would rewrite or refuse, in the place of an identifier, a word of the "
        "format or a signed value: these are not rewritten.",
        Reason.MEDIA_REFUSED: "Media that `content.media` denies.",
        Reason.MEDIA_PASSED: "Media that `content.media` lets pass.",
        Reason.MEDIA_INSPECTED: "Media whose text was inspected (`content.media: inspect`) and may pass as it is.",
        Reason.MEDIA_DENIED: "Media whose text a rule would rewrite or refuse: bytes are not rewritten.",
        Reason.MEDIA_UNREADABLE: "Media that should be inspected and cannot be; the evidence counts why.",
        Reason.STATE_REFUSED: "A reference to the provider's state that `content.state` denies.",
        Reason.STATE_STRIPPED: "Such a reference was taken out.",
        Reason.STATE_PASSED: "Such a reference passed.",
        Reason.TOKENS_REFUSED: "Token ids that `content.tokens` denies.",
        Reason.TOKENS_PASSED: "Token ids that `content.tokens` lets pass.",
        Reason.DERIVED_REFUSED: "Copies of text in another form that `content.derived` denies.",
        Reason.DERIVED_PASSED: "Copies of text in another form that `content.derived` lets pass.",
        Reason.HOLD_EXCEEDED: "A stream would have to be held longer than `stream.max_hold`.",
        Reason.DETECTOR_UNAVAILABLE: "A detector failed or was too slow.",
    },
    GuardName.BIAS: {
        Reason.BIAS_WITHIN_MARGIN: "No probe of the model failed, or enough have passed since.",
        Reason.BIAS_QUARANTINED: "A probe of the model failed and not enough have passed since: it is set aside.",
    },
    GuardName.AUDIT: {
        Reason.RECORD_SEALED: "The record is durable.",
        Reason.AUDIT_UNAVAILABLE: "The record cannot be made durable.",
    },
    GuardName.UPSTREAM: {
        Reason.UPSTREAM_COMPLETED: "The answer came whole.",
        Reason.UPSTREAM_REFUSED: "The backend answered with an error.",
        Reason.UPSTREAM_UNREACHABLE: "The backend cannot be reached.",
        Reason.UPSTREAM_TIMEOUT: "The backend is too slow.",
        Reason.UPSTREAM_MALFORMED: "The backend's answer is not in its dialect.",
        Reason.UPSTREAM_CUT: "The answer broke off.",
        Reason.CLIENT_LEFT: "The caller hung up.",
    },
}
