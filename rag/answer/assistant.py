"""Question and history in, checked answer out: the one object that bot, console, command line and evaluation share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from dataclasses import replace

from langchain_core.messages import BaseMessage

from rag.answer import prompt, refusal
from rag.answer.cache import AnswerCache
from rag.answer.changed import changed
from rag.answer.compose import Found, Words, checked, refused
from rag.answer.conduct import conduct
from rag.answer.dated import dated
from rag.answer.finding import CLEARLY, Finder, clearly_better
from rag.answer.injection import real_question
from rag.answer.result import Answer, Citation, Event, EvidenceShown, Finished, Timings, Token, Turn
from rag.answer.rewriting import rewritten
from rag.answer.risk_note import with_risk_note
from rag.answer.second_opinion import opinion
from rag.answer.sums import asks_sum, worked
from rag.calculate.result import Missing
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.models.intent_reader import open_intent_reader
from rag.settings import Settings
from rag.student.chat_model import ODFinChatModel
from rag.student.open import open_student
from rag.student.runtime import StudentError

log = logging.getLogger(__name__)

NOT_ANSWERED = "学生模型没有答上来"  # the note of an answer that had to do without it; kept for no later question
MAX_QUESTION = 1000  # characters; what is longer is cut, so that no message can push the evidence out of the prompt


class Assistant:
    """Thread-safe; made once and kept. `open` makes it with everything it needs."""

    def __init__(self, settings: Settings, searcher: Searcher, student: ODFinChatModel | None):
        """Without a student the quoted words themselves are the answer."""
        self.settings = settings
        self.searcher = searcher
        self.student = student
        self.reranker = searcher.reranker
        self.intent = open_intent_reader(settings, searcher.embedder)
        self.finder = Finder(settings, searcher)
        self.cache = AnswerCache(settings.answer_cache)
        self.whom = settings.contact.strip().rstrip("。") or refusal.WHOM

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
            if self.intent:
                self.intent.load()
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
        due = conduct(question, history, self.intent and self.intent.shares)
        if due and due.mild and asks_sum(question):
            due = None  # a sum promises nothing
        if due and due.final:
            yield Finished(Answer(question=question, answer=due.text, refused=False, kind="conduct", notes=(due.why,),
                                  timings=clock.timings(), standalone=question, snapshot=self.searcher.snapshot()))
            return
        plain = real_question(question) or question
        ways = self.finder.ways(plain, history)
        key, ground = None if due and not due.mild else self.cache.key(plain, ways), self.searcher.ground()
        if kept := self.cache.find(key, ground, question, bool(history)):
            yield from () if kept.refused else (EvidenceShown(kept.citations),)
            yield Finished(replace(kept, timings=clock.timings(cached=True)))
            return
        found = self._found(plain, ways, history)
        by_student = found.rewritten
        found, open_ = self.finder.settled(found, history)
        clock.retrieved()
        usage: dict[str, int] = {}
        sum_ = worked(found.asked, found.hits, self.searcher.rarity)
        if isinstance(sum_, Words):
            yield EvidenceShown(sum_.citations)
            words = sum_
        elif isinstance(sum_, Missing) and sum_.alone and not found.unknown:
            words = Words(sum_.ask, "calculation", (), (f"缺少：{sum_.name}",))
        elif found.compared:
            yield EvidenceShown(found.compared.citations)
            words = found.compared
        elif found.evidence.best is None or found.probability < refusal.ASKED_FROM:
            words = refused(found, f"依据不足（{found.probability:.2f}）", self.whom)
        elif open_ and open_.open:
            words = open_.words()
            yield EvidenceShown(words.citations)
        else:
            found, words = yield from self._spoken(found, clock, usage)
            if open_ and not words.refused:
                words = replace(words, text=f"{words.text}\n{open_.alike()}")
        if isinstance(sum_, Missing) and not sum_.alone and not found.unknown:  # no input would make a sum about a product nobody knows
            words = _asking(words, sum_)
        compared = due is not None and due.kind == "compare"
        rated = [] if words.kind == "choice" else self.finder.investments(found.asked)
        if compared or rated:
            words = with_risk_note(words, rated)
        if due and not compared and not (due.mild and words.refused):  # a word of warning beside what the documents say
            words = replace(words, text=f"{words.text}\n{due.text}", notes=(*words.notes, due.why))
        answer = Answer(
            question=question, answer=words.text, refused=words.refused, citations=words.citations, kind=words.kind,
            notes=words.notes, timings=clock.timings(), usage=usage, standalone=found.asked, passages=found.hits,
            choices=words.choices, snapshot=self.searcher.snapshot(), probability=round(found.probability, 4),
            rewritten=by_student)
        kept_for_later = found.asked in ways and not (history and open_) and NOT_ANSWERED not in words.notes
        if kept_for_later and self.searcher.ground() == ground:
            self.cache.keep(key, ground, answer)
        yield Finished(answer)

    def _found(self, question: str, ways: Sequence[str], history: Sequence[Turn]) -> Found:
        """What the documents hold for the readings of a question; where rules leave a follow-up doubtful, also for the
        question that the student makes of it, if they answer that one better."""
        found = self.finder.find(ways, "\n".join([question, *(turn.content for turn in history)]))
        if not history or self.student is None or not self.settings.rewrite or found.probability >= CLEARLY:
            return found
        alone = rewritten(question, history, self.student)
        if not alone or alone in ways:
            return found
        other = self.finder.find([alone])
        return replace(other, rewritten=True) if clearly_better(other, found) else found

    def _spoken(self, found: Found, clock: _Clock, usage: dict[str, int]) -> Generator[Event, None, tuple[Found, Words]]:
        """The evidence, as soon as it likely answers, then the student's draft; in the end what was found, the student's
        doubt weighed in, and the checked words. `usage` receives the tokens."""
        likely = found.probability >= refusal.AT_ONCE
        if likely:
            yield EvidenceShown(found.evidence.citations)
        messages = self._prompt(found)
        found = self._weighed(found, messages)
        if found.probability < refusal.AT_ONCE:
            why = "学生模型认为资料未提及" if likely else "依据不足"
            return found, refused(found, f"{why}（{found.probability:.2f}）", self.whom)
        if not likely:
            yield EvidenceShown(found.evidence.citations)
        draft, failed = "", ()
        try:
            for chunk in self.student.stream(messages) if messages and not _told_by_code(found) else ():
                if chunk.usage_metadata:
                    usage.update({k: v for k, v in chunk.usage_metadata.items() if isinstance(v, int)})
                if chunk.text:
                    clock.spoke()
                    draft += chunk.text
                    yield Token(chunk.text)
        except StudentError as error:  # a model server that is down: the quoted words need none
            log.warning("the student did not answer, the quotation does: %s", error)
            draft, failed = "", (NOT_ANSWERED,)
        words = dated(changed(checked(draft, found, self.whom), found, self.searcher), found, self.searcher)
        return found, replace(words, notes=(*words.notes, *failed))

    def _prompt(self, found: Found) -> list[BaseMessage]:
        """What the student is asked over the evidence; nothing without one."""
        if self.student is None:
            return []
        shown = found.evidence.citations
        if self.settings.packing == "passages":
            shown = prompt.whole(shown, found.hits)
        return prompt.build(found.asked, within(shown, self.settings.prompt_tokens))

    def _weighed(self, found: Found, messages: list[BaseMessage]) -> Found:
        """What was found, how surely the student would decline weighed in; as it was where that cannot be known."""
        said = opinion(self.student, messages) if messages and self.settings.second_opinion else None
        if said is None:
            return found
        return replace(found, probability=refusal.weighed(found.probability, said.declines), weighed=True, leans=said.leans)


def _told_by_code(found: Found) -> bool:
    """Whether code tells the evidence whole: a list, or two units together. The student is only asked whether it answers."""
    return found.evidence.told or (found.evidence.best is not None and found.evidence.best.kind == "enumeration")


def _asking(words: Words, missing: Missing) -> Words:
    """What is still needed for a sum is asked for, instead of a refusal or beneath what the documents say."""
    if words.refused:
        return Words(missing.ask, "calculation", (), (f"缺少：{missing.name}",))
    return replace(words, text=f"{words.text}\n如需测算：{missing.ask}", notes=(*words.notes, f"缺少：{missing.name}"))


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

    def timings(self, cached: bool = False) -> Timings:
        return Timings(round(self.retrieval, 3), round(self.first, 3), round(self._now(), 3), cached)


def within(citations: Sequence[Citation], tokens: int) -> list[Citation]:
    """The first citations that fit the prompt, by about 0.75 tokens a Chinese character."""
    room = int(tokens / 0.75) - 120
    kept: list[Citation] = []
    for citation in citations:
        room -= len(citation.text) + len(citation.title) + 20
        if kept and room < 0:
            break
        kept.append(citation)
    return kept
