"""From checked files to one frozen plan: names resolved, defaults filled in, meaning digested.

Pure: same files and same names, same plan. The revision is a digest of what the
plan means; the order of YAML keys, comments, layout, and the way something is
said (a tag or its entities, ``60`` or ``1m``) do not change it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias, TypedDict, TypeVar

from detectors.problem import Problem, quoted, suggestion
from detectors.strict_yaml import Document, Location
from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.plan import (
    AuditPlan,
    BiasRule,
    ContentRuling,
    DeclaredDialect,
    InspectRule,
    LimitRule,
    LiveProbe,
    OperatorKind,
    Plan,
    Route,
    StreamPlan,
)
from gateway.policy.bias_rules import bias_rule, problems, unknown_names
from gateway.policy.detectors import detector_key, detector_problems, unfound
from gateway.policy.live_probes import live_probe, unsound
from gateway.policy.names import Names
from gateway.policy.revision import revision_of
from gateway.policy.schema import (
    AuditModel,
    ContentModel,
    FailureModel,
    LimitModel,
    PolicyFile,
    RouteModel,
    RuleModel,
    StreamModel,
)

_RESTORABLE = frozenset({OperatorKind.PSEUDONYM, OperatorKind.SURROGATE})
_BOTH = (Direction.REQUEST, Direction.RESPONSE)
_Section = TypeVar("_Section")
Part: TypeAlias = Route | InspectRule | LimitRule | BiasRule | LiveProbe


@dataclass(frozen=True, slots=True)
class Source:
    """One policy file, parsed and checked against the schema."""

    document: Document
    model: PolicyFile


@dataclass(frozen=True, slots=True)
class Placed:
    """A compiled route, rule or limit and where it was written, for lint."""

    value: Part
    document: Document
    location: Location

    def problem(self, message: str) -> Problem:
        """Return a problem at the place where this was written."""
        return self.document.problem(self.location, message)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan and where its parts were written; or, if there are problems, no plan."""

    plan: Plan | None
    parts: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def compile_policy(sources: Sequence[Source], names: Names, dialects: tuple[DeclaredDialect, ...] = ()) -> Compiled:
    """Compile checked files, in order, to a plan, or to every problem in what they name."""
    return _Compiler(sources, names, dialects).compile()


class _Sections(TypedDict):
    """The parts of a plan that are stated once."""

    on_failure: Mapping[str, Action]
    opaque: Mapping[str, ContentRuling]
    stream: StreamPlan
    audit: AuditPlan


