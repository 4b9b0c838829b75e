"""What every test has: no way out to the network, and a house to play conversations in."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.backend import Backend
from tests.support.house import House, HouseBuilder
from tests.support.network import outside

# No test is timed: a slow machine is not a failure.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it

_ATTEMPTS: list[str] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        target = outside(event, arguments)
        if target is not None:
            _ATTEMPTS.append(target)
            raise PermissionError(f"tests may not leave this machine: {target}")


sys.addaudithook(_audit)


@pytest.fixture(autouse=True)
def nothing_phones_home() -> Iterator[None]:
    """A connection outside loopback is refused and fails the test that tried, even where the refusal was caught."""
    before = len(_ATTEMPTS)
    yield
    assert _ATTEMPTS[before:] == [], "something tried to leave this machine"


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    """A scripted backend: a real HTTP server that answers what a test tells it to."""
    async with Backend() as running:
        yield running


@pytest.fixture
async def build(tmp_path: Path, backend: Backend) -> AsyncIterator[HouseBuilder]:
    """Build a gateway in front of `backend`: ``house = await build(policy=...)``."""
    async with AsyncExitStack() as stack:

        async def builder(**options: object) -> House:
            return await stack.enter_async_context(House.running(tmp_path, backend.url, **options))  # type: ignore[arg-type]

        yield builder


@pytest.fixture
async def house(build: HouseBuilder) -> House:
    """A gateway with the default policy, in front of `backend`."""
    return await build()
