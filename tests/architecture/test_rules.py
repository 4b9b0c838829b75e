"""The floor plan, kept: what makes leaks impossible by shape is checked here."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from detectors.detector import Finding
from gateway.core.decision import Decision, Reason
from gateway.pipeline import GUARDS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [p for room in ("gateway", "detectors") for p in sorted((ROOT / room).rglob("*.py"))]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Every source file, parsed."""
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(name: str) -> list[str]:
    """Where a method of this name is called."""
    return [
        f"{path.relative_to(ROOT)}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def test_decisions_are_recorded_at_one_place() -> None:
    """`Recording.record` has one call site, in the enforcer."""
    assert calls("record") == ["gateway/enforcer.py"]


def test_the_order_of_guards_is_a_constant() -> None:
    """Who calls, whether they may, whether the model is fair enough, whether they still may, and what they send."""
    assert GUARDS == ("authenticate", "authorize", "bias", "limit", "inspect")


def test_findings_and_decisions_have_no_room_for_text() -> None:
    """Their fields are places, numbers and closed words."""
    assert set(Finding._fields) == {"start", "end", "entity", "score", "detector"}
    assert {f.name for f in fields(Decision)} == {
        "guard", "action", "reason", "direction", "rule", "enforcement", "revision", "would_action", "evidence",
    }  # fmt: skip


def test_the_core_does_not_touch_the_world() -> None:
    """No await, no clock, no randomness, no logging, no files in `gateway/core`."""
    for path, tree in trees():
        if path.parent != ROOT / "gateway" / "core":
            continue
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), path
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [a.name for a in node.names] + [getattr(node, "module", "") or ""]
                assert not {"time", "random", "secrets", "logging", "os", "asyncio", "pathlib"} & set(names), path


def test_nothing_is_printed_or_logged_with_text() -> None:
    """`print` belongs to the command line; only the handler and the root log, and never an exception's message."""
    allowed = {"cli.py", "exits.py", "commands.py", "bench.py", "workers.py", "demo.py", "text_commands.py"}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                inside = path.relative_to(ROOT / "gateway").as_posix() if "gateway" in path.parts else ""
                command = path.name in allowed or path.name.endswith("_commands.py") or not inside
                assert command, f"{path}: prints"
            if isinstance(node, ast.Attribute) and node.attr in ("exception", "exc_info"):
                raise AssertionError(f"{path}: logs an exception, whose message may hold anything")


def test_reasons_are_documented() -> None:
    """Every reason stands in the language reference, and every word has one meaning."""
    page = (ROOT / "policies" / "README.md").read_text(encoding="utf-8")
    missing = [reason for reason in Reason if f"`{reason}`" not in page]
    assert missing == []
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", reason) for reason in Reason)


def test_files_and_functions_are_short() -> None:
    """A long room is two rooms."""
    long_files = [f"{p.relative_to(ROOT)}: {n}" for p in SOURCES if (n := p.read_text().count("\n")) > 320]
    assert long_files == []
    long_functions = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 70
    ]
    assert long_functions == []


@pytest.mark.parametrize("package", ["presidio_anonymizer", "fairlearn", "jwt", "opentelemetry", "pypdf"])
def test_each_library_has_one_door(package: str) -> None:
    """A foreign library is imported in few files, so that it can be replaced there."""
    importers = {
        path.relative_to(ROOT).as_posix()
        for path, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package)
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == package for a in node.names))
    }
    doors = {
        "presidio_anonymizer": {"gateway/adapters/operators.py"},
        "fairlearn": {"detectors/bias/fairness.py"},
        "pypdf": {"gateway/media/pdf.py", "gateway/media/fonts.py"},
        "opentelemetry": {"gateway/adapters/telemetry.py"},
        "jwt": {"gateway/adapters/tokens.py", "gateway/adapters/keyset.py", "gateway/local_issuer.py"},
    }
    assert importers <= doors[package]


def imported(tree: ast.Module, modules: Collection[str]) -> Iterator[str]:
    """Which of the modules are imported when the tree's is read; what a function imports is not."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & set(modules)
            yield from inside or {node.module} & set(modules)
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & set(modules)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def test_no_module_imports_itself_through_others() -> None:
    """Not even for its types: what belongs together stands together. `prepare` raises, with the circle."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): tree for path, tree in trees()}
    TopologicalSorter({name: set(imported(tree, modules)) for name, tree in modules.items()}).prepare()


def test_values_that_hold_bytes_hide_them() -> None:
    """A dataclass of the gateway with raw bytes in it does not show them."""
    for path in SOURCES:
        if "gateway" not in path.relative_to(ROOT).parts[:1]:
            continue
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for kind in vars(module).values():
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
                shown = [f.name for f in fields(kind) if f.repr and str(f.type) in ("bytes", "bytes | None")]
                assert shown == [] or kind.__name__ in _HARMLESS, f"{kind}: shows {shown}"


_HARMLESS = {"StoredRecord"}
"""Dataclasses whose bytes are hashes and facts that anybody may read."""
