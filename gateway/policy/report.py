"""How results are printed: text for people, JSON for programs, JUnit XML and SARIF for CI systems."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree

from detectors.problem import Problem

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Level(StrEnum):
    """How bad a result is."""

    ERROR = "error"
    WARNING = "warning"
    PASS = "pass"


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a report: a level, a place, and a kind (`policy-problem`, `policy-warning`, `policy-test`)."""

    level: Level
    kind: str
    place: Problem
    name: str = ""


def render(results: Sequence[Result], summary: str, form: Format) -> str:
    """Return a report without a final line end."""
    return _RENDERERS[form](results, summary)


def _text(results: Sequence[Result], summary: str) -> str:
    marks = {Level.ERROR: "", Level.WARNING: "warning: ", Level.PASS: "ok: "}
    lines = [
        f"{r.place.file}:{r.place.line}:{r.place.column}: {marks[r.level]}{r.place.message}"
        for r in results
        if r.level is not Level.PASS
    ]
    return "\n".join([*lines, summary])


def _json(results: Sequence[Result], summary: str) -> str:
    rows = [
        {
            "level": r.level,
            "kind": r.kind,
            "file": r.place.file,
            "line": r.place.line,
            "column": r.place.column,
            "message": r.place.message,
            **({"name": r.name} if r.name else {}),
        }
        for r in results
    ]
    return json.dumps({"summary": summary, "results": rows}, indent=2)


def _junit(results: Sequence[Result], summary: str) -> str:
    failures = sum(r.level is Level.ERROR for r in results)
    suite = ElementTree.Element(
        "testsuite", name="sluice policy", tests=str(len(results)), failures=str(failures), errors="0", skipped="0"
    )
    for r in results:
        name = _xml(r.name or r.place.message)
        case = ElementTree.SubElement(
            suite, "testcase", name=name, classname=r.kind, file=_xml(r.place.file), line=str(r.place.line)
        )
        if r.level is Level.ERROR:
            ElementTree.SubElement(case, "failure", message=_xml(r.place.message)).text = _xml(str(r.place))
        elif r.level is Level.WARNING:
            ElementTree.SubElement(case, "system-out").text = _xml(str(r.place))
    ElementTree.SubElement(suite, "system-out").text = _xml(summary)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode")


def _xml(text: str) -> str:
    """Return `text` without what XML 1.0 cannot hold."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _sarif(results: Sequence[Result], summary: str) -> str:
    shown = [r for r in results if r.level is not Level.PASS]
    log = {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "sluice policy", "rules": [{"id": k} for k in sorted({r.kind for r in shown})]}
                },
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [{"level": "note", "message": {"text": summary}}],
                    }
                ],
                "results": [
                    {
                        "ruleId": r.kind,
                        "level": r.level,
                        "message": {"text": r.place.message},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": r.place.file},
                                    "region": {"startLine": r.place.line, "startColumn": r.place.column},
                                }
                            }
                        ],
                    }
                    for r in shown
                ],
            }
        ],
    }
    return json.dumps(log, indent=2)


_RENDERERS: dict[Format, Callable[[Sequence[Result], str], str]] = {
    Format.TEXT: _text,
    Format.JSON: _json,
    Format.JUNIT: _junit,
    Format.SARIF: _sarif,
}
