"""How a command ends: an exit code, and an error as one line on standard error that holds no text of a user."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from detectors.detector import DetectorFailure
from gateway.errors import DependencyError, PolicyError, arose

FAILED: Final = 1
USAGE: Final = 64
"""The exit code of a command that was called wrongly (sysexits.h, EX_USAGE)."""

DEFECT: Final = 70
"""The exit code of a defect of ours (sysexits.h, EX_SOFTWARE)."""

INTERRUPTED: Final = 130


def ending(work: Callable[[], int]) -> int:
    """Do `work` and return its exit code. Whatever it raises becomes one line and a code; only `SystemExit` passes."""
    try:
        code = work()
        sys.stdout.flush()  # what cannot be written is said here, and not by the interpreter at its exit
        return code
    except PolicyError as error:
        return _said(FAILED, *error.problems)
    except DependencyError as error:
        return _said(FAILED, error.detail)
    except DetectorFailure as error:
        return _said(FAILED, f"a detector cannot decide: {error}")
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # nobody reads any more: the flush at the exit writes to nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        place = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return _said(FAILED, f"{place}{error.strerror or type(error).__name__}")
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as bug:
        return _said(DEFECT, f"a defect of ours: {arose(bug)}; please report it")


def _said(code: int, *problems: str) -> int:
    for problem in problems:
        print(f"sluice: {problem}\n", end="", file=sys.stderr, flush=True)  # noqa: T201  (one write: workers share it)
    return code
