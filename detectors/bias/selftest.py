"""The acceptance tests as a command: every verdict against a truth that is known.

``python -m detectors.bias.selftest`` runs a fast subset, ``--full`` the trial
counts at which the published error rates were measured. Exit code 0 when every
claim holds, 1 when one does not, 64 for wrong usage.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from detectors.bias.acceptance import calibration, end_to_end, gaps, levers, operation, published, scores
from detectors.bias.acceptance.claim import FAST, FULL, Check, Claim

CHECKS: tuple[Check, ...] = (
    *gaps.CHECKS, *scores.CHECKS, *calibration.CHECKS, *levers.CHECKS, *end_to_end.CHECKS,
    *operation.CHECKS, *published.CHECKS,
)  # fmt: skip

_HEADER = ("test", "stand-in", "truth", "claim", "measured", "required", "trials", "")
_WIDTHS = (4, 8, 36, 42, 9, 12, 6, 4)


def claims(full: bool, seed: int = 1, only: Sequence[str] = (), more: Sequence[Check] = ()) -> Iterator[Claim]:
    """Yield each claim as it is measured; `only` names acceptance tests, all by default, of these and `more`."""
    scale = FULL if full else FAST
    for check in (*CHECKS, *more):
        if only and not set(only) & set(tests_of(check)):
            continue
        yield from check(scale, seed)


def tests_of(check: Check) -> tuple[str, ...]:
    """Return the numbers of the acceptance tests that `check` measures, as its docstring names them."""
    first_line = (check.__doc__ or "").split(":")[0]
    return tuple(word.strip(",") for word in first_line.split() if word.strip(",")[:1].isdigit())


def render(claim: Claim) -> str:
    """Return one line of the table."""
    measured = f"{claim.observed:.4g}" if claim.trials == 1 else f"{claim.observed:.4f}"
    trials = "" if claim.trials == 1 else str(claim.trials)
    cells = (claim.test, claim.law, claim.truth, claim.what, measured, claim.required, trials)
    return _line((*cells, "ok" if claim.holds else "FALSE"))


def _line(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="selftest", description="Measure the bias statistics against known truths.")
    parser.add_argument("--full", action="store_true", help="full trial counts: some minutes on one core")
    parser.add_argument("--seed", type=int, default=1, help="seed of all simulations (default 1)")
    parser.add_argument("--test", action="append", default=[], help="run only this acceptance test; may be repeated")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return 0 if stop.code == 0 else 64
    return measure(options.full, options.seed, options.test)


def measure(full: bool, seed: int = 1, only: Sequence[str] = (), more: Sequence[Check] = ()) -> int:
    """Print each claim as it is measured; return 0 when all hold. Arguments as for `claims`."""
    started = time.monotonic()
    sys.stdout.write(_line(_HEADER) + "\n" + _line(["-" * width for width in _WIDTHS]) + "\n")
    false = total = 0
    for claim in claims(full, seed, only, more):
        sys.stdout.write(render(claim) + "\n")
        sys.stdout.flush()
        false += not claim.holds
        total += 1
    seconds = time.monotonic() - started
    sys.stdout.write(f"\n{total - false} of {total} claims hold ({seconds:.0f} s)\n")
    return 1 if false or not total else 0


if __name__ == "__main__":
    sys.exit(main())
