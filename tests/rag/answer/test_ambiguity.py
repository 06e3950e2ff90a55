"""A question that names no product, where products answer differently; over a real index, read by the shipped reranker."""

import pytest

from rag.answer.assistant import Assistant
from rag.answer.result import EvidenceShown, Finished, Turn
from rag.index.build import Indexer
from rag.index.search import Searcher

PRODUCT = """# {name}条款

## 第一条 犹豫期

自您签收{name}合同次日起，有{regret}日的犹豫期。犹豫期内解除合同的，退还全部保险费。

## 第二条 宽限期

自保险费约定交纳日的次日起60日为宽限期。

## 第三条 保单贷款

在本合同有效期内，{loan}申请保单贷款。

## 第四条 理赔材料

申请理赔时，请提供下列材料：
（一）保险合同；
（二）申请人的有效身份证件；
（三）{paper}。
"""
LAW = """# 机动车交通事故责任强制保险条例

第一条 为了保障机动车道路交通事故受害人依法得到赔偿，制定本条例。

第二十三条 机动车交通事故责任强制保险在全国范围内实行统一的责任限额，由国务院保险监督管理机构规定。
"""
OTHER = """# 客户服务常见问题

问：客服热线几点上班？
答：人工服务时间为8:30至20:30。

问：纸质发票多少钱一份？
答：每份收取5元工本费。
"""


@pytest.fixture(scope="module")
def products(tmp_path_factory, indexed) -> Assistant:
    folder = tmp_path_factory.mktemp("products")
    (folder / "documents" / "保险").mkdir(parents=True)
    for name, regret, loan, paper in (("安平终身寿险", 15, "您可以", "死亡证明"), ("福宁年金保险", 20, "您可以", "生存证明"),
                                      ("康佑重大疾病保险", 15, "您不得", "诊断证明")):
        (folder / "documents/保险" / f"{name}条款.md").write_text(PRODUCT.format(name=name, regret=regret, loan=loan, paper=paper), "utf-8")
    (folder / "documents/保险/客户服务常见问题.md").write_text(OTHER, "utf-8")
    (folder / "documents/保险/机动车交通事故责任强制保险条例.md").write_text(LAW, "utf-8")
    (folder / "home").mkdir()
    (folder / "home/models").symlink_to(indexed.models_dir, target_is_directory=True)
    settings = indexed.model_copy(update={"home": folder / "home", "knowledge": folder / "documents"})
    Indexer(settings).run()
    return Assistant(settings, Searcher(settings), None)


def test_each_product_answers_in_its_own_words_and_may_be_chosen(products):
    answer = products.ask("犹豫期有多少天？")
    assert answer.kind == "choice" and not answer.refused
    assert "15日" in answer.answer and "20日" in answer.answer and "查到3款" in answer.answer
    assert set(answer.choices) == {"安平终身寿险", "福宁年金保险", "康佑重大疾病保险"}
    shown = {c.title: c.text for c in answer.citations}
    assert len(shown) == 2 and "20日" in shown["福宁年金保险条款"]  # those that say the same are shown once


def test_the_words_are_shown_first_and_no_student_is_asked(products):
    events = list(products.stream("犹豫期有多少天？"))
    assert [type(event) for event in events] == [EvidenceShown, Finished]


@pytest.mark.parametrize("question", ["福宁年金保险的犹豫期有多少天？", "福宁的犹豫期有多少天？"])
def test_a_named_product_answers_alone(products, question):
    answer = products.ask(question)
    assert answer.kind != "choice" and "20日" in answer.answer and "15日" not in answer.answer


def test_what_is_named_and_is_none_of_them_forbids_a_choice(products):
    answer = products.ask("交强险的犹豫期有多少天？")
    assert answer.refused and not answer.choices
    assert all("强制保险条例" in citation.title for citation in answer.citations)


def test_a_choice_taken_answers_alone(products):
    offered = products.ask("犹豫期有多少天？")
    answer = products.ask(f"福宁年金保险，{offered.standalone}")
    assert answer.kind != "choice" and "20日" in answer.answer


@pytest.mark.parametrize("question", ["宽限期是多少天？", "纸质发票多少钱一份？", "犹豫期从哪天开始算？", "哪款产品的犹豫期更长？"])
def test_nothing_is_claimed_where_all_agree_or_none_is_meant(products, question):
    assert products.ask(question).kind != "choice"


def test_a_product_that_the_talk_has_named_is_meant(products):
    history = [Turn("user", "福宁年金保险的宽限期是多少天？"), Turn("assistant", "60日。")]
    answer = products.ask("犹豫期有多少天？", history)
    assert answer.kind != "choice" and "20日" in answer.answer and "15日" not in answer.answer


def test_the_setting_turns_it_off(products):
    plain = Assistant(products.settings.model_copy(update={"choices": False}), products.searcher, None)
    assert plain.ask("犹豫期有多少天？").kind == "quote"


def test_where_one_product_says_yes_and_another_no_the_customer_chooses(products):
    answer = products.ask("合同有效期内可以申请保单贷款吗？")
    assert answer.kind == "choice" and "您可以申请" in answer.answer and "您不得申请" in answer.answer
    assert products.ask("康佑合同有效期内可以申请保单贷款吗？").kind != "choice"


def test_where_lists_under_the_same_words_have_other_items_the_customer_chooses(products):
    answer = products.ask("申请理赔要提供哪些材料？")
    assert answer.kind == "choice" and sum(paper in answer.answer for paper in ("死亡证明", "生存证明", "诊断证明")) > 1


def test_where_all_say_the_same_it_is_said_for_which_it_holds(products):
    answer = products.ask("宽限期是多少天？")
    assert "60日" in answer.answer and "3款产品规定相同" in answer.answer
    assert "规定相同" not in products.ask("福宁年金保险的宽限期是多少天？").answer
