"""`odfin bench index`: what keeping an index costs, ours beside the naive path (delete and rebuild with the tutorial's
loader), in one run.

Two parts. *Documents*: real documents and the real embedder; how much the pipeline adds to the model alone, and what a
change costs. *Scale*: so many synthetic pieces and an embedder that costs next to nothing, so that everything but the model
is measured; searches with and without a topic, memory, disk, and questions asked from another process all the while.
"""

from __future__ import annotations

import multiprocessing
import platform
import random
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from rag.errors import OdfinError
from rag.evaluate.ground import Report
from rag.evaluate.index_figures import ROWS, Figures
from rag.evaluate.measure import folder_size, in_child, resident_memory
from rag.evaluate.report import table
from rag.evaluate.runs import Run, code_version, describe_settings, new_folder
from rag.evaluate.statistics import percentile
from rag.evaluate.synthetic import HashEmbedder, write_synthetic
from rag.evaluate.tutorial import Tutorial
from rag.index.build import Indexer
from rag.index.filter import Filter
from rag.index.folder import TOPICS, scan
from rag.index.search import Searcher
from rag.index.snapshots import roll_back
from rag.models.embedder import Embedder
from rag.settings import PROJECT, Settings

CHANGED = 0.01  # of the documents
PIECES = 100  # of a synthetic document
PAUSE = 0.05  # seconds between two questions while the index is rebuilt


@dataclass(frozen=True)
class IndexWork:
    """What a child process measures: documents copied for it alone, a home of its own, which embedder."""

    settings: Settings
    home: Path
    documents: Path
    searches: int
    hashed: bool

    def embedder(self) -> Timed:
        return Timed(HashEmbedder() if self.hashed else Embedder(self.settings))

    @property
    def own(self) -> Settings:
        return self.settings.model_copy(update={"home": self.home})


class Timed(Embeddings):
    """An embedder that counts the seconds spent in it."""

    def __init__(self, inner: Embeddings):
        self.inner = inner
        self.name, self.version = inner.name, inner.version
        self.seconds = 0.0

    def _timed(self, embed: Callable, given: Any) -> Any:
        started = time.perf_counter()
        try:
            return embed(given)
        finally:
            self.seconds += time.perf_counter() - started

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._timed(self.inner.embed_documents, texts)

    def embed_questions(self, texts: list[str]) -> list[list[float]]:
        return self._timed(self.inner.embed_questions, texts)

    def embed_query(self, text: str) -> list[float]:
        return self._timed(self.inner.embed_query, text)


@dataclass(frozen=True)
class IndexBench:
    """Figures by part ("documents", "scale") and system ("ours", "naive"); seconds, bytes, counts."""

    folder: Path
    config: dict[str, Any]
    parts: dict[str, dict[str, Figures]]

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "parts": self.parts}

    def to_markdown(self) -> str:
        rows = []
        for part, title in (("documents", "真实文档与向量模型"), ("scale", "规模：合成文档，向量计算几乎不花时间")):
            if part in self.parts:
                rows.append([f"**{title}**", "", ""])
                ours, naive = self.parts[part]["ours"], self.parts[part]["naive"]
                rows += [[name, show(ours), show(naive)] for name, show in ROWS if show(ours) != "—"]
        machine = self.config["machine"]
        return table(["", "本系统", "删除重建（教程加载器）"], rows) + (
            f"\n\n- {machine['system']}，{machine['threads']} 线程；向量模型 {self.config['settings']['embedder']}\n"
            f"- 变更：{100 * CHANGED:.0f}% 的文档（至少 1 份）各改一处；更新期间的提问来自另一个进程\n- 结果：{self.folder}\n")


