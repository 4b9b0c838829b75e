"""What the rule detector finds, what it leaves alone, and where it corrects Presidio."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from detectors.catalog import NAMES, UnknownDetector, build
from detectors.detector import DetectorFailure
from detectors.entities import TAG_SOURCES, TAGS, with_tag
from detectors.overlap import resolve
from detectors.pii import cards as cards_module
from detectors.pii import corrections, holdback, scan
from detectors.pii.checks import luhn, never_issued, no_address
from detectors.pii.presidio import load_recognizers
from detectors.pii.rules import FLOOR, RuleDetector
from detectors.pii.table import table

DETECTOR = RuleDetector()


def found(text: str, floor: float = FLOOR) -> list[tuple[str, str]]:
    """Return entity and text of what `text` holds, overlaps resolved."""
    findings = [f for f in DETECTOR.detect([text])[0] if f.score >= floor]
    return [(f.entity, text[f.start : f.end]) for f in resolve(findings, text)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("iban de89370400440532013000 – für Anna", "IBAN_CODE", "de89370400440532013000"),
        ("is de89 3704 0044 0532 0130 00é", "IBAN_CODE", "de89 3704 0044 0532 0130 00"),
        ("Mail anna.b+x@mail.example.co.uk today.", "EMAIL_ADDRESS", "anna.b+x@mail.example.co.uk"),
        ("email=anna@example.com&x=1", "EMAIL_ADDRESS", "anna@example.com"),
        ("<o'brien@example.com>", "EMAIL_ADDRESS", "o'brien@example.com"),
        ("请联系anna@example.com谢谢", "EMAIL_ADDRESS", "anna@example.com"),
        ("直樹.中村27@mail.com", "EMAIL_ADDRESS", "直樹.中村27@mail.com"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("pay GB82WEST12345698765432 now", "IBAN_CODE", "GB82WEST12345698765432"),
        ("to de89 3704 0044 0532 0130 00 please", "IBAN_CODE", "de89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", "IBAN_CODE", "gb82west12345698765432"),
        ("DE89 3704 0044 0532 0130 00 EURO 5", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("IR29 0089 8264 4744 7375 9735 29", "IBAN_CODE", "IR29 0089 8264 4744 7375 9735 29"),
        ("bank account PH481278898804235685", "IBAN_CODE", "PH481278898804235685"),
        ("IBAN FR51833128382685638651\nSWIFT", "IBAN_CODE", "FR51833128382685638651"),
        ("card 4111 1111 1111 1111 ok", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("Visa 4111111111111111", "CREDIT_CARD", "4111111111111111"),
        ("my Mastercard 2223000048400011", "CREDIT_CARD", "2223000048400011"),
        ("3782 822463 10005", "CREDIT_CARD", "3782 822463 10005"),
        ("card 213145629073186", "CREDIT_CARD", "213145629073186"),
        ("card 060419283753", "CREDIT_CARD", "060419283753"),
        ("SSN: 219-09-9999", "US_SSN", "219-09-9999"),
        ("from 192.168.10.7/24 on", "IP_ADDRESS", "192.168.10.7/24"),
        ("at 2001:db8::8a2e:370:7334 now", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
        ("dev 00:1a:2b:3c:4d:5e up", "MAC_ADDRESS", "00:1a:2b:3c:4d:5e"),
        ("see https://example.org:8443/a?b=c#d.", "URL", "https://example.org:8443/a?b=c#d"),
        ("see (www.example.com)", "URL", "www.example.com"),
        ("go to example.de, then", "URL", "example.de"),
        ("+1 (391) 737-4683", "PHONE_NUMBER", "+1 (391) 737-4683"),
        ("001-258-832-1094x88", "PHONE_NUMBER", "001-258-832-1094x88"),
        ("Ring (030) 901820 at noon", "PHONE_NUMBER", "(030) 901820"),
        ("212-555-0134 ext. 12", "PHONE_NUMBER", "212-555-0134 ext. 12"),
        ("my number is 5551234567", "PHONE_NUMBER", "5551234567"),
        ("text 5551234567 now", "PHONE_NUMBER", "5551234567"),
        ("you can reach me on 2015550134", "PHONE_NUMBER", "2015550134"),  # begins like a year
        ("5551234567 is my new cell", "PHONE_NUMBER", "5551234567"),
        ("Anna Smith\n5551234567 (mobile)\n5551234568 fax\n", "PHONE_NUMBER", "5551234567"),
        ("Anna Smith\n5551234567 (mobile)\n5551234568 fax\n", "PHONE_NUMBER", "5551234568"),
        ("Anna Smith, 07700900123", "PHONE_NUMBER", "07700900123"),
        ("Ana, 11 98765-4321, SP", "PHONE_NUMBER", "11 98765-4321"),
        ("phone (05)/123-4567", "PHONE_NUMBER", "(05)/123-4567"),
        ("mobile_no=5551234567;", "PHONE_NUMBER", "5551234567"),
        ("tax file number: 876543210", "AU_TFN", "876543210"),
        ("NHS no 943 476 5919", "UK_NHS", "943 476 5919"),
        ("she was diagnosed with breast cancer", "HEALTH_CONDITION", "breast cancer"),
        ("My husband is Jewish.", "RELIGION", "Jewish"),
        ("he joined the IG Metall", "UNION_MEMBERSHIP", "IG Metall"),
        ("at 52.52437, 13.41053 now", "GEOLOCATION", "52.52437, 13.41053"),
    ],
)
def test_finds(text: str, entity: str, value: str) -> None:
    """Values in the forms that people write them in."""
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "if request.path.startswith(self.name): return os.environ.get(key)",  # program text is no URL
        "logger.info('x'); import a.b.py; foo.com()",
        "ObjectIdentifier 2.5.4.16 and 1.3.6.1.4.1.311",  # object identifiers are no addresses
        "version 1.2.3.4 of it",  # nor are versions
        "order 9434765919 shipped",  # passes the check of an NHS number, as one in eleven does
        "batch 4111111111111112 ok",
        "id 550e8400e29b41d4a716446655440000",
        "the public policy D1234567 says",  # "lic" is not "license"
        "Epilepsy is a disorder; the history of cancer research is long.",
        "a total of 1234567890 rows in 2024-2026",
        "http://localhost:8000/x",
        "std::vector and Foo::bar",
        "@anna and @bob met at 10:05:07",
        "",
    ],
)
def test_leaves_alone(text: str) -> None:
    """What has the form of personal data and is none; nothing that scores half or more, save dates and ids."""
    assert [entity for entity, _ in found(text, 0.5) if entity not in ("DATE_TIME", "UUID")] == []


@pytest.mark.parametrize(
    "line",
    [
        "- 1131566472 2005.11.09 node1",  # passes the checksum of cards
        "081109 203615 148 INFO dfs.DataNode",
        "081111 075810 19 INFO dfs.FSDataset",
        "03-17 16:13:39.006  1702  2639 I PhoneStatusBar: called",
        "PhoneStatusBar: setSystemUiVisibility vis=40000600 mask=1",
        "please call about order 5551234567",
        "mix it with h * 69069 + 907133923",
        "[2017-07-03_16,27,09.307937]-Reporter",
        "0123456789abc and '0123456789'",
        "[instance: d96a117b-0193-4549-bdcc-63b91727349b] resumed",
        "connection from 192.0.2.67 (dsl-082-083-227-067.example.net)",
    ],
)
def test_numbers_of_logs_are_not_replaced(line: str) -> None:
    """Time stamps, identifiers and hosts hold neither cards nor telephone numbers at the thresholds people set."""
    assert not [f for f in DETECTOR.detect([line])[0] if f.entity in {"CREDIT_CARD", "PHONE_NUMBER"} and f.score > 0.4]


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "378282246310005", "2223000048400011"])
@pytest.mark.parametrize(
    "text", ["{}", "Here it is: {}.", '{{"number": "{}"}}', "5555555555554444\n{}", "I paste {} here"]
)
def test_a_card_number_alone_is_replaced(text: str, number: str) -> None:
    """In one piece and without a word about it: from a network's range, and standing alone."""
    cards = [f for f in DETECTOR.detect([text.format(number)])[0] if f.entity == "CREDIT_CARD"]
    assert cards[-1].score == cards_module.ALONE


