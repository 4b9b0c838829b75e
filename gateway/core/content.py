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
    that refuses it (None: it is never refused but left out), that says it was left out (None: that goes without
    saying, since only copies are lost), and that says it passed unseen.
    """

    word: str
    name: str
    refused: Reason | None
    stripped: Reason | None
    passed: Reason

    def ruling(self, rulings: Mapping[str, ContentRuling]) -> ContentRuling:
        """Return what a plan's `rulings` say of it; what they do not name is refused."""
        ruling = rulings.get(self.word, ContentRuling.DENY)
        return ContentRuling.STRIP if ruling is ContentRuling.DENY and self.refused is None else ruling


MEDIA: Final = Content(
    "media", "an image, a sound or a file", Reason.MEDIA_REFUSED, Reason.STATE_STRIPPED, Reason.MEDIA_PASSED
)
STATE: Final = Content(
    "state", "a reference to text at the provider", Reason.STATE_REFUSED, Reason.STATE_STRIPPED, Reason.STATE_PASSED
)
TOKENS: Final = Content(
    "tokens", "text as token ids", Reason.TOKENS_REFUSED, Reason.STATE_STRIPPED, Reason.TOKENS_PASSED
)
DERIVED: Final = Content("derived", "a copy of text in another form", None, None, Reason.DERIVED_PASSED)

CONTENT: Final[Mapping[Kind, Content]] = MappingProxyType(
    {Kind.MEDIA: MEDIA, Kind.STATE: STATE, Kind.TOKENS: TOKENS, Kind.DERIVED: DERIVED}
)
