"""The deployment files agree with the code that they start."""

import subprocess
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def test_compose_names_what_exists() -> None:
    """Files that are mounted or built from are there; the drain fits into the grace period."""
    from gateway.app import DRAIN_SECONDS
    from gateway.ongoing import SETTLE_SECONDS

    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    gateway = compose["services"]["gateway"]
    assert (DEPLOY / gateway["build"]["context"] / gateway["build"]["dockerfile"]).is_file()
    assert (DEPLOY / "collector.yaml").is_file()
    assert int(gateway["stop_grace_period"].rstrip("s")) > DRAIN_SECONDS + 2 * SETTLE_SECONDS


def test_the_image_copies_what_exists() -> None:
    """Every source of a COPY is in the tree."""
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (DEPLOY.parent / source).exists(), source


def test_the_entrypoint_is_a_shell_script() -> None:
    """It parses, and says what is missing."""
    script = DEPLOY / "entrypoint.sh"
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    ran = subprocess.run(
        ["/bin/sh", str(script)],
        env={"SLUICE_DIR": "/nonexistent", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode != 0
    assert b"SLUICE_UPSTREAM" in ran.stderr


def test_the_collector_takes_what_the_gateway_sends() -> None:
    """OTLP over HTTP, on the port that compose names."""
    collector = yaml.safe_load((DEPLOY / "collector.yaml").read_text())
    assert collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
