"""What each step of finding and answering is worth and what it costs: every one is switched off in turn, by its setting.

No student speaks. All variants are asked one question after another, so that a busy minute is everyone's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.answer.assistant import Assistant
from rag.evaluate.answers import ask_assistant
from rag.evaluate.ground import Ground, Report, found
from rag.evaluate.judge import judge
from rag.evaluate.matching import is_gold
from rag.evaluate.report import seconds, share, table
from rag.evaluate.required import has_all
from rag.evaluate.runs import Row, Run
from rag.evaluate.sets import Question
from rag.evaluate.statistics import mcnemar, mean, paired_difference, percentile
from rag.index.search import Searcher

DEPTH = 5


@dataclass(frozen=True)
class Step:
    """One step and the settings that leave it out; a further one is a line in STEPS. None to leave out: the whole."""

    name: str
    without: dict[str, Any]


WHOLE = Step("全部步骤", {})
STEPS = (
    WHOLE,
    Step("向量检索", {"retrieval": "keyword"}),
    Step("关键词检索", {"retrieval": "dense"}),
    Step("标题单独作向量", {"search_headings": False}),
    Step("认出点名的文档", {"search_names": False}),
    Step("客户用词表", {"lexicon": "off"}),
    Step("连同前后片段一起读", {"passage_chars": 100}),
    Step("重排检索结果", {"rerank_hits": 0}),
    Step("最好的几句再联读一遍", {"read_again": 0}),
    Step("重排（检索结果与依据）", {"reranker": "off"}),
)
MEASURES = {"r1": "R@1", "r5": "R@5", "holds": "依据含要点", "right": "做对"}


@dataclass(frozen=True)
class StepScore:
    """One variant: shares of MEASURES, median seconds of the search and until the answer; and beside the whole what the
    step that is left out is worth: measure -> (difference, lower, upper), and McNemar's p for `right`."""

    questions: str
    step: str
    count: int
    shares: dict[str, float | None]
    search_s: float | None
    total_s: float | None
    worth: dict[str, tuple[float, float, float]]
    p: float | None


def measure_steps(ground: Ground, run: Run, report: Report) -> list[Row]:
    """A row for each question and variant."""
    name, questions = ground.questions.name, ground.questions.questions
    missing = [step for step in STEPS if any(not run.known("steps", name, step.name, q.id) for q in questions)]
    opened = {step.name: _opened(ground, step) for step in missing}
    rows = []
    for number, question in enumerate(questions):
        report(f"{name}: steps", number, len(questions))
        for step in STEPS:
            row = run.known("steps", name, step.name, question.id)
            rows.append(row or run.add(_row(name, step, question, *opened[step.name])))
    report(f"{name}: steps", len(questions), len(questions))
    return rows


def _opened(ground: Ground, step: Step) -> tuple[Searcher, Assistant]:
    settings = ground.settings.model_copy(update=step.without)
    searcher = Searcher(settings, ground.embedder)
    assistant = Assistant(settings, searcher, None).warm()
    searcher.search("预热")
    return searcher, assistant


def _row(name: str, step: Step, question: Question, searcher: Searcher, assistant: Assistant) -> Row:
    started = time.perf_counter()
    hits = [found(hit) for hit in searcher.search(question.question, DEPTH)]
    searched = time.perf_counter() - started
    rank = next((n for n, hit in enumerate(hits, 1) if is_gold(question, hit.source, hit.text, hit.piece)), None)
    said = ask_assistant(assistant, question)
    marks = judge(question, said)
    shown = "\n".join(text for _, text in said.citations)
    return {
        "part": "steps", "set": name, "system": step.name, "id": question.id, "kind": question.kind, "question": question.question,
        "r1": rank == 1 if question.has_gold else None, "r5": rank is not None if question.has_gold else None,
        "holds": has_all(question.must, shown) if question.must and question.has_gold else None,
        "right": marks["correct"] if question.answerable else marks["refused_right"],
        "search_s": round(searched, 4), "total_s": round(said.total_s, 4),
    }


def summarise(rows: Sequence[Row]) -> list[StepScore]:
    """Scores by set and variant, the whole first."""
    groups: dict[str, dict[str, dict[str, Row]]] = {}
    for row in rows:
        groups.setdefault(row["set"], {}).setdefault(row["system"], {})[row["id"]] = row
    return [_score(name, step, asked, steps[WHOLE.name]) for name, steps in groups.items() for step, asked in steps.items()]


def _score(name: str, step: str, asked: dict[str, Row], whole: dict[str, Row]) -> StepScore:
    worth, p = {}, None
    for measure in MEASURES if step != WHOLE.name else ():
        both = [(whole[i][measure], asked[i][measure]) for i in asked if asked[i][measure] is not None]
        if both:
            worth[measure] = paired_difference([a for a, _ in both], [b for _, b in both])
        if measure == "right":
            p = mcnemar(sum(a and not b for a, b in both), sum(b and not a for a, b in both))
    rows = list(asked.values())
    return StepScore(
        name, step, len(rows), {m: mean([r[m] for r in rows if r[m] is not None]) for m in MEASURES},
        percentile([r["search_s"] for r in rows], 50), percentile([r["total_s"] for r in rows], 50), worth, p)


HEAD = ["题集", "关掉的一步", "题数", *MEASURES.values(), "检索（秒）", "到回答（秒）",
        *(f"它的价值：{name}" for name in MEASURES.values()), "McNemar p", "它的代价（秒）"]


def cells(scores: Sequence[StepScore]) -> list[list[str]]:
    """The table's rows: worth is the whole less the variant, in points of 100; cost the same in seconds."""
    whole = {s.questions: s for s in scores if s.step == WHOLE.name}
    return [[
        s.questions, "（无）" if s.step == WHOLE.name else s.step, str(s.count), *(share(s.shares[m]) for m in MEASURES),
        seconds(s.search_s), seconds(s.total_s),
        *("—" if m not in s.worth else "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * v for v in s.worth[m])) for m in MEASURES),
        "—" if s.p is None else f"{s.p:.3f}", "—" if s.step == WHOLE.name else f"{whole[s.questions].total_s - s.total_s:+.2f}",
    ] for s in scores]


def to_markdown(scores: Sequence[StepScore]) -> str:
    """The worth-and-cost table."""
    return table(HEAD, cells(scores))
