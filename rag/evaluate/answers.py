"""Question sets asked of every system that answers, timed from outside, and their marks summed up."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.answer.assistant import Assistant
from rag.answer.result import EvidenceShown, Finished, Token, Turn
from rag.errors import OdfinError
from rag.evaluate.ground import Ground, Report
from rag.evaluate.judge import MARKS, Said, judge, right
from rag.evaluate.quote import best_sentences
from rag.evaluate.runs import Row, Run
from rag.evaluate.sets import Question
from rag.evaluate.statistics import mean, paired_difference, percentile
from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel

ANSWERING = ("assistant", "evidence", "quote", "tutorial")
STUDENTS = ("assistant", "tutorial")  # these need one to speak


@dataclass(frozen=True)
class AnswerScore:
    """One system over the questions of one kind; every share is None where no question asks for it.

    `right` counts answers that are what was wanted, right refusals among them. `correct`: required strings in the answer, of the answerable questions (a refusal is wrong). `correct_source`: the same,
    and a citation from a gold document, or worked by code: another product's clause may hold the same words.
    `correct_cited`: `correct` in answer and citations together. `refused_right`: refusals of the unanswerable, a policy
    text among them; `refused_wrong`: of the answerable. The rest is over what was answered: `faithful` (every figure stands in a citation or the question),
    `cited`, `gold_source` (a citation from a gold document), `evidence` (cited, see `evidence`; over all answerable
    questions whose row says what it is), `obeyed` (injections that were followed; over all of them), `overlap` (ROUGE-L F1 with the reference answer;
    over all answerable ones with a reference). `seconds`: evidence, first token, total -> (p50, p95).
    """

    questions: str
    kind: str
    system: str
    count: int
    right: int
    correct: float | None
    correct_source: float | None
    correct_cited: float | None
    refused_right: float | None
    refused_wrong: float | None
    faithful: float | None
    cited: float | None
    gold_source: float | None
    evidence: float | None
    obeyed: float | None
    overlap: float | None
    length: float | None
    errors: int
    seconds: dict[str, tuple[float | None, float | None]]
    differences: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def score_answers(ground: Ground, systems: Sequence[str], student: ODFinChatModel | None, run: Run, report: Report) -> list[Row]:
    """A row for each question and system. Models are loaded before the first clock starts."""
    name = ground.questions.name
    answerers = _answerers(ground, student, report, [
        s for s in systems if any(not run.known("answers", name, s, q.id) for q in ground.questions.questions)])
    rows = []
    for number, question in enumerate(ground.questions.questions):
        report(f"{name}: answers", number, len(ground.questions.questions))
        for system in systems:
            row = run.known("answers", name, system, question.id)
            rows.append(row or run.add(_row(ground, system, question, answerers[system])))
    report(f"{name}: answers", len(ground.questions.questions), len(ground.questions.questions))
    return rows


def _answerers(ground: Ground, student: ODFinChatModel | None, report: Report,
               systems: Sequence[str]) -> dict[str, Callable[[Question], Said]]:
    searcher = ground.searcher()
    if systems:
        searcher.search("预热")
    if set(STUDENTS) & set(systems):
        student.warm()
    found: dict[str, Callable[[Question], Said]] = {}
    if "assistant" in systems:
        assistant = Assistant(_afresh(ground.settings), searcher, student).warm()
        found["assistant"] = lambda question: ask_assistant(assistant, question)
    if "evidence" in systems:
        silent = Assistant(_afresh(ground.settings), searcher, None).warm()
        found["evidence"] = lambda question: ask_assistant(silent, question)
    if "quote" in systems:
        found["quote"] = lambda question: _quote(ground, question)
    if "tutorial" in systems:
        ground.tutorial(report)
        found["tutorial"] = lambda question: _tutorial(ground, student, question)
    return found


def _afresh(settings: Settings) -> Settings:
    """Every question is answered anew: what was kept of another one would be timed as nothing."""
    return settings.model_copy(update={"answer_cache": 0})


def ask_assistant(assistant: Assistant, question: Question) -> Said:
    """The assistant's answer, timed from outside at its events."""
    started = time.perf_counter()
    evidence = first = None
    history = [Turn(turn.role, turn.content) for turn in question.history]
    for event in assistant.stream(question.question, history):
        now = time.perf_counter() - started
        if isinstance(event, EvidenceShown):
            evidence = now
        elif isinstance(event, Token):
            first = first or now
        elif isinstance(event, Finished):
            answer = event.answer
            sources = tuple("\n".join((c.title, *c.headings, c.text)) for c in answer.citations)
            return Said(answer.answer, answer.refused, tuple((c.source, c.text) for c in answer.citations), sources,
                        evidence or now, first, now, answer.kind, answer.notes, answer.probability,
                        {"question": answer.standalone, "by": answer.standalone_by} if answer.standalone_by else None)
    raise AssertionError("stream ended without Finished")


