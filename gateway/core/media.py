"""Media inside a payload: which strings are the bytes of an image, a sound or a file, and which are texts beside them.

Pure. What the bytes say is found out elsewhere (`gateway.media`, in a process of its own); here they are only
found, undone from base64, and named when they cannot be read.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from gateway.core.jsonvalue import Json
from gateway.core.paths import Paths
from gateway.core.payload import TEXT, Key, Kind, Leaf, Mark, Path, get, leaves, telling


class Unreadable(StrEnum):
    """Why media cannot be inspected. A closed vocabulary: counted in decisions as ``unreadable.<word>``."""

    REMOTE = "remote"
    NOT_DATA = "not-data"
    UNKNOWN = "unknown-type"
    SOUND = "sound"
    ENCRYPTED = "encrypted"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    NO_OCR = "no-ocr"
    PICTURE = "picture"
    NO_TEXT = "no-text"
    FAILED = "reader-failed"


WHY: Final[Mapping[Unreadable, str]] = MappingProxyType(
    {
        Unreadable.REMOTE: "is a link or a reference, and the gateway fetches nothing",
        Unreadable.NOT_DATA: "is not base64",
        Unreadable.UNKNOWN: "is of a type or an encoding that is not known here",
        Unreadable.SOUND: "is a sound or a film",
        Unreadable.ENCRYPTED: "is locked with a password",
        Unreadable.MALFORMED: "is damaged, or two types of file at once",
        Unreadable.TOO_LARGE: "is too large, or unpacks to too much",
        Unreadable.TOO_SLOW: "takes too long to read",
        Unreadable.NO_OCR: "is or holds a picture, and Tesseract is not installed where the gateway runs",
        Unreadable.PICTURE: "holds a picture in a form that cannot be read",
        Unreadable.NO_TEXT: "holds a page that shows something and has no text that can be read",
        Unreadable.FAILED: "made the reader fail",
    }
)
"""Each reason in a sentence of ours, after "the media at ..."."""

Reading: TypeAlias = tuple[str, ...] | Unreadable
"""What came of reading some media: its texts, or why there are none."""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one image, sound or file, or why there are none. `place` is a pointer without any user's word.

    `optional` tells that it may pass where its type is not known: the plan lets media pass, and reads what is text.
    """

    place: str
    data: bytes | Unreadable = field(repr=False)
    optional: bool = False


def request_leaves(payload: Json, table: Paths[Mark]) -> list[Leaf]:
    """List the leaves of a request (`leaves`), whole files among them as media wherever they stand. Raises `TooDeep`.

    A table names the places where a vendor takes files today. A string that is a file by its first bytes is one
    also where no table names it: in what a fetch or a tool brought, or in a part that is added tomorrow.
    """
    return [
        Leaf(leaf.path, leaf.text, _FILE, leaf.names) if leaf.mark.kind is Kind.TEXT and is_file(leaf) else leaf
        for leaf in leaves(payload, table, asked=True)
    ]


def is_file(leaf: Leaf) -> bool:
    """Tell whether a leaf's whole text is a file in base64, by how such files begin, or a data URL of one."""
    text = leaf.text
    if len(text) < _SHORTEST or not text.startswith(_BEGINNINGS) or isinstance(leaf.path[-1] if leaf.path else 0, Key):
        return False
    head, comma, body = text.partition(",") if text.startswith("data:") else ("", "", text)
    if comma and not head.endswith(";base64"):
        return False
    return _bare(body) is not None


def split(payload: Json, leaf: Leaf, table: Paths[Mark], *, streaming: bool = False) -> tuple[list[Source], list[Leaf]]:
    """Return what a leaf of kind MEDIA holds: sources of bytes, and texts beside them (file names, transcripts).

    In a stream such texts come in pieces: they get a channel of their own.
    """
    value = _value(payload, leaf)
    sources: list[Source] = []
    texts: list[Leaf] = []
    mark = Mark(Kind.TEXT, channel="media/{*}") if streaming else TEXT
    for inner in leaves(value, EVERYTHING):
        path: Path = (*leaf.path, *inner.path)
        if isinstance(inner.path[-1] if inner.path else 0, Key):
            texts.append(Leaf(path, inner.text, TEXT))
        elif is_source(inner.path, inner.text):
            sources.append(Source(place(path, table), bytes_of(inner.text, name_of(inner.path))))
        elif not is_word(inner.path, inner.text):
            texts.append(Leaf(path, inner.text, mark, (*leaf.names, *inner.names)))
    return sources, texts


def words(payload: Json, leaf: Leaf) -> Iterator[Leaf]:
    """Yield the words and identifiers beside media that are no texts (`split`), where anything has room in them."""
    for inner in leaves(_value(payload, leaf), EVERYTHING):
        key = isinstance(inner.path[-1] if inner.path else 0, Key)
        skipped = not key and not is_source(inner.path, inner.text) and is_word(inner.path, inner.text)
        if skipped and telling(inner.text):
            yield Leaf((*leaf.path, *inner.path), inner.text, Mark(Kind.OPAQUE))


