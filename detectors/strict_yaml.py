"""Strict YAML: one document, plain data, and the place of every key and value.

Policies, settings, tests, dialects and suites decide much in few words, so each has
exactly one reading: YAML 1.2 booleans and numbers (``no`` is Norway, and an answer,
not false), no duplicate keys, no tags, no merge keys, few aliases or none, bounded
size and depth. Whatever a text holds, `parse` returns in linear time: a document,
or every problem it could see.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, Protocol, TypeAlias

import yaml

from detectors.problem import Problem, quoted

Location: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a document: mapping keys and list indexes from the root."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may hold: bytes, levels, aliases (without any, no anchor either), and values.

    Each use of an alias counts its values anew: that makes alias bombs harmless. `loader` is PyYAML's own parser, whose
    messages are the same everywhere, or libyaml's, which is twenty times as fast.
    """

    size: int = 256 * 1024
    depth: int = 24
    aliases: int = 64
    nodes: int = 20_000
    loader: "type[yaml.SafeLoader | yaml.CSafeLoader]" = yaml.SafeLoader


BOUNDS: Final = Bounds()
"""Those of policies, settings and all else that a person writes for the gateway."""

_INT = re.compile(r"[-+]?[0-9]{1,15}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE](?:\+?[0-9]{1,2}|-[0-9]{1,3}))?\Z")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Controls and lone surrogates, which escapes can bring in: no name, path or address has them."""


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file: plain data (dict, list, str, int, float, bool, None) and where each piece stands.

    `keys` and `values` map a location to a line and a column, both from one.
    """

    file: str
    data: object = field(repr=False)
    keys: Mapping[Location, tuple[int, int]] = field(repr=False)
    values: Mapping[Location, tuple[int, int]] = field(repr=False)

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem at `location`: at its key if it has one, else at the nearest value around it."""
        for length in range(len(location), -1, -1):
            place = self.keys.get(location[:length]) or self.values.get(location[:length])
            if place is not None:
                return Problem(self.file, *place, message)
        return Problem(self.file, 1, 1, message)

    def value_problem(self, location: Location, message: str) -> Problem:
        """Return a problem at the value (not the key) that stands at `location`."""
        place = self.values.get(location)
        return Problem(self.file, *place, message) if place else self.problem(location, message)


def files_in(directory: Path) -> list[Path]:
    """Return the YAML files of a directory, in the order of their names. Raises `OSError`."""
    return sorted(file for file in directory.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file())


def read(path: Path, shown: str | None = None, bounds: Bounds = BOUNDS) -> Document | tuple[Problem, ...]:
    """Read and parse the file at `path`; `shown` is its name in problems (default: the path)."""
    file = shown or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(bounds.size + 1)
    except OSError as error:
        return (Problem(file, 1, 1, f"cannot be read: {error.strerror or type(error).__name__}"),)
    return parse(raw, file, bounds)


def parse(raw: bytes | str, file: str, bounds: Bounds = BOUNDS) -> Document | tuple[Problem, ...]:
    """Parse the text of a YAML file. Return the document, or its problems; raise nothing."""
    if len(raw) > bounds.size:
        return (Problem(file, 1, 1, f"is larger than {bounds.size // 1024} KiB; split it"),)
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - (error.object.rfind(b"\n", 0, error.start) + 1) + 1
        return (Problem(file, line, column, "is not UTF-8; save the file as UTF-8"),)
    reader = _Reader(file, bounds)
    try:
        root = reader.compose(text)
    except _Stop:
        return tuple(reader.problems)
    except yaml.YAMLError as error:
        return (*reader.problems, _syntax_problem(file, text, error))
    except (ValueError, OverflowError):
        # PyYAML lets an escape such as "\UFFFFFFFF" fail in chr().
        return (*reader.problems, Problem(file, 1, 1, "has an escape that is no character"))
    if root is None:
        return (Problem(file, 1, 1, "is empty"),)
    try:
        data = reader.build(root, (), 0)
    except _Stop:
        return tuple(reader.problems)
    return tuple(reader.problems) or Document(file, data, reader.keys, reader.values)


class _Mark(Protocol):
    """PyYAML's marks: positions from zero."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class _Stop(Exception):
    """Reading cannot go on; the problem is already noted."""


