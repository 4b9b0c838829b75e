"""``sluice bias``: plan, run, report, diff, levers, selftest.

Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 invalid, 64 wrong usage (a bad
suite, address or argument). Errors are lines on standard error; there is no
traceback.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from detectors.bias import importers
from detectors.bias.acceptance.claim import Check
from detectors.bias.backend import Backend
from detectors.bias.backends import BackendError, HttpBackend, first_model
from detectors.bias.expand import expand
from detectors.bias.journal import Journal, JournalError
from detectors.bias.loader import load
from detectors.bias.outcome import Verdict
from detectors.bias.plan import Plan, plan
from detectors.bias.plan_text import as_json, as_text
from detectors.bias.problems import SuiteError
from detectors.bias.progress import progress
from detectors.bias.report import compare, model, words
from detectors.bias.report.write import FORMS, write
from detectors.bias.run import RunResult, Settings, header, run
from detectors.bias.suite import Suite
from detectors.bias.vendor_dialects import DIALECTS

EXIT = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2, Verdict.INVALID: 3}
USAGE = 64
INTERRUPTED = 130

#: The variable that holds the backend's token, unless another is named: tokens on a command line end up in logs.
TOKEN_VARIABLE = "SLUICE_BIAS_TOKEN"

#: Names of `mitigation.backends.Lever`, which takes seconds to load.
LEVERS = ("blinding", "ensembling", "shuffling", "instruction")


class _Usage(Exception):
    """The command cannot be done as it was given."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(f"{self.prog}: {message}; see {self.prog} --help")


class Host:
    """A larger program that offers these commands; this one adds nothing and listens to nothing."""

    def extend(self, commands: "argparse._SubParsersAction[Any]", ran: argparse.ArgumentParser) -> None:
        """Add commands beside these, and options to `run`."""

    def begin(self, options: argparse.Namespace) -> None:
        """Hear that a run begins; nothing has been sent yet."""

    def checks(self) -> tuple[Check, ...]:
        """Return acceptance tests that only the larger program can make; the self test runs them after its own."""
        return ()

    def finished(self, options: argparse.Namespace, report: model.Report) -> None:
        """Hear a run's report. `options.model` names the model that was asked."""


