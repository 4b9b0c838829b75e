"""From a detector's name to a detector. Nothing heavy is imported until it is asked for.

Policies name detectors; only the names are needed to check a policy. A detector
is built once per process and kept by whoever asked for it.
"""

import difflib
import importlib
from collections.abc import Callable
from typing import Final, cast

from detectors.detector import Detector

_FACTORIES: Final = {
    # name: (module, function without arguments that returns a Detector)
    "pii": ("detectors.pii.rules", "build"),
    "ner": ("detectors.ner.tagger", "build"),
    "secrets": ("detectors.secrets.detector", "build"),
    "hidden": ("detectors.normalize.hidden", "build"),
    "injection": ("detectors.injection.detector", "build"),
    "injection-document": ("detectors.injection.detector", "build_document"),
}

PLAIN_SIGHTED: Final = frozenset({"pii", "ner"})
"""Detectors that read a text as it stands. `detectors.normalize.wrapper.Normalized` lets them see through disguise."""

NAMES: Final[tuple[str, ...]] = tuple(sorted(_FACTORIES))


class UnknownDetector(ValueError):
    """No detector has this name; the message suggests one that is like it."""


def build(name: str) -> Detector:
    """Build the detector called `name`, importing what it needs.

    Raises `UnknownDetector` for a name that is not in `NAMES`, `ImportError`
    when a package that it needs is missing, and whatever the detector raises
    when its model is missing or damaged.
    """
    if name not in _FACTORIES:
        like = difflib.get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {like[0]!r}?" if like else f"known are {', '.join(NAMES)}"
        raise UnknownDetector(f"unknown detector {name!r}: {hint}")
    module, function = _FACTORIES[name]
    factory = cast(Callable[[], Detector], getattr(importlib.import_module(module), function))
    return factory()
