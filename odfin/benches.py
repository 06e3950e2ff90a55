"""`odfin bench`: speed and size, beside the naive way in the same run. `odfin bench index` is of keeping the index,
`odfin bench corpus` of reading documents, `odfin bench speed` of what shortens the waiting for an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from rag.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="把结果打印为 JSON")]
Folder = Annotated[Path | None, typer.Argument(help="文档文件夹；不写则为 knowledge/", show_default=False)]


class _Answers(TyperGroup):
    """`odfin bench [DIR]` goes on meaning what it meant before there was `odfin bench index`."""

    def parse_args(self, ctx, args):
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["answers", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Answers, help="测量速度和占用，与教程 RAG 在同一次运行里比较。")


@app.command()
def answers(
    directory: Folder = None,
    questions: Annotated[Path | None, typer.Option(help="用这个题集里的问题")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="少量文档与问题")] = False,
    as_json: AsJson = False,
) -> None:
    """索引、检索与回答；只写 odfin bench 就是它。"""
    from odfin.main import ready
    from odfin.terminal import lines_on_stderr
    from rag.evaluate.bench import run_bench

    result = run_bench(ready(load_settings(), student=True), directory, questions=questions, quick=quick,
                       report=lines_on_stderr())
    print(json.dumps(result.to_json(), ensure_ascii=False) if as_json else result.to_markdown())


@app.command()
def index(
    directory: Folder = None,
    documents: Annotated[int, typer.Option(min=0, help="用多少份真实文档；0 为全部")] = 0,
    chunks: Annotated[int, typer.Option(min=0, help="合成多少片；0 为不做规模测试")] = 100_000,
    searches: Annotated[int, typer.Option(min=1, help="检索多少次")] = 200,
    vectors: Annotated[str, typer.Option(help="规模部分的向量：hash 不用模型；model 用模型（慢）")] = "hash",
    naive_chunks: Annotated[int, typer.Option(min=0, help="删除重建至多用规模部分的多少片；0 为全部")] = 20_000,
    quick: Annotated[bool, typer.Option("--quick", help="8 份文档、2000 片、40 次检索")] = False,
    as_json: AsJson = False,
) -> None:
    """维护索引的代价：从零、无变化、改 1%、更新期间的提问、回滚、检索、内存与磁盘，和删除重建比较。

    规模部分的文档由示例文档的句子打乱而成，向量默认由字对的随机方向相加（不用模型）：量的是模型之外的一切。
    中断（Ctrl-C）时打印已经量完的部分；每一步量完即写入结果文件夹的 rows.jsonl。
    """
    from odfin.main import ready
    from odfin.terminal import lines_on_stderr, say
    from rag.evaluate.bench_index import IndexBench, run_bench_index

    if quick:
        documents, chunks, searches = 8, 2000, 40
    begun: list[IndexBench] = []
    try:
        run_bench_index(ready(load_settings()), directory, documents=documents, chunks=chunks, searches=searches,
                        vectors=vectors, naive_chunks=naive_chunks, report=lines_on_stderr(), told=begun.append)
    except KeyboardInterrupt:
        say("已中断；下面是已经量完的部分")
        raise
    finally:
        for result in (one for one in begun if any(one.parts.values())):
            print(json.dumps(result.to_json(), ensure_ascii=False) if as_json else result.to_markdown(), flush=True)


@app.command()
def speed(
    questions: Annotated[str, typer.Argument(help="内置题集的名字或题集文件；问的是已建的索引", show_default=False)],
    sample: Annotated[int, typer.Option(min=0, help="每类至多几题；0 为全部")] = 3,
    seed: Annotated[int, typer.Option(help="抽题的随机种子")] = 7,
    as_json: AsJson = False,
) -> None:
    """省时间的每一样办法值多少：逐样关掉，同样的题挨个问；再问一次同样意思的问题。"""
    from odfin.main import ready
    from odfin.terminal import lines_on_stderr
    from rag.evaluate.bench_speed import run_bench_speed
    from rag.evaluate.built_in import find_set

    result = run_bench_speed(ready(load_settings(), student=True), find_set(questions), sample=sample, seed=seed, report=lines_on_stderr())
    print(json.dumps(result.to_json(), ensure_ascii=False) if as_json else result.to_markdown())


@app.command()
def corpus(directory: Folder = None, as_json: AsJson = False) -> None:
    """读一遍文件夹里的文档：按格式列出文件、页、片、表格、秒，和读不了的及其原因；不建索引，不改动已有索引。"""
    from odfin.terminal import lines_on_stderr
    from rag.evaluate.bench_corpus import run_bench_corpus

    result = run_bench_corpus(load_settings(), directory, report=lines_on_stderr())
    print(json.dumps(result.to_json(), ensure_ascii=False) if as_json else result.to_markdown())
