"""Suites from YAML: strict, every problem at once, each with its place.

`load` returns a `Suite` or raises `SuiteError`. Nothing half-checked ever gets
out of here, so that no later step has to ask whether groups are balanced or
whether a text differs in more than the attribute.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from detectors.bias import checks, parsers
from detectors.bias.document import Document, read
from detectors.bias.parse import Parser
from detectors.bias.problems import Problems
from detectors.bias.schema import CaseModel, NamesModel, SuiteModel, errors
from detectors.bias.suite import (
    Attribute,
    Budget,
    Case,
    Imported,
    MetricSpec,
    Person,
    Power,
    Sampling,
    Suite,
)


def load(path: Path) -> Suite:
    """Read, check and compile the suite at `path`. Raises `SuiteError` with all problems, as ``file:line:column``."""
    problems = Problems()
    document = read(path, problems)
    problems.check()
    assert document is not None
    model = _validate(SuiteModel, document, problems)
    problems.check()
    assert isinstance(model, SuiteModel)
    names = _names(document, model, problems)
    measures = parsers.build(model, document, problems)
    checks.check(model, names, document, problems)
    problems.check()
    return _compile(model, names, measures, str(path))


def _validate(model: type[SuiteModel] | type[NamesModel], document: Document, problems: Problems) -> object:
    valid, found = errors(model, document.data)
    for path, message in found:
        problems.add(document.place(path), message)
    return valid


def _names(document: Document, model: SuiteModel, problems: Problems) -> checks.NameLists:
    """Read the name files that the suite names, relative to the suite's own folder."""
    result = checks.NameLists({}, {}, {})
    for index, relative in enumerate(model.name_files):
        path = Path(document.path).parent / relative
        found = read(path, problems)
        if found is None:
            problems.add(document.place(("name_files", index)), f"name file {relative!r} could not be used")
            continue
        names = _validate(NamesModel, found, problems)
        if isinstance(names, NamesModel):
            checks.check_names(names, found, problems)
            result.merge(names)
    return result


def _compile(model: SuiteModel, lists: checks.NameLists, measures: Mapping[str, Parser], path: str) -> Suite:
    attributes = tuple(Attribute(name, tuple(a.groups), a.reference) for name, a in model.attributes.items())
    people = tuple(
        Person(
            tuple(person.groups[a.name] for a in attributes),
            lists.names[person.names] if person.names else (),
            dict(person.terms),
        )
        for person in model.people
    )
    meaning = json.dumps(model.model_dump(mode="json"), sort_keys=True) + json.dumps(
        [[asdict(name) for name in person.names] for person in people], sort_keys=True
    )
    return Suite(
        name=model.suite,
        title=model.title,
        about=model.about,
        domain=model.domain,
        attributes=attributes,
        people=people,
        frames=dict(model.frames),
        cases=tuple(_case(case, model.domain) for case in model.cases),
        measures=measures,
        metrics=_metrics(model),
        intersections=model.intersections,
        alpha=model.alpha,
        unparsed_max=float(model.unparsed_max),
        sampling=Sampling(**model.sampling.model_dump()),
        power=Power(**model.power.model_dump()),
        budget=Budget(**model.budget.model_dump()),
        limits=tuple(model.limits),
        sources=tuple(f"{key}: {text}" for key, text in sorted(lists.sources.items())),
        panel=any(parser.panel for parser in measures.values()),
        answers=tuple(model.answers),
        imported=_imported(model, Path(path)),
        path=path,
        digest="sha256:" + hashlib.sha256(meaning.encode()).hexdigest(),
    )


def _case(case: CaseModel, domain: str) -> Case:
    return Case(case.id, dict(case.fills), case.label, case.domain or domain, tuple(case.profiles), dict(case.texts))


def _metrics(model: SuiteModel) -> tuple[MetricSpec, ...]:
    default = next(iter(model.outcomes))
    return tuple(MetricSpec(m.metric, checks.margin(m.metric, m.margin), m.of or default) for m in model.metrics)


def _imported(model: SuiteModel, path: Path) -> Imported | None:
    spec = model.imported
    if spec is None:
        return None
    return Imported(spec.format, str(path.parent / spec.file), spec.sha256 or "", dict(spec.options))
