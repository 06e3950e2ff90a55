"""Causal language models for training: opened by name, given LoRA, taken apart into decoder, blocks and head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.gguf_adapter import to_peft
from rag.models.gguf_checkpoint import convert
from rag.models.pins import PINS
from rag.models.store import ModelStore
from rag.settings import Settings
from training.recipe import ATTENTION_AND_MLP, Lora


def checkpoint_of(name: str, settings: Settings) -> str:
    """Folder or hub name that transformers can open; a GGUF (pinned or given) is made into a checkpoint first.

    Raises OdfinError where there is no such model.
    """
    path = ModelStore(settings).path(name) if name in PINS else Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return str(convert(path, settings.models_dir / f"{path.stem}-checkpoint"))
    if path.is_dir():
        return str(path)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return name
    raise OdfinError(f"找不到模型 {name}；请写检查点文件夹、GGUF 文件、模型仓库的“所有者/名称”，或内置的 {'、'.join(PINS)}")


def adapter_folder(adapter: Path, checkpoint: str, settings: Settings) -> Path:
    """A peft folder of `adapter`; a GGUF adapter (as they are shipped) over `checkpoint` is made into one first."""
    if adapter.suffix == ".gguf" and adapter.is_file():
        return to_peft(adapter, Path(checkpoint), settings.models_dir / f"{adapter.stem}-adapter")
    return adapter


def public_name(name: str) -> str:
    """What a published adapter says it stands on: the hub's name for a pinned model, else the name as given."""
    pin = PINS.get(name)
    return pin.hub[0].removesuffix("-GGUF") if pin and pin.hub else name


def open_tokenizer(checkpoint: str) -> Any:
    """The tokenizer of a checkpoint, with a pad token (the end token where it brings none)."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    except (OSError, ValueError) as error:
        raise OdfinError(f"无法载入 {checkpoint} 的分词器：{_first_line(error)}{_hint(checkpoint)}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def open_model(checkpoint: str, dtype: str, four_bit: bool = False) -> Any:
    """The model on the CPU, or in 4 bits on this process's GPU. `dtype`: "bf16" or "fp32"."""
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    without_cudnn_attention()
    chosen = {"bf16": torch.bfloat16, "fp32": torch.float32}[dtype]
    more = {}
    if four_bit:
        need_four_bit()
        more = {"quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16, bnb_4bit_quant_storage=torch.bfloat16),
            "device_map": {"": torch.cuda.current_device()}}
    try:
        return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=chosen, **more)
    except (OSError, ValueError, RuntimeError) as error:
        raise OdfinError(f"无法载入模型 {checkpoint}：{_first_line(error)}{_hint(checkpoint)}") from error


def without_cudnn_attention() -> None:
    """Its backward gives NaN for some masked lengths on Hopper GPUs (pytorch issue 196678): other kernels serve."""
    import torch

    torch.backends.cuda.enable_cudnn_sdp(False)


def need_four_bit() -> None:
    """Raises OdfinError where 4-bit weights cannot be had."""
    import importlib.util

    import torch

    if not torch.cuda.is_available():
        raise OdfinError("4 位权重（QLoRA）需要 CUDA GPU，这台机器没有；请把 method 改为 lora，或把 four_bit 改为 false")
    if importlib.util.find_spec("bitsandbytes") is None:
        raise OdfinError("4 位权重（QLoRA）需要 bitsandbytes；请安装：uv pip install bitsandbytes")


def lora_config(lora: Lora, model: Any) -> Any:
    """peft's configuration for `lora` on `model`; one whose layers have other names than LLaMA's gets LoRA on all linear
    ones, unless the recipe names some. Raises OdfinError for layers it has not."""
    from peft import LoraConfig

    blocks, names = model.config.num_hidden_layers, {name.rpartition(".")[2] for name, _ in model.named_modules()}
    targets: list[str] | str = list(lora.targets)
    if not names & set(lora.targets):
        if lora.targets != ATTENTION_AND_MLP:
            raise OdfinError(f"模型里没有名为 {'、'.join(lora.targets)} 的层；请改 lora.targets")
        targets = "all-linear"
    if lora.lowest_layer >= blocks:
        raise OdfinError(f"lora.lowest_layer 是 {lora.lowest_layer}，而模型只有 {blocks} 层；请改小")
    return LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=targets,
                      layers_to_transform=list(range(lora.lowest_layer, blocks)) if lora.lowest_layer else None,
                      task_type="CAUSAL_LM", bias="none")


