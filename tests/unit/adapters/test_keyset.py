"""Which keys of a JWK Set verify anything."""

import json
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm

from gateway.adapters.keyset import KeySetRefused, parse_key_set
from tests.support.issuer import jwk, key_set, private_key, segment

ALL = ("RS256", "ES256", "ES384", "EdDSA")


def number(value: int) -> str:
    return segment(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def roca_modulus() -> int:
    """Return a modulus with the fingerprint of CVE-2017-15361: a power of 65537 modulo every small prime."""
    primes = [each for each in range(3, 168, 2) if all(each % divisor for divisor in range(3, each, 2))]
    modulus = prod(primes)
    value = pow(65537, 12345, modulus) + (modulus << (2048 - modulus.bit_length()))
    return value if value % 2 else value + modulus


EC: dict[str, Any] = jwk("P-256", kid="k")
RSA: dict[str, Any] = jwk("RSA", kid="k")

UNUSABLE: dict[str, dict[str, Any]] = {
    "symmetric": {"kty": "oct", "k": segment(b"0" * 32), "kid": "k", "alg": "HS256"},
    "no type": {**EC, "kty": None},
    "a type nobody knows": {**EC, "kty": "AKP"},
    "for encryption": {**EC, "use": "enc"},
    "not to verify with": {**EC, "key_ops": ["encrypt"]},
    "operations are no list": {**EC, "key_ops": "verify"},
    "for another algorithm": {**EC, "alg": "ES384"},
    "for an algorithm not accepted": {**RSA, "alg": "PS256"},
    "algorithm is a list": {**EC, "alg": ["ES256"]},
    "a private key, published": ECAlgorithm.to_jwk(private_key("P-256"), as_dict=True) | {"kid": "k"},
    "the curve is another": {**EC, "crv": "P-384"},
    "a curve not accepted": {**EC, "crv": "secp256k1"},
    "not on the curve": {**EC, "y": EC["x"]},
    "the point at infinity": {**EC, "x": segment(bytes(32)), "y": segment(bytes(32))},
    "a coordinate short": {**EC, "x": segment(b"1" * 31)},
    "a coordinate missing": {name: value for name, value in EC.items() if name != "y"},
    "a coordinate as a number": {**EC, "x": 7},
    "a coordinate padded": {**EC, "x": EC["x"] + "="},
    "RSA of 1024 bits": jwk("RSA-1024", kid="k"),
    "RSA with exponent 1": {**RSA, "e": number(1)},
    "RSA with exponent 3": {**RSA, "e": number(3)},
    "RSA with an even exponent": {**RSA, "e": number(65538)},
    "RSA with a huge exponent": {**RSA, "e": number(2**64 + 1)},
    "RSA of 16384 bits": {**RSA, "n": number(2**16383 + 1)},
    "RSA that can be factored (ROCA)": {**RSA, "n": number(roca_modulus())},
    "RSA with an even modulus": {**RSA, "n": number(2**2047)},
    "Ed448": {"kty": "OKP", "crv": "Ed448", "x": segment(b"1" * 57), "kid": "k"},
    "X25519, for key agreement": {"kty": "OKP", "crv": "X25519", "x": segment(b"1" * 32), "kid": "k"},
    "Ed25519 a byte short": {"kty": "OKP", "crv": "Ed25519", "x": segment(b"1" * 31), "kid": "k"},
    "its name is a number": {**EC, "kid": 1},
    "its name is not printable": {**EC, "kid": "a\nb"},
}


@pytest.mark.parametrize("key", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_key_is_left_out(key: dict[str, Any]) -> None:
    """Beside a good key it is ignored, alone it is no key set."""
    good = jwk("Ed25519", kid="good")
    assert set(parse_key_set(key_set(key, good), ALL).named) == {"good"}
    with pytest.raises(KeySetRefused, match="no usable key"):
        parse_key_set(key_set(key), ALL)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (EC, "ES256"),
        ({**EC, "alg": "ES256", "use": "sig", "key_ops": ["sign", "verify"], "x5t": "x"}, "ES256"),
        (RSA, "RS256"),
        (jwk("P-384", kid="k"), "ES384"),
        (jwk("Ed25519", kid="k"), "EdDSA"),
        (jwk("Ed25519", kid="k", alg="Ed25519"), "EdDSA"),
    ],
)
def test_a_key_verifies_one_algorithm(key: dict[str, Any], algorithm: str) -> None:
    """The one it names, or the one that fits its type and curve."""
    found = parse_key_set(key_set(key), ALL).find("k")
    assert found is not None and found.algorithm == algorithm
    assert "material" not in repr(found)


def test_a_token_without_a_key_name_gets_the_only_key_or_none() -> None:
    """Trying all keys in turn would make every key good for every token."""
    alone = parse_key_set(key_set({name: value for name, value in EC.items() if name != "kid"}), ALL)
    assert alone.find(None) is not None
    assert alone.find("k") is None
    assert parse_key_set(key_set(EC), ALL).find(None) is not None
    assert parse_key_set(key_set(EC, jwk("P-256", 1, kid="two")), ALL).find(None) is None


_words = st.sampled_from(["keys", "kty", "kid", "x"])
_json = st.recursive(st.none() | st.text() | st.integers(), lambda each: st.lists(each) | st.dictionaries(_words, each))
_spoil: st.SearchStrategy[object] = st.none() | st.text() | st.integers() | st.just([])


@given(st.binary(max_size=60) | _json.map(lambda value: json.dumps(value).encode()))
@settings(deadline=None)
def test_any_bytes_are_a_key_set_or_refused(data: bytes) -> None:
    """Whatever an issuer sends, only `KeySetRefused` comes out."""
    with pytest.raises(KeySetRefused):
        parse_key_set(data, ALL)


@given(st.dictionaries(st.sampled_from([*EC, *RSA, "alg", "use", "key_ops"]), _spoil))
@settings(deadline=None)
def test_any_spoiled_key_is_left_out_without_a_crash(changes: dict[str, Any]) -> None:
    """Nothing in one key's members can take the others away."""
    spoiled = RSA | changes
    spoiled["kid"] = "spoiled"
    assert "good" in parse_key_set(key_set(spoiled, jwk("Ed25519", kid="good")), ALL).named
