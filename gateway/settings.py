"""Process settings: `sluice.yaml` as frozen values; secrets come in by reference only and are never shown.

The file is as strict as a policy (`detectors.strict_yaml`). A secret is
written as ``env:NAME`` or ``file:PATH``; anything else in its place is refused
and never repeated in a message. Relative paths start at the file's directory.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detectors.problem import Problem, quoted
from detectors.strict_yaml import Document, Location, read
from gateway.adapters.issuers import IssuerConfig, Keys, KeysFile, KeysUrl, SharedSecret
from gateway.adapters.keys_file import load_shared_secret
from gateway.core.globs import matches
from gateway.errors import PolicyError
from gateway.policy.fields import validate
from gateway.policy.references import check_url, normalize_base_url, resolve_secret, resolve_word
from gateway.policy.settings_schema import (
    CredentialModel,
    IssuerKeysModel,
    IssuerModel,
    SettingsFile,
    SettingsSpec,
    TlsModel,
    UpstreamModel,
)

SETTINGS_FILE = "sluice.yaml"


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """PEM files for the data port."""

    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """Addresses of the data port and of the ops port; port 0 takes a free one."""

    host: str
    port: int
    ops_host: str
    ops_port: int
    tls: TlsSettings | None


@dataclass(frozen=True, slots=True)
class BodySettings:
    """Bounds of a request body: bytes, and seconds to send it."""

    max_bytes: int
    timeout: float


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """A header for an upstream: its lower-case name, and its whole value with the scheme."""

    header: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """A backend. `base_url` has no trailing slash and no version (`/v1`): dialects' paths bring their own.

    `dialects` are names or globs of what it speaks; times are in seconds.
    """

    name: str
    base_url: str
    dialects: tuple[str, ...]
    credential: CredentialSettings | None
    connect_timeout: float
    first_byte_timeout: float
    idle_timeout: float
    ca_file: Path | None

    def speaks(self, dialect: str) -> bool:
        """Whether this backend speaks `dialect`."""
        return matches(self.dialects, dialect)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where state is kept: the audit database and the directory of the gateway's own keys."""

    audit: Path
    keys: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a process is told once, at its start. `policy` is a file or a directory."""

    directory: Path
    policy: Path
    workers: int
    listen: ListenSettings
    body: BodySettings
    upstreams: Mapping[str, UpstreamSettings]
    issuers: tuple[IssuerConfig, ...]
    stores: StoreSettings

    def upstream_for(self, upstream: str, dialect: str) -> UpstreamSettings | None:
        """Return where a route goes: the upstream that it names, or else ("") the first that speaks `dialect`."""
        if upstream:
            return self.upstreams.get(upstream)
        return next((known for known in self.upstreams.values() if known.speaks(dialect)), None)


def load_settings(directory: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `directory`; `environ` is what ``env:`` refers to (default: the process's).

    Raises `PolicyError` with every problem, each ``file:line:column: message``.
    """
    document = read(directory / SETTINGS_FILE)
    if not isinstance(document, Document):
        raise PolicyError(tuple(str(problem) for problem in document))
    model = validate(SettingsFile, document)
    if not isinstance(model, SettingsFile):
        raise PolicyError(tuple(str(problem) for problem in model))
    builder = _Builder(directory, document, os.environ if environ is None else environ)
    settings = builder.build(model.spec)
    if builder.problems:
        raise PolicyError(tuple(str(problem) for problem in sorted(set(builder.problems))))
    return settings


