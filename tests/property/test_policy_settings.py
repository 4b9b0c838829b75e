"""Whatever `sluice.yaml` holds, loading it gives settings or problems with places, and never the value of a secret."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import PolicyError
from gateway.policy.references import normalize_base_url
from gateway.settings import load_settings

CANARY = "canary4242"
_WHOLE = """apiVersion: sluice/v1alpha1
kind: Settings
spec:
  listen: {port: 0, tls: {cert: sluice.yaml, key: sluice.yaml}}
  upstreams: {main: {base_url: http://a/v1, credential: {value: "env:KEY"}, ca_file: sluice.yaml}}
  issuers: [{issuer: me, audience: [us], algorithms: [HS256], keys: {secret_file: sluice.yaml}}]
"""
_PIECES = st.sampled_from(
    [CANARY, f"env:{CANARY}", f"file:{CANARY}", "env:KEY", "\\0", '"\\0"', "x" * 5000, "http://", "https://u:p@h", "[",
     "{", "}", "]", ": ", ", ", "'", '"', "\n  ", "../" * 40, "127.0.0.1", "HS256", "RS256", "jwks_url: ", "1e9", "-1"]
)  # fmt: skip


def _is_total(directory: Path, text: str) -> None:
    (directory / "sluice.yaml").write_text(text, encoding="utf-8")
    try:
        shown = repr(load_settings(directory, {"KEY": CANARY}))
    except PolicyError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.startswith(f"{directory}/sluice.yaml:")
    else:
        assert CANARY not in shown or CANARY in text


@given(st.integers(0, len(_WHOLE)), st.integers(0, 30), _PIECES)
@settings(max_examples=200, deadline=None)
def test_any_damage_to_good_settings_is_settings_or_problems(start: int, length: int, piece: str) -> None:
    """No other exception, whatever stands there."""
    with tempfile.TemporaryDirectory() as directory:
        _is_total(Path(directory), _WHOLE[:start] + piece + _WHOLE[start + length :])


@given(st.sampled_from(["header", "scheme", "value"]), st.text("canary4242:/ \\'\"{}", max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_stands_in_the_place_of_a_secret_is_never_repeated(key: str, around: str) -> None:
    """It may be the secret."""
    quoted = "'" + (around + CANARY + "!").replace("'", "''") + "'"
    text = _WHOLE.replace('value: "env:KEY"', f"{key}: {quoted}" + ("" if key == "value" else ', value: "env:KEY"'))
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "sluice.yaml").write_text(text, encoding="utf-8")
        try:
            load_settings(Path(directory), {"KEY": "v"})
        except PolicyError as error:
            assert CANARY not in str(error)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z\[\]:@0-9.]{1,20}(/[a-z0-9]{0,5}){0,3}/?", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_a_base_url_is_normalized_once_or_refused(url: str) -> None:
    """What comes out stays as it is."""
    try:
        base = normalize_base_url(url)
    except ValueError:
        return
    assert normalize_base_url(base + "/v1/") == base or base.endswith(("/v1", "/v1beta"))
    assert not base.endswith("/")
