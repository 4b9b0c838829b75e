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
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from detectors.ner.features import Words
from detectors.ner.network import CEILING, EXACT, LEXICON_ONE, TABLE_LIMIT

if TYPE_CHECKING:
    from detectors.ner.train import Network

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


@torch.no_grad()
def _activations(network: "Network", features: tuple[torch.Tensor, ...], real: torch.Tensor) -> tuple[float, float]:
    """Return the largest token vector and the largest hidden value over a sample."""
    network.eval()
    largest = {"e": 0.0, "h": 0.0}
    seen: list[torch.Tensor] = []
    hooks = [network.token.register_forward_hook(lambda _m, _i, out: largest.update(e=float(out.max())))]
    hooks += [network.tags.register_forward_hook(lambda _m, inputs, _o: largest.update(h=float(inputs[0].max())))]
    network(features, real)
    for hook in hooks:
        hook.remove()
    del seen
    return largest["e"], largest["h"]


def export(
    network: "Network", words: Words, features: tuple[torch.Tensor, ...], real: torch.Tensor, path: Path
) -> None:
    """Write the weights file and, beside it, its SHA-256."""
    largest_e, largest_h = _activations(network, features, real)
    unit_e, unit_h = 1.15 * largest_e / CEILING, 1.15 * largest_h / CEILING
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
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "\n")
