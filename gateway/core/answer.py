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

from detectors.detector import Finding
from gateway.core.channel import Channel
from gateway.core.content import CONTENT, Content
from gateway.core.decision import Action, Reason
from gateway.core.dialect import Endpoint, channel_name
from gateway.core.draft import Draft, Line, Slot, Waiting
from gateway.core.ending import denied, ended
from gateway.core.events import Spent, closing, image
from gateway.core.frame import Frame, FrameKind, Malformed
from gateway.core.jsonvalue import Json
from gateway.core.listing import listed
from gateway.core.media import Source
from gateway.core.outgoing import Outgoing
from gateway.core.passing import apart
from gateway.core.payload import Kind, Leaf, Path, TooDeep, leaves
from gateway.core.plan import ContentRuling
from gateway.core.redact import Redactor
from gateway.core.shifts import Shifts
from gateway.core.stretch import Stretch
from gateway.core.window import HoldExceeded, Question

MAX_CHANNELS = 4096
"""More open texts than this in one answer is an attack on memory, not an answer."""


class ContentRefused(Exception):
    """An answer holds content that no detector can read and the plan does not let pass."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


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
        self._outgoing = Outgoing(endpoint.sequence)
        self.spent = Spent()
        self.passed: Counter[Reason] = Counter()  # what went through unseen, by the plan's word
        self.unseen: list[Source] = []  # media that must be judged before what was received may leave
        self.overflowed = False  # a text was held beyond `max_hold`: it and what follows never leave

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
        """Return what must be known now."""
        self._asked = []
        texts: list[Question] = []
        for channel in self._active():
            try:
                asked = channel.questions()
            except HoldExceeded:
                self._overflow(channel)
                continue
            self._asked.append((channel, len(asked)))
            texts.extend(asked)
        return texts

    def release(self, findings: Sequence[Sequence[Finding]]) -> list[Frame]:
        """Return the frames that leave now, given the findings in each question's text.

        An answer in which something was denied, or that `overflowed`, ends before the frame that holds it.
        """
        left: dict[int, list[Stretch]] = {}
        at = 0
        for channel, count in self._asked:
            try:
                left[id(channel)] = channel.release(findings[at : at + count])
            except HoldExceeded:
                self._overflow(channel)
            at += count
        drafts, self._drafts = self._drafts, []
        denied(drafts, self._busy, left)
        if any(draft.denied for draft in drafts):
            drafts = ended(drafts, self._busy, left, self._another)
        else:
            for line in self._busy.values():
                line.carried(line.slots[-1], left.get(id(line.channel), ()))
        for draft in drafts:
            draft.fill(left, self._endpoint.unit)
        ready = self._waiting.ready(drafts, changed=_changed(self._redactor))
        frames = [self._written(draft) for draft in ready]
        for line in self._busy.values():
            line.carrier = None
            line.slots.clear()
            if line.channel.finished:
                line.image = None
        self._busy.clear()
        return [frame for frame in frames if frame is not None]

    def deny_media(self) -> None:
        """Say that media which were `unseen` must not go out."""
        for draft in self._drafts:
            draft.denied = draft.denied or draft.media

    def _overflow(self, channel: Channel) -> None:
        self.overflowed = True
        for line in self._busy.values():
            if line.channel is channel:
                line.slots[0].draft.denied = True

    def _data(self, frame: Frame) -> None:
        data = frame.data
        self.spent.count(self._endpoint.usage, data)
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
        media, found = apart(data, found, self._table, self._rulings, streaming=self._streaming)
        names = self._checked(found, data)
        self.unseen += media
        draft.media = bool(media)
        for leaf in found:
            self._leaf(leaf, draft, names.get(leaf.path, ""))
        for close in self._closes:
            for prefix in closing(close, data):
                self._close(prefix)
        self._drafts.append(draft)

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
            whole = Channel(self._redactor.under(leaf.mark), self._max_hold, leaf.hint, whole=leaf.mark.signed)
            whole.push(leaf.text)
            whole.finish()
            draft.texts.append((leaf.path, whole))

    def _delta(self, leaf: Leaf, draft: Draft, name: str) -> None:
        line = self._lines.get(name)
        if line is None:
            channel = Channel(self._redactor.under(leaf.mark), self._max_hold, whole=leaf.mark.signed)
            line = Line(channel, leaf.mark.channel or "", Shifts(self._endpoint.unit))
            self._lines[name] = self._open[name] = line
        draft.slots[leaf.path] = name
        if line.channel.finished:
            return
        line.channel.push(leaf.text)
        line.slots.append(Slot(draft, leaf.path, line.pushed))
        line.pushed += len(leaf.text)
        self._busy[name] = line

    def _close(self, prefix: str) -> None:
        """Finish the channels under `prefix`; what they still hold goes before the event that closes them."""
        for name in [name for name in self._open if name.startswith(prefix)]:
            line = self._open.pop(name)
            line.channel.finish()
            if not line.slots and (extra := self._another(name, line)) is not None:
                line.slots.append(extra)
                self._busy[name] = line
                self._drafts.append(extra.draft)
            self._drafts += self._waiting.closed(name)

    def _another(self, name: str, line: Line) -> Slot | None:
        """Return an event for a text of its own, in the image of the last that had some, or None when none had."""
        if line.image is None:
            return None
        frame, path = line.image
        data, place = image(frame.data, path, line.template, self._endpoint.kept)
        extra = Draft(Frame(FrameKind.DATA, data, frame.event), flush=True)
        extra.slots[place] = name
        return Slot(extra, place, line.pushed)

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
        return self._outgoing.frame(draft, data)


def _changed(redactor: Redactor) -> bool:
    """Tell whether any text of this answer was rewritten so far."""
    return redactor.tally.restored > 0 or redactor.tally.action is not Action.ALLOW
