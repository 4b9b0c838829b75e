"""How fast the rules are, against stock Presidio, on worst inputs, at start-up, and how much memory they take.

``python -m detectors.bench`` prints one table. Stock Presidio and the rules run
in turn on the same texts in one process, pinned to one core where that is
possible; the ratio is what counts. Text comes from the files given, or is made
up here (prose, chat, logs, code, records), so that anybody can repeat it.
"""

import argparse
import gc
import os
import random
import subprocess  # a fresh interpreter measures start-up
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from detectors.catalog import build
from detectors.detector import Detector

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
}

_START: Final = """
import resource, sys, time
begun = time.perf_counter()
from detectors.catalog import build
detector = build("pii")
assert detector.detect(["Mail anna@example.com or call +1 (212) 555-0134."])[0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.perf_counter() - begun, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), "spacy" in sys.modules)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0."""
    parser = argparse.ArgumentParser(
        prog="python -m detectors.bench", description="Measure the rule detector against stock Presidio."
    )
    parser.add_argument("files", nargs="*", type=Path, help="text files to measure on, instead of made-up text")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs (default 3)")
    parser.add_argument("--no-stock", action="store_true", help="leave stock Presidio out (it takes most of the time)")
    options = parser.parse_args(arguments)
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = {path.name: [path.read_text("utf-8", "replace")] for path in options.files} or made_up()
    detector = build("pii")
    gc.freeze()
    _say(f"{'text':22}{'characters':>12}{'stock MB/s':>12}{'rules MB/s':>12}{'ratio':>8}")
    stock = None if options.no_stock else stock_analyzer()
    for name, some in texts.items():
        _compare(name, some, detector, stock, options.rounds)
    _worst(detector)
    _start_up()
    return 0


def _compare(name: str, texts: list[str], detector: Detector, stock: Any, rounds: int) -> None:
    """Take each text in turn, stock and rules, and of each the fastest round: a busy machine slows single ones."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    slow = fast = 0.0
    for text in texts:
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            if stock is not None:
                theirs.append(_seconds(lambda text=text: stock.analyze(text, language="en")))  # type: ignore[misc]
            ours += [_seconds(lambda text=text: detector.detect([text])) for _ in range(3)]  # type: ignore[misc]
        slow += min(theirs, default=float("nan"))
        fast += min(ours)
    _say(f"{name:22}{sum(map(len, texts)):12,}{size / slow / 1e6:12.3f}{size / fast / 1e6:12.2f}{slow / fast:8.0f}")


def _worst(detector: Detector) -> None:
    ordinary = "\n".join(made_up()["prose"])
    ordinary = (ordinary * (_WORST_LENGTH // len(ordinary) + 1))[:_WORST_LENGTH]
    usual = min(_seconds(lambda: detector.detect([ordinary])) for _ in range(5))
    _say(f"\n{'worst input, 64 KB':22}{'ms':>12}{'times prose':>12}{'128 KB: ms':>12}")
    for name, unit in _WORST.items():
        text = (unit * _WORST_LENGTH)[:_WORST_LENGTH]
        once = min(_seconds(lambda text=text: detector.detect([text])) for _ in range(3))  # type: ignore[misc]
        twice = min(_seconds(lambda text=text: detector.detect([text + text])) for _ in range(2))  # type: ignore[misc]
        _say(f"{name:22}{once * 1e3:12.2f}{once / usual:12.1f}{twice * 1e3:12.2f}")


def _start_up() -> None:
    ran = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)  # noqa: S603
    seconds, megabytes, spacy = ran.stdout.split()
    _say(f"\nstart-up to first finding: {float(seconds):.2f} s, peak memory {float(megabytes):.0f} MB, spaCy: {spacy}")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


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
