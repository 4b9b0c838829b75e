"""Content that no text detector reads: what the policy calls it, what happens where it says nothing, and why.

Pure; the guard (requests) and `gateway.core.answer` (answers) go by this one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.core.decision import Reason
from gateway.core.payload import Kind
from gateway.core.plan import ContentRuling


@dataclass(frozen=True, slots=True)
class Content:
    """One class of content.

    `word` is its key under ``spec.content``, `name` how refusals call it. The reasons are those of the decision
    that refuses it, that says it was left out (None: that goes without saying, since only copies are lost), and that
    says it passed unseen. `answers` tells that an answer which holds it is refused too; else it is left out there:
    whoever asked did not send it.
    """

    word: str
    name: str
    refused: Reason
    stripped: Reason | None
    passed: Reason
    answers: bool = True

    def ruling(self, rulings: Mapping[str, ContentRuling]) -> ContentRuling:
        """Return what a plan's `rulings` say of it; what they do not name is refused."""
        return rulings.get(self.word, ContentRuling.DENY)


MEDIA: Final = Content(
    "media", "an image, a sound or a file", Reason.MEDIA_REFUSED, Reason.STATE_STRIPPED, Reason.MEDIA_PASSED
)
STATE: Final = Content(
    "state",
    "a reference to text at the provider",
    Reason.STATE_REFUSED,
    Reason.STATE_STRIPPED,
    Reason.STATE_PASSED,
    answers=False,
)
TOKENS: Final = Content(
    "tokens", "text as token ids", Reason.TOKENS_REFUSED, Reason.STATE_STRIPPED, Reason.TOKENS_PASSED
)
DERIVED: Final = Content(
    "derived",
    "a copy of text in another form",
    Reason.DERIVED_REFUSED,
    None,
    Reason.DERIVED_PASSED,
    answers=False,
)

CONTENT: Final[Mapping[Kind, Content]] = MappingProxyType(
    {Kind.MEDIA: MEDIA, Kind.STATE: STATE, Kind.TOKENS: TOKENS, Kind.DERIVED: DERIVED}
)
