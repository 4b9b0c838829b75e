"""The clones of public repositories that training texts are gathered from, and how a record of one looks."""

import gzip
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Record = dict[str, Any]
_LONGEST: Final = 1600
"""Characters that are kept of one text."""


class Clones:
    """The files of the clones in one directory, each clone under its own name."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def read(self, clone: str, commit: str, path: str) -> str:
        """Return the text of one file, unpacked."""
        raw = self._git(clone, "show", f"{commit}:{path}")
        return (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8", "replace")

    def names(self, clone: str, commit: str, pattern: str) -> list[str]:
        """Return the paths that match a pattern, in order."""
        listed = self._git(clone, "ls-tree", "-r", "--name-only", commit).decode()
        return [path for path in listed.split("\n") if re.search(pattern, path)]

    def _git(self, clone: str, *arguments: str) -> bytes:
        command = ["git", "-C", str(self.directory / clone), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603


def record(text: str, label: int, kind: str, source: str, licence: str, longest: int = _LONGEST) -> Record:
    """Return a training record in the form of ``train.jsonl.gz``."""
    return {"text": text[:longest].strip(), "label": label, "source": source, "licence": licence, "kind": kind}


def pieces(text: str, longest: int = 900) -> Iterator[str]:
    """Yield a text in pieces of whole paragraphs, up to `longest` characters where possible."""
    piece = ""
    for paragraph in re.split(r"\n\s*\n", text):
        if piece and len(piece) + len(paragraph) > longest:
            yield piece
            piece = ""
        piece = f"{piece}\n\n{paragraph}" if piece else paragraph
    if piece:
        yield piece
