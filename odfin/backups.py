"""`odfin backup` and `odfin restore`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rag.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="把结果打印为 JSON")]


def backup(file: Annotated[Path, typer.Argument(help="备份写到这个文件（.zip），已存在则不写")], as_json: AsJson = False) -> None:
    """备份运行中的系统：一个带校验和清单的归档文件，备份时照常回答。

    在内：目录库（文档片段、快照、关键词索引）、向量、上传的文档、控制台账号、问答记录、机器人会话。
    不在内：模型（可重新获取并校验）、文档文件夹本身、.env 里的设置与令牌。
    """
    from odfin.terminal import say
    from rag.index.backup import back_up

    report = back_up(load_settings().home, file.expanduser().resolve(),
                     lambda name, number, total: say(f"{number}/{total} {name}") if total < 20 or number % 100 == 0 else None)
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        print(f"已备份到 {report.file}：快照 {report.snapshot or '（无）'}，{report.documents} 份文档，{report.chunks} 个片段，"
              f"{report.files} 个文件，{report.bytes / 1e6:.0f} MB")


def restore(file: Annotated[Path, typer.Argument(help="odfin backup 写的文件")], as_json: AsJson = False,
            overwrite: Annotated[bool, typer.Option("--overwrite", help="数据目录里已有数据时也恢复；原来的移到 replaced-… 里")] = False,
            ) -> None:
    """把备份恢复到 ODFIN_HOME：先核对每个文件的校验和，全部相符才落盘。请先停止 odfin serve。

    模型不在备份里，首次使用时自动获取；文档文件夹请自行放回原处，否则下次 odfin index 会以实际文件为准。
    """
    from rag.index.backup import restore as put_back

    home = load_settings().home
    report = put_back(file.expanduser().resolve(), home, overwrite)
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        print(f"已恢复到 {home}：快照 {report.snapshot or '（无）'}，{report.documents} 份文档，{report.chunks} 个片段"
              f"（备份于 {report.created}）")
