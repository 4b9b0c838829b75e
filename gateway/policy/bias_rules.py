"""Rules on bias probes: from their shape in a file to the plan."""

from collections.abc import Iterator, Sequence

from detectors.bias.mitigation.quarantine import Hysteresis
from detectors.problem import quoted, suggestion
from gateway.core.decision import Enforcement
from gateway.core.globs import matches
from gateway.core.plan import BiasRule, LiveProbe, Route
from gateway.policy.bias_schema import BiasModel


def bias_rule(model: BiasModel, enforcement: Enforcement) -> BiasRule:
    """Return the rule. `warn` never becomes stricter than the file's `enforcement`, and shadow stays shadow."""
    if model.on_fail == "warn" and enforcement is Enforcement.ENFORCE:
        enforcement = Enforcement.WARN
    return BiasRule(
        id=model.id,
        suites=tuple(sorted(set(model.suites))),
        routes=tuple(sorted(set(model.routes))),
        models=tuple(sorted(set(model.models))),
        fallback=model.fallback or "",
        recover=Hysteresis(model.recover.passes, model.recover.rest, model.recover.fresh),
        probe_scope=model.probe_scope or "",
        enforcement=enforcement,
        live=tuple(sorted(set(model.live))),
    )


def problems(model: BiasModel) -> Iterator[str]:
    """Yield what a rule says that cannot be meant."""
    if model.fallback is not None and model.on_fail == "warn":
        yield "`fallback` has no meaning with `on_fail: warn`"
    elif model.fallback is not None and model.probe_scope is None:
        yield "`fallback` needs a `probe_scope`: else a probe hears the fallback and frees the model"


def unknown_names(rule: BiasRule, routes: Sequence[Route], probes: Sequence[LiveProbe]) -> Iterator[str]:
    """Yield the routes and live probes that a rule names and nobody has: what concerns nothing protects nobody."""
    known_probes = frozenset(probe.id for probe in probes)
    for name in rule.live:
        if name not in known_probes:
            hint = suggestion(name, known_probes)
            yield f"bias rule {quoted(rule.id)} names no live probe of the policy: {quoted(name)}{hint}"
    ids = frozenset(route.id for route in routes)
    for name in rule.routes:
        if not any(matches((name,), known) for known in ids):
            yield f"bias rule {quoted(rule.id)} names no route of the policy: {quoted(name)}{suggestion(name, ids)}"
