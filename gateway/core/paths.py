"""Patterns over JSON paths, compiled into one automaton that is walked along with the payload.

A pattern is a JSON pointer in which ``*`` stands for any list position or any
object key and ``**`` for any number of steps: ``/messages/*/role``. Matching
costs one dictionary look-up per step, however many patterns a table has.
"""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

INDEX = object()
"""The step into a list; matches ``*`` only."""


class State(Generic[T]):
    """A place in the automaton.

    `mark` is the value of the pattern that ends here, or None; `free` tells that no pattern
    spells a name below here: the keys are the users' own, not the format's.
    """

    __slots__ = ("_automaton", "_index", "_next", "_nodes", "_other", "free", "mark")

    def __init__(self, automaton: "Paths[T]", nodes: frozenset[tuple[int, int]]) -> None:
        self._automaton = automaton
        self._nodes = nodes
        self._next: dict[str, State[T]] = {}
        self._other: State[T] | None = None
        self._index: State[T] | None = None
        self.mark: T | None = automaton.mark_of(nodes)
        self.free = automaton.is_free(nodes)

    def key(self, name: str) -> "State[T]":
        """Step into an object's member."""
        state = self._next.get(name)
        if state is not None:
            return state
        if name in self._automaton.alphabet:
            state = self._next[name] = self._automaton.step(self._nodes, name)
            return state
        if self._other is None:  # every name that no pattern spells behaves alike: memory stays bounded
            self._other = self._automaton.step(self._nodes, None)
        return self._other

    def spells(self, name: str) -> bool:
        """Tell whether some pattern of the whole table spells `name` exactly."""
        return name in self._automaton.alphabet

    def spells_here(self, name: str) -> bool:
        """Tell whether a pattern spells this name here: then it is the format's own word."""
        return name in self._automaton.alphabet and self.key(name) is not self.key("")

    def index(self) -> "State[T]":
        """Step into a list's item."""
        if self._index is None:
            self._index = self._automaton.step(self._nodes, INDEX)
        return self._index


class Paths(Generic[T]):
    """A set of patterns with a value each; of several that match, the first given wins."""

    def __init__(self, patterns: Mapping[str, T] | Iterable[tuple[str, T]]) -> None:
        items = list(patterns.items() if isinstance(patterns, Mapping) else patterns)
        for pattern, _ in items:
            if pattern and not pattern.startswith("/"):
                raise ValueError(f"pattern {pattern!r} does not start with a slash")
        self._steps = [tuple(pattern.split("/")[1:]) for pattern, _ in items]
        self._marks = [mark for _, mark in items]
        self.alphabet = frozenset(step for steps in self._steps for step in steps if step not in ("*", "**"))
        self.folded = frozenset(step.casefold() for step in self.alphabet)
        self._states: dict[frozenset[tuple[int, int]], State[T]] = {}
        self.root = self._state(self._closure({(i, 0) for i in range(len(items))}))

    def mark_of(self, nodes: frozenset[tuple[int, int]]) -> T | None:
        """Return the value of the first pattern that is complete in `nodes`."""
        done = [i for i, at in nodes if at == len(self._steps[i])]
        return self._marks[min(done)] if done else None

    def is_free(self, nodes: frozenset[tuple[int, int]]) -> bool:
        """Tell whether only ``**`` leads on from `nodes`."""
        return all(at == len(self._steps[i]) or "**" in self._steps[i][: at + 1] for i, at in nodes)

    def step(self, nodes: frozenset[tuple[int, int]], symbol: object) -> State[T]:
        """Advance all `nodes` by one step: a known name, None for any other name, or INDEX."""
        following: set[tuple[int, int]] = set()
        for i, at in nodes:
            if at == len(self._steps[i]):
                continue
            wanted = self._steps[i][at]
            if wanted == "**":
                following.add((i, at))
            elif wanted == "*" or wanted == symbol:
                following.add((i, at + 1))
        return self._state(self._closure(following))

    def _closure(self, nodes: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        closed = set(nodes)
        for i, at in nodes:
            while at < len(self._steps[i]) and self._steps[i][at] == "**":
                at += 1
                closed.add((i, at))
        return frozenset(closed)

    def _state(self, nodes: frozenset[tuple[int, int]]) -> State[T]:
        state = self._states.get(nodes)
        if state is None:
            state = self._states[nodes] = State(self, nodes)
        return state


def pointer(path: Iterable[str | int]) -> str:
    """Return `path` as an RFC 6901 pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
