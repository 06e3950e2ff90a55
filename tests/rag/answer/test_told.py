"""What two products' words answer, and whether it is the same."""

import pytest

from rag.answer.told import FIGURE, ITEMS, YES_NO, comparable, kind_asked, same, told
from rag.text.sentences import Unit, split_units


def lists(*texts: str) -> list[Unit]:
    return [split_units(text)[0] for text in texts]


@pytest.mark.parametrize(("question", "kind"), [
    ("等待期是多少天？", FIGURE), ("可以保单贷款吗？", YES_NO), ("申请条件是什么？", ITEMS), ("怎样联系客服？", "")])
def test_what_kind_of_answer_is_wanted(question, kind):
    assert kind_asked(question) == kind


def test_yes_of_one_and_no_of_the_other_differ():
    units = [Unit(text, text) for text in ("合同有效期内，您可以申请保单贷款。", "合同有效期内，您不得申请保单贷款。", "客服热线全天开通。")]
    words = [told(unit, "有效期内可以申请保单贷款吗", YES_NO) for unit in units]
    assert words == [("可以",), ("不可以",), ()] and not same(words[0], words[1], YES_NO)
    assert comparable(units[0], units[1], YES_NO) and not comparable(units[0], units[2], YES_NO)


def test_lists_are_compared_under_the_same_lead_item_by_item():
    one, other, apart = lists("申请时请提供下列材料：\n（一）保险合同；\n（二）死亡证明。", "申请时请提供下列材料：\n（一）保险合同；\n（二）生存证明。",
                              "办理步骤如下：\n（一）登录；\n（二）签约。")
    items = [told(unit, "", ITEMS) for unit in (one, other)]
    assert items[0] == ("保险合同", "死亡证明") and not same(*items, ITEMS) and same(items[0], items[0], ITEMS)
    assert comparable(one, other, ITEMS) and not comparable(one, apart, ITEMS)
