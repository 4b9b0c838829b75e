"""What live probes have found: counts of pairs and nothing else. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """What a count is about: a probe as it was defined (`digest`), the backend's name in ``sluice.yaml``, a model."""

    probe: str
    digest: str
    upstream: str
    model: str


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Pairs of answers, of which only the group's was favourable (`favoured`) or only the reference's (`disfavoured`).

    `log_peak` is the largest natural logarithm of the e-value so far. `missing`
    counts pairs that nobody could read, `repeated` live answers with a readable
    repetition, of which `changed` differed.
    """

    favoured: int = 0
    disfavoured: int = 0
    pairs: int = 0
    log_peak: float = 0.0
    changed: int = 0
    repeated: int = 0
    missing: int = 0
