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
def resident():
    gc.collect()
    try:
        return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return float("nan")
first = resident()
import pathlib, random
modules = sorted(pathlib.Path(random.__file__).parent.glob("*.py"))
work = "".join(module.read_text("utf-8", "replace") for module in modules)[: 2**20]
for at in range(0, len(work), 2**16):
    for detector in detectors:
        detector.detect([work[i : i + 2**12] for i in range(at, min(at + 2**16, len(work)), 2**12)])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([wall, cpu, first, resident(), peak]))
"""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Seconds from the first import to the first finding, by the clock and of the processor; then megabytes.

    `resident` at the first finding, `worked` after a megabyte of text, `peak` ever.
    """

    names: str
    wall: float
    cpu: float
    resident: float
    worked: float
    peak: float


def footprint(names: str, times: int = 3) -> Footprint:
    """Start `times` fresh interpreters with the detectors `names` (comma between) and return the fastest's figures."""
    runs = []
    for _ in range(times):
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _PROBE, names], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(ran.stdout))
    return Footprint(names, *min(runs))


def to_markdown(rows: list[Footprint]) -> str:
    """Return a table: a line per set of detectors."""
    lines = [
        "| detectors | clock, s | processor, s | resident, MB | after 1 MB of text | peak, MB |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.names} | {r.wall:.2f} | {r.cpu:.2f} | {r.resident:.0f} | {r.worked:.0f} | {r.peak:.0f} |" for r in rows
    ]
    return "\n".join(lines)
