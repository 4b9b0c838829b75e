# mypy: ignore-errors
# PyTorch is not installed where types are checked; nothing that ships imports this file.
"""Trains the tagger and writes its weights file. Development only; needs PyTorch and Faker.

    python -m detectors.ner.train --data ../shared/data --minutes 30

Reads `ner/` and `lexicons/` under `--data` and LitBank, writes synthetic documents, trains
one network, averages its weights over the last steps, quantises them and writes
`detectors/ner/weights.npz` and its digest. `--resume` goes on from a checkpoint, `--average`
exports the mean of several. The recipe and its reasons stand in `detectors/ner/README.md`.
"""

import argparse
import math
import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from detectors.ner.corpora import join_documents, training_documents
from detectors.ner.dataset import MADE, PAD, REAL, SWAPPED, TAGS, Dataset, begin_tag, build_dataset, build_vocabulary
from detectors.ner.export import export
from detectors.ner.features import AFFIX_BUCKETS, NO_GROUP, UNKNOWN_WORD, Features, Words, lookup
from detectors.ner.lexicon import BITS, build_lexicon, common_words
from detectors.ner.litbank import read_litbank
from detectors.ner.machine_text import machine_documents
from detectors.ner.model import Network, averaged, resume
from detectors.ner.negatives import code_documents
from detectors.ner.network import GAP
from detectors.ner.pools import add_corpora, load_pools
from detectors.ner.swap import swapped
from detectors.ner.synthesis import synthesize
from detectors.ner.values import Values

SWAPPED_SHARE = 0.35  # of the copies with other names, per pass
AGAIN_SHARE = 0.7  # of the annotated texts that name an organisation, once more per pass
_ORGANISATION = 1 << begin_tag("ORGANIZATION")


