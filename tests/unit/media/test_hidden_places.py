"""Places in which a file can carry a text past a reader that only looks where such files usually keep it.

Each is either read or makes the file unreadable; never is a text left out and the file passed.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, TiffImagePlugin
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from gateway.core.media import Unreadable
from gateway.media import picture as pictures
from gateway.media.extract import read
from tests.support.media_files import W, docx, draw, odf, pdf, pdf_writer, picture, saved

MAIL = "maria.lopez@acme.com"


def _png_with(kind: bytes, body: bytes) -> bytes:
    """A picture with one more chunk, before its end."""
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return picture("a").removesuffix(end) + chunk + end


def _packed(text: bytes, window: int = 15) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(text) + packer.flush()


def _jpeg_with(segment: bytes, *, after: bytes) -> bytes:
    """A photograph with a segment put in behind the first marker `after`."""
    data = picture("a", "JPEG")
    at = data.index(after)
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:end] + segment + data[end:]


def _comment(text: str) -> bytes:
    return b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text.encode()


def _before_the_end(data: bytes, segment: bytes) -> bytes:
    return data[:-2] + segment + data[-2:]


def _second_page() -> bytes:
    """A TIFF of two pages, with a text in the second."""
    made = io.BytesIO()
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[270] = MAIL
    second = Image.new("L", (60, 60), 0)
    second.encoderinfo = {"tiffinfo": info}
    Image.new("L", (60, 60), 255).save(made, "TIFF", save_all=True, append_images=[second])
    return made.getvalue()


def _directory_below() -> bytes:
    """A TIFF whose EXIF, in a directory of its own, names the camera's owner."""

    def directory(*entries: tuple[int, int, int, int]) -> bytes:
        return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries) + bytes(4)

    head = b"II*\x00" + struct.pack("<I", 8)
    first = directory((256, 4, 1, 60), (257, 4, 1, 60), (34665, 4, 1, 50))
    below = directory((0xA430, 2, len(MAIL), 68))
    assert (len(head + first), len(head + first + below)) == (50, 68)
    return head + first + below + MAIL.encode()


def _commented(data: bytes) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a") as archive:
        archive.comment = MAIL.encode()
    return made.getvalue()


def _entry_commented() -> bytes:
    made = io.BytesIO(docx("x"))
    with zipfile.ZipFile(made, "a") as archive:
        entry = zipfile.ZipInfo("word/a.xml")
        entry.comment = MAIL.encode()
        archive.writestr(entry, "<a/>")
    return made.getvalue()


def _with_bytes(data: bytes, at: int, more: bytes) -> bytes:
    """A package with bytes put in at a place, its directory moved on."""
    end = data.rindex(b"PK\x05\x06")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    directory = bytearray(data[start:end])
    entry = directory.find(b"PK\x01\x02")
    while entry >= 0:
        offset = int.from_bytes(directory[entry + 42 : entry + 46], "little")
        if offset >= at:
            directory[entry + 42 : entry + 46] = (offset + len(more)).to_bytes(4, "little")
        entry = directory.find(b"PK\x01\x02", entry + 46)
    moved = data[end : end + 16] + (start + len(more)).to_bytes(4, "little") + data[end + 20 :]
    return data[:at] + more + data[at:start] + bytes(directory) + moved


def _between_parts(more: bytes) -> bytes:
    data = docx("x")
    return _with_bytes(data, data.index(b"PK\x03\x04", 4), more)


def _behind_a_packed_part() -> bytes:
    """A part that says it is longer than what unpacks."""
    data = docx("x")
    second = data.index(b"PK\x03\x04", 4)
    made = bytearray(_with_bytes(data, second, MAIL.encode()))
    for head in (0, made.index(b"PK\x01\x02") + 2):
        size = int.from_bytes(made[head + 18 : head + 22], "little") + len(MAIL)
        made[head + 18 : head + 22] = size.to_bytes(4, "little")
    return bytes(made)


def _profile(text: str) -> bytes:
    return bytes(128) + b"desc" + text.encode() + bytes(40)


def _saved_again() -> bytes:
    """A PDF whose page said something else before it was saved once more, the new text behind the old."""
    data = pdf(f"Ask {MAIL} today")
    writer = PdfWriter(io.BytesIO(data), incremental=True)
    draw(writer, 0, "BT /F1 12 Tf 72 700 Td (Nothing) Tj ET")
    return saved(writer)


def _form(text: str) -> DecodedStreamObject:
    """A form that shows a text."""
    form = DecodedStreamObject()
    form.set_data(f"BT /F1 12 Tf 10 10 Td ({text}) Tj ET".encode())
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    resources = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 300, 40)])
    form[NameObject("/Resources")] = resources
    return form


def _stamped(text: str = MAIL) -> bytes:
    """A page with a stamp: what is seen of it is a form, and no string of it holds the text."""
    writer = pdf_writer("A page")
    look = DictionaryObject({NameObject("/N"): writer._add_object(_form(text))})
    stamp = DictionaryObject(
        {NameObject("/Subtype"): NameObject("/Stamp"), NameObject("/AP"): look,
         NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (9, 9, 300, 40)])}
    )  # fmt: skip
    writer.pages[0][NameObject("/Annots")] = ArrayObject([stamp])
    return saved(writer)


