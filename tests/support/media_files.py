"""Files as people send them, made here: PDF, Word, Excel, PowerPoint, OpenDocument, pictures."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
T = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return made.getvalue()


def docx(text: str = "", more: Mapping[str, str | bytes] | None = None, body: str = "") -> bytes:
    """Return a Word document: `text` in one paragraph, each letter pair a run of its own, or a raw `body`."""
    runs = "".join(f"<w:r><w:t>{text[n : n + 2]}</w:t></w:r>" for n in range(0, len(text), 2))
    document = f"<w:document {W}><w:body>{body or f'<w:p>{runs}</w:p>'}</w:body></w:document>"
    return package({"[Content_Types].xml": TYPES, "word/document.xml": document, **(more or {})})


def xlsx(rows: Sequence[Sequence[str | int]], more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return a workbook with one sheet: texts as shared strings, numbers as numbers."""
    strings: list[str] = []
    made = ""
    for row in rows:
        made += "<row>"
        for cell in row:
            if isinstance(cell, str):
                strings.append(cell)
                made += f'<c t="s"><v>{len(strings) - 1}</v></c>'
            else:
                made += f"<c><v>{cell}</v></c>"
        made += "</row>"
    shared = "".join(f"<si><r><t>{text[:3]}</t></r><r><t>{text[3:]}</t></r></si>" for text in strings)
    return package(
        {
            "[Content_Types].xml": TYPES,
            "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{made}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f"<sst {S}>{shared}</sst>",
            **(more or {}),
        }
    )


def pptx(text: str, part: str = "ppt/slides/slide1.xml") -> bytes:
    """Return a presentation with a text on a slide, or in another part."""
    body = f"<a:p><a:r><a:t>{text[:4]}</a:t></a:r><a:r><a:t>{text[4:]}</a:t></a:r></a:p>"
    return package({"[Content_Types].xml": TYPES, part: f"<s {A}>{body}</s>"})


def odf(content: str, part: str = "content.xml", manifest: str = "<m/>") -> bytes:
    """Return an OpenDocument file with this XML inside its content, or in another part."""
    document = f"<office:document-content {T}>{content}</office:document-content>"
    return package(
        {"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": manifest, part: document}
    )


def odt(text: str) -> bytes:
    """Return an OpenDocument text whose one paragraph has its words in spans."""
    spans = "<text:s/>".join(f"<text:span>{word}</text:span>" for word in text.split(" "))
    return odf(f"<office:body><text:p>{spans}</text:p></office:body>")


def pdf_writer(*pages: str) -> PdfWriter:
    """Return a PDF with a page for each text, set in Helvetica; "" is an empty page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    for text in pages:
        page = writer.add_blank_page(612, 792)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        if text:
            escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            draw(writer, len(writer.pages) - 1, f"BT /F1 12 Tf 72 700 Td ({escaped}) Tj ET")
    return writer


def draw(writer: PdfWriter, page: int, operators: str) -> None:
    """Give a page its content."""
    stream = DecodedStreamObject()
    stream.set_data(operators.encode())
    writer.pages[page][NameObject("/Contents")] = writer._add_object(stream)


def add_image(writer: PdfWriter, page: int, stream: StreamObject) -> None:
    """Show an image object on a page."""
    resources = writer.pages[page]["/Resources"]
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/Im1"): writer._add_object(stream)})  # type: ignore[index]
    draw(writer, page, "q 500 0 0 100 50 600 cm /Im1 Do Q")


def saved(writer: PdfWriter) -> bytes:
    """Return the PDF's bytes."""
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def pdf(*pages: str) -> bytes:
    """Return a PDF with a page for each text."""
    return saved(pdf_writer(*pages))


def drawn(text: str, size: int = 32) -> Image.Image:
    """Return a picture of a line of text, black on white."""
    font = ImageFont.load_default(size)
    width = int(font.getlength(text))
    image = Image.new("L", (width + 60, size * 3), 255)
    ImageDraw.Draw(image).text((30, size), text, font=font, fill=0)
    return image


def picture(text: str, form: str = "PNG", size: int = 32, **options: object) -> bytes:
    """Return such a picture as a file."""
    made = io.BytesIO()
    drawn(text, size).convert("RGB").save(made, form, **options)
    return made.getvalue()
