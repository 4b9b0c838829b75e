"""Reports: complete, self-contained, valid in every form, and the command line around them."""

import csv
import io
import json
import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from detectors.bias.backend import Answer
from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.outcome import Metric, Reason, Verdict
from detectors.bias.plan import plan
from detectors.bias.report import ci, html, tables, telemetry
from detectors.bias.report.compare import compare, worst
from detectors.bias.report.make import report_of
from detectors.bias.report.model import ContrastRow, Dot, Report, ReportError, from_json
from detectors.bias.report.svg import Axis
from detectors.bias.report.write import FORMS, write
from detectors.bias.run import RunResult, run
from tests.unit.bias import small_suite
from tests.unit.bias.vendor_server import Reply, fair, unfair

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Direct:
    """A backend without a network."""

    name = "direct <b>&</b>"

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def ask(self, messages: object, seed: int) -> Answer:
        """Answer by the reply function."""
        return Answer(self._reply(messages[-1]["content"], seed, 0), fingerprint="m1")  # type: ignore[index]


async def observed(folder: Path, reply: Reply, *changes: tuple[str, str]) -> RunResult:
    """Run the small suite."""
    suite = load(small_suite.write(folder, *changes))
    return await run(plan(suite, expand(suite, 1), 1), Direct(reply))


@pytest.fixture
async def report(tmp_path: Path) -> Report:
    """The report of an unfair backend on a suite with a hostile title."""
    title = ('title: "Small: who is invited"', 'title: "<script>alert(1)</script> & co"')
    return report_of(evaluate(await observed(tmp_path, unfair, title)), WHEN)


def test_json_survives_a_round_trip(report: Report) -> None:
    """What is read back is what was written; NaN never appears."""
    text = report.to_json()
    assert from_json(text, "x") == report
    assert "NaN" not in text
    assert "Infinity" not in text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "sluice.bias-report/0"}', "x"])
def test_other_files_are_refused_as_reports(text: str) -> None:
    """With the file's name and what to give instead."""
    with pytest.raises(ReportError, match="x: "):
        from_json(text, "x")


def test_a_damaged_report_names_the_place(report: Report) -> None:
    """The first wrong value, by its path."""
    data = json.loads(report.to_json())
    data["contrasts"][0]["verdict"] = "maybe"
    with pytest.raises(ReportError, match="/contrasts/0/verdict"):
        from_json(json.dumps(data), "x")


