"""llama.cpp's own server over a tiny model that is made here. Run with a Python that has ``xllamacpp`` and ``gguf``.

``python model_server.py FOLDER`` writes the model, serves it, prints the address, and stays until
its standard input closes. Imports nothing of this repository, so that it runs in an environment
of its own.

The model has random weights on one path: an output matrix that follows each piece of `SAYS` by the
next one, so that what it writes has an address in it, cut into tokens as the server will.
"""

import sys
from pathlib import Path
from typing import Any

PIECES = ("Wri", "te▁", "to▁", "eve", ".ha", "cker", "@ev", "il.", "com", "▁about", "▁it", ".▁", "Bye")
SAYS = "".join(PIECES).replace("▁", " ")
WIDTH = 512
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def write(path: Path) -> None:
    """Write the model as GGUF."""
    import gguf  # type: ignore[import-not-found,import-untyped,unused-ignore]
    import numpy as np

    special = ["<unk>", "<s>", "</s>"]
    tokens = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *PIECES]
    types = [2, 3, 3, *([6] * 256), *([1] * len(PIECES))]
    first = len(tokens) - len(PIECES)
    dice = np.random.default_rng(7)

    def noise(*shape: int) -> Any:
        return (dice.standard_normal(shape) * 1e-3).astype(np.float32)

    embedding, output = noise(len(tokens), WIDTH), noise(len(tokens), WIDTH)
    for token in range(len(tokens)):
        embedding[token, token] += 1.0
        follower = first if token < first else token + 1 if token + 1 < len(tokens) else special.index("</s>")
        output[follower, token] += 1.0
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(8)
    writer.add_head_count_kv(8)
    writer.add_rope_dimension_count(WIDTH // 8)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(special) + [-1.0] * 256 + [-2.0] * len(PIECES))
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)
    one = np.ones(WIDTH, dtype=np.float32)
    for name, tensor in {
        "token_embd": embedding, "output_norm": one, "output": output,
        "blk.0.attn_norm": one, "blk.0.ffn_norm": one,
        **{f"blk.0.{part}": noise(WIDTH, WIDTH) for part in ("attn_q", "attn_k", "attn_v", "attn_output")},
        **{f"blk.0.{part}": noise(WIDTH, WIDTH) for part in ("ffn_gate", "ffn_up", "ffn_down")},
    }.items():  # fmt: skip
        writer.add_tensor(f"{name}.weight", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Serve until nobody listens any more."""
    import xllamacpp  # type: ignore[import-not-found,import-untyped,unused-ignore]

    path = Path(sys.argv[1]) / "tiny.gguf"
    write(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = 2048
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.port = 0
    params.warmup = False
    params.sampling.temp = 0.0
    server = xllamacpp.Server(params)
    sys.stdout.write(f"\naddress {server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
