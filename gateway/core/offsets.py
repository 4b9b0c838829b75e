"""Offsets: numbers that are places in a text that stands elsewhere, and must follow when it is rewritten."""

import re
from collections.abc import Mapping, Sequence

from gateway.core.dialect import channel_name
from gateway.core.jsonvalue import Json
from gateway.core.payload import Leaf, Path, get
from gateway.core.shifts import Shifts, Unit
from gateway.core.stretch import Stretch

DOCUMENT = "document/"
"""How the names of documents begin: texts that the request brought, counted from 0."""

_NUMBER = re.compile("[0-9]{1,9}")
"""A number that `int` takes: what stands in a payload may be digits of any script, and any number of them."""


def pointed(leaf: Leaf, data: Json) -> tuple[str, list[Path]]:
    """Return the name of the text that an offset points into, or the places of its texts in the same event.

    A relative JSON pointer (``3/text``: three steps up, then down) names places, of which ``*`` may
    name several that count as one text; anything else is the name of a channel or a document. What
    stands behind ``#`` counts the parts of a text that came in pieces; where it is not the first, the
    name is "", for nobody knows where a part begins.
    """
    name = channel_name(leaf.mark.points, leaf.names, data, leaf.path)
    up, _, rest = name.partition("/")
    if not _NUMBER.fullmatch(up):
        name, _, part = name.partition("#")
        return (name if part in ("", "None", "0") else ""), []
    places: list[Path] = [leaf.path[: len(leaf.path) - int(up)]]
    for step in rest.split("/"):
        places = [below for place in places for below in _below(data, place, step)]
    return "", places


def _below(data: Json, place: Path, step: str) -> list[Path]:
    value = get(data, [at for at in place if isinstance(at, str | int)])
    if isinstance(value, list):
        if step == "*":
            return [(*place, at) for at in range(len(value))]
        index = 0 if step == "None" else int(step) if _NUMBER.fullmatch(step) else len(value)
        return [(*place, index)] if index < len(value) else []
    return [(*place, step)] if isinstance(value, dict) and step in value else []


def among(places: Sequence[Path], known: Mapping[Path, Shifts], unit: Unit) -> Shifts | None:
    """Return the shifts of the texts at these places, one after the other; None where none is known."""
    found = [known[place] for place in places if place in known]
    if len(found) < 2:
        return found[0] if found else None
    together = Shifts(unit)
    for shifts in found:
        together.follow(shifts)
    return together


Moved = Mapping[Path, Sequence[Stretch]]
"""What became of the texts of a request that were rewritten, by their places."""


def forward(
    offsets: Sequence[Leaf], data: Json, unit: Unit, moved: Moved, documents: Sequence[Path]
) -> dict[Path, Json]:
    """Return the offsets of a request as its backend must read them, where they change."""
    changes: dict[Path, Json] = {}
    for leaf in offsets if moved else ():
        name, places = pointed(leaf, data)
        number = name.removeprefix(DOCUMENT)
        if name.startswith(DOCUMENT) and _NUMBER.fullmatch(number) and int(number) < len(documents):
            places = [documents[int(number)]]
        shifts = among(places, {place: Shifts(unit, moved[place]) for place in places if place in moved}, unit)
        at = get(data, [step for step in leaf.path if isinstance(step, str | int)])
        if shifts is not None and isinstance(at, int):
            changes[leaf.path] = shifts.place(at, end=leaf.mark.end)
    return changes


def backward(documents: Sequence[Path], unit: Unit, moved: Moved) -> Mapping[str, Shifts]:
    """Return the ways back from the rewritten documents of a request to the caller's own, by name."""
    return {
        f"{DOCUMENT}{number}": Shifts(unit, moved[place]).inverse()
        for number, place in enumerate(documents)
        if place in moved
    }
