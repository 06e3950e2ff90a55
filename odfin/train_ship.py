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



@app.command()
def export(
    source: Annotated[Path, typer.Argument(help="检查点文件夹，或 peft 适配器文件夹", show_default=False)],
    out: Out,
    merge: Annotated[bool, typer.Option("--merge", help="把适配器合并进底座，导出完整模型；不写则导出 GGUF 适配器")] = False,
    base: Annotated[str | None, typer.Option(help="适配器的底座：内置模型名或 GGUF 文件；不写则看适配器自己说的")] = None,
    form: Annotated[str, typer.Option("--format", help="f32,f16,q8_0,q4_k_m，完整模型可用逗号写多个；不写则适配器 f16，"
                                      "模型 q8_0,q4_k_m")] = "",
    text: Annotated[list[Path] | None, typer.Option("--text", help="在这些文本上测量量化损失（.txt、.md、.jsonl 或文件夹）")] = None,
    windows: Annotated[int, typer.Option(min=1, help="至多测多少段")] = 16,
    length: Annotated[int, typer.Option(min=16, max=4096, help="每段多少词元")] = 512,
    data: Annotated[list[Path] | None, typer.Option("--data", help="写进模型卡的数据文件（配方里写明的不必再写）")] = None,
    evaluation: Annotated[Path | None, typer.Option(help="odfin train eval 的结果文件夹，写进模型卡")] = None,
) -> None:
    """导出：合并 LoRA，写成 GGUF 并量化，或把 LoRA 写成 GGUF 适配器；测出量化损失，写好模型卡。"""
    from odfin.terminal import say
    from training.checkpoints import is_adapter
    from training.export.card import command_lines, write_card
    from training.export.run import Shown, export_adapter, export_model

    shown = Shown(tuple(text or ()), windows, length)
    forms = [part.strip() for part in form.split(",") if part.strip()]
    if not source.is_dir():
        raise OdfinError(f"找不到文件夹 {source}；请给出训练写出的检查点或适配器文件夹")
    if is_adapter(source) and not merge:
        if len(forms) > 1 or (forms and forms[0] not in ("f32", "f16", "q8_0")):
            raise OdfinError(f"适配器的格式只能是 f32、f16、q8_0 中的一个，现在是 {form}；要 q4_k_m 请加 --merge")
        exported = export_adapter(source, base, out, forms[0] if forms else "f16", shown, load_settings(), say)
    else:
        exported = export_model(source, base, out, forms or ["q8_0", "q4_k_m"], shown, load_settings(), say)
    card = write_card(exported, source, out, tuple(data or ()), evaluation)
    for line in command_lines(exported):
        print(line)
    print(f"模型卡：{card}")


class Method(StrEnum):
    dpo = "dpo"
    kto = "kto"


@app.command()
def prefer(
    out: Out,
    method: Annotated[Method, typer.Option(help="kto 用单条评价；dpo 用成对的答案（更正过的，或一好一坏的）")] = Method.kto,
    model: Annotated[str | None, typer.Option(help="检查点文件夹、GGUF 文件或内置模型名；不写则为助手正用着的学生")] = None,
    adapter: Annotated[str | None, typer.Option(help="接着训练哪个适配器（GGUF 文件或 peft 文件夹）；不写则为助手正用着的，"
                                                "成品就含它所学；off 则在底座上新建")] = None,
    epochs: Annotated[float, typer.Option(min=0.1, help="轮数")] = 2,
    learning_rate: Annotated[float, typer.Option(min=0, help="学习率")] = 2e-5,
    beta: Annotated[float, typer.Option(min=0, help="离原来的模型多远：越大越近")] = 0.1,
    batch: Annotated[int, typer.Option(min=2, help="一次几条")] = 4,
    rank: Annotated[int, typer.Option(min=1, help="新适配器的秩")] = 16,
    least: Annotated[int, typer.Option(min=1, help="少于这么多条就不训练")] = 50,
    seed: Annotated[int, typer.Option(help="随机种子")] = 7,
) -> None:
    """从用户的 👍/👎 与控制台更正过的答案学习（DPO 或 KTO）；个人信息已遮住，只在本机。"""
    from odfin.terminal import say
    from training.prefer import Recipe
    from training.prefer import prefer as learn

    recipe = Recipe(method.value, model, adapter, beta, learning_rate, epochs, batch, rank=rank, least=least, seed=seed)
    last = learn(load_settings(), out, recipe, say)
    print(f"完成：适配器在 {out / 'best'}；" + "，".join(f"{name} {value:.4g}" for name, value in last.items())
          + f"。先用 odfin train eval 比较，再用 odfin train export {out / 'best'} 导出")


@app.command("eval")
def evaluate(
    out: Annotated[Path, typer.Argument(help="结果文件夹；做过的模型不再重做", show_default=False)],
    models: Annotated[list[str], typer.Argument(help="名字=模型[+适配器]，例如 base=student distilled=student+runs/d/best",
                                                show_default=False)],
    text: Annotated[list[Path] | None, typer.Option("--text", help="测困惑度的文本")] = None,
    choices: Annotated[Path | None, typer.Option(help="选择题 JSONL：question、A、B…、answer")] = None,
    dialogues: Annotated[Path | None, typer.Option(help="对话 JSONL（messages），让模型说最后一句")] = None,
    sets: Annotated[list[Path] | None, typer.Option("--sets", help="助手的题集（同 odfin eval），同一索引与检索")] = None,
    sample: Annotated[int, typer.Option(min=0, help="选择题、对话各抽多少，题集每类抽多少；0 为全部")] = 0,
    seed: Annotated[int, typer.Option(help="抽题的随机种子")] = 0,
    windows: Annotated[int, typer.Option(min=1, help="困惑度至多测多少段")] = 32,
    length: Annotated[int, typer.Option(min=16, help="每段多少词元")] = 512,
) -> None:
    """底座、教师、只做微调的学生、蒸馏的学生放在一张表里比，附成对显著性与图。"""
    from odfin.terminal import say
    from training.table.contestants import Contestant
    from training.table.run import Asked, compare
    from training.table.table import write

    asked = Asked(tuple(text or ()), choices, dialogues, tuple(sets or ()), sample, seed, length, windows)
    marks = compare([Contestant.read(one) for one in models], asked, load_settings(), out, say)
    print(write(marks, out))
    print(f"\n- 表、图与逐题结果：{out}")
