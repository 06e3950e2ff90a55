"""The student's own doubt: what its first token says, and what that does to an answer."""

import math
from dataclasses import replace

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from rag.answer import refusal
from rag.answer.assistant import Assistant
from rag.answer.prompt import NO_ANSWER, build
from rag.answer.result import Citation, EvidenceShown, Token
from rag.answer.second_opinion import opinion, torn
from rag.index.search import Searcher
from rag.student.open import open_student
from rag.student.runtime import StudentError

MESSAGES = build("等待期多少天？", [])


class Doubting(FakeListChatModel):
    """Says its sentence, and how surely it would decline instead."""

    doubt: float | None

    def first_token_logprobs(self, prompt, top_n=20):
        if self.doubt is None:
            raise StudentError("不提供词元概率")
        return {"资料": math.log(self.doubt), "等待": math.log(1 - self.doubt)}


@pytest.fixture(scope="module")
def searcher(indexed) -> Searcher:
    return Searcher(indexed)


def assistant(searcher: Searcher, doubt: float | None, said: str = "等待期为90日。", **settings) -> Assistant:
    return Assistant(searcher.settings.model_copy(update=settings), searcher, Doubting(responses=[said], doubt=doubt))


@pytest.mark.parametrize(("first", "doubt"), [
    ({"资料": math.log(0.5), "资": math.log(0.25), "等待": math.log(0.25)}, 0.75),
    ({" 资料": math.log(0.5), "未提及": math.log(0.5)}, 0.5),
    ({"": math.log(0.5), "90": math.log(0.5)}, 0.0),
])
def test_what_begins_like_a_refusal_counts(first, doubt):
    class Student:
        def first_token_logprobs(self, prompt):
            return first

    assert opinion(Student(), MESSAGES).declines == pytest.approx(doubt)


def test_a_student_that_cannot_say_has_no_opinion():
    assert opinion(FakeListChatModel(responses=["90日"]), MESSAGES) is None
    assert opinion(Doubting(responses=["90日"], doubt=None), MESSAGES) is None


def test_a_yes_or_no_that_was_nearly_the_other_is_torn():
    class Student:
        def first_token_logprobs(self, prompt):
            return {"不能": math.log(0.3), "不": math.log(0.1), "可以": math.log(0.2), "能": math.log(0.1), "保险": math.log(0.2)}

    leans = opinion(Student(), MESSAGES).leans
    assert leans == pytest.approx(3 / 7)
    assert torn("不能，须满90日。", leans) and torn("能，满90日后。", leans) and not torn("90日后。", leans)
    assert not torn("能，满90日后。", 0.8) and torn("不能，须满90日。", 0.8) and not torn("能，满90日后。", None)


@pytest.mark.parametrize(("yes", "kind"), [(0.55, "quote"), (0.95, "answer")])
def test_its_conclusion_is_shown_where_it_is_sure(searcher, yes, kind):
    class Deciding(FakeListChatModel):
        def first_token_logprobs(self, prompt, top_n=20):
            return {"能": math.log(yes), "不": math.log(1 - yes)}

    student = Deciding(responses=["能，等待期内发生重大疾病的，退还已交保险费。"])
    answer = Assistant(searcher.settings, searcher, student).ask("澄安重疾险等待期内得了重病，能退还保险费吗？")
    assert answer.kind == kind and "退还已交保险费" in answer.answer and answer.answer.startswith("能，") is (kind == "answer")

def test_doubt_lowers_and_certainty_raises():
    assert refusal.weighed(0.6, 0.5) == pytest.approx(0.6)
    assert refusal.weighed(0.6, 0.97) < refusal.AT_ONCE < 0.6 < refusal.weighed(0.6, 0.01)
    assert refusal.weighed(0.98, 1.0) > 0.2 and refusal.weighed(refusal.ASKED_FROM, 0.0) > refusal.AT_ONCE


def test_its_doubt_lowers_the_probability_unless_it_is_switched_off(searcher):
    asked = "澄安重疾险等待期多少天？"
    sure = assistant(searcher, None).ask(asked)
    assert not sure.refused
    doubted = assistant(searcher, 0.999, NO_ANSWER).ask(asked)
    assert doubted.probability < sure.probability
    assert assistant(searcher, 0.999, NO_ANSWER, second_opinion=False).ask(asked).probability == sure.probability


def found_with(subject: Assistant, monkeypatch, probability: float) -> Assistant:
    """The same evidence, found so surely."""
    find = subject.finder.find
    monkeypatch.setattr(subject.finder, "find", lambda ways, heard="": replace(find(ways, heard), probability=probability))
    return subject


def test_what_it_would_decline_is_refused_before_it_speaks(searcher, monkeypatch):
    subject = found_with(assistant(searcher, 0.99), monkeypatch, 0.6)
    events = list(subject.stream("澄安重疾险等待期多少天？"))
    assert isinstance(events[0], EvidenceShown) and not any(isinstance(e, Token) for e in events)
    assert events[-1].answer.refused and "学生模型认为资料未提及" in events[-1].answer.notes[0]


def test_a_list_is_told_by_code_unless_it_doubts_it(searcher, monkeypatch):
    asked = "澄安重疾险哪些情况不赔？"
    told = found_with(assistant(searcher, 0.01), monkeypatch, 0.7).ask(asked)
    assert told.kind == "quote" and "共4项" in told.answer and "等待期为90日" not in told.answer  # its sentence
    assert found_with(assistant(searcher, 0.99), monkeypatch, 0.7).ask(asked).refused


def test_what_it_is_sure_of_is_answered_from_further_below(searcher, monkeypatch):
    asked = "澄安重疾险等待期多少天？"
    low = (refusal.ASKED_FROM + refusal.AT_ONCE) / 2
    events = list(found_with(assistant(searcher, 0.001), monkeypatch, low).stream(asked))
    assert isinstance(events[0], EvidenceShown) and "90日" in events[-1].answer.answer
    for doubt in (0.8, None):
        events = list(found_with(assistant(searcher, doubt), monkeypatch, low).stream(asked))
        assert not any(isinstance(e, EvidenceShown) for e in events) and events[-1].answer.refused
    assert found_with(assistant(searcher, 0.001), monkeypatch, refusal.ASKED_FROM / 2).ask(asked).refused


def test_once_weighed_its_word_alone_refuses_nothing(searcher, monkeypatch):
    answer = found_with(assistant(searcher, 0.4, NO_ANSWER), monkeypatch, 0.42).ask("澄安重疾险等待期多少天？")
    assert answer.kind == "quote" and "90日" in answer.answer
    assert found_with(assistant(searcher, None, NO_ANSWER), monkeypatch, 0.42).ask("澄安重疾险等待期多少天？").refused


@pytest.mark.model
def test_the_real_student_doubts_what_the_passage_does_not_say(indexed, student_model):
    passage = Citation(1, "澄安重疾险条款.txt", "澄安重疾险条款", "等待期为90日。等待期内患病的，我们退还已交保险费。")
    student = open_student(indexed)
    try:
        said = opinion(student, build("澄安重疾险等待期多少天？", [passage]))
        absent = opinion(student, build("澄安重疾险的客服电话是多少？", [passage]))
    finally:
        student.close()
    assert said.declines < 0.5 < absent.declines
