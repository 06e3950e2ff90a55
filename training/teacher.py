"""`odfin train teacher`: instruction tuning of a causal model by LoRA, QLoRA or all weights, with TRL and peft.

A killed run goes on from its last whole checkpoint (one every `save_every` steps) exactly: the order of the data is laid out beforehand for all epochs,
dropout is drawn from the seed and the step, and the trainer's checkpoint holds everything else.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from rag.errors import OdfinError
from rag.settings import Settings
from training import causal, finished
from training.chat import Encoded
from training.distill.parallel import World, join
from training.examples import Pair, batches, data_hash, encode_all, read_conversations
from training.packing import collate, need_apart, pack
from training.recipe import TeacherRecipe
from training.run_log import RunLog, read

Say = Callable[[str], None]


def tune(recipe: TeacherRecipe, settings: Settings, folder: Path, say: Say) -> dict[str, float]:
    """Train; the best model lies in `folder`/best. Returns the best validation: {"loss", "step"}.

    Raises OdfinError where data, model or machine do not allow it.
    """
    from transformers import PrinterCallback

    from training.answer_trainer import AnswerTrainer, Best, Logged, Reseeded

    world = join()
    say = say if world.first else lambda line: None
    chosen = recipe.training
    torch.set_num_threads(chosen.threads or settings.cpu_threads)
    checkpoint = causal.checkpoint_of(recipe.model, settings)
    tokenizer = causal.open_tokenizer(checkpoint)
    train, validation = _data(recipe, tokenizer, say)
    belongs = _belongs(recipe, train + validation)
    data = finished.data_of(recipe.data)
    done = folder / finished.FINISHED
    if _checked(done, folder, belongs):
        say(f"这次训练已经做完：{folder}")
        return json.loads(done.read_text(encoding="utf-8"))["best"]
    torch.manual_seed(chosen.seed)  # the adapter's first weights are drawn before the trainer sets its own seed
    model = _model(recipe, checkpoint)
    if recipe.data.pack:
        need_apart(model)
    order = [one for epoch in range(math.ceil(chosen.epochs)) for batch in batches(
        [len(pair.student.input_ids) for pair in train], chosen.batch, chosen.seed, epoch) for one in batch]
    resumed = last_whole(folder / "checkpoints") if world.first or world.size > 1 else None
    log = RunLog(folder, int(resumed.name.rpartition("-")[2]) if resumed else 0, say) if world.first else None
    if world.first:
        (folder / "belongs").write_text(belongs)
        (folder / "recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
    trainer = AnswerTrainer(
        model, args=_arguments(recipe, folder, len(train), bool(validation), world), real=len(tokenizer),
        train_dataset=_dataset([train[one] for one in order]),
        eval_dataset=_dataset(validation) if validation else None, processing_class=tokenizer, data_collator=_collator(tokenizer.pad_token_id),
        callbacks=[Reseeded()] + ([Logged(log)] if log else []))
    if validation:
        trainer.add_callback(Best(chosen.patience, lambda: _write(trainer, tokenizer, recipe, folder / "best", world)))
    trainer.remove_callback(PrinterCallback)  # stdout is for results
    say(f"学习 {sum(p.numel() for p in model.parameters() if p.requires_grad) / 1e6:.1f} M 个权重；"
        f"{world.size} 个进程，{world.device.type}" + (f"；接着 {resumed.name} 继续" if resumed else ""))
    try:
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    finally:
        if log:
            log.close()
    if not validation:
        _write(trainer, tokenizer, recipe, folder / "best", world)
    rows = [row for row in read(folder) if row["part"] == "validation"]
    best = min(rows, key=lambda row: row["loss"]) if rows else {}
    best = {name: best[name] for name in ("loss", "step") if name in best}
    if world.first:
        finished.write(folder, best, data)
    return best


def last_whole(folder: Path) -> Path | None:
    """The newest checkpoint of transformers' trainer that was written to its end; half-written ones are removed.

    The trainer writes `trainer_state.json` last of all.
    """
    found = sorted(folder.glob("checkpoint-*"), key=lambda one: int(one.name.rpartition("-")[2]), reverse=True)
    for one in found:
        try:
            json.loads((one / "trainer_state.json").read_text(encoding="utf-8"))
            return one
        except (OSError, ValueError):
            shutil.rmtree(one)
    return None


def _data(recipe: TeacherRecipe, tokenizer: Any, say: Say) -> tuple[list[Pair], list[Pair]]:
    data = recipe.data
    talks = read_conversations(data.train, data.limit)
    train = encode_all(talks, tokenizer, data.max_length)
    held = encode_all(read_conversations(data.validation, data.limit), tokenizer, data.max_length) if data.validation else []
    told = f"{len(train)} 段对话用来训练，{len(held)} 段用来验证（太长而略去 {len(talks) - len(train)} 段训练对话）"
    if data.pack:
        train, held = ([Pair(row, row) for row in pack([pair.student for pair in pairs], data.max_length)]
                       for pairs in (train, held))
        told += f"，合成 {len(train)} 与 {len(held)} 行"
    say(f"{told}；训练共 {sum(len(p.student.input_ids) for p in train)} 个词元，其中要学的 {sum(p.student.learnt for p in train)} 个")
    return train, held


def _model(recipe: TeacherRecipe, checkpoint: str) -> Any:
    """Frozen weights in the recipe's precision (or 4 bits) under LoRA, or all weights in float32 for autocast."""
    from peft import get_peft_model, prepare_model_for_kbit_training

    if recipe.method == "full":
        return causal.open_model(checkpoint, "fp32")
    model = causal.open_model(checkpoint, recipe.training.precision, recipe.method == "qlora")
    if recipe.method == "qlora":
        model = prepare_model_for_kbit_training(model, recipe.training.gradient_checkpointing,
                                                {"use_reentrant": False})
    return get_peft_model(model, causal.lora_config(recipe.lora, model))


