"""`sluice.yaml`: strict, and secrets only by reference, never shown."""

# ruff: noqa: E501  (a row of a table is one line)

from dataclasses import fields
from pathlib import Path

import pytest

from gateway.adapters.issuers import IssuerConfig, KeysFile, SharedSecret
from gateway.errors import PolicyError
from gateway.policy.references import normalize_base_url
from gateway.policy.settings_schema import IssuerModel
from gateway.settings import Settings, load_settings

SECRET = "sk-live-4242"
HEAD = "apiVersion: sluice/v1alpha1\nkind: Settings\nspec:\n"
UPSTREAM = "  upstreams: {main: {base_url: 'https://api.example.com/v1'}}\n"
ISSUER = "  issuers: [{issuer: me, audience: [us], algorithms: [HS256], keys: {secret_file: s}}]\n"


def load(directory: Path, spec: str, environ: dict[str, str] | None = None) -> Settings:
    (directory / "s").touch(mode=0o600)
    (directory / "s").write_text("0" * 64 + "\n")
    (directory / "sluice.yaml").write_text(HEAD + spec)
    return load_settings(directory, environ or {})


def problems(directory: Path, spec: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(directory, spec, environ)
    return [problem.removeprefix(f"{directory}/sluice.yaml:") for problem in caught.value.problems]


def test_settings_have_defaults_that_listen_on_this_machine_only(tmp_path: Path) -> None:
    """The least that must be said is a backend and an issuer."""
    settings = load(tmp_path, UPSTREAM + ISSUER)
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8080)
    assert (settings.listen.ops_host, settings.listen.ops_port) == ("127.0.0.1", 9090)
    assert settings.policy == tmp_path / "policies" / "default.yaml"
    assert settings.upstreams["main"].base_url == "https://api.example.com"
    assert settings.issuers[0].keys == SharedSecret(b"0" * 64)


def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_shown(tmp_path: Path) -> None:
    """Neither `repr` nor a message holds it."""
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(SECRET + "\n")
    text = """  upstreams:
    a: {base_url: http://a, credential: {value: "env:KEY"}}
    b: {base_url: http://b, credential: {header: X-Api-Key, value: "file:key"}}
"""
    settings = load(tmp_path, text + ISSUER, {"KEY": SECRET})
    a, b = settings.upstreams["a"].credential, settings.upstreams["b"].credential
    assert a is not None
    assert b is not None
    assert (a.header, a.value) == ("authorization", f"Bearer {SECRET}")
    assert (b.header, b.value) == ("x-api-key", SECRET)
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("credential", "says"),
    [
        (f"value: {SECRET}", "`value` must be `env:NAME` or `file:PATH`, never the secret itself"),
        (f"value: 'env:{SECRET}'", "`value` must be `env:NAME` or `file:PATH`, never the secret itself"),
        ("value: 'env:NOT_SET'", "`value` refers to the environment variable NOT_SET, which is not set"),
        ("value: 'env:EMPTY'", "`value` refers to the environment variable EMPTY, whose content is empty or no printable ASCII on one line"),
        ("value: 'env:LINES'", "`value` refers to the environment variable LINES, whose content is empty or no printable ASCII on one line"),
        ("value: 'file:none'", "`value` refers to a file that cannot be read: No such file or directory"),
        ("value: 'file:open'", "`value` refers to a file that others may read; run `chmod o= FILE`"),
        ("value: 4242", "`spec.upstreams.main.credential.value` must be text; quote it if it looks like a number or true/false"),
        (f"token: {SECRET}, value: 'env:K'", "unknown key `token`"),
        ("header: 'a: b', value: 'env:K'", "`header` must be a header's name: letters, digits and `-`"),
        ("scheme: 'a b', value: 'env:K'", "`scheme` must be one word, such as `Bearer`"),
    ],
)  # fmt: skip
def test_a_literal_secret_is_refused_and_not_repeated(tmp_path: Path, credential: str, says: str) -> None:
    """What stands in the place of a reference may be a secret that somebody wrote down."""
    (tmp_path / "open").touch(mode=0o644)
    (tmp_path / "open").chmod(0o644)
    spec = f"  upstreams: {{main: {{base_url: 'http://a', credential: {{{credential}}}}}}}\n" + ISSUER
    found = problems(tmp_path, spec, {"K": SECRET, "EMPTY": "", "LINES": f"{SECRET}\nx"})
    assert [line.split(": ", 1)[1] for line in found] == [says]
    assert SECRET not in "".join(found)


@pytest.mark.parametrize(
    ("issuer", "says"),
    [
        ("algorithms: [HS256], keys: {jwks_file: s}", "`algorithms` `HS256` goes with `secret_file` and with nothing else; other algorithms go with a JWKS"),
        ("algorithms: [RS256, HS256], keys: {secret_file: s}", "`algorithms` `HS256` goes with `secret_file` and with nothing else; other algorithms go with a JWKS"),
        ("algorithms: [none], keys: {secret_file: s}", "`spec.issuers[0].algorithms[0]` must be one of RS256, PS256, ES256, ES384, EdDSA, Ed25519, HS256"),
        ("algorithms: [RS256], keys: {}", "`keys` must have exactly one of `jwks_file`, `jwks_url` and `secret_file`"),
        ("algorithms: [RS256], keys: {jwks_file: s, jwks_url: 'https://a'}", "`keys` must have exactly one of `jwks_file`, `jwks_url` and `secret_file`"),
        ("algorithms: [RS256], keys: {jwks_url: 'http://login.example.com'}", "`jwks_url` must be `https`, unless it is on this machine"),
        ("algorithms: [RS256], keys: {jwks_url: 'file:///etc/passwd'}", "`jwks_url` must be an address such as `https://host:port/path`"),
        ("algorithms: [], keys: {secret_file: s}", "`spec.issuers[0].algorithms` must not be empty"),
    ],
)  # fmt: skip
def test_an_issuer_has_one_kind_of_keys(tmp_path: Path, issuer: str, says: str) -> None:
    """A public key taken for an HMAC secret would forge every token."""
    spec = UPSTREAM + f"  issuers: [{{issuer: me, audience: [us], {issuer}}}]\n"
    assert [line.split(": ", 1)[1] for line in problems(tmp_path, spec)] == [says]


