"""`odfin train data` builds the training data, `odfin train sample` draws from it. The work itself is in `training.data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.errors import OdfinError
from rag.settings import load_settings


def data(
    out: Annotated[Path, typer.Argument(help="写到哪个文件夹；再次运行只做变化了的部分", show_default=False)],
    config: Annotated[Path | None, typer.Option(help="配方（YAML 或 JSON）；不写则为随项目分发的配方")] = None,
    laws: Annotated[Path | None, typer.Option(help="法律文本所在的文件夹（文件名同题集里的 source）；不写则不用法律题")] = None,
    seed: Annotated[int | None, typer.Option(help="随机种子；不写则为配方里的")] = None,
) -> None:
    """造训练数据：导入、清洗、去重、避开评测题、遮住个人信息，生成逐条核对过的阅读题，写出训练、验证、留出三份与报告。"""
    from odfin.terminal import say
    from training.data.build import PARTS, Builder
    from training.data.config import load_config
    from training.data.report import PART_NAMES

    built = Builder(load_config(config, laws=laws and laws.resolve(), seed=seed), out, load_settings(), say).run()
    counts = "，".join(f"{PART_NAMES[part]} {len(built.parts[part])} 条" for part in PARTS)
    print(f"{counts}；{built.seconds:.0f} 秒；报告 {out / 'report.md'}")


def sample(
    source: Annotated[Path, typer.Argument(help="odfin train data 写出的 JSONL", show_default=False)],
    out: Annotated[Path, typer.Argument(help="写到哪个文件", show_default=False)],
    tokens: Annotated[int, typer.Option(min=1, help="总共多少词元")],
    max_length: Annotated[int, typer.Option(min=16, help="只要不长于这么多词元的对话")] = 512,
    model: Annotated[str, typer.Option(help="按哪个模型的词表数：检查点文件夹、GGUF 文件或内置模型名")] = "student",
    questions: Annotated[int, typer.Option(min=1, help="同一份资料至多问几个问题（资料只读一遍，蒸馏快两三倍）")] = 1,
    seed: Annotated[int, typer.Option(help="随机种子")] = 7,
) -> None:
    """按词元预算抽一份训练数据：各来源、各题型按数量的平方根分配，生成的题再多也不会挤掉手写的题。"""
    from training.causal import checkpoint_of, open_tokenizer
    from training.data.record import read_records, write_records
    from training.data.sample import draw

    if not source.is_file():
        raise OdfinError(f"找不到数据文件 {source}；可先用 odfin train data 生成")
    tokenizer = open_tokenizer(checkpoint_of(model, load_settings()))
    chosen = draw(list(read_records(source)), tokenizer, tokens, max_length, seed, questions)
    write_records(chosen.records, out)
    print(f"{len(chosen.records)} 段对话，{chosen.tokens} 个词元，其中要学的 {chosen.learnt} 个；在 {out}")
