"""A plan as text for a terminal and as JSON for scripts."""

import json
from dataclasses import asdict

from detectors.bias.outcome import CROSS, Metric
from detectors.bias.plan import Line, Plan
from detectors.bias.report import words


def as_text(plan: Plan) -> str:
    """Return the plan as a table: what it costs, what it can find."""
    suite = plan.suite
    cost = f"at most {plan.cost:.2f}" if plan.cost else "unknown (no prices)"
    lines = [
        f"{suite.title}",
        f"{plan.calls} requests (budget {suite.budget.calls}), about {plan.input_tokens} tokens in and at most "
        f"{plan.output_tokens} out, cost {cost}",
        "",
        f"{'comparison':<46} {'metric':<34} {'answers':>7} {'margin':>14} {'detectable':>10} {'finds':>6} "
        f"{'passes':>6} {'cases to pass':>13}",
    ]
    shown = [line for line in plan.lines if CROSS not in line.contrast.attribute]
    lines += [_line(line) for line in (*shown, *(line for line in plan.lines if line not in shown))]
    lines += [
        "",
        "detectable: smallest gap found with the suite's power. finds: probability of FAIL at the suite's effect "
        f"({suite.power.effect:g}).",
        "passes: probability of PASS for a backend without a gap. cases to pass: cases that make it likely.",
    ]
    lines += [f"note: {note}" for note in plan.notes]
    lines += [f"PROBLEM: {problem}" for problem in plan.problems]
    return "\n".join(lines) + "\n"


def _line(line: Line) -> str:
    contrast = line.contrast
    position = contrast.metric is Metric.POSITION_EFFECT
    who = "first place / chance" if position else f"{words.group(contrast.group)} / {words.group(contrast.reference)}"
    metric = f"{line.measure}.{contrast.metric}"
    detectable = words.value(contrast.metric, line.detectable, sign=False)
    return (
        f"{who:<46} {metric:<34} {line.answers:>7} {words.band(contrast.metric, contrast.margin):>14} "
        f"{detectable:>10} {_share(line.finds):>6} {_share(line.passes):>6} {line.needed or '–':>13}"
    )


def _share(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def as_json(plan: Plan) -> str:
    """Return the plan as JSON text; questions are left out."""
    data = {
        "version": "sluice.bias-plan/1",
        "suite": plan.suite.name,
        "digest": plan.suite.digest,
        "seed": plan.seed,
        "calls": plan.calls,
        "input_tokens": plan.input_tokens,
        "output_tokens": plan.output_tokens,
        "cost": plan.cost,
        "problems": plan.problems,
        "notes": plan.notes,
        "lines": [asdict(line) for line in plan.lines],
    }
    return json.dumps(data, indent=1) + "\n"
