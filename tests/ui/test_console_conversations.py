"""Questions asked in the console. Run: pytest tests/ui/test_console_conversations.py"""

from __future__ import annotations

import threading

import pytest

from rag.answer.result import Answer, Citation, EvidenceShown, Finished, Token, Turn
from rag.errors import IndexMissingError
from ui.conversations import KEPT, Conversations

CITATION = Citation(1, "贷款/a.md", "手册", "罚息利率上浮40%。")


def answered(question: str, text: str = "上浮40%[1]。") -> Answer:
    return Answer(question=question, answer=text, refused=False, citations=(CITATION,))


class Desk:
    """Streams a fixed answer, holding before each event until let on; keeps what it was asked and told."""

    def __init__(self, hold: bool = False) -> None:
        self.asked, self.kept = [], []
        self.hold = hold
        self.let = threading.Semaphore(0)
        self.closed = threading.Event()

    def stream(self, question, history):
        self.asked.append((question, list(history)))
        try:
            for event in (EvidenceShown((CITATION,)), Token("上浮"), Token("40%"), Finished(answered(question))):
                if self.hold:
                    assert self.let.acquire(timeout=10)
                yield event
        finally:
            self.closed.set()

    def record(self, answer, user):
        self.kept.append((answer.question, user))
        return f"id{len(self.kept)}"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def conversations(desk: Desk) -> Conversations:
    return Conversations(desk.stream, desk.record, "出错了")


def test_an_answer_grows_and_is_kept_in_the_journal():
    desk = Desk(hold=True)
    talks = conversations(desk)
    talk = talks.new("admin")
    exchange = talks.ask(talk, "罚息多少？")
    assert exchange.running and talk.busy
    assert talks.ask(talk, "再问一句") is None  # one at a time
    desk.let.release(4)
    assert exchange.ended.wait(10)
    assert exchange.draft == "上浮40%" and exchange.answer.answer == "上浮40%[1]。" and exchange.citations == (CITATION,)
    assert exchange.journal_id == "id1" and desk.kept == [("罚息多少？", "admin")]


def test_history_goes_with_the_next_question(desk):
    talks = conversations(desk)
    talk = talks.new("admin")
    talks.ask(talk, "一？").ended.wait(10)
    talks.ask(talk, "二？").ended.wait(10)
    assert desk.asked[0] == ("一？", [])
    assert desk.asked[1] == ("二？", [Turn("user", "一？"), Turn("assistant", "上浮40%[1]。")])


def test_stopping_closes_the_stream_and_leaves_nothing_in_the_journal():
    desk = Desk(hold=True)
    talks = conversations(desk)
    exchange = talks.ask(talks.new("admin"), "罚息多少？")
    desk.let.release(2)
    exchange.stop.set()
    desk.let.release(2)
    assert exchange.ended.wait(10) and exchange.stopped and exchange.answer is None and desk.kept == []
    assert desk.closed.wait(10)


def test_errors_are_one_line_and_the_log_has_the_rest(desk, caplog):
    def refuse(question, history):
        raise IndexMissingError("还没有索引；请先运行 odfin index")
        yield

    def fail(question, history):
        yield Token("半句")
        raise RuntimeError("inner detail")

    talks = Conversations(refuse, desk.record, "出错了")
    exchange = talks.ask(talks.new("admin"), "？")
    assert exchange.ended.wait(10) and exchange.error == "还没有索引；请先运行 odfin index"
    talks = Conversations(fail, desk.record, "出错了")
    talk = talks.new("admin")
    exchange = talks.ask(talk, "？")
    assert exchange.ended.wait(10) and exchange.error == "出错了"
    assert "inner detail" in caplog.text and talk.history() == []


def test_a_journal_that_fails_does_not_take_the_answer_away(desk, caplog):
    def broken(answer, user):
        raise OSError("disk full")

    talks = Conversations(desk.stream, broken, "出错了")
    exchange = talks.ask(talks.new("admin"), "罚息多少？")
    assert exchange.ended.wait(10)
    assert exchange.answer.answer == "上浮40%[1]。" and exchange.journal_id == "" and not exchange.error
    assert "disk full" in caplog.text


def test_a_conversation_is_its_owners_and_the_oldest_are_let_go(desk):
    talks = conversations(desk)
    first = talks.new("admin")
    assert talks.get(first.id, "admin") is first
    assert talks.get(first.id, "other") is None and talks.get("unknown", "admin") is None
    for _ in range(KEPT):
        talks.new("admin")
    assert talks.get(first.id, "admin") is None
