"""Suites, name lists and dialects as YAML files, read strictly: data, and where each piece stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from detectors import strict_yaml
from detectors.bias.problems import Place, Problems

BOUNDS: Final = strict_yaml.Bounds(
    size=4_000_000, depth=40, aliases=0, nodes=1_000_000, loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
"""A suite has a few thousand values, a list of names may have many more."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data and the place of every node, by path from the root."""

    path: str
    data: Any = field(repr=False)
    read: strict_yaml.Document = field(repr=False)

    def place(self, path: strict_yaml.Location) -> Place:
        """Return where the node at `path` stands; of a missing node, where its nearest parent stands."""
        found = self.read.problem(path, "")
        return Place(found.file, found.line, found.column)


def read(path: Path, problems: Problems) -> Document | None:
    """Read a YAML file; what is wrong with it goes to `problems`, and None comes back when there is nothing to use."""
    found = strict_yaml.read(path, bounds=BOUNDS)
    if isinstance(found, strict_yaml.Document):
        return Document(found.file, found.data, found)
    for one in found:
        problems.add(Place(one.file, one.line, one.column), one.message)
    return None