class _Seen(HTMLParser):
    """Collects tags, and checks that they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.urls += [value or "" for key, value in attrs if key in ("src", "href", "action", "data", "srcset")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_self_contained(report: Report) -> None:
    """No script, no link, no address that a browser would fetch; the policy forbids it besides."""
    text = html.render(report)
    seen = _Seen()
    seen.feed(text)
    assert seen.open == []
    assert seen.urls == []
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|url\(|@import|//cdn", text)


def test_html_escapes_what_it_did_not_write(report: Report) -> None:
    """A suite's title or a backend's name is text, never markup."""
    text = html.render(report)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "direct &lt;b&gt;&amp;" in text


def test_html_says_everything_a_reader_needs(report: Report) -> None:
    """Verdict, intervals, margins, detectable effect, cases, refusals, noise, limits, method."""
    text = html.render(report)
    for words in (
        "At least one gap is shown", "Gaps and their uncertainty", "margin ±10.0 pp", "detectable", "Case by case",
        "Refused", "Unreadable", "Same question twice (A/A)", "What this does not show", "Made for tests.", "Method",
        "sha256:", "Tzioumis",
    ):  # fmt: skip
        assert words in text, words
    assert text.count('<circle class="case"') == sum(len(row.dots) for row in report.contrasts)
    assert "bootstrap −" in text
    assert "Beside reference" in text


async def test_every_form_survives_a_run_without_answers(tmp_path: Path) -> None:
    """Nothing could be parsed: every form is written, and says invalid."""
    report = report_of(evaluate(await observed(tmp_path, lambda *_: "perhaps")), WHEN)
    assert report.verdict is Verdict.INVALID
    paths = write(report, tmp_path / "out")
    assert {path.name for path in paths} == {name for name, _ in FORMS.values()}
    assert all(path.stat().st_size for path in paths)


def test_junit_counts_what_it_lists(report: Report) -> None:
    """Fail is a failure, invalid an error, inconclusive skipped."""
    root = ElementTree.fromstring(ci.junit(report))
    suite = root[0]
    assert int(suite.get("tests", "")) == len(suite)
    for kind, verdict in (("failure", Verdict.FAIL), ("error", Verdict.INVALID), ("skipped", Verdict.INCONCLUSIVE)):
        found = len(suite.findall(f"testcase/{kind}"))
        assert found == sum(row.verdict is verdict for row in report.contrasts)
        attribute = {"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]
        assert int(suite.get(attribute, "")) == found


def test_junit_fails_when_only_the_run_is_invalid(report: Report) -> None:
    """A changed backend under sound contrasts must not look green."""
    sound = replace(report, verdict=Verdict.INVALID, notes=("The backend changed.",))
    root = ElementTree.fromstring(ci.junit(sound))
    assert root[0].find("testcase[@name='run']/error") is not None


def test_sarif_has_the_shape_that_scanners_read(report: Report) -> None:
    """Version, rules that results refer to, levels that go with kinds, stable fingerprints."""
    log = json.loads(ci.sarif(report))
    (only,) = log["runs"]
    rules = {rule["id"] for rule in only["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0"
    for result in only["results"]:
        assert result["ruleId"] in rules
        assert (result["level"] == "error") == (result["kind"] == "fail")
        assert result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith("/")
    again = json.loads(ci.sarif(replace(report, run=replace(report.run, seed=9))))
    prints = [[r["partialFingerprints"] for r in log["runs"][0]["results"]] for log in (log, again)]
    assert prints[0] == prints[1]


def test_csv_is_tidy_and_runs_no_formula(report: Report) -> None:
    """One row per contrast; a cell that begins like a formula is text."""
    rows = list(csv.DictReader(io.StringIO(tables.contrasts_csv(report))))
    assert len(rows) == len(report.contrasts)
    assert float(rows[0]["estimate"]) == report.contrasts[0].estimate
    evil = replace(report, suite=replace(report.suite, name="=cmd()"))
    assert "'=cmd()" in tables.contrasts_csv(evil)


def test_the_impact_table_has_what_the_law_wants(report: Report) -> None:
    """Number, rate, ratio against the highest, unknown and small categories."""
    rows = {row["category"]: row for row in csv.DictReader(io.StringIO(tables.impact_csv(report)))}
    assert set(rows) == {"man", "woman"}
    assert float(rows["man"]["impact_ratio"]) == 1.0
    assert float(rows["woman"]["impact_ratio"]) < 0.8
    assert rows["woman"]["rate_kind"] == "selection"


def test_markdown_is_one_table_with_the_worst_first(report: Report) -> None:
    """Fail before inconclusive before pass; hostile text is neutralised."""
    text = tables.markdown(report)
    lines = [line for line in text.splitlines() if line.startswith("| ❌") or line.startswith("| ❔")]
    assert lines
    assert lines == sorted(lines, key=lambda line: "❌❔".index(line[2]))
    assert "<b>" not in text


def test_axes_hold_all_numbers() -> None:
    """Symmetric about zero, with a few round ticks."""
    axis = Axis.around([0.3, -0.1, None, float("inf")], 0.15)
    assert axis.low == -axis.high
    assert axis.high >= 0.3
    assert 3 <= len(axis.ticks()) <= 9
    assert axis.at(-9) >= 0
    assert axis.at(9) <= 100


async def test_before_and_after_are_compared(tmp_path: Path) -> None:
    """Unfair to fair improves, fair to unfair worsens, equal is not shown."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    bad = report_of(evaluate(await observed(tmp_path / "a", unfair)), WHEN)
    good = report_of(evaluate(await observed(tmp_path / "b", fair)), WHEN)
    assert worst(compare(bad, good)) is Verdict.PASS
    assert worst(compare(good, bad)) is Verdict.FAIL
    assert worst(compare(good, good)) is Verdict.INCONCLUSIVE
    assert worst(()) is Verdict.INVALID


def test_telemetry_has_values_and_no_text(report: Report) -> None:
    """One event per contrast, a span that names suite, seed and backend, and finite numbers only."""
    found = list(telemetry.events(report))
    assert len(found) == len(report.contrasts)
    assert {event["gen_ai.evaluation.score.label"] for event in found} >= {"fail"}
    span = telemetry.span_attributes(report, "schedule")
    assert span["bias.suite.digest"] == report.suite.digest
    assert span["bias.trigger"] == "schedule"
    measured = list(telemetry.measurements(report))
    assert {m.name for m in measured} >= {"bias.probe.gap", "bias.probe.calls", "bias.probe.unparsed_ratio"}
    assert all(math.isfinite(m.value) for m in measured)
    assert "task number" not in repr((found, span, measured))


