"""`odfin train prune | export | prefer | eval`: from trained weights to a student that can be shipped."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import OdfinError
from rag.settings import load_settings

app = typer.Typer()

Out = Annotated[Path, typer.Argument(help="写到哪个新文件夹", show_default=False)]
Texts = Annotated[list[Path], typer.Option("--text", help="文本：.txt、.md、.jsonl 文件或文件夹，可写多次", show_default=False)]


class By(StrEnum):
    cosine = "cosine"
    loss = "loss"
    span = "span"


@app.command()
def prune(
    model: Annotated[str, typer.Argument(help="检查点文件夹、GGUF 文件或内置模型名", show_default=False)],
    out: Out,
    text: Texts,
    blocks: Annotated[int, typer.Option(min=0, help="保留多少层；0 为不裁层")] = 0,
    by: Annotated[By, typer.Option(help="裁哪些层：cosine 每层进出的余弦，loss 去掉后损失升多少，span 连续的一段")] = By.cosine,
    neurons: Annotated[int, typer.Option(min=0, help="每层前馈保留多少神经元；0 为不裁")] = 0,
    groups: Annotated[int, typer.Option(min=0, help="每层注意力保留多少组（KV 头及其查询头）；0 为不裁")] = 0,
    vocabulary: Annotated[bool, typer.Option("--vocabulary", help="词表只留文本用到的词元、其组成部分、字节与特殊词元")] = False,
    least: Annotated[int, typer.Option(min=1, help="词元至少出现几次才保留")] = 1,
    windows: Annotated[int, typer.Option(min=1, help="给模型看多少段文本")] = 32,
    length: Annotated[int, typer.Option(min=8, help="每段多少词元")] = 512,
) -> None:
    """裁出更小的学生：层数、宽度、词表；写成普通的 Hugging Face 检查点，附重要性图与保留清单。"""
    from odfin.terminal import say
    from training.causal import checkpoint_of
    from training.prune.run import Recipe
    from training.prune.run import prune as cut

    if not (blocks or neurons or groups or vocabulary):
        raise OdfinError("没有说要裁什么；请用 --blocks、--neurons、--groups 或 --vocabulary")
    recipe = Recipe(blocks, by.value, neurons, groups, vocabulary, least, length, windows)
    result = cut(Path(checkpoint_of(model, load_settings())), out, text, recipe, say)
    print(f"{result.weights_before / 1e6:.1f} → {result.weights_after / 1e6:.1f} 百万参数；损失 {result.loss_before:.3f} → "
          f"{result.loss_after:.3f}（未再训练）；检查点在 {out}")

