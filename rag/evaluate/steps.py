"""What each step of finding and answering is worth and what it costs: every one is switched off in turn, by its setting.

All variants are asked one question after another, so that a busy minute is everyone's. What takes the student's word is
measured with a student, beside a whole of its own ("student_steps"); everything else without one ("steps"). The embedder's
adapter makes other vectors: where the index is small they are made aside, else two homes are indexed and two runs compared
(ODFIN_EMBEDDER_ADAPTER=off and another ODFIN_HOME, then odfin eval compare).
"""

from __future__ import annotations

import hashlib
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
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel

DEPTH = 5


SMALL = 3000  # pieces of an index that is embedded once more for a step; more take minutes to hours


@dataclass(frozen=True)
class Step:
    """One step and the settings that leave it out; a further one is a line in STEPS. Nothing to leave out: the whole.

    `speaks`: the student is asked too. `again`: other vectors are needed than those of the index.
    """

    name: str
    without: dict[str, Any]
    speaks: bool = False
    again: bool = False


WHOLE = Step("全部步骤", {})
SPEAKING = Step("全部步骤（学生作答）", {}, speaks=True)
WHOLES = {WHOLE.name, SPEAKING.name}
STEPS = (
    WHOLE,
    Step("向量检索", {"retrieval": "keyword"}),
    Step("关键词检索", {"retrieval": "dense"}),
    Step("标题单独作向量", {"search_headings": False}),
    Step("认出点名的文档", {"search_names": False}),
    Step("向量模型的适配器", {"embedder_adapter": "off"}, again=True),
    Step("客户用词表", {"lexicon": "off"}),
    Step("客户用词表，用于检索", {"lexicon_for": "reranker"}),
    Step("客户用词表，用于重排", {"lexicon_for": "search"}),
    Step("现行版本优先", {"editions": False}),
    Step("连同前后片段一起读", {"passage_chars": 100}),
    Step("重排检索结果", {"rerank_hits": 0}),
    Step("最好的几句再联读一遍", {"read_again": 0}),
    Step("重排（检索结果与依据）", {"reranker": "off"}),
    Step("从整张表里取出所问的行", {"fetch_rows": False}),
    Step("补全列举", {"complete_lists": False}),
    Step("后来的通知改了数字", {"notices": False}),
    Step("几个产品答得不同时问是哪个", {"choices": False}),
)
STUDENT_STEPS = (
    SPEAKING,
    Step("由学生补全追问", {"rewrite": False}, speaks=True),
    Step("学生的疑虑算进拒答", {"second_opinion": False}, speaks=True),
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


def measure_steps(ground: Ground, run: Run, report: Report, student: ODFinChatModel | None = None) -> list[Row]:
    """A row for each question and variant: with a student those that take its word, else all others."""
    name, questions = ground.questions.name, ground.questions.questions
    steps = STUDENT_STEPS if student else tuple(step for step in STEPS if not step.again or _can_embed_again(ground, step))
    missing = [step for step in steps if any(not run.known("steps", name, step.name, q.id) for q in questions)]
    opened = {step.name: _opened(ground, step, student, report) for step in missing}
    rows = []
    for number, question in enumerate(questions):
        report(f"{name}: steps", number, len(questions))
        for step in steps:
            row = run.known("steps", name, step.name, question.id)
            rows.append(row or run.add(_row(name, step, question, *opened[step.name])))
    report(f"{name}: steps", len(questions), len(questions))
    return rows


def notes(ground: Ground) -> list[str]:
    """What was not measured of a set, and how it can be."""
    return [f"{step.name}没有量：{ground.chunks['ours']} 片，超过 {SMALL} 片的索引不在这里另算向量；请用另一个 ODFIN_HOME 和 "
            "ODFIN_EMBEDDER_ADAPTER=off 再索引、再评测一次，然后 odfin eval compare"
            for step in STEPS if step.again and not _can_embed_again(ground, step)
            and ground.embedder.settings.embedder_adapter != "off"]


def _can_embed_again(ground: Ground, step: Step) -> bool:
    settings = ground.embedder.settings
    return ground.chunks["ours"] <= SMALL and all(getattr(settings, name) != value for name, value in step.without.items())


def _opened(ground: Ground, step: Step, student: ODFinChatModel | None, report: Report) -> tuple[Searcher, Assistant]:
    settings = ground.settings.model_copy(update=step.without | {"answer_cache": 0})
    embedder: Embedder = ground.embedder
    if step.again:
        embedder = Embedder(ground.embedder.settings.model_copy(update=step.without))
        settings = _indexed_again(ground, settings, embedder, report)
    searcher = Searcher(settings, embedder)
    assistant = Assistant(settings, searcher, student if step.speaks else None).warm()
    searcher.search("预热")
    return searcher, assistant


def _indexed_again(ground: Ground, settings: Settings, embedder: Embedder, report: Report) -> Settings:
    """Settings over an index of the same folder with this embedder's vectors; what was uploaded is not in it."""
    stamp = hashlib.sha256(f"{ground.directory}\0{embedder.version}".encode()).hexdigest()[:8]
    home = ground.settings.home / "eval" / f"steps-{stamp}"
    home.mkdir(parents=True, exist_ok=True)
    settings = settings.model_copy(update={"home": home})
    Indexer(settings, embedder).run(
        ground.directory, lambda done: report(f"{ground.questions.name}: steps: {done.stage}", done.done, done.total))
    return settings


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
    return [_score(name, step, asked, _whole(steps, step)) for name, steps in groups.items() for step, asked in steps.items()]


def _whole(steps: dict[str, dict[str, Row]], step: str) -> dict[str, Row]:
    """The rows that a step's are compared with."""
    return steps[SPEAKING.name if step in {one.name for one in STUDENT_STEPS} else WHOLE.name]


def _score(name: str, step: str, asked: dict[str, Row], whole: dict[str, Row]) -> StepScore:
    worth, p = {}, None
    for measure in MEASURES if step not in WHOLES else ():
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
    wholes = {(s.questions, s.step): s for s in scores if s.step in WHOLES}
    speaking = {step.name for step in STUDENT_STEPS}

    def cost(s: StepScore) -> str:
        whole = wholes[s.questions, SPEAKING.name if s.step in speaking else WHOLE.name]
        return "—" if s.step in WHOLES else f"{whole.total_s - s.total_s:+.2f}"

    return [[
        s.questions, "（无）" if s.step == WHOLE.name else "（无；学生作答）" if s.step == SPEAKING.name else s.step, str(s.count),
        *(share(s.shares[m]) for m in MEASURES), seconds(s.search_s), seconds(s.total_s),
        *("—" if m not in s.worth else "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * v for v in s.worth[m])) for m in MEASURES),
        "—" if s.p is None else f"{s.p:.3f}", cost(s),
    ] for s in scores]


def to_markdown(scores: Sequence[StepScore]) -> str:
    """The worth-and-cost table."""
    return table(HEAD, cells(scores))
