"""`odfin train distill`: a student learns from a teacher, by the recipe. `fill_cache` asks the teacher once, on its own.

Without any weight on the teacher's terms this is plain fine-tuning of the student, by the same loop: the SFT-only student
that distillation is compared with.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rag.errors import OdfinError
from rag.settings import Settings
from training import causal, finished
from training.distill import loop, parallel
from training.distill.blocks import block_map
from training.distill.bridge import Bridge, Places, bridge, places, translated
from training.distill.capture import at_teacher, sites
from training.distill.distiller import Distiller
from training.distill.parallel import World
from training.distill.rows import rows
from training.distill.teacher_cache import Meta, TeacherCache
from training.distill.teachers import TeacherSide, only_top
from training.distill.work import Distillation
from training.examples import Pair, data_hash, encode_all, read_conversations
from training.packing import pack
from training.recipe import DistillRecipe
from training.shared_prompt import share

Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """All that is known before a model is opened: conversations by both tokenizers and what is compared in each.

    The first `training` pairs are trained on, the rest validate. The adapters are peft folders.
    """

    pairs: list[Pair]
    training: int
    link: Bridge
    places: list[Places]
    tokenizer: Any
    teacher_tokenizer: Any
    student: str
    teacher: str
    student_adapter: Path | None
    teacher_adapter: Path | None


def prepare(recipe: DistillRecipe, settings: Settings, say: Say) -> Prepared:
    """Read and encode the data. Raises OdfinError where data or models are missing or do not fit together."""
    student = causal.checkpoint_of(recipe.student.model, settings)
    teacher = causal.checkpoint_of(recipe.teacher.model, settings) if _taught(recipe) else student
    tokenizer, other = causal.open_tokenizer(student), causal.open_tokenizer(teacher)
    link = bridge(tokenizer, other)
    length, second = recipe.data.max_length, other if link.kind == "different" else None
    talks = read_conversations(recipe.data.train, recipe.data.limit)
    pairs = encode_all(talks, tokenizer, length, second)
    told = f"{len(pairs)} 段对话用来训练（太长而略去 {len(talks) - len(pairs)} 段）"
    pairs = _rows(pairs, recipe, link)
    training = len(pairs)
    if recipe.data.validation:
        held = encode_all(read_conversations(recipe.data.validation, recipe.data.limit), tokenizer, length, second)
        told += f"，{len(held)} 段用来验证"
        pairs += _rows(held, recipe, link)
    found = [places(pair, link, recipe.loss.positions == "all", tokenizer, other,
                    recipe.loss.across_tokenizers == "uld") for pair in pairs]
    tokens = sum(len(pair.student.input_ids) for pair in pairs)
    say(f"{told}；合成 {training} 与 {len(pairs) - training} 行；共 {tokens} 个词元，其中要学的 "
        f"{sum(len(one.student) for one in found)} 个；词表：{link.kind}")
    over = [source.adapter and causal.adapter_folder(source.adapter, checkpoint, settings)
            for source, checkpoint in ((recipe.student, student), (recipe.teacher, teacher))]
    return Prepared(pairs, training, link, found, tokenizer, other, student, teacher, *over)


def _rows(pairs: list[Pair], recipe: DistillRecipe, link: Bridge) -> list[Pair]:
    """Conversations that begin alike joined and rows filled up, where the recipe wants it and both models read the same
    tokens."""
    if link.kind == "different":
        return pairs
    found, length = [pair.student for pair in pairs], recipe.data.max_length
    if recipe.data.share:
        found = share(found, length)
    if recipe.data.pack:
        found = list(pack(found, length))
    return [Pair(row, row) for row in found]


def distill(recipe: DistillRecipe, settings: Settings, folder: Path, say: Say) -> dict[str, float]:
    """Train the student in `folder`/best; the best validation's terms. Goes on where a killed run stopped."""
    world = parallel.join()
    say = say if world.first else lambda line: None
    torch.set_num_threads(recipe.training.threads or settings.cpu_threads)
    torch.manual_seed(recipe.training.seed)
    ready = prepare(recipe, settings, say)
    dtype = _dtype(recipe)
    student = _student(recipe, ready)
    blocks = len(causal.layers(student))
    online, cache, wanted, width = None, None, [], student.config.hidden_size
    if _taught(recipe):
        wanted = sites(recipe.loss.weights, blocks, recipe.loss.map_every)
        if recipe.cache.folder:
            cache = _cache(recipe, ready, blocks, settings, say, world)
            width = _config(ready.teacher).hidden_size
        else:
            online = _teacher(recipe, ready, blocks)
            width = online.decoder.config.hidden_size
            if not recipe.teacher.four_bit:
                online = parallel.shard(online, causal.blocks_of(online.decoder), world)
    real = len(ready.link.to_teacher) or len(ready.tokenizer)
    distiller = Distiller(student, ready.link, wanted, (student.config.hidden_size, width), real, recipe.loss,
                          _used(recipe, ready, say))
    distiller = parallel.shard(distiller, causal.layers(student), world)
    work = Distillation(distiller, recipe, ready, online, cache, world, dtype)
    learning = [p for p in distiller.student.parameters() if p.requires_grad]
    groups = [{"params": learning, "lr": recipe.training.learning_rate},
              {"params": list(distiller.projections.parameters()), "lr": recipe.projection_rate}]
    say(f"学习 {sum(p.numel() for p in learning) / 1e6:.1f} M 个权重；{world.size} 个进程，{world.device.type}")
    if world.first:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(recipe.model_dump_json(indent=2), encoding="utf-8")
    data = finished.data_of(recipe.data)
    best = loop.run(work, [group for group in groups if group["params"]], recipe.loss.weights.model_dump(),
                    recipe.loss.balance, recipe.training, folder, _belongs(recipe, ready), world, say)
    if world.first:
        finished.write(folder, best, data)
    return best


