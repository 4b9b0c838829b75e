"""Questions that a table answers about one event: what it closes, what it counts, how to say less.

Pure functions over JSON values; `gateway.core.answer` asks them.
"""

from collections.abc import Sequence

from gateway.core.dialect import Close, channel_name
from gateway.core.jsonvalue import Json
from gateway.core.payload import Path, get

MAX_COUNT = 10**9
"""Tokens of one answer; a backend that says more is not believed."""


def counted(pointers: Sequence[str], data: Json, before: int | None) -> int | None:
    """Return the sum of the counts at these places, never less than `before` (counts in streams are cumulative)."""
    counts = [get(data, tuple(pointer.split("/")[1:])) for pointer in pointers]
    numbers = [n for n in counts if isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_COUNT]
    return max(sum(numbers), before or 0) if numbers else before


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


def image(data: Json, path: Path, kept: frozenset[str] = frozenset()) -> Json:
    """Return an event that says nothing but an empty text at `path`.

    Kept are: at the top, every scalar (ids, the model, the type) and every empty container; on the
    way down, list positions' ``index``, every ``type``, truth value and null, and what the endpoint
    says is `kept`; nothing that a client would add up twice (names, counts).
    """
    return _image(data, path, 0, kept | _KEPT)


_KEPT = frozenset({"index", "type"})


def _image(value: Json, path: Path, depth: int, names: frozenset[str]) -> Json:
    if depth == len(path):
        return ""
    step = path[depth]
    if isinstance(value, list):
        assert isinstance(step, int)
        return [_image(value[step], path, depth + 1, names)]
    assert isinstance(value, dict)
    kept: dict[str, Json] = {}
    for key, member in value.items():
        if key == step:
            kept[key] = _image(member, path, depth + 1, names)
        elif (
            (depth == 0 and not (isinstance(member, dict | list) and member))
            or member is None
            or isinstance(member, bool)
            or key in names
        ):
            kept[key] = member
    return kept


def image_path(path: Path) -> Path:
    """Return where the text of an `image` stands."""
    return tuple(0 if isinstance(step, int) else step for step in path)
