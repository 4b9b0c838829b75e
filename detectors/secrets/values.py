"""Does a value look like a secret, or like a placeholder, a name, a type, a reference?"""

import math
import re
from collections import Counter
from itertools import pairwise
from typing import Final

_SIGNS: Final = ("${", "$(", "{{", "%(", "%s", "%d", "()", "['", '["', "...", "://localhost", "::", "->", "***", "___")
"""Parts of variables, templates, calls: where the secret is, not what it is."""

_HINTS: Final = (
    "your-", "your_", "your ", "-here", "_here", "example", "placeholder", "changeme", "change-me", "change_me",
    "changethis", "change-this", "change_this", "changeit", "replaceme", "replace_", "replace-", "redacted", "dummy",
    "sample", "insert_", "insert-", "enter_", "enter-", "xxx", "0000000", "1234567890", "abcdef", "deadbeef", "lorem",
)  # fmt: skip
"""Parts of placeholders, in lower case."""

_WHOLE: Final = re.compile(
    r"[$@&%!]\w+|\$.*|/.*|<[^<>]*>|(?:foo|bar|baz).*|"
    r"[A-Za-z_]+(?:\.[A-Za-z_]+)+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}|[A-Za-z_][\w.]*\(.*",
    re.DOTALL,
)
"""A variable, a path, an attribute, a call."""

_WORDS: Final = frozenset(
    """
none null nil undefined true false yes no on off string str text int integer bool boolean bytes byte char object
array list dict map any void var let const new return await async function self this required optional hidden
password passwd pass pwd secret token key apikey credential credentials auth basic bearer digest default empty test
testing user username admin root login name type value values input output file path url uri id email invalid valid
expired missing unknown incorrect wrong correct strong weak reset forgot enabled disabled public private protected
static final number field label env environ environment config settings vault store storage manager provider service
server client host port database db local global is was are has have must should will can cannot not and the for
with from that in of to it at as be or if an my your our their his her
    """.split()  # noqa: SIM905
)
_SPLIT: Final = re.compile(r"[\W_\d]+|(?<=[a-z])(?=[A-Z])")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
_NUMBER: Final = re.compile(r"0x[0-9A-Fa-f]{1,16}|[\w.$]+@[0-9a-f]{4,8}")
"""A number in hexadecimal, and how Java prints an object: the hash of its place."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_\-./+=~:!@#$%^&*?|]+\Z")


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits per character; 0 for the empty string."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def is_stand_in(value: str) -> bool:
    """Say whether a value names, describes or stands for a secret instead of being one."""
    low = value.lower()
    if len(set(low)) <= 3 or any(sign in low for sign in _SIGNS) or any(hint in low for hint in _HINTS):
        return True
    if _WHOLE.fullmatch(value):
        return True
    words = [word for word in _SPLIT.split(value) if word]
    return all(word.lower() in _WORDS for word in words) and bool(words) and not _mixed(value)


def key_score(value: str) -> float:
    """Return how much a value reads like a machine-made key or token, in 0..1; 0 for no."""
    if len(value) < 8 or "=" in value.rstrip("=") or not _TOKEN.match(value) or is_stand_in(value):
        return 0.0
    if _NUMBER.fullmatch(value):
        return 0.0
    if _UUID.match(value):
        return 0.6
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    if digits and not letters:
        return 0.0
    bits = entropy(value)
    if not digits:
        # Letters alone: only a long jumble of both cases is no name.
        changes = sum(a.isupper() != b.isupper() for a, b in pairwise(value))
        return 0.6 if letters >= 20 and bits >= 4 and changes * 3 >= len(value) else 0.0
    if len(value) >= 16 and bits >= 3:
        return 0.8 if digits * 12 >= len(value) else 0.5
    return 0.6 if bits >= 2.75 and digits >= 2 else 0.0


def password_score(value: str, quoted: bool) -> float:
    """Return how much a value reads like a password, in 0..1; 0 for no."""
    least, most = (4, 128) if quoted else (6, 64)
    if not least <= len(value) <= most or value.isspace() or is_stand_in(value):
        return 0.0
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    symbols = any(not c.isalnum() and c not in " _-." for c in value)
    kinds = letters + digits + symbols
    if kinds >= 2:
        return 0.75 if quoted or len(value) >= 8 else 0.65
    if not quoted:
        return 0.55 if digits and len(value) >= 6 else 0.0
    if " " in value:
        return 0.0  # a sentence in quotes
    return 0.5


def _mixed(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and len(value) >= 8