class _Reader:
    """Walks one document once, noting data, places and problems."""

    def __init__(self, file: str, bounds: Bounds) -> None:
        self.file = file
        self._bounds = bounds
        self.problems: list[Problem] = []
        self.keys: dict[Location, tuple[int, int]] = {}
        self.values: dict[Location, tuple[int, int]] = {}
        self._nodes = 0

    def compose(self, text: str) -> yaml.Node | None:
        """Return the node tree of a text whose events have passed the bounds."""
        self._check_events(text)
        loader = self._bounds.loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()

    def _check_events(self, text: str) -> None:
        """Stop at the first event past a bound: the scanner is lazy, so nothing after it is even read."""
        loader, bounds = self._bounds.loader(text), self._bounds
        depth = aliases = documents = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                assert event is not None
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                elif isinstance(event, yaml.AliasEvent):
                    aliases += 1
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                mark = event.start_mark
                if depth > bounds.depth:
                    self._stop(mark, f"is nested deeper than {bounds.depth} levels")
                if not bounds.aliases and getattr(event, "anchor", None) is not None:
                    self._stop(mark, "uses YAML anchors or aliases; write the text out instead")
                if aliases > bounds.aliases:
                    self._stop(mark, f"has more than {bounds.aliases} aliases")
                if documents > 1:
                    self._stop(mark, "starts a second document; one file holds one document")
                tag = getattr(event, "tag", None)
                if tag is not None:
                    self._note(mark, f"tag {quoted(tag)} is not allowed; write a plain value")
        finally:
            loader.dispose()
        if self.problems:
            raise _Stop

    def build(self, node: yaml.Node, location: Location, depth: int) -> object:
        """Return the plain data of `node`, which stands at `location`."""
        self._nodes += 1
        if self._nodes > self._bounds.nodes or depth > self._bounds.depth:
            self._stop(node.start_mark, "has too many values once its aliases are expanded")
        self.values[location] = _place(node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return self._build_mapping(node, location, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*location, index), depth + 1) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._build_scalar(node)

    def _build_mapping(self, node: yaml.MappingNode, location: Location, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node.start_mark, "a key must be a plain word")
                continue
            key = key_node.value
            here = (*location, key)
            if key == "<<" and not key_node.style:
                self._note(key_node.start_mark, "merge keys (`<<`) are not allowed; write the values out")
            elif key in data:
                line, _ = self.keys[here]
                self._note(key_node.start_mark, f"duplicate key {quoted(key)}; it already stands in line {line}")
            else:
                self._check_text(key, key_node)
                self.keys[here] = _place(key_node.start_mark)
                data[key] = self.build(value_node, here, depth + 1)
        return data

    def _build_scalar(self, node: yaml.ScalarNode) -> object:
        text: str = node.value
        self._check_text(text, node)
        if node.style:  # quoted or a block; plain is None, or "" to libyaml
            return text
        if text in _NULLS:
            return None
        if text in _BOOLS:
            return _BOOLS[text]
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return text

    def _check_text(self, text: str, node: yaml.Node) -> None:
        if _NO_TEXT.search(text):
            self._note(node.start_mark, "has an escape that is no character")

    def _note(self, mark: _Mark | None, message: str) -> None:
        self.problems.append(Problem(self.file, *_place(mark), message))

    def _stop(self, mark: _Mark | None, message: str) -> NoReturn:
        self._note(mark, message)
        raise _Stop


def _place(mark: _Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _syntax_problem(file: str, text: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        message = f"is not YAML: {said}" if said else "is not YAML"
        return Problem(file, *_place(mark), " ".join(message.split())[:200])
    position = getattr(error, "position", 0)
    before = text[: position if isinstance(position, int) else 0]
    line = before.count("\n") + 1
    return Problem(file, line, len(before) - (before.rfind("\n") + 1) + 1, "has a character that YAML does not allow")
