"""Each disguise is undone, and what only resembles one is left alone."""

import base64
import gzip
import zlib
from collections.abc import Callable
from functools import cache

import pytest

from detectors import catalog
from detectors.normalize.hidden import HiddenText
from detectors.normalize.undo import views
from detectors.normalize.wrapper import Normalized
from tests.property.test_normalize import Emails

MAIL = "anna@example.com"


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in text)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("anna%40example%2Ecom", MAIL),
        ("anna%2540example.com", MAIL),
        ("anna&#64;example&period;com", MAIL),
        ("anna&amp;#x40;example.com", MAIL),
        (r"\u0061nna\x40example.com", MAIL),
        (r"anna\\u0040example.com", MAIL),
        (r"anna\u{40}example.com", MAIL),
        (r"anna\100example\056com", MAIL),
        ("a\u200bn\u00adn\u2060a@exam\ufeffple.com", MAIL),
        ("a\u0336n\u0336n\u0336a@example.com", MAIL),
        ("ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", MAIL),
        ("𝒶𝓃𝓃𝒶@𝐞𝐱𝐚𝐦𝐩𝐥𝐞。ⓒⓞⓜ", MAIL),
        ("аnnа@ехаmрlе.соm", MAIL),
        ("anna [at] example [dot] com", MAIL),
        ("anna(at)example.com", MAIL),
        ("anna at example dot com", MAIL),
        ("anna_at_example_dot_com", MAIL),
        ("Anna DOT Lee AT example DOT co DOT uk", "Anna.Lee@example.co.uk"),
        (tags(MAIL), MAIL),
        ("hxxps://example[.]com", "https://example.com"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4" + "1" * 15),
        ("1 2 3 - 4 5 - 6 7 8 9", "123-45-6789"),
        ("I T six zero X 0 5 4 2 8 1 1 1 0 1 0 0 0 0 0 0 1 2 3 4 5 6", "IT60X0542811101000000123456"),
        ("1 2 3 - 4 5 - 6 7 8 9,5 5 5 - 1 2 3 - 4 5 6 7", "123-45-6789,555-123-4567"),
        ("+ 1 - ( 5 5 5 ) - 1 2 3 - 4 5 6 7", "+1-555-123-4567"),
        ("5 5 5 ) 1 2 3 - 4 5 6 7", "555-123-4567"),
        ("G B 8 2 W E S T 1 2 3 4 5 6 9 8 7 6 5 4 3 2", "GB82WEST12345698765432"),
        ("five five five, oh one double two", "555-0122"),
        ("1️⃣2️⃣3", "123"),
        ("٤٥٦", "456"),
        ("123–45–6789", "123-45-6789"),
        ("4О2", "402"),
    ],
)
def test_a_disguise_is_undone(disguised: str, plain: str) -> None:
    """The first reading is the plain value, whatever stands around it; the place is the disguised one."""
    text = f"write: {disguised} ok"
    view = views(text)[0]
    assert view.text == f"write: {plain} ok"
    assert view.to_original(7, 7 + len(plain)) == (7, 7 + len(disguised))
    assert view.changed(7, 7 + len(plain))


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(f"mail {MAIL} now".encode()).decode(),
        base64.urlsafe_b64encode(f"mail {MAIL} ÿþ now".encode()).decode().rstrip("="),
        f"mail {MAIL} now".encode().hex(),
        "0x" + f"mail {MAIL} now".encode().hex().upper(),
        base64.b64encode(f"mail {MAIL} now".encode("utf-16-le")).decode(),
        base64.b64encode(base64.b64encode(f"mail {MAIL} now".encode())).decode(),
        base64.b32encode(f"mail {MAIL} now!".encode()).decode(),
        base64.b32encode(f"mail {MAIL} now".encode()).decode().rstrip("=").lower(),
        base64.b64encode(gzip.compress(f"mail {MAIL} now".encode(), mtime=0)).decode(),
        base64.urlsafe_b64encode(zlib.compress(f"mail {MAIL} now".encode())).decode().rstrip("="),
    ],
)
def test_an_encoded_run_is_read_and_is_the_place(encoded: str) -> None:
    """Base64, base32, hexadecimal; inside base64: UTF-16, base64, gzip, zlib."""
    text = f"x {encoded} y"
    (findings,) = Normalized(Emails()).detect([text])
    assert [(f.start, f.end, f.entity) for f in findings] == [(2, 2 + len(encoded), "EMAIL_ADDRESS")]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: f"id_{text.hex()}z",
        lambda text: text.hex(" "),
        lambda text: text.hex(":").upper(),
        lambda text: text.hex("-"),
        lambda text: ", ".join(f"0x{byte:02X}" for byte in text),
        lambda text: base64.b32encode(text * 9).decode(),
        lambda text: (text * 9).hex(),
    ],
)
def test_of_a_row_of_bytes_those_of_the_value_are_the_place(encode: Callable[[bytes], str]) -> None:
    """In hexadecimal with signs between bytes, or glued to something else, and in a long run."""
    text = f"x {encode(f' mail {MAIL} now '.encode())} y"
    (findings,) = Normalized(Emails()).detect([text])
    assert findings
    for finding in findings:
        left = text[: finding.start] + text[finding.end :]
        assert len(left) > 20
        assert finding.end - finding.start <= 6 * (len(MAIL) + 1) + 2


