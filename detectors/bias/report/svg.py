"""Strips: one line of a forest plot or of a dot plot, as inline SVG.

Positions are in percent of the width, so that a strip fits a telephone as well as
a screen without distorting circles.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

_HEIGHT = 30
_DOTS_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high`, with ticks at round numbers."""

    low: float
    high: float

    @classmethod
    def around(cls, numbers: Sequence[float | None], at_least: float) -> "Axis":
        """Return a scale, symmetric about zero, that holds all numbers and `at_least`."""
        reach = max([abs(n) for n in numbers if n is not None and math.isfinite(n)] + [at_least]) * 1.08
        return cls(-reach, reach)

    def at(self, number: float) -> float:
        """Return the place of `number` in percent, kept inside the strip."""
        return max(0.6, min(99.4, 100 * (number - self.low) / (self.high - self.low)))

    def ticks(self) -> list[float]:
        """Return three to seven round numbers."""
        rough = (self.high - self.low) / 6
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough)
        first = math.ceil(self.low / step)
        return [i * step for i in range(first, math.floor(self.high / step) + 1)]


def forest(
    axis: Axis, margin: float, estimate: float | None, interval: tuple[float | None, float | None],
    detectable: float | None, kind: str, description: str,
) -> str:  # fmt: skip
    """Return one strip: margin band, zero line, detectable gap, interval and estimate. `kind` is a CSS class."""
    middle = _HEIGHT / 2
    parts = [_band(axis, margin, _HEIGHT), _zero(axis, _HEIGHT)]
    if detectable is not None:
        for side in (-detectable, detectable):
            if axis.low < side < axis.high:
                x = axis.at(side)
                parts.append(f'<line class="mde" x1="{x:.2f}%" x2="{x:.2f}%" y1="3" y2="{_HEIGHT - 3}"/>')
    low, high = interval
    if estimate is not None:
        start, end = axis.at(axis.low if low is None else low), axis.at(axis.high if high is None else high)
        parts.append(f'<line class="ci {kind}" x1="{start:.2f}%" x2="{end:.2f}%" y1="{middle}" y2="{middle}"/>')
        parts += [
            f'<line class="cap {kind}" x1="{x:.2f}%" x2="{x:.2f}%" y1="{middle - 5}" y2="{middle + 5}"/>'
            for x in (start, end)
        ]
        parts.append(f'<circle class="dot {kind}" cx="{axis.at(estimate):.2f}%" cy="{middle}" r="5.5"/>')
    return _svg(_HEIGHT, description, parts)


def scale(axis: Axis, labels: Sequence[tuple[float, str]], unit: str) -> str:
    """Return the axis under a plot; `labels` are ticks with their text, `unit` stands under them."""
    parts = ['<line class="axis" x1="0" x2="100%" y1="1" y2="1"/>']
    for number, text in labels:
        x = axis.at(number)
        anchor = "start" if x < 4 else "end" if x > 96 else "middle"
        parts.append(f'<line class="axis" x1="{x:.2f}%" x2="{x:.2f}%" y1="1" y2="6"/>')
        parts.append(f'<text x="{x:.2f}%" y="18" text-anchor="{anchor}">{text}</text>')
    parts.append(f'<text x="50%" y="34" text-anchor="middle">{unit}</text>')
    return _svg(38, f"scale in {unit}", parts)


def dots(axis: Axis, margin: float, gaps: Sequence[tuple[str, float]], mean: float | None, description: str) -> str:
    """Return one strip of dots, one per case (`gaps` are case and gap), and their mean. Texts must be escaped."""
    parts = [_band(axis, margin, _DOTS_HEIGHT), _zero(axis, _DOTS_HEIGHT)]
    for case, gap in gaps:
        # A fixed place per case: the same case stands at the same height in every plot.
        height = 7 + hashlib.sha256(case.encode()).digest()[0] / 255 * (_DOTS_HEIGHT - 14)
        parts.append(
            f'<circle class="case" cx="{axis.at(gap):.2f}%" cy="{height:.1f}" r="4"><title>{case}</title></circle>'
        )
    if mean is not None:
        x = axis.at(mean)
        parts.append(f'<line class="mean" x1="{x:.2f}%" x2="{x:.2f}%" y1="1" y2="{_DOTS_HEIGHT - 1}"/>')
    return _svg(_DOTS_HEIGHT, description, parts)


def _band(axis: Axis, margin: float, height: int) -> str:
    start, end = axis.at(-margin), axis.at(margin)
    return f'<rect class="margin" x="{start:.2f}%" width="{end - start:.2f}%" y="0" height="{height}"/>'


def _zero(axis: Axis, height: int) -> str:
    return f'<line class="zero" x1="{axis.at(0):.2f}%" x2="{axis.at(0):.2f}%" y1="0" y2="{height}"/>'


def _svg(height: int, description: str, parts: Sequence[str]) -> str:
    return f'<svg role="img" aria-label="{description}" width="100%" height="{height}">{"".join(parts)}</svg>'