def test_an_issuer_is_believed_on_the_terms_that_are_written(tmp_path: Path) -> None:
    """Every key of the file reaches the verifier: none is taken and forgotten."""
    terms = (
        "issuer: me, audience: [us, them], algorithms: [ES256, RS256], types: [JWT], subject_claim: oid, "
        "tenant_claim: tid, scope_claim: roles, leeway: 5, max_lifetime: 10m, keys: {jwks_file: s}"
    )
    (issuer,) = load(tmp_path, UPSTREAM + f"  issuers: [{{{terms}}}]\n").issuers
    assert issuer == IssuerConfig(
        issuer="me",
        audience=("us", "them"),
        algorithms=("ES256", "RS256"),
        keys=KeysFile(tmp_path / "s"),
        subject_claim="oid",
        tenant_claim="tid",
        scope_claim="roles",
        types=("JWT",),
        leeway=5.0,
        max_lifetime=600.0,
    )
    assert set(IssuerModel.model_fields) == {field.name for field in fields(IssuerConfig)}


@pytest.mark.parametrize(("mode", "secret"), [(0o644, "0" * 64), (0o600, "short"), (0o600, "")])
def test_a_secret_that_protects_nothing_is_refused_with_its_place(tmp_path: Path, mode: int, secret: str) -> None:
    """Whoever reads it signs tokens of every tenant; the message says where it is named, and not what it is."""
    load(tmp_path, UPSTREAM + ISSUER)
    (tmp_path / "s").write_text(secret)
    (tmp_path / "s").chmod(mode)
    with pytest.raises(PolicyError, match=r"sluice\.yaml:5:83: `secret_file` is refused: ") as caught:
        load_settings(tmp_path, {})
    assert not secret or secret not in str(caught.value)


def test_an_audience_that_is_nobody_is_refused_with_its_place(tmp_path: Path) -> None:
    """What only the terms themselves can judge is said like any other mistake."""
    spec = UPSTREAM + ISSUER.replace("[us]", "['']")
    assert problems(tmp_path, spec)[0].startswith("5:13: an issuer needs an issuer and an audience")


def test_all_problems_come_at_once_with_their_places(tmp_path: Path) -> None:
    """References are checked together."""
    spec = """  listen: {tls: {cert: no.pem, key: no.key}}
  upstreams:
    a: {base_url: ftp://a}
    b: {base_url: 'https://user:pw@b', ca_file: no.pem}
  issuers:
    - {issuer: me, audience: [us], algorithms: [HS256], keys: {secret_file: gone}}
    - {issuer: me, audience: [us], algorithms: [HS256], keys: {secret_file: s}}
"""
    found = problems(tmp_path, spec)
    assert [line.split(": ")[0] for line in found] == ["4:24", "4:37", "6:19", "7:19", "7:49", "9:77", "10:16"]
    assert "pw" not in "".join(found)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com"),
        ("https://api.openai.com/v1/", "https://api.openai.com"),
        ("https://api.anthropic.com", "https://api.anthropic.com"),
        ("https://api.anthropic.com/", "https://api.anthropic.com"),
        ("HTTP://LocalHost:11434//", "http://localhost:11434"),
        ("https://generativelanguage.googleapis.com/v1beta/", "https://generativelanguage.googleapis.com"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api"),
        ("http://[::1]:8000/prefix/V1", "http://[::1]:8000/prefix/V1"),
        ("http://a/xv1", "http://a/xv1"),
    ],
)
def test_a_base_url_may_end_with_a_slash_or_the_version(written: str, means: str) -> None:
    """Vendors' SDKs disagree; the dialects' paths always bring the version."""
    assert normalize_base_url(written) == means
    assert normalize_base_url(means) == means


@pytest.mark.parametrize(
    "url",
    ["", "api.openai.com", "https://", "https:///v1", "ftp://a", "https://a b", "https://a\n", "http://a:99999",
     "http://a:0", "http://a:x", "https://u:p@a", "https://a?key=1", "https://a/#x", "http://[::1", "http://ä"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """And not repeated."""
    with pytest.raises(ValueError, match=r"must"):
        normalize_base_url(url)


def test_a_route_goes_to_the_backend_that_it_names_or_to_the_first_that_speaks_its_dialect(tmp_path: Path) -> None:
    """One default per dialect."""
    text = """  upstreams:
    claude: {base_url: http://c, dialects: ['anthropic-*']}
    rest: {base_url: 'env:REST'}
"""
    settings = load(tmp_path, text + ISSUER, {"REST": "http://r/v1/"})
    names = [
        found.name if (found := settings.upstream_for(route, dialect)) else None
        for route, dialect in [("", "anthropic-messages"), ("", "openai-chat"), ("claude", "openai-chat"), ("no", "x")]
    ]
    assert names == ["claude", "rest", "claude", None]
    assert settings.upstreams["rest"].base_url == "http://r"
