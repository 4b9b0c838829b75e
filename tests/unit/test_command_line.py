"""The command line: whatever is wrong is one line on standard error and an exit code, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from detectors.detector import DetectorFailure
from gateway import commands, exits
from gateway.adapters.keys_file import SUBJECT
from gateway.cli import main
from gateway.errors import PolicyError
from gateway.scaffold import LOCAL_SECRET, init

SAID = "Anna Berg, anna@example.com"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory as `sluice init` makes it."""
    init(tmp_path / "gateway", None)
    return tmp_path / "gateway"


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Run a command; return its exit code and what it says on standard error, which is lines of ours alone."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr().err
    assert all(line.startswith("sluice") for line in said.splitlines()), said
    return code, said


@pytest.mark.parametrize(
    "wrong",
    [
        ("serve", "--port", "65536"), ("serve", "--port", "-1"), ("serve", "--ops-port", "x"),
        ("serve", "--workers", "0"), ("bench", "--seconds", "nan"), ("bench", "--seconds", "0"),
        ("bench", "--rounds", "0"), ("token", "mint", "--ttl", "0"), (), ("nonsense",), ("policy",),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_64(capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...]) -> None:
    """A number out of its range is wrong usage: port 65536 must not listen on port 0."""
    code, said = told(capsys, *wrong)
    assert (code, said.count("\n")) == (exits.USAGE, 1)
    assert "--help" in said


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--subject", "", "--tenant", "t"), "the token's sub is not a string of 1 to 256 characters"),
        (("--subject", "s", "--tenant", "a\nb"), "the token's tenant is not"),
        (("--subject", "s", "--tenant", "t", "--ttl", "86401"), "the token's lifetime is not between"),
    ],
)
def test_a_token_that_nobody_would_take_is_not_minted(
    capsys: pytest.CaptureFixture[str], directory: Path, more: tuple[str, ...], says: str
) -> None:
    """And the line says which part of it is no good."""
    code, said = told(capsys, "token", "mint", "--dir", directory, *more)
    assert (code, said.count("\n")) == (1, 1)
    assert says in said


@pytest.mark.parametrize("command", [("token", "mint", "--subject", "s", "--tenant", "t"), ("serve",)])
@pytest.mark.parametrize("harm", [lambda p: p.write_text("short"), lambda p: p.chmod(0o644), lambda p: p.unlink()])
def test_a_local_secret_that_is_no_good_is_said_with_its_place(
    capsys: pytest.CaptureFixture[str], directory: Path, command: tuple[str, ...], harm: object
) -> None:
    """Too short, readable by others, or gone."""
    harm(directory / "keys" / LOCAL_SECRET)  # type: ignore[operator]
    code, said = told(capsys, *command, "--dir", directory)
    assert (code, said.count("\n")) == (1, 1)
    assert "sluice.yaml:" in said
    assert LOCAL_SECRET in said or "32 bytes" in said


def test_a_map_is_private_whatever_lay_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The map undoes every redaction: mode 0600 also when it takes the place of a file that all may read."""
    monkeypatch.setattr(commands, "_stdin", lambda: SAID)
    monkeypatch.setattr("gateway.text_commands.redact", lambda text, _: (text, {"TOKEN": SAID}))
    path = tmp_path / "map.json"
    path.write_text("old")
    path.chmod(0o644)
    assert told(capsys, "redact", "--map", path) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert SAID in path.read_text()
    code, said = told(capsys, "redact", "--map", tmp_path / "no" / "map.json")
    assert (code, said.count("\n")) == (1, 1)
    assert "cannot be written" in said


@pytest.mark.parametrize("content", ["", "[]", "[" * 100_000, '{"a": 1}', None])
def test_what_is_no_map_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    """Whatever the file holds, or when there is none."""
    monkeypatch.setattr(commands, "_stdin", lambda: SAID)
    path = tmp_path / "map.json"
    if content is not None:
        path.write_text(content)
    code, said = told(capsys, "restore", "--map", path)
    assert (code, said) == (1, f"sluice: {path}: is no map of sluice redact --map\n")


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (ValueError(SAID), exits.DEFECT, "ValueError at test_command_line.py:"),
        (RuntimeError(SAID), exits.DEFECT, "please report it"),
        (PermissionError(13, "Permission denied", "data/audit.sqlite"), 1, "data/audit.sqlite: Permission denied"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (PolicyError(("one", "two")), 1, "sluice: one\nsluice: two\n"),
        (DetectorFailure("pii: the scan took longer than 5 s"), 1, "a detector cannot decide: pii: the scan took"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_every_error_ends_in_lines_without_text(
    capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, says: str
) -> None:
    """A defect names its kind and its place; its message may hold anything, so nobody reads it."""

    def work() -> int:
        raise raised

    assert exits.ending(work) == code
    said = capsys.readouterr().err
    assert says in said
    assert SAID not in said
    assert "Traceback" not in said


def test_an_output_that_cannot_be_written_fails(tmp_path: Path) -> None:
    """Also one that is so short that only the last flush finds out."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "policy", "schema"], stdout=out, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, "sluice: No space left on device\n")


def test_a_missing_key_ends_every_worker_with_its_line(directory: Path) -> None:
    """A worker that cannot start says why, as one process would, and the gateway ends whole."""
    (directory / "keys" / SUBJECT).unlink()
    command = [
        sys.executable,
        "-m",
        "gateway.cli",
        "serve",
        "--dir",
        str(directory),
        "--workers",
        "2",
        "--ops-port",
        "0",
    ]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, env=os.environ, timeout=60)
    assert done.returncode == 1
    assert set(done.stderr.splitlines()) == {
        f"sluice: {directory / 'keys' / SUBJECT}: cannot be read: No such file or directory"
    }
