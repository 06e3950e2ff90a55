"""A GGUF LoRA adapter as a peft folder, so that transformers can lay it over the checkpoint of the same base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from filelock import FileLock

from rag.errors import OdfinError
from rag.models.gguf_checkpoint import ARCHITECTURES, BLOCK, unpermute

ENDS = {"lora_a": "lora_A", "lora_b": "lora_B"}


def to_peft(gguf: Path, checkpoint: Path, folder: Path) -> Path:
    """Write the peft folder `folder` unless it already holds this file's conversion; `checkpoint` is the base's folder.

    Raises OdfinError where the file is no LoRA adapter of a Qwen2 or LLaMA.
    """
    stamp = {"file": gguf.name, "bytes": gguf.stat().st_size, "changed": gguf.stat().st_mtime_ns}
    marker = folder / "converted_from.json"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):  # of several processes one writes it, the others wait
        if marker.is_file() and json.loads(marker.read_text()) == stamp:
            return folder
        building = folder.with_name(folder.name + ".building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        _write(gguf, checkpoint, building)
        (building / marker.name).write_text(json.dumps(stamp))
        shutil.rmtree(folder, ignore_errors=True)
        building.replace(folder)
    return folder


def _write(gguf: Path, checkpoint: Path, folder: Path) -> None:
    import numpy as np
    from gguf import GGUFReader, dequantize
    from safetensors.numpy import save_file

    try:
        reader = GGUFReader(gguf)
        architecture = reader.fields["general.architecture"].contents()
        alpha = float(reader.fields["adapter.lora.alpha"].contents())
    except (ValueError, KeyError, OSError) as error:
        raise OdfinError(f"{gguf} 不是 GGUF LoRA 适配器：{error}") from error
    if architecture not in ARCHITECTURES:
        raise OdfinError(f"{gguf} 的结构是 {architecture}；只会转换 {'、'.join(ARCHITECTURES)}")
    heads = _heads(checkpoint) if architecture == "llama" else {}
    weights, ranks = {}, {}
    for tensor in reader.tensors:
        try:
            _, block, part, _, end = tensor.name.split(".")
            module = f"model.layers.{block}.{BLOCK[part]}"
            name = f"base_model.model.{module}.{ENDS[end]}.weight"
        except (ValueError, KeyError):
            raise OdfinError(f"{gguf} 里有不认识的权重 {tensor.name}") from None
        shape = [int(size) for size in reversed(tensor.shape)]
        array = dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
        if end == "lora_a":
            ranks[module] = shape[0]
        elif part in heads:
            array = unpermute(array, heads[part])
        weights[name] = np.ascontiguousarray(array)
    most = max(ranks.values())
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": checkpoint.name, "bias": "none",
        "inference_mode": True, "r": most, "lora_alpha": alpha, "lora_dropout": 0.0, "fan_in_fan_out": False,
        "target_modules": sorted({module.rpartition(".")[2] for module in ranks}), "use_rslora": False,
        "layers_to_transform": None, "modules_to_save": None,
        # llama.cpp divides alpha by each matrix's own rank
        "rank_pattern": {module: rank for module, rank in ranks.items() if rank != most}, "alpha_pattern": {},
    }, indent=2) + "\n")


def _heads(checkpoint: Path) -> dict[str, int]:
    try:
        config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise OdfinError(f"LLaMA 的 GGUF 适配器要与底座的检查点文件夹一起用，{checkpoint} 不是；请先下载底座") from error
    return {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
