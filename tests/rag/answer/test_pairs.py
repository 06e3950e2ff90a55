"""Words of two compared things that differ in their figures only. Run: sh run.sh test tests/rag/answer/test_pairs.py"""

import numpy as np
import pytest

from rag.answer.comparison import comparison
from rag.answer.pairs import likeness, paired
from rag.answer.sides import sides
from tests.rag.answer.test_evidence import flat, hit

OLD, NEW = "恒禾两全保险（2023版）条款", "恒禾两全保险（2025版）条款"


def judge(logits: dict[str, float]):
    """A judge that gives what holds a key its logit, all else -9."""
    return lambda question, texts: np.array([max((v for k, v in logits.items() if k in text), default=-9.0) for text in texts])


def found(question: str, hits, logits: dict[str, float]):
    return sides(comparison(question, lambda text: ""), lambda _: hits, flat, judge(logits))


def papers(*, age: tuple[str, str], wait: tuple[str, str]):
    return [hit(f"第二条 自登记之日起{a}个月内的车辆可以置换。\n第三条 自收到通知之日起{w}日内答复申请人。", 0.9, title)
            for title, a, w in zip((OLD, NEW), age, wait, strict=True)]


def test_two_halves_that_differ_in_a_figure_bear_each_other_out():
    both = papers(age=("24", "36"), wait=("10", "10"))
    there = found("置换要求，2023版和2025版各是多少个月", both, {"登记之日": -1.5})
    assert [side.found for side in there] == [True, True]
    assert ["24" in there[0].evidence.best.plain, "36" in there[1].evidence.best.plain] == [True, True]


def test_the_same_figure_on_both_sides_bears_nothing_out():
    both = papers(age=("24", "24"), wait=("10", "10"))
    assert not any(side.found for side in found("置换要求，2023版和2025版各是多少个月", both, {"登记之日": -1.5}))


def test_what_is_found_surely_for_each_stays():
    both = [hit("最后一日15:00前可撤销认购。\n募集期结束后3个工作日内退还认购资金。", 0.9, OLD),
            hit("4.2 认购撤销：最后一日17:30后不可撤销。\n募集期结束后5个工作日内退还认购资金。", 0.9, NEW)]
    there = found("2023版和2025版，最后一日几点前能撤销各是多少", both, {"撤销": 4.0, "退还": 1.0})
    assert ["15:00" in there[0].evidence.best.plain, "17:30" in there[1].evidence.best.plain] == [True, True]


@pytest.mark.parametrize("count", [1, 3])
def test_one_or_three_sides_are_left_alone(count):
    three = found("2023版、2025版和2027版，置换要求各是多少个月", papers(age=("24", "36"), wait=("10", "10")), {"登记之日": -1.5})
    assert paired(three[:count], flat) == three[:count]


def test_likeness_does_not_count_figures():
    assert likeness("自登记之日起24个月内的车辆", "自登记之日起36个月内的车辆") == 1.0 and likeness("24个月", "36个月") == 0.0
