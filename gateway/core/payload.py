"""Payloads as trees of leaves: every leaf is opaque or inspected, and there is no third kind.

`leaves` walks a JSON value along a table's automaton and lists what must be
looked at; `substitute` builds the value anew with some leaves replaced. Strings,
object keys that are not plain identifiers, and long numbers are leaves.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from gateway.core.jsonvalue import Json
from gateway.core.numbers import LONG_NUMBER, VECTOR, is_count, number_text, somebodys
from gateway.core.paths import Paths, State
from gateway.core.stretch import Names

MAX_DEPTH = 64
"""Nesting beyond this is refused: no vendor's format needs more, and recursion must stay bounded."""

Path = tuple["str | int | Key", ...]


class TooDeep(Exception):
    """A payload is nested deeper than MAX_DEPTH."""


@dataclass(frozen=True, slots=True)
class Key:
    """The last step of a path that names an object's key itself, not the value under it."""

    name: str


class Kind(Enum):
    """What a table says of a leaf; a leaf that it does not name is TEXT."""

    TEXT = "text"
    OPAQUE = "opaque"  # exempt
    DERIVED = "derived"  # a copy of other text in another form; cannot be inspected on its own
    OFFSET = "offset"  # a place in other text; wrong once that text has changed
    MEDIA = "media"  # bytes of images, audio, files, or links to them
    STATE = "state"  # a reference to text that lies with the provider
    TOKENS = "tokens"  # text as token ids


