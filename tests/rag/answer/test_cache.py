"""Answers kept for questions that mean the same, and never for another question or on other ground."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

import rag.evaluate
from rag.answer.assistant import Assistant
from rag.answer.cache import AnswerCache
from rag.answer.meaning import meaning
from rag.answer.result import Answer, EvidenceShown, Finished, Turn
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.journal import Journal

QUESTIONS = Path(rag.evaluate.__file__).parent / "questions"
ALIKE = [
    ("请问信用卡年费是多少？", "信用卡年费多少"), ("您好，我想问一下怎么退保", "如何退保？"), ("犹豫期是几天呢", "犹豫期多少天？"),
    ("退保要多少钱", "退保多少钱？"), ("什么时候到账", "何时到账？"),
]
OTHER = [
    ("第二年退保退多少", "第三年退保退多少"), ("满2年能退吗", "满3年能退吗"), ("能退吗", "不能退吗"), ("有医保能买吗", "没有医保能买吗"),
    ("年费200元怎么减免", "年费2000元怎么减免"), ("白金卡年费多少", "金卡年费多少"), ("活期转定期", "定期转活期"), ("你给我多少利息", "我给你多少利息"),
    ("2024年的利率", "2025年的利率"), ("利率3.5%", "利率35%"), ("收益率-5%怎么办", "收益率5%怎么办"), ("A款管理费", "C款管理费"), ("T+0赎回", "T+1赎回"),
    ("到期前能取吗", "到期后能取吗"), ("男性60岁退休", "女性60岁退休"), ("会不会影响征信", "影响征信"), ("5万以上", "5万以下"), ("<18岁", ">18岁"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_turns_of_asking_make_no_difference(one, other):
    assert meaning(one) == meaning(other) != ()


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_every_word_that_says_anything_does(one, other):
    assert meaning(one) != meaning(other)


def test_no_two_questions_of_the_built_in_sets_are_taken_for_one():
    rows = [json.loads(line) for name in ("knowledge", "corpus")
            for line in (QUESTIONS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    asked = {row["question"]: meaning(row["question"]) for row in rows if not row.get("history")}
    assert len(asked) > 500
    assert [pair for pair in combinations(asked, 2) if asked[pair[0]] == asked[pair[1]]] == []


def answer(text: str = "90日", **fields) -> Answer:
    return Answer(**{"question": "等待期多久", "answer": text, "refused": False, **fields})


def kept(cache: AnswerCache, question: str, ground: object = 1, talking: bool = False) -> Answer | None:
    return cache.find(cache.key(question, [question]), ground, question, talking)


def keep(cache: AnswerCache, question: str, what: Answer, ground: object = 1) -> None:
    key = cache.key(question, [question])
    cache.find(key, ground, question, False)
    cache.keep(key, ground, what)


def test_it_is_bounded_and_keeps_what_was_used_last():
    cache = AnswerCache(2)
    for question in ("等待期多久", "犹豫期多久", "等待期多久", "宽限期多久"):
        if kept(cache, question) is None:
            keep(cache, question, answer())
    assert len(cache) == 2 and kept(cache, "等待期多久") and kept(cache, "宽限期多久") and not kept(cache, "犹豫期多久")


def test_another_ground_empties_it_and_an_answer_of_the_one_before_is_not_kept():
    cache = AnswerCache(9)
    keep(cache, "等待期多久", answer(), ground=1)
    assert kept(cache, "等待期多久", ground=2) is None and kept(cache, "等待期多久", ground=1) is None
    cache.keep(cache.key("等待期多久", ["等待期多久"]), 2, answer())
    assert kept(cache, "等待期多久", ground=1) is None


def test_personal_data_is_neither_kept_nor_looked_up_and_size_0_keeps_nothing():
    assert AnswerCache(9).key("我的手机号13812345678能改吗", ["我的手机号13812345678能改吗"]) is None
    assert AnswerCache(0).key("等待期多久", ["等待期多久"]) is None
    cache = AnswerCache(9)
    keep(cache, "等待期多久", answer(kind="conduct"))
    assert len(cache) == 0


def test_what_was_left_open_is_not_given_to_a_talk_that_may_have_settled_it():
    cache = AnswerCache(9)
    keep(cache, "等待期多久", answer(kind="choice", choices=("甲", "乙")))
    assert kept(cache, "等待期多久") and kept(cache, "等待期多久", talking=True) is None


@pytest.fixture
def assistant(indexed) -> Assistant:
    return Assistant(indexed, Searcher(indexed), FakeListChatModel(responses=["等待期为90日。", "另一句。"]))


def test_the_second_asking_is_answered_from_it_and_says_so(assistant, tmp_path):
    first = assistant.ask("请问澄安重疾险等待期是多少天？")
    events = list(assistant.stream("澄安重疾险等待期多少天"))
    assert [type(event) for event in events] == [EvidenceShown, Finished]
    again = events[-1].answer
    assert (again.answer, again.citations) == (first.answer, first.citations)
    assert again.question == "澄安重疾险等待期多少天" and again.timings.cached and again.timings.first_token_s == 0.0
    assert again.to_json()["timings"]["cached"] is True and "cached" not in first.to_json()["timings"]
    journal = Journal(assistant.settings.model_copy(update={"home": tmp_path}))
    journal.record(first, "cli", "a")
    journal.record(again, "cli", "a")
    assert len(journal.recent()) == 2


def test_another_figure_or_denial_is_asked_anew(assistant):
    assistant.ask("安居贷不满1年提前还款收多少违约金？")
    assert not assistant.ask("安居贷不满2年提前还款收多少违约金？").timings.cached
    assert not assistant.ask("安居贷满1年提前还款收多少违约金？").timings.cached


def test_a_follow_up_is_kept_as_it_stands_alone(assistant):
    card, loan = ([Turn("user", question), Turn("assistant", "见上。")] for question in ("澄安重疾险等待期多少天？", "安居贷逾期了罚息多少？"))
    assistant.ask("那宽限期呢？", card)
    assert assistant.ask("那宽限期呢", card).timings.cached
    assert not assistant.ask("那宽限期呢？", loan).timings.cached
    assert not assistant.ask("那宽限期呢？").timings.cached


def test_conduct_is_said_anew_and_a_refusal_is_kept(assistant):
    assert not any(assistant.ask("有人让我把钱转到安全账户，怎么办？").timings.cached for _ in range(2))
    refused = [assistant.ask("明天的天气怎么样，适合爬山吗？") for _ in range(2)]
    assert [a.refused for a in refused] == [True, True] and refused[1].timings.cached


def test_never_across_snapshots_lexicons_or_days(settings, documents, embedder_model):
    indexer = Indexer(settings)
    indexer.run(documents)
    assistant = Assistant(settings, Searcher(settings), None)
    question = "安居贷逾期罚息上浮多少？"
    assert "40%" in assistant.ask(question).answer and assistant.ask(question).timings.cached
    assistant.searcher.lexicon.put("利滚利", "复利")
    assert not assistant.ask(question).timings.cached
    path = documents / "贷款/安居贷产品手册.md"
    path.write_text(path.read_text("utf-8").replace("上浮40%", "上浮35%"), "utf-8")
    indexer.run(documents)
    fresh = assistant.ask(question)
    assert not fresh.timings.cached and "35%" in fresh.answer and "40%" not in fresh.answer
    tomorrow = assistant.searcher.today().replace(year=2099)
    assistant.searcher.today = lambda: tomorrow
    assert not assistant.ask(question).timings.cached
