"""Bias probes on live traffic: from their shape in a file to the plan."""

from collections.abc import Iterator

from detectors.problem import quoted, suggestion
from gateway.core.decision import Action, Direction, Enforcement
from gateway.core.plan import LiveProbe, OperatorKind, Plan
from gateway.policy.bias_schema import LiveProbeModel

_REWRITING = frozenset(OperatorKind) - {OperatorKind.KEEP, OperatorKind.DENY}


def live_probe(model: LiveProbeModel) -> LiveProbe:
    """Return the probe."""
    return LiveProbe(
        id=model.id,
        route=model.route,
        attribute=model.attribute,
        swaps=tuple(sorted(model.swaps.items())),
        options=tuple(sorted((label, tuple(phrases)) for label, phrases in model.options.items())),
        favourable=tuple(sorted(set(model.favourable))),
        rate=model.rate,
        calls_per_hour=model.calls_per_hour,
        margin=model.margin,
    )


def unsound(probe: LiveProbe, plan: Plan) -> Iterator[str]:
    """Yield why a probe could not be sent, or could tell nothing."""
    ids = frozenset(route.id for route in plan.routes)
    if probe.route not in ids:
        yield f"live probe {quoted(probe.id)} names no route: {quoted(probe.route)}{suggestion(probe.route, ids)}"
    if probe.attribute == "gender" and probe.swaps:
        yield "`swaps` have no meaning with `attribute: gender`, which swaps pronouns, titles and nouns by itself"
    if probe.attribute != "gender" and not probe.swaps:
        yield f"attribute {quoted(probe.attribute)} needs `swaps`, pairs of words"
    words = [word.casefold() for pair in probe.swaps for word in pair]
    if len(set(words)) != len(words) or not all(word.strip() for word in words):
        yield "a word of `swaps` is empty or stands twice, so that swapping is ambiguous"
    labels = {label for label, _ in probe.options}
    if not set(probe.favourable) <= labels or (labels and not labels > set(probe.favourable) > set()):
        yield "`favourable` must be some of the labels of `options`, and not all"
    if any(not phrases or not all(phrase.strip() for phrase in phrases) for _, phrases in probe.options):
        yield "each label of `options` needs phrases, none of them empty"
    if not redacts(plan):
        yield "a live probe repeats redacted text only: let an enforced rule rewrite `PERSON` in prompts"


def redacts(plan: Plan) -> bool:
    """Whether prompts go out redacted: names rewritten, every rule that rewrites enforced, no dead detector passed."""
    rewriting = [rule for rule in plan.rules if Direction.REQUEST in rule.directions and rule.operator in _REWRITING]
    return (
        any("PERSON" in rule.entities for rule in rewriting)
        and all(rule.enforcement is Enforcement.ENFORCE for rule in rewriting)
        and plan.on_failure.get("detector") is Action.DENY
    )
