"""`odfin eval`: question sets in, one typed result out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate import answers, fusion, retrieval, steps, totals
from rag.evaluate import report as render
from rag.evaluate.adapters import load_set
from rag.evaluate.ground import RETRIEVAL, Ground, Report, eval_folder
from rag.evaluate.remembering import RememberingEmbedder
from rag.evaluate.run_page import run_page
from rag.evaluate.runs import Run, code_version, describe_settings, new_folder
from rag.evaluate.sets import QuestionSet
from rag.evaluate.taught import without_taught
from rag.settings import Settings
from rag.student.open import open_student

PARTS = ("retrieval", "answers")  # unless others are asked for
KNOWN_PARTS = (*PARTS, "steps", "student_steps", "fusion")
SYSTEMS = tuple(dict.fromkeys((*RETRIEVAL, *answers.ANSWERING)))
LABELS = ("kind", "topic", "document")
PAGE = "report.html"


@dataclass(frozen=True)
class EvalResult:
    """What a run found. `folder` holds every row, and the page of it all."""

    folder: Path
    config: dict[str, Any]
    retrieval: list[retrieval.RetrievalScore] = field(default_factory=list)
    answers: list[answers.AnswerScore] = field(default_factory=list)
    totals: list[totals.Total] = field(default_factory=list)
    steps: list[steps.StepScore] = field(default_factory=list)
    fusion: list[fusion.FusionScore] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "notes": list(self.notes),
                "retrieval": [asdict(score) for score in self.retrieval],
                "answers": [asdict(score) for score in self.answers], "totals": [asdict(total) for total in self.totals],
                "steps": [asdict(score) for score in self.steps],
                "fusion": [asdict(score) for score in self.fusion]}

    def to_markdown(self) -> str:
        """Tables, and under them what they were made of."""
        parts = []
        if self.retrieval:
            parts.append("## 检索\n\n" + render.retrieval_table(self.retrieval))
        if self.answers:
            parts.append("## 回答\n\n" + render.answer_table(self.answers))
            parts.append("## 总计\n\n" + totals.to_markdown(self.totals))
        if self.steps:
            parts.append("## 每一步的价值与代价\n\n" + steps.to_markdown(self.steps))
        if self.fusion:
            parts.append("## 检索各票怎样合并\n\n" + fusion.to_markdown(self.fusion))
        lines = [*self.notes, f"逐题结果：{self.folder}", f"图表与错题：{self.folder / PAGE}"]
        return "\n\n".join([*parts, "\n".join(f"- {line}" for line in lines)]) + "\n"


def run_eval(settings: Settings, sets: Sequence[str | Path], *, parts: Sequence[str] = PARTS,
             systems: Sequence[str] = SYSTEMS, sample: int = 0, seed: int = 0, resume: Path | None = None,
             fresh: bool = False, by: str = "kind", only: Sequence[str] = (),
             report: Report = lambda *_: None, say: Callable[[str], None] = lambda _: None) -> EvalResult:
    """Score retrieval and answers over question sets; each part takes those of `systems` that it knows.

    `sets` are files, folders with documents of their own, or names of `built_in`. `sample` questions of each kind are drawn with `seed` (0: all), of those with an id in `only` (empty: all). `resume`
    goes on in that run's folder. `fresh` reads and splits a set's own documents again. `by` is the label results are broken down by: "kind", "topic" or "document".
    `report` is told (what, done, total), `say` a line that the person at the terminal should read first. Raises OdfinError for a bad set, an unknown part or system, a folder of other
    settings, or a model that is missing.
    """
    _known(parts, KNOWN_PARTS, "部分")
    _known(systems, SYSTEMS, "系统")
    _known([by], LABELS, "分组标签")
    embedder = RememberingEmbedder(settings, eval_folder(settings))
    loaded = [without_taught(load_set(named, eval_folder(settings)).only(only), embedder.adapter) for named in sets]
    _distinct(loaded)
    grounds = [Ground(settings, questions, embedder) for questions in loaded]
    for ground in grounds:
        ground.index(report, fresh)
        ground.questions = ground.questions.sample(sample, seed)  # of what the index can answer
        for note in ground.questions.notes:
            say(note)
    student = open_student(settings) if speaks(parts, systems) else None
    config = {
        "settings": describe_settings(settings), "embedder": embedder.version, "student": student.model_name if student else "",
        "code": code_version(), "sample": sample, "seed": seed, "systems": list(systems), "parts": list(parts),
        "sets": {g.questions.name: {"questions": len(g.questions.questions), "snapshot": g.snapshot,
                                    "chunks": g.chunks["ours"]} for g in grounds},
    }
    run = Run(resume.expanduser().resolve() if resume else new_folder(settings, "eval"), config, resume is not None)
    found, said, left_out, fused = [], [], [], []
    try:
        for ground in grounds:
            if "retrieval" in parts:
                embedder.remember = True
                found += retrieval.score_retrieval(ground, [s for s in RETRIEVAL if s in systems], run, report)
            if "answers" in parts:
                embedder.remember = False
                said += answers.score_answers(ground, [s for s in answers.ANSWERING if s in systems], student, run, report)
            if "steps" in parts:
                embedder.remember = False
                left_out += steps.measure_steps(ground, run, report)
            if "student_steps" in parts:
                embedder.remember = False
                left_out += steps.measure_steps(ground, run, report, student)
            if "fusion" in parts:
                embedder.remember = True
                fused += fusion.measure_fusion(ground, run, report)
    finally:
        if student:
            student.close()
    result = EvalResult(run.folder, config, retrieval.summarise(found, by), answers.summarise(said, by),
                        totals.totals(said), steps.summarise(left_out),
                        fusion.summarise(fused), (*_notes(grounds), *(note for ground in grounds if "steps" in parts for note in steps.notes(ground))))
    run.finish(result.to_json())
    (run.folder / PAGE).write_text(run_page(config, [*found, *said, *left_out, *fused], result.notes), encoding="utf-8")
    return result


def speaks(parts: Sequence[str], systems: Sequence[str]) -> bool:
    """Whether the student is asked anything."""
    return "student_steps" in parts or ("answers" in parts and bool(set(answers.STUDENTS) & set(systems)))


def _known(names: Sequence[str], known: Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise OdfinError(f"没有名为 {name} 的{what}；可选：{'、'.join(known)}")


def _distinct(sets: Sequence[QuestionSet]) -> None:
    names = [questions.name for questions in sets]
    for name in names:
        if names.count(name) > 1:
            raise OdfinError(f"有两个题集都叫 {name}；请给文件起不同的名字")


def _notes(grounds: Sequence[Ground]) -> tuple[str, ...]:
    notes = []
    for ground in grounds:
        chunks = "，".join(f"{'本系统' if name == 'ours' else '教程 RAG'} {count} 片" for name, count in ground.chunks.items())
        kinds = Counter(render.KINDS.get(question.kind, question.kind) for question in ground.questions.questions)
        named = "、".join(f"{kind} {count}" for kind, count in kinds.items())
        notes.append(f"{ground.questions.name}：{len(ground.questions.questions)} 题（{named}）；{chunks}"
                     + "".join(f"；{note}" for note in ground.questions.notes))
    return tuple(notes)