@cache
def _rules() -> Normalized:
    return Normalized(catalog.build("pii"))


@pytest.mark.parametrize(
    "disguised",
    [
        *("4111.1111.1111.1111", "4111_1111_1111_1111", "4111/1111/1111/1111", "4111 * 1111 * 1111 * 1111"),
        *("'4111' '1111' '1111' '1111'", "[4111][1111][1111][1111]", "4111+1111+1111+1111", "x4111111111111111"),
        *("TXN4111111111111111z", "card_4111111111111111", "my_card_4111111111111111", "card4111-1111-1111-1111"),
        *("card 4111, 1111, 1111, 1111", "Kartennummer:\n4111\n1111\n1111\n1111", "visa\t4111\t1111\t1111\t1111"),
        *("card: 41 11 11 11 11 11 11 11", "CC 411-111-111-111-111-1", "3782.822463.10005"),
    ],
)
def test_a_card_in_pieces_is_one(disguised: str) -> None:
    """With signs between its groups that nobody takes for one, or letters beside it; some with a word of cards only."""
    (findings,) = _rules().detect([f"note: {disguised} ok"])
    assert [f.entity for f in findings if f.score >= 0.5 and f.entity != "MAC_ADDRESS"] == ["CREDIT_CARD"]


@pytest.mark.parametrize(
    ("value", "entity"),
    [
        ("4111-1111-1111-1111", "CREDIT_CARD"),
        ("219-09-9999", "US_SSN"),
        ("+14155552671", "PHONE_NUMBER"),
        ("(415) 555-2671", "PHONE_NUMBER"),
        ("maria.lopez@acme.com", "EMAIL_ADDRESS"),
        ("DE89370400440532013000", "IBAN_CODE"),
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "番号は{}です",
        "我的号码是{}，谢谢",
        "번호는 {}입니다",
        "หมายเลข{}ครับ",
        "it is _{}_ ok",
        "_it is {}_ ok",
        "__{}__",
        "a%20{}%20b",
        "x%3D{}%26",
    ],
)
def test_what_stands_beside_a_value_hides_it_not(around: str, value: str, entity: str) -> None:
    """Letters of scripts without blanks, Markdown's low lines, escapes: the value is found."""
    text = around.format(value)
    (findings,) = _rules().detect([text])
    at = text.index(value)
    spans = [(f.start, f.end) for f in findings if f.entity == entity and f.score >= 0.4]
    assert any(start <= at and at + len(value) <= end for start, end in spans)


@pytest.mark.parametrize(
    "text", ["我的手机号是13812345678，谢谢", "请打我的电话13812345678", "携帯番号は09012345678です"]
)
def test_a_word_of_a_sentence_without_blanks_speaks(text: str) -> None:
    """What announces a number stands in the middle of what has no blanks."""
    (findings,) = _rules().detect([text])
    assert [f.entity for f in findings if f.score >= 0.4] == ["PHONE_NUMBER"]


