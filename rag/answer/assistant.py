"""Question and history in, checked answer out: the one object that bot, console, command line and evaluation share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence

from rag.answer import grounding, prompt, refusal
from rag.answer.evidence import Evidence, select
from rag.answer.follow_up import readings
from rag.answer.quotation import quoted
from rag.answer.result import Answer, Citation, Event, EvidenceShown, Finished, Timings, Token, Turn
from rag.index.hit import Hit
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.models.reranker import open_reranker
from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel
from rag.student.open import open_student

log = logging.getLogger(__name__)

MAX_QUESTION = 1000  # characters; what is longer is cut, so that no message can push the evidence out of the prompt


class Assistant:
    """Thread-safe; made once and kept. `open` makes it with everything it needs."""

    def __init__(self, settings: Settings, searcher: Searcher, student: ODFinChatModel | None):
        """Without a student the quoted words themselves are the answer."""
        self.settings = settings
        self.searcher = searcher
        self.student = student
        self.reranker = open_reranker(settings, searcher.embedder)

    @classmethod
    def open(cls, settings: Settings) -> Assistant:
        """An assistant over the live snapshot of `settings.home`. Models load at the first question or by `warm`."""
        return cls(settings, Searcher(settings, Embedder(settings)), open_student(settings))

    def warm(self) -> Assistant:
        """Load index and models now. Raises OdfinError where one of them is missing."""
        with contextlib.ExitStack() as stack:
            if self.student:
                loading = threading.Thread(target=self._warm_student, daemon=True)
                loading.start()
                stack.callback(loading.join)
            self.searcher.view()
            self.searcher.embedder.embed_query("预热")
            if self.reranker:
                self.reranker.scores("预热", ["预热"])
        if self.student:
            self.student.warm()
        return self

    def _warm_student(self) -> None:
        with contextlib.suppress(Exception):  # the same call in the caller's thread reports it
            self.student.warm()

    def close(self) -> None:
        """Free the student's memory."""
        if self.student:
            self.student.close()

    # -- asking ---------------------------------------------------------------------------------------------------

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The checked answer. Raises OdfinError where there is no index or a model is missing."""
        for event in self.stream(question, history):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("stream ended without Finished")

    async def astream(self, question: str, history: Sequence[Turn] = ()) -> AsyncIterator[Event]:
        """`stream` for an event loop: the work is done in a thread, which stops when the consumer does."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue = asyncio.Queue()
        left = threading.Event()

        def work() -> None:
            def put(item) -> None:
                with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                    loop.call_soon_threadsafe(queue.put_nowait, item)

            try:
                for event in self.stream(question, history):
                    put(event)
                    if left.is_set():
                        return
                put(None)
            except BaseException as error:  # handed over whole: the consumer decides
                put(error)

        task = loop.run_in_executor(None, work)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
            await task
        finally:
            left.set()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """EvidenceShown (unless refused at once), then the student's draft as Tokens, then Finished, exactly once."""
        clock = _Clock()
        question = question.strip()[:MAX_QUESTION]
        asked, hits, evidence, probability = self._found(question, history)
        clock.retrieved()
        common = {"question": question, "standalone": asked, "passages": tuple(hits),
                  "snapshot": self.searcher.snapshot()}
        if probability < refusal.AT_ONCE or evidence.best is None:
            yield Finished(self._refused(evidence.citations, clock, common, f"依据不足（{probability:.2f}）"))
            return
        yield EvidenceShown(evidence.citations)
        draft = ""
        usage: dict[str, int] = {}
        if self.student is not None:
            read = _within(evidence.citations, self.settings.prompt_tokens)
            for chunk in self.student.stream(prompt.build(asked, read)):
                if chunk.usage_metadata:
                    usage = {k: v for k, v in chunk.usage_metadata.items() if isinstance(v, int)}
                if chunk.text:
                    clock.spoke()
                    draft += chunk.text
                    yield Token(chunk.text)
        yield Finished(self._checked(draft, asked, evidence, clock, common, usage, probability))

    def _found(self, question: str, history: Sequence[Turn]) -> tuple[str, list[Hit], Evidence, float]:
        """The question as it stands alone, its passages and evidence, and the probability that they answer it.

        Where a question may be meant in two ways, the one that the documents answer better is taken.
        """
        found = []
        for asked in readings(question, history, self.searcher.name_in) if history else [question]:
            hits = self.searcher.search(asked, self.settings.read_passages)
            evidence = select(asked, hits, self.searcher.rarity, self.reranker and self.reranker.scores)
            found.append((asked, hits, evidence, refusal.answerable(asked, hits, self.searcher.rarity, evidence.answers)))
        return max(found, key=lambda one: one[-1])

    # -- finishing ------------------------------------------------------------------------------------------------

    def _checked(self, draft: str, asked: str, evidence: Evidence, clock: _Clock, common: dict, usage: dict[str, int],
                 probability: float) -> Answer:
        draft = _tidy(draft)
        if grounding.declines(draft):
            if probability < refusal.STUDENT_DECLINES:
                return self._refused(evidence.citations, clock, common, f"学生模型认为资料未提及（{probability:.2f}）", usage)
            notes, kind = ["学生模型认为资料未提及"], "quote"
        elif draft:
            notes = grounding.faults(draft, evidence.strong, asked, [c.text for c in evidence.citations])
            if notes and probability < refusal.DRAFT_FAILS:
                return self._refused(evidence.citations, clock, common, f"{notes[0]}（{probability:.2f}）", usage)
            kind = "quote" if notes else "answer"
        else:
            notes, kind = [], "quote"
        text = quoted(evidence, asked)
        if kind == "answer" and not _same_words(draft, evidence.best.plain):
            text = f"{draft}\n原文：{text}"
        return Answer(answer=text, refused=False, citations=evidence.citations, kind=kind, notes=tuple(notes),
                      timings=clock.timings(), usage=usage, **common)

    def _refused(self, nearest: tuple[Citation, ...], clock: _Clock, common: dict, why: str,
                 usage: dict[str, int] | None = None) -> Answer:
        return Answer(answer=refusal.refusal_text(nearest), refused=True, citations=nearest, kind="refusal",
                      notes=(why,), timings=clock.timings(), usage=usage or {}, **common)


class _Clock:
    """Seconds since the question came in, at the points the result reports."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.retrieval = self.first = 0.0

    def _now(self) -> float:
        return time.monotonic() - self.start

    def retrieved(self) -> None:
        self.retrieval = self._now()

    def spoke(self) -> None:
        self.first = self.first or self._now()

    def timings(self) -> Timings:
        return Timings(round(self.retrieval, 3), round(self.first, 3), round(self._now(), 3))


def _within(citations: Sequence[Citation], tokens: int) -> list[Citation]:
    """The first citations that fit the prompt, by about 0.75 tokens a Chinese character."""
    room = int(tokens / 0.75) - 120
    kept: list[Citation] = []
    for citation in citations:
        room -= len(citation.text) + len(citation.title) + 20
        if kept and room < 0:
            break
        kept.append(citation)
    return kept


def _tidy(draft: str) -> str:
    draft = re.sub(r"\[\d+\]|【\d+】|^(答案?|回答)[:：]", "", draft.strip())
    return re.sub(r"\n{2,}", "\n", draft).strip()


def _same_words(draft: str, quote: str) -> bool:
    plain = re.sub(r"\W", "", draft)
    return plain in re.sub(r"\W", "", quote) and len(plain) > min(60, 0.6 * len(re.sub(r"\W", "", quote)))

