"""How much later the first text of a streamed answer comes when there is something to look for.

``python -m tests.bench.first_token [--streams N] [--seed N]``

A backend that streams, and two gateways in front of it: one with the default
policy, one whose policy has no rule, so that it has nothing to look for and all
else to do. Stream by stream they take turns, each with a prompt that neither has
seen, and what is compared is the time from the request to the first text of the
answer. Its growth is held against the detectors' own time, measured inside: all
that `detect` and `settled` took, in both directions, before that text came.

The backend's first words come in one piece, so that nothing is waited for but
work. How much text is waited for is another figure (`tests.bench.hold`); here it
is counted in deltas that come one by one.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it

import uvloop

from detectors.detector import Detector
from gateway.adapters.detector_pool import ThreadPool
from gateway.app import running
from gateway.core.window import Promise
from gateway.process import spare_collector
from gateway.scaffold import init, local_issuer
from gateway.settings import load_settings
from tests.bench.streams import DELTA, Backend, Caller, Messages, Own, Stream

_DRAWS = 2_000
_TICKET = (
    "Ticket {n}: the customer writes that the parcel has not come yet and asks when it will. Please answer politely, "
    "in two sentences, and offer a refund of the shipping costs. Reply to customer{n}@example.com or call "
    "+1 415 555 {d:04d}. The order was paid by card and shipped in two boxes; one of them arrived on time, the other "
    "seems to be lost somewhere between the warehouse and the depot. Do not promise a date. "
)
"""Two things to find in about 400 characters, as in the prompts of `gateway.bench`."""


def chat(n: int) -> Messages:
    """A short question."""
    return [{"role": "user", "content": f"How do I sort list {n} of names by age in Python, Mr. Brown asks?"}]


def prose(size: int) -> Callable[[int], Messages]:
    """Return what makes prompts of `size` characters."""

    def made(n: int) -> Messages:
        return [{"role": "user", "content": "".join(_ticket(n * 100 + part) for part in range(size // 300))[:size]}]

    return made


def talk(n: int, before: Callable[[int], int] = lambda n: n) -> Messages:
    """Twenty turns of a ticket each; `before` numbers those before the last."""
    said = [_ticket(before(n) * 100 + at) for at in range(19)]
    said.append(_ticket(n * 100 + 19))
    return [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said)]


def _ticket(n: int) -> str:
    return _TICKET.format(n=n, d=n % 10_000)


PROMPTS: dict[str, Callable[[int], Messages]] = {
    "short chat": chat,
    "1 KB": prose(1_000),
    "4 KB": prose(4_000),
    "20 turns, one new": lambda n: talk(n, lambda _: 0),
    "20 turns, all new": talk,
}


Time = Callable[[Own | Stream], float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one kind of prompt: streams with nothing to look for, and those beside them with the policy."""

    plain: Sequence[Stream]
    looked: Sequence[Stream]

    def growth(self, time: Time, draw: Sequence[int] | None = None) -> float:
        """Return by how many seconds the first text came later, in the median pair (of a `draw`)."""
        pairs = range(len(self.plain)) if draw is None else draw
        return statistics.median(time(self.looked[n]) - time(self.plain[n]) for n in pairs)

    def own(self, time: Time, draw: Sequence[int] | None = None) -> float:
        """Return the seconds that the detectors took of it, in the median stream."""
        pairs = range(len(self.plain)) if draw is None else draw
        return statistics.median(time(self.looked[n].own) for n in pairs)

    def ratio(self, time: Time, chance: random.Random) -> str:
        """Return growth by own, with its 95 % interval: a bootstrap over pairs."""
        pairs = range(len(self.plain))
        draws = (chance.choices(pairs, k=len(pairs)) for _ in range(_DRAWS))
        ratios = sorted(self.growth(time, draw) / self.own(time, draw) for draw in draws)
        whole = self.growth(time) / self.own(time)
        return f"{whole:.2f} [{ratios[_DRAWS // 40]:.2f}, {ratios[-_DRAWS // 40 - 1]:.2f}]"


def by_clock(spent: Own | Stream) -> float:
    """Return seconds as they went by."""
    return spent.clock


def of_processor(spent: Own | Stream) -> float:
    """Return the seconds of the processor: what else runs on the machine disturbs them least."""
    return spent.processor


