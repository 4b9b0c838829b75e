"""Lists of models: a caller sees those that its routes serve, and nothing of the others.

Not their names, not in what stands beside the list, not in cursors, not by gaps in the pages. Pure.
"""

from collections.abc import Callable, Mapping, Sequence

from gateway.core.dialect import Listing, Paging
from gateway.core.frame import Malformed
from gateway.core.jsonvalue import Json
from gateway.core.payload import get, substitute


def listed(data: Json, listing: Listing, usable: Callable[[str], bool], query: Mapping[str, str]) -> Json:
    """Return a list of models without those that are not the caller's; what has no name is left out.

    Of an answer that is one model, only what it mentions is judged. `query` is the caller's. Raises `Malformed`
    when there is no list, and no error instead.
    """
    if not listing.items:
        return _told(data, listing, usable) if isinstance(data, dict) else data
    path = _steps(listing.items)
    items = get(data, path)
    if not isinstance(data, dict) or not (isinstance(items, list) or "error" in data or path[0] in data):
        raise Malformed("a list of models was expected")
    if not isinstance(items, list):  # an error, or null: an empty list
        return {name: member for name, member in data.items() if name == "error" or not isinstance(member, dict | list)}
    kept: list[Json] = [
        _told(item, listing, usable)
        for item in items
        if (name := _name(item, listing.name, listing.prefix)) is not None and usable(name)
    ]
    made: dict[str, Json] = {name: data[name] for name in data if name == path[0] or name in listing.beside}
    if listing.paging is not None:
        kept, place = _page(kept, listing, listing.paging, query)
        made |= {name: place[name] for name in data if name in place}
    return substitute(made, {path: kept})


def _page(
    items: Sequence[Json], listing: Listing, paging: Paging, query: Mapping[str, str]
) -> tuple[list[Json], dict[str, Json]]:
    """Return the caller's page, and the members that tell where it lies. A cursor that is on no page leads to none."""
    names = [_name(item, listing.name, "") for item in items]
    wanted = query.get(paging.limit, "")
    size = min(max(int(wanted), 1), paging.most) if wanted.isdecimal() else paging.default
    start, end = 0, len(items)
    after, before = query.get(paging.after), query.get(paging.before)
    if after is not None:
        start = names.index(after) + 1 if after in names else end
    if before is not None:
        end = names.index(before) if before in names else start
    backwards = before is not None and after is None
    if backwards:
        page, more = items[max(start, end - size) : end], end - size > start
    else:
        page, more = items[start : max(start, min(end, start + size))], start + size < end
    ends = (_name(page[0], listing.name, ""), _name(page[-1], listing.name, "")) if page else (None, None)
    return list(page), {paging.first: ends[0], paging.last: ends[1], paging.more: more}


def _told(item: Json, listing: Listing, usable: Callable[[str], bool]) -> Json:
    """Return an item that names no model but the caller's."""
    hidden = []
    for path in map(_steps, listing.mentions):
        other = get(item, path)
        if other not in (None, "") and not (isinstance(other, str) and usable(other.removeprefix(listing.prefix))):
            hidden.append(path)
    return substitute(item, dict.fromkeys(hidden))


def _name(item: Json, pointer: str, prefix: str) -> str | None:
    name = get(item, _steps(pointer))
    return name.removeprefix(prefix) if isinstance(name, str) else None


def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(pointer.split("/")[1:])