@pytest.mark.parametrize(
    "text",
    [
        "order {}",
        "trace id: {}",
        "/items/{}",
        "n={}",
        "{}-1",
        "2026-11-24 10:05:07 worker {} done",
        "1234567890123456\n{}",
        "4111111111111112 {}",
    ],
)
def test_a_number_that_may_be_an_id_is_reported_below_the_usual_threshold(text: str) -> None:
    """It passes the check by chance once in ten: in a key, a log or a column of numbers it counts less."""
    (card,) = [f for f in DETECTOR.detect([text.format("4111111111111111")])[0] if f.entity == "CREDIT_CARD"]
    assert card.score == corrections.BARE_NUMBER["CreditCardRecognizer"]


@pytest.mark.parametrize("number", ["1111111111111117", "9111111111111119", "4111111111111", "60190000000000009"])
def test_a_number_of_no_network_is_below_the_usual_threshold(number: str) -> None:
    """The check of cards is right, the range or the length is not one that is issued in numbers."""
    assert not [f for f in DETECTOR.detect([number])[0] if f.entity == "CREDIT_CARD" and f.score >= cards_module.ALONE]


def test_a_failed_number_hides_no_other() -> None:
    """A search without overlaps would take 4000-4111-... first, fail its check and skip the card behind it."""
    assert ("CREDIT_CARD", "4111 1111 1111 1111") in found("card 4000 4111 1111 1111 1111")


