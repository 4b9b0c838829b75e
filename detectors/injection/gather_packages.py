"""Program text of installed packages: docstrings, comments and messages that tell people and machines what to do."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from detectors.injection.clones import Record, record

LONGEST: Final = 8000
"""Characters of a piece: so much of a file is judged at once when it is a tool's result."""
_PIECES: Final = 40
"""Pieces that are taken of one package."""
_PACKAGES: Final = {
    "Apache-2.0": "aiohttp boto3 botocore cryptography detect_secrets huggingface_hub packaging regex requests",
    "BSD-2-Clause": "pyasn1 pygments wrapt",
    "BSD-3-Clause": (
        "click fsspec httpx httpcore idna jinja2 joblib mpmath networkx numpy pandas psutil pycparser pypdf scipy"
        " sklearn sympy threadpoolctl websockets"
    ),
    "MIT": (
        "anyio attr cloudpathlib charset_normalizer fairlearn filelock gguf h2 hatchling hpack jsonschema mypy narwhals"
        " PIL pip pluggy pydantic _pytest rich setuptools smart_open spacy srsly thinc tomlkit typer urllib3"
    ),
}
"""Packages by licence. None is a client of a model: those hold prompts."""


def packages(sites: Path) -> Iterator[Record]:
    """Yield pieces of the modules under `sites`, a directory of installed packages."""
    for licence, names in _PACKAGES.items():
        for name in names.split():
            found: list[str] = []
            for path in sorted((sites / name).rglob("*.py")):
                text = path.read_text("utf-8", "replace")
                found += [text[low : low + LONGEST] for low in range(0, len(text), LONGEST)]
            found = [piece for piece in found if len(piece) > 400]
            for piece in random.Random(name).sample(found, min(len(found), _PIECES)):
                yield record(piece, 0, "program", name, licence, LONGEST)
