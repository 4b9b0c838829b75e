"""Which tokens prove who calls, and the long list of those that only look as if they did.

The attacks are those that got past other gateways and JWT libraries (RFC 8725,
the CVEs named below) and the traps measured in PyJWT.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.adapters.compact import parse
from gateway.adapters.issuers import IssuerConfig, KeysFile, KeysUrl, SharedSecret
from gateway.adapters.tokens import JwtVerifier
from gateway.core.decision import Reason
from gateway.errors import DependencyError, PolicyError
from gateway.local_issuer import LocalIssuer
from gateway.ports import TokenRefused
from tests.support.issuer import AUDIENCE, ISSUER, NOW, Token, jwk, key_set
from tests.unit.adapters.attack_tokens import (
    LOCAL,
    LOCAL_TERMS,
    REFUSED,
    SECRET,
    Attack,
    hmac_token,
    parts,
    pem,
    spelled,
)


def config(path: Path, **changes: object) -> IssuerConfig:
    terms = IssuerConfig(ISSUER, (AUDIENCE,), ("RS256", "ES256", "ES384", "EdDSA"), KeysFile(path))
    return replace(terms, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file with one key of every kind, named for its kind."""
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(key_set(*(jwk(kind, kid=kind, use="sig") for kind in ("RSA", "P-256", "P-384", "Ed25519"))))
    return path


@pytest.fixture
async def verifier(keys: Path) -> AsyncIterator[JwtVerifier]:
    """Believes the test issuer and a local one, at the time NOW."""
    made = JwtVerifier([config(keys), LOCAL_TERMS], clock=lambda: NOW)
    yield made
    await made.close()


def is_readable(token: str) -> bool:
    try:
        parse(token)
    except TokenRefused:
        return False
    return True


async def refusal(verifier: JwtVerifier, token: str) -> Reason:
    with pytest.raises(TokenRefused) as caught:
        await verifier.verify(token)
    return Reason(caught.value.reason)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384", "EdDSA", "Ed25519"])
async def test_a_good_token_proves_its_principal(verifier: JwtVerifier, algorithm: str) -> None:
    """Every accepted algorithm, Ed25519 under both of its names."""
    principal = await verifier.verify(Token(algorithm).sign())
    assert (principal.subject, principal.tenant) == ("ann", "acme")
    assert principal.scopes == {"chat", "embed"}


async def test_a_key_without_alg_serves_the_first_algorithm_that_fits(keys: Path) -> None:
    """One key, one algorithm (RFC 8725 section 3.1): the operator's order decides, not the token."""
    prefers_pss = JwtVerifier([config(keys, algorithms=("PS256", "RS256"))], clock=lambda: NOW)
    assert (await prefers_pss.verify(Token("PS256").sign())).subject == "ann"
    assert await refusal(prefers_pss, Token("RS256").sign()) == Reason.TOKEN_ALGORITHM_REFUSED


async def test_a_token_of_the_local_issuer_is_believed_on_its_own_terms() -> None:
    """Minted and verified by the same secret; neither the local issuer nor the verifier shows it."""
    issuer = LocalIssuer(LOCAL_TERMS, clock=lambda: NOW)
    verifier = JwtVerifier([LOCAL_TERMS], clock=lambda: NOW + 59)
    principal = await verifier.verify(issuer.mint("ann", "acme", ["chat"], ttl=30))
    assert (principal.subject, principal.tenant, principal.scopes) == ("ann", "acme", frozenset({"chat"}))
    assert SECRET.decode() not in repr(LOCAL_TERMS) + repr(issuer) + repr(principal)
    late = JwtVerifier([LOCAL_TERMS], clock=lambda: NOW + 60)
    assert await refusal(late, issuer.mint("ann", "acme", ttl=30)) == Reason.TOKEN_EXPIRED


@pytest.mark.parametrize(
    "bad", [{"subject": ""}, {"tenant": "a\nb"}, {"ttl": 0}, {"ttl": 86_401}, {"tenant": "x" * 257}]
)
def test_the_local_issuer_mints_nothing_that_would_be_refused(bad: dict[str, object]) -> None:
    """A mistake on the command line shows at once, not as a 401 later."""
    issuer = LocalIssuer(LOCAL_TERMS)
    with pytest.raises(PolicyError, match="would be refused"):
        issuer.mint(**({"subject": "ann", "tenant": "acme"} | bad))  # type: ignore[arg-type]