def _value(payload: Json, leaf: Leaf) -> Json:
    return leaf.text or get(payload, [step for step in leaf.path if not isinstance(step, Key)])


def place(path: Sequence[str | int | Key], table: Paths[Mark]) -> str:
    """Return a pointer that says nothing of the user's: a key that the format does not spell is a star."""
    known = table.alphabet | _DATA | frozenset(_BESIDE)
    steps = (str(step) if isinstance(step, int) or (isinstance(step, str) and step in known) else "*" for step in path)
    return "".join("/" + step for step in steps)


def bytes_of(text: str, name: str = "") -> bytes | Unreadable:
    """Return the bytes that a string stands for: base64, or a data URL. `name` is the member that holds it.

    Strict: of base64 that two decoders could read in two ways nothing is made.
    """
    if name in _LINKS:
        return Unreadable.REMOTE
    if text[:5].lower() == "data:":
        head, comma, body = text[5:].partition(",")
        if not comma:
            return Unreadable.NOT_DATA
        if head.rstrip().lower().endswith(";base64"):
            return _decoded(body)
        return unquote_to_bytes(body) if body.isascii() else Unreadable.NOT_DATA
    return Unreadable.REMOTE if _SCHEME.match(text) else _decoded(text)


def _decoded(text: str) -> bytes | Unreadable:
    bare = _bare(text)
    if bare is None or len(bare) % 4 == 1:
        return Unreadable.NOT_DATA
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Unreadable.NOT_DATA


def _bare(text: str) -> bytes | None:
    """Return base64 in its usual alphabet, without line breaks and padding; None for what is none.

    Looked at by the whole string and not sign by sign: it may be ten megabytes long.
    """
    if not text.isascii():
        return None
    plain = text.encode("ascii").translate(None, b"\r\n")
    bare = plain.rstrip(b"=")
    signs = set(bare.translate(None, _LETTERS))
    if len(plain) - len(bare) > 2 or (len(plain) != len(bare) and len(plain) % 4):
        return None
    if signs <= _URL_SIGNS:
        return bare.translate(_FROM_URL)
    return bare if signs <= _SIGNS else None


def name_of(path: Path) -> str:
    """Return the last member on a path, "" for none."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def is_source(path: Path, text: str) -> bool:
    """Tell whether a string in a media subtree is the media itself: by its member, or by its shape."""
    name = name_of(path)
    return not name or name in _DATA or text[:5].lower() == "data:" or _LONG.fullmatch(text) is not None


def is_word(path: Path, text: str) -> bool:
    """Tell whether a string beside media is a word of the format."""
    shape = _BESIDE.get(name_of(path))
    return shape is not None and shape.fullmatch(text) is not None


EVERYTHING: Final[Paths[Mark]] = Paths({})
_LINKS: Final = frozenset({"fileUri", "file_uri", "file_url", "file_id", "fileId"})
_DATA: Final = _LINKS | {
    "data",
    "url",
    "image_url",
    "video_url",
    "audio_url",
    "file_data",
    "b64_json",
    "result",
    "bytes",
}
_WORD: Final = re.compile(r"[a-z][a-z0-9_.+-]{0,31}(/[a-z0-9][a-z0-9_.+-]{0,63})?", re.ASCII)
_IDENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}", re.ASCII)
_BESIDE: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    dict.fromkeys(("type", "format", "detail", "mimeType", "mime_type", "media_type", "quality"), _WORD)
    | {"id": _IDENT}
)
"""Words of the formats that stand beside media and need no inspection, as long as they have this shape."""

_FILE: Final = Mark(Kind.MEDIA)
_SHORTEST: Final = 64
_BEGINNINGS: Final = (
    "data:", "JVBERi0", "UEsDB", "iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "SUkqA", "TU0AK", "AAAADGpQ", "0M8R4KGx",
    "SUQz", "T2dnU", "ZkxhQ", "GkXfo", "//uQ", "AAAAGGZ0eXA", "AAAAHGZ0eXA", "AAAAIGZ0eXA", "AAAAFGZ0eXA",
)  # fmt: skip
"""How base64 of PDF, zip, PNG, JPEG, GIF, RIFF (WebP, WAV), TIFF, JPEG 2000, old Office, MP3, Ogg, FLAC, WebM and MP4
files begins."""

_SCHEME: Final = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]{1,31}:", re.ASCII)
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SIGNS, _URL_SIGNS = frozenset(b"+/"), frozenset(b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
_LONG: Final = re.compile(r"[A-Za-z0-9+/_\r\n-]{64,}={0,2}", re.ASCII)
