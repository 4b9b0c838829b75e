"""A dialect is a table: what need not be inspected, what arrives in increments, what closes it.

Every leaf that a table does not name is inspected. A path without a table is
refused. The code that walks the tables is `gateway.core.payload` and
`gateway.core.answer`; it knows no vendor.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import Key, Kind, Mark, Path, get
from gateway.core.places import Voice
from gateway.core.shifts import Unit

WORD = re.compile(r"(?!(?:[^0-9]*[0-9]){9})[a-z][a-z0-9_.-]{0,63}", re.ASCII)
"""The shape of a closed vocabulary's words: roles, types, reasons. A date in it has room, and no longer number."""

IDENT = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,255}", re.ASCII)
"""The shape of an identifier. Begins with a letter: a bare number may be anybody's."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""The shape of an RFC 3339 time, to the nanosecond."""

BLOB = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9+/_-]+={0,2}", re.ASCII)
"""The shape of base64: signed or encrypted blobs, which must stay as they are to the byte. A number is none."""

UPPER = re.compile(r"(?!(?:[^0-9]*[0-9]){9})[A-Z][A-Z0-9_]{0,63}", re.ASCII)
"""The shape of Google's enumerations."""

DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}", re.ASCII)
"""The shape of a SHA-256 digest."""

MEDIA_DATA = re.compile(r"(data:[^,]{0,200},)?[A-Za-z0-9+/_\r\n-]{64,}={0,2}", re.ASCII)
"""The shape of encoded media where the same member may also hold plain text. No picture is shorter."""


def opaque(shape: re.Pattern[str] | None, *patterns: str, counts: bool | None = None) -> list[tuple[str, Mark]]:
    """Exempt the leaves at `patterns` for as long as their values have this shape.

    `counts` exempts numbers too, which have no shape: where nothing is said, among the words of a closed vocabulary,
    and not among identifiers.
    """
    numbers = shape in (None, WORD, UPPER) if counts is None else counts
    return [(pattern, Mark(Kind.OPAQUE, shape, counts=numbers)) for pattern in patterns]


def incremental(channels: Mapping[str, str], *, signed: bool = False) -> list[tuple[str, Mark]]:
    """Mark leaves as deltas: pattern to channel name.

    In a name ``{0}`` is the name of the first list item on the way (its ``index`` member, else its
    position), ``{/a/b}`` is what stands at that pointer of the event, ``{../a}`` what stands beside
    the leaf, and ``{*}`` the whole place, list items by their names. `signed` as in `Mark`.
    """
    return [(pattern, Mark(Kind.TEXT, channel=channel, signed=signed)) for pattern, channel in channels.items()]


def whole(*patterns: str, signed: bool = False) -> list[tuple[str, Mark]]:
    """Mark texts that come whole in one event, below a place whose texts are deltas; or that are `signed`."""
    return [(pattern, Mark(Kind.TEXT, signed=signed)) for pattern in patterns]


def special(kind: Kind, *patterns: str, within: int = 0) -> list[tuple[str, Mark]]:
    """Mark subtrees that text detectors cannot read; `within` as in `Mark`."""
    return [(pattern, Mark(kind, within=within)) for pattern in patterns]


def token_ids(*patterns: str) -> list[tuple[str, Mark]]:
    """Mark places that hold text, or lists of token ids instead of it: strings are text, numbers are TOKENS."""
    return [(pattern, Mark(Kind.TOKENS, _NEVER)) for pattern in patterns]


def offsets(text: str, *patterns: str, within: int = 0) -> list[tuple[str, Mark]]:
    """Mark numbers that are places in a text: they follow when it is rewritten.

    `text` names the channel, the document (``document/{../document_index}``) or, by a relative JSON
    pointer, the text in the same event (``3/text``); in each, places as in `incremental`. Ends are told
    by their names. Where the text is not known, but some text was rewritten, the part `within` which
    the offset stands is left out.
    """
    return [
        (pattern, Mark(Kind.OFFSET, _NEVER, within=within, points=text, end=_ENDS.search(pattern) is not None))
        for pattern in patterns
    ]


_ENDS = re.compile(r"/(end[^/]*|index)\Z")
"""Members that say where a stretch ends, or behind what something is to be put in."""


_NEVER = re.compile(r"(?!)")


def by_type(default: Mark, *patterns: str, **marks: Mark) -> list[tuple[str, Mark]]:
    """Mark the leaves at `patterns` by the ``type`` that stands beside them, else as `default`."""
    return [(pattern, replace(default, by_type=dict(marks))) for pattern in patterns]


@dataclass(frozen=True, slots=True)
class Close:
    """An event that closes channels: where `path` holds one of `values` (or anything but null).

    With `ends`, what ends so closes too. Every channel whose name starts with `prefix` is flushed
    before the event goes out.
    """

    path: str
    prefix: str
    values: frozenset[str | bool] = frozenset()
    ends: str = ""


