"""What some bytes are, by themselves: what a caller declares is not believed.

Bytes that two readers could take for two things are nothing at all.
"""

from enum import Enum
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.limits import CannotRead


class Form(Enum):
    """What can be read."""

    PDF = "pdf"
    ARCHIVE = "zip"
    PICTURE = "picture"
    TEXT = "text"


_PICTURES: Final = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cjP  ",
)  # fmt: skip
_SOUNDS: Final = (
    b"ID3\x02",
    b"ID3\x03",
    b"ID3\x04",
    b"OggS",
    b"fLaC",
    b"\x1aE\xdf\xa3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",
)
_STILL: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKED: Final = (b"{\\rtf", b"%!PS", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_CONTROL: Final = frozenset(range(32)) - {9, 10, 12, 13}


def sniff(data: bytes) -> Form:
    """Return what `data` is. Raises `CannotRead`."""
    pdf = b"%PDF-" in data[:1024]
    archive = b"PK\x05\x06" in data[-66_000:]
    form = _by_head(data)
    if archive and not data.startswith(b"PK\x03\x04"):  # whatever stands before it, no reader of archives sees
        raise CannotRead(Unreadable.MALFORMED)
    claims = [claim for claim, holds in ((Form.PDF, pdf), (Form.ARCHIVE, archive)) if holds]
    if form is not None and not (form is Form.TEXT and claims):
        claims.append(form)
    if len(set(claims)) > 1:
        raise CannotRead(Unreadable.MALFORMED)
    if not claims:
        raise CannotRead(Unreadable.UNKNOWN)
    return claims[0]


def _by_head(data: bytes) -> Form | None:
    if data[:4] == b"RIFF":
        if data[8:12] == b"WEBP":
            return Form.PICTURE
        raise CannotRead(Unreadable.SOUND)
    if data[4:8] == b"ftyp":
        raise CannotRead(Unreadable.UNKNOWN if data[8:12] in _STILL else Unreadable.SOUND)
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise CannotRead(Unreadable.ENCRYPTED if locked else Unreadable.UNKNOWN)
    bitmap = data[:2] == b"BM" and data[6:10] == bytes(4)
    if data.startswith(_PICTURES) or bitmap:
        return Form.PICTURE
    if data.startswith(_SOUNDS):
        raise CannotRead(Unreadable.SOUND)
    if data.startswith(_MARKED):
        raise CannotRead(Unreadable.UNKNOWN)
    return Form.TEXT if _is_text(data) else None


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not _CONTROL & set(data)
