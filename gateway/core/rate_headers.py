"""What a caller is told about its limits, in everybody's words. Pure: levels in, headers out.

The IETF draft's fields (draft-ietf-httpapi-ratelimit-headers, structured
fields of RFC 9651), OpenAI's and Anthropic's own, and what makes their SDKs
wait, or not try again at all. Rules in shadow stay in the shadow.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gateway.core.decision import Enforcement
from gateway.core.plan import LimitRule, LimitUnit
from gateway.core.quota import Level

PATIENCE = 60.0
"""Seconds an SDK waits at most. Beyond it Anthropic's retries sooner, not later, and OpenAI's (120 s) gives up."""


class Vendor(StrEnum):
    """Whose own rate limit headers a dialect's clients read. Gemini and Ollama have none."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    NONE = "none"


def vendor_of(dialect: str) -> Vendor:
    """Return the vendor by the dialect's name."""
    if dialect.startswith("anthropic"):
        return Vendor.ANTHROPIC
    if dialect.startswith(("openai", "azure", "embeddings")):
        return Vendor.OPENAI
    return Vendor.NONE


def rate_headers(rules: Sequence[LimitRule], levels: Sequence[Level], vendor: Vendor, now: datetime) -> dict[str, str]:
    """Return the headers that say where the caller stands; none without limits.

    `rules` are the plan's, `levels` those of a reservation; `now` (aware) is
    for Anthropic, which names times, not durations.
    """
    by_id = {rule.id: rule for rule in rules if rule.enforcement is not Enforcement.SHADOW}
    told = [(by_id[level.rule], level) for level in levels if level.rule in by_id]
    if not told:
        return {}
    headers = {
        "RateLimit-Policy": ", ".join(_policy(level) for _, level in told),
        "RateLimit": ", ".join(_standing(level) for _, level in told),
    }
    for unit in LimitUnit:
        tightest = _tightest(level for rule, level in told if rule.unit is unit)
        if tightest is not None:
            headers |= _vendor_headers(vendor, unit, tightest, now)
    return headers


def retry_headers(status: int, retry_after: float | None) -> dict[str, str]:
    """Return when to try again, or that there is no use in it.

    A denial is not retried: an SDK that resends a blocked prompt only burns
    the caller's quota. A limit is, unless the wait is longer than an SDK's
    patience. A dependency that is down (5xx) is left to the SDK's own backoff.
    """
    headers: dict[str, str] = {}
    if retry_after is not None:
        wait = max(0.0, retry_after)
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
        headers["retry-after-ms"] = str(max(1, math.ceil(wait * 1000)))
    final = status < 500 and (status != 429 or retry_after is None)
    if final or (retry_after is not None and retry_after > PATIENCE):
        headers["x-should-retry"] = "false"
    return headers


def _policy(level: Level) -> str:
    return f"{_quoted(level.rule)};q={level.quota};w={max(1, math.ceil(level.window))}"


def _standing(level: Level) -> str:
    return f"{_quoted(level.rule)};r={_remaining(level)};t={math.ceil(level.next_after)}"


def _remaining(level: Level) -> int:
    """Never promise more than the quota that is shown beside it, even if the burst is larger."""
    return min(level.remaining, level.quota)


def _quoted(name: str) -> str:
    """Write a structured-field string (RFC 9651 section 3.3.3): printable ASCII, quote and backslash escaped."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in name)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tightest(levels: Iterable[Level]) -> Level | None:
    """Vendors show one number by unit: the limit that will bite first."""
    return min(levels, key=lambda level: (_remaining(level), -level.reset_after), default=None)


def _vendor_headers(vendor: Vendor, unit: LimitUnit, level: Level, now: datetime) -> dict[str, str]:
    if vendor is Vendor.OPENAI:
        prefix, suffix = "x-ratelimit-", f"-{unit}"
        reset = go_duration(level.reset_after)
        names = [f"{prefix}{what}{suffix}" for what in ("limit", "remaining", "reset")]
    elif vendor is Vendor.ANTHROPIC:
        moment = now.astimezone(UTC) + timedelta(seconds=math.ceil(level.reset_after))
        reset = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        names = [f"anthropic-ratelimit-{unit}-{what}" for what in ("limit", "remaining", "reset")]
    else:
        return {}
    return dict(zip(names, (str(level.quota), str(_remaining(level)), reset), strict=True))


def go_duration(seconds: float) -> str:
    """Write a duration as Go prints it (``12ms``, ``1s``, ``6m0s``, ``1h0m1s``), rounded up to what is shown."""
    if 0 < (milliseconds := math.ceil(seconds * 1000)) < 1000:
        return f"{milliseconds}ms"
    whole = math.ceil(max(0.0, seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{left}s"
    return f"{minutes}m{left}s" if minutes else f"{left}s"
