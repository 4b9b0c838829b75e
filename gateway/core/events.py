"""Questions that a table answers about one event: what it closes, what it counts, how to say less.

Pure functions over JSON values; `gateway.core.answer` asks them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gateway.core.dialect import PLACE, Close, Usage, channel_name
from gateway.core.jsonvalue import Json
from gateway.core.payload import Path, get

MAX_COUNT = 10**9
"""Tokens of one answer; a backend that says more is not believed."""


def counted(pointers: Sequence[str], data: Json, before: int | None) -> int | None:
    """Return the sum of the counts at these places, never less than `before` (counts in streams are cumulative)."""
    counts = [get(data, tuple(pointer.split("/")[1:])) for pointer in pointers]
    numbers = [n for n in counts if isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_COUNT]
    return max(sum(numbers), before or 0) if numbers else before


@dataclass(slots=True)
class Spent:
    """Token counts that the backend reported, as far as it did."""

    input: int | None = None
    output: int | None = None

    def count(self, usage: Usage, data: Json) -> None:
        """Take in what one event says of them."""
        self.input = counted(usage.input, data, self.input)
        self.output = counted(usage.output, data, self.output)


def closing(close: Close, data: Json) -> list[str]:
    """Return the prefixes that this event closes."""
    places: list[tuple[tuple[str, ...], Json]] = [((), data)]
    for step in close.path.split("/")[1:]:
        following: list[tuple[tuple[str, ...], Json]] = []
        for names, value in places:
            if step == "*" and isinstance(value, list):
                for position, item in enumerate(value):
                    index = item.get("index", position) if isinstance(item, dict) else position
                    following.append(((*names, str(index)), item))
            elif isinstance(value, dict) and step in value:
                following.append((names, value[step]))
        places = following
    return [channel_name(close.prefix, names, data) for names, value in places if _closes(close, value)]


def _closes(close: Close, value: Json) -> bool:
    if isinstance(value, dict | list):
        return False
    if not close.values and not close.ends:
        return value not in (None, "")
    return value in close.values or (bool(close.ends) and isinstance(value, str) and value.endswith(close.ends))


@dataclass(frozen=True, slots=True)
class Needs:
    """What a channel's name is made of: whatever an event must hold to speak for that channel.

    `lists` are the lists on the way whose positions count (None: all), `beside` the members beside the
    text, `elsewhere` the paths of members below the top.
    """

    lists: frozenset[int] | None
    beside: frozenset[str]
    elsewhere: tuple[tuple[str, ...], ...]

    def position(self, depth: int) -> bool:
        """Tell whether the position in the list at this depth (counted in lists) is part of the name."""
        return self.lists is None or depth in self.lists


@cache
def needs(template: str) -> Needs:
    """Return what a channel's template refers to (`gateway.core.dialect.incremental`)."""
    parts = PLACE.findall(template)
    return Needs(
        None if "*" in parts else frozenset(int(part) for part in parts if part.isdecimal()),
        frozenset(part[3:] for part in parts if part.startswith("../")),
        tuple(steps for part in parts if part.startswith("/") and len(steps := tuple(part.split("/")[1:])) > 1),
    )


def image(data: Json, path: Path, template: str, kept: frozenset[str] = frozenset()) -> tuple[Json, Path]:
    """Return an event that says nothing but an empty text, and where: in the place of `path`, for the same channel.

    Kept are: at the top, every scalar (ids, the model, the type) and every empty container; on the
    way down, list positions' ``index``, every ``type``, truth value and null, what the channel's
    `template` refers to, and what the endpoint says is `kept`; nothing that a client would add up twice
    (names, counts).
    """
    needed = needs(template)
    made, place = _image(data, path, needed, kept | _KEPT | needed.beside)
    for steps in needed.elsewhere:
        made = _with(made, steps, get(data, steps))
    return made, place


_KEPT = frozenset({"index", "type"})


def _image(
    value: Json, path: Path, needed: Needs, names: frozenset[str], at: int = 0, lists: int = 0
) -> tuple[Json, Path]:
    if at == len(path):
        return "", ()
    step = path[at]
    if isinstance(value, list):
        assert isinstance(step, int)
        inner, place = _image(value[step], path, needed, names, at + 1, lists + 1)
        known = isinstance(inner, dict) and "index" in inner
        before = [] if known or not needed.position(lists) else [_blank(item) for item in value[:step]]
        return [*before, inner], (len(before), *place)
    assert isinstance(value, dict)
    kept: dict[str, Json] = {}
    place = ()
    for key, member in value.items():
        if key == step:
            kept[key], place = _image(member, path, needed, names, at + 1, lists)
        elif (
            (at == 0 and not (isinstance(member, dict | list) and member))
            or member is None
            or isinstance(member, bool)
            or key in names
        ):
            kept[key] = member
    return kept, (step, *place)


def _blank(item: Json) -> Json:
    """Return what holds an item's position in a list, and says nothing."""
    return type(item)() if isinstance(item, dict | list | str) else None


def _with(value: Json, steps: Sequence[str], member: Json) -> Json:
    """Return `value` with a scalar at a path of objects, as far as there are or can be objects."""
    if not steps:
        return member
    if isinstance(member, dict | list) or not isinstance(value, dict):
        return value
    return {**value, steps[0]: _with(value.get(steps[0], {}), steps[1:], member)}
