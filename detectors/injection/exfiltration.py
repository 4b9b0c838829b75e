"""Ways out: links and images in a model's output that would carry data to somebody else's server.

A client that renders markdown or HTML fetches an image at once; a link needs one
click. Reported are images from hosts that are not known, and links, whose address
has room for data: a query, a long path, a payload that reads like encoded text.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from detectors.detector import Finding, settled_by_promise
from detectors.secrets.values import entropy

ENTITY: Final = "EXFILTRATION_LINK"
_LONGEST: Final = 2048


def _url(number: str) -> str:
    return (
        rf"(?:https?:)?//(?P<host{number}>[^\s/?#<>()\"']{{1,255}})"
        rf"(?P<rest{number}>[^\s<>()\"']{{0,{_LONGEST - 600}}})"
    )


_SOURCE: Final = re.compile(
    rf"(?P<image>!)?\[[^\]\n]{{0,256}}\]\([ \t]{{0,4}}<?{_url('')}"
    rf"|(?<![^\n])[ ]{{0,3}}\[[^\]\n]{{1,64}}\]:[ \t]{{0,4}}<?{_url('2')}"
    r"|<(?P<tag>img|iframe|script|video|audio|source|embed|object|link|image)\b[^>]{0,128}?"
    rf"(?:src|href|data|srcset|poster)[ ]?=[ ]?[\"']?{_url('3')}",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(r"[?&/=;,]([^?&/=;,#]{12,})")


class ExfiltrationDetector:
    """Finds addresses in markdown and HTML that can carry data out. For outputs.

    `hosts` are trusted: names, with a leading dot for a name and all its subdomains.
    """

    name = "exfiltration"
    entities = frozenset({ENTITY})
    reach = _LONGEST
    context = 4
    lookahead = 4

    def __init__(self, hosts: Sequence[str] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Return the suspicious addresses of each text, whole with their markup's beginning."""
        return [list(self._find(text)) if "//" in text else [] for text in texts]

    def settled(self, text: str) -> int:
        """Return the start of markup that may still become an address."""
        least = settled_by_promise(self, text)
        opened = _OPEN.search(text, least)
        return opened.start() if opened else len(text)

    def _find(self, text: str) -> Iterator[Finding]:
        for match in _SOURCE.finditer(text):
            host = (match["host"] or match["host2"] or match["host3"] or "").lower()
            rest = match["rest"] or match["rest2"] or match["rest3"] or ""
            if self._trusted(host):
                continue
            score = _score(host, rest, loads=bool(match["image"] or match["tag"]))
            if score:
                yield Finding(match.start(), match.end(), ENTITY, score, self.name)

    def _trusted(self, host: str) -> bool:
        name = host.rsplit("@", 1)[-1].rsplit(":", 1)[0]
        parts = name.split(".")
        return name in self._hosts or any("." + ".".join(parts[i:]) in self._hosts for i in range(len(parts)))


# Markup up to the end of the text that a match may begin with.
_ADDRESS: Final = rf"[ \t]{{0,4}}<?[^\s<>()\"']{{0,{_LONGEST}}}"
_OPEN: Final = re.compile(
    rf"!?\[[^\]\n]{{0,256}}(?:\](?:\({_ADDRESS}|:{_ADDRESS})?)?\Z"
    rf"|!\Z|[ ]{{1,3}}\Z|<[a-z]{{0,6}}(?:\b[^>]{{0,{_LONGEST}}})?\Z",
    re.IGNORECASE,
)


def _score(host: str, rest: str, loads: bool) -> float:
    """Return how much an address looks like it carries data; 0 for no."""
    values = _VALUE.findall("/" + rest)
    coded = any(len(value) >= 24 and (entropy(value) >= 3.5 or "%20" in value or "+" in value) for value in values)
    # Data in the name of a host leaves with the look-up of the name alone.
    coded = coded or any(len(label) >= 32 and entropy(label) >= 3.5 for label in host.split("."))
    asked = "?" in rest and "=" in rest
    if loads:
        return 0.9 if coded and asked else 0.8 if coded else 0.6 if asked or "{" in rest or "[" in rest else 0.0
    return 0.6 if coded and asked else 0.0