def with_adapter(model: Any, folder: Path, trainable: bool = False) -> Any:
    """The model under a peft adapter. Not merged: in bfloat16 a merge rounds small updates away."""
    from peft import PeftModel

    if not (folder / "adapter_config.json").is_file():
        raise OdfinError(f"{folder} 不是 peft 适配器文件夹（缺 adapter_config.json）")
    try:
        return PeftModel.from_pretrained(model, folder, is_trainable=trainable)
    except (OSError, ValueError, RuntimeError) as error:
        raise OdfinError(f"适配器 {folder} 与模型不合：{_first_line(error)}") from error


def base_of(model: Any) -> Any:
    """The transformers model itself, without peft around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def decoder_of(model: Any) -> Any:
    """What makes hidden states of ids."""
    return base_of(model).get_decoder()


def blocks_of(decoder: Any) -> Sequence[Any]:
    """The decoder's blocks, whatever the family calls them. Raises OdfinError where they are no list of its own."""
    import torch

    count = decoder.config.num_hidden_layers
    found = [child for child in decoder.children() if isinstance(child, torch.nn.ModuleList) and len(child) == count]
    if not found:
        raise OdfinError(f"{type(decoder).__name__} 的各层不是一个列表，无法取它的中间状态；请换一个模型")
    return found[0]


def is_plain(model: Any) -> bool:
    """Whether its logits are the output matrix on the decoder's last hidden states and nothing else.

    Asked of the model, on a few ids: soft caps (Gemma-2), scales (Cohere, Granite) and what else there is have no common
    mark.
    """
    import torch

    base = base_of(model)
    ids = torch.arange(1, 9, device=base.device)[None]
    training = base.training
    base.eval()
    try:
        with torch.no_grad():
            said = base(input_ids=ids, use_cache=False).logits
            made = base.get_output_embeddings()(decoder_of(base)(input_ids=ids, use_cache=False).last_hidden_state)
        return said.shape == made.shape and bool(torch.equal(said, made))
    except (AttributeError, TypeError, NotImplementedError):  # no decoder or head of its own
        return False
    finally:
        base.train(training)


def need_plain(model: Any) -> None:
    """Raises OdfinError for a model whose logits are no plain product: losses that read the output matrix would be wrong."""
    if not is_plain(model):
        raise OdfinError(f"{type(base_of(model)).__name__} 的 logits 不只是输出矩阵乘最后的隐状态（有软上限、缩放等），蒸馏会算错；"
                         "请换一个模型，或只用 odfin train teacher 微调它")


def fingerprint(checkpoint: str, adapter: Path | None) -> str:
    """Tells one teacher from another: configuration, and size and ends of each weight file (not all gigabytes)."""
    digest = hashlib.sha256()
    for folder in filter(None, (checkpoint, adapter)):
        if not Path(folder).is_dir():
            digest.update(str(folder).encode())
            continue
        for file in sorted(Path(folder).glob("*.safetensors")) + sorted(Path(folder).glob("*config.json")):
            size = file.stat().st_size
            digest.update(json.dumps([file.name, size]).encode())
            with file.open("rb") as handle:
                digest.update(handle.read(1 << 20))
                handle.seek(max(0, size - (1 << 20)))
                digest.update(handle.read())
    return digest.hexdigest()


def _hint(checkpoint: str) -> str:
    """`odfin` asks no hub unless told to."""
    return "" if Path(checkpoint).is_dir() else "；要从模型仓库下载，请在命令前加 HF_HUB_OFFLINE=0"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def layers(model: Any) -> Sequence[Any]:
    return blocks_of(decoder_of(model))
