"""Compare detectors of secrets on labelled text files and on source code.

``python -m tests.bench.secrets_compare --labels output.json --root DIR --clean DIR``

`--labels` is CredSweeper's list of expected findings for its sample files under
`--root` (its own test data, so the comparison favours it); every finding in the
files under `--clean` (published source code) counts as a false alarm. The other
two tools run when they are installed beside this package.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from detectors.secrets.detector import SecretDetector

Tool = Callable[[dict[str, str]], dict[str, list[str]]]


def ours(texts: dict[str, str], least: float = 0.5) -> dict[str, list[str]]:
    """Return the values that our detector finds in each file."""
    found = SecretDetector().detect(list(texts.values()))
    return {
        name: [text[f.start : f.end] for f in findings if f.score >= least]
        for (name, text), findings in zip(texts.items(), found, strict=True)
    }


def detect_secrets(texts: dict[str, str]) -> dict[str, list[str]]:
    """Return what detect-secrets finds with its default plugins and filters."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, default_settings():
        for number, (name, text) in enumerate(texts.items()):
            path = Path(folder, f"{number}.txt")
            path.write_text(text, encoding="utf-8")
            found[name] = [s.secret_value for s in scan_file(str(path)) if s.secret_value]
    return found


def credsweeper(texts: dict[str, str]) -> dict[str, list[str]]:
    """Return what CredSweeper's command finds with its default settings."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts.values()):
            Path(folder, f"{number}.txt").write_text(text, encoding="utf-8")
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "credsweeper", "--path", folder, "--save-json", str(report)]
        subprocess.run(command, check=True, capture_output=True)
        found: dict[str, list[str]] = {name: [] for name in texts}
        names = list(texts)
        for item in json.loads(report.read_text()):
            for line in item["line_data_list"]:
                found[names[int(Path(line["path"]).stem)]].append(line["value"])
    return found


def read(paths: Sequence[Path], limit: int) -> dict[str, str]:
    """Read what is UTF-8 text, up to `limit` characters in all."""
    texts: dict[str, str] = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        if "\x00" not in text and sum(map(len, texts.values())) < limit:
            texts[str(path)] = text
    return texts


def squeeze(value: str) -> str:
    """Compare values without the line ends and quotes of the place that they stood in."""
    return re.sub(r"[\s\"'\\]|\\n", "", value)


def score(gold: dict[str, list[str]], found: dict[str, list[str]]) -> tuple[int, int, int]:
    """Return hits, gold values and findings that touch no gold value; a value is hit when most of it is found."""
    hits = total = alarms = 0
    for name, values in gold.items():
        wanted, got = {squeeze(v) for v in values if v}, {squeeze(v) for v in found.get(name, [])}
        total += len(wanted)
        hits += sum(any(w in g or (g in w and 2 * len(g) >= len(w)) for g in got if g) for w in wanted)
        alarms += sum(not any(w in g or g in w for w in wanted) for g in got)
    return hits, total, alarms


def main() -> None:
    """Print one line per tool."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--clean-characters", type=int, default=2_000_000)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--tools", default="ours,detect-secrets,credsweeper")
    options = parser.parse_args()
    labels = json.loads(options.labels.read_text())
    texts = read(sorted((options.root / "tests/samples").iterdir()), 10**9)
    gold: dict[str, list[str]] = {name: [] for name in texts}
    for item in labels:
        line = item["line_data_list"][0]  # of a key over several lines, the first is asked for
        name = str(options.root / line["path"])
        if name in gold and line["info"] in ("", "FILE:" + line["path"]):
            gold[name].append(line["value"])
    clean = read(sorted(options.clean.rglob("*.py")), options.clean_characters)
    size = sum(map(len, clean.values()))
    tools: dict[str, Tool] = {"ours": ours, "detect-secrets": detect_secrets, "credsweeper": credsweeper}
    for name in options.tools.split(","):
        found = tools[name](texts)
        hits, total, alarms = score(gold, found)
        start = time.perf_counter()
        noise = sum(len(set(v)) for v in tools[name](clean).values())
        seconds = time.perf_counter() - start
        precision = hits / (hits + alarms)
        sys.stdout.write(
            f"{name}: recall {hits / total:.3f} ({hits}/{total}), precision {precision:.3f}, "
            f"{noise / size * 1e4:.2f} findings per 10,000 characters of source code, {size / seconds / 1e6:.2f} MB/s\n"
        )
        if options.misses and name == "ours":
            for path, values in gold.items():
                got = [squeeze(v) for v in found[path]]
                for value in values:
                    if not any(squeeze(value) in g or g in squeeze(value) for g in got):
                        sys.stdout.write(f"missed in {Path(path).name}\n")
                for g in found[path]:
                    if not any(squeeze(g) in squeeze(w) or squeeze(w) in squeeze(g) for w in values):
                        sys.stdout.write(f"alarm in {Path(path).name}\n")


if __name__ == "__main__":
    main()