def fill_cache(recipe: DistillRecipe, settings: Settings, say: Say) -> int:
    """Ask the teacher about every conversation not yet in the cache; the cache's size in bytes."""
    if not recipe.cache.folder or not _taught(recipe):
        raise OdfinError("配方里没有 cache.folder，或教师的各项权重都是 0，没有可缓存的")
    torch.set_num_threads(recipe.training.threads or settings.cpu_threads)
    ready = prepare(recipe, settings, say)
    return _cache(recipe, ready, _config(ready.student).num_hidden_layers, settings, say, parallel.join()).bytes


def _cache(recipe: DistillRecipe, ready: Prepared, blocks: int, settings: Settings, say: Say,
           world: World) -> TeacherCache:
    if ready.link.kind == "different" and recipe.loss.across_tokenizers == "uld":
        raise OdfinError("ULD 要比较整个词表，不能用缓存；请去掉 cache.folder，或把 across_tokenizers 改为 likelihood")
    config = _config(ready.teacher)
    wanted = sites(recipe.loss.weights, blocks, recipe.loss.map_every)
    mapped = _mapped(recipe, ready, blocks, config.num_hidden_layers)
    link = ready.link.kind if ready.link.kind == "different" else hashlib.sha256(
        json.dumps(ready.link.to_teacher).encode()).hexdigest()
    meta = Meta(causal.fingerprint(ready.teacher, ready.teacher_adapter), data_hash(ready.pairs), link,
                recipe.loss.positions, recipe.cache.top_k, recipe.loss.temperature, tuple(wanted),
                tuple(mapped[site] for site in wanted), config.hidden_size)
    cache = TeacherCache(recipe.cache.folder, meta, [len(one.teacher) for one in ready.places],
                         [len(one.hidden_teacher) for one in ready.places])
    missing = cache.missing
    if missing and world.size > 1:
        raise OdfinError(f"教师缓存 {recipe.cache.folder} 还缺 {len(missing)} 段对话；请先用单个进程运行 odfin train cache")
    if missing:
        _ask(cache, recipe, ready, blocks, missing, world, say)
    return cache


