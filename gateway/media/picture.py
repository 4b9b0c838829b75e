"""Pictures: what Tesseract reads in them, and what their metadata says.

Tesseract is a program of its own; each picture is measured before it is shown to it.
"""

import os
import shutil
import subprocess
from functools import cache
from typing import Final

from gateway.core.media import Unreadable
from gateway.media.limits import MAX_PIXELS, OCR_SECONDS, Budget, CannotRead
from gateway.media.measure import measured

SMALLEST: Final = (12, 6)
"""Width and height in pixels under which no word fits."""


def texts_of_picture(data: bytes, budget: Budget) -> list[str]:
    """Return the texts in a picture and beside it. Raises `CannotRead`."""
    budget.picture()
    width, height, beside = measured(data)
    if width * height > MAX_PIXELS:
        raise CannotRead(Unreadable.TOO_LARGE)
    found = [budget.text(text) for text in beside]
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return found
    found.append(budget.text(recognised(data)))
    return found


def tesseract() -> str | None:
    """Return where Tesseract is, or None."""
    return shutil.which("tesseract")


def recognised(data: bytes) -> str:
    """Return the text that Tesseract reads. Raises `CannotRead`."""
    program = tesseract()
    if program is None:
        raise CannotRead(Unreadable.NO_OCR)
    languages = _languages(program)
    if not languages:
        raise CannotRead(Unreadable.NO_OCR)
    command = [program, "stdin", "stdout", "-l", languages, "--psm", "11"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=OCR_SECONDS, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired:
        raise CannotRead(Unreadable.TOO_SLOW) from None
    if done.returncode != 0:
        raise CannotRead(Unreadable.MALFORMED)
    return done.stdout.decode("utf-8", "replace").replace("\f", "\n").strip()


@cache
def _languages(program: str) -> str:
    """Return the languages that are installed, as Tesseract takes them."""
    listed = subprocess.run(  # noqa: S603
        [program, "--list-langs"], capture_output=True, timeout=OCR_SECONDS, check=False, env=_environment()
    )
    names = listed.stdout.decode("utf-8", "replace").splitlines()[1:]
    return "+".join(name for name in sorted(names) if name not in ("osd", "equ") and "/" not in name)


def _environment() -> dict[str, str]:
    kept = ("PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {"OMP_THREAD_LIMIT": "1", **{name: os.environ[name] for name in kept if name in os.environ}}
