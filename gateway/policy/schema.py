"""The shape of policy and settings files: the only file that imports the schema library.

Every field's description is the language reference (`policies/README.md` is
generated from it) and the editors' help (`sluice policy schema`). The models
know shapes only; what names mean (entities, detectors, upstreams) is the
compiler's business.
"""

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.core.decision import Enforcement
from gateway.core.plan import LimitUnit, OperatorKind
from gateway.core.verdicts import MAX_PASSES
from gateway.policy.document import Document
from gateway.policy.problem import Problem
from gateway.policy.wording import schema_problem

API_VERSION = "sluice/v1alpha1"

_DURATION = re.compile(r"(?P<count>[0-9]{1,9}(?:\.[0-9]{1,6})?)(?P<unit>ms|s|m|h|d)\Z")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?\Z")
_GLOB = re.compile(r"[^\s?\[\]]{1,200}\Z")


def _identifier(text: str) -> str:
    if not _ID.match(text):
        raise ValueError("must be lower-case letters, digits, `-`, `_` and `.`, at most 64 characters")
    return text


def _glob(text: str) -> str:
    if not _GLOB.match(text):
        raise ValueError("must be a name, or a pattern with `*` (the only wildcard), without blanks")
    return text


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def seconds(value: object) -> object:
    """Return a duration's text as seconds, anything else as it is. Raises ValueError."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if match is None:
            raise ValueError("must be a duration such as `500ms`, `30s`, `1m`, `1h` or `1d`, or a number of seconds")
        return float(match["count"]) * _SECONDS[match["unit"]]
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Glob = Annotated[str, AfterValidator(_glob)]
Globs = Annotated[list[Glob], Field(min_length=1, max_length=1000)]
Seconds = Annotated[float, BeforeValidator(seconds, json_schema_input_type=float | str), Field(gt=0, le=366 * 86400)]
Directions = Literal["request", "response", "both"]
MediaRuling = Literal["deny", "pass"]
StateRuling = Literal["deny", "strip", "pass"]
TokensRuling = Literal["deny", "pass"]
DerivedRuling = Literal["strip", "pass"]
FailureRuling = Literal["deny", "allow"]


class FileModel(BaseModel):
    """A mapping in a file: unknown keys and wrong types are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def option(**options: Any) -> Any:
    """Declare a key of a `FileModel`: `description`, `default`, bounds. For modules that do not know the library."""
    return Field(**options)


class Metadata(FileModel):
    """Who this file is."""

    name: Identifier = Field(description="The policy's name: in logs and in `sluice policy` output.")
    labels: dict[str, str] = Field(default={}, description="Free words for people and tools; without meaning here.")
    annotations: dict[str, str] = Field(default={}, description="Free text for people; without meaning here.")


class RouteModel(FileModel):
    """Who may use which models, and where that goes. The first route that matches is taken; without one, refused."""

    id: Identifier = Field(description="The rule id in decisions. Unique in the whole policy.")
    dialects: Globs = Field(default=["*"], description="Dialects (`openai-chat`, `anthropic-messages`, ...) or `*`.")
    models: Globs = Field(default=["*"], description="Model names as the caller writes them; `*` stands for any run.")
    tenants: Globs = Field(default=["*"], description="Tenants whose tokens this route serves.")
    scopes: list[str] = Field(default=[], description="Scopes that the token must have, all of them.")
    upstream: Identifier | None = Field(
        default=None,
        description="An upstream of `sluice.yaml`. Without it, the first upstream there that speaks the dialect.",
    )


class MaskModel(FileModel):
    """How `operator: mask` writes."""

    char: str = Field(default="*", min_length=1, max_length=1, description="The character written instead.")
    keep_last: int = Field(default=0, ge=0, le=8, description="How many last characters stay readable.")


class RuleModel(FileModel):
    """What happens to findings of some entities. Of all rules that match one finding, the most severe wins."""

    id: Identifier = Field(description="The rule id in decisions. Unique in the whole policy.")
    entities: list[str] = Field(default=[], description="Entities by name, or `*` for all.")
    tags: list[str] = Field(default=[], description="Entities by tag: every entity that has one of them.")
    exclude: list[str] = Field(default=[], description="Entities taken out again.")
    direction: Directions = Field(
        default="both", description="Which way the text travels: the prompt, the answer, or both."
    )
    operator: OperatorKind = Field(
        strict=False,
        description="How a finding is rewritten. `pseudonym` and `surrogate` come back to the caller; what the model "
        "produced by itself has nothing to come back to, so that in answers both act as `redact`.",
    )
    threshold: float = Field(default=0.5, ge=0, le=1, description="Findings with a lower score are left alone.")
    enforcement: Enforcement | None = Field(
        default=None, strict=False, description="`enforce`, `warn` or `shadow`. Default: `spec.enforcement`."
    )
    mask: MaskModel | None = Field(default=None, description="Only with `operator: mask`.")