def test_the_local_issuer_keeps_to_the_terms_of_the_settings() -> None:
    """A lifetime that the operator has shortened binds the mint, too."""
    with pytest.raises(PolicyError, match="would be refused"):
        LocalIssuer(replace(LOCAL_TERMS, max_lifetime=60.0)).mint("ann", "acme", ttl=61)


async def test_a_token_has_one_spelling(verifier: JwtVerifier) -> None:
    """The unused bits of the last character: libraries accept 16 of these, so a denylist by a token's text is none."""
    token = Token("RS256").sign()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    accepted = 0
    for last in alphabet:
        try:
            await verifier.verify(token[:-1] + last)
            accepted += 1
        except TokenRefused:
            pass
    assert accepted == 1
    spellings = [parts(signature=b"x")[:-1] + last for last in alphabet]
    assert sum(is_readable(spelling) for spelling in spellings) == 4, "two of the last character's six bits count"


ATTACKS = [
    pytest.param(reason, attack, id=f"{reason}: {name}")
    for reason, attacks in REFUSED.items()
    for name, attack in attacks.items()
]


@pytest.mark.parametrize(("reason", "attack"), ATTACKS)
async def test_an_attack_is_refused_for_its_reason(verifier: JwtVerifier, reason: Reason, attack: Attack) -> None:
    """Each for the reason that a SOC will search for, and never with a word of the token in the message."""
    token = spelled(attack)
    with pytest.raises(TokenRefused) as caught:
        await verifier.verify(token)
    assert Reason(caught.value.reason) is reason
    told = repr(caught.value) + str(caught.value)
    assert not any(len(part) > 4 and part in told for part in token.split("."))
    assert "acme" not in told
    assert caught.value.__cause__ is None


GOOD = {
    "expired within the leeway": Token(claims={"iat": NOW - 700, "exp": NOW - 29}),
    "issued a moment ahead": Token(claims={"iat": NOW + 30}),
    "times with fractions": Token(claims={"iat": NOW - 0.5, "exp": NOW + 0.5}),
    "one of several audiences": Token(claims={"aud": ["billing", AUDIENCE]}),
    "scopes as a list": Token(claims={"scope": ["chat", "embed"]}),
    "no token id": Token(claims={"jti": None}),
    "type with application/ and capitals": Token(header={"typ": "application/AT+JWT"}),
    "a thumbprint and an unknown member": Token(header={"x5t": "abc", "ver": 1}),
}


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD.keys())
async def test_what_honest_issuers_send_is_believed(verifier: JwtVerifier, token: Token) -> None:
    """Strict, but not stricter than the RFCs."""
    principal = await verifier.verify(token.sign())
    assert principal.tenant == "acme"
    assert principal.scopes == {"chat", "embed"}


async def test_no_scope_claim_means_no_scopes(verifier: JwtVerifier) -> None:
    """A token without scopes proves who calls; what that allows is for authorize to say."""
    assert (await verifier.verify(Token(claims={"scope": None}).sign())).scopes == frozenset()


async def test_claims_have_the_names_that_the_operator_gives(keys: Path) -> None:
    """Identity providers differ; repr shows nobody's name."""
    terms = config(keys, subject_claim="oid", tenant_claim="tid", scope_claim="roles", types=("JWT",))
    verifier = JwtVerifier([terms], clock=lambda: NOW)
    token = Token(header={"typ": "JWT"}, claims={"oid": "o-1", "tid": "t-9", "roles": ["a"], "mail": "x"})
    principal = await verifier.verify(token.sign())
    assert (principal.subject, principal.tenant, principal.scopes) == ("o-1", "t-9", frozenset({"a"}))
    no_subject = Token(header={"typ": "JWT"}, claims={"oid": "o-1", "tid": "t-9", "roles": ["a"], "sub": None})
    assert await refusal(verifier, no_subject.sign()) == Reason.TOKEN_CLAIM_MISSING
    assert "o-1" not in repr(principal)


async def test_each_issuer_vouches_only_for_itself(tmp_path: Path, keys: Path) -> None:
    """A second issuer's key does not open tokens in the first one's name, even under the same kid."""
    other = tmp_path / "other.json"
    other.write_bytes(key_set(jwk("P-256", 5, kid="P-256")))
    second = replace(config(other), issuer="https://second.example/")
    verifier = JwtVerifier([config(keys), second], clock=lambda: NOW)
    assert (await verifier.verify(Token(number=5, claims={"iss": "https://second.example/"}).sign())).subject == "ann"
    assert await refusal(verifier, Token(number=5).sign()) == Reason.TOKEN_SIGNATURE_INVALID