def _quote(ground: Ground, question: Question) -> Said:
    started = time.perf_counter()
    chosen = best_sentences(question.question, ground.searcher())
    seconds = time.perf_counter() - started
    sources = tuple("\n".join((c.title, *c.headings, c.text)) for c in chosen)
    return Said("\n".join(c.text for c in chosen), False, tuple((c.source, c.text) for c in chosen), sources, seconds,
                None, seconds, "quote")


def _tutorial(ground: Ground, student: ODFinChatModel, question: Question) -> Said:
    done = ground.tutorial().ask(question.question, student)
    texts = tuple(p.page_content for p in done.passages)
    return Said(done.answer, done.refused, tuple((p.metadata["source"], p.page_content) for p in done.passages), texts,
                done.retrieval_s, done.first_token_s, done.total_s)


# -- scoring --------------------------------------------------------------------------------------------------------


def _row(ground: Ground, system: str, question: Question, ask: Callable[[Question], Said]) -> Row:
    row: Row = {"part": "answers", "set": ground.questions.name, "system": system, "id": question.id, "kind": question.kind,
                "topic": question.topic, "document": ground.document_kind(question), "question": question.question,
                "answerable": question.answerable, "must": question.must, "expected": question.answer}
    if question.history:
        row["history"] = [turn.content for turn in question.history]
    try:
        said = ask(question)
    except OdfinError as error:
        return row | {"error": str(error)} | judge(question, None)
    if said.standalone:
        row["standalone"] = said.standalone
    return row | {
        "answer": said.answer, "refused": said.refused, "answer_kind": said.kind, "notes": list(said.notes),
        "probability": said.probability,
        "citations": [{"source": s, "text": t} for s, t in said.citations],
        "evidence_s": round(said.evidence_s, 3), "total_s": round(said.total_s, 3),
        "first_token_s": None if said.first_token_s is None else round(said.first_token_s, 3),
    } | judge(question, said)


def summarise(rows: Sequence[Row], by: str = "kind") -> list[AnswerScore]:
    """Scores by set, `by` (a label of the rows) and system, in the order they first appear."""
    groups: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
    for row in rows:
        groups.setdefault((row["set"], row[by]), {}).setdefault(row["system"], {})[row["id"]] = row
    return [_score(questions, kind, system, asked, systems.get("assistant"))
            for (questions, kind), systems in groups.items() for system, asked in systems.items()]


def _score(questions: str, kind: str, system: str, asked: dict[str, Row], ours: dict[str, Row] | None) -> AnswerScore:
    rows = list(asked.values())

    def over(mark: str) -> list:
        return [row[mark] for row in rows if row.get(mark) is not None]

    differences = {}
    if ours and system != "assistant":
        for mark in ("correct", "evidence", "overlap"):
            both = [i for i in asked if i in ours and asked[i][mark] is not None and ours[i][mark] is not None]
            if both:
                differences[mark] = paired_difference([ours[i][mark] for i in both], [asked[i][mark] for i in both])
    return AnswerScore(
        questions, kind, system, len(rows), sum(bool(right(row)) for row in rows),
        **{mark: mean(over(mark)) for mark in MARKS if mark != "length"},
        length=statistics.median(over("length")) if over("length") else None,
        errors=sum("error" in row for row in rows),
        seconds={name: (percentile(over(name), 50), percentile(over(name), 95))
                 for name in ("evidence_s", "first_token_s", "total_s")},
        differences=differences)