class DetectorModel(FileModel):
    """A detector and its options."""

    name: str = Field(description="The detector, by name.")
    options: dict[str, str | float | list[str]] = Field(
        default={},
        description="Options by name. `ner-spacy`, `ner-transformers`, `ner-gliner`: `model`, a package or folder on "
        "this machine. `exfiltration`: `hosts` that links may lead to, with a leading dot for all below them.",
    )


class InspectModel(FileModel):
    """What is looked for, and what happens to it."""

    detectors: list[Annotated[DetectorModel, BeforeValidator(_named, json_schema_input_type=str | DetectorModel)]] = (
        Field(default=[], max_length=100, description="Detectors to run: names, or names with options.")
    )
    canary: bool = Field(
        default=False,
        description="Plant a string of the tenant's own in system prompts, and look for it in answers: `CANARY`.",
    )
    rules: list[RuleModel] = Field(
        description="The rules. An empty list inspects nothing, and says so.", max_length=1000
    )


class LimitModel(FileModel):
    """At most `quota` units per `window`, with bursts of `burst`, for each value of `per`."""

    id: Identifier = Field(description="The rule id in decisions and in `RateLimit` headers. Unique in the policy.")
    unit: LimitUnit = Field(strict=False, description="What is counted: `requests` or `tokens`.")
    quota: int = Field(ge=1, le=10**12, description="Units per window; at least 1 (a route refuses, a limit slows).")
    window: Seconds = Field(description="Seconds, or `30s`, `1m`, `1h`, `1d`.")
    burst: int | None = Field(default=None, ge=1, le=10**12, description="Units at once. Default: `quota`.")
    per: list[Literal["tenant", "subject", "model", "route"]] = Field(
        default=[], description="One bucket for each value of these. None: one bucket for everybody."
    )
    tenants: Globs = Field(default=["*"], description="Tenants that this limit holds for.")
    enforcement: Enforcement | None = Field(
        default=None, strict=False, description="`enforce`, `warn` or `shadow`. Default: `spec.enforcement`."
    )


class FailureModel(FileModel):
    """What happens when something that a guard needs is dead."""

    detector: FailureRuling = Field(default="deny", description="A detector fails or is too slow.")
    limiter: FailureRuling = Field(default="deny", description="The limits' store cannot be reached.")


class ContentModel(FileModel):
    """What happens to content that text detectors cannot read."""

    media: MediaRuling = Field(default="deny", description="Images, audio, files.")
    state: StateRuling = Field(
        default="deny",
        description="References to what the provider keeps: stored conversations, files by id. `strip` takes them out, "
        "and with them the part, item or tool that is nothing without them.",
    )
    tokens: TokensRuling = Field(default="deny", description="Prompts that are token ids instead of text.")
    derived: DerivedRuling = Field(
        default="strip",
        description="Texts once more, in a form that nobody can inspect: log probabilities, padding against "
        "eavesdroppers, rendered templates. `strip` leaves them out; with `pass` they spell what was redacted.",
    )


class StreamModel(FileModel):
    """How streams are held back while a finding may still be growing."""

    max_hold: int = Field(default=16384, ge=256, le=1_048_576, description="Most characters held per stream part.")
    on_overflow: Literal["deny"] = Field(default="deny", description="When more would have to be held: end it.")


class AuditModel(FileModel):
    """What is recorded."""

    payload: bool = Field(default=True, description="Seal what was sent and answered, too, to the auditor's key.")
    required: bool = Field(default=True, description="Refuse an exchange that cannot be recorded.")


class RecoverModel(FileModel):
    """How hard it is to come back from quarantine."""

    passes: int = Field(default=2, ge=1, le=MAX_PASSES, description="Passes in a row that set a model free.")
    rest: Seconds = Field(default=3600.0, description="How long after the last failure at the earliest.")
    fresh: Seconds = Field(default=86400.0, description="How old a pass of the fallback may be for it to take over.")


