"""The instruction set as the assistant meets it. Run: pytest tests/training/data/test_as_asked.py"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from rag.answer.finding import Finder
from rag.answer.prompt import NO_ANSWER, SYSTEM
from rag.index.search import Searcher
from training.data import as_asked

WAITING = {"id": "a", "kind": "number", "topic": "保险", "question": "澄安重疾险等待期是多久", "source": "保险/澄安重疾险条款.txt",
           "evidence": ["自本合同生效之日起90日为等待期。"], "answer": "自合同生效之日起90日为等待期。"}
ABSENT = {"id": "c", "kind": "refusal", "topic": "贷款", "question": "安居贷可以用来装修吗", "source": "贷款/安居贷产品手册.md",
          "evidence": ["提前还款的，贷款发放满1年后不收违约金"], "answer": NO_ANSWER}


@pytest.fixture(scope="module")
def finder(indexed) -> Finder:
    searcher = Searcher(indexed)
    return Finder(indexed, searcher)


def test_the_prompt_is_the_assistants_own_and_the_answer_stands_in_it(finder):
    dropped = Counter()
    found = list(as_asked.records([WAITING, ABSENT], finder, random.Random(1), dropped))
    answered = [one for one in found if one.task == "reading"]
    assert len(answered) == 1 and not dropped, dropped
    assert answered[0].messages[0]["content"] == SYSTEM and "90日" in "".join(answered[0].passages)
    assert answered[0].evidence and all("等待期" in words for words in answered[0].evidence)
    refused = [one for one in found if one.task == "refusal"]
    assert [one.question for one in refused if one.document == ABSENT["source"]] == [ABSENT["question"]]


def test_without_the_words_that_answer_the_same_question_is_declined(finder, monkeypatch):
    monkeypatch.setattr(as_asked, "TAKEN_AWAY", 1.0)
    found = list(as_asked.records([WAITING], finder, random.Random(1), Counter()))
    for one in found:
        shown = "".join(one.passages)
        assert ("90日" in shown) == (one.answer != NO_ANSWER)
        assert one.answer == WAITING["answer"] or all("澄安" in part.partition("\n")[0] for part in one.passages)


def test_what_the_checks_would_not_let_pass_is_counted(finder):
    dropped = Counter()
    wrong = WAITING | {"answer": "等待期是180日。"}
    assert not [one for one in as_asked.records([wrong], finder, random.Random(1), dropped) if one.task == "reading"]
    assert sum(dropped.values()) >= 1
