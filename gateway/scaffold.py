"""`sluice init`: a directory that runs, with everything on."""

import json
import secrets
import shutil
from pathlib import Path

from gateway.adapters.issuers import SharedSecret
from gateway.adapters.keys_file import AUDIT_PUBLIC, create_keys
from gateway.adapters.whole_file import write_whole
from gateway.errors import PolicyError
from gateway.local_issuer import LocalIssuer
from gateway.policy.references import normalize_base_url
from gateway.settings import SETTINGS_FILE, Settings

LOCAL_ISSUER = "https://issuer.sluice.localhost"
"""The `iss` of tokens from `sluice token mint`. Nothing is ever fetched from it."""

LOCAL_AUDIENCE = "sluice"
LOCAL_SECRET = "local-issuer.secret"
"""File in the keys directory: 32 random bytes as 64 hexadecimal digits, readable by the owner only."""

POLICIES = ("default.yaml", "strict.yaml", "monitor.yaml", "README.md")
"""What is copied: three policies to choose from, and the reference of their language."""

_DEFAULT_UPSTREAM = "http://127.0.0.1:11434"

_SETTINGS = """\
# Settings of this gateway; every key is described in policies/README.md.
# Secrets come by reference only: `env:NAME` or `file:PATH`.
apiVersion: sluice/v1alpha1
kind: Settings
spec:
  # What is let through, rewritten, refused and recorded. Change it while the gateway
  # runs and send SIGHUP; a policy that does not load leaves the running one in place.
  # Also here: policies/strict.yaml (denies more) and policies/monitor.yaml (only counts).
  policy: policies/default.yaml

  listen:
    host: 127.0.0.1
    port: 8080
    ops_host: 127.0.0.1
    ops_port: 9090
    # tls: {{cert: tls/chain.pem, key: tls/key.pem}}

  # Backends. A route of the policy names one; a route that names none goes to the
  # first backend here that speaks the caller's dialect.
  upstreams:
    default:
      base_url: {base_url}
      dialects: ["*"]
      # The gateway's own key there; callers' tokens never leave the gateway.
      # credential: {{header: authorization, scheme: Bearer, value: "env:UPSTREAM_API_KEY"}}
    # openai:
    #   base_url: https://api.openai.com
    #   dialects: ["openai-*"]
    #   credential: {{value: "env:OPENAI_API_KEY"}}
    # anthropic:
    #   base_url: https://api.anthropic.com
    #   dialects: ["anthropic-*"]
    #   credential: {{header: x-api-key, value: "env:ANTHROPIC_API_KEY"}}

  # Whose tokens are believed. This one is for tests: `sluice token mint` signs with its
  # secret. In production name your identity provider instead, with its JWKS.
  issuers:
    - issuer: {issuer}
      audience: [{audience}]
      algorithms: [HS256]
      keys: {{secret_file: keys/{secret}}}
    # - issuer: https://login.example.com/
    #   audience: [https://llm.example.com]
    #   algorithms: [RS256, ES256]
    #   keys: {{jwks_url: "https://login.example.com/.well-known/jwks.json"}}
    #   tenant_claim: org_id

  stores:
    audit: data/audit.sqlite
    keys: keys
"""

_GITIGNORE = """\
# Keys and records stay on this machine.
/keys/
/data/
"""


def init(directory: Path, upstream: str | None, force: bool = False) -> None:
    """Write a runnable directory: settings, policies, fresh keys, and a local issuer for tests.

    `upstream` is the address that every dialect goes to, with or without a
    trailing slash or ``/v1`` (default: a local Ollama), or ``env:NAME``. With
    `force`, settings and policies are written anew; keys that exist are always
    kept, since records sealed to them could not be read without them.

    Raises `PolicyError` when the directory has settings already, the address is
    none, or the directory cannot be written.
    """
    base_url = _checked(upstream or _DEFAULT_UPSTREAM)
    if (directory / SETTINGS_FILE).exists() and not force:
        raise PolicyError((f"{directory / SETTINGS_FILE}: exists already; use --force to write settings anew",))
    try:
        _write(directory, base_url)
    except OSError as error:
        place = error.filename or directory
        raise PolicyError((f"{place}: cannot be written: {error.strerror or type(error).__name__}",)) from error


def packaged_policies() -> Path:
    """Return the directory of the policies that come with the package (in a wheel, or in a checkout)."""
    here = Path(__file__).resolve().parent
    installed = here / "_policies"
    return installed if installed.is_dir() else here.parent / "policies"


def _checked(upstream: str) -> str:
    if upstream.startswith("env:"):
        return upstream
    try:
        return normalize_base_url(upstream)
    except ValueError as error:
        raise PolicyError((f"--upstream: {error}",)) from error


def _write(directory: Path, base_url: str) -> None:
    keys = directory / "keys"
    (directory / "policies").mkdir(parents=True, exist_ok=True)
    (directory / "data").mkdir(mode=0o700, exist_ok=True)
    keys.mkdir(mode=0o700, exist_ok=True)
    # Before anything secret is written, so that no `git add` can catch it.
    (directory / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    for name in POLICIES:
        shutil.copyfile(packaged_policies() / name, directory / "policies" / name)
    if not (keys / AUDIT_PUBLIC).exists():
        create_keys(keys)
    if not (keys / LOCAL_SECRET).exists():
        write_whole(keys / LOCAL_SECRET, secrets.token_hex(32).encode() + b"\n")
    text = _SETTINGS.format(
        base_url=json.dumps(base_url), issuer=LOCAL_ISSUER, audience=LOCAL_AUDIENCE, secret=LOCAL_SECRET
    )
    (directory / SETTINGS_FILE).write_text(text, encoding="utf-8")


def local_issuer(settings: Settings) -> LocalIssuer:
    """Return the local issuer of `settings`, or raise `PolicyError` when they have none."""
    for issuer in settings.issuers:
        if issuer.issuer == LOCAL_ISSUER and isinstance(issuer.keys, SharedSecret):
            return LocalIssuer(issuer)
    raise PolicyError((f"{settings.directory}: has no local issuer; tokens come from your identity provider",))