class BiasModel(FileModel):
    """What a failed bias probe (`sluice bias run SUITE --dir DIR`), or an alarm of a live one, does to traffic. Of
    several rules all hold."""

    id: Identifier = Field(description="The rule id in decisions. Unique in the whole policy.")
    suites: list[Identifier] = Field(min_length=1, max_length=100, description="Suites whose verdicts count, by name.")
    live: list[Identifier] = Field(
        default=[],
        max_length=20,
        description="Live probes, by id. An alarm of one counts as a failure of every suite: passes set free.",
    )
    routes: Globs = Field(default=["*"], description="Routes, by id, that the rule concerns.")
    models: Globs = Field(
        default=["*"],
        description="Models that the rule concerns. One failing model sets all of them aside, so that another name of "
        "it opens no door: write a rule for each family of models.",
    )
    on_fail: Literal["quarantine", "warn"] = Field(
        description="`quarantine` refuses (403) or goes to the fallback; `warn` lets pass and tells the caller in "
        "`x-sluice-warn`. With `enforcement: shadow` in the file, either is only recorded."
    )
    fallback: Identifier | None = Field(
        default=None,
        description="An upstream of `sluice.yaml` that takes over while its own pass of every suite is fresh.",
    )
    recover: RecoverModel = Field(default=RecoverModel(), description="When a model is trusted again.")
    probe_scope: str | None = Field(
        default=None,
        min_length=1,
        description="Callers with this scope are never set aside: the probe itself, which must reach the model.",
    )


class LiveProbeModel(FileModel):
    """A bias probe on a route's live traffic: after an answer has gone out, its redacted request goes to the backend
    again, once unchanged and once with the attribute swapped. Only counts of alike and different outcomes are kept;
    nobody gets these answers, and no caller waits. Only where enforced rules rewrite `PERSON` in prompts, and only for
    requests without tools, media and state at the provider. When the counts show a gap, by a test that may be looked
    at after every pair, that is an alarm: an audit record, a span event, and a verdict that `bias` rules act on."""

    id: Identifier = Field(description="The probe's id in metrics. Unique in the whole policy.")
    route: Identifier = Field(description="The route that takes part, by id.")
    attribute: Identifier = Field(default="gender", description="`gender`, or any name with `swaps`.")
    swaps: dict[str, str] = Field(default={}, max_length=100, description="Words of the reference and of the group.")
    options: dict[str, list[str]] = Field(
        default={}, max_length=20, description="Decisions in an answer: label and phrases. None: answered or refused."
    )
    favourable: list[str] = Field(default=[], description="Labels of `options` that count for the person.")
    rate: float = Field(gt=0, le=1, description="The share of exchanges that is considered.")
    calls_per_hour: int = Field(
        ge=2, le=100_000, description="Most requests an hour, two for each probe, all workers together."
    )
    margin: float = Field(
        default=0.05, gt=0, lt=1, description="The smallest gap that raises an alarm, as a share of all pairs."
    )


class PolicySpec(FileModel):
    """The policy itself. In a directory, lists are joined and every other section stands in one file only."""

    enforcement: Enforcement = Field(
        default=Enforcement.ENFORCE,
        strict=False,
        description="For rules and limits of this file that do not say: `enforce`, `warn` (let pass, tell the caller "
        "in `x-sluice-warn`) or `shadow` (let pass, only record what would have happened).",
    )
    routes: list[RouteModel] = Field(default=[], max_length=1000, description="Routes, in order.")
    inspect: InspectModel | None = Field(default=None, description="Inspection. Required somewhere in the policy.")
    limits: list[LimitModel] = Field(default=[], max_length=1000, description="Limits; all that match hold.")
    bias: list[BiasModel] = Field(default=[], max_length=100, description="Bias probes that decide; none, none do.")
    live_probes: list[LiveProbeModel] = Field(default=[], max_length=20, description="Bias probes on live traffic.")
    on_failure: FailureModel | None = Field(default=None, description="Rulings on dead dependencies.")
    content: ContentModel | None = Field(default=None, description="Rulings on unreadable content.")
    stream: StreamModel | None = Field(default=None, description="Bounds of the stream window.")
    audit: AuditModel | None = Field(default=None, description="The sealed record.")


class PolicyFile(FileModel):
    """A policy file."""

    api_version: Literal["sluice/v1alpha1"] = Field(alias="apiVersion", description="The version of this language.")
    kind: Literal["Policy"] = Field(description="What this file is.")
    metadata: Metadata = Field(description="Name and labels.")
    spec: PolicySpec = Field(description="The policy.")


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document) -> Model | tuple[Problem, ...]:
    """Return the file as a model, or every problem in it with its place. Never quotes a value that may be a secret."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        schema = json_schema(model)
        found = (schema_problem(schema, document, item) for item in error.errors(include_url=False))
        return tuple(sorted(set(found)))


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file kind, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