class Framing(Enum):
    """How a streamed answer is carried."""

    SSE = "sse"
    LINES = "ndjson"
    ARRAY = "json-array"


@dataclass(frozen=True, slots=True)
class Paging:
    """How callers go through a list of models page by page, where the pages' cursors are models' names.

    A page that the backend cuts would tell how many models the caller may not see, and its cursors which. So
    the backend is asked for all, by the query parameter `limit` with its highest value `most`, and the pages are
    cut here. `limit`, `after` and `before` are the caller's query parameters, `default` its page where it names
    none; `first`, `last` and `more` are the answer's members that tell where the page lies.
    """

    limit: str
    after: str
    before: str
    default: int
    most: int
    first: str
    last: str
    more: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of models in an answer: the list's pointer, the member that names a model, and a prefix of those names.

    Callers see what a route of theirs serves, and no more. `items` is "" where the answer is one model. `beside`
    are the members beside the list that name no model; any other is left out. `mentions` point, in an item, to
    names of other models, which are left out where they are not the caller's.
    """

    items: str
    name: str
    prefix: str = ""
    beside: frozenset[str] = frozenset()
    mentions: tuple[str, ...] = ()
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Where token counts stand in an answer or event; several places are summed (cached input tokens)."""

    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Streaming:
    """When an answer is streamed: by a member of the body, by the path, or never.

    `member` is the body's switch ("" when the path decides), `default` what its absence means.
    """

    member: str = "stream"
    default: bool = False
    framing: Framing = Framing.SSE


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path of a dialect, with the tables of what goes in and what comes out.

    `path` has named parts in braces; `model` says where the model's name stands: a pointer into the
    body, or the name of a part of the path, or "" for none. `operation` is the GenAI semantic
    convention's name. `query` lists the query parameters that are passed on, and `lists` those of them
    that may come several times; `selector` is a header that must be there, where two dialects share a
    path, and `where` a query parameter with its value.
    `voices` say whose words a request's texts are.
    `kept` are members that an extra event of ours repeats beside those that are always (`gateway.core.events`).
    `stateful` says that the path itself names what lies with the provider; `bodyless` that a POST
    needs no body; `listing` that the answer lists models. `sequence` is the member of an event that
    counts events; `output_budget` points to members that bound the answer's tokens. `wants_usage`
    prepares a request so that a stream reports its usage, and tells whether the caller asked for
    that itself; `surplus` knows the event that then only we asked for. `unit` is what offsets count, and
    `documents` returns the places of a request's documents, which offsets of the answer point into.
    """

    method: str
    path: str
    operation: str
    request: Paths[Mark]
    answer: Paths[Mark]
    events: Paths[Mark] = field(default_factory=lambda: Paths({}))
    closes: tuple[Close, ...] = ()
    model: str = "/model"
    streaming: Streaming | None = None
    usage: Usage = field(default_factory=Usage)
    sequence: str = ""
    output_budget: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    selector: str = ""
    where: tuple[str, str] | None = None
    voices: Paths[Voice] = field(default_factory=lambda: Paths({}))
    kept: frozenset[str] = frozenset()
    stateful: bool = False
    bodyless: bool = False
    listing: Listing | None = None
    wants_usage: Callable[[Json], tuple[Json, bool]] | None = None
    surplus: Callable[[Json], bool] | None = None
    unit: Unit = Unit.SIGNS
    documents: Callable[[Json], Sequence[Path]] | None = None

    def __repr__(self) -> str:
        return f"<Endpoint {self.method} {self.path}>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a dialect needs to tell its caller of a refusal: all ours, no user's text."""

    status: int
    reason: str
    detail: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """A vendor's way of speaking: endpoints, credential headers, and how errors look."""

    name: str
    vendor: str
    provider: str
    endpoints: tuple[Endpoint, ...]
    error: Callable[[Fault], Json]
    stream_error: Callable[[Fault], Sequence[tuple[str, Json]]]
    headers: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Dialect {self.name}>"


PLACE = re.compile(r"\{([^}]*)\}")
"""What a channel's template refers to."""


def channel_name(template: str, names: Sequence[str], event: Json, path: Path = ()) -> str:
    """Fill a channel's template from the names on the way, the event, and the place of the leaf."""

    def fill(match: re.Match[str]) -> str:
        what = match.group(1)
        if what.startswith("/"):
            return str(get(event, tuple(what.split("/")[1:])))
        if what == "*":
            left = iter(names)
            return "/".join(next(left, "0") if isinstance(step, int) else str(step) for step in path)
        if what.startswith("../"):
            beside = tuple(step for step in path[:-1] if not isinstance(step, Key))
            return str(get(event, (*beside, what[3:])))
        return names[int(what)] if int(what) < len(names) else "0"

    return PLACE.sub(fill, template)
