"""The file of verdicts: whole or not at all, and nothing in it is guessed."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from detectors.bias.outcome import Verdict
from gateway.adapters.verdict_file import VerdictFile, append, load
from gateway.core.verdicts import ProbeRun
from gateway.errors import PolicyError

RUN = ProbeRun("hiring", "sha256:0", 1, "main", "gpt-4o", "m1", 100, Verdict.FAIL, 1e6)


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    """In order; without a file there are none."""
    path = tmp_path / "verdicts.json"
    assert load(path).runs == ()
    append(path, RUN)
    assert load(path).runs == (RUN,)
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".new"] == []


def test_probes_that_end_together_lose_nothing(tmp_path: Path) -> None:
    """Each waits for the other's turn."""
    path = tmp_path / "verdicts.json"
    runs = [ProbeRun(f"s{n}", "d", 1, "", "m", "", 1, Verdict.PASS, float(n)) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda run: append(path, run), runs))
    assert set(load(path).runs) == set(runs)


def test_a_change_is_seen_once_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    """What cannot be read leaves the verdicts in force, and is told once."""
    path = tmp_path / "verdicts.json"
    file = VerdictFile(path)
    append(path, RUN)
    assert file.changed()
    file.refresh()
    assert not file.changed()
    path.write_text("{")
    assert file.changed()
    with pytest.raises(PolicyError, match="is not JSON"):
        file.refresh()
    assert not file.changed()
    assert file.current.runs == (RUN,)


BAD: list[tuple[Any, str]] = [
    ([], "version"),
    ({"version": "sluice.bias-verdicts/2", "runs": []}, "version"),
    ({"version": "sluice.bias-verdicts/1"}, "version"),
    ({"runs": [{}]}, "runs\\[0\\]"),
    ({"verdict": "passed"}, "wrong kind"),
    ({"verdict": ["pass"]}, "wrong kind"),
    ({"time": "now"}, "wrong kind"),
    ({"calls": 1.5}, "wrong kind"),
    ({"seed": True}, "wrong kind"),
    ({"model": None}, "wrong kind"),
    ({"more": 1}, "other keys"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD, ids=[str(bad)[:40] for bad, _ in BAD])
def test_what_is_not_a_verdict_is_refused(tmp_path: Path, wrong: Any, message: str) -> None:
    """With the file, the run and what to do."""
    path = tmp_path / "verdicts.json"
    append(path, RUN)
    data = json.loads(path.read_text())
    if isinstance(wrong, dict) and "version" not in wrong and "runs" not in wrong:
        data["runs"][0] |= wrong
    elif isinstance(wrong, dict) and "runs" in wrong and "version" not in wrong:
        data |= wrong
    else:
        data = wrong
    path.write_text(json.dumps(data))
    with pytest.raises(PolicyError, match=message):
        load(path)
