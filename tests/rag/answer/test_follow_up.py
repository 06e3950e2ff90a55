"""A follow-up takes its subject from the question before."""

import pytest

from rag.answer.follow_up import only_figures, readings, standalone
from rag.answer.labels import groups_of
from rag.answer.result import Turn


def asked(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "……"))]


@pytest.mark.parametrize(("before", "question", "words"), [
    (["安居贷的利率是多少"], "那提前还款呢？", ["安居贷", "提前还款"]),
    (["澄安重疾险等待期多久"], "宽限期呢？", ["澄安重疾险", "宽限期"]),
    (["金卡年费多少", "那白金卡呢？"], "它的取现手续费是多少", ["白金卡", "取现手续费"]),
])
def test_what_is_left_out_is_taken_over(before, question, words):
    alone = standalone(question, asked(*before))
    assert all(word in alone for word in words)


def test_another_matter_of_the_same_product_leaves_the_old_matter_behind():
    alone = standalone("那逾期呢？", asked("安居贷提前还款要收违约金吗？"), lambda text: "安居贷" if "安居贷" in text else "")
    assert alone == "安居贷，逾期呢？"


def test_another_case_of_the_same_matter_keeps_it():
    alone = standalone("第三年呢？", asked("福满堂第二年退保扣多少"), lambda text: "福满堂" if "福满堂" in text else "")
    assert "退保" in alone and "第三年" in alone and "福满堂" in alone


@pytest.mark.parametrize("question", ["住房公积金贷款的首套利率是多少", "职工医保在三级医院住院的起付线是多少钱"])
def test_a_question_of_its_own_stays_as_it_is(question):
    assert standalone(question, asked("安居贷的利率是多少")) == question


def test_without_history_nothing_is_added():
    assert standalone("那退保呢？", []) == "那退保呢？"


def test_a_question_that_leans_on_nothing_may_still_go_on():
    before = asked("存款保险怎么赔")
    assert readings("多久能拿到这笔钱？", before) == ["多久能拿到这笔钱？", "存款保险怎么赔，多久能拿到这笔钱？"]
    assert readings("安居贷多久放款？", before, lambda text: "安居贷" if "安居贷" in text else "") == ["安居贷多久放款？"]


CARDS = """| 卡种 | 最高额度 |
| --- | --- |
| 金卡 | 50,000元 |
| 普卡 | 20,000元 |"""


def named(*names: str):
    return lambda text: next((name for name in names if name in text), "")


@pytest.mark.parametrize(("before", "question", "expected"), [
    (["福满堂保单贷款利率多少？"], "福满溢呢？", "福满溢保单贷款利率多少?"),
    (["稳盈90天A款多少钱起买？"], "C款呢", "稳盈90天C款多少钱起买?"),
    (["轻途A款两年期尾款最多能留多少"], "那36期的A款呢", "轻途A款36期尾款最多能留多少"),
    (["安途分期保费6000分6期手续费率多少"], "那保费要是三千多的呢", "安途分期保费三千多分6期手续费率多少，保费要是三千多的呢"),
    (["存一年利率多少"], "那3个月呢", "存3个月利率多少"),
    (["福满堂和福满溢哪个等待期短？"], "那保证续保呢，后一个是多少年？", "保证续保呢，福满溢是多少年？"),
    (["福满堂等待期多久？"], "它多少钱", "福满堂多少钱"),
    (["福满堂等待期多久？"], "它和福满溢比哪个划算？", "福满堂和福满溢比哪个划算？"),
    (["福满溢等待期多久？", "福满堂等待期多久？"], "它和上一个比哪个划算？", "福满堂和福满溢比哪个划算？"),
    (["福满堂领取年龄能改吗"], "那福满溢呢，能改几次", "福满溢领取年龄能改吗，能改几次"),
    (["福满堂赎回几天到账"], "福满溢那只呢，几天能到", "福满溢赎回几天到账，几天能到"),
    (["福满堂多大年纪能买"], "那Plus呢，最大到多少岁", "福满堂Plus多大年纪能买，最大到多少岁"),
    (["福满堂犹豫期多少天"], "那换成福满溢是多少天呢", "福满溢犹豫期多少天"),
    (["福满堂基础版一年最多报多少"], "要是尊享版呢", "福满堂尊享版一年最多报多少"),
    (["综合中型股波动多少触发"], "小型股那个是多少", "综合小型股波动多少触发"),
    (["什么是福满堂？", "最高投保年龄是多少？"], "它的宽限期呢？", "福满堂的宽限期呢？"),
])
def test_another_thing_takes_the_place_and_pointing_words_are_resolved(before, question, expected):
    assert standalone(question, asked(*before), named("福满堂Plus", "福满堂", "福满溢", "稳盈90天")) == expected


