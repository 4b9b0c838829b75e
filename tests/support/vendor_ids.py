"""Identifiers and signed blobs as vendors and clients make them, at random: none of them is anybody's."""

import base64
import random
import string
import uuid
from collections.abc import Callable, Mapping

_B62 = string.ascii_letters + string.digits
_B58 = "".join(sign for sign in _B62 if sign not in "0OIl")
_HEX = "0123456789abcdef"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Make = Callable[[random.Random], str]


def _of(signs: str, length: int, prefix: str = "") -> Make:
    return lambda dice: prefix + "".join(dice.choices(signs, k=length))


def _uuid(prefix: str = "", suffix: str = "") -> Make:
    return lambda dice: f"{prefix}{uuid.UUID(int=dice.getrandbits(128), version=4)}{suffix}"


def _blob(least: int, most: int, prefix: str = "", *, url: bool = False) -> Make:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    return lambda dice: prefix + encode(dice.randbytes(dice.randrange(least, most))).decode()


def _number(digits: int, prefix: str) -> Make:
    return lambda dice: f"{prefix}17{dice.randrange(10 ** (digits - 2)):0{digits - 2}}"


IDS: Mapping[str, Make] = {
    "openai call": _of(_B62, 24, "call_"),
    "openai message": _of(_HEX, 50, "msg_"),
    "openai response": _of(_HEX, 50, "resp_"),
    "openai function call": _of(_HEX, 50, "fc_"),
    "openai reasoning": _of(_HEX, 50, "rs_"),
    "openai completion": _of(_B62, 29, "chatcmpl-"),
    "openai file": _of(_B62, 22, "file-"),
    "openai fingerprint": _of(_HEX, 10, "fp_"),
    "anthropic tool use": _of(_B58, 22, "toolu_01"),
    "anthropic server tool use": _of(_B58, 22, "srvtoolu_01"),
    "anthropic message": _of(_B58, 22, "msg_01"),
    "anthropic request": _of(_B58, 20, "req_011C"),
    "bedrock tool use": _of(_B62, 22, "tooluse_"),
    "gemini call": _of(string.ascii_lowercase + string.digits, 16),
    "mistral call": _of(_B62, 9),
    "uuid": _uuid(),
    "uuid of a call": _uuid("call_"),
    "uuid of a run": _uuid("run-", "-0"),
    "uuid without hyphens": _of(_HEX, 32, "chatcmpl-tool-"),
    "ulid": _of(_CROCKFORD, 24, "01"),
    "ulid of a call": _of(_CROCKFORD, 24, "call_01"),
    "nanoid": _of(_B62 + "_-", 21),
    "md5": _of(_HEX, 32),
    "sha1": _of(_HEX, 40),
    "sha256": _of(_HEX, 64),
    "seconds": _number(10, "call_"),
    "milliseconds": _number(13, "call_"),
    "nanoseconds": _number(19, "toolcall-"),
}
"""Kinds of identifiers, and what makes one."""

BLOBS: Mapping[str, Make] = {
    "short base64": _blob(16, 64),
    "thinking signature": _blob(200, 1200, "ErUB"),
    "thought signature": _blob(100, 2000, "Cv4B"),
    "encrypted reasoning": _blob(500, 3000, "gAAAAAB", url=True),
}
"""Kinds of signed and encrypted blobs."""
