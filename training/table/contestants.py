"""The models that are compared: how they are named on the command line, and opened one after another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.pins import PINS
from rag.models.store import ModelStore
from rag.settings import Settings
from training import causal, checkpoints
from training.export.lora import write_adapter

_NAMED = re.compile(r"([\w.-]+)=(.+)")


@dataclass(frozen=True)
class Contestant:
    """`model` is a pinned name, a GGUF file or a checkpoint; `adapter` a peft folder or a GGUF adapter over it."""

    name: str
    model: str
    adapter: Path | None = None

    @classmethod
    def read(cls, text: str) -> Contestant:
        """`name=model` or `name=model+adapter`. Raises OdfinError."""
        found = _NAMED.fullmatch(text)
        if not found:
            raise OdfinError(f"要比较的模型写成 名字=模型 或 名字=模型+适配器，例如 distilled=student+runs/d/best；现在是 {text!r}")
        model, _, adapter = found[2].partition("+")
        path = Path(adapter).expanduser().resolve() if adapter else None
        if path is not None and not path.exists():
            raise OdfinError(f"{found[1]}：找不到适配器 {path}")
        return cls(found[1], model, path)

    def open(self, settings: Settings) -> tuple[Any, Any]:
        """(model, tokenizer) in transformers, bfloat16, whatever the files' own format: all on one footing."""
        folder = causal.checkpoint_of(self.model, settings)
        adapter = self.adapter and causal.adapter_folder(self.adapter, folder, settings)
        return checkpoints.load(folder, adapter, "bf16")

    def as_student(self, settings: Settings, work: Path) -> Settings:
        """Settings whose student is this one, as a device would run it: llama.cpp where the base is GGUF.

        A peft adapter over a GGUF base is written as a GGUF adapter into `work` first.
        """
        if self.model not in PINS and not self.model.endswith(".gguf"):
            return settings.model_copy(update={"runtime": "transformers", "student": self.model,
                                               "adapter": str(self.adapter) if self.adapter else "off"})
        adapter = self.adapter
        if adapter is not None and adapter.is_dir():
            from transformers import AutoConfig

            work.mkdir(parents=True, exist_ok=True)
            config = AutoConfig.from_pretrained(causal.checkpoint_of(self.model, settings))
            adapter = work / f"{self.name}.gguf"
            write_adapter(self.adapter, config, adapter, self.name, self.model)
        if self.model in PINS:
            ModelStore(settings).path(self.model)
        return settings.model_copy(update={"runtime": "llamacpp", "student": self.model,
                                           "adapter": str(adapter) if adapter else "off"})


def distinct(contestants: list[Contestant]) -> list[Contestant]:
    """Raises OdfinError where two have one name, or there is none."""
    names = [one.name for one in contestants]
    if not names or len(set(names)) != len(names):
        raise OdfinError("要比较的模型至少写一个，名字不能相同")
    return contestants
