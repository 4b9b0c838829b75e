"""YAML that is read strictly, and knows where everything stands.

Differences from `yaml.safe_load`: duplicate keys, anchors, aliases, merge keys
and custom tags are refused; only ``true`` and ``false`` are booleans (``yes``
and ``no`` are answers in most suites, not booleans); keys are strings; and every
node's place is kept, so that a later complaint can say ``file:line:column``.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from detectors.bias.problems import Place, Problems

Path_ = tuple[str | int, ...]

#: A suite has a few thousand nodes; a file beyond these bounds is no suite.
MAX_BYTES = 4_000_000
MAX_DEPTH = 40


_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[valid-type,misc]
    """The fast loader where libyaml is there, with the scalars of YAML 1.2's core schema."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?$"), list("-+.0123456789")
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data and the place of every node, by path from the root."""

    path: str
    data: Any
    places: dict[Path_, Place] = field(repr=False)

    def place(self, path: Path_) -> Place:
        """Return where the node at `path` stands; of a missing node, where its nearest parent stands."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.path, 1, 1))


def read(path: Path, problems: Problems) -> Document | None:
    """Read a YAML file; what is wrong with it goes to `problems`, and None comes back when there is nothing to use."""
    shown = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.add(Place(shown, 1, 1), f"cannot be read: {error.strerror or error}")
        return None
    if len(raw) > MAX_BYTES:
        problems.add(Place(shown, 1, 1), f"has {len(raw)} bytes; a file may have at most {MAX_BYTES}")
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.add(Place(shown, raw[: error.start].count(b"\n") + 1, 1), "is not UTF-8")
        return None
    return parse(text, shown, problems)


def parse(text: str, shown: str, problems: Problems) -> Document | None:
    """Parse YAML text; `shown` is the file name that messages give."""
    loader = _Loader(text)
    try:
        if any(getattr(event, "anchor", None) for event in yaml.parse(text, Loader=_Loader)):
            problems.add(Place(shown, 1, 1), "uses YAML anchors or aliases; write the text out instead")
            return None
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown, 1, 1)
        problems.add(place, f"is not YAML: {error.problem or error.context}")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(Place(shown, 1, 1), f"is not YAML: {type(error).__name__}")
        return None
    finally:
        loader.dispose()
    if root is None:
        problems.add(Place(shown, 1, 1), "is empty")
        return None
    places: dict[Path_, Place] = {}
    data = _Builder(shown, places, problems).build(root, ())
    return Document(shown, data, places)


@dataclass(slots=True)
class _Builder:
    """Turns nodes into plain data and notes their places."""

    shown: str
    places: dict[Path_, Place]
    problems: Problems

    def build(self, node: yaml.Node, path: Path_) -> Any:
        """Return the plain value of `node`."""
        place = Place(self.shown, node.start_mark.line + 1, node.start_mark.column + 1)
        self.places[path] = place
        if len(path) > MAX_DEPTH:
            self.problems.add(place, f"is nested deeper than {MAX_DEPTH}")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = Place(self.shown, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.add(place, "a key must be a plain word")
                continue
            key = str(key_node.value)
            if key in result:
                self.problems.add(place, f"key {key!r} stands twice; the first is at line {self._line((*path, key))}")
                continue
            result[key] = self.build(value_node, (*path, key))
            self.places[(*path, key)] = place
        return result

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        text = str(node.value)
        match node.tag.rsplit(":", 1)[-1]:
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text == "true"
            case "int" | "float" as kind:
                try:
                    return int(text.replace("_", "")) if kind == "int" else float(text)
                except ValueError:
                    self.problems.add(place, f"{text!r} is a number that only YAML 1.1 knows; put it in quotes")
            case _:
                self.problems.add(place, f"tag {node.tag!r} is not allowed")
        return None

    def _line(self, path: Path_) -> int:
        return self.places[path].line