class _Builder:
    """Turns the checked file into values and notes every problem with what it refers to."""

    def __init__(self, directory: Path, document: Document, environ: Mapping[str, str]) -> None:
        self.directory = directory
        self.document = document
        self.environ = environ
        self.problems: list[Problem] = []

    def build(self, spec: SettingsSpec) -> Settings:
        return Settings(
            directory=self.directory,
            policy=self._path(spec.policy),
            workers=spec.workers,
            listen=ListenSettings(
                host=spec.listen.host,
                port=spec.listen.port,
                ops_host=spec.listen.ops_host,
                ops_port=spec.listen.ops_port,
                tls=self._tls(spec.listen.tls),
            ),
            body=BodySettings(spec.body.max_bytes, spec.body.timeout),
            upstreams={name: self._upstream(name, model) for name, model in spec.upstreams.items()},
            issuers=self._issuers(spec.issuers),
            stores=StoreSettings(self._path(spec.stores.audit), self._path(spec.stores.keys)),
        )

    def _tls(self, model: TlsModel | None) -> TlsSettings | None:
        if model is None:
            return None
        here: Location = ("spec", "listen", "tls")
        return TlsSettings(self._file((*here, "cert"), model.cert), self._file((*here, "key"), model.key))

    def _upstream(self, name: str, model: UpstreamModel) -> UpstreamSettings:
        here: Location = ("spec", "upstreams", name)
        return UpstreamSettings(
            name=name,
            base_url=self._base_url((*here, "base_url"), model.base_url),
            dialects=tuple(model.dialects),
            credential=self._credential((*here, "credential"), model.credential),
            connect_timeout=model.timeouts.connect,
            first_byte_timeout=model.timeouts.first_byte,
            idle_timeout=model.timeouts.idle,
            ca_file=None if model.ca_file is None else self._file((*here, "ca_file"), model.ca_file),
        )

    def _base_url(self, location: Location, written: str) -> str:
        try:
            return normalize_base_url(resolve_word(written, self.environ))
        except ValueError as error:
            self._note(location, str(error))
            return ""

    def _credential(self, location: Location, model: CredentialModel | None) -> CredentialSettings | None:
        if model is None:
            return None
        header = model.header.lower()
        scheme = model.scheme if model.scheme is not None else "Bearer" if header == "authorization" else ""
        if not header.replace("-", "").isalnum() or not header.isascii():
            self._note((*location, "header"), "must be a header's name: letters, digits and `-`")
        if scheme and not (scheme.isascii() and scheme.isalnum()):
            self._note((*location, "scheme"), "must be one word, such as `Bearer`")
        try:
            secret = resolve_secret(model.value, self.environ, self.directory)
        except ValueError as error:
            self._note((*location, "value"), str(error))
            return None
        return CredentialSettings(header, f"{scheme} {secret}" if scheme else secret)

    def _issuers(self, models: list[IssuerModel]) -> tuple[IssuerConfig, ...]:
        seen: set[str] = set()
        for index, model in enumerate(models):
            here: Location = ("spec", "issuers", index)
            if model.issuer in seen:
                self._note((*here, "issuer"), "is stated twice; every issuer has one set of keys")
            seen.add(model.issuer)
        made = [self._issuer(("spec", "issuers", index), model) for index, model in enumerate(models)]
        return tuple(issuer for issuer in made if issuer is not None)

    def _issuer(self, here: Location, model: IssuerModel) -> IssuerConfig | None:
        keys = self._keys((*here, "keys"), model.keys)
        # A public key taken for an HMAC secret forges every token: the two never meet in one issuer.
        symmetric = {name.startswith("HS") for name in model.algorithms}
        if symmetric != {model.keys.secret_file is not None}:
            message = "`HS256` goes with `secret_file` and with nothing else; other algorithms go with a JWKS"
            self._note((*here, "algorithms"), message)
            return None
        if keys is None:
            return None
        try:
            return IssuerConfig(
                issuer=model.issuer,
                audience=tuple(model.audience),
                algorithms=tuple(model.algorithms),
                keys=keys,
                subject_claim=model.subject_claim,
                tenant_claim=model.tenant_claim,
                scope_claim=model.scope_claim,
                types=tuple(model.types),
                leeway=model.leeway,
                max_lifetime=model.max_lifetime,
            )
        except ValueError as error:
            self.problems.append(self.document.problem(here, str(error)))
            return None

    def _keys(self, at: Location, model: IssuerKeysModel) -> Keys | None:
        if [model.jwks_file, model.jwks_url, model.secret_file].count(None) != 2:
            self._note(at, "must have exactly one of `jwks_file`, `jwks_url` and `secret_file`")
            return None
        if model.jwks_file is not None:
            return KeysFile(self._file((*at, "jwks_file"), model.jwks_file))
        if model.jwks_url is not None:
            return self._jwks_url((*at, "jwks_url"), model.jwks_url)
        assert model.secret_file is not None
        return self._secret((*at, "secret_file"), self._path(model.secret_file))

    def _jwks_url(self, location: Location, written: str) -> KeysUrl | None:
        try:
            url = resolve_word(written, self.environ)
            check_url(url, plain_only_on_loopback=True)
            return KeysUrl(url)
        except ValueError as error:
            self._note(location, str(error))
            return None

    def _secret(self, location: Location, path: Path) -> SharedSecret | None:
        try:
            return SharedSecret(load_shared_secret(path))
        except PolicyError as error:
            self._note(location, f"is refused: {error.problems[0]}")
        except ValueError as error:
            self._note(location, f"is refused: {error}")
        return None

    def _file(self, location: Location, written: str) -> Path:
        path = self._path(written)
        try:
            there = path.is_file()
        except OSError:  # a name that is too long
            there = False
        if not there:
            self._note(location, f"there is no file {quoted(path)}")
        return path

    def _path(self, written: str) -> Path:
        return self.directory.absolute() / written

    def _note(self, location: Location, message: str) -> None:
        self.problems.append(self.document.value_problem(location, f"{quoted(location[-1])} {message}"))
