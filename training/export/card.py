"""The model card of an export: what it is, what it was made of, how to make it again, and what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag.models.pins import PINS
from rag.models.store import sha256_of
from training.causal import public_name
from training.export.run import CARD, Exported, File

LIBRARIES = ("torch", "transformers", "peft", "trl", "gguf", "xllamacpp")
RUN_FILES = ("recipe.json", "finished.json", "pruning.json")


def write_card(exported: Exported, source: Path, out: Path, data: Sequence[Path] = (), evaluation: Path | None = None) -> Path:
    """Write README.md into `out`. The run's own files (RUN_FILES) are looked for in `source` and the folder above.

    `data` are files that shaped the weights, hashed here; those the recipe names are hashed where they still lie.
    `evaluation` is a folder `odfin train eval` wrote. Of this machine only file names are told.
    """
    run = {name: found for name in RUN_FILES if (found := _read(source, name)) is not None}
    recipe = run.get("recipe.json", {})
    parts = [_head(exported, recipe), _files(exported), _recipe(recipe), _data(recipe, data), _pruned(run),
             _evaluation(evaluation), _made_with()]
    card = out / CARD
    card.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return card


def _read(source: Path, name: str) -> Any:
    for folder in (source, source.parent):
        if (folder / name).is_file():
            return json.loads((folder / name).read_text(encoding="utf-8"))
    return None


def _how(recipe: dict[str, Any]) -> str:
    """A distillation whose teacher weighs nothing is fine-tuning, and is called so."""
    weights = recipe.get("loss", {}).get("weights", {})
    taught = any(weight for name, weight in weights.items() if name != "ce") if weights else True
    return {"teacher": "指令微调", "distill": "由教师蒸馏" if taught else "指令微调"}.get(recipe.get("stage", ""), "")


def _head(exported: Exported, recipe: dict[str, Any]) -> str:
    pin = next((pin for pin in PINS.values() if public_name(pin.name) == exported.base), None)
    licence = pin.licence if pin else "同底座"
    what = "LoRA 适配器（GGUF），叠在底座之上使用" if exported.kind == "adapter" else "完整模型（GGUF）"
    how = _how(recipe)
    lines = ["# OD-FinLLM 学生（模型卡）", "",
             f"- **是什么**：{what}{'，' + how if how else ''}。底座 {exported.base}"
             + (f"（{pin.file}，sha256 {pin.sha256}）" if pin else "") + "。",
             f"- **许可证**：{licence}。",
             "- **用途**：只按给出的资料回答中文金融问题；资料没有写明的，回答“资料未提及”。不是投资建议，数字由程序另行核对。"]
    if exported.kind == "adapter":
        lines.append(f"- **怎样用**：把 {exported.files[0].name} 与本卡放进 `rag/models/student/`，默认即用；"
                     f"或 `ODFIN_ADAPTER=路径/{exported.files[0].name}`。")
    return "\n".join(lines)


def _files(exported: Exported) -> str:
    lines = ["## 文件与量化损失", "", "| 文件 | 格式 | MB | 困惑度 | KL（奈特） | 首选词元一致 | sha256 |",
             "|---|---|---|---|---|---|---|", *(_file_row(file) for file in exported.files)]
    first = next((file.loss for file in exported.files if file.loss), None)
    if first:
        against = next((file.against for file in exported.files if file.against), "")
        lines += ["", f"损失在 {first.tokens} 个词元的文本上由 llama.cpp 测得" + (f"，对照 {against}" if against else "")
                  + f"；{exported.same_tokens:.0%} 的文本与原分词器切分一致。"]
        if exported.base_loss:
            lines[-1] += f"底座不加适配器的困惑度 {exported.base_loss.perplexity:.3f}。"
    return "\n".join(lines)


def _file_row(file: File) -> str:
    loss = file.loss
    shown = ["—"] * 3 if loss is None else [
        f"{loss.perplexity:.3f}", "—" if loss.divergence is None else f"{loss.divergence:.4f}",
        "—" if loss.agreement is None else f"{loss.agreement:.1%}"]
    size = f"{file.bytes / 1e6:.1f}" if file.bytes else "—"
    return f"| {file.name} | {file.form} | {size} | {' | '.join(shown)} | {file.sha256 or '—'} |"


def _recipe(recipe: dict[str, Any]) -> str:
    if not recipe:
        return ""
    stage, train = recipe.get("stage", "teacher"), (recipe.get("data") or {}).get("train")
    command = f"odfin train {stage} recipe.json 输出文件夹" + (f" --data {Path(train).name}" if train else "")
    plain = json.dumps(_nameless(recipe), ensure_ascii=False, indent=2)
    seed = (recipe.get("training") or {}).get("seed")
    return (f"## 怎样做出来的\n\n`{command}`" + (f"，随机种子 {seed}" if seed is not None else "")
            + f"，`recipe.json` 是：\n\n```json\n{plain}\n```")


def _data(recipe: dict[str, Any], data: Sequence[Path]) -> str:
    named = [Path(path) for path in ((recipe.get("data") or {}).get(part) for part in ("train", "validation")) if path]
    rows = [f"| {file.name} | {_lines(file)} | {sha256_of(file)} |" if file.is_file() else f"| {file.name} | — | 已不在原处 |"
            for file in dict.fromkeys([*named, *data])]
    return "\n".join(["## 数据", "", "| 文件 | 行 | sha256 |", "|---|---|---|", *rows]) if rows else ""


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _pruned(run: dict[str, Any]) -> str:
    parts = []
    if (record := run.get("pruning.json")) is not None:
        depth, words = record.get("depth"), record.get("vocabulary")
        kept = [f"层 {len(depth['kept'])}/{depth['of']}：{depth['kept']}" if depth else "",
                f"词元 {len(words['kept'])}/{words['of']}" if words else ""]
        parts.append("## 裁剪\n\n" + "；".join(part for part in kept if part)
                     + f"。参数 {record['weights_before'] / 1e6:.1f} → {record['weights_after'] / 1e6:.1f} 百万。")
    best = (run.get("finished.json") or {}).get("best")
    if best:
        parts.append("## 验证\n\n最好的一次：" + "，".join(f"{name} {value:.4g}" for name, value in best.items()) + "。")
    return "\n\n".join(parts)


def _evaluation(folder: Path | None) -> str:
    if folder is None or not (folder / "table.md").is_file():
        return ""
    return "## 评测\n\n" + (folder / "table.md").read_text(encoding="utf-8").strip()


def _made_with() -> str:
    return "## 环境\n\n" + "，".join(f"{name} {version(name)}" for name in LIBRARIES)


def _nameless(value: Any) -> Any:
    """The value without folders of the machine: of an absolute path, the last part."""
    if isinstance(value, dict):
        return {key: _nameless(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_nameless(part) for part in value]
    if isinstance(value, str) and (value.startswith(("/", "~", "..")) or value[1:3] == ":\\"):
        return Path(value.replace("\\", "/")).name
    return value


def command_lines(exported: Exported) -> Iterator[str]:
    """One line a file, for the terminal."""
    for file in exported.files:
        if file.bytes:
            yield f"{file.name}  {file.bytes / 1e6:.1f} MB" + (f"  困惑度 {file.loss.perplexity:.3f}" if file.loss else "")
