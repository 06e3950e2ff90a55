"""A model by its name as a Hugging Face checkpoint: a name in the model store, a GGUF file, or a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.gguf_checkpoint import convert
from rag.models.pins import PINS
from rag.models.store import ModelStore
from rag.settings import Settings

FAMILIES = ("qwen2", "llama")


def folder_of(settings: Settings, name: str) -> Path:
    """The checkpoint folder of `name`; a GGUF file is dequantised into the model folder first (a minute for 0.5B).

    Raises OdfinError where there is no such model.
    """
    path = ModelStore(settings).path(name) if name in PINS else Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return convert(path, settings.models_dir / f"{path.stem}-checkpoint")
    if not (path / "config.json").is_file():
        raise OdfinError(f"{path} 不是检查点文件夹（缺 config.json），也不是 GGUF 文件或内置模型名（{'、'.join(PINS)}）")
    return path


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds a peft adapter instead of a model."""
    return (folder / "adapter_config.json").is_file()


def load(folder: Path, adapter: Path | None = None, dtype: str = "float32") -> tuple[Any, Any]:
    """(model, tokenizer) on the GPU where there is one, in eval mode; `adapter` is a peft folder, laid over, not merged.

    Raises OdfinError where the folder cannot be read or is of another family than Qwen2 and LLaMA.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    try:
        family = AutoConfig.from_pretrained(folder).model_type
        if family not in FAMILIES:
            raise OdfinError(f"{folder} 的结构是 {family}；这里只处理 {'、'.join(FAMILIES)}")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
        if adapter is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, adapter)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise OdfinError(f"载入不了模型 {folder}{f' 与适配器 {adapter}' if adapter else ''}：{reason[:200]}") from error
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer


def base_of(adapter: Path) -> str:
    """What a peft folder says it is an adapter of. Raises OdfinError where it says nothing readable."""
    try:
        return str(json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, KeyError) as error:
        raise OdfinError(f"{adapter} 不是 peft 适配器文件夹（adapter_config.json 读不出底座）；请核对路径") from error


def new_folder(folder: Path) -> Path:
    """`folder`, made and empty. Raises OdfinError where something lies in it: nothing is written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OdfinError(f"{folder} 里已经有文件；为免覆盖，请换一个新的输出文件夹")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
