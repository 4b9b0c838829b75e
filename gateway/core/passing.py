"""What a plan lets pass unread looks like what it is let pass for; whatever else stands in its place is a text.

A reference is an identifier, media are bytes or a link to them, token ids are numbers or a blob: a sentence is none of
these, wherever in an object it stands. Base64 that is a text in another alphabet is read as files are.

Pure. Requests and answers go by this one function, and so does what explains a request.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from gateway.core.content import CONTENT
from gateway.core.dialect import BLOB, IDENT
from gateway.core.jsonvalue import Json
from gateway.core.media import EVERYTHING, Source, Unreadable, bytes_of, is_source, is_word, name_of, place, split
from gateway.core.paths import Paths
from gateway.core.payload import TEXT, Key, Kind, Leaf, Mark, Path, get, leaves
from gateway.core.plan import ContentRuling

_LEAST: Final = 8
"""Bytes of a text in base64 at least; fewer say nothing, and read as text by chance."""

_CONTROL: Final = frozenset(range(32)) - {9, 10, 12, 13}
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_LINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s@]+")


def apart(
    payload: Json,
    found: Iterable[Leaf],
    table: Paths[Mark],
    rulings: Mapping[str, ContentRuling],
    *,
    streaming: bool = False,
) -> tuple[list[Source], list[Leaf]]:
    """Return the media among the leaves that are to be read, and the leaves.

    Of media that are inspected only the texts beside them are left; what passes unread stays, and with it come the
    texts in its place. `streaming` tells of an answer in pieces.
    """
    sources: list[Source] = []
    left: list[Leaf] = []
    for leaf in found:
        content = CONTENT.get(leaf.mark.kind)
        ruling = content.ruling(rulings) if content is not None else None
        if ruling is ContentRuling.INSPECT:
            media, beside = split(payload, leaf, table, streaming=streaming)
            sources += media
            left += beside
            continue
        left.append(leaf)
        if ruling is ContentRuling.PASS and leaf.mark.kind is not Kind.DERIVED:  # copies spell what was redacted
            media, beside = _misplaced(payload, leaf, table, streaming)
            sources += media
            left += beside
    return sources, left


def references(payload: Json, leaf: Leaf) -> Iterator[Leaf]:
    """Yield the identifiers in a leaf of kind STATE that passes."""
    yield from (inner for inner in _inner(payload, leaf) if not _is_key(inner.path) and IDENT.fullmatch(inner.text))


def _misplaced(payload: Json, leaf: Leaf, table: Paths[Mark], streaming: bool) -> tuple[list[Source], list[Leaf]]:
    """Return the texts in what passes unread: those that are files of it, and those that stand there plainly."""
    sources: list[Source] = []
    texts: list[Leaf] = []
    mark = Mark(Kind.TEXT, channel="media/{*}") if streaming and leaf.mark.kind is Kind.MEDIA else TEXT
    for inner in _inner(payload, leaf):
        read = None if _is_key(inner.path) else _as_it_should(inner.text, inner.path[len(leaf.path) :], leaf.mark.kind)
        if read is None:
            texts.append(replace(inner, mark=TEXT if _is_key(inner.path) else mark))
        elif read:
            sources.append(Source(place(inner.path, table), read, optional=True))
    return sources, texts


def _inner(payload: Json, leaf: Leaf) -> Iterator[Leaf]:
    value = leaf.text or get(payload, [step for step in leaf.path if not isinstance(step, Key)])
    for inner in leaves(value, EVERYTHING):
        yield replace(inner, path=(*leaf.path, *inner.path), names=(*leaf.names, *inner.names))


def _is_key(path: Path) -> bool:
    return isinstance(path[-1] if path else 0, Key)


def _as_it_should(text: str, path: Path, kind: Kind) -> bytes | None:
    """Return None for what does not look like its kind, the text that it is in another alphabet, or b"" for neither."""
    if kind is Kind.STATE:
        return b"" if IDENT.fullmatch(text) else None
    if kind is Kind.TOKENS:
        return _text_in(bytes_of(text)) if BLOB.fullmatch(text) else None
    if not is_source(path, text):
        return b"" if is_word(path, text) else None
    data = bytes_of(text, name_of(path))
    if data is Unreadable.REMOTE:
        return b"" if IDENT.fullmatch(text) or _is_link(text) else None
    return None if data is Unreadable.NOT_DATA else _text_in(data)


def _is_link(text: str) -> bool:
    """Tell whether a text is a link and says nothing in words."""
    return _LINK.fullmatch(text) is not None and not any(map(str.isspace, unquote_plus(text)))


def _text_in(data: bytes | Unreadable) -> bytes:
    """Return bytes that are a text, else b""."""
    if not isinstance(data, bytes) or len(data) < _LEAST:
        return b""
    try:
        data.decode("utf-16" if data.startswith(_UTF16) else "utf-8")
    except UnicodeDecodeError:
        return b""
    return data if data.startswith(_UTF16) or not _CONTROL & set(data) else b""


def texts_of(leaves_: Sequence[Leaf]) -> list[Leaf]:
    """Return the leaves that are texts."""
    return [leaf for leaf in leaves_ if leaf.mark.kind is Kind.TEXT]
