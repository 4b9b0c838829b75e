"""Whole texts on their way through channels: all are opened, all are asked about, then each is released."""

from collections.abc import Sequence

from detectors.detector import Finding
from gateway.core.channel import Channel
from gateway.core.payload import Leaf
from gateway.core.redact import Redactor
from gateway.core.stretch import Stretch
from gateway.core.window import Question


class WholeTexts:
    """The texts of some leaves. `questions` are what must be known of them, each leaf's by its slice in `spans`;
    then `released` gives them rewritten.
    """

    def __init__(self, redactor: Redactor, found: Sequence[Leaf]) -> None:
        self.questions: list[Question] = []
        self.spans: list[slice] = []
        self._channels: list[Channel] = []
        self._redactors: list[Redactor] = []
        for leaf in found:
            own = redactor.under(leaf.mark)
            channel = Channel(own, max_hold=len(leaf.text), hint=leaf.hint, whole=True)
            channel.push(leaf.text)
            channel.finish()
            asked = channel.questions()
            self._channels.append(channel)
            self._redactors += [own] * len(asked)
            self.spans.append(slice(len(self.questions), len(self.questions) + len(asked)))
            self.questions.extend(asked)

    def learn(self, findings: Sequence[Sequence[Finding]]) -> None:
        """Have the pseudonyms minted, given the findings in each question's text."""
        for question, those, redactor in zip(self.questions, findings, self._redactors, strict=True):
            redactor.learn(question, those)

    def released(self, findings: Sequence[Sequence[Finding]]) -> list[list[Stretch]]:
        """Return the texts, rewritten, given the findings in each question's text."""
        return [channel.release(findings[span]) for channel, span in zip(self._channels, self.spans, strict=True)]
