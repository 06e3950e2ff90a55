"""The weights and dimensions of a Qwen2 or LLaMA model as llama.cpp wants them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import gguf
import numpy as np

from rag.errors import OdfinError


def architecture(config: Any) -> gguf.MODEL_ARCH:
    """LLaMA's for a Qwen2 whose heads were pruned: llama.cpp's Qwen2 wants heads × head size to be the width. With
    LLaMA's order of rotary rows it computes the same."""
    whole = config.num_attention_heads * head_size(config) == config.hidden_size
    return gguf.MODEL_ARCH.QWEN2 if config.model_type == "qwen2" and whole else gguf.MODEL_ARCH.LLAMA


def write_dimensions(writer: gguf.GGUFWriter, config: Any) -> None:
    """The numbers that shape the model. Raises OdfinError for a rotary scaling that is neither none nor LLaMA-3's."""
    size = head_size(config)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    kind = config.rope_parameters.get("rope_type", "default")
    if kind not in ("default", "llama3"):
        raise OdfinError(f"模型的旋转位置缩放是 {kind}，不会转换；只会 default 与 llama3")


def tensors(model: Any) -> Iterator[tuple[str, np.ndarray]]:
    """(GGUF name, float32 array) of every weight, in the order of the model; shared ones once.

    Raises OdfinError for a weight this family should not have.
    """
    config = model.config
    names = gguf.get_tensor_name_map(architecture(config), config.num_hidden_layers)
    if config.rope_parameters.get("rope_type") == "llama3":
        yield "rope_freqs.weight", rope_factors(config)
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        target = names.get_name(name, (".weight", ".bias"))
        if target is None:
            raise OdfinError(f"{config.model_type} 模型里有不认识的权重 {name}，无法转换")
        yield target, in_llama_cpp_order(weight.detach().float().cpu().numpy(), name, config)


def in_llama_cpp_order(array: np.ndarray, name: str, config: Any) -> np.ndarray:
    """Rows of LLaMA's q and k with the two halves of each rotary pair side by side; everything else as it is.

    `array` has the projection's outputs as rows: the weight, its bias, or the B matrix of its LoRA.
    """
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    part = next((part for part in heads if f".{part}" in name), None)
    if architecture(config) != gguf.MODEL_ARCH.LLAMA or part is None:
        return array
    rows = len(array)
    halves = array.reshape(heads[part], 2, rows // heads[part] // 2, *array.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(array.shape))


def head_size(config: Any) -> int:
    return getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads


def rope_factors(config: Any) -> np.ndarray:
    """LLaMA-3's rotary scaling as divisors of the frequencies, float32 (head size / 2,).

    The rule of Meta's LLaMA 3.1 release: long wavelengths are stretched by `factor`, short ones left, a ramp between.
    """
    rope = config.rope_parameters
    factor, low, high = rope["factor"], rope["low_freq_factor"], rope["high_freq_factor"]
    window, size = rope["original_max_position_embeddings"], head_size(config)
    found = []
    for pair in range(0, size, 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (pair / size)
        ramp = min(1.0, max(0.0, (window / wavelength - low) / (high - low)))
        found.append(1 / ((1 - ramp) / factor + ramp))
    return np.array(found, dtype=np.float32)
