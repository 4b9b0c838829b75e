"""Source code without names, so that the tagger learns to keep quiet there. Development only."""

import json as _package
from pathlib import Path
from random import Random

from detectors.ner.corpora import Document

_STANDARD_LIBRARY = Path(_package.__file__).parent.parent


def _clean(line: str) -> bool:
    lowered = line.lower()
    return (
        "#" not in line
        and "@" not in line
        and not any(word in lowered for word in ("author", "copyright", "written", "contributed", "thanks"))
    )


def code_documents(rng: Random, count: int) -> list[Document]:
    """Return windows of the Python standard library without comments and docstrings; nothing in them is a name."""
    files = sorted(
        path
        for path in _STANDARD_LIBRARY.rglob("*.py")
        if "test" not in path.parts and "site-packages" not in path.parts
    )
    documents = []
    while len(documents) < count:
        lines = rng.choice(files).read_text(encoding="utf-8", errors="replace").split("\n")
        at = rng.randrange(max(1, len(lines) - 12))
        window, quoted = [], False
        for line in lines[at : at + rng.randint(3, 14)]:
            if line.count('"""') % 2:
                quoted = not quoted
            elif not quoted and _clean(line):
                window.append(line)
        if sum(map(len, window)) > 40 and not quoted:
            documents.append(Document("\n".join(window), (), frozenset({"MISC"}), "code"))
    return documents
