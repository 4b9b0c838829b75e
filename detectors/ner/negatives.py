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
    """Return the modules of the standard library and of PyTorch, and PyTorch's C++ headers.

    Tests and package metadata hold made-up names and are left out.
    """
    kinds = [(_STANDARD_LIBRARY, "*.py")]
    torch = find_spec("torch")
    if torch is not None and torch.origin is not None:
        kinds += [(Path(torch.origin).parent, kind) for kind in ("*.py", "*.h")]
    return sorted(
        path
        for folder, kind in kinds
        for path in folder.rglob(kind)
        if not {"test", "tests", "testing", "site-packages", "turtledemo", "idlelib"}
        & set(path.relative_to(folder).parts)
    )


def code_documents(rng: Random, count: int) -> list[Document]:
    """Return windows of source code, lines about people left out; nothing in them is a name."""
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
