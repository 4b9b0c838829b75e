"""How fast rules and tagger are, against stock Presidio without a model, and what the worst inputs cost.

``python -m detectors.bench`` prints two tables. Stock Presidio, the rules and the
tagger run in turn on the same texts in one process, pinned to one core where that is
possible; the ratio is what counts. Times are the process's own (processor time), so
that other work on the machine disturbs them less. Text comes from the files given, or
is made up here (prose, chat, logs, code, records), so that anybody can repeat it.
"""

import argparse
import gc
import os
import platform
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from detectors.catalog import build
from detectors.detector import Detector
from detectors.evaluation.block import replace_block

_WORST_LENGTH: Final = 65536
_WORST: Final = {
    "dots": ".",
    "digits": "7",
    "digits and blanks": "12 34 56 78 ",
    "@a.": "@a.",
    "a-": "a-",
    "a.": "a.",
    "a.com": "a.com",
    "brackets": "([{<",
    "combining marks": "a\u0301\u0308\u0323",
    "colons": "1:",
    "plus digits": "+49 30 ",
    "local@": "aaaaaaaa@",
    "http://": "http://a.b/",
    "base64": "QUJDRA0K",
    "00:1a:": "00:1a:",
    # Nothing but findings: each is judged and reported.
    "1::2": "1::2 ",
    "a@b.co": "a@b.co ",
    "219-09-9999": "219-09-9999 ",
    "DE89 3704 ...": "DE89 3704 0044 0532 0130 00 ",
}
_REPEATS: Final = 20
"""How often the rules run on a text between two looks at the clock, which takes as long as a tenth of a run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0."""
    parser = argparse.ArgumentParser(
        prog="python -m detectors.bench", description="Measure rules and tagger against stock Presidio."
    )
    parser.add_argument("files", nargs="*", type=Path, help="text files to measure on, instead of made-up text")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs (default 3)")
    parser.add_argument("--no-stock", action="store_true", help="leave stock Presidio out (it takes most of the time)")
    parser.add_argument("--into", metavar="README#BLOCK", help="replace a generated block of a README, too")
    options = parser.parse_args(arguments)
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = {path.name: [path.read_text("utf-8", "replace")] for path in options.files} or made_up()
    detector, tagger = build("pii"), build("ner")
    gc.freeze()
    lines = [
        _machine(),
        "",
        _row("text", "characters", "stock MB/s", "rules MB/s", "times stock", "with tagger", "times"),
    ]
    lines.append("|---|--:|--:|--:|--:|--:|--:|")
    _say("\n".join(lines))
    stock = None if options.no_stock else stock_analyzer()
    for name, some in texts.items():
        lines.append(_compare(name, some, (detector, tagger), stock, options.rounds))
        _say(lines[-1])
    for line in _worst(detector, tagger):
        lines.append(line)
        _say(line)
    if options.into:
        path, _, block = options.into.partition("#")
        replace_block(Path(path), block, "\n".join(lines))
    return 0


def _machine() -> str:
    """Say when and on what this runs, how busy that is, and with what."""
    try:
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        model = None
    processor = model[1] if model else platform.processor() or platform.machine()
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    python = f"Python {platform.python_version()}"
    return f"{time.strftime('%-d %B %Y')}, {processor}, {os.cpu_count()} cores, {load} before, one core, {python}."


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _compare(name: str, texts: list[str], ours: tuple[Detector, Detector], stock: Any, rounds: int) -> str:
    """Take each text in turn, stock and ours, and of each the fastest round: a busy machine slows single ones."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    rules, tagger = ours
    slow = fast = 0.0
    for text in texts:
        times: dict[str, list[float]] = {"stock": [], "rules": []}
        for _ in range(rounds):
            if stock is not None:
                times["stock"].append(_seconds(lambda text=text: stock.analyze(text, language="en")))  # type: ignore[misc]
            times["rules"].append(_seconds(lambda text=text: rules.detect([text]), _REPEATS))  # type: ignore[misc]
        slow += min(times["stock"], default=float("nan"))
        fast += min(times["rules"])
    # The gateway hands the tagger the texts of a request together, and so does this.
    tagged = fast + min(_seconds(lambda: tagger.detect(texts)) for _ in range(3 * rounds))
    speeds = [f"{size / slow / 1e6:.3f}", f"{size / fast / 1e6:.2f}", f"{slow / fast:.0f}"]
    return _row(name, f"{sum(map(len, texts)):,}", *speeds, f"{size / tagged / 1e6:.2f}", f"{slow / tagged:.1f}")


def _worst(rules: Detector, tagger: Detector) -> list[str]:
    lines = ["", _row("worst input, 64 KB", "rules, ms", "times prose", "times chat", "128 KB, ms", "tagger, ms")]
    lines.append("|---|--:|--:|--:|--:|--:|")
    texts = {name: "\n".join(some) for name, some in made_up().items()}
    usual = {name: _fastest(rules, _long(texts[name]), 5) for name in ("prose", "chat")}
    for name, unit in ({f"({name})": texts[name] for name in ("chat", "logs", "records")} | _WORST).items():
        text = _long(unit)
        once, twice = _fastest(rules, text, 3), _fastest(rules, text + text, 2)
        ratios = [f"{once / usual[kind]:.1f}" for kind in ("prose", "chat")]
        lines.append(
            _row(name, f"{once * 1e3:.2f}", *ratios, f"{twice * 1e3:.2f}", f"{_fastest(tagger, text, 2) * 1e3:.1f}")
        )
    return lines


def _long(unit: str) -> str:
    return (unit * (_WORST_LENGTH // len(unit) + 1))[:_WORST_LENGTH]


def _fastest(detector: Detector, text: str, times: int) -> float:
    return min(_seconds(lambda: detector.detect([text])) for _ in range(times))


def _seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the seconds of processor time that one run of `work` takes, out of `times`."""
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times


