"""Conversations in the console: each question is answered in a thread of the server, whatever the browser does.

The page only looks at an `Exchange` while it grows. A reload or a click in the middle of an answer loses nothing.
Conversations live in memory: the newest `KEPT`, until the server stops.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.answer.result import Answer, Citation, Event, EvidenceShown, Finished, Token, Turn
from rag.errors import OdfinError

logger = logging.getLogger(__name__)

KEPT = 200
HISTORY_TURNS = 8

Stream = Callable[[str, Sequence[Turn]], Iterator[Event]]
Record = Callable[[Answer, str], str]


@dataclass
class Exchange:
    """One question and what has come of it so far. Written by one thread, read by the pages.

    `draft` is the student's unchecked text; `answer` is set once it is finished; `error` is a line to show instead.
    `journal_id` is "" until the exchange is in the journal; `thumb` is what the reader thought: 1 good, 0 not;
    `correction` what they would have answered.
    """

    question: str
    citations: tuple[Citation, ...] = ()
    draft: str = ""
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    journal_id: str = ""
    thumb: int | None = None
    correction: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.ended.is_set()


@dataclass
class Conversation:
    id: str
    owner: str
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return bool(self.exchanges) and self.exchanges[-1].running

    def history(self) -> list[Turn]:
        """The finished exchanges as the assistant wants them, oldest first, the last few only."""
        turns: list[Turn] = []
        for exchange in self.exchanges:
            if exchange.answer:
                turns += [Turn("user", exchange.question), Turn("assistant", exchange.answer.answer)]
        return turns[-HISTORY_TURNS:]


class Conversations:
    """`stream` asks the assistant, `record` writes the journal and gives the exchange's id there."""

    def __init__(self, stream: Stream, record: Record, failed_line: str) -> None:
        self._stream = stream
        self._record = record
        self._failed_line = failed_line
        self._kept: OrderedDict[str, Conversation] = OrderedDict()
        self._lock = threading.Lock()

    def new(self, owner: str) -> Conversation:
        conversation = Conversation(secrets.token_urlsafe(9), owner)
        with self._lock:
            self._kept[conversation.id] = conversation
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return conversation

    def get(self, conversation_id: str, owner: str) -> Conversation | None:
        """None where it is unknown or another account's."""
        with self._lock:
            conversation = self._kept.get(conversation_id)
            if conversation is None or conversation.owner != owner:
                return None
            self._kept.move_to_end(conversation_id)
        return conversation

    def ask(self, conversation: Conversation, question: str) -> Exchange | None:
        """Begin to answer; None where the conversation's last question is not finished yet."""
        with self._lock:
            if conversation.busy:
                return None
            history = conversation.history()
            exchange = Exchange(question)
            conversation.exchanges.append(exchange)
        threading.Thread(
            target=self._answer, args=(exchange, history, conversation.owner), name="answer", daemon=True).start()
        return exchange

    def _answer(self, exchange: Exchange, history: list[Turn], owner: str) -> None:
        try:
            for event in self._stream(exchange.question, history):
                if exchange.stop.is_set():
                    exchange.stopped = True
                    break
                match event:
                    case EvidenceShown(citations):
                        exchange.citations = citations
                    case Token(text):
                        exchange.draft += text
                    case Finished(answer):
                        exchange.citations, exchange.answer = answer.citations, answer
            if exchange.answer:
                self._keep(exchange, owner)
        except OdfinError as error:
            logger.warning("question refused: %s", error)
            exchange.error = str(error)
        except Exception:
            logger.exception("question failed")
            exchange.error = self._failed_line
        finally:
            exchange.ended.set()

    def _keep(self, exchange: Exchange, owner: str) -> None:
        assert exchange.answer
        try:
            exchange.journal_id = self._record(exchange.answer, owner)
        except Exception:  # a full disk must not take the answer away
            logger.exception("the exchange is not in the journal")
