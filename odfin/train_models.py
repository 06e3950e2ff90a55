"""`odfin train teacher`, `odfin train cache`, `odfin train distill`: the models, by recipe. Also in several
processes: `torchrun --nproc-per-node 4 -m odfin.main train distill …`, or `accelerate launch --multi_gpu --num_processes 4
-m odfin.main …` (on a machine without a GPU too: accelerate's own --cpu starts one process)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from odfin.terminal import say
from rag.errors import OdfinError
from rag.settings import Settings, load_settings

app = typer.Typer()

RecipeName = Annotated[str, typer.Argument(help="配方：YAML 文件，或随项目分发的名字（见 training/configs）", show_default=False)]
Out = Annotated[Path, typer.Argument(help="写到哪个文件夹；里面有没做完的训练就接着做", show_default=False)]
Data = Annotated[Path | None, typer.Option("--data", help="训练对话的 JSONL；不写则用配方里的 data.train")]
Validation = Annotated[Path | None, typer.Option("--validation", help="验证对话的 JSONL；不写则用配方里的")]
Changes = Annotated[list[str] | None, typer.Option("--set", help="改配方里的一个值，例如 training.epochs=1；可重复")]


@app.command()
def teacher(recipe: RecipeName, out: Out, data: Data = None, validation: Validation = None,
            changes: Changes = None) -> None:
    """教师：用 LoRA、QLoRA 或全部权重做指令微调，只在回答上计算损失；中断后原样再运行一次就接着做。"""
    from training.teacher import tune

    chosen, settings = _recipe(recipe, "teacher", data, validation, changes)
    _done(out, tune(chosen, settings, out, say))


@app.command()
def cache(recipe: RecipeName, data: Data = None, validation: Validation = None, changes: Changes = None) -> None:
    """问一遍教师，把它的 top-k logits 与中间状态存到 cache.folder；中断后再运行一次就接着问。"""
    from training.distill.parallel import join, leave
    from training.distill.run import fill_cache

    chosen, settings = _recipe(recipe, "distill", data, validation, changes)
    size = fill_cache(chosen, settings, say)
    if join().first:
        print(f"教师缓存在 {chosen.cache.folder}，{size / 1e9:.2f} GB")
    leave()


@app.command()
def distill(recipe: RecipeName, out: Out, data: Data = None, validation: Validation = None,
            changes: Changes = None) -> None:
    """学生：向教师学（嵌入、MLP 输入、层输出、logits 四种损失）；中断后原样再运行一次就接着做。"""
    from training.distill.run import distill as run

    chosen, settings = _recipe(recipe, "distill", data, validation, changes)
    _done(out, run(chosen, settings, out, say))


def _recipe(name: str, stage: str, data: Path | None, validation: Path | None, changes: list[str] | None
            ) -> tuple[Any, Settings]:
    missing = [package for package in ("trl", "datasets", "tensorboard") if find_spec(package) is None]
    if missing:
        raise OdfinError(f"训练还需要 {'、'.join(missing)}；请先安装：uv pip install -e '.[training]'")
    from training.recipe import load_recipe

    given = [f"data.{key}={path}" for key, path in (("train", data), ("validation", validation)) if path]
    return load_recipe(name, stage, [*(changes or []), *given]), load_settings()


def _done(out: Path, best: dict[str, float]) -> None:
    """The result, said by one of the processes; the end of all of them but a lone one."""
    from training.distill.parallel import join, leave

    if join().first:
        shown = "，".join(f"{name} {value:.4g}" for name, value in best.items())
        print(f"完成：模型在 {out / 'best'}" + (f"；验证最好的一次：{shown}" if best else ""))
    leave()
