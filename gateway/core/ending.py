"""How an answer ends in which something was denied, or held too long: what had come, and was decided, by then leaves.

The events of one read are inspected together, and what leaves of a text goes into the last event that it
came in. When the answer must end before some event, each text leaves as far as it had come before that event.
"""

from collections.abc import Callable, Mapping, Sequence

from gateway.core.draft import Draft, Line, Slot
from gateway.core.stretch import Stretch


def denied(drafts: Sequence[Draft], lines: Mapping[str, Line], left: Mapping[int, Sequence[Stretch]]) -> None:
    """Mark the events in which something begins that was denied; `left` is what leaves, by the identity of channels."""
    for line in lines.values():
        if line.channel.denied:
            place = line.left + sum(len(came) for came, _ in left.get(id(line.channel), ()))
            begun = [slot for slot in line.slots if slot.start <= place]
            (begun[-1] if begun else line.slots[0]).draft.denied = True
    for draft in drafts:
        draft.denied = draft.denied or any(channel.denied for _, channel in draft.texts)


def ended(
    drafts: Sequence[Draft],
    lines: Mapping[str, Line],
    left: Mapping[int, Sequence[Stretch]],
    another: Callable[[str, Line], Slot | None],
) -> list[Draft]:
    """Return the events before the first that is denied, each text in the last of its own, as far as it had come.

    `another` makes an event for a text that has none there.
    """
    kept = list(drafts[: next(n for n, draft in enumerate(drafts) if draft.denied)])
    going = {id(draft) for draft in kept}
    for name, line in lines.items():
        slots = [slot for slot in line.slots if id(slot.draft) in going]
        lost = next((slot for slot in line.slots if id(slot.draft) not in going), None)
        come = line.pushed if lost is None else lost.start
        slot = slots[-1] if slots else another(name, line)
        if slot is not None:
            line.carried(slot, _first(left.get(id(line.channel), ()), come - line.left))
            if not slots:
                kept.append(slot.draft)
    return kept


def _first(stretches: Sequence[Stretch], length: int) -> list[Stretch]:
    """Return what was made of the first `length` characters that came; what was replaced leaves whole or not at all."""
    first: list[Stretch] = []
    for stretch in stretches:
        if len(stretch.came) <= length:
            first.append(stretch)
        elif stretch.goes is None and length:
            first.append(Stretch(stretch.came[:length]))
        length -= len(stretch.came)
        if length < 0:
            break
    return first