def run_bench_index(settings: Settings, directory: Path | None = None, *, documents: int = 0, chunks: int = 100_000,
                    searches: int = 200, report: Report = lambda *_: None) -> IndexBench:
    """Measure both parts in a folder below ODFIN_HOME that is removed at the end; the live index is not touched.

    `documents`: so many of `directory` (default: the knowledge folder), 0 for all. `chunks`: so many synthetic pieces,
    0 to leave that part out. Raises OdfinError where the folder is missing or empty, or the embedder is missing.
    """
    directory = (directory or settings.knowledge).expanduser().resolve()
    files = scan(directory, directory / ".none")
    if not files:
        raise OdfinError(f"文件夹 {directory} 里没有能读的文档；请换一个文件夹")
    folder = new_folder(settings, "bench-index")
    config = {"settings": describe_settings(settings), "code": code_version(), "directory": str(directory), "sets": {},
              "documents": documents, "chunks": chunks, "searches": searches,
              "machine": {"system": f"{platform.system()} {platform.machine()}", "threads": settings.cpu_threads}}
    run = Run(folder, config)
    scratch = folder / "scratch"
    parts: dict[str, dict[str, Figures]] = {}
    try:
        step = max(1, len(files) // documents) if documents else 1
        for file in files[::step][: documents or None]:
            copy = scratch / "documents" / file.source
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.path, copy)
        parts["documents"] = _both(settings, scratch, scratch / "documents", searches, False, report)
        if chunks:
            write_synthetic(scratch / "synthetic", PROJECT / "knowledge", max(1, chunks // PIECES), min(PIECES, chunks))
            parts["scale"] = _both(settings, scratch, scratch / "synthetic", searches, True, report)
            parts["scale"]["ours"]["query_s"] = parts["documents"]["ours"]["query_s"]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    result = IndexBench(folder, config, parts)
    run.finish(result.to_json())
    return result


def _both(settings: Settings, scratch: Path, documents: Path, searches: int, hashed: bool, report: Report) -> dict[str, Figures]:
    name = "scale" if hashed else "documents"
    ours = IndexWork(settings, scratch / f"{name}-ours", documents, searches, hashed)
    figures = in_child(measure_keeping, ours, report)
    figures |= in_child(measure_searching, ours, report)
    naive = IndexWork(settings, scratch / f"{name}-naive", documents, searches, hashed)
    return {"ours": figures, "naive": in_child(measure_naive, naive, report)}


# -- in a process of its own ------------------------------------------------------------------------------------------


def measure_keeping(work: IndexWork, report: Report) -> Figures:
    """From nothing; nothing changed; some changed while another process asks; rolled back."""
    embedder, settings = work.embedder(), work.own
    embedder.embed_query("预热")
    embedder.seconds = 0.0

    def index(name: str) -> tuple[float, Any]:
        started = time.perf_counter()
        done = Indexer(settings, embedder).run(
            work.documents, lambda p: report(f"ours: {name}, {p.stage}", p.done, p.total))
        return time.perf_counter() - started, done

    figures: Figures = {}
    figures["build_s"], done = index("from nothing")
    if not work.hashed:
        figures["embed_s"] = embedder.seconds
    figures |= {"documents": done.documents, "chunks": done.chunks, "failed": len(done.failed)}
    figures["again_s"], _ = index("unchanged")
    figures["changed"] = change(work.documents)
    with Asker(work) as asker:
        embedder.seconds = 0.0
        figures["change_s"], done = index("changed")
        figures["change_embed_s"] = embedder.seconds
        figures |= asker.until(done.snapshot)
    catalogue = Indexer(settings, embedder).catalogue
    started = time.perf_counter()
    roll_back(catalogue, 1)
    figures["rollback_s"] = time.perf_counter() - started
    roll_back(catalogue, int(done.snapshot))
    figures["disk"] = folder_size(work.home)
    figures["disk_parts"] = {name: folder_size(work.home / name) for name in ("vectors", "chroma")}
    figures["build_peak"] = resident_memory("VmHWM")
    return figures


def measure_searching(work: IndexWork, report: Report) -> Figures:
    """Searches in a process that does nothing else: seconds beside the embedding of the question, memory."""
    embedder = work.embedder()
    before = resident_memory("VmRSS")
    searcher = Searcher(work.own, embedder)
    started = time.perf_counter()
    view = searcher.view()
    figures: Figures = {"open_s": time.perf_counter() - started}
    questions = list(_questions(searcher, view, work.searches))
    filters = [where for where in map(Filter, TOPICS) if view.facts.allowed(where)] or [None]
    for name, filtered in (("search", False), ("search_topic", True)):
        taken, embedding = [], []
        for number, question in enumerate(questions):
            where = filters[number % len(filters)] if filtered else None
            if number < len(filters):
                searcher.search(question, where=where)  # its first use
            embedder.seconds = 0.0
            started = time.perf_counter()
            searcher.search(question, where=where)
            taken.append(time.perf_counter() - started - embedder.seconds)
            embedding.append(embedder.seconds)
            report(f"ours: {name}", number + 1, len(questions))
        figures[name] = (percentile(taken, 50), percentile(taken, 95))
        if not work.hashed:
            figures["query_s"] = (percentile(embedding, 50), percentile(embedding, 95))
    figures |= {"resident": resident_memory("VmRSS"), "resident_before": before, "resident_private": resident_memory("RssAnon")}
    return figures


def measure_naive(work: IndexWork, report: Report) -> Figures:
    """Delete and rebuild: the same for one changed document as for all."""
    embedder = work.embedder()
    embedder.embed_query("预热")
    embedder.seconds = 0.0
    tutorial = Tutorial(work.home, embedder)
    started = time.perf_counter()
    chunks = tutorial.index(work.documents, lambda done, total: report("naive: from nothing", done, total))
    figures: Figures = {"build_s": time.perf_counter() - started, "chunks": chunks,
                        "documents": len(scan(work.documents, work.documents / ".none"))}
    if not work.hashed:
        figures["embed_s"] = embedder.seconds
    figures |= {"again_s": figures["build_s"], "change_s": figures["build_s"], "disk": folder_size(work.home)}
    taken = []
    for number in range(work.searches):
        embedder.seconds = 0.0
        started = time.perf_counter()
        tutorial.search(f"第{number}年退保要扣多少手续费？", 5)
        taken.append(time.perf_counter() - started - embedder.seconds)
    figures["search"] = (percentile(taken, 50), percentile(taken, 95))
    return figures


def change(folder: Path) -> int:
    """One place in every hundredth document is another from now on; returns how many documents."""
    files = [f for f in scan(folder, folder / ".none") if f.path.suffix in (".md", ".txt", ".csv", ".html")]
    wanted = max(1, round(CHANGED * len(scan(folder, folder / ".none"))))
    draw = random.Random(1)
    for file in draw.sample(files, min(wanted, len(files))):
        with file.path.open("ab") as opened:  # ASCII, so that it is right in every encoding
            opened.write(f"\n\nODFIN {draw.randrange(10**9)}\n\n".encode())
    return min(wanted, len(files))


def _questions(searcher: Searcher, view: Any, count: int) -> Iterable[str]:
    """Half name a document and one of its headings, half only say what a piece says."""
    draw = random.Random(0)
    ids = view.pieces.tolist()
    for number, piece in enumerate(searcher.catalogue.pieces(draw.sample(ids, min(count, len(ids)))).values()):
        about = piece.headings[-1][-12:] if piece.headings else piece.text[:12]
        yield f"{view.facts.titles[piece.version]}的{about}" if number % 2 else f"{piece.text[:30]}是怎么规定的？"


class Asker:
    """Another process that asks while the index changes, as a bot would."""

    def __init__(self, work: IndexWork):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_ask, args=(theirs, work), daemon=True)

    def __enter__(self) -> Asker:
        self._process.start()
        self._pipe.recv()  # it has asked its first
        return self

    def until(self, snapshot: str) -> Figures:
        """Its figures, once it has answered from this snapshot."""
        self._pipe.send((snapshot, time.time()))
        return self._pipe.recv()

    def __exit__(self, *_: Any) -> None:
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _ask(pipe: Connection, work: IndexWork) -> None:
    embedder = HashEmbedder() if work.hashed else Embedder(work.settings)
    searcher = Searcher(work.own, embedder)
    questions = list(_questions(searcher, searcher.view(), 50))
    for question in questions:
        searcher.search(question)
    pipe.send("ready")
    taken, failed, seen, wanted = [], 0, {}, None
    while wanted is None or (wanted[0] not in seen and time.time() < wanted[1] + 60):
        for question in questions:
            started = time.perf_counter()
            try:
                searcher.search(question)
            except Exception:  # what is counted
                failed += 1
            taken.append(time.perf_counter() - started)
            seen.setdefault(searcher.snapshot(), time.time())
            if wanted is None and pipe.poll(PAUSE):
                wanted = pipe.recv()
            if wanted and wanted[0] in seen:
                break
    pipe.send({"asked": len(taken), "asked_failed": failed, "asked_s": (percentile(taken, 50), percentile(taken, 95)),
               "asked_slowest_s": max(taken), "follow_s": max(0.0, seen.get(wanted[0], float("inf")) - wanted[1])})