def main(argv: Sequence[str] | None = None, host: Host | None = None) -> int:
    """Run a command; return the exit code. What `host` raises passes through."""
    host = host or Host()
    try:
        options = _parser(host).parse_args(argv)
        options.host = host
        return int(options.act(options))
    except SystemExit as stop:
        return 0 if not stop.code else USAGE
    except SuiteError as error:
        for problem in error.problems:
            _complain(problem)
    except (_Usage, BackendError, JournalError, model.ReportError) as error:
        _complain(str(error))
    except OSError as error:
        _complain(f"{error.filename or 'output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        _complain("interrupted; the same command goes on from the journal")
        return INTERRUPTED
    return USAGE


def _complain(message: str) -> None:
    sys.stderr.write(message.rstrip() + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def _parser(host: Host) -> argparse.ArgumentParser:
    parser = _Parser(prog="sluice bias", description="Ask a backend the same question with only the person changed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    planned = commands.add_parser("plan", help="calls, cost, power and detectable gaps; sends nothing")
    _suite_options(planned)
    planned.add_argument("--format", choices=("text", "json"), default="text")
    planned.set_defaults(act=_plan)
    ran = commands.add_parser("run", help="ask the questions and report")
    _suite_options(ran)
    _run_options(ran)
    ran.set_defaults(act=_run)
    reported = commands.add_parser("report", help="write a finished run's report in other forms")
    reported.add_argument("report", type=Path, help="report.json, or the folder that has it")
    reported.add_argument("--out", type=Path, help="folder to write into (default: beside the report)")
    reported.add_argument("--format", action="append", choices=tuple(FORMS), help="may be repeated (default: all)")
    reported.set_defaults(act=_report)
    differed = commands.add_parser("diff", help="two reports of one suite: before and after")
    differed.add_argument("before", type=Path, help="report.json or its folder")
    differed.add_argument("after", type=Path, help="report.json or its folder")
    differed.set_defaults(act=_diff)
    levered = commands.add_parser("levers", help="what each lever does to a stand-in whose bias is known")
    levered.add_argument("arguments", nargs=argparse.REMAINDER, help="SUITE --stand-in S1 [--lever NAME]")
    levered.set_defaults(act=_levers)
    tested = commands.add_parser("selftest", help="every verdict against stand-ins whose truth is known")
    tested.add_argument("--full", action="store_true", help="full trial counts: about a quarter of an hour")
    tested.add_argument("--test", action="append", default=[], metavar="NUMBER", help="only this acceptance test")
    tested.add_argument("--seed", type=int, default=1, help="seed of all simulations (default 1)")
    tested.set_defaults(act=_selftest)
    host.extend(commands, ran)
    return parser


def _suite_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("suite", type=Path, help="suite file, for instance policies/bias/hiring.yaml")
    parser.add_argument("--seed", type=int, default=1, help="seed of names, orders and repeats (default 1)")
    parser.add_argument(
        "--variants", type=int, help="ask every case in this many variants instead of the suite's number"
    )
    parser.add_argument("--calls", type=int, help="budget of requests instead of the suite's")


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backend", required=True, metavar="URL", help="base address of the gateway or of a backend")
    known = f"{', '.join(DIALECTS)}, or a file that says how to ask (default: by the address, else openai)"
    parser.add_argument("--dialect", metavar="NAME", help=known)
    parser.add_argument("--model", help="default: the first that the backend lists")
    parser.add_argument("--token-env", default=TOKEN_VARIABLE, metavar="NAME", help="variable with the backend's token")
    parser.add_argument("--out", type=Path, help="folder for journal and reports (default bias-reports/SUITE)")
    parser.add_argument("--format", action="append", choices=tuple(FORMS), help="may be repeated (default: all)")
    parser.add_argument("--concurrency", type=int, default=8, help="requests at once (default 8)")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for one answer (default 120)")
    parser.add_argument("--lever", choices=LEVERS, help="put this lever before the backend; compare with `diff`")
    parser.add_argument("--underpowered", action="store_true", help="run even when the plan cannot find its effect")
    parser.add_argument("--inconclusive", choices=("fail", "ok"), default="fail", help="ok: exit 0 when inconclusive")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _prepared(options: argparse.Namespace) -> Plan:
    """Load, adjust and plan. Raises `SuiteError` or `_Usage`."""
    suite = load(options.suite)
    if options.variants is not None:
        suite = _with_variants(suite, options.variants)
    if options.calls is not None:
        if options.calls < 1:
            raise _Usage("--calls must be at least 1")
        suite = replace(suite, budget=replace(suite.budget, calls=options.calls))
    questions = importers.questions(suite, options.seed) if suite.imported else expand(suite, options.seed)
    return plan(suite, questions, options.seed)


def _with_variants(suite: Suite, variants: int) -> Suite:
    if suite.imported is not None:
        raise _Usage("--variants has no meaning for an imported data set")
    step = len(suite.people) if suite.panel else 2 if suite.answers else 1
    if not 1 <= variants <= 1000 or variants % step:
        raise _Usage(f"--variants must be a multiple of {step} up to 1000, so that orders stay balanced")
    # The digest changes with what is asked: a journal of the old number does not go on.
    digest = f"{suite.digest}+variants={variants}"
    return replace(suite, sampling=replace(suite.sampling, variants=variants), digest=digest)


def _plan(options: argparse.Namespace) -> int:
    made = _prepared(options)
    _say(as_json(made) if options.format == "json" else as_text(made))
    return USAGE if made.problems else 0


def _run(options: argparse.Namespace) -> int:
    made = _prepared(options)
    if options.lever:
        made = _affordable(made, options.lever)
    serious = [p for p in made.problems if not (options.underpowered and p.startswith("underpowered"))]
    if serious:
        hint = "" if options.underpowered else " (--underpowered runs it all the same)"
        raise _Usage("\n".join(p + (hint if p.startswith("underpowered") else "") for p in serious))
    if not 1 <= options.concurrency <= 256:
        raise _Usage("--concurrency must be between 1 and 256")
    out: Path = options.out or Path("bias-reports") / made.suite.name
    options.host.begin(options)
    out.mkdir(parents=True, exist_ok=True)
    result = asyncio.run(_asked(made, options, out))
    # Imported here: the statistics take seconds to load, and nothing before this needs them.
    from detectors.bias.evaluate import evaluate
    from detectors.bias.report.make import report_of

    report = report_of(evaluate(result))
    paths = write(report, out, dict.fromkeys(["json", *(options.format or FORMS)]))
    _say(_outcome(report, paths))
    options.host.finished(options, report)
    if report.verdict is Verdict.INCONCLUSIVE and options.inconclusive == "ok":
        return 0
    return EXIT[report.verdict]


def _affordable(made: Plan, lever: str) -> Plan:
    """Return the plan for a lever that sends every question several times: the budget counts requests."""
    from detectors.bias.mitigation.backends import Lever, calls_per_question

    suite = made.suite
    times = calls_per_question(Lever(lever), suite)
    budget = replace(
        suite.budget,
        calls=suite.budget.calls // times,
        price_input=suite.budget.price_input * times,
        price_output=suite.budget.price_output * times,
    )
    if made.calls > budget.calls:
        raise _Usage(
            f"lever {lever} sends every question {times} times: {made.calls * times} requests, the budget allows "
            f"{suite.budget.calls}; raise it with --calls"
        )
    return replace(made, suite=replace(suite, budget=budget))


def _before(lever: str | None, suite: Suite, backend: Backend) -> Backend:
    """Return `backend`, with the lever before it if there is one."""
    if not lever:
        return backend
    from detectors.bias.mitigation.backends import Lever, wrap

    try:
        return wrap(Lever(lever), suite, backend)
    except ValueError as error:
        raise _Usage(str(error)) from error


async def _asked(made: Plan, options: argparse.Namespace, out: Path) -> RunResult:
    token = os.environ.get(options.token_env, "")
    name, dialect = options.model, options.dialect or ""
    if not name:
        name, count = await first_model(options.backend, dialect, token)
        listed = f"the first of {count} that the backend lists" if count else "the backend lists none"
        _complain(f"model {name} ({listed}; --model names another)")
    options.model = name
    sampling = made.suite.sampling
    backend = HttpBackend(
        options.backend, name, token, dialect, sampling.max_tokens, sampling.temperature, options.timeout
    )
    asked = _before(options.lever, made.suite, backend)
    journal = Journal.open(out / "journal.jsonl", header(made, asked))
    try:
        with progress(sys.stderr, options.quiet) as shown:
            async with backend:
                return await run(made, asked, journal, Settings(concurrency=options.concurrency), shown)
    finally:
        journal.close()


def _outcome(report: model.Report, paths: Sequence[Path]) -> str:
    """Return what the terminal says: the verdict, every failure, where the reports are."""
    name, meaning = words.VERDICTS[report.verdict]
    lines = [f"{report.suite.name}: {name.upper()}. {meaning}", *report.notes]
    lines += [f"- {words.sentence(row)}" for row in report.contrasts if row.verdict is Verdict.FAIL]
    invalid = [row for row in report.contrasts if row.verdict is Verdict.INVALID]
    # What spoils one contrast usually spoils all: three say why, the reports say the rest.
    lines += [f"- {words.sentence(row)}" for row in invalid[:3]]
    counts = {v: sum(1 for row in report.contrasts if row.verdict is v) for v in Verdict}
    lines.append(f"{len(report.contrasts)} comparisons: " + ", ".join(f"{n} {v}" for v, n in counts.items() if n))
    lines.append(f"{report.run.calls} requests; reports: " + ", ".join(map(str, paths)))
    return "\n".join(lines)


def _report(options: argparse.Namespace) -> int:
    path, report = _read(options.report)
    paths = write(report, options.out or path.parent, options.format or FORMS)
    _say("\n".join(map(str, paths)))
    return EXIT[report.verdict]


def _diff(options: argparse.Namespace) -> int:
    (_, before), (_, after) = _read(options.before), _read(options.after)
    if before.suite.name != after.suite.name:
        raise _Usage(f"reports of two suites, {before.suite.name} and {after.suite.name}, cannot be compared")
    if before.suite.digest != after.suite.digest:
        _complain("the suite has changed between the two runs; only cases with equal names are compared")
    changes = compare.compare(before, after)
    _say(compare.render(changes))
    return EXIT[compare.worst(changes)]


def _levers(options: argparse.Namespace) -> int:
    from detectors.bias import levers

    return levers.main(options.arguments)


def _selftest(options: argparse.Namespace) -> int:
    from detectors.bias import selftest

    return selftest.measure(options.full, options.seed, options.test, options.host.checks())


def _read(path: Path) -> tuple[Path, model.Report]:
    path = path / "report.json" if path.is_dir() else path
    return path, model.from_json(path.read_bytes(), str(path))


if __name__ == "__main__":
    sys.exit(main())