def test_a_name_of_the_same_table_takes_the_place():
    before = asked("金卡最高额度多少？")
    assert standalone("普卡呢？", before, groups=lambda _: groups_of([CARDS])) == "普卡最高额度多少?"


def test_the_rest_is_asked_by_the_question_itself():
    assert standalone("还有呢？", asked("哪些情形会被降低额度？")) == "哪些情形会被降低额度？"


@pytest.mark.parametrize(("question", "answer", "expected"), [
    ("我想贷30万，年利率3.1%，每月还多少？", "20年", "我想贷30万，年利率3.1%，每月还多少，20年"),
    ("贷100万30年，等额本金总利息多少？", "按3.1%算", "贷100万30年，等额本金总利息多少，按3.1%算"),
    ("贷30万分20年，年利率3.1%，每月还多少？", "30年", "贷30万分30年,年利率3.1%,每月还多少?"),
])
def test_what_was_asked_back_is_put_to_the_question(question, answer, expected):
    assert standalone(answer, asked(question)) == expected


def test_a_message_of_figures_is_told_from_a_question():
    assert only_figures("20年") and only_figures("按3.1%算") and not only_figures("20年呢？") and not only_figures("等待期90天")


def test_another_product_with_its_own_matter_is_not_read_into_the_talk_before():
    assert standalone("那福满溢的犹豫期是多少天？", asked("福满堂等待期多久？"), named("福满堂", "福满溢")) == "那福满溢的犹豫期是多少天？"


@pytest.mark.parametrize(("before", "question", "expected"), [
    (["福满堂犹豫期几天", "福满堂贷款能贷多少"], "利息呢", "福满堂贷款能贷，利息呢"),
    (["福满堂犹豫期几天"], "利息呢", "福满堂，利息呢"),
    (["证券公司挪用客户资金怎么罚"], "那直接负责的主管呢", "证券公司挪用客户资金怎么罚，直接负责的主管呢"),
    (["福满堂等待期多久", "福满溢呢"], "它俩哪个犹豫期长", "福满堂和福满溢哪个犹豫期长"),
    (["福满堂等待期多久", "福满溢呢"], "哪个更长", "福满堂和福满溢哪个更长"),
])
def test_what_the_detail_is_of_goes_with_it(before, question, expected):
    assert standalone(question, asked(*before), named("福满堂", "福满溢", "证券公司")) == expected


def test_a_particle_is_no_kind():
    assert "死了8年" not in standalone("死了呢", asked("失业金能领多久", "交了8年的呢"))


def test_a_long_talk_leaves_only_its_opening_and_its_end():
    talk = asked("失业金怎么领", "自己辞职的呢", "交了12年能领多少个月", "每个月多少钱")
    assert standalone("第二年呢", talk).count("，") <= 3 and "失业金" in standalone("第二年呢", talk)


def test_who_acts_is_not_all_that_a_question_may_go_on_with():
    ways = readings("依据是哪一条", asked("证券公司挪用客户资金怎么罚"), named("证券公司"))
    assert ways == ["依据是哪一条", "证券公司挪用客户资金怎么罚，依据是哪一条"]