def test_cases_of_an_impact_ratio_are_shown_as_gaps_in_rates(report: Report) -> None:
    """A case has no ratio of its own: its dot is in percentage points, and shown once where the gap is there, too."""
    dots = (Dot("one", -0.7), Dot("two", 0.1))
    row = ContrastRow(
        "decision", Metric.IMPACT_RATIO, "f", "x", "b", "a", 0.223, -0.5, -0.9, -0.1, 0.95, None, None, None, None,
        0.01, 0.01, 100, 2, 0, 0.3, None, Verdict.FAIL, (Reason.GAP_SHOWN,), dots,
    )  # fmt: skip
    shown = html._cases(replace(report, contrasts=(row,)))
    assert "one −70.0 pp" in shown
    assert "Gap in favourable answers" in shown
    both = replace(report, contrasts=(row, replace(row, metric=Metric.SELECTION_RATE_GAP, estimate=-0.3)))
    assert html._cases(both).count("one −70.0 pp") == html._cases(both).count("farthest") == 1
    alike = replace(row, dots=(Dot("one", 0.0), Dot("two", 0.0)))
    assert "all cases alike" in html._cases(replace(report, contrasts=(alike,)))


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_real_browser_draws_it_and_asks_nobody(report: Report, tmp_path: Path) -> None:
    """Chromium lays the page out, its plots have places, nothing is wider than the window, and no address is asked."""
    assert CHROMIUM is not None
    page, log = tmp_path / "report.html", tmp_path / "net.json"
    script = "document.title=document.body.scrollWidth+' '+document.querySelectorAll('svg circle').length"
    # The page forbids scripts, as it should: the probe goes into a copy without that rule.
    text = html.render(report)
    page.write_text(text, encoding="utf-8")
    probe = tmp_path / "probe.html"
    probe.write_text(
        re.sub("<meta http-equiv[^>]*>", "", text).replace("</body>", f"<script>{script}</script></body>"), "utf-8"
    )
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1200,900",
             f"--user-data-dir={tmp_path}/u"]  # fmt: skip
    shot = tmp_path / "shot.png"
    subprocess.run([CHROMIUM, *flags, f"--screenshot={shot}", f"--log-net-log={log}", page.as_uri()], check=True,
                   capture_output=True, timeout=120)  # fmt: skip
    assert shot.stat().st_size > 20_000, "a blank page is smaller"
    asked = set(re.findall(r'"url":"(https?://[^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    own = ("google.com/", "gvt1.com/")  # what a browser asks of its maker, whatever the page
    assert [url for url in asked if not any(host in url for host in own)] == []
    drawn = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", probe.as_uri()], check=True, capture_output=True, timeout=120
    ).stdout.decode()
    width, circles = map(int, re.search(r"<title>(\d+) (\d+)</title>", drawn).groups())  # type: ignore[union-attr]
    assert width <= 1200
    assert circles >= sum(len(row.dots) for row in report.contrasts)


@pytest.mark.parametrize(("level", "change"), [(0.95, "improved"), (0.994, "not shown")])
def test_a_difference_is_judged_at_its_family_s_level(report: Report, level: float, change: str) -> None:
    """Fourteen cases whose gaps shrink a little: enough for one contrast, too little for one of eight."""
    noise = [(-1) ** case * 0.12 * (case % 3) for case in range(14)]
    first = tuple(Dot(str(case), -0.3) for case in range(14))
    second = tuple(Dot(str(case), -0.2 + wobble) for case, wobble in enumerate(noise))
    row = replace(
        report.contrasts[0], metric=Metric.SELECTION_RATE_GAP, level=level, estimate=-0.3, dots=first, p_adjusted=0.01
    )
    later = replace(row, estimate=sum(dot.gap for dot in second) / 14, dots=second, p_adjusted=0.5)
    (found,) = compare(replace(report, contrasts=(row,)), replace(report, contrasts=(later,)))
    assert found.change == change
    assert found.shift == pytest.approx(abs(later.estimate or 0.0) - 0.3)
