"""`odfin bench`: what indexing, searching and answering cost, ours beside the tutorial RAG, over one folder in one run."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate.adapters import load_set
from rag.evaluate.ground import Report, eval_folder
from rag.evaluate.measure import Cost, Pair, Work, measure_ours, measure_tutorial
from rag.evaluate.processes import in_child
from rag.evaluate.report import seconds, table
from rag.evaluate.runs import Run, code_version, describe_settings, new_folder
from rag.index.folder import scan
from rag.settings import Settings

SEARCHES, ANSWERS = 40, 12
QUICK_DOCUMENTS, QUICK_SEARCHES, QUICK_ANSWERS = 8, 10, 3


@dataclass(frozen=True)
class BenchResult:
    """Both systems' costs and the machine they were measured on."""

    folder: Path
    config: dict[str, Any]
    ours: Cost
    tutorial: Cost

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "ours": asdict(self.ours),
                "tutorial": asdict(self.tutorial)}

    def to_markdown(self) -> str:
        """One row a figure, ours beside the tutorial's."""
        lines = table(["", "本系统", "教程 RAG"], [[name, show(self.ours), show(self.tutorial)] for name, show in FIGURES])
        machine = self.config["machine"]
        notes = [f"{machine['system']}，{machine['threads']} 线程；学生模型 {self.config['settings']['student']}，"
                 f"向量模型 {self.config['settings']['embedder']}",
                 *dict.fromkeys([*self.ours.notes, *self.tutorial.notes]), f"结果：{self.folder}"]
        return lines + "\n\n" + "\n".join(f"- {note}" for note in notes) + "\n"


def run_bench(settings: Settings, directory: Path | None = None, *, questions: Path | None = None, quick: bool = False,
              report: Report = lambda *_: None) -> BenchResult:
    """Index `directory` (default: the knowledge folder) from nothing with both systems and ask both the same.

    `questions` is a question set; without it they are made from the documents' titles and headings. `quick` takes few
    documents and questions. Works in a folder below ODFIN_HOME that is removed at the end; the live index is not
    touched. Raises OdfinError where the folder is missing or empty, or the embedder is missing.
    """
    directory = (directory or settings.knowledge).expanduser().resolve()
    files = scan(directory, directory / ".none")
    if not files:
        raise OdfinError(f"文件夹 {directory} 里没有能读的文档；请换一个文件夹")
    asked = tuple(q.question for q in load_set(questions, eval_folder(settings)).questions) if questions else ()
    folder = new_folder(settings, "bench")
    config = {"settings": describe_settings(settings), "code": code_version(), "directory": str(directory), "quick": quick,
              "sets": {}, "machine": {"system": f"{platform.system()} {platform.machine()}", "threads": settings.cpu_threads}}
    run = Run(folder, config)
    scratch = folder / "scratch"
    try:
        if quick:
            directory = _few(files, scratch / "documents")
        searches, answers = (QUICK_SEARCHES, QUICK_ANSWERS) if quick else (SEARCHES, ANSWERS)
        work = Work(settings, scratch / "ours", directory, searches, answers, asked)
        ours, asked = in_child(measure_ours, work, report)
        theirs, _ = in_child(measure_tutorial, Work(settings, scratch / "tutorial", directory, searches, answers, asked), report)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    result = BenchResult(folder, config, ours, theirs)
    run.finish(result.to_json())
    return result


def _few(files: list, target: Path) -> Path:
    """Copies of a few documents, evenly over the folder."""
    step = max(1, len(files) // QUICK_DOCUMENTS)
    for file in files[::step][:QUICK_DOCUMENTS]:
        copy = target / file.source
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.path, copy)
    return target


def _rate(count: float, time_s: float) -> str:
    return f"{count / time_s:.3g}" if time_s else "—"


def _pair(pair: Pair) -> str:
    return " / ".join(seconds(value) if value is None or value >= 0.1 else f"{value:.3f}" for value in pair)


def _mega(size: int | None) -> str:
    return "—" if size is None else f"{size / 1e6:.0f}"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


FIGURES: list[tuple[str, Callable[[Cost], str]]] = [
    ("文档 / 片 / 字符", lambda c: f"{c.documents} / {c.chunks} / {c.chars}"),
    ("载入向量模型 秒", lambda c: seconds(c.load_s)),
    ("从零索引 秒", lambda c: seconds(c.index_s)),
    ("其中算并存向量 秒", lambda c: seconds(c.embed_s)),
    ("无变化时再索引 秒", lambda c: seconds(c.again_s)),
    ("文档/秒", lambda c: _rate(c.documents, c.index_s)),
    ("片/秒", lambda c: _rate(c.chunks, c.index_s)),
    ("字符/秒，全程", lambda c: _rate(c.chars, c.index_s)),
    ("字符/秒，仅模型", lambda c: _number(c.model_chars_per_s)),
    ("检索 秒（p50 / p95）", lambda c: _pair(c.search["hybrid" if "hybrid" in c.search else "dense"])),
    ("　仅向量", lambda c: _pair(c.search["dense"])),
    ("　仅关键词", lambda c: _pair(c.search.get("keyword", (None, None)))),
    ("见到依据 秒（p50 / p95）", lambda c: _pair(c.evidence)),
    ("首字 秒（p50 / p95）", lambda c: _pair(c.first_token)),
    ("答完 秒（p50 / p95）", lambda c: _pair(c.total)),
    ("提示词 / 回答 词元（中位）", lambda c: f"{_number(c.prompt_tokens)} / {_number(c.answer_tokens)}"),
    ("提示词 词元/秒", lambda c: _number(c.prompt_tokens_per_s)),
    ("生成 词元/秒", lambda c: _number(c.answer_tokens_per_s)),
    ("内存峰值 MB：索引 / 回答", lambda c: f"{_mega(c.index_peak)} / {_mega(c.answer_peak)}"),
    ("磁盘 MB（索引）", lambda c: _mega(c.disk)),
]