def test_context_of_several_words_matches() -> None:
    """Presidio compares "tax file number" with single words, so that it never matches."""
    with_context, without = "tax file number 876543210", "file 876543210"
    assert [f for f in DETECTOR.detect([with_context])[0] if f.entity == "AU_TFN"]
    assert not [f for f in DETECTOR.detect([without])[0] if f.entity == "AU_TFN"]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("Passport number: 123456789", "US_PASSPORT"),
        ("bank account 12345678901", "US_BANK_NUMBER"),
        ("driver's license D1234567", "US_DRIVER_LICENSE"),
        ("my SSN is 219099999", "US_SSN"),
        ("socialSecurityNumber: 219099999", "US_SSN"),
        ("Social security number 219099999", "US_SSN"),
    ],
)
def test_a_label_lifts_a_weak_pattern(text: str, entity: str) -> None:
    """A label right before the number says what it is; Presidio leaves it at .40, under every usual threshold."""
    assert entity in {f.entity for f in DETECTOR.detect([text])[0] if f.score >= corrections.LABELLED}


def test_score_with_context_is_presidios() -> None:
    """A context word adds .35, to at least .4 and at most 1."""
    (plain,) = [f for f in DETECTOR.detect(["219-09-9999"])[0] if f.entity == "US_SSN"]
    (spoken,) = [f for f in DETECTOR.detect(["ssn 219-09-9999"])[0] if f.entity == "US_SSN"]
    assert (plain.score, spoken.score) == (0.5, 0.85)


@pytest.mark.parametrize("text", ["219-09-9999", "219 09 9999", "219-09.9999", "000123456", "666-12-3456", "111111111",
                                  "219-00-9999", "219-09-0000", "078-05-1120", "٢١٩-٠٩-٩٩٩٩", "123456789"])  # fmt: skip
def test_social_security_check_is_presidios(text: str) -> None:
    """The faster check says what Presidio's says."""
    presidio = next(r for r in load_recognizers() if type(r).__name__ == "UsSsnRecognizer")
    assert never_issued(text) == presidio.invalidate_result(text)


@pytest.mark.parametrize("text", ["192.168.1.1", "255.255.255.255/32", "0.0.0.0", "010.1.2.3", "1.2.3.4/33",
                                  "1.2.3.4/05", "256.1.1.1", "1.2.3", "::1", "::ffff:1.2.3.4", "1::2::3",
                                  "fe80::1%eth0", "١.2.3.4"])  # fmt: skip
def test_address_check_is_presidios(text: str) -> None:
    """The faster check says what Presidio's says."""
    presidio = next(r for r in load_recognizers() if type(r).__name__ == "IpRecognizer")
    assert no_address(text) == bool(presidio.invalidate_result(text))


@pytest.mark.parametrize(
    "text", ["4111 1111-11111111", "4111111111111112", "٤١١١١١١١١١١١١١١١", "0000", "79927398713", "7"]
)
def test_card_check_is_presidios(text: str) -> None:
    """The faster check says what Presidio's says."""
    presidio = next(r for r in load_recognizers() if type(r).__name__ == "CreditCardRecognizer")
    assert luhn(text) == presidio.validate_result(text)


