"""Source code, with its comments, so that the tagger learns to keep quiet there. Development only."""

import json as _package
from importlib.util import find_spec
from pathlib import Path
from random import Random

from detectors.ner.corpora import Document

_STANDARD_LIBRARY = Path(_package.__file__).parent.parent
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


def _files() -> list[Path]:
    """Return the modules of the standard library and of PyTorch; tests and package metadata hold made-up names."""
    folders = [_STANDARD_LIBRARY]
    torch = find_spec("torch")
    if torch is not None and torch.origin is not None:
        folders.append(Path(torch.origin).parent)
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not {"test", "tests", "testing", "site-packages", "turtledemo", "idlelib"}
        & set(path.relative_to(folder).parts)
    )


def code_documents(rng: Random, count: int) -> list[Document]:
    """Return windows of Python source, lines about people left out; nothing in them is a name."""
    files = _files()
    documents: list[Document] = []
    while len(documents) < count:
        lines = rng.choice(files).read_text(encoding="utf-8", errors="replace").split("\n")
        at = rng.randrange(max(1, len(lines) - 12))
        window = [
            line for line in lines[at : at + rng.randint(3, 14)] if not any(word in line.lower() for word in _PEOPLE)
        ]
        if sum(map(len, window)) > 40:
            documents.append(Document("\n".join(window), (), frozenset({"MISC"}), "code"))
    return documents
