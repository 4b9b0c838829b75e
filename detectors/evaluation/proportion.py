"""A share of independent cases, with Wilson's interval."""

import math

from detectors.evaluation.report import Estimate


def proportion(hits: int, number: int, z: float = 1.96) -> Estimate:
    """Return ``hits / number`` with its 95 % score interval (Wilson 1927); NaN for no cases."""
    if not number:
        return Estimate(math.nan, math.nan, math.nan)
    share = hits / number
    scale = 1 + z * z / number
    centre = (share + z * z / (2 * number)) / scale
    spread = z * math.sqrt(share * (1 - share) / number + z * z / (4 * number**2)) / scale
    return Estimate(share, max(0.0, centre - spread), min(1.0, centre + spread))