def stock_analyzer() -> Any:
    """Return stock Presidio with its default English rule recognizers and a blank spaCy pipeline.

    The blank pipeline has no lemmas, without which no context word would ever
    match; so the words themselves stand in for them.
    """
    import logging

    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NlpArtifacts, SlimSpacyNlpEngine
    from presidio_analyzer.predefined_recognizers.generic import email_recognizer

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

    class Blank(SlimSpacyNlpEngine):
        def load(self) -> None:
            setattr(self, "nlp", {"en": spacy.blank("en")})  # noqa: B010  # typed as None there

        def _doc_to_nlp_artifact(self, doc: Any, language: str) -> Any:
            words = [token.text.lower() for token in doc]
            return NlpArtifacts([], doc, [token.idx for token in doc], words, self, language, [])

    class Offline:
        extract = staticmethod(tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None))

    setattr(email_recognizer, "tldextract", Offline)  # noqa: B010
    names = (
        "CreditCard Crypto Date Email Iban Ip MacAddress MedicalLicense Nhs Phone Url "
        "UsBank UsItin UsLicense UsPassport UsSsn"
    )
    recognizers = [getattr(predefined_recognizers, f"{name}Recognizer")() for name in names.split()]
    engine = Blank(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.load()
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def made_up() -> dict[str, list[str]]:
    """Return texts of five kinds, always the same."""
    rng = random.Random(2026)
    people = ["Anna", "Omar", "Li Wei", "Maria", "Jonas", "Priya", "Tom"]
    prose = [
        "The committee met again on Tuesday to look at what the inspectors had written, and most of it was found to be "
        "right. Nobody expected the second part to take so long; still, the members agreed on another week. ",
        "When the rain stopped we walked down to the harbour, where the boats lay in rows and the air smelled of tar. ",
        "A good explanation names the cause, says what follows from it, and leaves the reader able to check it. ",
    ]
    chat: list[Callable[[], str]] = [
        lambda: f"hi, this is {rng.choice(people)}, can you summarise the notes from yesterday's call for me please?",
        lambda: (
            f"sure, send it to {rng.choice(people).split()[0].lower()}{rng.randint(1, 99)}@example.com when it is ready"
        ),
        lambda: f"call me on +1 (212) 555-0{rng.randint(100, 199)} if that does not work",
        lambda: "what is the difference between a list and a tuple in python, and when should I use which?",
        lambda: "thanks!! that was quick. see https://example.org/docs/start?page=2 for the rest",
    ]
    log: list[Callable[[], str]] = [
        lambda: (
            f"2026-11-{rng.randint(1, 28):02}T10:{rng.randint(0, 59):02}:07.{rng.randint(0, 999):03}Z INFO worker "
            f"{rng.randint(1, 64)} request {rng.getrandbits(64):016x} "
            f"took {rng.randint(1, 900)} ms from 10.0.{rng.randint(0, 9)}.7"
        ),
        lambda: f"order {rng.randint(10**9, 10**10)} batch {rng.randint(10**11, 10**12)} status 200",
    ]

    def record() -> str:
        return (
            f'{{"name": "{rng.choice(people)}", '
            f'"ssn": "{rng.randint(101, 665)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",'
            f' "email": "p{rng.randint(1, 999)}@example.com", "phone": "+1 (212) 555-0{rng.randint(100, 199)}", '
            f'"dob": "1976-12-{rng.randint(10, 28)}"}}'
        )

    return {
        "prose": ["".join(rng.choices(prose, k=6)) for _ in range(12)],
        "chat": [rng.choice(chat)() for _ in range(120)],
        "logs": ["\n".join(rng.choice(log)() for _ in range(12)) for _ in range(10)],
        "code": [Path(random.__file__).read_text("utf-8")[i * 2000 : i * 2000 + 2000] for i in range(5)],
        "records": [record() for _ in range(60)],
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
