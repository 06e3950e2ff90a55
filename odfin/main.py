"""`odfin`: documents in, grounded answers out. Results on stdout, progress and logs on stderr.

Exit codes: 0 done, 1 failed with one clear line on stderr (no traceback unless `--debug`), 2 wrong usage.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from odfin import backups, benches, evaluations, snapshots, train
from rag.errors import OdfinError
from rag.models.heap import share_one_heap
from rag.settings import Settings, load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  help="OD-FinLLM：在本机运行的中文金融助手，每个答案都有出处。")

app.add_typer(train.app, name="train")
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(benches.app, name="bench")
app.add_typer(evaluations.app, name="eval")
app.command()(backups.backup)
app.command()(backups.restore)

AsJson = Annotated[bool, typer.Option("--json", help="把结果打印为 JSON")]
Batch = Annotated[Path | None, typer.Option(help="JSONL 文件，每行一个 {\"question\": …}")]
OneQuestion = Annotated[str | None, typer.Argument(help="问题", show_default=False)]


@app.callback()
def common(debug: Annotated[bool, typer.Option("--debug", help="出错时打印完整堆栈与详细日志")] = False) -> None:
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, stream=sys.stderr,
                        format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "httpcore", "urllib3", "chromadb", "sentence_transformers", "pdfminer", "filelock"):
        logging.getLogger(name).setLevel(logging.WARNING if debug else logging.ERROR)


@app.command()
def index(
    directory: Annotated[Path | None, typer.Argument(help="文档所在的文件夹；不写则为上次的文件夹，或 knowledge/",
                                                     show_default=False)] = None,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="一直盯着文件夹与上传，有变化就更新，直到 Ctrl-C")] = False,
) -> None:
    """建立或更新索引：只处理变化了的文档，完成后一次发布。"""
    from odfin.indexing import run_once, run_watch
    from rag.index.build import Indexer

    indexer = Indexer(ready(load_settings()))
    (run_watch if watch else run_once)(indexer, directory, as_json)


@app.command()
def search(question: OneQuestion = None, batch: Batch = None, as_json: AsJson = False,
           top_k: Annotated[int, typer.Option("--top-k", min=1, max=100, help="返回多少段")] = 5,
           topic: Annotated[str, typer.Option(help="只查这个主题")] = "",
           kind: Annotated[str, typer.Option(help="只查这类文档：条款、产品说明书、费率表…")] = "",
           institution: Annotated[str, typer.Option(help="只查这家机构的文档（名称的一部分即可）")] = "",
           code: Annotated[str, typer.Option(help="只查这个产品代码")] = "",
           on: Annotated[str, typer.Option(help="只查这一天有效的文档，例如 2024-06-30", metavar="DATE")] = "") -> None:
    """在索引里查找最相关的段落。"""
    from odfin.found import told
    from odfin.questions import read_questions
    from rag.index.filter import Filter
    from rag.index.search import Searcher

    questions = read_questions(question, batch)
    where = Filter.read(topic, kind, institution, code, on)
    searcher = Searcher(indexed(ready(load_settings())))
    searcher.view()
    for asked in questions:
        hits = searcher.search(asked.question, top_k, where)
        if as_json:
            _print_json({"question": asked.question, "hits": [
                {"text": hit.text, "source": hit.source, "page": hit.page, "score": hit.score} for hit in hits]})
            continue
        for line in told(asked.question, hits):
            print(line)


@app.command()
def documents(as_json: AsJson = False) -> None:
    """列出索引里的文档，以及每份文档自己写明的类别、机构、产品、版本和有效期。"""
    from odfin.documents import rows, table

    listed = rows(load_settings())
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in [json.dumps(row, ensure_ascii=False) for row in listed] if as_json else table(listed, width):
        print(line, flush=True)


@app.command()
def ask(question: OneQuestion = None, batch: Batch = None, as_json: AsJson = False) -> None:
    """问一个问题，或一批问题。"""
    from odfin.conversation import answer_in_terminal
    from odfin.questions import read_questions
    from rag.answer.assistant import Assistant

    questions = read_questions(question, batch)
    assistant = Assistant.open(indexed(ready(load_settings(), student=True))).warm()
    try:
        for asked in questions:
            if as_json:
                _print_json(assistant.ask(asked.question, asked.history).to_json())
            else:
                answer_in_terminal(assistant, asked.question, asked.history)
    finally:
        assistant.close()


@app.command()
def chat() -> None:
    """在终端里对话；空行或 Ctrl-D 结束，/new 开始新的对话。"""
    from odfin.conversation import answer_in_terminal
    from odfin.terminal import say
    from rag.answer.assistant import Assistant
    from rag.answer.result import Turn

    assistant = Assistant.open(indexed(ready(load_settings(), student=True))).warm()
    history: list[Turn] = []
    say("请提问（空行结束，/new 开始新的对话）")
    try:
        while True:
            try:
                question = input("> ").strip()
            except EOFError:
                break
            if not question:
                break
            if question == "/new":
                history.clear()
                say("已开始新的对话")
                continue
            answer = answer_in_terminal(assistant, question, tuple(history))
            history += [Turn("user", question), Turn("assistant", answer.answer)]
            del history[:-8]
    finally:
        assistant.close()


@app.command()
def bot() -> None:
    """运行 Telegram 机器人（需要 TELEGRAM_BOT_TOKEN）。"""
    from bot.app import run
    from rag.answer.assistant import Assistant

    logging.getLogger().setLevel(min(logging.getLogger().level, logging.INFO))
    settings = load_settings()
    if not settings.telegram_token.get_secret_value().strip():  # before the models take their time
        raise OdfinError("没有设置 TELEGRAM_BOT_TOKEN；请向 @BotFather 申请令牌，写入 .env（TELEGRAM_BOT_TOKEN=…）后重试")
    assistant = Assistant.open(indexed(ready(settings, student=True))).warm()
    try:
        run(settings, assistant)
    finally:
        assistant.close()


@app.command()
def ui() -> None:
    """运行管理控制台（只在本机监听）。"""
    from ui.run import run

    logging.getLogger().setLevel(min(logging.getLogger().level, logging.INFO))
    run(load_settings())


@app.command()
def serve() -> None:
    """首次使用时建好索引，然后运行控制台和（设置了令牌时）机器人。"""
    from odfin.serve import serve as supervise

    settings = indexed(ready(load_settings(), student=True))
    supervise(settings)


@app.command()
def models(fetch: Annotated[str | None, typer.Option(help="现在就下载这个模型")] = None, as_json: AsJson = False) -> None:
    """列出内置模型：是否在本机、大小、许可证、本机的内存是否够用；可提前下载。"""
    from odfin.terminal import download_progress
    from rag.models import device
    from rag.models.pins import PINS
    from rag.models.store import ModelStore

    store = ModelStore(load_settings())
    if fetch:
        with download_progress() as progress:
            print(store.path(fetch, progress))
        return
    memory = device.memory()
    rows = [{"name": pin.name, "file": pin.file, "bytes": pin.size, "licence": pin.licence, "about": pin.about,
             "sha256": pin.sha256, "here": (store.folder / pin.file).is_file(), "memory_bytes": pin.memory,
             "fits": device.fits(pin, memory.total)} for pin in PINS.values()]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        print(f"{row['name']:10} {'已下载' if row['here'] else '未下载'}  {row['bytes'] / 1e6:6.0f} MB  "
              f"{row['licence']:10} {row['about']}")
    best = device.largest(memory.total)
    needs = "、".join(f"{row['name']} 约 {row['memory_bytes'] / 1e9:.1f} GB" for row in rows if row["memory_bytes"])
    print(f"本机内存 {memory.total / 1e9:.1f} GB（空闲 {memory.free / 1e9:.1f}）；整个助手连学生需要：{needs}。"
          + (f"装得下的最大学生是 {best.name}" + ("；要用它：ODFIN_STUDENT=teacher" if best.name == "teacher" else "（默认）")
             if best else "内存不够任何一个学生：请把 ODFIN_RUNTIME 设为 openai，用另一台机器上的模型"))


def ready(settings: Settings, student: bool = False) -> Settings:
    """Fetch what is missing of the pinned models the settings name, with progress, before anything else starts."""
    from odfin.terminal import download_progress, say
    from rag.models.pins import PINS
    from rag.models.store import ModelStore

    store = ModelStore(settings)
    wanted = [settings.embedder] + ([settings.student] if student and settings.runtime != "openai" else [])
    missing = [name for name in wanted if name in PINS and store.find(name) is None]
    if missing:
        say("正在获取模型：" + "、".join(f"{PINS[n].file}（{PINS[n].size / 1e6:.0f} MB）" for n in missing))
        with download_progress() as progress:
            for name in missing:
                store.path(name, progress)
    return settings


def indexed(settings: Settings) -> Settings:
    """On first use, index the knowledge folder before anything is asked; make lost vectors again."""
    from odfin.terminal import index_progress, say
    from rag.index.build import Indexer
    from rag.index.complete import needs_repair

    indexer = Indexer(settings)
    if indexer.catalogue.live() is None:
        say(f"第一次使用：正在为 {settings.knowledge} 建立索引…")
        with index_progress() as progress:
            report = indexer.run(None, progress)
        for failure in report.failed:
            say(f"未能读取 {failure.reason}")
        say(f"索引完成：{report.documents} 份文档，{report.chunks} 个片段，{report.seconds:.0f} 秒")
    elif needs_repair(indexer.catalogue, settings):
        say("向量文件丢失或不全，正在补齐…")
        with index_progress() as progress:
            say(f"已补齐，重新计算了 {indexer.repair(progress)} 个向量")
    return settings


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def main() -> None:
    """The console script."""
    debug = "--debug" in sys.argv
    if debug:  # accepted anywhere on the line
        sys.argv = [sys.argv[0], "--debug", *(a for a in sys.argv[1:] if a != "--debug")]
    serving = any(name in sys.argv[1:3] for name in ("ui", "bot", "serve"))  # stopping these is no failure
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0 if serving else 143))
    # Nothing is looked up on a hub unless the model store decides so, and no library phones home.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    # Threads that wait by spinning take the cores from the student: measured 3 to 15 times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    share_one_heap()
    try:
        app()
    except OdfinError as error:
        if debug:
            raise
        print(f"错误：{error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        if serving:
            sys.exit(0)
        print("已中断；再次运行会从中断处继续", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        print(f"错误：{type(error).__name__}：{error}；加 --debug 可看详情", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
