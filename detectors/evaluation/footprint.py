"""Start-up and memory of all detectors in one fresh process."""

import json
import subprocess  # a fresh interpreter measures start-up
import sys
from dataclasses import dataclass
from typing import Final

_PROBE: Final = """
import gc, json, resource, sys, time
wall, cpu = time.perf_counter(), time.process_time()
from detectors.catalog import build
names = sys.argv[1].split(",")
detectors = [build(name) for name in names]
text = "Mail anna@example.com, ask for Anna Berger in Hamburg, or call +1 (212) 555-0134."
found = sum(len(detector.detect([text])[0]) for detector in detectors)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
assert found
gc.collect()
try:
    resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
except OSError:
    resident = float("nan")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([wall, cpu, resident, peak]))
"""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Seconds from the first import to the first finding (by the clock, of the processor); megabytes."""

    names: str
    wall: float
    cpu: float
    resident: float
    peak: float


def footprint(names: str, times: int = 3) -> Footprint:
    """Start `times` fresh interpreters with the detectors `names` (comma between) and return the fastest's figures."""
    runs = []
    for _ in range(times):
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _PROBE, names], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(ran.stdout))
    return Footprint(names, *min(runs, key=lambda run: run[1]))


def to_markdown(rows: list[Footprint]) -> str:
    """Return a table: a line per set of detectors."""
    lines = ["| detectors | clock, s | processor, s | resident, MB | peak, MB |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {r.names} | {r.wall:.2f} | {r.cpu:.2f} | {r.resident:.0f} | {r.peak:.0f} |" for r in rows]
    return "\n".join(lines)
