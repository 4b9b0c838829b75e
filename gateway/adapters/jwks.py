"""Issuers' keys, kept fresh without letting callers or an issuer's bad day decide when.

One fetch at a time by issuer, ahead of expiry; a token with an unknown key
causes at most one fetch by cooldown; a failed fetch keeps the last good set for
a while; answers are bounded, never redirected and never decompressed.
"""

import asyncio
import logging
import random
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp

from gateway.adapters.keyset import MAX_SET_BYTES, KeySet, KeySetRefused, VerificationKey, parse_key_set
from gateway.core.decision import Reason
from gateway.errors import DependencyError
from gateway.ports import TokenRefused

_LOG = logging.getLogger(__name__)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?=$|[\s,])", re.IGNORECASE)
_MAX_UNKNOWN = 1024


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long things hold, in seconds.

    What an issuer says about the age of its keys is kept within `least` and
    `most`; `default` holds when it says nothing, `file` for key files.
    """

    least: float = 60.0
    most: float = 86_400.0
    default: float = 300.0
    file: float = 10.0
    stale: float = 21_600.0
    cooldown: float = 30.0
    unknown: float = 300.0
    first_retry: float = 1.0
    last_retry: float = 60.0
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A key set as it came, and how long it may be used without asking again."""

    data: bytes
    age: float


class KeySource(Protocol):
    """Where an issuer's keys come from."""

    async def find(self, key_id: str | None) -> VerificationKey:
        """Return the key; raise `TokenRefused` (no such key) or `DependencyError` (no keys at all)."""
        ...

    async def warm(self) -> None:
        """Fetch what is not there yet. Never raises."""
        ...

    def problem(self) -> str | None:
        """Say why there are no keys; None when there are."""
        ...

    async def close(self) -> None:
        """Stop what runs in the background."""
        ...


class CachedKeys:
    """The keys of one issuer. `fetch` returns a set or raises `KeySetRefused`; `clock` is monotonic."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Fetched]],
        algorithms: tuple[str, ...],
        *,
        freshness: Freshness | None = None,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._fetch = fetch
        self._algorithms = algorithms
        self._times = freshness or Freshness()
        self._clock = clock
        self._jitter = jitter
        self._keys: KeySet | None = None
        self._problem = "the keys have not been fetched yet"
        self._renew_at = self._fresh_until = self._stale_until = float("-inf")
        self._asked_at = self._retry_at = float("-inf")
        self._failures = 0
        self._flight: asyncio.Task[None] | None = None
        self._unknown: OrderedDict[str, float] = OrderedDict()

    async def find(self, key_id: str | None) -> VerificationKey:
        now = self._clock()
        if now >= self._fresh_until:
            await self._refresh()
        elif now >= self._renew_at:
            self._start()
        key = self._usable().find(key_id)
        if key is None and key_id is not None and self._may_ask_for(key_id):
            await self._refresh()
            key = self._usable().find(key_id)
            if key is None and self._failures == 0:
                self._remember_unknown(key_id)
        if key is None:
            raise TokenRefused(Reason.TOKEN_KEY_UNKNOWN, "the token is signed with a key that its issuer does not have")
        return key

    async def warm(self) -> None:
        if self._clock() >= self._fresh_until:
            await self._refresh()

    def problem(self) -> str | None:
        return None if self._keys is not None and self._clock() < self._stale_until else self._problem

    async def close(self) -> None:
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    def _usable(self) -> KeySet:
        if self._keys is None or self._clock() >= self._stale_until:
            raise DependencyError(Reason.KEYS_UNAVAILABLE, "the issuer's keys cannot be had at the moment; try again")
        return self._keys

    def _may_ask_for(self, key_id: str) -> bool:
        """A new name is a reason to look, but not for every caller who makes one up."""
        if self._flight is not None:
            return True
        now = self._clock()
        return now >= self._unknown.get(key_id, now) and now >= self._asked_at + self._times.cooldown

    def _remember_unknown(self, key_id: str) -> None:
        self._unknown[key_id] = self._clock() + self._times.unknown
        self._unknown.move_to_end(key_id)
        if len(self._unknown) > _MAX_UNKNOWN:
            self._unknown.popitem(last=False)

    async def _refresh(self) -> None:
        """Wait for a fetch. A caller who leaves does not take the fetch away from the others."""
        flight = self._start()
        if flight is not None:
            await asyncio.shield(flight)

    def _start(self) -> asyncio.Task[None] | None:
        """Return the fetch under way, begin one, or return None while a failing issuer is left in peace."""
        now = self._clock()
        if self._flight is None and now >= self._retry_at:
            self._asked_at = now
            self._flight = asyncio.create_task(self._fly())
        return self._flight

    async def _fly(self) -> None:
        try:
            fetched = await self._fetch()
            self._keys = parse_key_set(fetched.data, self._algorithms)
        except KeySetRefused as refused:
            self._failed(str(refused))
        except Exception as error:
            self._failed(f"fetching failed with {type(error).__name__}")
        else:
            now = self._clock()
            self._failures, self._retry_at = 0, float("-inf")
            self._renew_at, self._fresh_until = now + 0.8 * fetched.age, now + fetched.age
            self._stale_until = self._fresh_until + self._times.stale
        finally:
            self._flight = None

    def _failed(self, problem: str) -> None:
        """Keep what there is and wait longer after each failure, not all replicas at the same beat."""
        wait = min(self._times.last_retry, self._times.first_retry * 2.0 ** min(self._failures, 16))
        self._failures += 1
        self._retry_at = self._clock() + wait * (0.5 + 0.5 * self._jitter())
        self._problem = problem
        _LOG.warning("an issuer's keys could not be renewed: %s", problem)


class FileFetch:
    """Reads a key set from a file, off the event loop."""

    def __init__(self, path: Path, freshness: Freshness) -> None:
        self._path = path
        self._age = freshness.file

    async def __call__(self) -> Fetched:
        try:
            data = await asyncio.to_thread(self._read)
        except OSError as error:
            raise KeySetRefused(f"the key file {self._path} cannot be read: {error.strerror}") from None
        return Fetched(data, self._age)

    def _read(self) -> bytes:
        with self._path.open("rb") as file:
            return file.read(MAX_SET_BYTES + 1)


class HttpFetch:
    """Gets a key set from the address that the operator configured, and from nowhere else."""

    def __init__(self, url: str, session: Callable[[], aiohttp.ClientSession], freshness: Freshness) -> None:
        self._url = url
        self._session = session
        self._times = freshness

    async def __call__(self) -> Fetched:
        try:
            async with self._session().get(
                self._url,
                allow_redirects=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=self._times.timeout),
                headers={"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"},
            ) as response:
                if response.status != 200:
                    raise KeySetRefused(f"{self._url} answered {response.status}, not 200")
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise KeySetRefused(f"{self._url} answered with a content encoding that was not asked for")
                data = await self._bounded(response)
                age = self._age(response.headers.get("Cache-Control", ""))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise KeySetRefused(f"{self._url} cannot be reached: {type(error).__name__}") from None
        return Fetched(data, age)

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(16_384):
            data += chunk
            if len(data) > MAX_SET_BYTES:
                raise KeySetRefused(f"{self._url} answered with more than {MAX_SET_BYTES} bytes")
        return bytes(data)

    def _age(self, cache_control: str) -> float:
        match = _MAX_AGE.search(cache_control)
        said = float(match.group(1)) if match else self._times.default
        return min(max(said, self._times.least), self._times.most)
