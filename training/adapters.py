"""LoRA adapters on the embedder's base: dropout off while training, and written small and without traces of a machine."""

from __future__ import annotations

import json
from pathlib import Path


def still(model) -> None:
    """No dropout below the head: with so few trained weights it only slows."""
    from torch import nn

    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


def save_adapter(model, folder: Path, weights: str, share: float = 1.0) -> None:
    """Write a peft model's adapter into `folder`, its file `weights` in float16.

    `share` of the way from the base to what was learnt is kept (Wortsman et al. 2022, WiSE-FT, arXiv:2109.01903).
    """
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True, exist_ok=True)
    card = folder / "README.md"
    written = card.read_bytes() if card.is_file() else None
    model.save_pretrained(str(folder))
    card.unlink(missing_ok=True)  # peft's own says nothing
    if written is not None:
        card.write_bytes(written)
    learnt = {name: tensor * share if "lora_B" in name else tensor for name, tensor in load_file(folder / weights).items()}
    save_file({name: tensor.half().contiguous() for name, tensor in learnt.items()}, folder / weights)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "e5-small"  # no path of the machine it was trained on
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
