"""The revision of a plan: a digest of what it means."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from gateway.core.plan import Plan


def revision_of(plan: Plan) -> str:
    """Return ``sha256:`` and the digest of the plan's meaning: everything in it but its name and revision.

    What came to the language later counts only where it is used, so that old revisions stay.
    """
    said = {f.name: getattr(plan, f.name) for f in fields(plan) if f.name not in ("revision", "name")}
    said["opaque"] = {word: ruling for word, ruling in plan.opaque.items() if _LATER_WORDS.get(word) != ruling}
    meaning = {name: _canonical(value) for name, value in said.items() if value or name not in _LATER}
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _canonical(getattr(value, f.name)) for f in fields(value) if f.compare}
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return value


_LATER = ("bias", "live_probes", "canary", "dialects")
_LATER_WORDS = {"derived": "strip"}
"""Content classes that came later, with the ruling that they had before."""
