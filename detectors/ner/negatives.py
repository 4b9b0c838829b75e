"""Source code, with its comments, so that the tagger learns to keep quiet there. Development only."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from detectors.ner.corpora import Document

_PEOPLE = (
    "author",
    "copyright",
    "written by",
    "contributed",
    "thanks",
    "@",
    "credit",
    "maintain",
    "license",
    "et al",
    "mr.",
    "dr.",
)
_KINDS = frozenset({".py", ".pyx", ".pyi", ".h", ".hpp", ".c", ".cpp", ".js", ".ts", ".css", ".sh", ".rs", ".go"})
_NO_PARTS = frozenset({"test", "tests", "testing", "testdata", "fixtures", "examples", "faker", "locale", "locales"})
_LARGEST = 400_000  # characters; larger files are tables or bundles


def _files(folders: Sequence[Path]) -> list[Path]:
    """Return the source files under `folders`; tests and lists of words hold made-up names and are left out."""
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in _KINDS
        and path.is_file()
        and not _NO_PARTS & set(path.relative_to(folder).parts)
        and path.stat().st_size < _LARGEST
    )


def code_documents(rng: Random, count: int, folders: Sequence[Path]) -> list[Document]:
    """Return windows of the source code under `folders`, lines about people left out; nothing in them is a name."""
    files = _files(folders)
    documents: list[Document] = []
    while files and len(documents) < count:
        lines = rng.choice(files).read_text(encoding="utf-8", errors="replace").split("\n")
        at = rng.randrange(max(1, len(lines) - 12))
        window = [
            line for line in lines[at : at + rng.randint(3, 14)] if not any(word in line.lower() for word in _PEOPLE)
        ]
        if sum(map(len, window)) > 40:
            documents.append(Document("\n".join(window), (), frozenset({"MISC"}), "code"))
    return documents
