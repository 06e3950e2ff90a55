"""Lists are found whole and told shortly."""

from dataclasses import replace

import pytest

from rag.answer.enumeration import enumerations, spoken
from rag.answer.evidence import select
from rag.answer.lists import completed, items_meant
from rag.answer.quotation import quoted
from rag.index.hit import Section
from tests.rag.answer.test_evidence import flat, hit, judge

NUMBERED = """有下列情形之一的，停止领取：
1. 重新就业的；
2. 应征服兵役的；
3. 移居境外的。
其他按规定办理。"""
INLINE = "**视同工伤**（第十五条）：突发疾病死亡或者48小时之内经抢救无效死亡；抢险救灾中受到伤害；旧伤复发。"
BRACKETS = "符合下列条件：（一）年满18周岁；（二）有稳定收入；（三）信用良好。"
TABLE = """协商方案
| 方案 | 适用 |
| --- | --- |
| 延后扣款 | 短期困难 |
| 只还利息 | 收入下降 |
| 延长期限 | 长期困难 |"""


@pytest.mark.parametrize(("text", "lead", "items"), [
    (NUMBERED, "有下列情形之一的，停止领取", ("重新就业的", "应征服兵役的", "移居境外的")),
    (INLINE, "视同工伤（第十五条）", ("突发疾病死亡或者48小时之内经抢救无效死亡", "抢险救灾中受到伤害", "旧伤复发")),
    (BRACKETS, "符合下列条件", ("年满18周岁", "有稳定收入", "信用良好")),
    (TABLE, "协商方案，方案", ("延后扣款", "只还利息", "延长期限")),
    ("猝死指突然死亡。下列情形所致的身故，均不属于猝死：1.精神病（见注1）、先天性疾病；2.移植器官；3.化学污染。注1：指世界卫生组织所列的。",
     "下列情形所致的身故，均不属于猝死", ("精神病（见注1）、先天性疾病", "移植器官", "化学污染")),
    ("重大自然灾害是指：(1)地震：4.5级以上。(2)洪水：水流脱离水道。\n(3)台风：12级。\n\n（4）冰雹：固体降水。\n其他。",
     "重大自然灾害是指", ("地震：4.5级以上", "洪水：水流脱离水道", "台风：12级", "冰雹：固体降水")),
    ("应提交：\n申请书；\n身份证；\n收入证明。", "应提交", ("申请书", "身份证", "收入证明")),
])
def test_every_form_is_collected_whole_and_word_for_word(text, lead, items):
    (found,) = enumerations(text)
    assert (found.lead, found.items) == (lead, items)
    assert all(line in text for line in found.text.split("\n"))


def test_prose_and_a_single_item_are_no_enumeration():
    assert enumerations("等待期为90日。犹豫期为15日。") == [] and enumerations("1. 只有一项。") == []
    assert enumerations("受理时间为9：00、13：00、15：00、每日三次。") == [] and enumerations("合计\n20.00\n15.00 偿还有息债务") == []


def test_a_table_that_goes_on_in_the_next_piece_is_one():
    head = TABLE.split("\n")
    text = "\n".join([*head[:5], *head[1:3], head[5]])
    assert enumerations(text)[0].items == ("延后扣款", "只还利息", "延长期限")


def test_short_lists_are_told_with_their_words_and_long_ones_say_how_many_of_how_many():
    assert spoken(enumerations(NUMBERED)[0]) == "共3项：重新就业的；应征服兵役的；移居境外的"
    long = "情形：\n" + "\n".join(f"{n}. 这是第{n}种很长很长的情形名称，" + "还有许多细节" * 12 + "；" for n in range(1, 31))
    said = spoken(enumerations(long)[0])
    assert said.startswith("共30项，列出") and len(said) <= 300


def test_a_list_that_begins_in_its_middle_does_not_claim_to_be_whole():
    (found,) = enumerations("3. 重新就业的；\n4. 服兵役的；\n5. 移居的。")
    assert spoken(found).startswith("文中列出3项")


def test_a_question_for_items_is_answered_by_the_whole_list_of_the_section():
    part = "\n".join(NUMBERED.split("\n")[:3])
    found = replace(hit(part), chunk_id=7)
    evidence = select("哪些情形停止领取？", [found], flat, judge("重新就业"))
    assert evidence.best.kind == "enumeration"
    whole = completed(evidence, [found], lambda piece: Section(NUMBERED, (), 3) if piece == 7 else None)
    text, _ = quoted(whole, "哪些情形停止领取？")
    assert text == "共3项：重新就业的；应征服兵役的；移居境外的[1]"
    assert "3. 移居境外的。" in whole.citations[0].text


