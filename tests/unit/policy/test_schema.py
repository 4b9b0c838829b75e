"""Messages for every kind of mistake: what, where, what to do."""

# ruff: noqa: E501  (a row of a table is one line)

import pytest

from gateway.policy.fields import json_schema
from gateway.policy.schema import PolicyFile
from tests.unit.policy.policies import HEAD, ROUTES, RULES, load, problems

FULL = ROUTES + RULES


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (FULL + "  limit: []\n", "p.yaml:7:3: unknown key `limit`; did you mean `limits`?"),
        (FULL + "  zzz: []\n", "p.yaml:7:3: unknown key `zzz`"),
        ("  routes: [{id: a, model: [x]}]\n" + RULES, "p.yaml:5:20: unknown key `model`; did you mean `models`?"),
        ("  routes: [{}]\n" + RULES, "p.yaml:5:12: `id` is missing in `spec.routes[0]`"),
        ("  routes: [{id: 7}]\n" + RULES, "p.yaml:5:17: `spec.routes[0].id` must be text; quote it if it looks like a number or true/false"),
        ("  routes: [{id: Big}]\n" + RULES, "p.yaml:5:17: `spec.routes[0].id` must be lower-case letters, digits, `-`, `_` and `.`, at most 64 characters"),
        ("  routes: [{id: a, models: []}]\n" + RULES, "p.yaml:5:28: `spec.routes[0].models` must not be empty"),
        ("  routes: [{id: a, models: ['gpt-?']}]\n" + RULES, "p.yaml:5:29: `spec.routes[0].models[0]` must be a name, or a pattern with `*` (the only wildcard), without blanks"),
        ("  routes: all\n" + RULES, "p.yaml:5:11: `spec.routes` must be a list"),
        (FULL + "  audit: {payload: yes}\n", "p.yaml:7:20: `spec.audit.payload` must be true or false"),
        (FULL + "  audit: on\n", "p.yaml:7:10: `spec.audit` must be a mapping of keys to values"),
        (FULL + "  enforcement: shadw\n", "p.yaml:7:16: `spec.enforcement` must be one of enforce, warn, shadow; did you mean `shadow`?"),
        (FULL + "  on_failure: {detector: pass}\n", "p.yaml:7:26: `spec.on_failure.detector` must be one of deny, allow"),
        (FULL + "  limits: [{id: l, unit: requests, quota: 0, window: 1m}]\n", "p.yaml:7:43: `spec.limits[0].quota` must be at least 1"),
        (FULL + "  limits: [{id: l, unit: requests, quota: 1.5, window: 1m}]\n", "p.yaml:7:43: `spec.limits[0].quota` must be a whole number"),
        (FULL + "  limits: [{id: l, unit: requests, quota: 1, window: 0}]\n", "p.yaml:7:54: `spec.limits[0].window` must be more than 0"),
        (FULL + "  limits: [{id: l, unit: requests, quota: 1, window: 1 week}]\n", "p.yaml:7:54: `spec.limits[0].window` must be a duration such as `500ms`, `30s`, `1m`, `1h` or `1d`, or a number of seconds"),
        (FULL + "  limits: [{id: l, unit: requests, quota: 1, window: 1m, per: [user]}]\n", "p.yaml:7:64: `spec.limits[0].per[0]` must be one of tenant, subject, model, route"),
        (FULL + "  stream: {max_hold: 1}\n", "p.yaml:7:22: `spec.stream.max_hold` must be at least 256"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_what_to_write(spec: str, expected: str) -> None:
    """One mistake, one line."""
    assert problems(spec) == [expected]


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    """Nobody wants to run the checker ten times."""
    found = problems("  routs: []\n  audit: 3\n  limits: [{id: l}]\n", HEAD.replace("kind: Policy", "kind: Polcy"))
    assert [line.split(":")[1] for line in found] == ["2", "5", "6", "7", "7", "7"]
    assert found[0].endswith("`kind` must be Policy; did you mean `Policy`?")


@pytest.mark.parametrize("head", ["just words\n", "- a list\n", "3\n"])
def test_a_file_that_is_no_mapping_is_refused(head: str) -> None:
    """A policy is a mapping."""
    assert problems("", head) == ["p.yaml:1:1: the file must be a mapping of keys to values"]


@pytest.mark.parametrize(
    ("written", "seconds"), [("1m", 60), ("90s", 90), ("1.5h", 5400), ("500ms", 0.5), ("60", 60), ("2d", 172800)]
)
def test_a_duration_is_a_number_of_seconds_or_has_a_unit(written: str, seconds: float) -> None:
    """`60` and `1m` mean the same."""
    plan = load(FULL + f"  limits: [{{id: l, unit: tokens, quota: 5, window: {written}}}]\n").plan
    assert plan is not None
    assert plan.limits[0].window == seconds
    assert plan.limits[0].burst == 5


def test_a_burst_may_differ_from_the_quota() -> None:
    """So many at once, so many in the long run."""
    plan = load(FULL + "  limits: [{id: l, unit: tokens, quota: 60, window: 1m, burst: 10}]\n").plan
    assert plan is not None
    assert (plan.limits[0].quota, plan.limits[0].burst) == (60, 10)


def test_the_json_schema_knows_every_key() -> None:
    """Editors complete from it, and every key has a description."""
    schema = json_schema(PolicyFile)
    assert schema["$schema"].endswith("2020-12/schema")
    for name, model in {"PolicyFile": schema, **schema["$defs"]}.items():
        for key, value in model.get("properties", {}).items():
            assert value.get("description"), f"{name}.{key}"
        if "properties" in model:
            assert model["additionalProperties"] is False
