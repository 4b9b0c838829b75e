"""The shape of policy files.

Every field's description is the language reference (`policies/README.md` is
generated from it) and the editors' help (`sluice policy schema`). The models
know shapes only; what names mean (entities, detectors, upstreams) is the
compiler's business.
"""

from typing import Annotated, Literal

from gateway.core.decision import Enforcement
from gateway.core.plan import LimitUnit, OperatorKind
from gateway.policy.bias_schema import BiasModel, LiveProbeModel
from gateway.policy.fields import FileModel, Globs, Identifier, Metadata, Seconds, by_name, option

Directions = Literal["request", "response", "both"]
MediaRuling = Literal["deny", "pass", "inspect"]
StateRuling = Literal["deny", "strip", "pass"]
TokensRuling = Literal["deny", "pass"]
DerivedRuling = Literal["deny", "strip", "pass"]
FailureRuling = Literal["deny", "allow"]


class RouteModel(FileModel):
    """Who may use which models, and where that goes. The first route that matches is taken; without one, refused."""

    id: Identifier = option(description="The rule id in decisions. Unique in the whole policy.")
    dialects: Globs = option(default=["*"], description="Dialects (`openai-chat`, `anthropic-messages`, ...) or `*`.")
    models: Globs = option(
        default=["*"],
        description="Model names as the caller writes them; `*` stands for any run. What a request names to fall back "
        "on must match, too.",
    )
    tenants: Globs = option(default=["*"], description="Tenants whose tokens this route serves.")
    scopes: list[str] = option(default=[], description="Scopes that the token must have, all of them.")
    upstream: Identifier | None = option(
        default=None,
        description="An upstream of `sluice.yaml`. Without it, the first upstream there that speaks the dialect.",
    )


class MaskModel(FileModel):
    """How `operator: mask` writes."""

    char: str = option(default="*", min_length=1, max_length=1, description="The character written instead.")
    keep_last: int = option(default=0, ge=0, le=8, description="How many last characters stay readable.")


class RuleModel(FileModel):
    """What happens to findings of some entities. Of all rules that match one finding, the most severe wins."""

    id: Identifier = option(description="The rule id in decisions. Unique in the whole policy.")
    entities: list[str] = option(default=[], description="Entities by name, or `*` for all.")
    tags: list[str] = option(default=[], description="Entities by tag: every entity that has one of them.")
    exclude: list[str] = option(default=[], description="Entities taken out again.")
    direction: Directions = option(
        default="both", description="Which way the text travels: the prompt, the answer, or both."
    )
    operator: OperatorKind = option(
        strict=False,
        description="How a finding is rewritten. `pseudonym` and `surrogate` come back to the caller; what the model "
        "produced by itself has nothing to come back to, so that in answers both act as `redact`.",
    )
    threshold: float = option(default=0.5, ge=0, le=1, description="Findings with a lower score are left alone.")
    enforcement: Enforcement | None = option(
        default=None, strict=False, description="`enforce`, `warn` or `shadow`. Default: `spec.enforcement`."
    )
    mask: MaskModel | None = option(default=None, description="Only with `operator: mask`.")


class DetectorModel(FileModel):
    """A detector and its options."""

    name: str = option(description="The detector, by name.")
    options: dict[str, str | float | list[str]] = option(
        default={},
        description="Options by name. `ner-spacy`, `ner-transformers`, `ner-gliner`: `model`, a package or folder on "
        "this machine. `exfiltration`: `hosts` that links may lead to, with a leading dot for all below them.",
    )


class InspectModel(FileModel):
    """What is looked for, and what happens to it."""

    detectors: list[Annotated[DetectorModel, by_name(DetectorModel)]] = option(
        default=[], max_length=100, description="Detectors to run: names, or names with options."
    )
    canary: bool = option(
        default=False,
        description="Plant a string of the tenant's own in system prompts, and look for it in answers: `CANARY`.",
    )
    rules: list[RuleModel] = option(
        description="The rules. An empty list inspects nothing, and says so.", max_length=1000
    )


