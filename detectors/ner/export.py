# mypy: ignore-errors
# PyTorch is not installed where types are checked; nothing that ships imports this file.
"""Quantises a trained network into the weights file that the package ships. Development only; needs PyTorch.

All weights become integers and so do all activations: then every sum is exact
in float32 and no order of summation, block size or processor can change a tag
(`network.py`). Per output channel, weights are scaled so that no sum can pass
2**24, whatever the input.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from detectors.ner.features import Words
from detectors.ner.model import Network
from detectors.ner.network import CEILING, EXACT, LEXICON_ONE, TABLE_LIMIT

GATE_RECALL = 0.9995
GATE_WIDTH, GATE_EPOCHS, GATE_RATE = 32, 8, 3e-3
Array = NDArray[np.float32]


def _table(weight: torch.Tensor) -> tuple[NDArray[np.int8], float]:
    values = weight.detach().numpy()
    scale = float(np.quantile(np.abs(values), 0.9999)) / TABLE_LIMIT
    return np.clip(np.rint(values / scale), -TABLE_LIMIT, TABLE_LIMIT).astype(np.int8), scale


def _layer(weight: Array, largest_input: int, limit: int) -> tuple[NDArray[np.int16], Array]:
    """Return integer weights (inputs, outputs) and the scale of each output; |sum| stays below 2**24."""
    by_limit = np.abs(weight).max(1) / limit
    by_sum = np.abs(weight).sum(1) * largest_input / (EXACT - weight.shape[1] * largest_input)
    scale = np.maximum(np.maximum(by_limit, by_sum), 1e-12)
    return np.rint(weight / scale[:, None]).T.astype(np.int16), scale.astype(np.float32)


class _Seen(NamedTuple):
    """What a sample of tokens makes of the network.

    Largest values; what the gates see: what goes into each convolution
    (n, width); the chance of a name (n,).
    """

    largest_token: float
    largest_hidden: float
    gated: list[torch.Tensor]
    inside: torch.Tensor


@torch.no_grad()
def _activations(network: Network, features: tuple[torch.Tensor, ...], real: torch.Tensor) -> _Seen:
    network.eval()
    seen: dict[str, torch.Tensor] = {}
    hooks = [network.token.register_forward_hook(lambda _m, _i, out: seen.update(token=out))]
    for i, conv in enumerate(network.convs):
        hooks.append(conv.register_forward_hook(lambda _m, inputs, _o, i=i: seen.update({f"conv{i}": inputs[0]})))
    hooks += [network.tags.register_forward_hook(lambda _m, inputs, _o: seen.update(hidden=inputs[0]))]
    scores = network(features, real)
    for hook in hooks:
        hook.remove()
    kept = real[:, 0] > 0
    inside = 1 - torch.softmax(scores[kept], 1)[:, 0]
    width = seen["hidden"].shape[1]
    gated = [seen[f"conv{i}"][kept, width : 2 * width] for i in range(len(network.convs))]
    return _Seen(float(seen["token"].max()), float(seen["hidden"].max()), gated, inside)


def _gate(name: str, values: torch.Tensor, inside: torch.Tensor) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a small network that tells early which tokens are no part of any name.

    `values` holds the integers that it sees. All but one in two thousand of the
    tokens that the whole network would tag pass.
    """
    mean, spread = values.mean(0), values.std(0) + 1
    x, y = (values - mean) / spread, (inside > 0.1).float()
    torch.manual_seed(0)
    hidden, last = nn.Linear(x.shape[1], GATE_WIDTH), nn.Linear(GATE_WIDTH, 1)
    optimizer = torch.optim.Adam([*hidden.parameters(), *last.parameters()], lr=GATE_RATE)
    for epoch in range(GATE_EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = GATE_RATE * (1 - epoch / GATE_EPOCHS)
        for rows in torch.randperm(len(x)).split(2048):
            scores = last(torch.relu(hidden(x[rows])))[:, 0]
            loss = nn.functional.binary_cross_entropy_with_logits(scores, y[rows], weight=1 + 9 * y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        unit = 1.15 * float(torch.relu(hidden(x)).max()) / CEILING
        weight = hidden.weight / spread
        bias = hidden.bias - weight @ mean
    integers, scale = _layer(weight.numpy(), CEILING, 127)
    arrays: dict[str, NDArray[np.generic]] = {
        name: integers.astype(np.int8),
        f"{name}_scale": scale / np.float32(unit),
        f"{name}_bias": (bias.numpy() / unit).astype(np.float32),
        f"{name}_last": _layer(last.weight.detach().numpy(), CEILING, 4095)[0][:, 0],
    }
    seen = values.numpy() @ integers.astype(np.float32)
    seen = np.clip(np.rint(seen * arrays[f"{name}_scale"] + arrays[f"{name}_bias"]), 0, CEILING)
    sums = (seen @ arrays[f"{name}_last"].astype(np.float32))[inside.numpy() > 0.5]
    arrays[f"{name}_least"] = np.array(int(np.quantile(sums, 1 - GATE_RECALL)))
    return arrays


def export(network: Network, words: Words, features: tuple[torch.Tensor, ...], real: torch.Tensor, path: Path) -> None:
    """Write the weights file and, beside it, its SHA-256."""
    seen = _activations(network, features, real)
    unit_e, unit_h = 1.15 * seen.largest_token / CEILING, 1.15 * seen.largest_hidden / CEILING
    arrays: dict[str, NDArray[np.generic]] = {
        "vocabulary": words.vocabulary,
        "lexicon": words.lexicon,
        "masks": words.masks,
        "bits": np.array(words.bits),
    }
    columns: list[float] = []
    for name, repeat in (("word", 1), ("affix", 4), ("group", 1), ("shape", 1)):
        arrays[name], scale = _table(getattr(network, name).weight)
        columns += [scale] * (arrays[name].shape[1] * repeat)
    columns += [1 / LEXICON_ONE] * words.bits
    token = network.token.weight.detach().numpy() * np.array(columns, np.float32)
    arrays["token"], scale_0 = _layer(token, TABLE_LIMIT, 4095)
    arrays["token_scale"] = scale_0 / np.float32(unit_e)
    arrays["token_bias"] = (network.token.bias.detach().numpy() / unit_e).astype(np.float32)
    layers = [("first", network.first, unit_e, unit_h)]
    layers += [(f"conv{i}", conv, unit_h, unit_h) for i, conv in enumerate(network.convs)]
    layers += [("tags", network.tags, unit_h, 1.0)]
    for name, layer, unit_in, unit_out in layers:
        integers, scale_n = _layer(layer.weight.detach().numpy(), CEILING, 127)
        arrays[name] = integers.astype(np.int8)
        arrays[f"{name}_scale"] = (scale_n * np.float32(unit_in / unit_out)).astype(np.float32)
        arrays[f"{name}_bias"] = (layer.bias.detach().numpy() / unit_out).astype(np.float32)
    for i, values in enumerate(seen.gated):
        arrays |= _gate(f"gate{i}", torch.clamp(torch.round(values / unit_h), 0, CEILING), seen.inside)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "\n")