def test_where_the_section_is_gone_the_list_says_that_there_may_be_more():
    found = hit(NUMBERED)
    evidence = completed(select("哪些情形停止领取？", [found], flat, judge("重新就业")), [found], lambda _: None)
    assert quoted(evidence, "哪些情形停止领取？")[0].startswith("文中列出3项")


def test_a_table_whose_caption_is_said_again_in_the_next_piece_is_one():
    head = TABLE.split("\n")
    text = "\n".join([*head[:5], *head[:3], head[5]])
    (found,) = enumerations(text)
    assert found.items == ("延后扣款", "只还利息", "延长期限")


def test_a_list_whose_lead_is_said_again_over_its_second_part_is_told_whole():
    lead, items = "同时符合下列3项指标：", ["（1）投入占比5%以上；", "（2）人员占比10%以上；", "（3）专利7项以上。"]
    section = "\n".join([lead, items[0], lead, *items[1:]])
    assert [len(one.items) for one in enumerations(section)] == [3]
    found = replace(hit("\n".join([lead, *items[1:]])), chunk_id=7)
    evidence = select("专利要达到多少", [found], flat, judge("专利"))
    assert evidence.best.kind == "list" and "5%" not in evidence.best.text
    whole = completed(evidence, [found], lambda piece: Section(section, (), 3))
    assert whole.best.text == "\n".join([lead, *items]) and "5%以上" in whole.citations[0].text


def test_of_a_long_list_the_items_that_are_asked_about_are_told_and_that_there_are_others():
    lead = "下列损失，保险人不负责赔偿："
    items = ["（一）食品本身的损失，食品召回造成的损失；", "（二）罚款、罚金；", "（三）精神损害赔偿；", "（四）恶意投毒导致的损失；", "（五）免赔额。"]
    section = "\n".join([lead, *items[:3], lead, *items[3:]])
    found = replace(hit("\n".join([lead, *items[3:]])), chunk_id=7)
    question = "食品召回的损失赔不赔"
    evidence = select(question, [found], flat, judge("不负责赔偿"))
    told = completed(evidence, [found], lambda piece: Section(section, (), 3), items_meant(question, flat))
    assert quoted(told, question)[0] == f"{lead}\n{items[0]}\n（共5项，只列与所问有关的1项）[1]" and items[0] in told.citations[0].text
    every = completed(evidence, [found], lambda piece: Section(section, (), 3), items_meant("这个保险靠谱吗", flat))
    assert every.best.text == "\n".join([lead, *items])


def listed(section: str, part: str, question: str, matter: str, there: bool = True):
    """What is quoted for a question of a section, of which a part was found."""
    found = replace(hit(part), chunk_id=7)
    evidence = select(question, [found], flat, judge(matter))
    told = completed(evidence, [found], lambda _: Section(section, (), 3) if there else None, question=question)
    return quoted(told, question)[0]


LONG = "有下列情形之一的，保险人不承担责任：\n" + "\n".join(f"（{n}）{kind}造成的一切损失，包括由此产生的{'直接费用、间接费用、' * 5}以及利息；"
                                                 for n, kind in zip("一二三四五六", ("地震", "洪水", "战争", "核辐射", "酒驾", "自燃"), strict=True))


@pytest.mark.parametrize("question", ["除外责任是什么", "哪些情形不承担责任"])
def test_of_a_list_too_long_for_an_answer_the_items_are_told_in_short_with_their_number(question):
    said = listed(LONG, LONG, question, "核辐射")
    assert said.startswith("共6项") and "自燃" in said and len(said) <= 300


def test_where_one_item_of_a_longer_list_answers_how_many_there_are_is_said():
    steps = "\n".join(f"{n}. 第{n}步，请在{place}办理{'并留存有关的全部凭证' * 9}。" for n, place in enumerate(("大厅", "柜面", "网上", "窗口", "手机"), 1))
    assert listed(steps, steps, "在柜面如何办", "柜面").endswith("（共5项，这里是其中1项）[1]")
    assert "其中" not in listed(steps, steps, "柜面能办吗", "柜面")  # yes or no is told by the one


def test_a_list_that_is_told_whole_says_how_many_and_one_that_may_go_on_that_it_may():
    part = "\n".join(NUMBERED.split("\n")[:4])
    assert listed(part, part, "怎样才停止领取", "停止领取").endswith("（共3项）[1]")
    assert listed(part, part, "怎样才停止领取", "停止领取", there=False).endswith("（这里列出3项，可能不全）[1]")


def test_a_list_too_long_with_its_second_part_is_told_in_short():
    lines = LONG.split("\n")
    section = "\n".join([*lines[:3], lines[0], *lines[3:]])
    said = listed(section, "\n".join([lines[0], *lines[3:]]), "怎样算不承担责任", "战争")
    assert said.startswith("共6项") and "地震" in said