class Stream:
    """Endless batches: documents in random order, case and feature dropout as configured."""

    def __init__(self, data: Dataset, features: Features, batch: int, seed: int, share: float) -> None:
        self.data, self.features, self.batch, self.share = data, features, batch, share
        self.rng = np.random.default_rng(seed)
        self.epoch = 0.0
        offsets = (np.arange(4) * AFFIX_BUCKETS).astype(np.int32)
        self.affixes = features.affixes + offsets
        named = np.add.reduceat((data.allowed & (1 | _ORGANISATION)) == _ORGANISATION, data.bounds[:-1]) > 0
        self._organisations = np.flatnonzero((data.kind == REAL) & named)
        self._order: list[int] = []

    def _refill(self) -> None:
        parts = [np.flatnonzero(self.data.kind == REAL)]
        again = int(len(self._organisations) * AGAIN_SHARE)
        parts.append(self.rng.choice(self._organisations, again, replace=False))
        for kind, share in ((SWAPPED, SWAPPED_SHARE), (MADE, self.share)):
            rows = np.flatnonzero(self.data.kind == kind)
            parts.append(self.rng.choice(rows, int(len(rows) * share), replace=False))
        self._order = self.rng.permutation(np.concatenate(parts)).tolist()
        self.epoch += 1

    def _documents(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        tokens, allowed, size = [], [], 0
        gap_tokens, gap_allowed = np.zeros(GAP, np.int32), np.full(GAP, (1 << TAGS) - 1, np.int32)
        while size < self.batch:
            if not self._order:
                self._refill()
            i = self._order.pop()
            part = slice(self.data.bounds[i], self.data.bounds[i + 1])
            ids, mode = self.data.tokens[part], self.rng.random()
            lowered, raised = (0.10, 0.14) if self.data.kind[i] != MADE else (0.16, 0.21)
            if mode < lowered:
                ids = self.data.lower[ids]
            elif mode < raised:
                ids = self.data.upper[ids]
            tokens += [ids, gap_tokens]
            allowed += [self.data.allowed[part], gap_allowed]
            size += len(ids) + GAP
        return np.concatenate(tokens), np.concatenate(allowed)

    def __next__(self) -> tuple[tuple[torch.Tensor, ...], torch.Tensor, torch.Tensor]:
        """Return features, `real` mask and allowed tags (n, tags) of one batch."""
        tokens, masks = self._documents()
        rng, features, n = self.rng, self.features, len(tokens)
        inside = (masks & 1) == 0
        words = features.words[tokens]
        words = np.where(rng.random(n) < np.where(inside, 0.30, 0.13), UNKNOWN_WORD, words)
        affixes = np.where(
            rng.random((n, 4)) < 0.08, rng.integers(0, 4 * AFFIX_BUCKETS, (n, 4)), self.affixes[tokens]
        ).astype(np.int32)
        groups = np.where(rng.random((n, 1)) < 0.08, NO_GROUP, features.groups[tokens]).astype(np.int32)
        lexicon = features.lexicon[tokens] * (rng.random((n, 1)) >= 0.12)
        lexicon = lexicon * (rng.random((n, BITS)) >= 0.05)
        allowed = (masks[:, None] >> np.arange(TAGS)) & 1
        arrays = (words.astype(np.int32), affixes, groups, features.shapes[tokens], lexicon.astype(np.float32))
        real = torch.from_numpy((tokens != PAD).astype(np.float32)[:, None])
        return tuple(map(torch.from_numpy, arrays)), real, torch.from_numpy(allowed.astype(bool))


def loss_of(scores: torch.Tensor, allowed: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Return the mean negative log probability of the allowed tags (partial annotation)."""
    logs = torch.log_softmax(scores, 1)
    likelihood = torch.logsumexp(logs.masked_fill(~allowed, -1e4), 1)
    return -(likelihood * real[:, 0]).sum() / real.sum()


def prepare(args: argparse.Namespace) -> tuple[Dataset, Words, Features]:
    """Read, synthesise, tokenise; return data, known words and features of types."""
    root, seed = args.data, args.seed
    pools = load_pools(root / "lexicons", seed)
    if args.corpora:
        add_corpora(pools, args.corpora)
    documents = training_documents(root)
    pools.addresses += [document.text for document in documents if document.source == "usaddress"]
    texts = [document.text for document in documents if document.source != "usaddress"]
    pools.words = sorted(word for word in common_words(texts) if len(word) > 3)
    lexicon = build_lexicon(root / "lexicons", pools, texts)
    rng = Random(seed)
    values = Values(pools, rng)
    documents = join_documents(documents, seed) + (read_litbank(args.litbank, seed) if args.litbank else [])
    other = swapped(documents, values, rng) + swapped(documents, values, rng)
    made = synthesize(values, rng, args.synthetic) + machine_documents(rng, args.synthetic // 10)
    made += [replace(d, source="synthetic") for d in code_documents(rng, args.synthetic // 8, args.code)]
    data = build_dataset([*documents, *other, *made], lexicon, len(documents))
    codes = np.array(sorted(lexicon), np.uint32)
    masks = np.array([lexicon[code] for code in codes.tolist()], np.uint32)
    words = Words(build_vocabulary(data), codes, masks, BITS)
    return data, words, lookup(data.types, words)


def sample(data: Dataset, features: Features, count: int = 500_000) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
    """Return features and `real` of some documents as they are: for how large activations get, and for the gates."""
    rng, tokens = np.random.default_rng(0), [np.zeros(GAP, np.int32)]
    while sum(map(len, tokens)) < count:
        i = int(rng.integers(len(data.bounds) - 1))
        tokens += [data.tokens[data.bounds[i] : data.bounds[i + 1]], np.zeros(GAP, np.int32)]
    ids = np.concatenate(tokens)
    affixes = features.affixes[ids] + (np.arange(4) * AFFIX_BUCKETS).astype(np.int32)
    arrays = (features.words[ids], affixes, features.groups[ids], features.shapes[ids], features.lexicon[ids])
    return tuple(map(torch.from_numpy, arrays)), torch.from_numpy((ids != PAD).astype(np.float32)[:, None])


def train(data: Dataset, features: Features, words: Words, args: argparse.Namespace) -> Network:
    """Train for `args.minutes`; return the network with averaged weights."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    network = Network(len(words.vocabulary) + 1)
    if args.resume:
        resume(network, words, args.resume, lacking_as_unknown=True)
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.98))
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=0.01, betas=(0.9, 0.99), fused=True)
    stream = Stream(data, features, args.batch, args.seed, args.share)
    start, seen, step, running = time.monotonic(), 0, 0, 0.0
    while (spent := (time.monotonic() - start) / 60 / args.minutes) < 1:
        for group in optimizer.param_groups:
            cosine = args.final + (1 - args.final) * (1 + math.cos(math.pi * spent)) / 2
            group["lr"] = args.rate * min(1.0, (step + 1) / 100) * cosine
        batch, real, allowed = next(stream)
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bfloat16):
            scores = network(batch, real)
        loss = loss_of(scores.float(), allowed, real)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen += len(real)
        running += float(loss.detach())
        if step % 10 == 0:
            mean.update_parameters(network)
        if step % 100 == 0:
            sys.stdout.write(
                f"{spent:6.1%} step {step} epoch {stream.epoch:.0f} tokens {seen / 1e6:.2f}M loss {running / 100:.4f}\n"
            )
            sys.stdout.flush()
            running = 0.0
            if args.checkpoint:
                torch.save({"state": mean.module.state_dict(), "vocabulary": words.vocabulary}, args.checkpoint)
    return mean.module


def main() -> None:
    """Parse the command line, train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--litbank", type=Path, help="a checkout of github.com/dbamman/litbank")
    parser.add_argument("--corpora", type=Path, help="a checkout of github.com/dariusk/corpora")
    parser.add_argument("--code", type=Path, nargs="*", default=[], help="folders with source code to keep quiet on")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("weights.npz"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--synthetic", type=int, default=60000)
    parser.add_argument("--share", type=float, default=0.35, help="share of the synthetic documents per pass")
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--final", type=float, default=0.0, help="share of the learning rate that is left at the end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true", help="multiply in 16 bits: faster where the processor can")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="keep the prepared data here")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--resume", type=Path, help="begin with a checkpoint, also one with fewer words or classes")
    parser.add_argument("--average", type=Path, nargs="+", help="do not train: export the mean of checkpoints")
    args = parser.parse_args()
    if args.cache and args.cache.exists():
        prepared = pickle.loads(args.cache.read_bytes())  # noqa: S301  a file that this script wrote
    else:
        prepared = prepare(args)
        if args.cache:
            args.cache.write_bytes(pickle.dumps(prepared))
    data, words, features = prepared
    sys.stdout.write(
        f"{len(data.bounds) - 1} documents, {len(data.tokens)} tokens, {len(data.types)} types,"
        f" {len(words.vocabulary)} words\n"
    )
    network = averaged(args.average, words) if args.average else train(data, features, words, args)
    export(network, words, *sample(data, features), args.out)


if __name__ == "__main__":
    main()
