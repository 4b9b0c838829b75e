"""The standard `OTEL_*` variables that decide whether anything is exported at all.

The exporters read the rest (endpoints, headers, TLS, batching) by themselves.
"""

import os

from gateway.errors import PolicyError


def exports(signal: str) -> bool:
    """Say whether the environment asks for OTLP of `signal`; a variable that asks for something else is an error."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    chosen = os.environ.get(f"OTEL_{signal}_EXPORTER", "").strip().lower()
    if chosen == "none":
        return False
    if chosen not in ("", "otlp"):
        raise PolicyError((f"environment: OTEL_{signal}_EXPORTER: only `otlp` and `none` are supported",))
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    if not chosen and not any(os.environ.get(name) for name in endpoints):
        return False
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = os.environ.get(name, "").strip()
        if protocol:
            if protocol != "http/protobuf":
                raise PolicyError((f"environment: {name}: only `http/protobuf` is supported",))
            break
    return True


def milliseconds(variable: str, default: int) -> int:
    """Return the whole number of milliseconds above 0 in `variable`, `default` without it; else raise `PolicyError`."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise PolicyError((f"environment: {variable}: must be a whole number of milliseconds above 0",))
    return int(text)
