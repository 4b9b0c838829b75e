"""An answer on its way to the caller: frames in, frames out, every text through a channel.

Sans-IO. One batch at a time: `receive` frames, ask the detectors the
`questions`, `release` frames. Whole answers and streams take the same steps.

In a stream each channel (a choice's text, a content block, a tool call's
arguments) has one window over all its deltas. Text that is held back leaves in
a later delta of its channel, or in an extra one made in the image of the last,
put before the event that closes the channel. Copies of what was streamed need no
bookkeeping: windows are exact, so a copy that is inspected whole comes out as
the deltas did. Offsets follow what became of the text that they point into
(`gateway.core.shifts`); an event whose offsets point beyond what has left waits.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from detectors.detector import Finding
from gateway.core.channel import Channel
from gateway.core.content import CONTENT, MEDIA, Content
from gateway.core.decision import Action, Reason
from gateway.core.dialect import Endpoint, Usage, channel_name
from gateway.core.draft import Draft, Line, Waiting
from gateway.core.events import closing, counted, image
from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.jsonvalue import Json
from gateway.core.listing import listed
from gateway.core.media import Source, split
from gateway.core.payload import Kind, Leaf, Path, TooDeep, leaves, substitute
from gateway.core.plan import ContentRuling
from gateway.core.redact import Redactor
from gateway.core.shifts import Shifts
from gateway.core.stretch import Stretch, said
from gateway.core.window import Question

MAX_CHANNELS = 4096
"""More open texts than this in one answer is an attack on memory, not an answer."""


class ContentRefused(Exception):
    """An answer holds content that no detector can read and the plan does not let pass."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(slots=True)
class Spent:
    """Token counts that the backend reported, as far as it did."""

    input: int | None = None
    output: int | None = None


