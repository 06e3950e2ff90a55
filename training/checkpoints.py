"""Finished checkpoints and adapters as they lie in folders: opened to be measured or changed, not to be trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.pins import PINS
from training import causal

FAMILIES = ("qwen2", "llama")


def load(folder: Path | str, adapter: Path | None = None, dtype: str = "fp32") -> tuple[Any, Any]:
    """(model, tokenizer) on the GPU where there is one, in eval mode; `adapter` is a peft folder, laid over, not merged.

    `dtype` is "fp32" or "bf16". Raises OdfinError where the folder cannot be read or is no Qwen2 or LLaMA.
    """
    import torch

    tokenizer = causal.open_tokenizer(str(folder))
    model = causal.open_model(str(folder), dtype)
    if model.config.model_type not in FAMILIES:
        raise OdfinError(f"{folder} 的结构是 {model.config.model_type}；这里只处理 {'、'.join(FAMILIES)}")
    if adapter is not None:
        model = causal.with_adapter(model, adapter)
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds a peft adapter instead of a model."""
    return (folder / "adapter_config.json").is_file()


def base_named_in(adapter: Path) -> str:
    """What a peft folder is an adapter of, as a name that can be opened: a pin by its name here.

    Raises OdfinError where the folder does not say.
    """
    try:
        name = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError) as error:
        raise OdfinError(f"{adapter} 不是 peft 适配器文件夹（adapter_config.json 读不出底座）；请核对路径") from error
    return next((pin for pin in PINS if causal.public_name(pin) == name), str(name))


def new_folder(folder: Path) -> Path:
    """`folder`, made and empty. Raises OdfinError where something lies in it: nothing is written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OdfinError(f"{folder} 里已经有文件；为免覆盖，请换一个新的输出文件夹")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
