"""Presidio's rule recognizers, without spaCy and without a network.

`import presidio_analyzer` imports spaCy, only to name a type: 2.7 s and 70 MB
for nothing that a rule recognizer uses. So the recognizer modules are imported
under skeleton packages whose initialisers are not run, and the skeletons are
taken out of `sys.modules` again. Whoever imports Presidio in full later, or did
before, gets their own complete copy; ours is held by references only.

`EmailRecognizer` asks tldextract whether a domain has a public suffix, and
tldextract fetches the list over the network on first use. Ours reads the
snapshot that ships in the tldextract wheel, and nothing else.
"""

import importlib
import importlib.util
import inspect
import pkgutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_ROOT = "presidio_analyzer"
_RECOGNIZERS = f"{_ROOT}.predefined_recognizers"

# In the order in which each needs the one before. (module, names it gives the package)
_CORE = (
    ("analysis_explanation", ("AnalysisExplanation",)),
    ("recognizer_result", ("RecognizerResult",)),
    ("entity_recognizer", ("EntityRecognizer",)),
    ("local_recognizer", ("LocalRecognizer",)),
    ("pattern", ("Pattern",)),
    ("pattern_recognizer", ("PatternRecognizer",)),
)

_import_lock = threading.Lock()


@cache
def load_recognizers() -> tuple[Any, ...]:
    """Return one instance of every rule recognizer that Presidio ships, by class name in ascending order.

    Abstract bases are left out. Raises `ImportError` when Presidio is not installed.
    """
    with _import_lock, _skeleton() as package:
        classes = {}
        for module in _recognizer_modules():
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, package.EntityRecognizer):
                    classes[value.__name__] = value
        return tuple(c() for _, c in sorted(classes.items()) if _is_complete(c))


def _is_complete(recognizer: type) -> bool:
    """Say whether `recognizer` is more than a base: whether it needs no argument."""
    parameters = list(inspect.signature(recognizer).parameters.values())
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def _recognizer_modules() -> Iterator[ModuleType]:
    for kind in ("generic", "country_specific"):
        folder = importlib.import_module(f"{_RECOGNIZERS}.{kind}")
        for info in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."):
            module = importlib.import_module(info.name)
            if hasattr(module, "tldextract"):
                setattr(module, "tldextract", _offline_tldextract())  # noqa: B010  # a module has no such attribute to a type checker
            yield module


def _offline_tldextract() -> Any:
    import tldextract

    class Offline:
        extract = staticmethod(tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None))

    return Offline


@contextmanager
def _skeleton() -> Iterator[Any]:
    """Stand in for Presidio's packages while its recognizers are imported."""
    spec = importlib.util.find_spec(_ROOT)
    if spec is None or spec.origin is None:
        raise ImportError("presidio-analyzer is not installed: pip install presidio-analyzer")
    home = Path(spec.origin).parent
    ours = {name: module for name, module in sys.modules.items() if name == _ROOT or name.startswith(f"{_ROOT}.")}
    for name in ours:
        del sys.modules[name]
    try:
        package: Any = _package(_ROOT, home)
        _package(_RECOGNIZERS, home / "predefined_recognizers")
        for folder in sorted((home / "predefined_recognizers" / "country_specific").iterdir()):
            if folder.is_dir() and not folder.name.startswith("_"):
                _package(f"{_RECOGNIZERS}.country_specific.{folder.name}", folder)
        artifacts: Any = ModuleType(f"{_ROOT}.nlp_engine")
        artifacts.NlpArtifacts = object  # a type hint, no more
        sys.modules[artifacts.__name__] = artifacts
        for name, gives in _CORE:
            module = importlib.import_module(f"{_ROOT}.{name}")
            for attribute in gives:
                setattr(package, attribute, getattr(module, attribute))
        yield package
    finally:
        for name in [name for name in sys.modules if name == _ROOT or name.startswith(f"{_ROOT}.")]:
            del sys.modules[name]
        sys.modules.update(ours)


def _package(name: str, path: Path) -> ModuleType:
    package = ModuleType(name)
    package.__path__ = [str(path)]
    sys.modules[name] = package
    return package
