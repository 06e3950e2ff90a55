"""What a question set is asked of: an index of its own, or the live one; and the systems that search it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexMissingError
from rag.evaluate.covered import covered
from rag.evaluate.matching import from_source
from rag.evaluate.sets import Question, QuestionSet
from rag.evaluate.tutorial import Tutorial
from rag.index.build import Indexer, Progress
from rag.index.catalogue import Catalogue
from rag.index.facts import FactStore
from rag.index.search import Hit, Searcher
from rag.models.embedder import Embedder
from rag.settings import Settings

log = logging.getLogger(__name__)

Report = Callable[[str, int, int], None]  # (what, done, total)
RETRIEVAL = ("hybrid", "dense", "keyword", "tutorial")


@dataclass(frozen=True)
class Found:
    """A hit of any system. `piece` is the small piece that was found, with its headings; `text` what is read."""

    source: str
    text: str
    piece: str


class Ground:
    """One question set's index. `settings.home` is that index's home, the models stay where they were."""

    def __init__(self, settings: Settings, questions: QuestionSet, embedder: Embedder):
        self.questions = questions
        self.embedder = embedder
        corpus = questions.corpus
        self.settings = settings.model_copy(update={"home": questions.home}) if questions.home else settings
        self.directory = corpus or Indexer(settings, embedder).directory()
        self.snapshot = ""
        self.chunks: dict[str, int] = {}
        self._tutorial: Tutorial | None = None
        self._searchers: dict[str, Searcher] = {}
        self._kinds: dict[str, str] | None = None

    def index(self, report: Report, fresh: bool = False) -> None:
        """Bring the set's own index up to date; the live one is taken as it is, and asked only what it can answer.
        Raises IndexMissingError, or OdfinError where it holds nothing that the set asks about.

        `fresh` reads and splits every document again, for when loaders or splitter have changed.
        """
        home = self.settings.home
        if self.questions.corpus is None:
            catalogue = Catalogue(home / "catalogue.db")
            live = catalogue.live()
            if live is None:
                raise IndexMissingError("还没有索引；请先运行 odfin index，再评测")
            self.questions = covered(self.questions, catalogue.entries(live.id))
            self.snapshot, self.chunks["ours"] = str(live.id), live.chunks
            return
        home.mkdir(parents=True, exist_ok=True)
        if fresh:
            for file in home.glob("catalogue.db*"):
                file.unlink()

        def tell(progress: Progress) -> None:
            report(f"{self.questions.name}: {progress.stage}", progress.done, progress.total)

        done = Indexer(self.settings, self.embedder).run(self.questions.corpus, tell)
        for failure in done.failed:
            log.warning("%s: %s", failure.source, failure.reason)
        self.snapshot, self.chunks["ours"] = done.snapshot, done.chunks

    def document_kind(self, question: Question) -> str:
        """What kind of document answers: 条款, 费率表 …, its file's ending where it says none, "" where none is named."""
        if self._kinds is None:
            catalogue = Catalogue(self.settings.home / "catalogue.db")
            live = catalogue.live()
            held = FactStore(catalogue).of_sources(live.id) if live else {}
            self._kinds = {source: one.facts.kind or Path(source).suffix.lstrip(".") for source, one in held.items()}
        return next((kind for source, kind in self._kinds.items() if from_source(question.gold_sources[:1], source)), "")

    def tutorial(self, report: Report = lambda *_: None) -> Tutorial:
        """The baseline's index over the same documents, made at first use."""
        if self._tutorial is None:
            folder = self.settings.home / "eval" / "tutorial"
            self._tutorial = Tutorial(folder, self.embedder, self.embedder.version)
            self.chunks["tutorial"] = self._tutorial.index(
                self.directory, lambda done, total: report(f"{self.questions.name}: tutorial", done, total))
        return self._tutorial

    def searcher(self, mode: str = "hybrid") -> Searcher:
        """Our search with the retrievers that `mode` names."""
        if mode not in self._searchers:
            alone = {} if mode == "hybrid" else {"rerank_hits": 0}
            self._searchers[mode] = Searcher(self.settings.model_copy(update={"retrieval": mode} | alone), self.embedder)
        return self._searchers[mode]

    def search(self, system: str, question: str, top_k: int) -> list[Found]:
        """What a system of `RETRIEVAL` finds, best first."""
        if system == "tutorial":
            return [Found(d.metadata["source"], d.page_content, d.page_content)
                    for d in self.tutorial().search(question, top_k)]
        return [found(hit) for hit in self.searcher(system).search(question, top_k)]


def found(hit: Hit) -> Found:
    return Found(hit.source, hit.text, "\n".join((*hit.headings, hit.piece)))


def eval_folder(settings: Settings) -> Path:
    return settings.home / "eval"