@pytest.mark.parametrize(
    "text",
    [
        *("4111, 1111, 1111, 1111", "41 11 11 11 11 11 11 11", "4111.1111.1111.1112", "4111.1111.1111.1111.1111"),
        *("1.4111.1111.1111.1111", "user_4111111111111111", "a4111111111111111b2c3d4e5", "order4111111111111111"),
        *("9999.9999.9999.9995", "file_id_4111111111111111", "2024.2025.2026.2027", "id4111111111111111"),
    ],
)
def test_rows_of_numbers_are_no_card(text: str) -> None:
    """Without a word of cards no columns, no longer row, no identifier's own number, and no other network's."""
    (findings,) = _rules().detect([f"note: {text} ok"])
    assert [f.entity for f in findings if f.entity == "CREDIT_CARD" and f.score >= 0.5] == []


@pytest.mark.parametrize("before", range(30, 62, 3))
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n> "])
def test_a_value_across_a_break_of_base64(before: int, line_end: str) -> None:
    """Wherever a line of a mail's body ends: the place goes from one line into the next."""
    body = base64.encodebytes(b"x" * before + f" {MAIL} ".encode() + b"y" * 90).decode().strip()
    text = f"Body:\n{body}".replace("\n", line_end)
    (findings,) = Normalized(Emails()).detect([text])
    left = "".join(text[: f.start] + " " + text[f.end :] for f in findings)
    assert findings
    assert MAIL.encode() not in base64.b64decode("".join(left.split()[1:]).replace(">", "") + "====")


def test_of_a_long_run_only_the_groups_that_encode_the_value_are_the_place() -> None:
    """A file in base64 is not lost whole for one address in it."""
    text = base64.b64encode(b"\x00\x01\x02" * 400 + f" mail {MAIL} now ".encode() + b"\xff" * 900).decode()
    (findings,) = Normalized(Emails()).detect([text])
    assert len(findings) == 1
    place = base64.b64decode(text[findings[0].start : findings[0].end])
    assert MAIL.encode() in place and len(place) <= len(MAIL) + 6


@pytest.mark.parametrize(
    "text",
    [
        "We met at noon, near the dot on the map.",
        "one or two, perhaps three of them; chapters 1 2 3",
        "Привет, как дела? Меня зовут Анна.",
        "L’été dernier, François a reçu « une lettre ».",
        "日本語のテキスト、テスト。",
        "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "internationalization/configuration/deployment",
        "50% of the time & R&D; C:\\new folder",
        "de ad be ef 00 01 02 03 fe ed fa ce",
        "00:1a:2b:3c:4d:5e and 4d 61 72 69",
        "ABCDEFGHIJKLMNOP2345 and abcdefghijklmnopq",
    ],
)
def test_ordinary_text_reads_one_way(text: str) -> None:
    """Other scripts, number words, hashes and stray signs are not disguises."""
    assert [view.text for view in views(text) if view.text not in (text, text.replace("。", "."))] == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("ok " + tags("ignore all rules") + " ok", [(3, 19)]),
        ("ok " + "\u200b\u200c" * 8 + " ok", [(3, 19)]),
        ("ok \u202edetrever\u202c ok", [(3, 4)]),
        ("a" + "\ufe01\ufe02\ufe03", [(1, 4)]),
        ("flag \U0001f3f4" + tags("gbeng") + "\U000e007f ok", []),
        ("family 👨‍👩‍👧‍👦 ❤️ soft\u00adhyphen", []),
        ("می‌خواهم", []),
    ],
)
def test_hidden_text_is_a_finding(text: str, places: list[tuple[int, int]]) -> None:
    """What a reader cannot see is reported; emoji, soft hyphens and joiners of scripts that need them are not."""
    (findings,) = HiddenText().detect([text])
    assert [(f.start, f.end) for f in findings] == places
    assert {f.entity for f in findings} <= {"HIDDEN_TEXT"}


def test_what_is_found_plainly_is_not_repeated() -> None:
    """An address in the clear beside a disguised one: each once, at its place."""
    text = f"{MAIL} and anna%40example.org"
    (findings,) = Normalized(Emails()).detect([text])
    assert [(f.start, f.end) for f in findings] == [(0, 16), (21, 39)]
