"""The model card of an export: what it is, what it was made of, how to make it again, and what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag.models.pins import PINS, Pin
from rag.settings import Settings
from training.causal import public_name
from training.export.run import CARD, Exported, File
from training.finished import FINISHED, file_of
from training.losses.balance import TERMS

LIBRARIES = ("torch", "transformers", "peft", "trl", "gguf", "xllamacpp")
RUN_FILES = ("recipe.json", FINISHED, "pruning.json")
PREFER = ("method", "model", "adapter", "epochs", "learning_rate", "beta", "batch", "rank", "least", "seed")


def write_card(exported: Exported, source: Path, out: Path, data: Sequence[Path] = (), evaluation: Path | None = None) -> Path:
    """Write README.md into `out`. The run's own files (RUN_FILES) are looked for in `source` and the folder above.

    `data` are files that shaped the weights, hashed here; those the recipe names are hashed where they still lie.
    `evaluation` is a folder `odfin train eval` wrote. Of this machine only file names are told.
    """
    run = {name: found for name in RUN_FILES if (found := _read(source, name)) is not None}
    recipe = run.get("recipe.json", {})
    finished = run.get(FINISHED, {})
    parts = [_head(exported, recipe), _files(exported), _recipe(recipe, finished), _data(recipe, finished, data), _pruned(run),
             _validated(finished), _evaluation(evaluation), _made_with()]
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
    return {"teacher": "指令微调", "distill": "由教师蒸馏" if taught else "指令微调",
            "prefer": "从用户的 👍/👎 与更正学习"}.get(recipe.get("stage", ""), "")


def _head(exported: Exported, recipe: dict[str, Any]) -> str:
    pin = next((pin for pin in PINS.values() if public_name(pin.name) == exported.base), None)
    licence = pin.licence if pin else "同底座"
    what = "LoRA 适配器（GGUF），叠在底座之上使用" if exported.kind == "adapter" else "完整模型（GGUF）"
    how = _how(recipe)
    who = "教师" if recipe.get("stage") == "teacher" or (pin and pin.name == "teacher") else "学生"
    lines = [f"# OD-FinLLM {who}（模型卡）", "",
             f"- **是什么**：{what}{'，' + how if how else ''}。底座 {exported.base}"
             + (f"（{pin.file}，sha256 {pin.sha256}）" if pin else "") + "。",
             f"- **许可证**：{licence}。",
             "- **用途**：只按给出的资料回答中文金融问题；资料没有写明的，回答“资料未提及”。不是投资建议，数字由程序另行核对。"]
    if exported.kind == "adapter":
        lines.append(f"- **怎样用**：{_use(exported.files[0].name, pin)}`ODFIN_ADAPTER=路径/{exported.files[0].name}`。")
    return "\n".join(lines)


def _use(file: str, pin: Pin | None) -> str:
    """What to do with an adapter so that it is used of itself; the words end where the other way begins."""
    if pin is None:
        return ""
    when = "默认即用" if pin.name == Settings.model_fields["student"].default else f"设 `ODFIN_STUDENT={pin.name}` 时使用"
    return f"把 {file} 与本卡放进 `rag/models/student/`，{when}；或 "


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


def command_of(recipe: dict[str, Any]) -> str:
    """The command that makes such weights, given the recipe as it was written into the run's folder."""
    recipe, stage = _nameless(recipe), recipe.get("stage", "teacher")
    if stage == "prefer":  # takes no recipe and no data: it reads this machine's own journal
        said = [f"--{name.replace('_', '-')} {recipe[name]}" for name in PREFER if recipe.get(name) is not None]
        return " ".join(["odfin train prefer 输出文件夹", *said])
    data = recipe.get("data") or {}
    given = [f"--{option} {Path(data[part]).name}" for option, part in (("data", "train"), ("validation", "validation"))
             if data.get(part)]
    return " ".join([f"odfin train {stage} recipe.json 输出文件夹", *given])


def _recipe(recipe: dict[str, Any], finished: dict[str, Any]) -> str:
    if not recipe:
        return ""
    plain = json.dumps(_nameless(recipe), ensure_ascii=False, indent=2)
    seed = (recipe.get("training") or {}).get("seed")
    lines = ["## 怎样做出来的", "", f"`{command_of(recipe)}`" + (f"，随机种子 {seed}" if seed is not None else "")
             + "，`recipe.json` 是：", "", "```json", plain, "```"]
    if recipe.get("adapter_sha256"):
        lines += ["", f"从适配器 {recipe['adapter']}（sha256 {recipe['adapter_sha256']}）接着训练，成品含它所学；"
                      "训练的是本机日志里的评价，当时的一份是 preferences.jsonl。"]
    if finished.get("steps"):
        lines += ["", f"共 {finished['steps']} 步" + _peak(finished.get("memory") or {}) + "。"]
    return "\n".join(lines)


def _peak(memory: dict[str, float]) -> str:
    names = {"memory_gb": "内存峰值", "cuda_gb": "显存峰值"}
    return "".join(f"，{names[name]} {value:.2f} GB" for name, value in memory.items() if name in names)


def _data(recipe: dict[str, Any], finished: dict[str, Any], data: Sequence[Path]) -> str:
    """The files as the run found them; where it did not say, as they lie now."""
    rows = list(finished.get("data") or [])
    if not rows:
        named = [Path(path) for path in ((recipe.get("data") or {}).get(part) for part in ("train", "validation")) if path]
        rows = [file_of(file) if file.is_file() else {"file": file.name} for file in dict.fromkeys(named)]
    rows += [file_of(file) for file in dict.fromkeys(data) if file.name not in {row["file"] for row in rows}]
    if not rows:
        return ""
    lines = ["## 数据", "", "| 文件 | 行 | sha256 |", "|---|---|---|",
             *(f"| {row['file']} | {row.get('lines', '—')} | {row.get('sha256', '已不在原处')} |" for row in rows)]
    made = {row["made"]["manifest_sha256"]: row["made"] for row in rows if "made" in row}
    for digest, one in made.items():
        lines += ["", f"由 `odfin train data 数据文件夹` 做成，清单 manifest.json 的 sha256 是 {digest}，配方是：", "", "```json",
                  json.dumps(_nameless(one["recipe"]), ensure_ascii=False), "```"]
    return "\n".join(lines)


def _pruned(run: dict[str, Any]) -> str:
    parts = []
    if (record := run.get("pruning.json")) is not None:
        depth, words = record.get("depth"), record.get("vocabulary")
        kept = [f"层 {len(depth['kept'])}/{depth['of']}：{depth['kept']}" if depth else "",
                f"词元 {len(words['kept'])}/{words['of']}" if words else ""]
        parts.append("## 裁剪\n\n" + "；".join(part for part in kept if part)
                     + f"。参数 {record['weights_before'] / 1e6:.1f} → {record['weights_after'] / 1e6:.1f} 百万。")
    return "\n\n".join(parts)


def _validated(finished: dict[str, Any]) -> str:
    shown = lambda values: "，".join(f"{name} {value:.4g}" for name, value in values.items())  # noqa: E731
    said = [f"{name}：{shown(values)}。" for name, values in (("最好的一次", finished.get("best")), ("最后一步的训练损失", _losses(
        finished.get("last") or {}))) if values]
    return "## 验证\n\n" + "".join(said) if said else ""


def _losses(row: dict[str, float]) -> dict[str, float]:
    """Of a logged step what was minimised, not how fast."""
    return {name: row[name] for name in ("loss", *TERMS, "step") if name in row}


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
