"""`sluice detect`, `redact` and `restore`: the gateway's own engine on standard input, for scripts."""

import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from detectors.detector import Finding, Place
from gateway.adapters.detector_pool import loaded, local, sighted
from gateway.adapters.keys_file import load_keys
from gateway.adapters.operators import PresidioOperators
from gateway.core.channel import Channel
from gateway.core.decision import Direction
from gateway.core.places import meant_at
from gateway.core.plan import Plan
from gateway.core.pseudonym import Ledger
from gateway.core.redact import Redactor
from gateway.core.stretch import said
from gateway.core.tally import rulebook
from gateway.errors import PolicyError
from gateway.policy.loader import load_plan
from gateway.scaffold import packaged_policies
from gateway.settings import load_settings

TENANT = "local"
"""The tenant of pseudonyms that are made on the command line."""


def plan_of(directory: Path | None) -> Plan:
    """Return the plan of a directory, or the packaged default policy's."""
    if directory is None:
        return load_plan(packaged_policies() / "default.yaml")
    return load_plan(load_settings(directory).policy)


def detect(source: BinaryIO, out: TextIO, *, kind: str, jsonl: bool, directory: Path | None) -> int:
    """Print findings; the offsets are code points, and no text is printed."""
    from detectors.cli import detect_stream, detect_text

    plan = plan_of(directory)
    if kind == "injection":
        detectors = [loaded("injection")]
    else:
        detectors = [sighted(loaded(key)) for key in meant_at(plan.detectors, Place.PROMPT)]
    if jsonl:
        return detect_stream(source, out, kind=kind, detectors=detectors, progress=sys.stderr)
    return detect_text(source, out, kind=kind, detectors=detectors)


def redact(text: str, directory: Path | None) -> tuple[str, Mapping[str, str]]:
    """Return `text` rewritten as a request's, and the values behind its pseudonyms by token."""
    plan = plan_of(directory)
    key = secrets.token_bytes(32) if directory is None else load_keys(load_settings(directory).stores.keys).pseudonym
    ledger = Ledger(key, TENANT)
    promise, find = local([loaded(key) for key in meant_at(plan.detectors, Place.PROMPT)])
    redactor = Redactor(
        Direction.REQUEST, rulebook(plan, Direction.REQUEST), ledger, PresidioOperators(), promise, learning=True
    )
    channel = Channel(redactor, max_hold=len(text), whole=True)
    channel.push(text)
    channel.finish()
    questions = channel.questions()
    findings: Sequence[Sequence[Finding]] = find([question.text for question in questions])
    for question, those in zip(questions, findings, strict=True):
        redactor.learn(question, those)
    redactor.learned()
    rewritten = said(channel.release(findings))
    return rewritten, {ledger.mint(entity, value): value for value, entity in ledger.known.items()}


def restore(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with the tokens of `values` put back."""
    ledger = Ledger.of(values)
    out: list[str] = []
    at = 0
    for start, end, value in ledger.restorable(text):
        out += (text[at:start], value)
        at = end
    return "".join((*out, text[at:]))


def checked_map(values: object, path: Path) -> Mapping[str, str]:
    """Return `values` if they are a map from tokens to texts, or raise `PolicyError`."""
    if isinstance(values, dict) and all(isinstance(k, str) and isinstance(v, str) for k, v in values.items()):
        return values
    raise PolicyError((f"{path}: is no map of sluice redact --map",))