def _layout(element: str) -> bytes:
    return docx("x", {"customXml/item1.xml": f"<a><{element}>{MAIL}</{element}></a>"})


PLACES: dict[str, Callable[[], bytes]] = {
    "png-text-far-in-a-packed-chunk": lambda: _png_with(
        b"zTXt", b"Comment\x00\x00" + _packed(b" " * 1_000_001 + MAIL.encode())
    ),
    "png-text-packed-with-a-small-window": lambda: _png_with(b"zTXt", b"Comment\x00\x00" + _packed(MAIL.encode(), 9)),
    "png-packed-text-in-languages": lambda: _png_with(
        b"iTXt", b"Comment\x00\x01\x00de\x00" + MAIL.encode() + b"\x00" + _packed(b"nothing")
    ),
    "png-text-that-does-not-unpack": lambda: _png_with(b"zTXt", b"Comment\x00\x00x" + MAIL.encode()),
    "jpeg-comment-that-begins-like-a-colour-profile": lambda: _jpeg_with(_comment(f"Adobe {MAIL}"), after=b"\xff\xe0"),
    "jpeg-comment-behind-filling": lambda: _jpeg_with(b"\xff\xff\xff" + _comment(MAIL), after=b"\xff\xc0"),
    "jpeg-comment-behind-garbage": lambda: _jpeg_with(b"\x00" + _comment(MAIL), after=b"\xff\xc0"),
    "jpeg-comment-behind-the-scan": lambda: _before_the_end(picture("a", "JPEG"), _comment(MAIL)),
    "jpeg-behind-a-jpeg": lambda: picture("a", "JPEG") + _jpeg_with(_comment(MAIL), after=b"\xff\xe0"),
    "webp-behind-its-end": lambda: picture("a", "WEBP") + MAIL.encode(),
    "bmp-behind-its-end": lambda: picture("a", "BMP") + MAIL.encode(),
    "tiff-second-page": _second_page,
    "tiff-directory-below": _directory_below,
    "font-that-is-none": lambda: docx("x", {"word/fonts/font1.odttf": MAIL}),
    "font-that-is-a-document": lambda: docx("x", {"word/fonts/font1.ttf": docx(MAIL)}),
    "text-before-a-document": lambda: MAIL.encode() + b"\n" + docx("x"),
    "text-before-a-document-with-a-mark": lambda: MAIL.encode("utf-16") + docx("x"),
    "text-behind-a-document": lambda: docx("x") + b"\n" + MAIL.encode(),
    "comment-of-a-package": lambda: _commented(docx("x")),
    "comment-of-a-part": _entry_commented,
    "text-before-a-pdf": lambda: MAIL.encode() + b"\n" + pdf("x"),
    "text-behind-a-pdf": lambda: pdf("x") + b"\n" + MAIL.encode(),
    "pdf-stamp": _stamped,
    "pdf-before-it-was-saved-again": _saved_again,
    "text-between-parts": lambda: _between_parts(MAIL.encode()),
    "file-between-parts": lambda: _between_parts(_packed(f"mail {MAIL} ".encode() * 9 + bytes(range(256)))),
    "text-in-a-packed-part-behind-its-end": _behind_a_packed_part,
    "png-colour-profile": lambda: _png_with(b"iCCP", b"x\x00\x00" + _packed(_profile(MAIL))),
    "jpeg-colour-profile": lambda: picture("a", "JPEG", icc_profile=_profile(MAIL)),
    "webp-colour-profile": lambda: picture("a", "WEBP", icc_profile=_profile(MAIL)),
    "tiff-colour-profile": lambda: picture("a", "TIFF", icc_profile=_profile(MAIL)),
    "xml-element-named-like-a-measure": lambda: _layout("Pages"),
    "xml-element-named-like-an-alignment": lambda: _layout("align"),
    "styles-of-an-object-inside": lambda: odf(f"<text:p>{MAIL}</text:p>", "Object 1/styles.xml"),
    "theme-that-is-none": lambda: docx("x", {"word/theme/theme1.xml": f"<w:x {W}><w:t>{MAIL}</w:t></w:x>"}),
}


@pytest.mark.parametrize("made", PLACES.values(), ids=PLACES)
def test_a_text_in_an_unusual_place_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[], bytes]
) -> None:
    """What a picture shows is left out here: this is about what stands beside it."""
    monkeypatch.setattr(pictures, "recognised", lambda _: "")
    data = made()
    told = read(data)
    assert isinstance(told, Unreadable) or any(MAIL in text for text in told), told


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_profile_s_maker_is_nobodys_business(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Profiles hold names and rights of companies; a picture is not refused for these."""
    monkeypatch.setattr(pictures, "recognised", lambda _: "")
    told = read(picture("a", form, icc_profile=_profile("Copyright (c) 1998 Hewlett-Packard, IEC 61966-2.1")))
    assert not isinstance(told, Unreadable)
    assert not any("Hewlett" in text for text in told)
