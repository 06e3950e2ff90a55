"""`odfin eval`: question sets in, one typed result out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate import report as render
from rag.evaluate.adapters import load_set
from rag.evaluate.ground import RETRIEVAL, Ground, Report, eval_folder
from rag.evaluate.remembering import RememberingEmbedder
from rag.evaluate.retrieval import RetrievalScore, score_retrieval, summarise
from rag.evaluate.runs import Run, describe_settings, new_folder
from rag.settings import Settings

PARTS = ("retrieval",)


@dataclass(frozen=True)
class EvalResult:
    """What a run found. `folder` holds every row."""

    folder: Path
    config: dict[str, Any]
    retrieval: list[RetrievalScore] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "notes": list(self.notes),
                "retrieval": [asdict(score) for score in self.retrieval]}

    def to_markdown(self) -> str:
        """Tables, and under them what they were made of."""
        parts = []
        if self.retrieval:
            parts.append("## 检索\n\n" + render.retrieval_table(self.retrieval))
        lines = [*self.notes, f"逐题结果：{self.folder}"]
        return "\n\n".join([*parts, "\n".join(f"- {line}" for line in lines)]) + "\n"


def run_eval(settings: Settings, sets: Sequence[Path], *, parts: Sequence[str] = PARTS,
             systems: Sequence[str] = RETRIEVAL, sample: int = 0, seed: int = 0, resume: Path | None = None,
             fresh: bool = False, report: Report = lambda *_: None) -> EvalResult:
    """Score retrieval over question sets.

    `sample` questions of each kind are drawn with `seed` (0: all). `resume` goes on in that run's folder. `report` is
    told (what, done, total). Raises OdfinError for a bad set, an unknown system, or a folder of other settings.
    """
    for name in systems:
        if name not in RETRIEVAL:
            raise OdfinError(f"没有名为 {name} 的系统；可选：{'、'.join(RETRIEVAL)}")
    embedder = RememberingEmbedder(settings, eval_folder(settings))
    loaded = [load_set(Path(path), eval_folder(settings)).sample(sample, seed) for path in sets]
    grounds = [Ground(settings, questions, embedder) for questions in loaded]
    for ground in grounds:
        ground.index(report, fresh)
    config = {
        "settings": describe_settings(settings), "embedder": embedder.version, "sample": sample, "seed": seed,
        "sets": {g.questions.name: {"questions": len(g.questions.questions), "snapshot": g.snapshot,
                                    "chunks": g.chunks["ours"]} for g in grounds},
        "systems": list(systems), "parts": list(parts),
    }
    run = Run(resume.expanduser().resolve() if resume else new_folder(settings, "eval"), config, resume is not None)
    rows = [row for ground in grounds for row in score_retrieval(ground, systems, run, report)]
    result = EvalResult(run.folder, config, summarise(rows), _notes(grounds))
    run.finish(result.to_json())
    return result


def _notes(grounds: Sequence[Ground]) -> tuple[str, ...]:
    notes = []
    for ground in grounds:
        chunks = "，".join(f"{'本系统' if name == 'ours' else '教程 RAG'} {count} 片" for name, count in ground.chunks.items())
        notes.append(f"{ground.questions.name}：{len(ground.questions.questions)} 题；{chunks}"
                     + "".join(f"；{note}" for note in ground.questions.notes))
    return tuple(notes)
