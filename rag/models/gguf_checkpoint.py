"""A GGUF file as a Hugging Face checkpoint: weights dequantised to bfloat16, with its tokenizer and chat template.

transformers can open GGUF itself but keeps the weights packed and slow; training and the transformers runtime want a
plain checkpoint. Covers the Qwen2 and LLaMA families. What quantisation lost stays lost.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import OdfinError

log = logging.getLogger(__name__)

ARCHITECTURES = {"qwen2": "Qwen2ForCausalLM", "llama": "LlamaForCausalLM"}
BLOCK = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}
OUTSIDE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
           "output.weight": "lm_head.weight"}
ENDINGS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>")  # llama.cpp stops at any of them


def convert(gguf: Path, folder: Path) -> Path:
    """Write the checkpoint `folder` unless it already holds this file's conversion. About a minute for 0.5B weights.

    Raises OdfinError for another architecture or a broken file.
    """
    stamp = {"file": gguf.name, "bytes": gguf.stat().st_size, "changed": gguf.stat().st_mtime_ns}
    marker = folder / "converted_from.json"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(folder.name + ".lock")):  # of several processes one writes it, the others wait
        if marker.is_file() and json.loads(marker.read_text()) == stamp:
            return folder
        log.info("converting %s to a checkpoint in %s", gguf.name, folder)
        building = folder.with_name(folder.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        _write(gguf, building)
        (building / marker.name).write_text(json.dumps(stamp))
        shutil.rmtree(folder, ignore_errors=True)
        building.replace(folder)
    return folder


def _write(gguf: Path, folder: Path) -> None:
    from gguf import GGUFReader
    from safetensors.torch import save_file
    from transformers import AutoTokenizer

    try:
        reader = GGUFReader(gguf)
        architecture = reader.fields["general.architecture"].contents()
    except (ValueError, KeyError, OSError) as error:
        raise OdfinError(f"{gguf} 不是完整的 GGUF 文件：{error}") from error
    if architecture not in ARCHITECTURES:
        raise OdfinError(f"{gguf} 的结构是 {architecture}；只会转换 {'、'.join(ARCHITECTURES)}")
    values = {name: field.contents() for name, field in reader.fields.items()
              if not name.startswith("tokenizer.ggml.") or name.endswith("_id")}
    meta = {name.removeprefix(f"{architecture}."): value for name, value in values.items()}
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    weights = _weights(tensors, meta, permuted=architecture == "llama")
    tied = "lm_head.weight" not in weights or _same_matrix(weights)
    if tied and "lm_head.weight" in weights:
        # One matrix stored twice; the output copy is the better quantised one.
        weights["model.embed_tokens.weight"] = weights.pop("lm_head.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    if "tokenizer.chat_template" in values:
        tokenizer.chat_template = values["tokenizer.chat_template"]
    tokenizer.save_pretrained(folder)
    known = tokenizer.get_vocab()
    eos = meta.get("tokenizer.ggml.eos_token_id")
    endings = sorted({eos, *(known[text] for text in ENDINGS if text in known)} - {None})
    config = _config(architecture, meta, weights, tensors) | {"tie_word_embeddings": tied}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    generation = {"bos_token_id": config["bos_token_id"], "eos_token_id": endings, "pad_token_id": config["pad_token_id"]}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2))


def _weights(tensors: dict[str, Any], meta: dict[str, Any], permuted: bool) -> dict[str, Any]:
    """Every weight under its Hugging Face name, bfloat16. One tensor at a time is held in float32."""
    import numpy as np
    import torch
    from gguf import dequantize

    heads = meta["attention.head_count"]
    heads_kv = meta.get("attention.head_count_kv", heads)
    weights = {}
    for name, tensor in tensors.items():
        if name == "rope_freqs.weight":
            continue
        if name in OUTSIDE:
            target = OUTSIDE[name]
        else:
            try:
                _, block, part, kind = name.split(".")
                target = f"model.layers.{block}.{BLOCK[part]}.{kind}"
            except (ValueError, KeyError):
                raise OdfinError(f"GGUF 里有不认识的权重 {name}") from None
        shape = [int(size) for size in reversed(tensor.shape)]
        array = dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
        if permuted and ".attn_q." in name:
            array = _unpermute(array, heads)
        if permuted and ".attn_k." in name:
            array = _unpermute(array, heads_kv)
        weights[target] = torch.from_numpy(np.ascontiguousarray(array)).to(torch.bfloat16)
    return weights


def _unpermute(array: Any, heads: int) -> Any:
    """Rows of LLaMA's q and k from llama.cpp's interleaved rotary order back to halves."""
    rows = array.shape[0]
    return array.reshape(heads, rows // heads // 2, 2, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


def _same_matrix(weights: dict[str, Any]) -> bool:
    """Whether input and output embedding are two quantisations of one matrix (they then differ by rounding only)."""
    embedding, output = weights["model.embed_tokens.weight"], weights["lm_head.weight"]
    sample = slice(None, None, max(1, embedding.shape[0] // 1000))
    a, b = embedding[sample].float().flatten(), output[sample].float().flatten()
    return bool((a @ b) / (a.norm() * b.norm() + 1e-9) > 0.98)


def _config(architecture: str, meta: dict[str, Any], weights: dict[str, Any], tensors: dict[str, Any]) -> dict[str, Any]:
    heads, hidden = meta["attention.head_count"], meta["embedding_length"]
    head_dim = meta.get("attention.key_length", hidden // heads)
    rope = {"rope_type": "default", "rope_theta": meta.get("rope.freq_base", 10000.0)}
    if "rope_freqs.weight" in tensors:
        rope |= _llama3_rope(tensors["rope_freqs.weight"].data, rope["rope_theta"], head_dim)
    return {
        "architectures": [ARCHITECTURES[architecture]], "model_type": architecture, "dtype": "bfloat16",
        "vocab_size": weights["model.embed_tokens.weight"].shape[0], "hidden_size": hidden, "head_dim": head_dim,
        "intermediate_size": meta["feed_forward_length"], "num_hidden_layers": meta["block_count"],
        "num_attention_heads": heads, "num_key_value_heads": meta.get("attention.head_count_kv", heads),
        "rms_norm_eps": meta["attention.layer_norm_rms_epsilon"], "max_position_embeddings": meta["context_length"],
        "rope_parameters": rope, "hidden_act": "silu",
        "attention_bias": "model.layers.0.self_attn.q_proj.bias" in weights,
        "bos_token_id": meta.get("tokenizer.ggml.bos_token_id"), "eos_token_id": meta.get("tokenizer.ggml.eos_token_id"),
        "pad_token_id": meta.get("tokenizer.ggml.padding_token_id"),
    }


def _llama3_rope(factors: Any, theta: float, head_dim: int) -> dict[str, Any]:
    """LLaMA-3's rope scaling, recognised by the per-frequency factors that llama.cpp stores instead of its numbers."""
    low, high, window = 1.0, 4.0, 8192
    for factor in (8.0, 32.0):
        expected = []
        for i in range(0, head_dim, 2):
            wavelength = 2 * math.pi * theta ** (i / head_dim)
            if wavelength < window / high:
                expected.append(1.0)
            elif wavelength > window / low:
                expected.append(factor)
            else:
                smooth = (window / wavelength - low) / (high - low)
                expected.append(1 / ((1 - smooth) / factor + smooth))
        if all(math.isclose(a, float(b), rel_tol=1e-3) for a, b in zip(expected, factors, strict=True)):
            return {"rope_type": "llama3", "factor": factor, "low_freq_factor": low, "high_freq_factor": high,
                    "original_max_position_embeddings": window}
    raise OdfinError("GGUF 里的旋转位置缩放不是 LLaMA-3 的，无法转换")
