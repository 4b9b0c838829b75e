"""Errors in each vendor's words, so that its SDK raises the right class.

Shapes and class tables: the vendors' API references and SDK sources. The
sentence is ours; nothing of the user's text is ever repeated.
"""

from collections.abc import Sequence

from gateway.core.decision import Reason
from gateway.core.dialect import Fault
from gateway.core.jsonvalue import Json

_POLICY = frozenset(
    {
        Reason.ENTITIES_DENIED,
        Reason.INJECTION_DENIED,
        Reason.IDENTIFIER_DENIED,
        Reason.MEDIA_REFUSED,
        Reason.MEDIA_DENIED,
        Reason.MEDIA_UNREADABLE,
        Reason.STATE_REFUSED,
        Reason.TOKENS_REFUSED,
        Reason.DERIVED_REFUSED,
        Reason.HOLD_EXCEEDED,
    }
)


def _sentence(fault: Fault) -> str:
    return f"{fault.detail} (exchange {fault.exchange})"


_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    502: "server_error",
    503: "server_error",
    504: "server_error",
}
_OPENAI_CODES = {
    401: "invalid_api_key",
    413: "request_too_large",
    429: "rate_limit_exceeded",
    504: "upstream_timeout",
}


def openai_error(fault: Fault) -> Json:
    """Return OpenAI's error body: ``{"error": {"message", "type", "param", "code"}}``."""
    code: str | None = _OPENAI_CODES.get(fault.status)
    if fault.reason == Reason.MODEL_REFUSED:
        code = "model_not_found"
    elif fault.reason in _POLICY:
        code = "content_policy_violation"
    return {
        "error": {
            "message": _sentence(fault),
            "type": _OPENAI_TYPES.get(fault.status, "invalid_request_error"),
            "param": None,
            "code": code or fault.reason,
        }
    }


def openai_stream_error(fault: Fault) -> Sequence[tuple[str, Json]]:
    """Return a data event with a top-level ``error``: the SDK raises on it. No end mark follows."""
    return (("", openai_error(fault)),)


_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def anthropic_error(fault: Fault) -> Json:
    """Return Anthropic's error body: ``{"type": "error", "error": {"type", "message"}, "request_id"}``."""
    default = "api_error" if fault.status >= 500 else "invalid_request_error"
    return {
        "type": "error",
        "error": {"type": _ANTHROPIC_TYPES.get(fault.status, default), "message": _sentence(fault)},
        "request_id": fault.exchange,
    }


def anthropic_stream_error(fault: Fault) -> Sequence[tuple[str, Json]]:
    """Return an ``error`` event: the SDK raises on it by its event name."""
    return (("error", anthropic_error(fault)),)


_GEMINI_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def gemini_error(fault: Fault) -> Json:
    """Return Google's error body: ``{"error": {"code", "message", "status", "details"}}``."""
    return {
        "error": {
            "code": fault.status,
            "message": _sentence(fault),
            "status": _GEMINI_STATUSES.get(fault.status, "INVALID_ARGUMENT"),
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": str(fault.reason).upper().replace("-", "_"),
                    "domain": "sluice",
                }
            ],
        }
    }


def gemini_stream_error(fault: Fault) -> Sequence[tuple[str, Json]]:
    """Return an event whose first key is ``error``: by that the SDK knows it, and raises."""
    return (("", gemini_error(fault)),)


def ollama_error(fault: Fault) -> Json:
    """Return Ollama's error body: ``{"error": "..."}``."""
    return {"error": _sentence(fault)}


def ollama_stream_error(fault: Fault) -> Sequence[tuple[str, Json]]:
    """Return a line with an ``error``: the client raises on it."""
    return (("", ollama_error(fault)),)


def problem(fault: Fault) -> Json:
    """Return an RFC 9457 problem, for callers of no known dialect."""
    return {"type": "about:blank", "title": fault.reason, "status": fault.status, "detail": _sentence(fault)}