@dataclass(frozen=True, slots=True)
class Mark:
    """A table's word on a path: its kind, and the channel of a delta.

    With a `shape` the word holds only for strings of that shape; any other string is TEXT.
    `by_type` has other marks for objects whose ``type`` member says so ("" for none): the same
    member is a text in one kind of item and an image in another. `within` is how many steps above the
    leaf the part begins that means nothing without it, and goes with it when it is stripped. `points` says
    into which text an offset points (`gateway.core.offsets`), `end` that a stretch of it ends there.
    `counts` tells that long numbers are exempt too, as counts and times are, as far as they can be such
    (`gateway.core.numbers`); elsewhere they may be anybody's. `signed` tells of a text that a signature covers: what
    is replaced in it must come back as it was.
    """

    kind: Kind
    shape: re.Pattern[str] | None = None
    channel: str | None = None
    by_type: Mapping[str, "Mark"] | None = None
    within: int = 0
    points: str = ""
    end: bool = False
    counts: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One inspected place. `names` are the names of the list items on the way (their ``index``, else position).

    `hint` is the nearest object key where keys are free (not a vendor's words), of a number also another key
    that the table does not spell: detectors read it as context before the text.
    """

    path: Path
    text: str = field(repr=False)
    mark: Mark
    names: tuple[str, ...] = ()
    hint: str = field(repr=False, default="")


TEXT = Mark(Kind.TEXT)
is_plain_key = re.compile(r"[A-Za-z_$@]{1,32}", re.ASCII).fullmatch
"""Tells a key that is a word and nothing else: no digit, no sign, not long enough for a credential."""


telling = re.compile(r"(?s).{16}|(?:[^0-9]*[0-9]){6}").match
"""Tells a string in which a key, a card or an account number has room."""


def leaves(payload: Json, table: Paths[Mark], *, asked: bool = False) -> list[Leaf]:
    """List every leaf of `payload` that is not opaque, in document order. Raises `TooDeep`.

    With `asked` it is a request, of which opaque strings are listed too where they are `telling`
    (`gateway.guards.exempt` looks at them), and in which no long number is a count.
    """
    found: list[Leaf] = []
    _walk(payload, table.root, (), (), "", found, table.root.mark, asked)
    return found


def _walk(
    value: Json,
    state: State[Mark],
    path: Path,
    names: tuple[str, ...],
    hint: str,
    found: list[Leaf],
    mark: Mark | None,
    asked: bool,
) -> None:
    if isinstance(value, str):
        if mark is None or (mark.shape is not None and mark.shape.fullmatch(value) is None):
            if value:
                found.append(Leaf(path, value, TEXT, names, hint))
        elif mark.kind is not Kind.OPAQUE or (asked and telling(value)):
            found.append(Leaf(path, value, mark, names, hint))
        return
    if mark is not None and mark.shape is None and mark.kind in _WHOLE and value is not None:
        _bounded(value, len(path))
        found.append(Leaf(path, "", mark, names, hint))
        return
    if isinstance(value, dict):
        if len(path) >= MAX_DEPTH:
            raise TooDeep
        for key, member in value.items():
            if key and not state.spells_here(key) and is_plain_key(key) is None:
                found.append(Leaf((*path, Key(key)), key, TEXT, names, hint))
            below = state.key(key)
            word = below.mark if below.mark is None or below.mark.by_type is None else _by_type(below.mark, value)
            own = state.free or (isinstance(member, int | float) and not state.spells_here(key))
            _walk(member, below, (*path, key), names, key if own else "", found, word, asked)
    elif isinstance(value, list):
        if len(path) >= MAX_DEPTH:
            raise TooDeep
        if mark is not None and mark.kind is Kind.TOKENS and _holds_numbers(value, len(path)):
            found.append(Leaf(path, "", mark, names, hint))
        below = state.index()
        vector = len(value) >= VECTOR
        for position, item in enumerate(value):
            if vector and type(item) is float and -LONG_NUMBER < item < LONG_NUMBER:
                continue
            _walk(item, below, (*path, position), (*names, _name(item, position)), hint, found, below.mark, asked)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= LONG_NUMBER or somebodys(value, hint, asked):
            if mark is None or not mark.counts or not is_count(value, asked):
                found.append(Leaf(path, number_text(value), TEXT, names, hint))
        elif mark is not None and mark.kind is Kind.OFFSET and isinstance(value, int):
            found.append(Leaf(path, "", mark, names, hint))


def plain_keys(payload: Json, table: Paths[Mark]) -> Iterator[Path]:
    """Yield the paths of keys that are plain words, and users' own: no word of the format, and no leaf of `leaves`."""
    waiting: list[tuple[Json, State[Mark], Path]] = [(payload, table.root, ())]
    while waiting:
        value, state, path = waiting.pop()
        if isinstance(value, dict):
            for key, member in value.items():
                if state.free and is_plain_key(key) is not None:
                    yield (*path, Key(key))
                if isinstance(member, dict | list):
                    waiting.append((member, state.key(key), (*path, key)))
        elif isinstance(value, list):
            below = state.index()
            waiting += ((item, below, (*path, n)) for n, item in enumerate(value) if isinstance(item, dict | list))


def _holds_numbers(value: Json, depth: int) -> bool:
    if isinstance(value, list):
        if depth >= MAX_DEPTH:
            raise TooDeep
        return any(_holds_numbers(item, depth + 1) for item in value)
    return isinstance(value, int | float)


def _bounded(value: Json, depth: int) -> None:
    """Raise `TooDeep` where a subtree that nobody walks is nested too deeply: it is written again all the same."""
    if isinstance(value, dict | list):
        if depth >= MAX_DEPTH:
            raise TooDeep
        for member in value.values() if isinstance(value, dict) else value:
            _bounded(member, depth + 1)


def _by_type(mark: Mark, siblings: Mapping[str, Json]) -> Mark:
    assert mark.by_type is not None
    kind = siblings.get("type")
    return mark.by_type.get(kind if isinstance(kind, str) else "", mark)


_WHOLE = frozenset({Kind.DERIVED, Kind.MEDIA, Kind.STATE, Kind.TOKENS})
"""Kinds that a table names as whole subtrees."""


def _name(item: Json, position: int) -> str:
    if isinstance(item, dict):
        index = item.get("index")
        if isinstance(index, int) and not isinstance(index, bool):
            return str(index)
    return str(position)


def substitute(payload: Json, replacements: Mapping[Path, "Json | Gone"]) -> Json:
    """Return `payload` with the leaves at the given paths replaced; untouched branches are shared.

    All paths are places in `payload` as it came. What is replaced by `GONE` is left out, list items too,
    and with it whatever held nothing else: an object that is empty now or says only who speaks, and the
    emptied list of such an object or of the payload itself. What is replaced by `CUT` is left out, and all
    around it stays.
    """
    if not replacements:
        return payload
    made = _substitute(payload, list(replacements.items()), 0)
    return {} if isinstance(made, Gone) else made


def _substitute(value: Json, changes: Sequence[tuple[Path, "Json | Gone"]], depth: int) -> "Json | Gone":
    whole = [new for path, new in changes if len(path) == depth]
    if whole:
        return GONE if GONE in whole else whole[0]
    below: dict[str | int, list[tuple[Path, Json | Gone]]] = {}
    renamed: dict[str, str] = {}
    for path, new in changes:
        step = path[depth]
        if isinstance(step, Key):
            if step.name != new:
                renamed[step.name] = str(new)
        else:
            below.setdefault(step, []).append((path, new))
    if isinstance(value, list):
        items = [_substitute(v, below[i], depth + 1) if i in below else v for i, v in enumerate(value)]
        return [item for item in items if not isinstance(item, Gone)]
    if not isinstance(value, dict):
        raise KeyError("a replacement's path is not in the payload")
    made: dict[str, Json] = {}
    emptied: list[str] = []
    lost = False
    names = Names()
    for key in value if renamed else ():
        if key not in renamed:  # the format's own words, and whatever else nobody rewrites, keep theirs
            names.taken(key, rewritten=False)
    for key, member in value.items():
        name = names.taken(renamed[key], rewritten=True) if key in renamed else key
        new = _substitute(member, below[key], depth + 1) if key in below else member
        if isinstance(new, Gone):
            lost = lost or new is GONE
            continue
        made[name] = new
        if new == [] and member != [] and any(len(path) > depth + 1 and change is GONE for path, change in below[key]):
            emptied.append(name)
    return _kept(made, emptied, lost, top=depth == 0)


def _kept(made: dict[str, Json], emptied: Sequence[str], lost: bool, top: bool) -> "Json | Gone":
    """Return what is left of an object after its members were rewritten, or `GONE` when that says nothing."""
    said = {name for name, member in made.items() if name not in emptied and member is not None}
    if (lost or emptied) and (not said or said in _BARE) and not top:
        return GONE
    return {name: member for name, member in made.items() if name not in emptied} if top else made


class Gone(Enum):
    """What replaces a leaf that is to be left out."""

    GONE = "gone"
    CUT = "cut"


GONE = Gone.GONE
CUT = Gone.CUT
_BARE = ({"role"}, {"role", "type"})
"""Members that say nothing by themselves: who speaks, in what is of the type of a message."""


def get(payload: Json, path: Sequence[str | int]) -> Json:
    """Return what stands at `path`, or None."""
    for step in path:
        if isinstance(payload, dict) and isinstance(step, str):
            payload = payload.get(step)
        elif isinstance(payload, list) and isinstance(step, int) and -len(payload) <= step < len(payload):
            payload = payload[step]
        else:
            return None
    return payload
