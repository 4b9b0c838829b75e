"""Stretches: how a text that went through windows differs from the text that came.

A rewritten text is a row of stretches, each either as it came or replaced. From
them the text that goes out is joined, its spelling inside JSON is kept, and
places in the one text are found in the other (`gateway.core.shifts`).
"""

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from gateway.core.strictjson import dump_text

_CONTROL = re.compile(r"[\x00-\x1f]")


class Stretch(NamedTuple):
    """A run of characters as it came, and what goes out in its stead: None where it goes out as it came."""

    came: str
    goes: str | None = None

    def __repr__(self) -> str:
        return f"<Stretch {len(self.came)}{'' if self.goes is None else f' to {len(self.goes)}'}>"


def said(stretches: Iterable[Stretch]) -> str:
    """Return the text that goes out."""
    return "".join(came if goes is None else goes for came, goes in stretches)


def quote(text: str) -> str:
    """Return `text` as the inside of a JSON string."""
    return dump_text(text)[1:-1]


class Spelling:
    """How a text was written before it was read: what is unchanged goes out in its own spelling.

    `push` tells what was read, in order; `written` turns the stretches of what was read into
    stretches of what was written. Between `open` and `close` replacements are written as JSON
    strings are; elsewhere as they are.
    """

    __slots__ = ("_came", "_gone", "_odd", "_opened", "_shut", "_tidy")

    def __init__(self, *, inside: bool = False, tidy: bool = False) -> None:
        """`inside`: all of it is the inside of a JSON string. `tidy`: control characters, which JSON forbids
        there, are written as escapes.
        """
        self._odd: deque[tuple[int, str]] = deque()  # characters that are written otherwise, by place
        self._came = self._gone = 0
        self._opened: int | None = 0 if inside else None
        self._shut: int | None = None
        self._tidy = tidy

    def push(self, meant: str, raw: str | None = None) -> None:
        """Tell what was read next: one character written as `raw`, or any number written as they are."""
        if raw is not None and raw != meant:
            self._odd.append((self._came, raw))
        self._came += len(meant)

    @property
    def begun(self) -> bool:
        """Whether anything was read."""
        return self._came > 0

    def open(self) -> None:
        """Say that what is read next is the inside of a JSON string."""
        self._opened = self._came

    def close(self) -> None:
        """Say that what is read next is no longer the inside of a JSON string."""
        if self._shut is None:
            self._shut = self._came

    def written(self, stretch: Stretch) -> Stretch:
        """Return the next stretch of what was read, in the spelling of what was written."""
        if self._opened is None and not self._odd and not self._tidy:
            self._gone += len(stretch.came)
            return stretch
        start, came = self._gone, stretch.came
        end = self._gone = start + len(came)
        if self._odd and self._odd[0][0] < end:
            parts: list[str] = []
            at = start
            while self._odd and self._odd[0][0] < end:
                place, raw = self._odd.popleft()
                parts += (came[at - start : place - start], raw)
                at = place + 1
            came = "".join((*parts, came[at - start :]))
        if stretch.goes is None:
            untidy = self._tidy and _CONTROL.search(came)
            return Stretch(came, _CONTROL.sub(lambda sign: quote(sign.group()), came) if untidy else None)
        inside = self._opened is not None and start >= self._opened and (self._shut is None or start < self._shut)
        return Stretch(came, quote(stretch.goes) if inside else stretch.goes)


class Names:
    """The keys of one object as they go out: two that come to read alike stay two."""

    __slots__ = ("_made", "_seen")

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._made: set[str] = set()

    def taken(self, name: str, *, rewritten: bool) -> str:
        """Return the key that goes out for `name`: numbered where a rewritten one reads the same.

        Keys that came alike, and were not rewritten, stay alike.
        """
        count = self._seen.get(name)
        if count is None or not (rewritten or name in self._made):
            self._seen.setdefault(name, 1)
            if rewritten:
                self._made.add(name)
            return name
        while (other := f"{name} ({count + 1})") in self._seen:
            count += 1
        self._seen[name] = count + 1
        self._seen[other] = 1
        self._made.add(other)
        return other