class Answer:
    """The transformation of one answer. Feed it batches, then `finish`."""

    def __init__(
        self,
        endpoint: Endpoint,
        redactor: Redactor,
        *,
        streaming: bool,
        max_hold: int,
        rulings: Mapping[str, ContentRuling],
        drop_surplus: bool = False,
        usable: Callable[[str], bool] | None = None,
        query: Mapping[str, str] | None = None,
        documents: Mapping[str, Shifts] | None = None,
    ) -> None:
        """`rulings` are the plan's on what cannot be read; `drop_surplus` drops the event that only we
        asked for; `usable` tells which models of a list are the caller's, `query` which page of it;
        `documents` are the ways back to the request's documents (`gateway.core.offsets`), by name.
        """
        self._endpoint = endpoint
        self._table = endpoint.events if streaming else endpoint.answer
        self._closes = endpoint.closes if streaming else ()
        self._streaming = streaming
        self._redactor = redactor
        self._max_hold = max_hold
        self._rulings = rulings
        self._drop_surplus = drop_surplus
        self._usable = usable
        self._query = query or {}
        self._lines: dict[str, Line] = {}
        self._waiting = Waiting(self._lines, documents or {}, endpoint.unit, endpoint.kept)
        self._open: dict[str, Line] = {}  # those that are not finished
        self._busy: dict[str, Line] = {}  # those that have a slot in this batch
        self._drafts: list[Draft] = []
        self._asked: list[tuple[Channel, int]] = []
        self._shape: Json = None
        self._sequence: int | None = None
        self.spent = Spent()
        self.passed: Counter[Reason] = Counter()  # what went through unseen, by the plan's word
        self.unseen: list[Source] = []  # media that must be judged before what was received may leave

    def receive(self, frames: Sequence[Frame]) -> None:
        """Take frames in. Raises `Malformed` and `ContentRefused` at the first that cannot be carried.

        Nothing of that frame was taken in then, and those before it may leave as ever.
        """
        for frame in frames:
            if frame.kind is FrameKind.DATA:
                self._data(frame)
            elif frame.kind is FrameKind.END:
                self._close("")
                self._drafts.append(Draft(frame))
            else:
                self._drafts.append(Draft(frame))

    def finish(self) -> None:
        """Say that the answer is complete: what is held may leave, judged as it stands."""
        self._close("")

    def questions(self) -> list[Question]:
        """Return what must be known now. Raises `HoldExceeded`."""
        self._asked = []
        texts: list[Question] = []
        for channel in self._active():
            asked = channel.questions()
            self._asked.append((channel, len(asked)))
            texts.extend(asked)
        return texts

    def release(self, findings: Sequence[Sequence[Finding]]) -> list[Frame]:
        """Return the frames that leave now, given the findings in each question's text."""
        left: dict[int, list[Stretch]] = {}
        at = 0
        for channel, count in self._asked:
            left[id(channel)] = channel.release(findings[at : at + count])
            at += count
        for line in self._busy.values():
            assert line.slot is not None
            draft, path = line.slot
            stretches = left.get(id(line.channel), [])
            draft.changes[path] = said(stretches)
            line.shifts.add(stretches)
            line.carrier, line.slot = draft, None
        drafts, self._drafts = self._drafts, []
        for draft in drafts:
            draft.fill(left, self._endpoint.unit)
        ready = self._waiting.ready(drafts, changed=_changed(self._redactor))
        frames = [self._written(draft) for draft in ready]
        for line in self._busy.values():
            line.carrier = None
            if line.channel.finished:
                line.image = None
        self._busy.clear()
        return [frame for frame in frames if frame is not None]

    def _data(self, frame: Frame) -> None:
        data = frame.data
        self._count(self._endpoint.usage, data)
        if self._drop_surplus and self._endpoint.surplus is not None and self._endpoint.surplus(data):
            return
        if self._endpoint.listing is not None and self._usable is not None:
            data = listed(data, self._endpoint.listing, self._usable, self._query)
            frame = Frame(frame.kind, data, frame.event)
        draft = Draft(frame)
        try:
            found = leaves(data, self._table)
        except TooDeep:
            raise Malformed("nested too deeply") from None
        found, media = self._taken_apart(found, data)
        names = self._checked(found, data)
        self.unseen += media
        for leaf in found:
            self._leaf(leaf, draft, names.get(leaf.path, ""))
        for close in self._closes:
            for prefix in closing(close, data):
                self._close(prefix)
        self._drafts.append(draft)

    def _taken_apart(self, found: list[Leaf], data: Json) -> tuple[list[Leaf], list[Source]]:
        """Return the leaves with media replaced by the texts beside them, and the media, where these are inspected."""
        media: list[Source] = []
        if MEDIA.ruling(self._rulings) is not ContentRuling.INSPECT:
            return found, media
        texts: list[Leaf] = []
        for leaf in found:
            if leaf.mark.kind is Kind.MEDIA:
                sources, beside = split(data, leaf, self._table, streaming=self._streaming)
                media += sources
                texts += beside
            else:
                texts.append(leaf)
        return texts, media

    def _checked(self, found: Sequence[Leaf], data: Json) -> dict[Path, str]:
        """Return the channels of an event's deltas, or raise before anything of the event is taken in."""
        names: dict[Path, str] = {}
        for leaf in found:
            content = CONTENT.get(leaf.mark.kind)
            if content is not None:
                self._refuse(content)
            elif leaf.mark.channel is not None:
                name = names[leaf.path] = channel_name(leaf.mark.channel, leaf.names, data, leaf.path)
                line = self._lines.get(name)
                if line is not None and line.channel.finished and leaf.text:
                    raise Malformed("a text goes on after it was closed")
        many = len(self._lines) + len(names)  # those that are known counted twice
        if many > MAX_CHANNELS and len(self._lines.keys() | names.values()) > MAX_CHANNELS:
            raise Malformed(f"more than {MAX_CHANNELS} texts in one answer")
        return names

    def _refuse(self, content: Content) -> None:
        """Raise where the plan refuses what no detector reads. State and copies are left out of an answer instead."""
        if content.ruling(self._rulings) is ContentRuling.DENY and content.answers:
            raise ContentRefused(content.refused)

    def _leaf(self, leaf: Leaf, draft: Draft, channel: str) -> None:
        content = CONTENT.get(leaf.mark.kind)
        if content is not None:
            if content.ruling(self._rulings) is ContentRuling.PASS:
                self.passed[content.passed] += 1
            else:
                draft.changes[leaf.path] = None
        elif leaf.mark.kind is Kind.OFFSET:
            draft.offsets.append(leaf)
        elif channel:
            self._delta(leaf, draft, channel)
        elif leaf.mark.kind is Kind.TEXT:
            whole = Channel(self._redactor, self._max_hold, leaf.hint)
            whole.push(leaf.text)
            whole.finish()
            draft.texts.append((leaf.path, whole))

    def _delta(self, leaf: Leaf, draft: Draft, name: str) -> None:
        line = self._lines.get(name)
        if line is None:
            channel = Channel(self._redactor, self._max_hold)
            line = Line(channel, leaf.mark.channel or "", Shifts(self._endpoint.unit))
            self._lines[name] = self._open[name] = line
        draft.slots[leaf.path] = name
        if line.channel.finished:
            return
        if line.slot is not None:
            earlier, path = line.slot
            earlier.changes[path] = ""
        line.channel.push(leaf.text)
        line.slot = (draft, leaf.path)
        self._busy[name] = line

    def _close(self, prefix: str) -> None:
        """Finish the channels under `prefix`; what they still hold goes before the event that closes them."""
        for name in [name for name in self._open if name.startswith(prefix)]:
            line = self._open.pop(name)
            line.channel.finish()
            if line.slot is None and line.image is not None:
                frame, path = line.image
                data, place = image(frame.data, path, line.template, self._endpoint.kept)
                extra = Draft(Frame(FrameKind.DATA, data, frame.event), flush=True)
                extra.slots[place] = name
                line.slot = (extra, place)
                self._busy[name] = line
                self._drafts.append(extra)
            self._drafts += self._waiting.closed(name)

    def _active(self) -> list[Channel]:
        channels = [line.channel for line in self._busy.values()]
        channels.extend(channel for draft in self._drafts for _, channel in draft.texts)
        return channels

    def _written(self, draft: Draft) -> Frame | None:
        if draft.frame.kind is not FrameKind.DATA:
            return draft.frame
        if draft.cut:
            return None
        data = draft.data
        for path, name in draft.slots.items():  # made from what was inspected, never from what came
            self._lines[name].image = (Frame(FrameKind.DATA, data, draft.frame.event), path)
        if draft.silent:
            shape = self._unnumbered(data)
            if draft.flush or shape == self._shape:
                return None  # a delta without text that says nothing else
            self._shape = shape
        else:
            self._shape = self._unnumbered(substitute(data, dict.fromkeys(draft.slots, "")))
        return Frame(FrameKind.DATA, self._numbered(data), draft.frame.event)

    def _unnumbered(self, data: Json) -> Json:
        name = self._endpoint.sequence
        return {k: v for k, v in data.items() if k != name} if name and isinstance(data, dict) else data

    def _numbered(self, data: Json) -> Json:
        name = self._endpoint.sequence
        if not name or not isinstance(data, dict) or not isinstance(data.get(name), int):
            return data
        first = data[name]
        assert isinstance(first, int)
        self._sequence = first if self._sequence is None else self._sequence + 1
        return {**data, name: self._sequence}

    def _count(self, usage: Usage, data: Json) -> None:
        self.spent.input = counted(usage.input, data, self.spent.input)
        self.spent.output = counted(usage.output, data, self.spent.output)


def _changed(redactor: Redactor) -> bool:
    """Tell whether any text of this answer was rewritten so far."""
    return redactor.tally.restored > 0 or redactor.tally.action is not Action.ALLOW