class _Compiler:
    """Walks the files once, in order, and notes every problem."""

    def __init__(self, sources: Sequence[Source], names: Names, dialects: tuple[DeclaredDialect, ...]) -> None:
        self.sources = sources
        self.names = names
        self.dialects = dialects
        self.problems: list[Problem] = []
        self.parts: list[Placed] = []
        self._ids: dict[str, str] = {}

    def compile(self) -> Compiled:
        for source in self.sources:
            self._compile_file(source)
        detectors = self._detectors()
        plan = Plan(
            revision="",
            name="+".join(source.model.metadata.name for source in self.sources),
            routes=tuple(part.value for part in self.parts if isinstance(part.value, Route)),
            rules=tuple(part.value for part in self.parts if isinstance(part.value, InspectRule)),
            limits=tuple(part.value for part in self.parts if isinstance(part.value, LimitRule)),
            detectors=detectors,
            bias=tuple(part.value for part in self.parts if isinstance(part.value, BiasRule)),
            live_probes=tuple(part.value for part in self.parts if isinstance(part.value, LiveProbe)),
            canary=any(source.model.spec.inspect.canary for source in self.sources if source.model.spec.inspect),
            dialects=self.dialects,
            **self._sections(),
        )
        self._require(plan)
        if self.problems:
            return Compiled(None, (), tuple(sorted(set(self.problems))))
        return Compiled(replace(plan, revision=revision_of(plan)), tuple(self.parts), ())

    def _compile_file(self, source: Source) -> None:
        spec = source.model.spec
        for index, route in enumerate(spec.routes):
            self._add(source, ("spec", "routes", index), route.id, [self._route(source, index, route)])
        for index, rule in enumerate(spec.inspect.rules if spec.inspect else ()):
            here: Location = ("spec", "inspect", "rules", index)
            self._add(source, here, rule.id, self._rules(source.document, here, rule, spec.enforcement))
        for index, limit in enumerate(spec.limits):
            self._add(source, ("spec", "limits", index), limit.id, [_limit(limit, spec.enforcement)])
        for index, bias in enumerate(spec.bias):
            self._known_upstream(source.document, ("spec", "bias", index, "fallback"), bias.fallback)
            for message in problems(bias):
                self._note(source.document, ("spec", "bias", index, "fallback"), message)
            self._add(source, ("spec", "bias", index), bias.id, [bias_rule(bias, spec.enforcement)])
        for index, probe in enumerate(spec.live_probes):
            self._add(source, ("spec", "live_probes", index), probe.id, [live_probe(probe)])

    def _add(self, source: Source, location: Location, rule_id: str, values: Sequence[Part]) -> None:
        if rule_id in self._ids:
            message = f"id {quoted(rule_id)} is already taken in {self._ids[rule_id]}; ids are unique in a policy"
            self._note(source.document, (*location, "id"), message)
        place = source.document.value_problem((*location, "id"), "")
        self._ids.setdefault(rule_id, f"{place.file}:{place.line}")
        self.parts.extend(Placed(value, source.document, location) for value in values)

    def _route(self, source: Source, index: int, model: RouteModel) -> Route:
        here: Location = ("spec", "routes", index)
        known = self.names.dialects
        for position, dialect in enumerate(model.dialects):
            if known is not None and "*" not in dialect:
                self._check_name(source.document, (*here, "dialects", position), "dialect", dialect, known)
        self._known_upstream(source.document, (*here, "upstream"), model.upstream)
        return Route(
            id=model.id,
            dialects=_unordered(model.dialects),
            models=_unordered(model.models),
            tenants=_unordered(model.tenants),
            scopes=_unordered(model.scopes),
            upstream=model.upstream or "",
        )

    def _rules(
        self, document: Document, here: Location, model: RuleModel, enforcement: Enforcement
    ) -> list[InspectRule]:
        """Return the rule by operator: one, or two where the answer needs another operator than the prompt."""
        if model.mask is not None and model.operator is not OperatorKind.MASK:
            self._note(document, (*here, "mask"), f"`mask` has no meaning with `operator: {model.operator}`")
        if model.direction == "response" and model.operator in _RESTORABLE:
            message = f"`{model.operator}` cannot be given to what the model produced; use `redact`"
            self._note(document, (*here, "operator"), message)
        rule = InspectRule(
            id=model.id,
            entities=self._entities(document, here, model),
            directions=frozenset(_BOTH if model.direction == "both" else (Direction(model.direction),)),
            operator=model.operator,
            threshold=model.threshold,
            enforcement=model.enforcement or enforcement,
            mask_char=model.mask.char if model.mask else "*",
            mask_keep_last=model.mask.keep_last if model.mask else 0,
        )
        if model.direction != "both" or model.operator not in _RESTORABLE:
            return [rule]
        answer = replace(rule, directions=frozenset({Direction.RESPONSE}), operator=OperatorKind.REDACT)
        return [replace(rule, directions=frozenset({Direction.REQUEST})), answer]

    def _entities(self, document: Document, here: Location, model: RuleModel) -> frozenset[str]:
        known, tags = self.names.entities, self.names.tags
        chosen: set[str] = set()
        for index, entity in enumerate(model.entities):
            if entity == "*":
                chosen.update(known)
            elif self._check_name(document, (*here, "entities", index), "entity", entity, known):
                chosen.add(entity)
        for index, tag in enumerate(model.tags):
            if self._check_name(document, (*here, "tags", index), "tag", tag, tags):
                chosen.update(tags[tag])
        for index, entity in enumerate(model.exclude):
            self._check_name(document, (*here, "exclude", index), "entity", entity, known)
        if not model.entities and not model.tags:
            self._note(document, here, f"rule {quoted(model.id)} names no `entities` and no `tags`")
        elif chosen and chosen <= set(model.exclude):
            self._note(document, (*here, "exclude"), f"rule {quoted(model.id)} excludes every entity that it names")
        return frozenset(chosen - set(model.exclude))

    def _detectors(self) -> tuple[str, ...]:
        here: Location = ("spec", "inspect", "detectors")
        chosen: list[str] = []
        for source in self.sources:
            for index, stated in enumerate(source.model.spec.inspect.detectors if source.model.spec.inspect else []):
                place = (*here, index, "name")
                if self._check_name(source.document, place, "detector", stated.name, self.names.detectors):
                    for location, message in detector_problems(stated):
                        self._note(source.document, (*here, index, *location), message)
                chosen.append(detector_key(stated))
        return _unordered(chosen)

    def _sections(self) -> _Sections:
        failure = self._section("on_failure", FailureModel())
        content = self._section("content", ContentModel())
        stream = self._section("stream", StreamModel())
        audit = self._section("audit", AuditModel())
        return {
            "on_failure": MappingProxyType(
                {
                    "detector": Action(failure.detector),
                    "limiter": Action(failure.limiter),
                    "audit": Action.DENY if audit.required else Action.ALLOW,
                }
            ),
            "opaque": MappingProxyType(
                {
                    "media": ContentRuling(content.media),
                    "state": ContentRuling(content.state),
                    "tokens": ContentRuling(content.tokens),
                    "derived": ContentRuling(content.derived),
                }
            ),
            "stream": StreamPlan(stream.max_hold, Action(stream.on_overflow)),
            "audit": AuditPlan(audit.payload, audit.required),
        }

    def _section(self, name: str, default: _Section) -> _Section:
        """Return the one statement of a section, or its default."""
        stated: _Section | None = None
        first = ""
        for source in self.sources:
            section = getattr(source.model.spec, name)
            if section is None:
                continue
            if stated is not None:
                message = f"`{name}` is already stated in {first}; state it once in a policy"
                self._note(source.document, ("spec", name), message)
            else:
                stated, first = section, source.document.file
        return default if stated is None else stated

    def _require(self, plan: Plan) -> None:
        document = self.sources[0].document
        for part in self.parts:
            if isinstance(part.value, BiasRule):
                self.problems += [
                    part.problem(message) for message in unknown_names(part.value, plan.routes, plan.live_probes)
                ]
            if isinstance(part.value, LiveProbe):
                self.problems += [part.problem(message) for message in unsound(part.value, plan)]
        if not plan.routes and not self.problems:
            self._note(document, ("spec",), "the policy has no route, so that every request would be refused")
        if all(source.model.spec.inspect is None for source in self.sources):
            message = "`inspect` is missing; write `inspect: {rules: []}` if nothing is to be inspected"
            self._note(document, ("spec",), message)
        else:
            self.problems += [document.problem(("spec", "inspect"), message) for message in unfound(plan)]

    def _known_upstream(self, document: Document, location: Location, name: str | None) -> None:
        if name is not None and self.names.upstreams is not None:
            self._check_name(document, location, "upstream of sluice.yaml", name, self.names.upstreams)

    def _check_name(
        self, document: Document, location: Location, what: str, name: str, known: Mapping[str, object] | frozenset[str]
    ) -> bool:
        if name in known:
            return True
        problem = document.value_problem(location, f"unknown {what} {quoted(name)}{suggestion(name, known)}")
        self.problems.append(problem)
        return False

    def _note(self, document: Document, location: Location, message: str) -> None:
        self.problems.append(document.problem(location, message))


def _limit(model: LimitModel, enforcement: Enforcement) -> LimitRule:
    return LimitRule(
        id=model.id,
        unit=model.unit,
        quota=model.quota,
        window=model.window,
        burst=model.burst if model.burst is not None else model.quota,
        per=_unordered(model.per),
        tenants=_unordered(model.tenants),
        enforcement=model.enforcement or enforcement,
    )


def _unordered(words: Sequence[str]) -> tuple[str, ...]:
    """Return words whose order has no meaning in one order, each once."""
    return tuple(sorted(set(words)))
