"""What is wrong with a file, all of it at once, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class SuiteError(Exception):
    """A suite, a name list or a data file is wrong. Holds every problem, each ``file:line:column: message``."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(slots=True)
class Problems:
    """Collects complaints; `check` raises them together, in the order of the file."""

    found: list[tuple[Place, str]] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        """Note a problem. The message says what is wrong and what to do."""
        if (place, message) not in self.found:
            self.found.append((place, message))

    def check(self) -> None:
        """Raise `SuiteError` when anything was noted."""
        if self.found:
            raise SuiteError(f"{place}: {message}" for place, message in sorted(self.found))

    def __bool__(self) -> bool:
        return bool(self.found)
