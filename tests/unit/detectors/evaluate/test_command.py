"""The command prints one report or one line that says what is wrong."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from detectors import evaluate
from detectors.detector import DetectorFailure, Finding


class Fixed:
    """Finds the first four characters of every text."""

    name = "fixed"
    entities = frozenset({"PERSON"})
    reach = context = lookahead = 4

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        if "fail" in texts:
            raise DetectorFailure("deadline")
        return [[Finding(0, 4, "PERSON", 0.9, "fixed")] for _ in texts]

    def settled(self, text: str) -> int:
        return 0


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("detectors.catalog")
    module.build = {"fixed": Fixed()}.__getitem__  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "detectors.catalog", module)
    monkeypatch.setattr("detectors.catalog", module, raising=False)


def data(tmp_path: Path, *texts: str) -> str:
    path = tmp_path / "data.jsonl"
    span = {"start": 0, "end": 4, "label": "PERSON"}
    path.write_text("".join(json.dumps({"text": t, "spans": [span]}) + "\n" for t in texts))
    return str(path)


def test_json_holds_scores_and_intervals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is complete and strict JSON."""
    assert evaluate.main(["--data", data(tmp_path, "Anna", "Otto"), "--detectors", "fixed", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["classes"][0]["iou75"]["recall"] == {"value": 1.0, "low": 1.0, "high": 1.0}


@pytest.mark.parametrize("form", [[], ["--markdown"]])
def test_tables_name_every_class(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: list[str]) -> None:
    """Text for terminals, markdown for the README."""
    assert evaluate.main(["--data", data(tmp_path, "Anna"), "--detectors", "fixed", *form]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("PERSON", "overall", "untyped"))


def test_faults_are_one_line_and_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bad data is 64, a detector that cannot decide is 1; no traceback."""
    assert evaluate.main(["--data", str(tmp_path / "absent"), "--detectors", "fixed"]) == 64
    assert evaluate.main(["--data", data(tmp_path, "Anna"), "--detectors", "unknown"]) == 64
    assert evaluate.main(["--data", data(tmp_path, "fail"), "--detectors", "fixed"]) == 1
    assert capsys.readouterr().err.count("\n") == 3


def test_a_block_of_a_readme_is_replaced_and_the_rest_is_kept(tmp_path: Path) -> None:
    """--into writes between the markers; run twice, the file stays the same."""
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- evaluate:x -->\nstale words\n<!-- /evaluate:x -->\nafter\n")
    arguments = ["--data", data(tmp_path, "Anna"), "--detectors", "fixed", "--into"]
    assert evaluate.main([*arguments, f"{readme}#x"]) == 0
    once = readme.read_text()
    assert evaluate.main([*arguments, f"{readme}#x"]) == 0
    assert readme.read_text() == once
    assert once.startswith("before\n<!-- evaluate:x -->\n\n`python") and once.endswith("<!-- /evaluate:x -->\nafter\n")
    assert "| PERSON |" in once and "stale words" not in once
    assert evaluate.main([*arguments, f"{readme}#absent"]) == 64
