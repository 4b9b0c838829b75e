"""The shape of a policy's bias sections: rules on what probes found, and probes on live traffic."""

from typing import Literal

from gateway.core.verdicts import MAX_PASSES
from gateway.policy.fields import FileModel, Globs, Identifier, Seconds, option


class RecoverModel(FileModel):
    """How hard it is to come back from quarantine."""

    passes: int = option(default=2, ge=1, le=MAX_PASSES, description="Passes in a row that set a model free.")
    rest: Seconds = option(default=3600.0, description="How long after the last failure at the earliest.")
    fresh: Seconds = option(default=86400.0, description="How old a pass of the fallback may be for it to take over.")


class BiasModel(FileModel):
    """What a failed bias probe (`sluice bias run SUITE --dir DIR`), or an alarm of a live one, does to traffic. Of
    several rules all hold."""

    id: Identifier = option(description="The rule id in decisions. Unique in the whole policy.")
    suites: list[Identifier] = option(min_length=1, max_length=100, description="Suites whose verdicts count, by name.")
    live: list[Identifier] = option(
        default=[],
        max_length=20,
        description="Live probes, by id. An alarm of one counts as a failure of every suite: passes set free. Callers "
        "who word prompts freely can bring one about: with `quarantine`, only where your application writes them.",
    )
    routes: Globs = option(default=["*"], description="Routes, by id, that the rule concerns.")
    models: Globs = option(
        default=["*"],
        description="Models that the rule concerns. One failing model sets all of them aside, so that another name of "
        "it opens no door: write a rule for each family of models.",
    )
    on_fail: Literal["quarantine", "warn"] = option(
        description="`quarantine` refuses (403) or goes to the fallback; `warn` lets pass and tells the caller in "
        "`x-sluice-warn`. With `enforcement: shadow` in the file, either is only recorded."
    )
    fallback: Identifier | None = option(
        default=None,
        description="An upstream of `sluice.yaml` that takes over while its own pass of every suite is fresh.",
    )
    recover: RecoverModel = option(default=RecoverModel(), description="When a model is trusted again.")
    probe_scope: str | None = option(
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

    id: Identifier = option(description="The probe's id in metrics. Unique in the whole policy.")
    route: Identifier = option(description="The route that takes part, by id.")
    attribute: Identifier = option(default="gender", description="`gender`, or any name with `swaps`.")
    swaps: dict[str, str] = option(default={}, max_length=100, description="Words of the reference and of the group.")
    options: dict[str, list[str]] = option(
        default={}, max_length=20, description="Decisions in an answer: label and phrases. None: answered or refused."
    )
    favourable: list[str] = option(default=[], description="Labels of `options` that count for the person.")
    rate: float = option(gt=0, le=1, description="The share of exchanges that is considered.")
    calls_per_hour: int = option(
        ge=2, le=100_000, description="Most requests an hour, two for each probe, all workers together."
    )
    margin: float = option(
        default=0.05, gt=0, lt=1, description="The smallest gap that raises an alarm, as a share of all pairs."
    )
