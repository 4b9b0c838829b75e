"""Pictures: measured before they are unpacked, read by Tesseract, and their metadata read as well."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf.generic import ArrayObject, ByteStringObject, DecodedStreamObject, NameObject, NumberObject, StreamObject

from gateway.core.media import Unreadable
from gateway.media import picture as pictures
from gateway.media.extract import read
from gateway.media.measure import measured
from gateway.media.picture import tesseract
from gateway.media.pixels import picture_of
from tests.support.media_files import add_image, docx, drawn, pdf_writer, picture, saved

MAIL = "maria.lopez@acme.com"
LINE = f"Write to {MAIL} today"
ocr = pytest.mark.skipif(tesseract() is None, reason="Tesseract is not installed (apt-get install tesseract-ocr)")
FORMS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000")


@ocr
def test_what_tesseract_reads() -> None:
    """The real one; small letters too, as on a screen."""
    for form in ("PNG", "JPEG", "WEBP"):
        assert any(MAIL in text for text in read(picture(LINE, form))), form
    assert any("@acme.com" in text for text in read(picture(LINE, size=14)))


@ocr
def test_pictures_inside_documents() -> None:
    """In an office document, on a scanned page, and on every page of a TIFF."""
    assert MAIL in str(read(docx("x", {"word/media/image1.png": picture(LINE)})))
    assert MAIL in str(read(on_page(image_object(drawn(LINE)))))
    pages = io.BytesIO()
    drawn("first").save(pages, "TIFF", save_all=True, append_images=[drawn(LINE)])
    assert MAIL in str(read(pages.getvalue()))


def image_object(image: Image.Image, **members: Any) -> StreamObject:
    """An image as a PDF has it: samples, and what they mean."""
    stream = DecodedStreamObject()
    stream.set_data(image.tobytes())
    told = {
        "Type": NameObject("/XObject"), "Subtype": NameObject("/Image"), "Width": NumberObject(image.width),
        "Height": NumberObject(image.height), "ColorSpace": NameObject("/DeviceGray"),
        "BitsPerComponent": NumberObject(8), **members,
    }  # fmt: skip
    stream.update({NameObject(f"/{name}"): value for name, value in told.items()})
    return stream


def on_page(stream: StreamObject) -> bytes:
    writer = pdf_writer("")
    add_image(writer, 0, stream)
    return saved(writer)


def test_samples_become_the_same_picture() -> None:
    """Whatever way a PDF keeps them."""
    gray = drawn(LINE)
    colour, black = gray.convert("RGB"), gray.convert("1")
    reversed_table = bytes(255 - value for value in range(256) for _ in range(3))
    palette = ArrayObject(
        [NameObject("/Indexed"), NameObject("/DeviceRGB"), NumberObject(255), ByteStringObject(reversed_table)]
    )
    turned = gray.point(lambda value: 255 - value)
    for stream, shown in (
        (image_object(gray), gray),
        (image_object(gray).flate_encode(), gray),
        (image_object(colour, ColorSpace=NameObject("/DeviceRGB")), colour),
        (image_object(black, BitsPerComponent=NumberObject(1)), black),
        (image_object(gray, ColorSpace=palette), turned),
    ):
        made = picture_of(stream)
        assert made is not None
        assert Image.open(io.BytesIO(made)).convert("RGB").tobytes() == shown.convert("RGB").tobytes()
    jpeg = image_object(gray, Filter=NameObject("/DCTDecode"))
    jpeg._data = picture(LINE, "JPEG")
    assert picture_of(jpeg) == picture(LINE, "JPEG")


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (image_object(drawn("a"), Filter=NameObject("/JBIG2Decode")), Unreadable.PICTURE),
        (image_object(drawn("a"), ColorSpace=NameObject("/DeviceCMYK")), Unreadable.PICTURE),
        (image_object(drawn("a"), Width=NumberObject(100_000), Height=NumberObject(100_000)), Unreadable.TOO_LARGE),
        (image_object(drawn("a"), Height=NumberObject(10_000)), Unreadable.MALFORMED),
    ],
)
def test_pages_of_pictures_that_cannot_be_read(stream: StreamObject, why: Unreadable) -> None:
    """They make the whole file unreadable."""
    assert read(on_page(stream)) is why


def test_a_page_in_slices_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """In none of them is a line whole."""
    monkeypatch.setattr(pictures, "recognised", lambda _: "")
    writer = pdf_writer("a")
    for _ in range(3):
        writer._add_object(image_object(Image.new("L", (600, 20), 255)))
    assert read(saved(writer)) is Unreadable.PICTURE


def test_without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture, a page that is one, a document that has one: all unreadable."""
    monkeypatch.setattr(pictures, "tesseract", lambda: None)
    assert read(picture("a")) is Unreadable.NO_OCR
    assert read(on_page(image_object(drawn("a")))) is Unreadable.NO_OCR
    assert read(docx("x", {"word/media/image1.png": picture("a")})) is Unreadable.NO_OCR
    assert read(docx("x")) == ("x",)


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _moving(form: str) -> bytes:
    made = io.BytesIO()
    Image.new("L", (90, 90), 255).save(made, form, save_all=True, append_images=[Image.new("L", (90, 90), 0)])
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_png(60_000, 60_000), Unreadable.TOO_LARGE),
        (_moving("GIF"), Unreadable.PICTURE),
        (_moving("PNG"), Unreadable.PICTURE),
        (_moving("WEBP"), Unreadable.PICTURE),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", Unreadable.MALFORMED),
        (b"GIF89a" + b"\x00" * 8, Unreadable.MALFORMED),
    ],
    ids=["bomb", "gif", "apng", "webp", "half-jpeg", "half-gif"],
)
def test_hostile_pictures(data: bytes, why: Unreadable) -> None:
    """Judged by their heads alone, before anything unpacks them."""
    assert read(data) is why


def _located() -> Image.Exif:
    exif = Image.Exif()
    place = exif.get_ifd(0x8825)
    place.update({1: "S", 2: (33.0, 51.0, 25.2), 3: "E", 4: (151.0, 12.0, 54.0)})
    exif[0x010E] = MAIL
    return exif


def test_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments, descriptions, packed text, and where a photograph was taken."""
    monkeypatch.setattr(pictures, "recognised", lambda _: "")
    for form in ("JPEG", "WEBP"):
        told = read(picture("a", form, exif=_located()))
        assert "Location: -33.857000, 151.215000" in told
        assert MAIL in told
    info = PngInfo()
    info.add_text("Comment", MAIL, zip=True)
    info.add_itxt("Author", f"By {MAIL}")
    told = read(picture("a", pnginfo=info))
    assert MAIL in told
    assert any(f"By {MAIL}" in text for text in told)
    assert MAIL in read(picture("a", "GIF", comment=MAIL.encode()))
    assert any(MAIL in text for text in read(picture("a", "JPEG") + MAIL.encode()))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_measured(form: str) -> None:
    """By its own head."""
    image = drawn("Hello")
    assert measured(picture("Hello", form))[:2] == (image.width, image.height)
