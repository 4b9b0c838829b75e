"""What the project wants of its detectors, and whether what was measured reaches it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from detectors.evaluation.report import Estimate


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure against what is wanted of it.

    `sense` is "least" where more is better and "most" where less is; `where` names
    the set or the text that it was measured on.
    """

    what: str
    where: str
    wanted: float
    reached: Estimate
    sense: Literal["least", "most"] = "least"
    digits: int = 3

    @property
    def verdict(self) -> str:
        """ "reached", "short, goal inside the interval", "**not reached**", or "not measured"."""
        value, low, high = self.reached.value, self.reached.low, self.reached.high
        if math.isnan(value):
            return "not measured"
        sign = 1 if self.sense == "least" else -1
        if sign * (value - self.wanted) >= 0:
            return "reached"
        best = high if self.sense == "least" else low
        return "short, goal inside the interval" if sign * (best - self.wanted) >= 0 else "**not reached**"


def to_markdown(goals: Sequence[Goal]) -> str:
    """Return the table of wanted and reached."""
    lines = ["| figure | measured on | wanted | reached [95 %] | |", "|---|---|--:|--:|---|"]
    for goal in goals:
        bound = "≥" if goal.sense == "least" else "≤"
        wanted = f"{bound} {goal.wanted:g}".replace(" 0.", " .")
        lines.append(f"| {goal.what} | {goal.where} | {wanted} | {_shown(goal)} | {goal.verdict} |")
    return "\n".join(lines)


def _shown(goal: Goal) -> str:
    if goal.digits == 3:
        return str(goal.reached) if not math.isnan(goal.reached.low) else str(goal.reached).split(" ")[0]
    return f"{goal.reached.value:.{goal.digits}f}"
