"""How the schema library's errors are said: our own sentences, at the place in the file."""

import re
from collections.abc import Mapping
from typing import Any

from detectors.problem import Problem, quoted, suggestion
from detectors.strict_yaml import Document, Location


def schema_problem(schema: Mapping[str, Any], document: Document, item: Any) -> Problem:
    """Return one error of the schema library (`item`, its dictionary) as a problem with its place.

    `schema` is the file kind's JSON Schema: where suggestions for unknown keys come from.
    """
    location: Location = tuple(item["loc"])
    kind: str = item["type"]
    context: dict[str, Any] = item.get("ctx", {})
    name = quoted(location[-1]) if location else "the file"
    if kind == "extra_forbidden":
        known = _known_keys(schema, location[:-1])
        return document.problem(location, f"unknown key {name}{suggestion(str(location[-1]), known)}")
    if kind == "missing":
        return document.problem(location[:-1], f"{name} is missing{_within(location)}")
    return document.value_problem(location, f"{_label(location)} {_sentence(kind, context, item)}")


def _within(location: Location) -> str:
    return f" in {quoted(_dotted(location[:-1]))}" if len(location) > 1 else ""


def _label(location: Location) -> str:
    return quoted(_dotted(location)) if location else "the file"


def _dotted(location: Location) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def _sentence(kind: str, context: dict[str, Any], item: Any) -> str:
    """Say what a value must be. The value itself is quoted only where it must be one of a few words."""
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        words = re.findall(r"'([^']*)'", str(context["expected"]))
        got = item["input"]
        hint = suggestion(got, words) if isinstance(got, str) else ""
        return f"must be one of {', '.join(words)}{hint}" if len(words) > 1 else f"must be {', '.join(words)}{hint}"
    if kind == "too_short" and context["min_length"] == 1:
        return "must not be empty"
    if kind in _BOUNDS:
        template, key = _BOUNDS[kind]
        return template.format(context[key])
    return _TYPES.get(kind, "has a wrong value")


_BOUNDS = {
    "greater_than": ("must be more than {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
    "too_short": ("must have at least {} items", "min_length"),
    "too_long": ("must have at most {} items", "max_length"),
    "string_too_short": ("must have at least {} characters", "min_length"),
    "string_too_long": ("must have at most {} characters", "max_length"),
}
_TYPES = {
    "string_type": "must be text; quote it if it looks like a number or true/false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
}


def _known_keys(schema: Mapping[str, Any], location: Location) -> set[str]:
    """Return the keys that the mapping at `location` may have."""
    node: Any = schema
    for part in location:
        node = _resolve(schema, node)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part, node.get("additionalProperties", {}))
    return set(_resolve(schema, node).get("properties", {}))


def _resolve(schema: Mapping[str, Any], node: Any) -> Any:
    while True:
        if "anyOf" in node:
            node = next((option for option in node["anyOf"] if option.get("type") != "null"), {})
        elif "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        else:
            return node
