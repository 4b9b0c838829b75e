"""What a process that serves sets once for itself."""

import gc


def spare_collector() -> None:
    """Let the garbage collector pass over what a provisioned process keeps for its whole life.

    Policy, rules and weights are hundreds of thousands of objects that are never garbage. Not walking them again
    with every few requests took the bench's 99th percentile from 205 to 138 ms (medians of five interleaved
    pairs). For a process that does nothing but serve.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