async def test_without_keys_nobody_is_refused_for_good(tmp_path: Path) -> None:
    """A missing key file is the gateway's problem (503), not the token's (401), and readiness names it."""
    verifier = JwtVerifier([config(tmp_path / "none.json")], clock=lambda: NOW)
    with pytest.raises(DependencyError) as caught:
        await verifier.verify(Token().sign())
    assert caught.value.reason is Reason.KEYS_UNAVAILABLE
    assert "none.json cannot be read" in verifier.problems()[0]
    await verifier.close()


async def test_readiness_is_clear_once_keys_are_there(verifier: JwtVerifier) -> None:
    """`warm` fetches at the start, so that the first caller does not wait."""
    assert verifier.problems()
    await verifier.warm()
    assert verifier.problems() == ()


WRONG_TERMS = {
    "HMAC with a key set": {"algorithms": ("ES256", "HS256")},
    "a secret with an asymmetric algorithm": {"algorithms": ("RS256",), "keys": SharedSecret(SECRET)},
    "no algorithm": {"algorithms": ()},
    "none": {"algorithms": ("none",)},
    "no audience": {"audience": ()},
    "an empty audience": {"audience": ("",)},
    "no issuer": {"issuer": ""},
    "no type": {"types": ()},
    "a leeway of minutes": {"leeway": 61.0},
    "a negative lifetime": {"max_lifetime": -1.0},
}


@pytest.mark.parametrize("change", WRONG_TERMS.values(), ids=WRONG_TERMS.keys())
def test_terms_that_open_a_hole_cannot_be_made(change: dict[str, object]) -> None:
    """The classic misconfigurations are refused where they are written, not found where they are used."""
    with pytest.raises(ValueError):
        config(Path("jwks.json"), **change)


@pytest.mark.parametrize(
    "url",
    ["http://login.example.com/jwks", "ftp://x/jwks", "file:///etc/keys", "https:///jwks", "https://u:p@x/j", "http://127.0.0.1.evil.example/j"],
)  # fmt: skip
def test_keys_come_over_https_from_a_named_host(url: str) -> None:
    """Plain http only from this machine itself (CVE-2026-48522 was a matter of schemes)."""
    with pytest.raises(ValueError):
        KeysUrl(url)
    assert KeysUrl("http://127.0.0.1:8000/jwks") and KeysUrl("http://[::1]/jwks") and KeysUrl("http://localhost/j")


def test_a_weak_or_public_secret_is_refused() -> None:
    """32 bytes at least, and nothing that looks like a public key."""
    with pytest.raises(ValueError, match="32 bytes"):
        SharedSecret(b"x" * 31)
    with pytest.raises(ValueError, match="looks like a public key"):
        JwtVerifier([IssuerConfig(LOCAL, (AUDIENCE,), ("HS256",), SharedSecret(pem()))])


def test_an_issuer_has_one_set_of_terms(keys: Path) -> None:
    """Two entries for one name would make the weaker one count."""
    with pytest.raises(ValueError, match="same name"):
        JwtVerifier([config(keys), config(keys)])


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
@example("\ud800.a.b")
@settings(deadline=None)
async def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    """Whatever bytes come in, only `TokenRefused` comes out."""
    with pytest.raises(TokenRefused):
        await LENIENT.verify(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["alg", "typ", "kid", "crit", "b64", "iss", "aud", "exp", "iat", "sub", "tenant", "nbf", "scope"]
)


@given(
    header=st.dictionaries(_names, _json | st.sampled_from(["ES256", "HS256", "at+jwt", "P-256"]), max_size=4),
    body=st.dictionaries(_names, _json | st.sampled_from([LOCAL, AUDIENCE, NOW, NOW + 9]), max_size=9),
)
@settings(deadline=None)
async def test_any_claims_under_a_true_signature_are_refused_or_believed(
    header: dict[str, object], body: dict[str, object]
) -> None:
    """A trusted but confused issuer may sign anything: still only `TokenRefused` comes out."""
    good = {"iss": LOCAL, "aud": AUDIENCE, "sub": "ann", "tenant": "acme", "iat": NOW, "exp": NOW + 60}
    token = hmac_token(SECRET, {"alg": "HS256", "typ": "at+jwt"} | header, good | body)
    try:
        principal = await LENIENT.verify(token)
    except TokenRefused:
        return
    assert principal.subject and principal.tenant


LENIENT = JwtVerifier([LOCAL_TERMS], clock=lambda: NOW)
