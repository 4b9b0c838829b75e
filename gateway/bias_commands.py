"""`sluice bias`: the bias library's commands, with a gateway's directory to keep what they find in.

Exit codes are those of the probes; what the directory refuses is wrong usage (64).
"""

import sys
from collections.abc import Sequence

from detectors.bias import cli
from gateway.bias_keeper import Keeper
from gateway.errors import DependencyError, PolicyError
from gateway.watch_commands import watch


def main(argv: Sequence[str]) -> int:
    """Run a command of ``sluice bias``; return the exit code."""
    try:
        return watch(argv[1:]) if argv[:1] == ["watch"] else cli.main(argv, Keeper(print))
    except PolicyError as error:
        return _refused(*error.problems)
    except DependencyError as error:
        return _refused(error.detail)


def _refused(*problems: str) -> int:
    for problem in problems:
        print(f"sluice bias: {problem}", file=sys.stderr)  # noqa: T201
    return cli.USAGE
