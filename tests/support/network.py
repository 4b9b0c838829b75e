"""What counts as leaving this machine."""

import ipaddress


def outside(event: str, arguments: tuple[object, ...]) -> str | None:
    """Return the target of a socket event when it is not on loopback, else None."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
        return None if host is None or _local(host) else f"look-up of {host!r}"
    address = arguments[-1]
    if not isinstance(address, tuple):
        return None  # a Unix socket
    return None if _local(address[0]) else f"connection to {address[0]!r}"


def _local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ("localhost", "", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
