"""Findings remembered, text not: what was scanned once is not scanned again.

A conversation resends all its turns with every request. The memory maps a keyed
digest of an excerpt, and of whatever decides what is found in it (the plan's
revision, the detectors), to the findings: offsets, entities and scores. The key
is random and lives as long as the process, so that a dump of the memory tells
nobody whether a certain text was seen.
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from detectors.detector import Finding

MAX_BYTES: Final = 16 << 20
MAX_ENTRIES: Final = 65536

_ENTRY_BYTES: Final = 250
"""Measured on CPython 3.11: key, tuple and place in the order, without findings."""
_FINDING_BYTES: Final = 180
"""Likewise: one finding with its integers and its score; names are shared."""


class FindingMemory:
    """A bounded, thread-safe memory of findings; the least recently used are forgotten first.

    `max_bytes` bounds an estimate of what the memory holds, `max_entries` the
    number of excerpts. An answer that does not fit at all is not kept.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES) -> None:
        if max_bytes < 0 or max_entries < 0:
            raise ValueError("max_bytes and max_entries must not be negative")
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._bytes = 0

    def digest(self, text: str, revision: str) -> bytes:
        """Return the key of `text` under `revision`. Only this process can compute it."""
        # A lone surrogate is as good as any other character here; JSON can carry one.
        digest = hashlib.blake2b(revision.encode("utf-8"), key=self._key, digest_size=24)
        digest.update(b"\0")
        digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def get(self, digest: bytes) -> tuple[Finding, ...] | None:
        """Return what was found, or None when it is not known."""
        with self._lock:
            findings = self._entries.get(digest)
            if findings is not None:
                self._entries.move_to_end(digest)
            return findings

    def put(self, digest: bytes, findings: Sequence[Finding]) -> None:
        """Remember what was found."""
        kept = tuple(findings)
        size = _size(kept)
        with self._lock:
            self._forget(digest)
            if size > self._max_bytes or not self._max_entries:
                return
            self._entries[digest] = kept
            self._bytes += size
            while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
                self._forget(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """The estimate of bytes held."""
        return self._bytes

    def __repr__(self) -> str:
        return f"FindingMemory(entries={len(self._entries)}, size={self._bytes})"

    def _forget(self, digest: bytes) -> None:
        forgotten = self._entries.pop(digest, None)
        if forgotten is not None:
            self._bytes -= _size(forgotten)


def _size(findings: tuple[Finding, ...]) -> int:
    return _ENTRY_BYTES + _FINDING_BYTES * len(findings)
