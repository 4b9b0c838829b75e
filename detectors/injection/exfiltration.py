"""Ways out: links and images in a model's output that would carry data to somebody else's server.

A client that renders markdown or HTML fetches an image at once; a link needs one
click. Reported are images from hosts that are not known, and links, whose address
has room for data: a query, a long path, a payload that reads like encoded text, and
in images a stand-in, which would be somebody's value again on its way to the client.
A reference's definition may be an image's: it counts as one.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from detectors.detector import Finding, settled_by_promise
from detectors.secrets.values import entropy

ENTITY: Final = "EXFILTRATION_LINK"
_LONGEST: Final = 2048
_HOST: Final = 255
_ALT: Final = 200
_TAG: Final = 300
_REST: Final = _LONGEST - 2 * _ALT - _HOST - 64

# CommonMark: a backslash before a sign stands for the sign; one line may end before an address. Browsers take
# a backslash for a slash.
_GAP: Final = r"[ \t]{0,8}(?:\n[ \t]{0,8})?<?"
_WORDS: Final = rf"(?:\\.|[^\]\\\n]|\](?!\()|\n(?![ \t]*\n)){{0,{_ALT}}}"


def _url(number: str) -> str:
    return (
        rf"(?:https?:)?(?:\\?[/\\]){{2}}(?P<host{number}>[^\s/?#<>()\"']{{1,{_HOST}}})"
        rf"(?P<rest{number}>[^\s<>()\"']{{0,{_REST}}})"
    )


_SOURCE: Final = re.compile(
    rf"!\[{_WORDS}\]\({_GAP}{_url('0')}"
    rf"|(?P<link>\[)[^\]\n]{{0,256}}\]\({_GAP}{_url('1')}"
    rf"|(?<![^\n])[ ]{{0,3}}\[[^\]\n]{{1,64}}\]:{_GAP}{_url('2')}"
    rf"|<(?:img|iframe|script|video|audio|source|embed|object|link|image)\b[^>]{{0,{_TAG}}}?"
    rf"(?:src|href|data|srcset|poster)\s{{0,4}}=\s{{0,4}}[\"']?{_url('3')}",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(r"[?&/=;,]([^?&/=;,#]{12,})")
_STANDIN: Final = re.compile(r"[a-z]_[a-hj-np-z2-9]{12}(?![a-z0-9])", re.IGNORECASE)
"""What stands for somebody's value (`gateway.core.pseudonym`): the value itself, once it is put back in its place."""

_CODE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


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
        return [list(self._find(text)) if "](" in text or "]:" in text or "<" in text else [] for text in texts]

    def settled(self, text: str) -> int:
        """Return the start of markup that may still become an address."""
        least = settled_by_promise(self, text)
        opened = _OPEN.search(text, least)
        return opened.start() if opened else len(text)

    def _find(self, text: str) -> Iterator[Finding]:
        for match in _SOURCE.finditer(text):
            host = next((match[f"host{n}"] for n in range(4) if match[f"host{n}"]), "").lower()
            rest = next((match[f"rest{n}"] for n in range(4) if match[f"rest{n}"]), "")
            if self._trusted(host):
                continue
            score = _score(host, rest, loads=match["link"] is None)
            if score:
                yield Finding(match.start(), match.end(), ENTITY, score, self.name)

    def _trusted(self, host: str) -> bool:
        name = host.rsplit("@", 1)[-1].rsplit(":", 1)[0]
        parts = name.split(".")
        return name in self._hosts or any("." + ".".join(parts[i:]) in self._hosts for i in range(len(parts)))


# Markup up to the end of the text that a match may begin with.
_ADDRESS: Final = rf"{_GAP}[^\s<>()\"']{{0,{_LONGEST}}}"
_OPEN: Final = re.compile(
    rf"!\[{_WORDS}(?:\\|\](?:\({_ADDRESS})?)?\Z"
    rf"|[ ]{{0,3}}\[[^\]\n]{{0,256}}(?:\](?:\({_ADDRESS}|:{_ADDRESS})?)?\Z"
    rf"|!\Z|[ ]{{1,3}}\Z|<[a-z]{{0,6}}(?:\b[^>]{{0,{_LONGEST}}})?\Z",
    re.IGNORECASE,
)


def _score(host: str, rest: str, loads: bool) -> float:
    """Return how much an address looks like it carries data; 0 for no. `loads`: nobody need click."""
    values = _VALUE.findall("/" + rest)
    coded = any(len(value) >= 24 and (entropy(value) >= 3.5 or "%20" in value or "+" in value) for value in values)
    # Data in the name of a host leaves with the look-up of the name alone.
    coded = coded or any(len(label) >= 32 and entropy(label) >= 3.5 for label in host.split("."))
    asked = "?" in rest and "=" in rest
    if loads:
        if _STANDIN.search(_plain(host + rest)):
            return 0.9
        return 0.9 if coded and asked else 0.8 if coded else 0.6 if asked or "{" in rest or "[" in rest else 0.0
    return 0.6 if coded and asked else 0.0


def _plain(address: str) -> str:
    """Return an address with its escapes undone: what they spell is what a stand-in is known by."""
    address = html.unescape(unquote(unquote(address)))
    return _CODE.sub(lambda code: chr(int(code[1], 16)), address).replace("\\", "")