@pytest.mark.parametrize("text", ["ab:cd:" * 10 + "ef", "00-1a-2b-3c-4d-5e-6f-70-81"])
def test_a_fingerprint_is_no_machine_address(text: str) -> None:
    """Six of its many pieces are not reported."""
    assert found(text) == []


def test_corrections_name_patterns_that_exist() -> None:
    """A correction of a pattern that Presidio no longer has is found out, not forgotten."""
    patterns = {(type(r).__name__, i) for r in load_recognizers() for i in range(len(getattr(r, "patterns", [])))}
    names = {name for name, _ in patterns} | {"PhoneRecognizer"}
    for keys in (
        corrections.PATTERNS,
        corrections.REPAIRS,
        corrections.RELAXED,
        corrections.WIDE,
        corrections.ANCHORED,
        corrections.FORMATTED,
    ):
        assert set(keys) <= patterns
    for by_name in (corrections.SPEAKS_FOR_ITSELF, corrections.FORMAT_OR_CONTEXT, corrections.LABELS,
                    corrections.CONTEXT_INSTEAD, corrections.DOUBTS, corrections.EXTRA_CONTEXT):  # fmt: skip
        assert set(by_name) <= names


def test_no_rule_is_wider_than_the_stream_allows_for() -> None:
    """The hold-back counts on it."""
    assert max(rule.width for rule in table().rules) < holdback.WIDEST


def test_every_match_has_digits_close_together() -> None:
    """Wide rules are tried around clusters of digits only; no digit of a match may be outside its cluster."""
    assert all(rule.width <= scan._GAP + holdback.WIDEST for rule in table().rules if rule.wide)


def test_threads_find_what_one_finds() -> None:
    """One detector serves several threads at once."""
    texts = ["ssn 219-09-9999", "card 4111 1111 1111 1111", "anna@example.com", "IBAN DE89370400440532013000"] * 20
    alone = DETECTOR.detect(texts)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == alone for found in pool.map(lambda _: DETECTOR.detect(texts), range(8)))


def test_a_deadline_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression that takes too long makes the text refused, not passed."""

    def late(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(scan.Scanner, "_try", late)
    with pytest.raises(DetectorFailure, match="could not decide"):
        DETECTOR.detect(["219-09-9999"])


def test_every_entity_has_tags_with_a_source() -> None:
    """A policy can name every entity by a tag, and every tag says where it comes from."""
    assert DETECTOR.entities <= set(TAGS)
    assert {tag for tags in TAGS.values() for tag in tags} <= set(TAG_SOURCES)
    assert {"HEALTH_CONDITION", "RELIGION", "GENETIC_DATA"} <= with_tag("special_category")
    with pytest.raises(KeyError):
        with_tag("specialcategory")


def test_catalog_builds_by_name_and_suggests() -> None:
    """The names are those that a policy may use; a misspelt one is answered with its like."""
    assert "pii" in NAMES
    assert build("pii").name == "pii"
    with pytest.raises(UnknownDetector, match="did you mean 'pii'"):
        build("pi")


_ALONE = """
import socket, sys
def refuse(*_): raise OSError("no network in this test")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from detectors.catalog import build
detector = build("pii")
assert [f.entity for f in detector.detect(["anna@example.com"])[0]] == ["EMAIL_ADDRESS"]
assert not [name for name in sys.modules if name.split(".")[0] in ("spacy", "presidio_analyzer", "torch")]
import presidio_analyzer
assert hasattr(presidio_analyzer, "AnalyzerEngine")
"""


def test_needs_neither_spacy_nor_a_network() -> None:
    """The detector works with the network cut and without spaCy, and leaves Presidio importable in full."""
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", _ALONE], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_digits_behind_a_point_are_a_measure() -> None:
    """A tenth of all fractions of 16 digits pass the check of cards; a word that speaks of a card counts still."""
    (spoken,) = DETECTOR.detect(["card: 0.4111111111111111"])[0]
    assert (spoken.entity, spoken.score) == ("CREDIT_CARD", 1.0)
    assert not DETECTOR.detect(["0.4111111111111111"])[0]
    assert DETECTOR.detect(["It is so. 4111111111111111"])[0]
