"""`odfin train data`: builds the training data. The work itself is in `training.data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
