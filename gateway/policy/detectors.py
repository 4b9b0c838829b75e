"""Detectors as a policy names them: with options, which the catalog knows."""

from collections.abc import Iterator

from detectors import catalog
from detectors.problem import quoted, suggestion
from detectors.strict_yaml import Location
from gateway.core.decision import Direction
from gateway.core.plan import Plan
from gateway.policy.names import CANARY
from gateway.policy.schema import DetectorModel

_WORDS = {str: "a text", float: "a number from 0 to 1", tuple[str, ...]: "a list of texts"}


def detector_key(model: DetectorModel) -> str:
    """Return the catalog's key of a detector with its options."""
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in model.options.items()}
    return catalog.key_of(model.name, options)


def detector_problems(model: DetectorModel) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong with a known detector's options, and where below the detector."""
    known = catalog.options_of(model.name)
    for name, value in model.options.items():
        if name not in known:
            yield ("options", name), f"unknown option {quoted(name)} of {model.name}{suggestion(name, known)}"
        elif not _fits(value, known[name].kind):
            yield ("options", name), f"{quoted(name)} must be {_WORDS[known[name].kind]}"
    for name, option in known.items():
        if option.required and name not in model.options:
            yield (), f"{model.name} needs the option {quoted(name)}"


def unfound(plan: Plan) -> Iterator[str]:
    """Yield what the plan's rules wait for in vain, or what it plants and nobody waits for."""
    if plan.rules and not plan.detectors:
        yield "no detector is named in `detectors`, so that no rule could match"
    awaited = any(CANARY in rule.entities and Direction.RESPONSE in rule.directions for rule in plan.rules)
    if plan.canary and not awaited:
        yield f"`canary` plants one, but no rule names {CANARY} in answers"


def _fits(value: str | float | list[str], kind: object) -> bool:
    if kind is float:
        return not isinstance(value, str | list) and 0 <= value <= 1
    return isinstance(value, str) == (kind is str) and isinstance(value, str | list) and bool(value)
