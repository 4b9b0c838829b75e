"""Whose word a text of a request is: a person's, an operator's, or something brought in from outside.

Some detectors are meant for some texts only: an instruction to a model is what
prompts are made of, and an attack where a tool's answer holds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from detectors.catalog import meant_for
from detectors.detector import Place
from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import Leaf, Path


@dataclass(frozen=True, slots=True)
class Voice:
    """A table's word on an object and all below it: by what stands in its `member`, or whatever it is ("").

    `values` are what the member may say; `ends` how what it says may end (``_result``), so that a
    kind of result that a vendor adds tomorrow is a document tomorrow.
    """

    member: str = ""
    values: Mapping[str, Place] = field(default_factory=dict)
    ends: Mapping[str, Place] = field(default_factory=dict)

    def place(self, value: Json, before: Place) -> Place:
        """Return the place of what stands in `value`; `before` is that of what is around it."""
        said = value.get(self.member) if self.member and isinstance(value, dict) else ""
        if not isinstance(said, str):
            return before
        ending = (place for end, place in self.ends.items() if said.endswith(end))
        return self.values.get(said) or next(ending, before)


def always(place: Place) -> Voice:
    """Return the voice of places that are always the same one's."""
    return Voice(values={"": place})


def places(payload: Json, voices: Paths[Voice], found: Iterable[Leaf]) -> list[Place]:
    """Return the place of each leaf of a request: what the innermost voice around it says, else a prompt."""
    return [_place(payload, voices, leaf.path) for leaf in found]


def _place(value: Json, voices: Paths[Voice], path: Path) -> Place:
    place, state = Place.PROMPT, voices.root
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value, state = value.get(step), state.key(step)
        elif isinstance(value, list) and isinstance(step, int):
            value, state = value[step], state.index()
        else:
            break
        if state.mark is not None:
            place = state.mark.place(value, place)
    return place


def grouped(detectors: Sequence[str], where: Sequence[Place]) -> Mapping[tuple[str, ...], Sequence[int]]:
    """Return the positions of texts by the detectors that are meant for them."""
    meant = {place: meant_at(detectors, place) for place in set(where)}
    groups: dict[tuple[str, ...], list[int]] = {}
    for at, place in enumerate(where):
        groups.setdefault(meant[place], []).append(at)
    return groups


def meant_at(detectors: Sequence[str], place: Place) -> tuple[str, ...]:
    """Return those of the detectors that are meant for texts of a place."""
    return tuple(key for key in detectors if meant_for(key, place))
