"""What `sluice policy check|schema|explain|test|diff` do: functions from files to an exit code and a text.

Nothing here prints or leaves; `gateway.cli` does. Exit codes: 0 good, 1 not.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detectors.problem import Problem
from detectors.strict_yaml import Document, read
from gateway.core import strictjson
from gateway.core.dialect import Dialect, Endpoint
from gateway.core.exchange import Principal
from gateway.core.jsonvalue import Json
from gateway.core.payload import TooDeep, get
from gateway.core.plan import DeclaredDialect, Plan
from gateway.dialects.registry import serving
from gateway.errors import PolicyError
from gateway.explain_media import Read
from gateway.guards.authorize import judge, others
from gateway.media.extract import read as read_here
from gateway.policy.cases import CaseResult, Find, Tools, load_suite, misnamed, run, unreached
from gateway.policy.cases_schema import CasesFile
from gateway.policy.declared import compile_dialect, is_dialect
from gateway.policy.dialect_schema import DialectFile
from gateway.policy.diff import Recorded, changes, recorded, replay
from gateway.policy.explain_report import explained_json, explained_text, verdict
from gateway.policy.fields import FileModel, json_schema
from gateway.policy.loader import Loaded, load, load_plan
from gateway.policy.names import Names, known_names
from gateway.policy.report import Format, Level, Result, render
from gateway.policy.schema import PolicyFile
from gateway.policy.settings_schema import SettingsFile
from gateway.policy_tools import look_at

SCHEMAS: dict[str, type[FileModel]] = {
    "policy": PolicyFile,
    "dialect": DialectFile,
    "settings": SettingsFile,
    "test": CasesFile,
}


@dataclass(frozen=True, slots=True)
class Output:
    """What a command answers: its exit code, and what it prints."""

    code: int
    text: str


def check(path: Path, form: Format = Format.TEXT, *, strict: bool = False, names: Names | None = None) -> Output:
    """Check a policy file or directory with the dialects beside it, or one dialect file. Warnings fail if `strict`."""
    document = read(path) if path.is_file() else None
    if isinstance(document, Document) and is_dialect(document):
        return _check_dialect(path, document, form)
    loaded = load(path, names)
    results = _problems(loaded)
    failed = loaded.plan is None or (strict and bool(loaded.warnings))
    if loaded.plan is not None:
        results.append(Result(Level.PASS, "policy-check", Problem(str(path), 1, 1, loaded.plan.revision), str(path)))
        declared = f"{_count(len(loaded.plan.dialects), 'dialect')}, " if loaded.plan.dialects else ""
        warned = _count(len(loaded.warnings), "warning")
        summary = f"{path}: policy {loaded.plan.name} {loaded.plan.revision}, {declared}{warned}"
    else:
        summary = f"{path}: {_count(len(loaded.problems), 'problem')}"
    return Output(int(failed), render(results, summary, form))


def _check_dialect(path: Path, document: Document, form: Format) -> Output:
    made = compile_dialect(document)
    if isinstance(made, DeclaredDialect):
        result = Result(Level.PASS, "policy-check", Problem(str(path), 1, 1, made.digest), str(path))
        return Output(0, render([result], f"{path}: dialect {made.id} {made.digest}", form))
    results = [Result(Level.ERROR, "policy-problem", problem) for problem in made]
    return Output(1, render(results, f"{path}: {_count(len(made), 'problem')}", form))


def schema(kind: str = "policy") -> Output:
    """Return the JSON Schema of a kind of file: `policy`, `dialect`, `settings` (`sluice.yaml`) or `test`."""
    model = SCHEMAS.get(kind)
    if model is None:
        return Output(1, f"schema: unknown kind; known are {', '.join(SCHEMAS)}")
    return Output(0, json.dumps(json_schema(model), indent=2))


def explain(
    path: Path,
    request: bytes,
    *,
    dialect: str,
    principal: Principal,
    find: Find,
    model: str | None = None,
    read: Read = read_here,
    form: Format = Format.TEXT,
    names: Names | None = None,
) -> Output:
    """Say which route and which rules decide what about a request body of a dialect's endpoint.

    `model` is for a dialect that names it in its path, and not in the body.
    Prints pointers, offsets, entities and rules, never the text itself.
    """
    try:
        plan = load_plan(path, names)
        table = _dialect(plan, dialect)
        endpoint = table.endpoints[0]
        payload = strictjson.parse(request)
        asked = _asked(endpoint, payload, model)
        looked = look_at(plan, table, payload, asked, find, read)
    except PolicyError as error:
        return Output(1, "\n".join(error.problems))
    except strictjson.JsonRefused as error:
        return Output(1, f"request: {error}")
    except TooDeep:
        return Output(1, "request: is nested too deeply")
    decision = judge(plan, principal, dialect, asked, others(payload, endpoint)).decision
    render_ = explained_json if form is Format.JSON else explained_text
    route = f"{decision.action} ({decision.reason}{f' by {decision.rule}' if decision.rule else ''})"
    return Output(0, render_(plan, route, looked.explained, looked.unread))


def _asked(endpoint: Endpoint, payload: Json, given: str | None) -> str | None:
    """Return the model that a request asks for: None where the endpoint has none, "" where it was left out."""
    if not endpoint.model:
        return None
    if endpoint.model.startswith("/"):
        model = get(payload, endpoint.model.split("/")[1:])
        return model if isinstance(model, str) else ""
    if given is None:
        raise PolicyError(("--model: this dialect names the model in its path: say which one",))
    return given


def _dialect(plan: Plan, name: str) -> Dialect:
    known = serving(plan.dialects).dialects
    found = next((dialect for dialect in known if dialect.name == name), None)
    if found is None:
        raise PolicyError((f"--dialect: unknown; known are {', '.join(dialect.name for dialect in known)}",))
    return found


def run_tests(
    path: Path,
    suites: Sequence[Path],
    tools: Tools,
    form: Format = Format.TEXT,
    *,
    strict: bool = False,
    names: Names | None = None,
) -> Output:
    """Run files of policy tests against the policy at `path`, or against the one that a file names.

    Fails if a test fails, a file cannot be read, or (if `strict`) a rule decides nothing in any test.
    """
    names = names or known_names()
    results: list[Result] = []
    done: dict[Path, list[CaseResult]] = {}
    plans: dict[Path, Plan] = {}
    for file in suites:
        suite = load_suite(file, names.entities)
        if isinstance(suite, tuple):
            results.extend(Result(Level.ERROR, "policy-problem", problem) for problem in suite)
            continue
        policy = suite.policy or path
        if policy not in plans:
            loaded = load(policy, names)
            results.extend(_problems(loaded))
            if loaded.plan is None:
                continue
            plans[policy] = loaded.plan
        wrong = misnamed(suite, {dialect.name for dialect in serving(plans[policy].dialects).dialects})
        if wrong:
            results.extend(Result(Level.ERROR, "policy-problem", problem) for problem in wrong)
            continue
        ran = run(suite, plans[policy], tools)
        done.setdefault(policy, []).extend(ran)
        results.extend(_case_result(result) for result in ran)
    for policy, ran in done.items():
        for rule in unreached(plans[policy], ran):
            place = Problem(str(policy), 1, 1, f"`{rule}` decided nothing in any test")
            results.append(Result(Level.WARNING, "policy-coverage", place, rule))
    errors = sum(result.level is Level.ERROR for result in results)
    warned = any(result.level is Level.WARNING for result in results)
    total = sum(len(ran) for ran in done.values())
    failed = bool(errors) or (strict and warned) or not total
    return Output(int(failed), render(results, f"{_count(total, 'test')}, {errors} failed", form))


def diff(old: Path, new: Path, records: Path | None = None, names: Names | None = None) -> Output:
    """Say what changes from one policy to another; with `records` (JSON lines of `audit list`), for whom.

    Exit code 0 when nothing changes, 1 when something does or a file is wrong.
    """
    try:
        before, after = load_plan(old, names), load_plan(new, names)
        lines = [] if records is None else records.read_text(encoding="utf-8").splitlines()
        seen = [record for line in lines if line and (record := _recorded(line)) is not None]
    except PolicyError as error:
        return Output(1, "\n".join(error.problems))
    except (OSError, ValueError, strictjson.JsonRefused) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not JSON lines"
        return Output(1, f"{records}: {reason}")
    if records is not None and lines and not seen:
        wanted = "`sluice audit list --format jsonl` writes them"
        return Output(1, f"{records}: has no closed exchange with its decisions in it; {wanted}")
    text = [f"{before.revision} -> {after.revision}", *(changes(before, after) or ["no change of meaning"])]
    changed = replay(before, after, seen, lambda *given: judge(*given).decision)
    if records is not None:
        text.append(f"{_count(len(seen), 'recorded exchange')}, {_count(len(changed), 'changed decision')}")
    text += [f"{c.exchange} {c.direction}: {verdict(c.before)} -> {verdict(c.after)}" for c in changed]
    return Output(int(before.revision != after.revision), "\n".join(text))


def _problems(loaded: Loaded) -> list[Result]:
    found = [Result(Level.ERROR, "policy-problem", problem) for problem in loaded.problems]
    return [*found, *(Result(Level.WARNING, "policy-warning", warning) for warning in loaded.warnings)]


def _case_result(result: CaseResult) -> Result:
    place = result.place
    if not result.failures:
        return Result(Level.PASS, "policy-test", place, result.name)
    message = f"{result.name}: {'; '.join(result.failures)}"
    return Result(Level.ERROR, "policy-test", Problem(place.file, place.line, place.column, message), result.name)


def _recorded(line: str) -> Recorded | None:
    facts = strictjson.parse(line)
    return recorded(facts) if isinstance(facts, dict) else None


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
