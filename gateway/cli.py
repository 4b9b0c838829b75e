"""The command line: what the words mean; what they do is imported when it is asked for.

An error is one line on standard error that says what, where and what to do,
and a non-zero exit; never a traceback.
"""

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from gateway.exits import USAGE, ending

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the tagger's products are small: threads only wait for each other


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)  # noqa: T201
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return ending(partial(_run, list(sys.argv[1:] if argv is None else argv)))


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["bias"]:
        from gateway.bias_commands import main as bias

        return bias(arguments[1:])
    options = _parser().parse_args(arguments)
    if options.run == "serve":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nothing to reload yet, and the imports take their time
    from gateway import commands

    return int(getattr(commands, options.run)(options))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be a port: 0 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="sluice", description="A security and privacy gateway for LLM traffic.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    init = commands.add_parser("init", help="write a directory that runs: settings, policies, fresh keys")
    init.add_argument("dir", type=Path, metavar="DIR")
    init.add_argument("--upstream", metavar="URL", help="the backend that every dialect goes to")
    init.add_argument("--force", action="store_true", help="write settings and policies anew; keys are kept")
    init.set_defaults(run="init")

    serve = commands.add_parser("serve", help="run the gateway; SIGTERM drains, SIGHUP reloads the policy")
    _add_dir(serve)
    serve.add_argument("--host", help="address of the data port")
    serve.add_argument("--port", type=_port, help="data port; 0 takes a free one")
    serve.add_argument("--ops-port", type=_port, help="port of health, readiness and metrics; worker N adds N")
    serve.add_argument("--workers", type=_count, help="processes that share the data port")
    serve.set_defaults(run="serve")

    demo = commands.add_parser("demo", help="a short conversation with a stand-in model, from all sides")
    demo.set_defaults(run="demo")

    bench = commands.add_parser("bench", help="what the gateway adds on this machine, against a bare proxy")
    bench.add_argument("--seconds", type=_seconds, default=4.0, help="seconds of each measurement")
    bench.add_argument("--rounds", type=_count, default=3, help="times that both are measured, interleaved")
    bench.add_argument("--format", choices=("text", "json"), default="text")
    bench.set_defaults(run="bench")

    _add_token(commands)
    _add_policy(commands)
    _add_text(commands)
    _add_audit(commands)
    commands.add_parser("bias", help="plan, run, report and compare bias probes; see sluice bias --help")
    return parser


def _add_dir(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument("--dir", type=Path, required=required, metavar="DIR", help="directory made by sluice init")


def _add_token(commands: "argparse._SubParsersAction[_Parser]") -> None:
    token = commands.add_parser("token", help="tokens of the local issuer, for tests")
    verbs = token.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    mint = verbs.add_parser("mint", help="print a token and nothing else")
    _add_dir(mint)
    mint.add_argument("--subject", required=True)
    mint.add_argument("--tenant", required=True)
    mint.add_argument("--scope", action="append", default=[], help="may be given several times")
    mint.add_argument("--ttl", type=_count, default=3600, help="seconds (default 3600)")
    mint.set_defaults(run="token_mint")


def _add_policy(commands: "argparse._SubParsersAction[_Parser]") -> None:
    policy = commands.add_parser("policy", help="check, explain, test and compare policies")
    verbs = policy.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    check = verbs.add_parser("check", help="validate; every problem as file:line:column")
    check.add_argument("path", type=Path, metavar="PATH")
    _add_format(check)
    check.add_argument("--strict", action="store_true", help="warnings fail too")
    check.set_defaults(run="policy_check")
    explain = verbs.add_parser("explain", help="which rule decides what about a request file")
    explain.add_argument("path", type=Path, metavar="PATH")
    explain.add_argument("request", type=Path, metavar="REQUEST", help="a request body as JSON")
    explain.add_argument("--dialect", default="openai-chat")
    explain.add_argument("--model", help="where the dialect names it in its path, as Gemini's does")
    explain.add_argument("--tenant", default="default")
    explain.add_argument("--scope", action="append", default=[])
    explain.add_argument("--format", choices=("text", "json"), default="text")
    explain.set_defaults(run="policy_explain")
    test = verbs.add_parser("test", help="run policy tests")
    test.add_argument("files", type=Path, nargs="+", metavar="FILE")
    test.add_argument("--policy", type=Path, metavar="PATH", help="for files that name none (default: default.yaml)")
    _add_format(test)
    test.set_defaults(run="policy_test")
    diff = verbs.add_parser("diff", help="what changes between two policies, also on recorded exchanges")
    diff.add_argument("old", type=Path, metavar="OLD")
    diff.add_argument("new", type=Path, metavar="NEW")
    diff.add_argument(
        "--records", type=Path, help="what `audit list --format jsonl` printed; tells for whom something changes"
    )
    diff.set_defaults(run="policy_diff")
    schema = verbs.add_parser("schema", help="JSON Schema for editors")
    schema.add_argument("kind", nargs="?", choices=("policy", "dialect", "settings", "test"), default="policy")
    schema.set_defaults(run="policy_schema")


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "junit", "sarif"), default="text")


def _add_text(commands: "argparse._SubParsersAction[_Parser]") -> None:
    detect = commands.add_parser("detect", help="findings in standard input")
    _add_dir(detect, required=False)
    detect.add_argument("--jsonl", action="store_true", help='one {"text": ...} a line in, {"findings": [...]} out')
    detect.add_argument("--kind", choices=("pii", "injection"), default="pii")
    detect.set_defaults(run="detect")
    redact = commands.add_parser("redact", help="standard input rewritten by the policy, as a request is")
    _add_dir(redact, required=False)
    redact.add_argument("--map", type=Path, metavar="FILE", help="keep what is needed to restore, mode 0600")
    redact.set_defaults(run="redact")
    restore = commands.add_parser("restore", help="put the values of a map back into standard input")
    restore.add_argument("--map", type=Path, required=True, metavar="FILE")
    restore.set_defaults(run="restore")


def _add_audit(commands: "argparse._SubParsersAction[_Parser]") -> None:
    audit = commands.add_parser("audit", help="list, show and verify sealed records")
    verbs = audit.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    listing = verbs.add_parser("list", help="one line per exchange")
    _add_dir(listing)
    listing.add_argument("--format", choices=("text", "jsonl"), default="text")
    listing.add_argument("--tenant")
    listing.add_argument("--since", help="RFC 3339 time")
    listing.add_argument("--until", help="RFC 3339 time")
    listing.add_argument("--decision", choices=("allow", "redact", "deny"))
    listing.set_defaults(run="audit_list")
    show = verbs.add_parser("show", help="open an exchange's records with the private key; the reading is recorded")
    _add_dir(show)
    show.add_argument("exchange", metavar="EXCHANGE")
    show.add_argument("--key", type=Path, metavar="FILE", help="private key (default: the one in DIR/keys)")
    show.set_defaults(run="audit_show")
    verify = verbs.add_parser("verify", help="check the whole log without any key; name the first bad record")
    _add_dir(verify)
    verify.add_argument("--head", metavar="SEQUENCE:HASH", help="a head that an earlier run printed")
    verify.set_defaults(run="audit_verify")


if __name__ == "__main__":
    raise SystemExit(main())
