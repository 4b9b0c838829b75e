# mypy: ignore-errors
# PyTorch is not installed where types are checked; nothing that ships imports this file.
"""The tagger's network as it is trained: `network.py` computes the same in integers. Development only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from detectors.ner.dataset import TAGS
from detectors.ner.features import AFFIX_BUCKETS, GROUP_BUCKETS, NO_GROUP, SHAPES, Words
from detectors.ner.lexicon import BITS
from detectors.ner.network import DILATIONS

WIDTHS = {"word": 64, "affix": 32, "group": 48, "shape": 16}
TOKEN_WIDTH = 160
HIDDEN = 128


class Drop(nn.Module):
    """Dropout whose masks are windows of one long random mask: drawing a fresh one takes an eighth of a step."""

    def __init__(self, share: float, length: int = 1 << 22) -> None:
        super().__init__()
        self.length = length
        self.mask = (torch.rand(2 * length) >= share).float() / (1 - share)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return `x` with a share of its values zeroed, the others scaled up; `x` itself when not training."""
        if not self.training:
            return x
        start = int(torch.randint(self.length, ()))
        return x * self.mask[start : start + x.numel()].view_as(x)


class Network(nn.Module):
    """Embeds tokens, looks one token around, then three residual dilated convolutions; scores of tags come out."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.word = nn.Embedding(words, WIDTHS["word"])
        self.affix = nn.Embedding(4 * AFFIX_BUCKETS, WIDTHS["affix"])
        self.group = nn.Embedding(GROUP_BUCKETS + 1, WIDTHS["group"], padding_idx=NO_GROUP)
        self.shape = nn.Embedding(SHAPES, WIDTHS["shape"])
        for table in (self.word, self.affix, self.group, self.shape):
            nn.init.normal_(table.weight, std=0.3)
        with torch.no_grad():
            self.group.weight[NO_GROUP] = 0
        width = WIDTHS["word"] + 4 * WIDTHS["affix"] + WIDTHS["group"] + WIDTHS["shape"] + BITS
        self.token = nn.Linear(width, TOKEN_WIDTH)
        self.first = nn.Linear(3 * TOKEN_WIDTH, HIDDEN)
        self.convs = nn.ModuleList(nn.Linear(3 * HIDDEN, HIDDEN) for _ in DILATIONS)
        for conv in self.convs:
            nn.init.normal_(conv.weight, std=0.03)
        self.tags = nn.Linear(HIDDEN, TAGS)
        self.drop = Drop(0.18)

    def forward(self, features: tuple[torch.Tensor, ...], real: torch.Tensor) -> torch.Tensor:
        """Return (n, tags) scores of n tokens; `real` (n, 1) is 0 at pads."""
        words, affixes, groups, shapes, lexicon = features
        n = len(words)
        counts = (groups != NO_GROUP).sum(1, keepdim=True).clamp(min=1)
        x = torch.cat(
            [
                self.word(words),
                self.affix(affixes).view(n, -1),
                self.group(groups).sum(1) / counts,
                self.shape(shapes),
                lexicon,
            ],
            1,
        )
        e = self.drop(torch.relu(self.token(x)) * real)
        h = torch.relu(self.first(_around(e, 1))) * real
        for conv, dilation in zip(self.convs, DILATIONS, strict=True):
            h = h + self.drop(torch.relu(conv(_around(h, dilation)))) * real
        return self.tags(self.drop(h))


def _around(h: torch.Tensor, dilation: int) -> torch.Tensor:
    zero = h.new_zeros(dilation, h.shape[1])
    padded = torch.cat([zero, h, zero])
    return torch.cat([padded[: -2 * dilation], h, padded[2 * dilation :]], 1)


def resume(network: Network, words: Words, path: Path, lacking_as_unknown: bool = False) -> None:
    """Take over a checkpoint, made perhaps with another vocabulary, fewer lexicons or classes.

    Words are matched by digest; what the checkpoint lacks stays as it is in `network`,
    or, of words, begins as its unknown word when `lacking_as_unknown`.
    """
    saved = torch.load(path, weights_only=False)
    state, old = saved["state"], saved["vocabulary"]
    _, here, there = np.intersect1d(words.vocabulary, old, return_indices=True)
    mine = {name: value.clone() for name, value in network.state_dict().items()}
    mine["word.weight"][: None if lacking_as_unknown else 1] = state["word.weight"][0]
    mine["word.weight"][torch.from_numpy(here + 1)] = state["word.weight"][torch.from_numpy(there + 1)]
    for name in state.keys() - {"word.weight"}:
        mine[name][tuple(slice(n) for n in state[name].shape)] = state[name]
    network.load_state_dict(mine)


def averaged(paths: Sequence[Path], words: Words) -> Network:
    """Return a network whose weights are the mean of checkpoints that were trained from one beginning.

    What a checkpoint lacks it has from the first.
    """
    network = Network(len(words.vocabulary) + 1)
    sums: dict[str, torch.Tensor] = {}
    for path in paths:
        resume(network, words, paths[0])
        resume(network, words, path)
        for name, value in network.state_dict().items():
            sums[name] = sums[name] + value if name in sums else value.clone()
    network.load_state_dict({name: value / len(paths) for name, value in sums.items()})
    return network
