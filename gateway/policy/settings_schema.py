"""The shape of `sluice.yaml`. What the names and references in it mean is `gateway.settings`' business."""

from typing import Literal

from gateway.policy.fields import FileModel, Globs, Identifier, Seconds, option


class TlsModel(FileModel):
    """A certificate chain and its key, as PEM files."""

    cert: str = option(min_length=1, description="Certificate chain, leaf first.")
    key: str = option(min_length=1, description="Private key.")


class ListenModel(FileModel):
    """Where the gateway listens."""

    host: str = option(default="127.0.0.1", min_length=1, description="Address of the data port.")
    port: int = option(default=8080, ge=0, le=65535, description="Data port; 0 takes a free one.")
    ops_host: str = option(default="127.0.0.1", min_length=1, description="Address of the ops port.")
    ops_port: int = option(default=9090, ge=0, le=65535, description="Health and metrics; never on the data port.")
    tls: TlsModel | None = option(default=None, description="Serve TLS on the data port.")


class BodyModel(FileModel):
    """Bounds of what a caller may send."""

    max_bytes: int = option(default=10 * 1024 * 1024, ge=1024, le=2**30, description="Most bytes.")
    timeout: Seconds = option(default=60.0, description="To send a whole body.")


class CredentialModel(FileModel):
    """The gateway's own key at an upstream. The caller's token never goes there."""

    header: str = option(default="authorization", description="The header that carries it.")
    scheme: str | None = option(default=None, description="The word before it. Default: `Bearer` in `authorization`.")
    value: str = option(description="`env:NAME` or `file:PATH`; never the secret itself.")


class TimeoutsModel(FileModel):
    """How long to wait for an upstream."""

    connect: Seconds = option(default=10.0, description="For a connection, TLS included.")
    first_byte: Seconds = option(default=300.0, description="From the request to the first byte of the answer.")
    idle: Seconds = option(default=120.0, description="Between two bytes of the answer.")


class UpstreamModel(FileModel):
    """A backend."""

    base_url: str = option(description="`https://host[:port][/path]`, or `env:NAME`. A trailing `/v1` is implied.")
    dialects: Globs = option(
        default=["*"], description="Dialects it speaks. It is their default if it is the first that does."
    )
    credential: CredentialModel | None = option(default=None, description="The gateway's own key there.")
    timeouts: TimeoutsModel = option(default=TimeoutsModel(), description="How long to wait for it.")
    ca_file: str | None = option(
        default=None, description="PEM file of the authorities to trust instead of the host's."
    )


class IssuerKeysModel(FileModel):
    """Where an issuer's keys come from: exactly one."""

    jwks_file: str | None = option(default=None, description="A JWKS file.")
    jwks_url: str | None = option(default=None, description="A JWKS address, `https` unless on this machine.")
    secret_file: str | None = option(default=None, description="The local issuer's secret (HS256).")


Algorithm = Literal["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "HS256"]


class IssuerModel(FileModel):
    """Whose tokens are believed, and how they are read."""

    issuer: str = option(min_length=1, description="The exact `iss`.")
    audience: list[str] = option(min_length=1, description="The token's `aud` must hold one of these.")
    algorithms: list[Algorithm] = option(min_length=1, description="Signature algorithms, all of one kind of key.")
    keys: IssuerKeysModel = option(description="Where the keys come from.")
    types: list[str] = option(
        default=["at+jwt"], min_length=1, description='Accepted `typ` headers; `""` accepts a token without one.'
    )
    subject_claim: str = option(default="sub", min_length=1, description="The claim that names the caller.")
    tenant_claim: str = option(default="tenant", min_length=1, description="The claim that names the tenant.")
    scope_claim: str = option(default="scope", min_length=1, description="The claim with the scopes.")
    leeway: Seconds = option(default=30.0, le=60, description="Clock skew that is forgiven.")
    max_lifetime: Seconds = option(default=86_400.0, description="Longest time from `iat` to `exp`.")


class StoresModel(FileModel):
    """Where state is kept."""

    audit: str = option(default="data/audit.sqlite", min_length=1, description="The sealed record.")
    keys: str = option(default="keys", min_length=1, description="The directory of the gateway's own keys.")


class SettingsSpec(FileModel):
    """The settings themselves. Relative paths start at the file's directory."""

    policy: str = option(default="policies/default.yaml", min_length=1, description="A policy file or directory.")
    workers: int = option(default=1, ge=1, le=256, description="Processes that share the port.")
    listen: ListenModel = option(default=ListenModel(), description="Where to listen.")
    body: BodyModel = option(default=BodyModel(), description="Bounds of requests.")
    upstreams: dict[Identifier, UpstreamModel] = option(min_length=1, description="Backends by name, in order.")
    issuers: list[IssuerModel] = option(min_length=1, description="Whose tokens are believed.")
    stores: StoresModel = option(default=StoresModel(), description="Where state is kept.")


class SettingsFile(FileModel):
    """`sluice.yaml`."""

    api_version: Literal["sluice/v1alpha1"] = option(alias="apiVersion", description="The version of this format.")
    kind: Literal["Settings"] = option(description="What this file is.")
    spec: SettingsSpec = option(description="The settings.")
