"""What one system costs over one folder, measured in a process of its own so that its peak memory is its own."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from langchain_core.callbacks import BaseCallbackHandler

from rag.answer.assistant import Assistant
from rag.errors import OdfinError
from rag.evaluate.answers import ask_assistant
from rag.evaluate.ground import Report
from rag.evaluate.judge import Said
from rag.evaluate.processes import folder_size, peak_memory
from rag.evaluate.sets import Question
from rag.evaluate.statistics import percentile
from rag.evaluate.tutorial import Tutorial
from rag.index.build import Indexer, Progress
from rag.index.catalogue import Catalogue
from rag.index.complete import embedded_text
from rag.index.search import Searcher
from rag.index.view_facts import ViewFacts
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel
from rag.student.open import open_student

Pair = tuple[float | None, float | None]  # p50, p95


@dataclass
class Cost:
    """One system's figures: seconds, counts, characters, bytes. `search` names each retriever; None: not measured.

    `index_s` is a cold run from files to an answering index, `embed_s` the part of it that computes and stores vectors,
    `again_s` a run in which nothing has changed. `model_chars_per_s` is the embedding model alone on pieces like these.
    """

    system: str
    documents: int = 0
    chunks: int = 0
    chars: int = 0
    load_s: float = 0.0
    index_s: float = 0.0
    embed_s: float = 0.0
    again_s: float = 0.0
    model_chars_per_s: float = 0.0
    index_peak: int | None = None
    disk: int = 0
    search: dict[str, Pair] = field(default_factory=dict)
    questions: int = 0
    evidence: Pair = (None, None)
    first_token: Pair = (None, None)
    total: Pair = (None, None)
    prompt_tokens: float | None = None
    answer_tokens: float | None = None
    prompt_tokens_per_s: float | None = None
    answer_tokens_per_s: float | None = None
    answer_peak: int | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Work:
    """What is measured: a home of its own to write to, where the models lie, and how many questions are asked."""

    settings: Settings
    home: Path
    directory: Path
    searches: int
    answers: int
    questions: tuple[str, ...] = ()


class Meter(BaseCallbackHandler):
    """Tokens and seconds of each call of the student, as its runtime reports them."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, int, dict]] = []

    def on_llm_end(self, response, **_) -> None:
        message = response.generations[0][0].message
        usage = message.usage_metadata or {}
        cached = (usage.get("input_token_details") or {}).get("cache_read", 0)
        self.calls.append((usage.get("input_tokens", 0), cached, usage.get("output_tokens", 0),
                           message.response_metadata.get("timings") or {}))

    def write(self, cost: Cost) -> None:
        if not self.calls:
            return
        cost.prompt_tokens = statistics.median(prompt for prompt, *_ in self.calls)
        cost.answer_tokens = statistics.median(written for _, _, written, _ in self.calls)
        read_s = sum(t.get("prompt_s", 0.0) for *_, t in self.calls)
        write_s = sum(t.get("generation_s", 0.0) for *_, t in self.calls)
        if read_s:
            cost.prompt_tokens_per_s = sum(prompt - cached for prompt, cached, *_ in self.calls) / read_s
        if write_s:
            cost.answer_tokens_per_s = sum(written for _, _, written, _ in self.calls) / write_s


# -- the two systems ------------------------------------------------------------------------------------------------


def measure_ours(work: Work, report: Report) -> tuple[Cost, tuple[str, ...]]:
    """Our costs, and the questions that were asked, so that the other system is asked the same."""
    cost = Cost("ours")
    embedder = _loaded(work, cost)
    settings = work.settings.model_copy(update={"home": work.home})
    marks: dict[str, float] = {}

    def tell(progress: Progress) -> None:
        marks.setdefault(progress.stage, time.perf_counter())
        report(f"ours: {progress.stage}", progress.done, progress.total)

    started = time.perf_counter()
    done = Indexer(settings, embedder).run(work.directory, tell)
    cost.index_s = time.perf_counter() - started
    cost.embed_s = marks["publish"] - marks["embed"]
    cost.documents, cost.chunks, cost.index_peak = done.documents, done.chunks, peak_memory()
    started = time.perf_counter()
    Indexer(settings, embedder).run(work.directory)
    cost.again_s = time.perf_counter() - started

    catalogue = Catalogue(work.home / "catalogue.db")
    live = catalogue.live()
    entries = catalogue.entries(live.id).values()
    texts = [embedded_text(*row) for row in catalogue.vectors_of(e.version for e in entries).values()]
    cost.chars = sum(map(len, texts))
    cost.model_chars_per_s = _model_alone(embedder, texts)
    questions = work.questions or _questions(catalogue, work.searches)
    for mode in ("hybrid", "dense", "keyword"):
        searcher = Searcher(settings.model_copy(update={"retrieval": mode}), embedder)
        _time_searches(cost, mode, searcher.search, questions[: work.searches], report)

    def answer(student: ODFinChatModel) -> Callable[[str], Said]:
        afresh = settings.model_copy(update={"answer_cache": 0})
        assistant = Assistant(afresh, Searcher(settings, embedder), student).warm()
        return lambda question: ask_assistant(assistant, Question(question=question))

    _time_answers(cost, work, questions[: work.answers], answer, report)
    cost.disk = folder_size(work.home)
    return cost, questions


