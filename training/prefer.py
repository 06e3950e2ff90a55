"""`odfin train prefer`: the student learns from 👍, 👎 and corrected answers, by DPO or KTO with TRL.

DPO: Rafailov et al. 2023, arXiv:2305.18290. KTO: Ethayarajh et al. 2024, arXiv:2402.01306. Always LoRA, going on from
the adapter that said what was judged, so that what comes out holds both; the reference is the model as it was before, so
it does not drift from what it was taught.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import OdfinError
from rag.journal import Journal
from rag.models.store import sha256_of
from rag.settings import Settings
from rag.student.adapter import adapter_of
from training import causal, checkpoints, finished
from training.preferences import Preferences, gather
from training.recipe import Data, Lora
from training.run_log import RunLog

DATA = "preferences.jsonl"


@dataclass(frozen=True)
class Recipe:
    """`least` examples or it does not begin. `model` and `adapter` (GGUF or peft) are what is trained further: where
    neither is named, what the assistant speaks with; "off" is a new LoRA of `rank` on the bare model."""

    method: Literal["dpo", "kto"] = "kto"
    model: str | None = None
    adapter: Path | str | None = None
    beta: float = 0.1
    learning_rate: float = 2e-5
    epochs: float = 2
    batch: int = 4
    accumulate: int = 2
    max_length: int = 1024
    rank: int = 16
    least: int = 50
    seed: int = 7
    precision: Literal["bf16", "fp32"] = "bf16"


def prefer(settings: Settings, out: Path, recipe: Recipe, say: Callable[[str], None]) -> dict[str, float]:
    """Train on the journal's judgements; the adapter lies in `out`/best. Returns the last logged loss and reward margin.

    Raises OdfinError where there are too few judgements, saying how many there are of which kind.
    """
    found = gather(Journal(settings).judged(), settings.prompt_tokens)
    rows = _rows(found, recipe)
    model, adapter = begins_with(settings, recipe)
    checkpoints.new_folder(out)
    _write_rows(rows, out / DATA)
    stated = asdict(recipe) | {"stage": "prefer", "model": model, "adapter": adapter.name if adapter else "off",
                               "adapter_sha256": adapter and sha256_of(_weights(adapter)),
                               "data": {"train": str(out / DATA)}, "training": {"seed": recipe.seed}}
    (out / "recipe.json").write_text(json.dumps(stated, indent=2), encoding="utf-8")
    say(f"{len(rows)} 条用来训练" + "".join(f"；略去 {count} 条：{why}" for why, count in found.left_out.items())
        + (f"；接着适配器 {adapter} 训练" if adapter else f"；在 {model} 上新建适配器"))
    trainer = _trainer(settings, out, recipe, rows, model, adapter)
    trainer.train()
    log = RunLog(out, 0, say)
    last: dict[str, float] = {}
    for entry in trainer.state.log_history:
        values = {name: float(value) for name, value in entry.items() if name in ("loss", "rewards/margins")}
        if "loss" in values:
            last = {name.rpartition("/")[2]: value for name, value in values.items()}
            log.row(int(entry["step"]), "train", last)
    log.close()
    trainer.model.peft_config["default"].base_model_name_or_path = causal.public_name(model)
    trainer.model.save_pretrained(str(out / "best"), selected_adapters=["default"])
    (out / "best" / "README.md").unlink(missing_ok=True)
    finished.write(out, {}, finished.data_of(Data(train=out / DATA)))
    return last


def begins_with(settings: Settings, recipe: Recipe) -> tuple[str, Path | None]:
    """The model and the adapter over it that training goes on from, None for a new one.

    Raises ModelMissingError where a named adapter is not there.
    """
    model = recipe.model or settings.student
    if recipe.adapter is not None:
        return model, adapter_of(settings.model_copy(update={"adapter": str(recipe.adapter)}))
    if model != settings.student:
        settings = settings.model_copy(update={"student": model, "adapter": "shipped"})
    return model, adapter_of(settings)


def _weights(adapter: Path) -> Path:
    return adapter if adapter.is_file() else adapter / "adapter_model.safetensors"


def _rows(found: Preferences, recipe: Recipe) -> list[dict[str, Any]]:
    said = lambda text: [{"role": "assistant", "content": text}]  # noqa: E731
    if recipe.method == "dpo":
        rows = [{"prompt": [dict(m) for m in pair.prompt], "chosen": said(pair.chosen), "rejected": said(pair.rejected)}
                for pair in found.pairs]
        what = "对答案（更正过的，或同一提问有 👍 也有 👎 的）"
    else:
        rows = [{"prompt": [dict(m) for m in one.prompt], "completion": said(one.answer), "label": one.wanted}
                for one in found.singles]
        what = f"条评价（想要的 {sum(one.wanted for one in found.singles)}，不想要的 {sum(not one.wanted for one in found.singles)}）"
    mixed = recipe.method == "dpo" or len({one.wanted for one in found.singles}) == 2
    if len(rows) < recipe.least or not mixed:
        left = "；".join(f"{why} {count} 条" for why, count in found.left_out.items())
        need = f"至少要 {recipe.least}" if len(rows) < recipe.least else "想要的与不想要的都要有"
        raise OdfinError(f"反馈太少，还不能训练：可用的只有 {len(rows)} {what}，{need}" + (f"；另外没有用上的：{left}" if left else "")
                         + "。请在机器人里多收集 👍/👎，或在控制台更正答案" + ("；也可改用 --method kto" if recipe.method == "dpo" else ""))
    return rows


def _trainer(settings: Settings, out: Path, recipe: Recipe, rows: list[dict[str, Any]], base: str, adapter: Path | None
             ) -> Any:
    import torch
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

    torch.manual_seed(recipe.seed)
    checkpoint = causal.checkpoint_of(base, settings)
    tokenizer = causal.open_tokenizer(checkpoint)
    model = causal.open_model(checkpoint, recipe.precision)
    lora = None
    if adapter is not None:
        model = causal.with_adapter(model, causal.adapter_folder(adapter, checkpoint, settings), trainable=True)
    else:
        lora = causal.lora_config(Lora(rank=recipe.rank, alpha=2 * recipe.rank), model)
    config, kind = (DPOConfig, DPOTrainer) if recipe.method == "dpo" else (KTOConfig, KTOTrainer)
    arguments = config(
        output_dir=str(out / "checkpoints"), beta=recipe.beta, max_length=recipe.max_length, seed=recipe.seed,
        learning_rate=recipe.learning_rate, num_train_epochs=recipe.epochs, lr_scheduler_type="cosine",
        per_device_train_batch_size=recipe.batch, gradient_accumulation_steps=recipe.accumulate,
        bf16=recipe.precision == "bf16", use_cpu=not torch.cuda.is_available(), gradient_checkpointing=False,
        logging_steps=1, save_strategy="no", report_to=[], disable_tqdm=True, dataloader_pin_memory=False)
    trainer = kind(model=model, args=arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
                   peft_config=lora)
    trainer.remove_callback(PrinterCallback)  # stdout is for results
    return trainer


def _write_rows(rows: list[dict[str, Any]], file: Path) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
