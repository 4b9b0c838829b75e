"""What the commands do, one function each. Options are as `gateway.cli` parsed them."""

import json
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from gateway import audit_commands, policy_commands
from gateway.adapters.keys_file import AUDIT_PRIVATE
from gateway.adapters.whole_file import write_whole
from gateway.core.exchange import Principal
from gateway.errors import PolicyError
from gateway.policy.report import Format
from gateway.policy_tools import local_find, local_tools
from gateway.scaffold import init as scaffold_init
from gateway.scaffold import local_issuer, packaged_policies
from gateway.settings import load_settings


def init(options: Namespace) -> int:
    """Write a directory that runs."""
    scaffold_init(options.dir, options.upstream, options.force)
    say(f"{options.dir} is ready. Next: sluice serve --dir {options.dir}")
    return 0


def serve(options: Namespace) -> int:
    """Run the gateway."""
    from gateway.workers import run

    settings = load_settings(options.dir)
    listen = settings.listen
    listen = replace(
        listen,
        host=options.host or listen.host,
        port=listen.port if options.port is None else options.port,
        ops_port=listen.ops_port if options.ops_port is None else options.ops_port,
    )
    return run(replace(settings, listen=listen, workers=options.workers or settings.workers))


def demo(options: Namespace) -> int:
    """Show a conversation from all sides."""
    del options
    from gateway.demo import run

    return run()


def bench(options: Namespace) -> int:
    """Measure what the gateway adds."""
    from gateway.bench import run

    return run(options.seconds, options.rounds, options.format)


def token_mint(options: Namespace) -> int:
    """Print a token of the local issuer and nothing else."""
    issuer = local_issuer(load_settings(options.dir))
    print(issuer.mint(options.subject, options.tenant, options.scope, options.ttl))  # noqa: T201
    return 0


def policy_check(options: Namespace) -> int:
    """Validate a policy."""
    return _put(policy_commands.check(options.path, Format(options.format), strict=options.strict))


def policy_schema(options: Namespace) -> int:
    """Print a JSON Schema."""
    return _put(policy_commands.schema(options.kind))


def policy_explain(options: Namespace) -> int:
    """Say which route and which rules decide what about a request file."""
    try:
        request = options.request.read_bytes()
    except OSError as error:
        raise PolicyError((f"{options.request}: cannot be read: {error.strerror}",)) from None
    return _put(
        policy_commands.explain(
            options.path,
            request,
            dialect=options.dialect,
            principal=Principal("explain", options.tenant, frozenset(options.scope)),
            find=local_find(),
            model=options.model,
            form=Format(options.format),
        )
    )


def policy_test(options: Namespace) -> int:
    """Run policy tests."""
    policy = options.policy or packaged_policies() / "default.yaml"
    return _put(policy_commands.run_tests(policy, options.files, local_tools(), Format(options.format)))


def policy_diff(options: Namespace) -> int:
    """Compare two policies."""
    return _put(policy_commands.diff(options.old, options.new, options.records))


def _put(output: policy_commands.Output) -> int:
    print(output.text)  # noqa: T201
    return output.code


def audit_list(options: Namespace) -> int:
    """List exchanges."""
    return audit_commands.list_records(
        _log(options.dir),
        sys.stdout,
        tenant=options.tenant,
        since=options.since,
        until=options.until,
        decision=options.decision,
        format=options.format,
    )


def audit_show(options: Namespace) -> int:
    """Open an exchange's records."""
    settings = load_settings(options.dir)
    key = options.key or settings.stores.keys / AUDIT_PRIVATE
    return audit_commands.show(settings.stores.audit, options.exchange, key, sys.stdout)


def audit_verify(options: Namespace) -> int:
    """Check the whole log."""
    from gateway.audit_progress import watched

    with watched(sys.stderr) as watch:
        report = audit_commands.check(_log(options.dir), head=options.head, watch=watch)
    return audit_commands.told(report, sys.stdout)


def _log(directory: Path) -> Path:
    path = load_settings(directory).stores.audit
    if not path.exists():
        raise PolicyError((f"{path}: no audit log yet; it is made when the gateway first runs",))
    return path


def detect(options: Namespace) -> int:
    """Print findings in standard input."""
    from gateway.text_commands import detect as run

    return run(sys.stdin.buffer, sys.stdout, kind=options.kind, jsonl=options.jsonl, directory=options.dir)


def redact(options: Namespace) -> int:
    """Rewrite standard input as a request is rewritten."""
    from gateway.text_commands import redact as run

    text, values = run(_stdin(), options.dir)
    if options.map is not None:
        try:
            write_whole(options.map, json.dumps(values).encode())
        except OSError as error:
            raise PolicyError((f"--map: {options.map}: cannot be written: {error.strerror}",)) from None
    sys.stdout.write(text)
    return 0


def restore(options: Namespace) -> int:
    """Put values back."""
    from gateway.text_commands import checked_map
    from gateway.text_commands import restore as run

    try:
        values = json.loads(options.map.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        values = None
    sys.stdout.write(run(_stdin(), checked_map(values, options.map)))
    return 0


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError((f"standard input: not UTF-8 at byte {error.start}",)) from None


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is for results."""
    print(text, file=sys.stderr)  # noqa: T201
