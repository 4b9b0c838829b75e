"""The reading process: ``python -m gateway.media.worker``. Takes files on standard input, answers what they say.

It knows no policy, no key and no network, and it may be killed at any moment. A message is eight bytes of length and
as many bytes; the answer is the same, JSON inside: ``{"texts": [...]}`` or ``{"unreadable": "<why>"}``.
"""

import json
import os
import sys
from typing import BinaryIO, Final

from gateway.core.media import Unreadable
from gateway.media.extract import read
from gateway.media.limits import MEMORY, SECONDS

LENGTH: Final = 8


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until the input ends."""
    _confine()
    while len(head := source.read(LENGTH)) == LENGTH:
        size = int.from_bytes(head, "big")
        data = source.read(size)
        if len(data) < size:
            return
        _grant(SECONDS)
        reading = read(data)
        said = {"unreadable": reading} if isinstance(reading, Unreadable) else {"texts": reading}
        answer = json.dumps(said).encode("ascii")
        sink.write(len(answer).to_bytes(LENGTH, "big") + answer)
        sink.flush()


def _confine() -> None:
    """Bound memory and files, where the system can: no file is written, no core is left."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_AS, MEMORY),
    ):
        try:
            _, hard = resource.getrlimit(what)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (bound, hard))
        except (OSError, ValueError):  # macOS has no bound of address space
            continue


def _grant(seconds: float) -> None:
    """Allow so much more processor time: what loops for ever ends also when nobody is left to kill it."""
    if sys.platform == "win32":
        return
    import resource

    spent = sum(os.times()[:4])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + 2 * seconds) + 1, hard))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
