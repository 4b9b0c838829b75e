"""An answer ends where something in it was denied: what came before that leaves, wherever the stream is cut.

For every dialect that streams, with all its texts at once: the text that holds what is denied leaves as far
as the event in which that begins, or up to that itself if it was not clear yet then; the other texts leave
as far as they had come by then, but for what a window holds; nothing of what came later leaves.
"""

import random
import re
from dataclasses import dataclass

import pytest

from detectors.detector import Detector
from gateway.core.frame import Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.dialects import codecs
from tests.support.asking import framing_of
from tests.support.inside import Inside, Refused, default_plan
from tests.support.mails import Mails
from tests.support.talk import Order, Said, Talk
from tests.support.talks import TALKS
from tests.support.talks_declared import DECLARED

MAIL = "eve.hacker@evil-corp.org"
HELD = 64
SERVED = [talk for talk in (*TALKS, *DECLARED) if talk.found() is not None]


def denying(policy: str) -> str:
    """The default policy, with mail addresses in answers denied, over the cheap detector."""
    rule = "    rules:\n      - {id: no-mail, entities: [EMAIL_ADDRESS], direction: response, operator: deny}\n"
    return re.sub(r"detectors: \[.*\]", "detectors: [pii]", policy).replace("    rules:\n", rule, 1)


@pytest.fixture(scope="module")
def inside() -> Inside:
    """A gateway's inside that denies mail addresses in answers."""
    mails: dict[str, Detector] = {"pii": Mails()}
    return Inside.of(default_plan(denying), mails)


@dataclass(frozen=True)
class Story:
    """Pieces of all voices; one of them, `guilty`, says what is denied, in the pieces `begins` and `ends`."""

    order: Order
    guilty: str
    begins: int
    ends: int

    def come(self, voice: str, before: int) -> str:
        """Return what a voice said before a piece."""
        return "".join(piece for who, piece in self.order[:before] if who == voice)


def story(talk: Talk, dice: random.Random) -> Story:
    """Return a random one, each voice begun before anything is denied."""
    voices = [voice for voice in talk.voices if not voice.startswith("args")]
    order = [(voice, f"{voice} begins. ") for voice in voices]
    order += [(dice.choice(voices), f"part {n} of it, ") for n in range(dice.randint(0, 12))]
    begins, cut = len(order), dice.randint(1, len(MAIL) - 1)
    guilty = dice.choice(voices)
    order.append((guilty, f"ask {MAIL[:cut]}"))
    order += [(voice, "meanwhile. ") for voice in voices if voice != guilty and dice.random() < 0.5]
    order.append((guilty, f"{MAIL[cut:]} now. "))
    ends = len(order) - 1
    order += [(dice.choice(voices), "never. ") for _ in range(dice.randint(0, 6))]
    order += [(voice, "{}") for voice in talk.voices if voice not in voices]
    return Story(order, guilty, begins, ends)


async def heard(inside: Inside, talk: Talk, events: list[tuple[str, Json]], reads: list[int]) -> Said:
    """Return what a client heard when the events came in reads of these sizes, until the answer was refused."""
    served = talk.found()
    assert served is not None
    encoder = codecs.encoder(framing_of(talk))
    sent = [encoder.encode(Frame(FrameKind.DATA, event, name)) for name, event in events]
    chunks, at = [], 0
    for size in reads:
        chunks.append(b"".join(sent[at : at + size]))
        at += size
    with pytest.raises(Refused, match="denied") as refused:
        await inside.carries(inside.exchange(*served, {}), [*chunks, b"".join(sent[at:])], framing_of(talk))
    frames = [frame for step in refused.value.before for frame in step if frame.kind is FrameKind.DATA]
    return talk.heard([frame.data for frame in frames])


@pytest.mark.parametrize("talk", SERVED, ids=str)
async def test_what_had_come_leaves_and_nothing_else(inside: Inside, talk: Talk) -> None:
    """Event by event, all at once, and in reads between: nothing more of any text, and nothing less."""
    for seed in range(12):
        dice = random.Random(f"{talk}{seed}")
        told = story(talk, dice)
        events = talk.events(told.order)
        for reads in ([1] * len(events), [len(events)], [dice.randint(1, 5) for _ in events]):
            said = await heard(inside, talk, events, reads)
            for voice in {voice for voice, _ in told.order}:
                least, text = told.come(voice, told.begins), said.get(voice, "")
                if voice == told.guilty:
                    assert text in (least, f"{least}ask "), (seed, reads)
                else:
                    assert told.come(voice, told.ends).startswith(text), (seed, reads)
                    assert len(least) - len(text) <= HELD, (seed, reads)
