"""What keeping an index costs, measured step by step in a process of its own: from nothing, changed, searched, and naively."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from rag.evaluate.asking import Asker, questions_of
from rag.evaluate.ground import Report
from rag.evaluate.index_figures import Figures
from rag.evaluate.processes import folder_size, processor_seconds, resident_memory
from rag.evaluate.statistics import percentile
from rag.evaluate.synthetic import HashEmbedder
from rag.evaluate.tutorial import Tutorial
from rag.index.build import Indexer, IndexReport
from rag.index.complete import embedded_text
from rag.index.filter import Filter
from rag.index.folder import TOPICS, scan
from rag.index.search import Searcher
from rag.index.snapshots import roll_back
from rag.models.embedder import Embedder
from rag.settings import Settings

CHANGED = 0.01  # of the documents
ORDERED = 50  # searches that are measured with the reranker


@dataclass(frozen=True)
class IndexWork:
    """Documents copied for this measurement alone, a home of its own, whether the model is left out (`hashed`), and
    documents that take the place of those of the same name, all their words changed (None: not measured)."""

    settings: Settings
    home: Path
    documents: Path
    searches: int
    hashed: bool
    rewritten: Path | None = None

    @property
    def opened(self) -> Callable[[], Embeddings]:
        return HashEmbedder if self.hashed else partial(Embedder, self.settings)

    @property
    def own(self) -> Settings:
        return self.settings.model_copy(update={"home": self.home})


def measure_keeping(work: IndexWork, report: Report) -> Figures:
    """From nothing; the model alone on the same texts; nothing changed; 1% changed in one place, then in every word, then
    once more while another process asks; rolled back. Seconds on the clock and of processors."""
    embedder = work.opened()
    embedder.embed_query("预热")
    figures: Figures = {}

    def index(name: str, words: str) -> IndexReport:
        before, started = processor_seconds(), time.perf_counter()
        done = Indexer(work.own, embedder).run(
            work.documents, lambda p: report(f"ours: {words}, {p.stage}", p.done, p.total))
        figures[f"{name}_s"] = time.perf_counter() - started
        figures[f"{name}_cpu"] = processor_seconds() - before
        return done

    done = index("build", "from nothing")
    figures |= {"documents": done.documents, "chunks": done.chunks, "failed": len(done.failed),
                "build_peak": resident_memory("VmHWM")}
    if not work.hashed:
        figures |= _model_alone(work, embedder)
    index("again", "unchanged")
    figures["changed"] = change(work.documents, 1)
    figures["changed_found"] = index("change", "changed").changed
    if work.rewritten is not None:
        shutil.copytree(work.rewritten, work.documents, dirs_exist_ok=True)
        figures["rewritten"] = index("rewrite", "rewritten").changed
    change(work.documents, 2)
    with Asker(work.own, work.opened) as asker:
        done = index("asked_change", "changed, while asked")
        figures |= asker.until(done.snapshot)
    catalogue = Indexer(work.own, embedder).catalogue
    started = time.perf_counter()
    roll_back(catalogue, 1)
    figures["rollback_s"] = time.perf_counter() - started
    roll_back(catalogue, int(done.snapshot))
    figures["disk"] = folder_size(work.home)
    figures["disk_parts"] = {name: folder_size(work.home / name) for name in ("vectors", "chroma")}
    return figures


def _model_alone(work: IndexWork, embedder: Embeddings) -> Figures:
    """The same texts in two calls, which sort them by length themselves, and nothing beside."""
    catalogue = Indexer(work.own, embedder).catalogue
    wanted = catalogue.vectors_of(e.version for e in catalogue.entries(catalogue.live().id).values())
    bodies, headings = ([embedded_text(*one) for one in wanted.values() if bool(one[1]) == body] for body in (True, False))
    before, started = processor_seconds(), time.perf_counter()
    embedder.embed_documents(bodies)
    if headings:
        embedder.embed_questions(headings)
    return {"alone_s": time.perf_counter() - started, "alone_cpu": processor_seconds() - before, "vectors": len(wanted)}


def measure_searching(work: IndexWork, report: Report) -> Figures:
    """Searches in a process that does nothing else, as an answer makes them (its reranker reads sentences later): beside
    the embedding of the question, and together with it; memory; then as `odfin search` makes them, its first hits put in
    order by the reranker.

    The question's own embedding is always the model's, whatever made the vectors.
    """
    embedder = Timed(work.opened())
    before = resident_memory("VmRSS")
    searcher = Searcher(work.own, embedder)
    started = time.perf_counter()
    view = searcher.view()
    figures: Figures = {"open_s": time.perf_counter() - started}
    questions = list(questions_of(searcher, work.searches))
    filters = [where for where in map(Filter, TOPICS) if view.facts.allowed(where)] or [None]
    taken: dict[str, list[float]] = {}
    for name, filtered in (("search", False), ("search_topic", True)):
        for number, question in enumerate(questions):
            where = filters[number % len(filters)] if filtered else None
            if number < len(filters):
                searcher.search(question, where=where, rerank=False)  # its first use
            embedder.seconds = 0.0
            started = time.perf_counter()
            searcher.search(question, where=where, rerank=False)
            taken.setdefault(name, []).append(time.perf_counter() - started - embedder.seconds)
            report(f"ours: {name}", number + 1, len(questions))
    figures |= {"resident": resident_memory("VmRSS"), "resident_before": before, "resident_private": resident_memory("RssAnon")}
    model = Timed(Embedder(work.settings))
    model.embed_query("预热")
    asked = []
    for question in questions:
        model.seconds = 0.0
        model.embed_query(question)
        asked.append(model.seconds)
    figures["resident_model"] = resident_memory("VmRSS")
    if not work.hashed:
        figures |= _ordered(work, questions[:ORDERED])
    for name, seconds in taken.items():
        figures[name] = percentile(seconds, 50), percentile(seconds, 95)
        whole = [one + other for one, other in zip(seconds, asked, strict=True)]
        figures[f"{name}_whole"] = percentile(whole, 50), percentile(whole, 95)
    return figures | {"searches": len(questions), "query_s": (percentile(asked, 50), percentile(asked, 95))}


def _ordered(work: IndexWork, questions: Sequence[str]) -> Figures:
    """Whole searches, their first hits put in order by the reranker."""
    searcher, taken = Searcher(work.own, work.opened()), []
    searcher.search("预热")
    for question in questions:
        started = time.perf_counter()
        searcher.search(question)
        taken.append(time.perf_counter() - started)
    return {"ordered_s": (percentile(taken, 50), percentile(taken, 95))}


def measure_naive(work: IndexWork, report: Report) -> Figures:
    """Delete and rebuild: the same for one changed document as for all."""
    embedder = Timed(work.opened())
    embedder.embed_query("预热")
    tutorial = Tutorial(work.home, embedder)
    before, started = processor_seconds(), time.perf_counter()
    chunks = tutorial.index(work.documents, lambda done, total: report("naive: from nothing", done, total))
    figures: Figures = {"build_s": time.perf_counter() - started, "build_cpu": processor_seconds() - before, "chunks": chunks,
                        "documents": len(scan(work.documents, work.documents / ".none")), "disk": folder_size(work.home)}
    figures |= {f"{name}_{unit}": figures[f"build_{unit}"] for name in ("again", "change", "rewrite") for unit in ("s", "cpu")}
    taken = []
    for number in range(work.searches):
        embedder.seconds = 0.0
        started = time.perf_counter()
        tutorial.search(f"第{number}年退保要扣多少手续费？", 5)
        taken.append(time.perf_counter() - started - embedder.seconds)
    return figures | {"search": (percentile(taken, 50), percentile(taken, 95))}


def change(folder: Path, seed: int = 1) -> int:
    """One place in every hundredth document is another from now on; returns how many documents."""
    every = scan(folder, folder / ".none")
    files = [f for f in every if f.path.suffix in (".md", ".txt", ".csv", ".html")]
    draw = random.Random(seed)
    chosen = draw.sample(files, min(share_of(len(every)), len(files)))
    for file in chosen:
        with file.path.open("ab") as opened:  # ASCII, so that it is right in every encoding
            opened.write(f"\n\nODFIN {draw.randrange(10**9)}\n\n".encode())
    return len(chosen)


def share_of(documents: int) -> int:
    """How many a hundredth of them are; at least one."""
    return max(1, round(CHANGED * documents))


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
