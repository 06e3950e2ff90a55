"""`odfin snapshots`: the published states of the index, listed, compared, and gone back to."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from rag.settings import load_settings

app = typer.Typer(help="索引的快照：列出、比较、回滚。", invoke_without_command=True)

AsJson = Annotated[bool, typer.Option("--json", help="把结果打印为 JSON")]
Number = Annotated[int, typer.Argument(help="快照编号")]


@app.callback()
def snapshots(context: typer.Context, as_json: AsJson = False) -> None:
    """列出保留着的快照，最新的在前。保留多少由 ODFIN_KEEP_SNAPSHOTS（个）与 ODFIN_KEEP_DAYS（天）决定。"""
    if context.invoked_subcommand is not None:
        return
    from rag.index.snapshots import list_snapshots

    rows = list_snapshots(_catalogue())
    if as_json:
        print(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        failed = f"，{row.failed} 份读取失败" if row.failed else ""
        print(f"{row.id:>5}{' ← 正在使用' if row.live else ''}  {_local(row.created)}  {row.documents} 份文档，"
              f"{row.chunks} 个片段{failed}  {row.directory}")
    if not rows:
        print("还没有快照；请先运行 odfin index")


@app.command()
def diff(before: Number, after: Number, as_json: AsJson = False) -> None:
    """比较两个快照：新增、更新、移除的文档，和片段数。"""
    from rag.index.snapshots import compare

    found = compare(_catalogue(), before, after)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
        return
    for mark, sources in (("+", found.added), ("~", found.changed), ("-", found.removed)):
        for source in sources:
            print(f"{mark} {source}")
    print(f"{before} → {after}：新增 {len(found.added)}，更新 {len(found.changed)}，移除 {len(found.removed)}，"
          f"未变 {found.unchanged}；片段 {found.chunks_before} → {found.chunks_after}"
          f"（多了 {found.chunks_added} 个，少了 {found.chunks_removed} 个）")


@app.command()
def rollback(snapshot: Number, as_json: AsJson = False) -> None:
    """回到一个保留着的快照；运行中的机器人和控制台从下一个问题起就用它。

    文件夹里的文件不动。回滚之后，自动的索引（--watch、上传）暂停，直到您改好文件、再运行 odfin index（或在控制台点“重新索引”）。
    """
    from rag.index.snapshots import roll_back

    found = roll_back(_catalogue(), snapshot)
    if as_json:
        print(json.dumps({"snapshot": str(found.id), "documents": found.documents, "chunks": found.chunks}))
    else:
        print(f"已回到快照 {found.id}（{found.documents} 份文档，{found.chunks} 个片段）；"
              "改好文件后运行 odfin index 恢复更新，在那之前自动索引暂停")


def _catalogue():
    from rag.index.catalogue import Catalogue

    return Catalogue(load_settings().home / "catalogue.db")


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
