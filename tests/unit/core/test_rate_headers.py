"""What callers are told about their limits."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.core.decision import Enforcement
from gateway.core.plan import LimitUnit
from gateway.core.quota import Level
from gateway.core.rate_headers import Vendor, go_duration, rate_headers, retry_headers, vendor_of
from tests.support.plans import limit

NOW = datetime(2026, 2, 25, 20, 0, 0, tzinfo=UTC)
RULES = [
    limit("burst", quota=10, window=60.0),
    limit("daily", quota=1000, window=86_400.0),
    limit("tokens", LimitUnit.TOKENS, quota=5000, window=60.0),
    limit("trial", quota=1, enforcement=Enforcement.SHADOW),
]
LEVELS = [
    Level("burst", 10, 60.0, 7, 18.0, 5.2),
    Level("daily", 1000, 86_400.0, 999, 86.4, 86.4),
    Level("tokens", 5000, 60.0, 0, 61.5, 0.012),
    Level("trial", 1, 60.0, 0, 60.0, 60.0),
]


def test_the_standard_fields_name_every_limit_that_holds() -> None:
    """RFC 9651 lists; seconds round up, so that nobody comes too early; what is in shadow is not told."""
    headers = rate_headers(RULES, LEVELS, Vendor.NONE, NOW)
    assert headers == {
        "RateLimit-Policy": '"burst";q=10;w=60, "daily";q=1000;w=86400, "tokens";q=5000;w=60',
        "RateLimit": '"burst";r=7;t=6, "daily";r=999;t=87, "tokens";r=0;t=1',
    }


def test_openai_hears_of_the_tightest_limit_by_unit() -> None:
    """Reset is a duration as Go prints it."""
    headers = rate_headers(RULES, LEVELS, Vendor.OPENAI, NOW)
    assert {name: value for name, value in headers.items() if name.startswith("x-")} == {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "7",
        "x-ratelimit-reset-requests": "18s",
        "x-ratelimit-limit-tokens": "5000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "1m2s",
    }


def test_anthropic_hears_a_time() -> None:
    """RFC 3339 in UTC, whatever zone the clock is in."""
    here = NOW.astimezone(timezone(timedelta(hours=9)))
    headers = rate_headers(RULES, LEVELS, Vendor.ANTHROPIC, here)
    assert {name: value for name, value in headers.items() if name.startswith("anthropic")} == {
        "anthropic-ratelimit-requests-limit": "10",
        "anthropic-ratelimit-requests-remaining": "7",
        "anthropic-ratelimit-requests-reset": "2026-02-25T20:00:18Z",
        "anthropic-ratelimit-tokens-limit": "5000",
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-02-25T20:01:02Z",
    }


def test_without_limits_there_is_nothing_to_tell() -> None:
    """Nor when every limit is in shadow, or belongs to a plan that has gone."""
    assert rate_headers([], [], Vendor.OPENAI, NOW) == {}
    assert rate_headers(RULES, LEVELS[3:], Vendor.OPENAI, NOW) == {}
    assert rate_headers([], LEVELS, Vendor.OPENAI, NOW) == {}


def test_no_more_is_promised_than_the_quota_beside_it() -> None:
    """A burst above the quota would read as a mistake."""
    headers = rate_headers([limit("b", quota=10, burst=50)], [Level("b", 10, 10.0, 50, 0.0)], Vendor.NONE, NOW)
    assert headers["RateLimit"] == '"b";r=10;t=0'


def test_a_rule_name_cannot_break_out_of_its_string() -> None:
    """Header injection by way of a policy file stops here."""
    name = 'a"b\\c\r\nX: é'
    headers = rate_headers([limit(name)], [Level(name, 10, 0.2, 1, 0.0)], Vendor.NONE, NOW)
    assert headers["RateLimit-Policy"] == '"a\\"b\\\\c??X: ?";q=10;w=1'


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (429, 0.25, {"Retry-After": "1", "retry-after-ms": "250"}),
        (429, 60.0, {"Retry-After": "60", "retry-after-ms": "60000"}),
        (429, 60.1, {"Retry-After": "61", "retry-after-ms": "60100", "x-should-retry": "false"}),
        (429, 0.0, {"Retry-After": "1", "retry-after-ms": "1"}),
        (429, None, {"x-should-retry": "false"}),
        (400, None, {"x-should-retry": "false"}),
        (403, None, {"x-should-retry": "false"}),
        (413, None, {"x-should-retry": "false"}),
        (503, None, {}),
        (503, 2.0, {"Retry-After": "2", "retry-after-ms": "2000"}),
    ],
)
def test_an_sdk_retries_what_may_succeed_and_nothing_else(
    status: int, retry_after: float | None, expected: dict[str, str]
) -> None:
    """A blocked prompt is not sent again; a long wait is given up instead of cut short."""
    assert retry_headers(status, retry_after) == expected


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (-1, "0s"), (0.0001, "1ms"), (0.012, "12ms"), (0.9991, "1s"), (1, "1s"), (1.5, "2s"), (59.2, "1m0s"),
     (360, "6m0s"), (3601, "1h0m1s"), (90_061, "25h1m1s")],
)  # fmt: skip
def test_durations_as_go_prints_them(seconds: float, written: str) -> None:
    """Rounded up, never down."""
    assert go_duration(seconds) == written


@pytest.mark.parametrize(
    ("name", "vendor"),
    [("openai-chat", Vendor.OPENAI), ("openai", Vendor.OPENAI), ("azure-openai", Vendor.OPENAI),
     ("gemini", Vendor.NONE), ("anthropic-messages", Vendor.ANTHROPIC), ("ollama", Vendor.NONE), ("", Vendor.NONE)],
)  # fmt: skip
def test_vendors_by_their_dialects(name: str, vendor: Vendor) -> None:
    """A vendor without headers of its own gets the standard's only."""
    assert vendor_of(name) is vendor
