"""In which order the units that may answer are read. Run: pytest tests/rag/answer/test_judging.py"""

import numpy as np
import pytest

from rag.answer.candidates import candidates
from rag.answer.judging import FIRST, in_order
from tests.rag.answer.test_evidence import flat, hit


@pytest.mark.parametrize(("logit", "read"), [(4.0, FIRST), (0.0, FIRST + 6)])
def test_what_is_behind_the_first_units_is_read_only_where_they_leave_it_open(logit, read):
    hits = [hit("".join(f"第{n}项费用为{n}元。" for n in range(1, FIRST + 9)))]
    scored = candidates("第1项费用多少", hits, flat)
    seen: list[str] = []

    def judge(question, texts):
        seen.extend(texts)
        return np.array([logit if "第1项" in text else -6.0 for text in texts])

    ordered, answers = in_order("第1项费用多少", scored, hits, judge, FIRST + 6)
    assert len(seen) == len(set(seen)) == read and len(ordered) == len(scored)
    assert ordered[0].unit.plain.startswith("第1项") and (answers > 0.9) is (logit > 3)


LIST = "第五条 下列损失，保险人不负责赔偿：\n" + "\n".join(
    f"（{n}）{words}。" for n, words in zip("一二三四五六七八", ["地震造成的损失" + "，不论其大小" * 6] * 7 + ["食品超过保质期造成的损失"], strict=True))


@pytest.mark.parametrize(("question", "read"), [("食品超过保质期，保险赔吗？", True), ("保险不赔哪些损失？", False)])
def test_a_list_is_read_item_by_item_behind_its_lead_where_yes_or_no_is_asked(question, read):
    hits = [hit(f"保险人负责赔偿食品造成的损失。\n{LIST}")]
    seen: list[str] = []

    def judge(_, texts):
        seen.extend(texts)
        return np.array([3.0 if "保质期" in text else 0.0 for text in texts])

    ordered, _ = in_order(question, candidates(question, hits, flat), hits, judge, 9)
    assert any(text.endswith("第五条 下列损失，保险人不负责赔偿：（八）食品超过保质期造成的损失。") for text in seen) is read
    assert all(one.unit.text in hits[0].text for one in ordered) and (not read or ordered[0].unit.text == LIST)


def test_a_long_list_is_a_candidate_by_the_item_that_yes_or_no_hangs_on():
    by_item, whole = (candidates(question, [hit(LIST)], flat)[0].score for question in ("食品超过保质期赔吗", "食品超过保质期，赔"))
    assert by_item > whole + 0.1  # one item holds all its words; the list holds them among 370 characters


def test_a_description_is_no_rule():
    hits = [hit("一般反应是指疫苗引起的发热。一般反应不属于保险责任。")]
    judge = lambda _, texts: np.array([0.5 if "是指" in text else 0.0 for text in texts])  # noqa: E731
    for question, first in (("疫苗一般反应赔吗？", "一般反应不属于保险责任。"), ("疫苗一般反应是什么", "一般反应是指疫苗引起的发热。")):
        assert in_order(question, candidates(question, hits, flat), hits, judge, 4)[0][0].unit.plain == first


@pytest.mark.parametrize(("question", "first"), [("缴了6年能领几个月", "满5年"), ("缴了11年能领几个月", "共21个月")])
def test_the_answer_to_a_question_about_another_term_is_an_example(question, first):
    hits = [hit("满5年不足10年的，能领18个月。\n**问：缴费11年，能领几个月？** 满10年20个月，再满1年加1个月，共21个月。")]
    scored = candidates(question, hits, flat)
    ordered, _ = in_order(question, scored, hits, lambda _, texts: np.array([1.0 if "共21" in text else 0.5 for text in texts]), 9)
    assert first in ordered[0].unit.plain
