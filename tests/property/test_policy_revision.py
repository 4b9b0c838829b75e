"""A revision is a digest of what a policy means: layout does not change it, meaning does."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.loader import load_text
from tests.unit.policy.policies import NAMES

_RULE = st.fixed_dictionaries(
    {"operator": st.sampled_from(["redact", "hash", "deny", "keep", "pseudonym"])},
    optional={
        "direction": st.sampled_from(["request", "both"]),
        "threshold": st.sampled_from([0, 0.25, 1]),
        "enforcement": st.sampled_from(["enforce", "warn", "shadow"]),
    },
).flatmap(
    lambda rule: st.lists(st.sampled_from(sorted(NAMES.entities)), min_size=1, unique=True).map(
        lambda entities: {**rule, "entities": entities}
    )
)
_LIMIT = st.fixed_dictionaries(
    {"unit": st.sampled_from(["requests", "tokens"]), "quota": st.integers(1, 9), "window": st.integers(1, 9)},
    optional={"burst": st.integers(1, 9), "per": st.lists(st.sampled_from(["tenant", "subject"]), unique=True)},
)
_ROUTE = st.fixed_dictionaries({}, optional={"models": st.lists(st.sampled_from(["a", "b*", "*"]), min_size=1)})


def _numbered(prefix: str, items: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"id": f"{prefix}{index}", **item} for index, item in enumerate(items)]


_SPECS = st.builds(
    lambda routes, rules, limits, audit: {
        "routes": _numbered("route", routes),
        "inspect": {"detectors": ["pii", "ner"], "rules": _numbered("rule", rules)},
        "limits": _numbered("limit", limits),
        "audit": {"payload": audit},
    },
    st.lists(_ROUTE, min_size=1, max_size=3),
    st.lists(_RULE, max_size=3),
    st.lists(_LIMIT, max_size=3),
    st.booleans(),
)


def _revision(text: str) -> str:
    loaded = load_text(text, "p.yaml", NAMES)
    assert loaded.plan is not None, loaded.problems
    return loaded.plan.revision


def _document(spec: object) -> dict[str, object]:
    return {"apiVersion": "sluice/v1alpha1", "kind": "Policy", "metadata": {"name": "p"}, "spec": spec}


def _shuffled(value: object, order: random.Random) -> object:
    """Return the value with the keys of every mapping, and every list that is a set, in another order."""
    if isinstance(value, dict):
        items = [(key, _shuffled(item, order)) for key, item in value.items()]
        order.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items_ = [_shuffled(item, order) for item in value]
        if all(isinstance(item, str) for item in items_):
            order.shuffle(items_)
        return items_
    return value


def _block(value: object, indent: str = "") -> str:
    """Write a value as block YAML with comments between the lines."""
    if isinstance(value, dict) and value:
        return "".join(f"\n{indent}{key}: # {key}{_block(item, indent + '  ')}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n\n{indent}- # item{_block(item, indent + '  ')}" for item in value)
    return f"\n{indent}{json.dumps(value)}"


@given(_SPECS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_layout_does_not_change_the_revision(spec: dict[str, object], order: random.Random) -> None:
    """Order of keys, comments, flow or block style, order of what is a set."""
    plain = json.dumps(_document(spec))
    assert _revision(_block(_shuffled(_document(spec), order))) == _revision(plain)


@given(_SPECS, _SPECS)
@settings(max_examples=80, deadline=None)
def test_equal_revisions_are_equal_plans(one: dict[str, object], two: dict[str, object]) -> None:
    """Two policies with one revision behave as one."""
    plans = [load_text(json.dumps(_document(spec)), "p.yaml", NAMES).plan for spec in (one, two)]
    assert plans[0] is not None
    assert plans[1] is not None
    assert (plans[0] == plans[1]) == (plans[0].revision == plans[1].revision)
