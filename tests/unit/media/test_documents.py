"""Documents: a canary in every place that can hold a text is found, and nothing splits it."""

import pytest
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from gateway.core.media import Unreadable
from gateway.media.extract import read
from tests.support.media_files import A, S, W, docx, draw, odf, odt, package, pdf, pdf_writer, pptx, saved, xlsx

MAIL = "maria.lopez@acme.com"
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def sheet(inner: str) -> bytes:
    return xlsx([], {"xl/worksheets/sheet2.xml": f"<w {S}>{inner}</w>"})


def part(name: str, body: str | bytes) -> bytes:
    return docx("x", {name: body})


def w(inner: str) -> str:
    return f"<w:x {W}>{inner}</w:x>"


def paragraph(text: str = MAIL) -> str:
    return f"<w:p><w:r><w:t>{text[:5]}</w:t></w:r><w:r><w:rPr/><w:t>{text[5:]}</w:t></w:r></w:p>"


AROUND = (
    f"<w:p><w:r><w:t>{MAIL[:5]}</w:t></w:r><w:del><w:r><w:delText>XX XX</w:delText></w:r></w:del>"
    f"<w:r><w:t>{MAIL[5:]}</w:t></w:r></w:p>"
)
OFFICE: dict[str, bytes] = {
    "docx": docx(f"Write to {MAIL} today"),
    "table": docx(body=f"<w:tbl><w:tr><w:tc>{paragraph()}</w:tc></w:tr></w:tbl>"),
    "header": part("word/header1.xml", w(paragraph())),
    "footer": part("word/footer2.xml", w(paragraph())),
    "comment": part("word/comments.xml", w(f"<w:comment>{paragraph()}</w:comment>")),
    "comment-author": part("word/comments.xml", w(f'<w:comment w:author="{MAIL}"/>')),
    "footnote": part("word/footnotes.xml", w(paragraph())),
    "endnote": part("word/endnotes.xml", w(paragraph())),
    "hidden": docx(body=f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{MAIL}</w:t></w:r></w:p>"),
    "deleted": docx(body=f"<w:p><w:del><w:r><w:delText>{MAIL}</w:delText></w:r></w:del></w:p>"),
    "around-deleted": docx(body=AROUND),
    "text-box": docx(body=f"<w:p><w:r><w:t>a</w:t><w:txbxContent>{paragraph()}</w:txbxContent></w:r></w:p>"),
    "field": docx(body=f'<w:p><w:fldSimple w:instr="HYPERLINK mailto:{MAIL}"/></w:p>'),
    "instruction": docx(body=f"<w:p><w:r><w:instrText> MERGEFIELD {MAIL} </w:instrText></w:r></w:p>"),
    "link": part("word/_rels/document.xml.rels", f'<R {RELS}><Relationship Target="mailto:{MAIL}"/></R>'),
    "property": part("docProps/core.xml", f"<cp><creator>{MAIL}</creator></cp>"),
    "custom-property": part("docProps/custom.xml", f'<P><property name="{MAIL}"><v>1</v></property></P>'),
    "custom-xml": part("customXml/item1.xml", f"<a><b>{MAIL}</b></a>"),
    "alternative-text": docx(body=f'<w:p><w:docPr descr="A letter to {MAIL}"/></w:p>'),
    "variable": part("word/settings.xml", w(f'<w:docVar w:name="a" w:val="{MAIL}"/>')),
    "xml-comment": part("customXml/item1.xml", f"<a><!-- {MAIL} --></a>"),
    "utf-16": part("customXml/item1.xml", f'<?xml version="1.0" encoding="UTF-16"?><a>{MAIL}</a>'.encode("utf-16")),
    "file-inside": part("word/embeddings/sheet.xlsx", xlsx([[MAIL]])),
    "text-inside": part("word/afchunk.txt", MAIL),
    "part-name": part(f"word/{MAIL}.xml", "<a/>"),
    "xlsx": xlsx([["Mail"], [MAIL]]),
    "unused-string": xlsx([], {"xl/sharedStrings.xml": f"<sst {S}><si><t>{MAIL}</t></si></sst>"}),
    "inline-string": sheet(f'<row><c t="inlineStr"><is><t>{MAIL}</t></is></c></row>'),
    "formula": sheet(f'<row><c><f>HYPERLINK("mailto:{MAIL}")</f></c></row>'),
    "sheet-name": xlsx([], {"xl/workbook.xml": f'<w {S}><sheet name="{MAIL}" state="veryHidden"/></w>'}),
    "sheet-header": sheet(f"<headerFooter><oddHeader>{MAIL}</oddHeader></headerFooter>"),
    "sheet-comment": xlsx([], {"xl/comments1.xml": f"<c {S}><comment><text><r><t>{MAIL}</t></r></text></comment></c>"}),
    "pivot": xlsx([], {"xl/pivotCache/definition1.xml": f'<p {S}><s v="{MAIL}"/></p>'}),
    "validation": sheet(f'<dataValidation prompt="{MAIL}"/>'),
    "connection": xlsx([], {"xl/connections.xml": f'<c {S}><dbPr connection="User={MAIL};"/></c>'}),
    "printer": xlsx([], {"xl/printerSettings/p.bin": b"\x01\x02" + MAIL.encode("utf-16-le") + b"\x00\x00\x03"}),
    "pptx": pptx(MAIL),
    "notes": pptx(MAIL, "ppt/notesSlides/notesSlide1.xml"),
    "slide-comment": pptx(MAIL, "ppt/comments/comment1.xml"),
    "master": pptx(MAIL, "ppt/slideMasters/slideMaster1.xml"),
    "chart": package({"[Content_Types].xml": "<T/>", "ppt/charts/chart1.xml": f"<c {A}><pt><v>{MAIL}</v></pt></c>"}),
    "odt": odt(f"Write to {MAIL}"),
    "odf-header": odf(f"<text:p>{MAIL}</text:p>", "styles.xml"),
    "odf-meta": odf(f"<office:meta><creator>{MAIL}</creator></office:meta>", "meta.xml"),
    "odf-note": odf(f"<text:p>a<office:annotation><text:p>{MAIL}</text:p></office:annotation></text:p>"),
    "odf-link": odf(f'<text:p><text:a xlink:href="mailto:{MAIL}">x</text:a></text:p>'),
    "odf-cell": odf(f'<table:table-cell office:string-value="{MAIL}"/>'),
    "odf-table": odf(f'<table:table table:name="{MAIL}"/>'),
}  # fmt: skip


@pytest.mark.parametrize("data", OFFICE.values(), ids=OFFICE)
def test_every_part_of_an_office_document(data: bytes) -> None:
    """Nothing of a package is left out."""
    texts = read(data)
    assert not isinstance(texts, Unreadable), texts
    assert any(MAIL in text for text in texts)


def test_a_sheet_reads_as_rows() -> None:
    """A number beside its heading, long ones written out."""
    texts = read(xlsx([["Name", "Phone"], ["Ann", 14155550132]]))
    assert "Ann\t14155550132" in texts
    assert "14155550132" in read(sheet("<row><c><v>1.4155550132E10</v></c></row>"))
    inline = '<c t="inlineStr"><is><t>Ann</t></is></c><c><v>14155550132</v></c>'
    assert "Ann\t14155550132" in read(sheet(f"<row>{inline}</row>"))


def test_looks_are_no_texts() -> None:
    """Fonts, styles, colours and measures of an ordinary document say nothing."""
    looks = w(
        '<w:style w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:rFonts w:ascii="Times New Roman"/></w:style>'
    )
    measures = '<wp><posOffset>1234567</posOffset><ext cx="9144000"/></wp>'
    shape = f'<w:p><w:r w:rsidR="00AB12CD"><w:t>Hello</w:t></w:r>{measures}</w:p>'
    assert read(docx(body=shape, more={"word/styles.xml": looks})) == ("Hello",)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (docx("x", {"word/a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), Unreadable.MALFORMED),
        (docx("x", {"word/a.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}), Unreadable.MALFORMED),
        (docx("x", {"word/a.xml": "<a>" * 1000 + "</a>" * 1000}), Unreadable.MALFORMED),
        (docx("x", {"word/a.xml": "<a><b></a>"}), Unreadable.MALFORMED),
        (docx("x", {"word/a.bin": b"\x00\x01"}), Unreadable.UNKNOWN),
        (docx("x", {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), Unreadable.UNKNOWN),
        (docx("x", {f"word/{n}.xml": "<a/>" for n in range(4001)}), Unreadable.TOO_LARGE),
        (docx("x", {"word/a.xml": b"<a>" + b" " * 140_000_000}), Unreadable.TOO_LARGE),
        (package({"a.txt": MAIL}), Unreadable.UNKNOWN),
        (odf("", manifest="<m><encryption-data/></m>"), Unreadable.ENCRYPTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), Unreadable.ENCRYPTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .doc", Unreadable.UNKNOWN),
        (docx("x")[:-30], Unreadable.UNKNOWN),
        (pdf("x") + docx("y"), Unreadable.MALFORMED),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_hostile_packages(data: bytes, why: Unreadable) -> None:
    """Entities, bombs, deep nests, macros, locks, two files in one: refused, in bounded time and memory."""
    assert read(data) is why


def test_a_nest_of_files_ends() -> None:
    """Three deep, and no deeper."""
    data = docx(MAIL)
    for _ in range(3):
        data = docx("x", {"word/embeddings/a.docx": data})
    assert MAIL in read(data)
    assert read(docx("x", {"word/embeddings/a.docx": data})) is Unreadable.TOO_LARGE


def _pdf(**members: object) -> bytes:
    writer = pdf_writer("A page")
    for name, value in members.items():
        writer._root_object[NameObject(f"/{name}")] = value
    return saved(writer)


def _text(text: str = MAIL) -> TextStringObject:
    return TextStringObject(text)


def _attached() -> bytes:
    writer = pdf_writer("A page")
    writer.add_attachment("a.docx", docx(MAIL))
    for at, item in enumerate(writer._objects):
        if isinstance(item, StreamObject) and item.get("/Type") == "/EmbeddedFile":
            writer._objects[at] = item.flate_encode()
    return saved(writer)


def _described() -> bytes:
    writer = pdf_writer("A page")
    writer.add_metadata({"/Author": MAIL})
    return saved(writer)


def _annotated() -> bytes:
    writer = pdf_writer("A page")
    note = DictionaryObject({NameObject("/Subtype"): NameObject("/Text"), NameObject("/Contents"): _text()})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([note])
    return saved(writer)


def _stream(kind: str, data: bytes) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    if kind:
        stream[NameObject("/Type")] = NameObject(kind)
    return stream


def _with_stream(kind: str, data: bytes) -> bytes:
    writer = pdf_writer("A page")
    writer._add_object(_stream(kind, data))
    return saved(writer)


def _locked(user: str) -> bytes:
    writer = pdf_writer(f"For {MAIL}")
    writer.encrypt(user, "owner", algorithm="AES-256")
    return saved(writer)


PDFS: dict[str, bytes] = {
    "page": pdf("first", f"Write to {MAIL}"),
    "property": _described(),
    "note": _annotated(),
    "attachment": _attached(),
    "script": _pdf(OpenAction=DictionaryObject({NameObject("/JS"): _text()})),
    "field": _pdf(Fields=ArrayObject([DictionaryObject({NameObject("/V"): _text()})])),
    "link": _pdf(A=DictionaryObject({NameObject("/URI"): _text(f"mailto:{MAIL}")})),
    "metadata": _with_stream("/Metadata", f"<x><creator>{MAIL}</creator></x>".encode()),
    "form-data": _with_stream("", f"<?xml version='1.0'?><x>{MAIL}</x>".encode()),
    "script-stream": _with_stream("", f"var x = '{MAIL}'; this.x()".encode()),
    "locked-for-writing-only": _locked(""),
}  # fmt: skip


@pytest.mark.parametrize("data", PDFS.values(), ids=PDFS)
def test_every_place_of_a_pdf(data: bytes) -> None:
    """Pages, properties, notes, forms, links, scripts, files."""
    texts = read(data)
    assert not isinstance(texts, Unreadable), texts
    assert any(MAIL in text for text in texts)


def _drawn(operators: str) -> bytes:
    writer = pdf_writer("")
    draw(writer, 0, operators)
    return saved(writer)


def _bomb() -> bytes:
    writer = pdf_writer("")
    stream = _stream("", b"BT ET " * 40_000_000).flate_encode()
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    return saved(writer)


def _endless() -> bytes:
    writer = pdf_writer("A page")
    pages = writer._root_object["/Pages"].get_object()
    pages[NameObject("/Kids")] = ArrayObject([pages.indirect_reference])  # type: ignore[index,union-attr]
    pages[NameObject("/Count")] = NumberObject(1)  # type: ignore[index]
    return saved(writer)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_locked("secret"), {Unreadable.ENCRYPTED}),
        (_drawn("0 0 m 9 9 l S"), {Unreadable.NO_TEXT}),
        (_drawn("q BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"), {Unreadable.PICTURE}),
        (_drawn("BT /F1 12 Tf (A page) Tj ET q BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"), {Unreadable.PICTURE}),
        (_bomb(), {Unreadable.TOO_LARGE}),
        (saved(pdf_writer(*["x"] * 1001)), {Unreadable.TOO_LARGE}),
        (_endless(), {Unreadable.MALFORMED}),
        (b"%PDF-1.7\n%%EOF", {Unreadable.MALFORMED}),
    ],
    ids=["locked", "outlines", "inline-picture", "picture-in-text", "bomb", "pages", "endless", "nothing"],
)
def test_hostile_pdfs(data: bytes, why: set[Unreadable]) -> None:
    """Locks, pages without text, bombs, loops."""
    assert read(data) in why


def test_an_empty_page_says_nothing() -> None:
    """It shows nothing either."""
    assert MAIL in read(pdf("", MAIL))


def font(**members: object) -> DictionaryObject:
    made = DictionaryObject({NameObject("/Type"): NameObject("/Font")})
    made.update({NameObject(f"/{name}"): value for name, value in members.items()})
    return made


def _differences(*names: str) -> DictionaryObject:
    listed = ArrayObject([NumberObject(1), *(NameObject(name) for name in names)])
    return DictionaryObject({NameObject("/Differences"): listed})


IDENTITY = NameObject("/Identity-H")
TYPE0 = NameObject("/Type0")
NUMBERED = [f"/g{n}" for n in range(20)]


@pytest.mark.parametrize(
    ("made", "readable"),
    [
        (font(Subtype=TYPE0, Encoding=IDENTITY), False),
        (font(Subtype=TYPE0, Encoding=IDENTITY, ToUnicode=_stream("", b"")), True),
        (font(Subtype=TYPE0, Encoding=NameObject("/UniGB-UCS2-H")), True),
        (font(Subtype=NameObject("/Type3"), Encoding=_differences(*NUMBERED)), False),
        (font(Subtype=NameObject("/Type1"), Encoding=_differences(*NUMBERED)), False),
        (font(Subtype=NameObject("/Type1"), Encoding=_differences("/A", "/eacute", "/uni20AC", "/bullet")), True),
        (font(Subtype=NameObject("/Type1"), Encoding=_differences("/g1", "/g2")), True),
        (font(Subtype=NameObject("/Type1")), True),
    ],
)
def test_fonts_that_do_not_say_their_letters(made: DictionaryObject, readable: bool) -> None:
    """A page in them reads as gibberish in which nothing is found: the file is refused."""
    assert (read(_pdf(AFont=made)) is Unreadable.NO_TEXT) is not readable


def test_a_page_of_codes_is_no_text() -> None:
    """Nor are signs that are none."""
    assert read(pdf("Hello " + "\x01\x02\x03" * 5)) is Unreadable.NO_TEXT
