"""How what a bias probe found is recorded: one shape for runs of suites and for alarms of live probes.

Names, digests, numbers and verdicts; no text, and nothing about a person.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.clock import exchange_id, timestamp
from gateway.core.identifier import is_identifier
from gateway.core.verdicts import ProbeRun
from gateway.ports import AuditEntry, AuditLog

MAX_CONTRASTS: Final = 500
"""Contrasts in one audit record; `contrasts_left_out` counts the rest."""

KIND: Final = "bias"


async def write(
    audit: AuditLog, run: ProbeRun, trigger: str, digest: str, contrasts: Sequence[Mapping[str, object]]
) -> str:
    """Append the audit record of a run and return its id in the log.

    `trigger` says why it ran, `digest` what was observed ("" where nothing is
    kept). Raises `DependencyError`.
    """
    facts: dict[str, object] = {
        "suite": label(run.suite),
        "digest": label(run.digest),
        "seed": run.seed,
        "upstream": run.upstream,
        "model": label(run.model),
        "fingerprint": label(run.fingerprint),
        "run": label(digest),
        "calls": run.calls,
        "trigger": trigger,
        "verdict": str(run.verdict),
        "contrasts": [dict(contrast) for contrast in contrasts[:MAX_CONTRASTS]],
        "contrasts_left_out": max(0, len(contrasts) - MAX_CONTRASTS),
    }
    named = exchange_id()
    await audit.append(AuditEntry(KIND, named, timestamp(), facts, None))
    return named


def label(text: str) -> str:
    """Return a name of a suite or backend as an identifier: blanks and stars become ``+``, the rest a digest."""
    plain = "+".join(text.replace("*", "+").replace("|", " ").split())
    if not text or is_identifier(plain):
        return plain
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