def measure_tutorial(work: Work, report: Report) -> tuple[Cost, tuple[str, ...]]:
    """The tutorial's costs."""
    cost = Cost("tutorial")
    embedder = _loaded(work, cost)
    started = time.perf_counter()
    tutorial = Tutorial(work.home, embedder)
    chunks = Tutorial.split(work.directory)
    cost.embed_s = -(time.perf_counter() - started)  # reading and splitting, taken off below
    cost.chunks = tutorial.index(work.directory, lambda done, total: report("tutorial: embed", done, total))
    cost.index_s = time.perf_counter() - started + cost.embed_s
    cost.embed_s += cost.index_s
    cost.index_peak = peak_memory()
    cost.again_s = cost.index_s  # it knows no other way than to begin anew
    texts = [chunk.page_content for chunk in chunks]
    cost.documents, cost.chars = len({c.metadata["source"] for c in chunks}), sum(map(len, texts))
    cost.model_chars_per_s = _model_alone(embedder, texts)
    _time_searches(cost, "dense", lambda q: tutorial.search(q, 4), work.questions[: work.searches], report)

    def answer(student: ODFinChatModel) -> Callable[[str], Said]:
        student.warm()

        def ask(question: str) -> Said:
            done = tutorial.ask(question, student)
            return Said(done.answer, done.refused, (), (), done.retrieval_s, done.first_token_s, done.total_s)

        return ask

    _time_answers(cost, work, work.questions[: work.answers], answer, report)
    cost.disk = folder_size(work.home)
    return cost, work.questions


def _loaded(work: Work, cost: Cost) -> Embedder:
    started = time.perf_counter()
    embedder = Embedder(work.settings)
    embedder.embed_query("预热")
    cost.load_s = time.perf_counter() - started
    return embedder


def _model_alone(embedder: Embedder, texts: list[str]) -> float:
    drawn = sorted(random.Random(0).sample(texts, min(len(texts), 64)), key=len)
    started = time.perf_counter()
    embedder.embed_documents(drawn)
    return sum(map(len, drawn)) / (time.perf_counter() - started)


def _questions(catalogue: Catalogue, count: int) -> tuple[str, ...]:
    """Questions after the documents' own titles and headings, where nobody brought better ones."""
    live = catalogue.live()
    titles = ViewFacts.load(catalogue, live.id).titles
    ids = [key[0] for key in catalogue.piece_keys(live.id)]
    asked = dict.fromkeys(f"{titles[p.version]}里，{p.headings[-1] if p.headings else p.text[:12]}是怎么规定的？"
                          for p in catalogue.pieces(ids).values())
    return tuple(random.Random(0).sample(list(asked), min(count, len(asked))))


def _time_searches(cost: Cost, name: str, search: Callable[[str], object], questions: tuple[str, ...], report: Report) -> None:
    search("预热")
    seconds = []
    for number, question in enumerate(questions, 1):
        started = time.perf_counter()
        search(question)
        seconds.append(time.perf_counter() - started)
        report(f"{cost.system}: search ({name})", number, len(questions))
    cost.search[name] = percentile(seconds, 50), percentile(seconds, 95)


def _time_answers(cost: Cost, work: Work, questions: tuple[str, ...],
                  opened: Callable[[ODFinChatModel], Callable[[str], Said]], report: Report) -> None:
    meter = Meter()
    student = open_student(work.settings).model_copy(update={"callbacks": [meter]})
    try:
        ask = opened(student)
        said = []
        for number, question in enumerate(questions, 1):
            said.append(ask(question))
            report(f"{cost.system}: answers", number, len(questions))
    except OdfinError as error:  # a missing or unusable student spoils this part only
        cost.notes.append(f"没有量回答：{error}")
        return
    finally:
        student.close()
    meter.write(cost)
    cost.questions = len(said)
    first = [s.first_token_s for s in said if s.first_token_s is not None]
    cost.evidence, cost.first_token, cost.total = (
        (percentile(v, 50), percentile(v, 95)) for v in ([s.evidence_s for s in said], first, [s.total_s for s in said]))
    cost.answer_peak = peak_memory()