async def measured(streams: int) -> tuple[dict[str, Figures], tuple[int, int]]:
    """Return the figures by kind of prompt, and the deltas that came before the first left: plain, looked at."""
    own, backend = Own(), Backend()
    figures: dict[str, Figures] = {}
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(backend.serving())
        stack.enter_context(_instrumented(own))
        shared: dict[str, Detector] = {}
        plain = await _gateway(stack, url, backend, own, shared, looking=False)
        looked = await _gateway(stack, url, backend, own, shared, looking=True)
        spare_collector()
        number = 0
        for kind, make in PROMPTS.items():
            pairs: list[tuple[Stream, Stream]] = []
            for turn in range(-4, streams):  # the first turns warm up and are not counted
                number += 1
                first, second = (plain, looked) if turn % 2 else (looked, plain)
                one, other = await first.ask(make(number)), await second.ask(make(number))
                if turn >= 0:
                    pairs.append((one, other) if first is plain else (other, one))
            figures[kind] = Figures([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        backend.at_once, backend.pace = 1, 0.015
        waited = [(await plain.ask(chat(-n)), await looked.ask(chat(-n))) for n in range(10)]
    return figures, (_median(pair[0].deltas for pair in waited), _median(pair[1].deltas for pair in waited))


async def _gateway(
    stack: AsyncExitStack, url: str, backend: Backend, own: Own, shared: dict[str, Detector], *, looking: bool
) -> Caller:
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-"))) / "gateway"
    init(directory, url)
    policy = directory / "policies" / "default.yaml"
    if not looking:
        policy.write_text(_without_rules(policy.read_text()))
    settings = load_settings(directory)
    settings = replace(settings, listen=replace(settings.listen, port=0, ops_port=0))
    gateway = await stack.enter_async_context(running(settings, detectors=shared))
    return Caller(gateway.ports.data, local_issuer(settings).mint("bench", "bench", ttl=3600), backend, own)


def _without_rules(policy: str) -> str:
    """Return a policy that is the same but for its rules: it has none."""
    before, _, rest = policy.partition("  inspect:\n")
    _, limits, after = rest.partition("  limits:\n")
    return f"{before}  inspect: {{rules: []}}\n{limits}{after}"


@contextmanager
def _instrumented(own: Own) -> Iterator[None]:
    """Count what the detectors of every gateway take: to look, and to say what is settled."""
    detect, promise = ThreadPool.detect, ThreadPool.promise

    async def timed_detect(self: ThreadPool, *args: Any, **kwargs: Any) -> Any:
        with own.counted():
            return await detect(self, *args, **kwargs)

    def timed_promise(self: ThreadPool, detectors: Sequence[str]) -> Promise:
        made = promise(self, detectors)

        def settled(text: str) -> int:
            with own.counted():
                return made.settled(text)

        return Promise(made.context, settled)

    ThreadPool.detect, ThreadPool.promise = timed_detect, timed_promise  # type: ignore[method-assign]
    try:
        yield
    finally:
        ThreadPool.detect, ThreadPool.promise = detect, promise  # type: ignore[method-assign]


def _median(counts: Iterable[int]) -> int:
    return round(statistics.median(counts))


def _quartiles(values: Iterable[float]) -> str:
    low, middle, high = statistics.quantiles([value * 1000 for value in values], n=4)
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def _print(figures: Mapping[str, Figures], chance: random.Random) -> None:
    out = sys.stdout.write
    out(f"{'milliseconds':19}{'nothing to look for':>22}{'default policy':>22}")
    out(f"{'growth':>8}{'own':>7}{'growth/own':>19} |{'processor:':>11} growth{'own':>7}{'growth/own':>19}\n")
    for kind, f in figures.items():
        out(f"{kind:19}{_quartiles(s.clock for s in f.plain):>22}{_quartiles(s.clock for s in f.looked):>22}")
        for time, width, end in ((by_clock, 8, " |"), (of_processor, 18, "\n")):
            growth, own = f.growth(time) * 1000, f.own(time) * 1000
            out(f"{growth:>{width}.2f}{own:>7.2f}{f.ratio(time, chance):>19}{end}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="growth of the time to the first text, against the detectors' own")
    parser.add_argument("--streams", type=int, default=60, help="pairs of streams for each kind of prompt")
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    asked = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures, (plain, looked) = runner.run(measured(asked.streams))
    _print(figures, random.Random(asked.seed))
    sys.stdout.write(
        f"\nMedians and quartiles of {asked.streams} interleaved pairs; growth and own are those of the median pair, "
        "their ratio comes with a 95 % interval.\n"
        f"Where deltas of {DELTA} characters come one by one, the first text leaves after {looked} of them "
        f"(nothing to find: {plain}).\n"
    )


if __name__ == "__main__":
    main()
