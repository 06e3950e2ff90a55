"""LoRA adapters on the embedder's base, as embedder and reranker are taught by them: made, trained for an epoch, and
written small and without traces of a machine."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rag.models.embedder import ADAPTER
from rag.models.token_reader import HEAD
from training.causal import without_cudnn_attention

LORA_TARGETS = ["query", "key", "value", "dense"]


class Grouped(Protocol):
    """`group`: what must not be parted between training and validation, the document."""

    group: str


One = TypeVar("One", bound=Grouped)


def parted(ones: Sequence[One], share: float) -> tuple[list[One], list[One]]:
    """Those to train on and those to validate with, about `share` of them, parted by group."""
    held = lambda one: int(hashlib.sha256(one.group.encode()).hexdigest()[:8], 16) / 2**32 < share  # noqa: E731
    return [one for one in ones if not held(one)], [one for one in ones if held(one)]


def with_lora(base: Any, rank: int, lowest_layer: int) -> Any:
    """A BertModel under LoRA from `lowest_layer` on, without dropout: with so few trained weights it only slows."""
    from peft import LoraConfig, get_peft_model
    from torch import nn

    without_cudnn_attention()
    model = get_peft_model(base, LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules=LORA_TARGETS, layers_pattern="layer",
        layers_to_transform=list(range(lowest_layer, base.config.num_hidden_layers))))
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


class Descent:
    """The optimiser's steps over batches: a warm-up, then a half cosine down to a twentieth of the learning rate."""

    def __init__(self, optimiser: Any, weights: Sequence[Any], steps: int, warmup: float, report: Callable[[str], None],
                 every: int):
        """`warmup`: share of the steps; the mean loss of `every` steps is reported."""
        import torch

        warm = max(1, int(warmup * steps))
        self.optimiser, self.weights, self.report, self.every = optimiser, weights, report, every
        self.schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(
            (step + 1) / warm, max(0.05, 0.5 * (1 + math.cos(math.pi * step / steps)))))
        self.started = time.monotonic()

    def epoch(self, number: int, order: Sequence[Any], batch: int, loss_of: Callable[[Sequence[Any]], Any]) -> None:
        """One pass over `order`; `loss_of` gives the loss of a batch."""
        import torch

        running = 0.0
        for step, start in enumerate(range(0, len(order), batch), 1):
            loss = loss_of(order[start : start + batch])
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
            self.optimiser.step()
            self.schedule.step()
            running += loss.item()
            if step % self.every == 0:
                seconds = time.monotonic() - self.started
                self.report(f"epoch {number} step {step}: loss {running / self.every:.3f}, {seconds:.0f} s")
                running = 0.0


def save_reader(model: Any, folder: Path, about: dict[str, Any]) -> None:
    """Write a reader over the embedder's base into `folder`: adapter (float16), head, and what they were made of."""
    from safetensors.torch import save_file

    save_adapter(model.bert, folder, ADAPTER)
    head = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("bert.")}
    save_file({name: tensor.detach().float().contiguous() for name, tensor in head.items()}, folder / HEAD)
    (folder / "recipe.json").write_text(json.dumps(about, indent=2) + "\n")


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