class LimitModel(FileModel):
    """At most `quota` units per `window`, with bursts of `burst`, for each value of `per`."""

    id: Identifier = option(description="The rule id in decisions and in `RateLimit` headers. Unique in the policy.")
    unit: LimitUnit = option(strict=False, description="What is counted: `requests` or `tokens`.")
    quota: int = option(ge=1, le=10**12, description="Units per window; at least 1 (a route refuses, a limit slows).")
    window: Seconds = option(description="Seconds, or `30s`, `1m`, `1h`, `1d`.")
    burst: int | None = option(default=None, ge=1, le=10**12, description="Units at once. Default: `quota`.")
    per: list[Literal["tenant", "subject", "model", "route"]] = option(
        default=[], description="One bucket for each value of these. None: one bucket for everybody."
    )
    tenants: Globs = option(default=["*"], description="Tenants that this limit holds for.")
    enforcement: Enforcement | None = option(
        default=None, strict=False, description="`enforce`, `warn` or `shadow`. Default: `spec.enforcement`."
    )


class FailureModel(FileModel):
    """What happens when something that a guard needs is dead."""

    detector: FailureRuling = option(default="deny", description="A detector fails or is too slow.")
    limiter: FailureRuling = option(default="deny", description="The limits' store cannot be reached.")


class ContentModel(FileModel):
    """What happens to content that text detectors cannot read."""

    media: MediaRuling = option(
        default="deny",
        description="Images, audio, files. `inspect` reads the text of PDF and office documents, of plain text and "
        "(by Tesseract, where it is installed) of images, and judges it by the same rules. Media in which a rule would "
        "rewrite or deny anything are refused, since bytes are not rewritten; so is what cannot be read: sounds, "
        "links, locked files. `pass` lets bytes and links pass; a sentence in their place is a text, and a file that "
        "is plain text is inspected.",
    )
    state: StateRuling = option(
        default="deny",
        description="References to what the provider keeps: stored conversations, files by id. `strip` takes them out, "
        "and with them the part, item or tool that is nothing without them. `pass` lets identifiers pass: a string "
        "that is not written like one, in an object too, is a text.",
    )
    tokens: TokensRuling = option(default="deny", description="Prompts that are token ids instead of text.")
    derived: DerivedRuling = option(
        default="strip",
        description="Texts once more, in a form that nobody can inspect: log probabilities, padding against "
        "eavesdroppers, rendered templates. `strip` leaves them out, and so does `deny` in answers, but it refuses a "
        "request that holds them; with `pass` they spell what was redacted.",
    )


class StreamModel(FileModel):
    """How streams are held back while a finding may still be growing."""

    max_hold: int = option(default=16384, ge=256, le=1_048_576, description="Most characters held per stream part.")
    on_overflow: Literal["deny"] = option(default="deny", description="When more would have to be held: end it.")


class AuditModel(FileModel):
    """What is recorded."""

    payload: bool = option(default=True, description="Seal what was sent and answered, too, to the auditor's key.")
    required: bool = option(default=True, description="Refuse an exchange that cannot be recorded.")


class PolicySpec(FileModel):
    """The policy itself. In a directory, lists are joined and every other section stands in one file only."""

    enforcement: Enforcement = option(
        default=Enforcement.ENFORCE,
        strict=False,
        description="For rules and limits of this file that do not say: `enforce`, `warn` (let pass, tell the caller "
        "in `x-sluice-warn`) or `shadow` (let pass, only record what would have happened).",
    )
    routes: list[RouteModel] = option(default=[], max_length=1000, description="Routes, in order.")
    inspect: InspectModel | None = option(default=None, description="Inspection. Required somewhere in the policy.")
    limits: list[LimitModel] = option(default=[], max_length=1000, description="Limits; all that match hold.")
    bias: list[BiasModel] = option(default=[], max_length=100, description="Bias probes that decide; none, none do.")
    live_probes: list[LiveProbeModel] = option(default=[], max_length=20, description="Bias probes on live traffic.")
    on_failure: FailureModel | None = option(default=None, description="Rulings on dead dependencies.")
    content: ContentModel | None = option(default=None, description="Rulings on unreadable content.")
    stream: StreamModel | None = option(default=None, description="Bounds of the stream window.")
    audit: AuditModel | None = option(default=None, description="The sealed record.")


class PolicyFile(FileModel):
    """A policy file."""

    api_version: Literal["sluice/v1alpha1"] = option(alias="apiVersion", description="The version of this language.")
    kind: Literal["Policy"] = option(description="What this file is.")
    metadata: Metadata = option(description="Name and labels.")
    spec: PolicySpec = option(description="The policy.")
