"""``python -m tests.clients_table``: plays the official clients through the gateway and prints what held, as a table.

With ``--write FILE`` the table replaces what stands between ``<!-- clients -->`` and
``<!-- /clients -->`` in that file.
"""

import argparse
import re
import sys
from collections.abc import Generator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from tests.support.clients import FEATURES

MARKS = ("<!-- clients -->", "<!-- /clients -->")
_HEADS = {
    "stream_tools": "streamed tools",
    "structured": "structured output",
    "refused_midway": "refused in mid-stream",
}
_PACKAGES = re.compile(r"[a-z-]+")


class Collector:
    """A pytest plugin: the outcome of every test of a client, by client and feature."""

    def __init__(self) -> None:
        self.outcomes: dict[str, dict[str, str]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Note one outcome."""
        outcome = yield
        report = outcome.get_result()
        name = getattr(getattr(item, "cls", None), "NAME", "")
        if not name or not (report.when == "call" or report.outcome != "passed"):
            return
        said = {"passed": "yes", "failed": "**no**"}.get(report.outcome, "")
        if report.outcome == "skipped":
            said = "–" if "not offered" in str(report.longrepr) else "not run"
        self.outcomes.setdefault(name, {})[item.name.removeprefix("test_")] = said


def table(outcomes: dict[str, dict[str, str]]) -> str:
    """Return the table, in Markdown."""
    heads = ["client", *(_HEADS.get(feature, feature) for feature in FEATURES)]
    rows = [heads, ["---"] * len(heads)]
    for name, found in sorted(outcomes.items()):
        rows.append([_versioned(name), *(found.get(feature, "not run") for feature in FEATURES)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _versioned(name: str) -> str:
    match = _PACKAGES.match(name)
    if match is None or "Node" in name:
        return name
    try:
        return name.replace(match.group(), f"{match.group()} {version(match.group())}", 1)
    except PackageNotFoundError:
        return name


def replaced(page: str, block: str) -> str:
    """Return a page with the block between its marks. Raises `ValueError` when it has none."""
    before, begin, rest = page.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not begin or not end:
        raise ValueError(f"no {MARKS[0]} ... {MARKS[1]} in it")
    return f"{before}{begin}\n{block}\n{end}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients_table", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="a page to put the table into")
    options = parser.parse_args(arguments)
    collector = Collector()
    tests = sorted(str(path) for path in (Path(__file__).parent / "e2e").glob("test_clients_*.py"))
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *tests], plugins=[collector])
    block = table(collector.outcomes)
    sys.stdout.write(f"\n{MARKS[0]}\n{block}\n{MARKS[1]}\n")
    if options.write is not None:
        options.write.write_text(replaced(options.write.read_text(), block))
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
