"""`odfin eval`: question sets examined, two runs compared, a gate held."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from rag.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="把结果打印为 JSON")]


class _Sets(TyperGroup):
    """`odfin eval SET…` examines, `odfin eval` too; `--gate FILE`, wherever it stands, is the command `gate FILE`."""

    def parse_args(self, ctx, args):
        args = [part for one in args for part in (one.split("=", 1) if one.startswith("--gate=") else [one])]
        if "--gate" in args:
            at = args.index("--gate")
            args = ["gate", *args[at + 1 : at + 2], *args[:at], *args[at + 2 :]]
        elif not args or args[0] not in (*self.commands, "--help"):
            args = ["sets", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Sets, help="""用题集检验检索与回答：odfin eval 题集…；比较两次：odfin eval compare 甲 乙；守门：odfin eval 题集 --gate 门槛.json。

题集可以是 JSONL 文件、自带 documents/ 的文件夹，或内置题集的名字：knowledge、talk、corpus、corpus_b，或一家虚构机构（如 city_bank，
自带文档，索引另建）；odfin eval list 全部列出。不写题集，就问 knowledge。""")


@app.command()
def sets(
    named: Annotated[list[str] | None, typer.Argument(
        help="内置题集的名字、JSONL 文件，或含 questions.jsonl 与 documents/ 的文件夹；不写则为 knowledge", metavar="SETS...", show_default=False)] = None,
    as_json: AsJson = False,
    parts: Annotated[str, typer.Option(help="retrieval、answers、steps（逐步关闭，各值多少、各花多久）、student_steps（要学生的几步）、fusion（检索各票怎样合并），以逗号分隔")] = "retrieval,answers",
    systems: Annotated[str, typer.Option(help="hybrid,dense,keyword,tutorial,assistant,evidence,quote；不写则全部")] = "",
    sample: Annotated[int, typer.Option(min=0, help="每类抽多少题；0 为全部")] = 0,
    seed: Annotated[int, typer.Option(help="抽题的随机种子")] = 0,
    by: Annotated[str, typer.Option(help="按 kind、topic 或 document 分组")] = "kind",
    resume: Annotated[Path | None, typer.Option(help="接着做这个结果文件夹里没做完的")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="题集自带的文档重新读取与切分")] = False,
) -> None:
    """用题集检验检索与回答，和教程 RAG、单一检索、只引原文在同一次运行里比较；只写 odfin eval 题集 就是它。"""
    from odfin.main import indexed, ready
    from odfin.terminal import lines_on_stderr, say
    from rag.evaluate.built_in import DEFAULT, SAMPLES, find_set
    from rag.evaluate.evaluation import SYSTEMS, run_eval, speaks

    if not named:
        say(f"没有写题集：问内置题集 {DEFAULT}（全部要很久；--sample 3 每类只抽 3 题，--systems evidence 不用学生，odfin eval list 列出其他题集）")
    wanted, chosen = parts.split(","), systems.split(",") if systems else SYSTEMS
    files = [find_set(one) for one in named or [DEFAULT]]
    settings = ready(load_settings(), student=speaks(wanted, chosen))
    if SAMPLES & set(named or [DEFAULT]):
        indexed(settings)
    result = run_eval(settings, files, parts=wanted, systems=chosen, sample=sample, seed=seed, resume=resume, fresh=fresh,
                      by=by, report=lines_on_stderr(), say=say)
    print(json.dumps(result.to_json(), ensure_ascii=False) if as_json else result.to_markdown())


@app.command(name="list")
def list_sets(as_json: AsJson = False) -> None:
    """列出内置题集：名字、题数、问什么、要先索引什么。"""
    from rag.evaluate.built_in import built_in
    from rag.evaluate.report import table

    rows = [(one.name, one.count(), one.about, one.documents or "自带") for one in built_in().values()]
    if as_json:
        print(json.dumps([dict(zip(("name", "questions", "about", "documents"), row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        print(table(["题集", "题数", "问什么", "文档"], ([name, str(count), *rest] for name, count, *rest in rows)))


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="甲：一次评测的结果文件夹，或它在 ODFIN_HOME/runs 里的名字", metavar="RUN_A")],
    second: Annotated[Path, typer.Argument(help="乙", metavar="RUN_B")],
    html: Annotated[Path | None, typer.Option(help="HTML 写到这个文件；不写则写在乙的文件夹里")] = None,
    as_json: AsJson = False,
) -> None:
    """两次评测逐题成对比较：差别、区间、显著性，变对与变错的题。"""
    from odfin.terminal import say
    from rag.evaluate.compare import compare_runs
    from rag.evaluate.compare_page import compare_page

    runs = load_settings().home / "runs"
    one, other = (folder if folder.is_dir() else runs / folder for folder in (first.expanduser(), second.expanduser()))
    found = compare_runs(one.resolve(), other.resolve())
    page = (html or other / f"compare-with-{one.name}.html").expanduser().resolve()
    page.write_text(compare_page(found), encoding="utf-8")
    print(json.dumps(found.to_json(), ensure_ascii=False) if as_json else found.to_markdown())
    say(f"图表与逐题对照：{page}")


@app.command()
def gate(
    file: Annotated[Path, typer.Argument(help="守门文件（JSON）：题集与各项下限；或随项目分发的 knowledge", metavar="FILE")],
    named: Annotated[list[str] | None, typer.Argument(help="改问这些题集；不写则问守门文件里的", metavar="SETS...",
                                                      show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """用一组固定的题守门，不用学生模型；有一项低于下限，退出码为 1。odfin eval [题集] --gate FILE 就是它。"""
    from odfin.main import indexed, ready
    from odfin.terminal import lines_on_stderr, say
    from rag.evaluate.gate import hold, read_gate

    wanted = read_gate(file)
    found = hold(indexed(ready(load_settings())), wanted, lines_on_stderr(), sets=named or (), say=say)
    print(json.dumps(found.to_json(), ensure_ascii=False) if as_json else found.to_markdown())
    found.check()
