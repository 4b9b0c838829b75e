"""Plain text, CSV, JSON, HTML and XML: what they say, and what they show."""

from html.parser import HTMLParser
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.limits import CannotRead

_MARKUP: Final = ("<!doctype", "<html", "<?xml", "<svg", "<head", "<body")
_BREAKS: Final = frozenset(
    {"address", "article", "blockquote", "br", "div", "dd", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4"}
    | {
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "title",
        "tr",
        "ul",
    }
)


def texts_of(data: bytes) -> list[str]:
    """Return the text, and of markup also what is left without it. Raises `CannotRead`."""
    text = decoded(data)
    if not text.strip():
        return []
    start = text[:4096].lstrip("\ufeff \t\r\n").lower()
    if not start.startswith(_MARKUP) and "</" not in text:
        return [text]
    shown = _Shown()
    shown.feed(text)
    shown.close()
    return [text, "".join(shown.parts)]


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, or UTF-16 with its mark. Any other encoding would be a guess."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise CannotRead(Unreadable.UNKNOWN) from None


class _Shown(HTMLParser):
    """Collects what a page shows: character references undone, tags gone, blocks on lines of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")
        for _, value in attrs:
            if value and ("@" in value or " " in value or len(value) > 32):
                self.parts.append(f"\n{value}\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"\n{data}\n")
