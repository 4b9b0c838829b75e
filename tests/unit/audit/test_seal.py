"""Sealing: only the right key, for exactly the right record, opens an untouched payload."""

import base64
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.audit import seal as seal_module
from gateway.audit.seal import Context, Sealer, SealError, key_id, unseal

KEY = X25519PrivateKey.generate()
SEALER = Sealer(KEY.public_key())
CONTEXT = Context(record="r1", exchange="ex-1", tenant="acme", kind="admitted")
PAYLOAD = b'{"messages": [{"role": "user", "content": "Maria Canary"}]}'


@pytest.mark.parametrize("payload", [b"", b"x", PAYLOAD, b"\x00" * 100_000])
def test_what_was_sealed_opens(payload: bytes) -> None:
    """The private key's holder gets the payload back, byte for byte."""
    assert unseal(SEALER.seal(payload, CONTEXT), KEY, CONTEXT) == payload


def test_every_seal_is_fresh() -> None:
    """Sealing the same payload twice shares no data key, nonce or commitment."""
    one, other = SEALER.seal(PAYLOAD, CONTEXT), SEALER.seal(PAYLOAD, CONTEXT)
    assert one[22:102] != other[22:102]
    assert one[102:134] != other[102:134]
    assert one[134:146] != other[134:146]


@pytest.mark.parametrize("name", [field.name for field in fields(Context)])
def test_a_payload_cannot_move_to_another_record(name: str) -> None:
    """Each field of the context is bound: change one, and the payload does not open."""
    moved = replace(CONTEXT, **{name: getattr(CONTEXT, name) + "x"})
    with pytest.raises(SealError, match="belongs to another record"):
        unseal(SEALER.seal(PAYLOAD, CONTEXT), KEY, moved)


def test_fields_cannot_lend_each_other_bytes() -> None:
    """The header is injective: shifting a character between neighbours is another header."""
    with pytest.raises(SealError):
        unseal(SEALER.seal(PAYLOAD, Context("ab", "c", "", "")), KEY, Context("a", "bc", "", ""))


def test_every_flipped_byte_is_refused() -> None:
    """Magic, version, key id, wrapped key, commitment, nonce, text and tag: none may change."""
    sealed = SEALER.seal(b"short", CONTEXT)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealError):
            unseal(bytes(changed), KEY, CONTEXT)


def test_every_truncation_is_refused() -> None:
    """A payload that was cut off anywhere is an error of ours and not of a library's."""
    sealed = SEALER.seal(b"short", CONTEXT)
    for size in range(len(sealed)):
        with pytest.raises(SealError):
            unseal(sealed[:size], KEY, CONTEXT)


def test_another_key_is_named() -> None:
    """With the wrong private key, the message says which key is needed."""
    other = X25519PrivateKey.generate()
    with pytest.raises(SealError, match=key_id(KEY.public_key()).hex()):
        unseal(SEALER.seal(PAYLOAD, CONTEXT), other, CONTEXT)


def test_the_commitment_is_checked_before_decryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong commitment stops before AES-GCM sees anything."""
    sealed = bytearray(SEALER.seal(PAYLOAD, CONTEXT))
    sealed[102] ^= 1

    class Untouched:
        def __init__(self, key: bytes) -> None:
            raise AssertionError("decryption was reached")

    monkeypatch.setattr(seal_module, "AESGCM", Untouched)
    with pytest.raises(SealError):
        unseal(bytes(sealed), KEY, CONTEXT)


def test_the_layout_is_the_documented_one() -> None:
    """Magic, version, algorithm, key id, wrapped key, commitment, nonce, ciphertext with tag; 162 bytes around it."""
    sealed = SEALER.seal(PAYLOAD, CONTEXT)
    assert sealed[:6] == b"SLCE\x01\x01"
    assert sealed[6:22] == key_id(KEY.public_key())
    assert len(sealed) == len(PAYLOAD) + 162


def test_an_old_record_still_opens() -> None:
    """A payload sealed by the first release, key and all: the format may not change under it."""
    key = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert unseal(base64.b64decode(FIRST_RELEASE), key, CONTEXT) == b"sealed by the first release"


def test_a_ciphertext_for_two_keys_is_refused() -> None:
    """AES-GCM alone commits to no key; the commitment names the one data key that a payload has."""
    header = seal_module._header(1, 1, key_id(KEY.public_key()), CONTEXT)
    assert seal_module._commitment(b"a" * 32, header) != seal_module._commitment(b"b" * 32, header)
    assert seal_module._encryption_key(b"a" * 32, header) != seal_module._commitment(b"a" * 32, header)


def test_nothing_secret_shows() -> None:
    """A sealer's repr names its key's id."""
    assert repr(SEALER) == f"Sealer(key={key_id(KEY.public_key()).hex()})"


FIRST_RELEASE = (
    "U0xDRQEBTcaN8q0BU2x7aRE5Wj1Y9q0oiWBKuGR9XIRe5HZMiYwz60uqyJ41D30tCOFzF35lEirkjxvghIfNS9koY8EZKNxspbio"
    "EMGFMGf6/wFazpMo6lMPc17z/rcvlywYT0uZ6dOFLcjvYVuCmP6LC3/fLoUuTjRq4W7gvDTwpJhvw8iYIXuqSh8XMOppTNjH0Rs7"
    "s9pAH2mCovOPBB+CIj3dCNrQF7vEZ8mktJW9KZKexXSAcZ3kmRy8"
)
