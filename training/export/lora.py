"""A peft LoRA folder: its matrices, and the GGUF adapter that llama.cpp lays over a (quantised) base."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from rag.errors import OdfinError
from training.export.formats import packed, type_of
from training.export.gguf_file import new_gguf
from training.export.tensors import architecture, in_llama_cpp_order

PREFIX = "base_model.model."
UNKNOWN = ("use_dora", "modules_to_save", "lora_bias", "trainable_token_indices")  # settings that add other weights


@dataclass(frozen=True)
class Lora:
    """`pairs`: module name -> (A (rank, in), B (out, rank)), float32, scaled so that alpha / rank · B·A is added."""

    alpha: float
    pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @classmethod
    def read(cls, folder: Path) -> Lora:
        """Raises OdfinError where the folder holds no plain LoRA."""
        from safetensors.numpy import load_file
        from safetensors.torch import load_file as load_torch

        try:
            config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
            file = folder / "adapter_model.safetensors"
            try:
                weights = load_file(file)
            except TypeError:  # numpy knows no bfloat16
                weights = {name: tensor.float().numpy() for name, tensor in load_torch(file).items()}
        except (OSError, ValueError) as error:
            raise OdfinError(f"{folder} 不是可读的 peft 适配器文件夹：{error}") from error
        if config.get("peft_type") != "LORA" or any(config.get(name) for name in UNKNOWN) or config.get("bias") != "none":
            raise OdfinError(f"{folder} 不是普通的 LoRA（peft_type、bias、DoRA 或另存的模块），llama.cpp 载入不了；请先合并再导出")
        alpha = float(config["lora_alpha"])
        pairs = {}
        for name in sorted(weights):
            module, _, end = name.removeprefix(PREFIX).partition(".lora_A")
            if not end:
                continue
            a, b = (weights[name.replace("lora_A", part)].astype(np.float32) for part in ("lora_A", "lora_B"))
            own = float(_pattern(config.get("alpha_pattern"), module, alpha))
            scale = own / (math.sqrt(len(a)) if config.get("use_rslora") else len(a))
            pairs[module] = a, b * (scale * len(a) / alpha)
        if not pairs or 2 * len(pairs) != len(weights):
            raise OdfinError(f"{folder} 里有 LoRA 矩阵以外的权重，llama.cpp 载入不了；请先合并再导出")
        return cls(alpha, pairs)


def write_adapter(folder: Path, config: Any, file: Path, name: str, base: str, form: str = "f16") -> int:
    """Write the peft folder as a GGUF adapter over a model of `config`; returns the file's bytes.

    `base` names the model it is for (a pin, so that a reader knows). `form` is "f32", "f16" or "q8_0" (a matrix whose
    rows are no multiple of 32 stays f16). Raises OdfinError for LoRA on the embeddings.
    """
    lora = Lora.read(folder)
    names = gguf.get_tensor_name_map(architecture(config), config.num_hidden_layers)
    with new_gguf(file, config) as writer:
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, lora.alpha)
        writer.add_name(name)
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base)
        for module, (a, b) in lora.pairs.items():
            target = names.get_name(f"{module}.weight", (".weight",))
            if target is None or not target.startswith("blk."):
                raise OdfinError(f"LoRA 作用在 {module} 上，GGUF 适配器只能作用在各层的线性层上；请先合并再导出")
            b = in_llama_cpp_order(b, f"{module}.weight", config)
            for end, matrix in (("lora_a", a), ("lora_b", b)):
                kind = type_of(target, matrix.shape, form, 0, False)
                writer.add_tensor(f"{target}.{end}", packed(matrix, kind), raw_dtype=kind)
    return file.stat().st_size


def _pattern(patterns: Mapping[str, float] | None, module: str, otherwise: float) -> float:
    """A setting that peft lets differ by module: keyed by the end of the module's name."""
    return next((value for key, value in (patterns or {}).items() if module == key or module.endswith("." + key)), otherwise)
