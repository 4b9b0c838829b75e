"""TLS contexts from the operator's PEM files. What is wrong with a file is said when the gateway starts."""

import ssl
from pathlib import Path

from gateway.errors import PolicyError


def serving(cert: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a port that serves TLS 1.2 and later; raise `PolicyError` when the files are no good."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key, password=_refuse)
    except (ValueError, OSError) as error:  # ssl.SSLError is an OSError
        raise PolicyError((f"listen.tls: {cert} and {key}: {_why(error, 'a certificate and its key')}",)) from None
    return context


def trusting(authorities: Path, upstream: str) -> ssl.SSLContext:
    """Return the context of a backend that is believed by these authorities alone; raise `PolicyError`."""
    try:
        return ssl.create_default_context(cafile=str(authorities))
    except (ValueError, OSError) as error:
        raise PolicyError((f"upstreams.{upstream}.ca_file: {authorities}: {_why(error, 'certificates')}",)) from None


def _refuse() -> str:
    """Stand in for the terminal, which OpenSSL would ask for the password of an encrypted key."""
    raise ValueError("the key is encrypted with a password; decrypt it first")


def _why(error: Exception, wanted: str) -> str:
    if isinstance(error, ssl.SSLError):
        return f"must be {wanted} in PEM form ({(error.reason or 'no PEM').lower().replace('_', ' ')})"
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
