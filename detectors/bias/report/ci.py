"""The report for machines that gate: JUnit XML and SARIF 2.1.0."""

import hashlib
import json
import re
from typing import Any
from xml.sax.saxutils import quoteattr

from detectors.bias.outcome import Verdict
from detectors.bias.report import words
from detectors.bias.report.model import ContrastRow, Report

_LEVEL = {Verdict.FAIL: "error", Verdict.INVALID: "warning", Verdict.INCONCLUSIVE: "note", Verdict.PASS: "none"}
_KIND = {Verdict.FAIL: "fail", Verdict.INVALID: "review", Verdict.INCONCLUSIVE: "open", Verdict.PASS: "pass"}

#: Characters that XML 1.0 cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Return one test case per contrast: fail is a failure, invalid an error, inconclusive skipped."""
    counts = {verdict: sum(1 for row in report.contrasts if row.verdict is verdict) for verdict in Verdict}
    suite = f"bias.{report.suite.name}"
    cases = "".join(f"  {_case(suite, row)}\n" for row in report.contrasts)
    cases += _whole(suite, report)
    extra = 1 if _whole(suite, report) else 0
    numbers = (
        f'tests="{len(report.contrasts) + extra}" failures="{counts[Verdict.FAIL]}" '
        f'errors="{counts[Verdict.INVALID] + extra}" skipped="{counts[Verdict.INCONCLUSIVE]}"'
    )
    stamp = report.run.finished.split("+")[0]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {numbers}>\n <testsuite name={quoteattr(suite)} timestamp={quoteattr(stamp)} {numbers}>\n"
        f"{cases} </testsuite>\n</testsuites>\n"
    )


def _case(suite: str, row: ContrastRow) -> str:
    opening = f"<testcase classname={quoteattr(suite)} name={quoteattr(row.id)}"
    message = quoteattr(_ILLEGAL.sub("", words.sentence(row)))
    match row.verdict:
        case Verdict.FAIL:
            return f'{opening}><failure type="fail" message={message}/></testcase>'
        case Verdict.INVALID:
            return f'{opening}><error type="invalid" message={message}/></testcase>'
        case Verdict.INCONCLUSIVE:
            return f"{opening}><skipped message={message}/></testcase>"
        case Verdict.PASS:
            return f"{opening}/>"


def _whole(suite: str, report: Report) -> str:
    """Return a case for a run that is invalid though every contrast looks sound (the backend changed under it)."""
    if report.verdict is not Verdict.INVALID or any(row.verdict is Verdict.INVALID for row in report.contrasts):
        return ""
    message = quoteattr(_ILLEGAL.sub("", " ".join(report.notes) or "nothing was measured"))
    return f'  <testcase classname={quoteattr(suite)} name="run"><error type="invalid" message={message}/></testcase>\n'


def sarif(report: Report) -> str:
    """Return SARIF 2.1.0: a rule per metric, a result per contrast, a fingerprint that is stable over runs."""
    rules = [
        {
            "id": str(metric),
            "name": re.sub(r"\W", "", words.METRICS[metric][0].title()),
            "shortDescription": {"text": words.METRICS[metric][0]},
            "fullDescription": {"text": words.METRICS[metric][1]},
        }
        for metric in sorted({row.metric for row in report.contrasts})
    ]
    invocation = {
        "executionSuccessful": report.verdict is not Verdict.INVALID,
        "toolExecutionNotifications": [{"message": {"text": note}} for note in report.notes],
    }
    run = report.run
    log: dict[str, Any] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "sluice bias", "rules": rules}},
                "automationDetails": {"id": f"bias/{report.suite.name}/{run.digest.removeprefix('sha256:')[:16]}"},
                "results": [_result(report, row) for row in report.contrasts],
                "invocations": [invocation],
                "properties": {"suiteDigest": report.suite.digest, "seed": run.seed, "backend": run.backend},
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _result(report: Report, row: ContrastRow) -> dict[str, Any]:
    stable = hashlib.sha256(f"{report.suite.name}\x1f{row.id}".encode()).hexdigest()
    return {
        "ruleId": str(row.metric),
        "kind": _KIND[row.verdict],
        # SARIF asks for level "none" whenever the kind is not "fail".
        "level": _LEVEL[row.verdict] if row.verdict is Verdict.FAIL else "none",
        "message": {"text": words.sentence(row)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(report.suite.path)}}}],
        "partialFingerprints": {"biasContrast/v1": stable},
        "properties": {"verdict": str(row.verdict), "estimate": row.estimate, "pAdjusted": row.p_adjusted},
    }


def _uri(path: str) -> str:
    """Return a path as a relative URI; the file name alone when it is not relative."""
    return path.rsplit("/", 1)[-1] if path.startswith("/") else path.replace("\\", "/").replace(" ", "%20")
