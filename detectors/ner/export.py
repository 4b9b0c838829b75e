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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from detectors.ner.features import Words
from detectors.ner.network import CEILING, EXACT, LEXICON_ONE, TABLE_LIMIT

if TYPE_CHECKING:
    from detectors.ner.train import Network

GATE_RECALL = 0.999
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
    """What a sample of tokens makes of the network: largest values, first layer (n, width), chance of a name (n,)."""

    largest_token: float
    largest_hidden: float
    first: torch.Tensor
    inside: torch.Tensor


@torch.no_grad()
def _activations(network: "Network", features: tuple[torch.Tensor, ...], real: torch.Tensor) -> _Seen:
    network.eval()
    seen: dict[str, torch.Tensor] = {}
    hooks = [network.token.register_forward_hook(lambda _m, _i, out: seen.update(token=out))]
    hooks += [network.first.register_forward_hook(lambda _m, _i, out: seen.update(first=torch.relu(out)))]
    hooks += [network.tags.register_forward_hook(lambda _m, inputs, _o: seen.update(hidden=inputs[0]))]
    scores = network(features, real)
    for hook in hooks:
        hook.remove()
    kept = real[:, 0] > 0
    inside = 1 - torch.softmax(scores[kept], 1)[:, 0]
    return _Seen(float(seen["token"].max()), float(seen["hidden"].max()), seen["first"][kept], inside)


def _gate(first: torch.Tensor, inside: torch.Tensor) -> tuple[NDArray[np.int16], int]:
    """Return weights and least sum by which the first layer alone can tell which tokens are no part of any name.

    `first` holds the integers of the first layer. All but one in a thousand of
    the tokens that the whole network would tag pass.
    """
    mean, spread = first.mean(0), first.std(0) + 1
    x, y = (first - mean) / spread, (inside > 0.1).float()
    weight, bias = torch.zeros(x.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=80)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = nn.functional.binary_cross_entropy_with_logits(x @ weight + bias, y, weight=1 + 9 * y)
        loss = losses + 1e-4 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    integers, _ = _layer((weight / spread).detach().numpy()[None, :], CEILING, 4095)
    sums = first.numpy() @ integers[:, 0].astype(np.float32)
    return integers[:, 0], int(np.quantile(sums[inside.numpy() > 0.5], 1 - GATE_RECALL))


def export(
    network: "Network", words: Words, features: tuple[torch.Tensor, ...], real: torch.Tensor, path: Path
) -> None:
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
    arrays["gate"], least = _gate(torch.clamp(torch.round(seen.first / unit_h), 0, CEILING), seen.inside)
    arrays["gate_least"] = np.array(least)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "\n")
