"""A frame on its way out, and a text of a stream: what `gateway.core.answer` keeps of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gateway.core.channel import Channel
from gateway.core.events import image
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.core.numbers import number_text
from gateway.core.offsets import DOCUMENT, among, pointed
from gateway.core.payload import CUT, Gone, Leaf, Path, get, substitute
from gateway.core.shifts import Shifts, Unit
from gateway.core.stretch import Stretch, said

MAX_WAITING = 256
"""Events whose offsets speak of text that has not left; further ones go out without their offsets."""


@dataclass(slots=True)
class Draft:
    """A frame and what will be changed in it."""

    frame: Frame
    slots: dict[Path, str] = field(default_factory=dict)  # places of deltas, and their channels' names
    texts: list[tuple[Path, Channel]] = field(default_factory=list)  # what comes whole
    changes: "dict[Path, Json | Gone]" = field(default_factory=dict, repr=False)
    offsets: list[Leaf] = field(default_factory=list)
    moved: dict[Path, Shifts] = field(default_factory=dict)  # what became of the texts that came whole
    waits: str = ""  # the channel whose text it waits for
    until: int = 0  # how much of it
    flush: bool = False
    media: bool = False  # that are judged before it goes out
    denied: bool = False  # neither it nor anything after it goes out

    @property
    def silent(self) -> bool:
        """Whether it holds deltas and no other text, and they say nothing."""
        return bool(self.slots) and not self.moved and all(self.changes.get(path, "") == "" for path in self.slots)

    @property
    def cut(self) -> bool:
        """Whether nothing of it may go out."""
        return self.changes.get(()) is CUT

    @property
    def data(self) -> Json:
        """Its JSON, changed."""
        return substitute(self.frame.data, self.changes)

    def fill(self, left: Mapping[int, Sequence[Stretch]], unit: Unit) -> None:
        """Take what became of the texts that came whole, by the identity of their channels."""
        for path, channel in self.texts:
            stretches = left.get(id(channel), ())
            self.changes[path] = _as_it_came(get(self.frame.data, _plain(path)), said(stretches))
            self.moved[path] = Shifts(unit, stretches)
        self.texts.clear()


class Slot(NamedTuple):
    """A place of a delta; `start` characters of its text came before."""

    draft: Draft
    path: Path
    start: int


@dataclass(slots=True)
class Line:
    """A channel of a stream, what became of it so far, and where its next text can go."""

    channel: Channel
    template: str
    shifts: Shifts
    pushed: int = 0  # characters that came, and those of them that left
    left: int = 0
    slots: list[Slot] = field(default_factory=list)  # in this batch
    carrier: Draft | None = None  # what took its text in this batch
    image: tuple[Frame, Path] | None = None  # the last delta, to make an extra one after

    def carried(self, slot: Slot, stretches: Sequence[Stretch]) -> None:
        """Put what leaves of the text into `slot`; the other events of this batch say nothing of it."""
        for other in self.slots:
            other.draft.changes[other.path] = ""
        slot.draft.changes[slot.path] = said(stretches)
        self.shifts.add(stretches)
        self.left += sum(len(came) for came, _ in stretches)
        self.carrier = slot.draft


class Waiting:
    """The events of one answer whose offsets point beyond what has left; they go out when that has."""

    def __init__(
        self, lines: Mapping[str, Line], documents: Mapping[str, Shifts], unit: Unit, kept: frozenset[str]
    ) -> None:
        """`documents` are the ways back to the request's documents, by name; `kept` as in `Endpoint`."""
        self._lines = lines
        self._documents = documents
        self._unit = unit
        self._kept = kept
        self._drafts: list[Draft] = []
        self._room = MAX_WAITING

    def closed(self, name: str) -> list[Draft]:
        """Return the events that wait for a channel that ends now: they belong before its end."""
        ready = [draft for draft in self._drafts if draft.waits == name]
        self._drafts = [draft for draft in self._drafts if draft.waits != name]
        return ready

    def ready(self, drafts: Sequence[Draft], *, changed: bool) -> Iterator[Draft]:
        """Yield the drafts that can go out, their offsets moved; `changed` tells whether any text was rewritten."""
        waited, self._drafts = self._drafts, []
        self._room = MAX_WAITING - len(waited)
        seen: set[int] = set()
        behind: dict[int, list[Draft]] = {}
        for draft in drafts:
            carrier = next((c for c in self._carriers(draft) if id(c) not in seen and c is not draft), None)
            if carrier is not None:  # what it speaks of goes out in a later event of this batch
                behind.setdefault(id(carrier), []).append(draft)
                continue
            seen.add(id(draft))
            yield from self._out((draft, *behind.pop(id(draft), ())), changed)
        yield from self._out([draft for those in behind.values() for draft in those], changed)
        for draft in waited:
            line = self._lines[draft.waits]
            if line.shifts.came >= draft.until or line.channel.finished:
                yield from self._out([draft], changed)
            else:
                self._drafts.append(draft)

    def _out(self, drafts: Sequence[Draft], changed: bool) -> Iterator[Draft]:
        for draft in drafts:
            if self._moved(draft, changed):
                yield draft
            elif draft.slots:  # its text goes out; what speaks of it follows
                self._part(draft)
                yield draft
            else:
                self._drafts.append(draft)

    def _carriers(self, draft: Draft) -> Iterator[Draft]:
        for leaf in draft.offsets:
            line = self._lines.get(pointed(leaf, draft.frame.data)[0])
            if line is not None and line.carrier is not None:
                yield line.carrier

    def _moved(self, draft: Draft, changed: bool) -> bool:
        """Move a draft's offsets, unless it must wait."""
        data = draft.frame.data
        changes: dict[Path, Json | Gone] = {}
        for leaf in draft.offsets:
            at = get(data, _plain(leaf.path))
            assert isinstance(at, int)
            name, places = pointed(leaf, data)
            line = self._lines.get(name)
            if line is not None and at > line.shifts.came and not line.channel.finished:
                if draft.waits or len(self._drafts) < self._room:
                    draft.waits, draft.until = name, at
                    return False
                line = None
            shifts = among(places, draft.moved, self._unit) or self._documents.get(name)
            shifts = shifts or (line.shifts if line is not None else None)
            if shifts is not None:
                changes[leaf.path] = shifts.place(at, end=leaf.mark.end)
            elif changed and not name.startswith(DOCUMENT):  # a document that is not ours was not rewritten
                changes[leaf.path[: len(leaf.path) - leaf.mark.within]] = CUT
        draft.changes.update(changes)
        draft.offsets = []
        return True

    def _part(self, draft: Draft) -> None:
        """Take what holds offsets out of a draft, into drafts of its own that wait."""
        data = draft.data
        for leaf in draft.offsets:
            part = leaf.path[: len(leaf.path) - leaf.mark.within]
            if draft.changes.get(part) is CUT:
                continue
            draft.changes[part] = CUT
            if not leaf.mark.within or not part:
                continue  # a number alone cannot go out later
            empty, here = image(data, part, leaf.mark.points, self._kept)
            said = substitute(empty, {here: get(data, _plain(part))})
            own = [
                replace(other, path=(*here, *other.path[len(part) :]))
                for other in draft.offsets
                if other.path[: len(part)] == part
            ]
            self._drafts.append(Draft(Frame(FrameKind.DATA, said, draft.frame.event), offsets=own, waits=draft.waits))
        draft.offsets = []


def _as_it_came(value: Json, text: str) -> Json:
    """Return a text, or the number that reads so: what is no string in an answer stays none."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and number_text(value) == text
    return value if number else text


def _plain(path: Path) -> list[str | int]:
    return [step for step in path if isinstance(step, str | int)]
