"""What a settings file may refer to: environment variables, files, addresses. Says nothing of what it finds there."""

import os
import re
import stat
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,16382}[\x21-\x7e])?\Z")
_MAX_SECRET_BYTES = 16_384


def resolve_secret(reference: str, environ: Mapping[str, str], directory: Path) -> str:
    """Return the secret that ``env:NAME`` or ``file:PATH`` refers to, without the line end.

    Raises `ValueError` whose message names the reference, but never a value:
    what is no reference may be a secret that somebody wrote down.
    """
    kind, _, target = reference.partition(":")
    if kind == "env" and _VARIABLE.match(target):
        if target not in environ:
            raise ValueError(f"refers to the environment variable {target}, which is not set")
        secret, place = environ[target], f"the environment variable {target}"
    elif kind == "file" and target:
        secret, place = _read_secret(directory / target), "the file"
    else:
        raise ValueError("must be `env:NAME` or `file:PATH`, never the secret itself")
    secret = secret.rstrip("\r\n")
    if not _HEADER_VALUE.match(secret):
        raise ValueError(f"refers to {place}, whose content is empty or no printable ASCII on one line")
    return secret


def _read_secret(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(_MAX_SECRET_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is no path"
        raise ValueError(f"refers to a file that cannot be read: {reason}") from None
    if mode & stat.S_IRWXO:
        raise ValueError("refers to a file that others may read; run `chmod o= FILE`")
    return content.decode("latin-1")


def resolve_word(written: str, environ: Mapping[str, str]) -> str:
    """Return `written`, or what the environment holds when it is ``env:NAME``. Raises `ValueError`."""
    kind, _, name = written.partition(":")
    if kind != "env":
        return written
    if name not in environ:
        raise ValueError("refers to an environment variable that is not set")
    return environ[name]


def normalize_base_url(url: str) -> str:
    """Return `url` without trailing slashes and without a trailing version (`/v1`, `/v1beta`).

    Vendors' SDKs disagree whether a base URL ends with the version; the
    dialects' paths always bring it. Raises `ValueError` as `check_url`.
    """
    parts = check_url(url)
    path = re.sub(r"/(?:v1|v1beta)\Z", "", parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, "", ""))


def check_url(url: str, plain_only_on_loopback: bool = False) -> SplitResult:
    """Return the parts of an http or https address that has a host and nothing secret in it.

    Raises `ValueError` without repeating the address: a password may stand in it.
    """
    if any(not "\x21" <= character <= "\x7e" for character in url):
        raise ValueError("must be an address without blanks, in ASCII")
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("must be an address such as `https://host:port/path`") from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or not port_is_good:
        raise ValueError("must be an address such as `https://host:port/path`")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; use `credential`")
    if parts.query or parts.fragment:
        raise ValueError("must not have a query or a fragment")
    if plain_only_on_loopback and parts.scheme.lower() == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must be `https`, unless it is on this machine")
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
