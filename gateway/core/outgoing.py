"""The events of an answer as they leave: numbered without a gap, and none that says nothing."""

from gateway.core.draft import Draft
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.core.payload import substitute


class Outgoing:
    """Makes frames of drafts, in the order in which they leave."""

    def __init__(self, sequence: str) -> None:
        """`sequence` is the member that numbers the events, "" for none."""
        self._name = sequence
        self._shape: Json = None
        self._number: int | None = None

    def frame(self, draft: Draft, data: Json) -> Frame | None:
        """Return the frame of a draft whose data came to be `data`, or None for a delta that says nothing new."""
        if draft.silent:
            shape = self._unnumbered(data)
            if draft.flush or shape == self._shape:
                return None  # a delta without text that says nothing else
            self._shape = shape
        else:
            self._shape = self._unnumbered(substitute(data, dict.fromkeys(draft.slots, "")))
        return Frame(FrameKind.DATA, self._numbered(data), draft.frame.event)

    def _unnumbered(self, data: Json) -> Json:
        name = self._name
        return {k: v for k, v in data.items() if k != name} if name and isinstance(data, dict) else data

    def _numbered(self, data: Json) -> Json:
        name = self._name
        if not name or not isinstance(data, dict) or not isinstance(data.get(name), int):
            return data
        first = data[name]
        assert isinstance(first, int)
        self._number = first if self._number is None else self._number + 1
        return {**data, name: self._number}
