"""Whatever a policy file holds, loading it gives a plan or problems with places, and never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.strict_yaml import Document, parse
from gateway.policy.fields import json_schema
from gateway.policy.loader import load_text
from gateway.policy.schema import PolicyFile
from tests.unit.policy.policies import HEAD, NAMES, ROUTES, RULES

_WHOLE = HEAD + ROUTES + RULES + "  limits: [{id: l, unit: tokens, quota: 5, window: 1m, per: [tenant]}]\n"
_PIECES = st.sampled_from(
    ["apiVersion: sluice/v1alpha1", "kind: Policy", "spec:", "routes:", "- ", "id: a", "[", "]", "{", "}", ": ", ", ",
     "\n", "\n  ", "\n    ", "&a ", "*a", "!!str ", "<<: ", "? ", "| ", "> ", "'", '"', "\\u", "\\UFFFFFFFF", "#", "%",
     "---", "...", "\t", "\x00", "\ud800", "é", "9" * 30, "1e99", "inspect:", "rules:", "entities:", "'*'", "~"]
)  # fmt: skip
_WORDS = sorted({word for model in json_schema(PolicyFile)["$defs"].values() for word in model.get("properties", {})})
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["*", "PERSON", "contact", "pii", "redact", "deny", "both", "shadow", "1m", "tenant", "tokens"]),
)  # fmt: skip
_PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**14), 10**14), st.floats(-1e9, 1e9), st.text(max_size=8),
)  # fmt: skip


def _trees(scalars: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4),
        max_leaves=20,
    )


def _is_total(text: str | bytes) -> None:
    loaded = load_text(text, "p.yaml", NAMES)
    assert (loaded.plan is None) == bool(loaded.problems)
    for problem in loaded.problems + loaded.warnings:
        assert problem.line >= 1
        assert problem.column >= 1
        assert "\n" not in str(problem)
        assert len(str(problem)) < 600


@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=200) | st.binary(max_size=200))
@settings(max_examples=250, deadline=None)
def test_any_text_is_a_plan_or_problems(text: str | bytes) -> None:
    """No other exception, whatever the text."""
    _is_total(text)


@given(st.integers(0, len(_WHOLE)), st.integers(0, 12), _PIECES)
@settings(max_examples=150, deadline=None)
def test_any_damage_to_a_good_policy_is_a_plan_or_problems(start: int, length: int, piece: str) -> None:
    """Half-edited files are what a running gateway really meets."""
    _is_total(_WHOLE[:start] + piece + _WHOLE[start + length :])


@given(
    st.dictionaries(
        st.sampled_from(["routes", "inspect", "limits", "audit", "stream", *_WORDS]), _trees(_SCALARS), max_size=5
    )
)
@settings(max_examples=150, deadline=None)
def test_any_values_under_known_keys_are_a_plan_or_problems(spec: dict[str, object]) -> None:
    """Wrong types at every place."""
    _is_total(HEAD + f"  {_flow(spec)}\n")


@given(_trees(_PLAIN))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_what_is_read(tree: object) -> None:
    """Quoted text stays text, and plain data comes back as it was."""
    document = parse(f"a: {_flow(tree)}\n", "p.yaml")
    if isinstance(document, Document):
        assert document.data == {"a": tree}


def _flow(value: object) -> str:
    """Write a value as YAML flow style with every text quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in value) + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)
