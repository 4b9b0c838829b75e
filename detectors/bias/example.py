"""The example of `README.md`, made by one command: ``python -m detectors.bias.example``.

Runs built-in suites against stand-ins whose bias is known, with and without
every lever, and writes the results into the README between its markers, and the
whole report beside it. Needs no network and takes about a minute.
"""

import asyncio
import contextlib
import io
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from detectors.bias import levers, standins
from detectors.bias.evaluate import evaluate
from detectors.bias.expand import expand
from detectors.bias.loader import load
from detectors.bias.plan import plan
from detectors.bias.plan_text import as_text
from detectors.bias.report import html, tables
from detectors.bias.report.make import report_of
from detectors.bias.run import Settings, run

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- example: begin -->", "<!-- example: end -->"

#: The report of a fixed run has a fixed date, so that making it again changes nothing.
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    """Write the example; return the exit code."""
    # From the checkout's folder, so that paths read as a user would write them.
    os.chdir(HERE.parents[1])
    readme = HERE / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme.write_text(f"{head}{BEGIN}\n\n{example()}\n{END}{tail}", encoding="utf-8")
    sys.stdout.write(f"{readme}\n")
    return 0


def example() -> str:
    """Return the example as Markdown; writes the HTML report."""
    suite = load(Path("policies/bias/hiring.yaml"))
    made = plan(suite, expand(suite, 1), 1)
    backend = levers.stand_in(standins.INSTRUCTION_SENSITIVE, suite)
    report = report_of(evaluate(asyncio.run(run(made, backend, settings=Settings(first_delay=0.0)))), _WHEN)
    (HERE / "example.html").write_text(html.render(report), encoding="utf-8")
    parts = [
        "The backend here is a stand-in with a known bias: it invites applicants with white names 80 times in 100, all",
        "others 60 times, and obeys an instruction against bias. First the plan:",
        "",
        _code(_first_lines(as_text(made), 16)),
        "",
        "Then the run, as the summary that goes into a pull request (the whole report: [example.html](example.html)):",
        "",
        _first_lines(tables.markdown(report).replace("\n## ", "\n#### ").replace("## ", "#### ", 1), 18),
        "",
        "Each lever, before and after, on the same questions:",
        "",
        _code(_levers("hiring", standins.INSTRUCTION_SENSITIVE.name, "blinding", "ensembling", "instruction")),
        "",
        "A backend that ignores the instruction, and one that overdoes it:",
        "",
        _code(_levers("hiring", standins.INSTRUCTION_BLIND.name, "instruction")),
        "",
        _code(_levers("hiring", standins.OVER_CORRECTING.name, "instruction")),
        "",
        "A ranking backend that prefers whoever stands first, without and with shuffling:",
        "",
        _code(_levers("ranking", standins.POSITION_BIASED.name, "shuffling")),
        "",
    ]
    return "\n".join(parts)


def _levers(suite: str, law: str, *names: str) -> str:
    """Return what ``sluice bias levers`` prints."""
    chosen = [argument for name in names for argument in ("--lever", name)]
    arguments = [f"policies/bias/{suite}.yaml", "--stand-in", law, *chosen]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        levers.main(arguments)
    return f"$ sluice bias levers {' '.join(arguments)}\n{printed.getvalue()}"


def _first_lines(text: str, count: int) -> str:
    lines = text.rstrip("\n").splitlines()
    return "\n".join([*lines[:count], *(["..."] if len(lines) > count else [])])


def _code(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


if __name__ == "__main__":
    sys.exit(main())
