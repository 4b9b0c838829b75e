"""Loads policies: from a file or a directory to a plan, or to every problem in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detectors.problem import Problem
from detectors.strict_yaml import Document, files_in, parse, read
from gateway.core.plan import DeclaredDialect, Plan
from gateway.dialects.registry import DIALECTS
from gateway.errors import PolicyError
from gateway.policy.compiler import Source, compile_policy
from gateway.policy.declared import DIRECTORY, is_dialect, read_dialects
from gateway.policy.fields import validate
from gateway.policy.lint import warnings_of
from gateway.policy.names import Names, known_names
from gateway.policy.schema import PolicyFile

MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a policy: a plan and warnings, or problems and no plan."""

    plan: Plan | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load_plan(path: Path, names: Names | None = None) -> Plan:
    """Return the plan of the policy at `path`, a file or a directory of them.

    A directory is one policy: its ``*.yaml`` files, in the order of their names,
    and the dialects that the directory ``dialects`` beside them declares.
    Raises `PolicyError` with every problem, each ``file:line:column: message``.
    """
    loaded = load(path, names)
    if loaded.plan is None:
        raise PolicyError(tuple(str(problem) for problem in loaded.problems))
    return loaded.plan


def reload(path: Path, current: Plan, names: Names | None = None) -> tuple[Plan, tuple[str, ...]]:
    """Return the new plan, or `current` and why the new one was refused. Raises nothing."""
    loaded = load(path, names)
    if loaded.plan is None:
        return current, tuple(str(problem) for problem in loaded.problems)
    return loaded.plan, ()


def load(path: Path, names: Names | None = None) -> Loaded:
    """Load the policy at `path`, with warnings. Raises nothing."""
    files = _files(path)
    if isinstance(files, Problem):
        return Loaded(None, (files,), ())
    dialects, problems = read_dialects(path)
    names = names or known_names()
    if names.dialects is None:
        known = (*(dialect.name for dialect in DIALECTS), *(dialect.id for dialect in dialects))
        names = replace(names, dialects=frozenset(known))
    loaded = _load([read(file) for file in files], names, dialects)
    return loaded if not problems else Loaded(None, (*problems, *loaded.problems), ())


def load_text(text: str | bytes, file: str = "policy.yaml", names: Names | None = None) -> Loaded:
    """Load a policy from the text of one file. Raises nothing."""
    return _load([parse(text, file)], names)


def _load(
    documents: Sequence[Document | tuple[Problem, ...]],
    names: Names | None,
    dialects: tuple[DeclaredDialect, ...] = (),
) -> Loaded:
    problems: list[Problem] = []
    sources: list[Source] = []
    for document in documents:
        if not isinstance(document, Document):
            problems.extend(document)
            continue
        if is_dialect(document):
            where = f"declares a dialect: it belongs in the directory `{DIRECTORY}` beside the policy"
            problems.append(document.value_problem(("kind",), where))
            continue
        model = validate(PolicyFile, document)
        if isinstance(model, PolicyFile):
            sources.append(Source(document, model))
        else:
            problems.extend(model)
    if problems:
        return Loaded(None, tuple(problems), ())
    compiled = compile_policy(sources, names or known_names(), dialects)
    if compiled.plan is None:
        return Loaded(None, compiled.problems, ())
    return Loaded(compiled.plan, (), warnings_of(compiled.parts, compiled.plan))


def _files(path: Path) -> Sequence[Path] | Problem:
    try:
        if not path.is_dir():
            return (path,)
        files = files_in(path)
    except OSError as error:
        return Problem(str(path), 1, 1, f"cannot be read: {error.strerror or type(error).__name__}")
    if not files:
        return Problem(str(path), 1, 1, "has no policy file (`*.yaml`) in it")
    if len(files) > MAX_FILES:
        return Problem(str(path), 1, 1, f"has more than {MAX_FILES} policy files")
    return files