def _arguments(recipe: TeacherRecipe, folder: Path, rows: int, validated: bool, world: World) -> Any:
    from trl import SFTConfig

    chosen = recipe.training
    per_step = chosen.micro_batch * world.size
    if chosen.batch % per_step:
        raise OdfinError(f"training.batch（{chosen.batch}）要是 micro_batch × 进程数（{per_step}）的倍数；请改其中一个")
    steps = max(1, round(math.ceil(rows / chosen.batch) * chosen.epochs))
    steps = min(steps, chosen.max_steps or steps)
    when = {"save_strategy": "steps", "save_steps": min(chosen.save_every, steps)}
    if validated:
        when |= {"eval_strategy": "steps", "eval_steps": min(chosen.evaluate_every, steps)}
    cuda = world.device.type == "cuda"
    if cuda and world.size > 1 and recipe.method == "full":
        when |= {"fsdp": "full_shard", "fsdp_config": {
            "version": 2, "auto_wrap_policy": "TRANSFORMER_BASED_WRAP", "state_dict_type": "FULL_STATE_DICT"}}
    return SFTConfig(
        output_dir=str(folder / "checkpoints"), max_steps=steps, per_device_train_batch_size=chosen.micro_batch,
        per_device_eval_batch_size=chosen.micro_batch, gradient_accumulation_steps=chosen.batch // per_step,
        learning_rate=chosen.learning_rate, lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": chosen.lowest_rate}, warmup_steps=max(1, round(chosen.warmup * steps)),
        weight_decay=chosen.weight_decay, max_grad_norm=chosen.clip, bf16=chosen.precision == "bf16", use_cpu=not cuda,
        gradient_checkpointing=chosen.gradient_checkpointing, gradient_checkpointing_kwargs={"use_reentrant": False},
        train_sampling_strategy="sequential", seed=chosen.seed, data_seed=chosen.seed, save_total_limit=2,
        logging_steps=1, report_to="none", disable_tqdm=True,
        dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False, max_length=None,
        dataloader_pin_memory=cuda, **when)


def _dataset(pairs: list[Pair]) -> Any:
    from datasets import Dataset

    return Dataset.from_list([{"input_ids": p.student.input_ids, "labels": p.student.labels, "positions": p.student.positions}
                              for p in pairs])


def _collator(pad_id: int) -> Callable[[list[dict]], dict[str, torch.Tensor]]:
    return lambda rows: collate([Encoded(row["input_ids"], row["labels"], row["positions"]) for row in rows], pad_id)


def _write(trainer: Any, tokenizer: Any, recipe: TeacherRecipe, folder: Path, world: World) -> None:
    building = folder.with_name(folder.name + ".building")
    if world.first:
        shutil.rmtree(building, ignore_errors=True)
    if recipe.method == "full":
        trainer.save_model(str(building))
    elif world.first:
        config = trainer.model.peft_config["default"]
        lies, config.base_model_name_or_path = config.base_model_name_or_path, causal.public_name(recipe.model)
        trainer.model.save_pretrained(building, save_embedding_layers=False)
        config.base_model_name_or_path = lies  # training goes on
    if world.first:
        for extra in ("README.md", "training_args.bin"):  # peft's blank card; paths of this machine
            (building / extra).unlink(missing_ok=True)
        tokenizer.save_pretrained(building)
        shutil.rmtree(folder, ignore_errors=True)
        building.replace(folder)
    world.wait()


def _belongs(recipe: TeacherRecipe, pairs: list[Pair]) -> str:
    said = recipe.model_dump(mode="json", exclude={"data": {"train", "validation"}, "training": {"threads"}})
    return hashlib.sha256(json.dumps([said, data_hash(pairs)], sort_keys=True).encode()).hexdigest()


def _checked(done: Path, folder: Path, belongs: str) -> bool:
    """Whether the run was finished. Raises OdfinError where the folder holds another recipe's or other data's."""
    mark = folder / "belongs"
    if mark.is_file() and mark.read_text() != belongs:
        raise OdfinError(f"{folder} 里是用另一份配方或数据的训练；请换一个输出文件夹，或先删掉它")
    return done.is_file()
