"""`odfin bench index`: what keeping an index costs, ours beside the naive path (delete and rebuild with the tutorial's
loader), in one run.

Two parts. *Documents*: real documents and the real embedder; how much the pipeline adds to the model alone, and what a
change costs. *Scale*: so many synthetic pieces, by default with vectors that cost next to nothing (`HashEmbedder`), so that
everything but the model is measured; searches with and without a topic, memory, disk, and questions asked meanwhile.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate.ground import Report
from rag.evaluate.index_figures import ROWS, Figures
from rag.evaluate.keeping import CHANGED, IndexWork, measure_keeping, measure_naive, measure_searching, share_of
from rag.evaluate.processes import in_child
from rag.evaluate.report import table
from rag.evaluate.runs import Run, code_version, describe_settings, new_folder
from rag.evaluate.synthetic import write_synthetic
from rag.index.folder import File, scan
from rag.settings import PROJECT, Settings

PIECES = 100  # of a synthetic document
VECTORS = {"hash": "每个字对一个随机方向，相加而成，没有运行向量模型：耗时、内存、磁盘可比，不说明找得准不准",
           "model": "由向量模型计算"}


@dataclass
class IndexBench:
    """Figures by part ("documents", "scale") and system ("ours", "naive"); seconds, bytes, counts. It fills as they are
    measured: a run that is broken off shows what it has."""

    folder: Path
    config: dict[str, Any]
    parts: dict[str, dict[str, Figures]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "parts": self.parts}

    def to_markdown(self) -> str:
        rows = []
        for part, title in (("documents", "真实文档与向量模型"), ("scale", f"规模：合成文档，向量为 {self.config['vectors']}")):
            if part in self.parts:
                rows.append([f"**{title}**", "", ""])
                ours, naive = (self.parts[part].get(system, {}) for system in ("ours", "naive"))
                rows += [[name, show(ours), show(naive)] for name, show in ROWS if show(ours) != "—" or show(naive) != "—"]
        machine = self.config["machine"]
        notes = [f"{machine['system']}，{machine['threads']} 线程；向量模型 {self.config['settings']['embedder']}",
                 f"变更：{100 * CHANGED:.0f}% 的文档（至少 1 份）；再索引与从零索引在同一个进程里先后测量，更新期间的提问另测一次，来自另一个进程",
                 "处理器秒：各核之和，含解析进程；别的程序同时在跑时，它比钟表秒可靠"]
        if "scale" in self.parts:
            notes.append(f"规模部分的向量（--vectors {self.config['vectors']}）：{VECTORS[self.config['vectors']]}；"
                         "“另加：问题的向量”总是由向量模型计算")
            if naive := self.parts["scale"].get("naive"):
                notes.append(f"删除重建用了规模部分的前 {naive['documents']} 份文档（--naive-chunks），没有折算")
        return table(["", "本系统", "删除重建（教程加载器）"], rows) + "\n\n" + "".join(
            f"- {note}\n" for note in (*notes, f"结果：{self.folder}"))


def run_bench_index(settings: Settings, directory: Path | None = None, *, documents: int = 0, chunks: int = 100_000,
                    searches: int = 200, vectors: str = "hash", naive_chunks: int = 20_000, report: Report = lambda *_: None,
                    told: Callable[[IndexBench], None] = lambda _: None) -> IndexBench:
    """Measure both parts in a folder below ODFIN_HOME that is removed at the end; the live index is not touched.

    `documents`: so many of `directory` (default: the knowledge folder), 0 for all. `chunks`: so many synthetic pieces,
    0 to leave that part out; `naive_chunks`: so many of them at most for the naive path, 0 for all. `told` has the result
    from the beginning; it fills. Raises OdfinError where the folder is missing or empty, or the embedder is missing.
    """
    if vectors not in VECTORS:
        raise OdfinError(f"--vectors 没有“{vectors}”；可用 {'、'.join(VECTORS)}")
    directory = (directory or settings.knowledge).expanduser().resolve()
    files = scan(directory, directory / ".none")
    if not files:
        raise OdfinError(f"文件夹 {directory} 里没有能读的文档；请换一个文件夹")
    folder = new_folder(settings, "bench-index")
    config = {"settings": describe_settings(settings), "code": code_version(), "directory": str(directory), "sets": {},
              "documents": documents, "chunks": chunks, "searches": searches, "vectors": vectors, "naive_chunks": naive_chunks,
              "machine": {"system": f"{platform.system()} {platform.machine()}", "threads": settings.cpu_threads}}
    run, result = Run(folder, config), IndexBench(folder, config)
    told(result)
    scratch = folder / "scratch"
    try:
        step = max(1, len(files) // documents) if documents else 1
        real = _copied(files[::step][: documents or None], scratch / "documents")
        _measure(run, result, "documents", settings, scratch, real, real, searches, False, None, report)
        if chunks:
            count, pieces = max(1, chunks // PIECES), min(PIECES, chunks)
            report("writing synthetic documents", 0, count)
            synthetic = write_synthetic(scratch / "synthetic", PROJECT / "knowledge", count, pieces)
            rewritten = write_synthetic(scratch / "rewritten", PROJECT / "knowledge", share_of(count), pieces, seed=1)
            fewer = scan(synthetic, synthetic / ".none")[: max(1, naive_chunks // PIECES) if naive_chunks else None]
            _measure(run, result, "scale", settings, scratch, synthetic, _copied(fewer, scratch / "fewer"), searches,
                     vectors == "hash", rewritten, report)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        run.finish(result.to_json())
    return result


def _measure(run: Run, result: IndexBench, part: str, settings: Settings, scratch: Path, documents: Path, naive: Path,
             searches: int, hashed: bool, rewritten: Path | None, report: Report) -> None:
    """One part, step by step; each is written down when it is done."""
    ours = IndexWork(settings, scratch / f"{part}-ours", documents, searches, hashed, rewritten)
    theirs = IndexWork(settings, scratch / f"{part}-naive", naive, searches, hashed)
    figures = result.parts.setdefault(part, {})
    steps = (("naive", measure_naive, theirs), ("ours", measure_keeping, ours), ("ours", measure_searching, ours))
    for system, measure, work in steps:  # the naive path first: ours changes the documents
        found = in_child(measure, work, report)
        figures[system] = figures.get(system, {}) | found
        run.add({"part": part, "set": "", "system": system, "id": measure.__name__, "figures": found})


def _copied(files: Sequence[File], target: Path) -> Path:
    for file in files:
        copy = target / file.source
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.path, copy)
    return target