def _ask(cache: TeacherCache, recipe: DistillRecipe, ready: Prepared, blocks: int, missing: list[int], world: World,
         say: Say) -> None:
    teacher = _teacher(recipe, ready, blocks, dict(zip(cache.meta.sites, cache.meta.mapped, strict=True))).to(world.device)
    order = sorted(missing, key=lambda one: -len(ready.pairs[one].teacher.input_ids))
    started, told, tokens = time.monotonic(), 0.0, 0
    for first in range(0, len(order), recipe.cache.batch):
        part = order[first : first + recipe.cache.batch]
        batch = rows([translated(ready.pairs[one].teacher, ready.link) for one in part],
                     [ready.places[one].teacher for one in part], [ready.places[one].hidden_teacher for one in part],
                     ready.teacher_tokenizer.pad_token_id)
        signals = teacher(batch.to(world.device))
        top = None if cache.across else only_top(signals, cache.meta.top_k, cache.meta.temperature)
        cache.write(part, signals, top)
        tokens += batch.tokens
        took = time.monotonic() - started
        if took - told > 20 or first + len(part) == len(order):
            told = took
            say(f"教师缓存 {first + len(part)}/{len(order)} 段，{tokens / took:.0f} 词元/秒，共 {cache.bytes / 1e9:.2f} GB")
    del teacher
    gc.collect()


def _teacher(recipe: DistillRecipe, ready: Prepared, blocks: int, mapped: dict[str, str] | None = None) -> TeacherSide:
    model = causal.open_model(ready.teacher, recipe.training.precision, recipe.teacher.four_bit)
    if ready.teacher_adapter:
        model = causal.with_adapter(model, ready.teacher_adapter)
    if mapped is None:
        mapped = _mapped(recipe, ready, blocks, model.config.num_hidden_layers)
    return TeacherSide(model, ready.link, mapped, len(ready.teacher_tokenizer), _dtype(recipe))


def _mapped(recipe: DistillRecipe, ready: Prepared, blocks: int, of: int) -> dict[str, str]:
    """The student's sites and the teacher's; a student that `odfin train prune` made says which blocks it kept."""
    wanted, keep = sites(recipe.loss.weights, blocks, recipe.loss.map_every), recipe.loss.keep
    if not any("." in site for site in wanted):
        return at_teacher(wanted, [])
    record = Path(ready.student) / "pruning.json"
    if keep is None and record.is_file():
        depth = json.loads(record.read_text(encoding="utf-8")).get("depth", {})
        keep = depth["kept"] if depth.get("of") == of else None
    return at_teacher(wanted, block_map(blocks, of, keep))


def _student(recipe: DistillRecipe, ready: Prepared) -> Any:
    """LoRA over frozen weights in the recipe's precision, or all weights in float32 (autocast does the rest)."""
    lora = recipe.method == "lora"
    model = causal.open_model(ready.student, recipe.training.precision if lora else "fp32")
    if recipe.training.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if ready.student_adapter:
        if not lora:
            raise OdfinError("student.adapter 只能用于 method: lora；要训练全部权重，请先合并适配器")
        return causal.with_adapter(model, ready.student_adapter, trainable=True)
    if lora:
        from peft import get_peft_model

        model = get_peft_model(model, causal.lora_config(recipe.lora, model))
    return model


def _used(recipe: DistillRecipe, ready: Prepared, say: Say) -> list[int] | None:
    """The ids that occur in the data, where the softmax is to be over these; None: over all."""
    if recipe.loss.vocabulary == "all":
        return None
    if ready.link.kind == "different" and _taught(recipe):
        raise OdfinError("loss.vocabulary: used 不能用于词表不同的教师；请改为 all")
    found = sorted({token for pair in ready.pairs for token in pair.student.input_ids})
    say(f"softmax 只在数据里出现的 {len(found)} 个词元上计算")
    return found


def _taught(recipe: DistillRecipe) -> bool:
    weights = recipe.loss.weights.model_dump()
    return any(weight for name, weight in weights.items() if name != "ce")


def _dtype(recipe: DistillRecipe) -> torch.dtype:
    return torch.bfloat16 if recipe.training.precision == "bf16" else torch.float32


def _config(checkpoint: str) -> Any:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(checkpoint)


def _belongs(recipe: DistillRecipe, ready: Prepared) -> str:
    """What a checkpoint must have been made with: everything but where things lie and how the work is shared out."""
    said = recipe.model_dump(mode="json", exclude={"data": {"train", "validation"}, "cache": {"folder", "batch"},
                                                   "training": {"threads", "micro_batch", "max_steps"}})
    return hashlib.sha256(json.dumps([said, data_hash(ready.pairs)], sort_keys=True).encode()).hexdigest()
