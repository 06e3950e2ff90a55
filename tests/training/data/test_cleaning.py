"""Clean text, counted reasons, masked persons, no duplicates, nothing near evaluation. Run: pytest tests/training/data/test_cleaning.py"""

from __future__ import annotations

import json
import random

import pytest

from training.data.cleaning import clean, clean_answer
from training.data.duplicates import likeness, unlike
from training.data.filters import reason
from training.data.overlap import Examined, Overlap, without
from training.data.privacy import masked, without_personal
from training.data.record import Record, read_records, write_records
from training.data.split import HELD_OUT, TRAIN, VALIDATION, Shares, part_of
from training.data.topics import topic_of


def record(question: str, answer: str, **more) -> Record:
    return Record(({"role": "user", "content": question}, {"role": "assistant", "content": answer}), more.pop("task", "consultation"),
                  "x", more.pop("licence", "mit"), more.pop("document", "d"), **more)


def test_markup_links_and_invisible_characters_go_and_words_stay():
    dirty = "<p>年费&nbsp;<b>300</b>元\u200b</p>\r\n\r\n\r\n### 说明\n**免年费**：刷满6笔，见https://example.com/a?b=1。"
    assert clean(dirty) == "年费 300元\n\n说明\n免年费：刷满6笔，见。"
    assert clean("利率<3%时，收益>2%") == "利率<3%时，收益>2%"


def test_greetings_and_courtesies_go():
    assert clean_answer("您好，根据您的描述，挂失手续费免收。如有其他疑问请随时联系我们。祝您生活愉快！") == "挂失手续费免收。"
    assert clean_answer("您好") == "您好"


@pytest.mark.parametrize(("question", "answer", "why"), [
    ("信用卡年费多少", "普卡年费80元。", ""), ("信用卡年费多少", "", "没有答案"), ("？", "是的。", "问题太短"), ("年费多少啊", "锟斤拷锟斤拷年费", "乱码"),
    ("信用卡年费多少", "The annual fee is 80 yuan.", "不是中文"), ("信用卡年费多少？", "信用卡年费多少", "答案照抄问题"), ("怎么还款呢", "请登录手机银行办理。" * 12, "自我重复"),
    ("推荐一只股票", "作为一个AI语言模型，我不能推荐股票。", "机器口吻的推辞"), ("有稳赚的吗", "这个产品稳赚。内幕消息，必涨。", "违规承诺或广告"),
    ("what is a fund?", "基金是一种集合投资方式。", "问题不是中文"), ("怎么办理提前还款", "您可以先在手机银行提交申请，等待银行审核通过之后，再到网点签署还款协议，并且准备好身份证件以及、", "话没说完")])
def test_each_reason_is_given(question, answer, why):
    assert reason(record(question, answer)) == why


def test_persons_are_masked_and_rates_are_not():
    said = masked("我的身份证11010519491231002X，卡号6222 0212 3456 7894，电话13812345678。年利率3.85%，合同号2024000123。\n此致敬礼\n张小明\n承办律师：李强")
    assert "11010519491231002X" not in said and "13812345678" not in said and "张小明" not in said and "李强" not in said
    assert "3.85%" in said and "2024000123" in said and "张**" in said and "李*" in said
    changed, count = without_personal(record("请回电13812345678", "好的。"))
    assert count == 1 and "13812345678" not in changed.question and without_personal(record("年费多少", "80元"))[1] == 0


def test_exact_and_near_duplicates_are_counted_and_the_first_is_kept():
    one = record("住房公积金贷款最长可以贷多少年", "公积金贷款期限最长为30年，且不超过借款人法定退休年龄后5年。")
    same = record("住房公积金贷款最长可以贷多少年？", "公积金贷款期限最长为30年，且不超过借款人法定退休年龄后5年！")
    near = record("住房公积金贷款最长可以贷多少年呀", "公积金贷款期限最长为30年，且不超过借款人法定退休年龄后5年。")
    other = record("住房公积金贷款最高可以贷多少钱", "单人最高60万元，夫妻双方最高120万元。")
    dropped: dict[str, int] = {}
    assert list(unlike([one, same, near, other], dropped)) == [one, other] and dropped == {"完全重复": 1, "近似重复": 1}


def test_minhash_estimates_the_likeness_of_triples():
    chance = random.Random(4)
    letters = [chr(0x4E00 + i) for i in range(3000)]
    errors = []
    for _ in range(20):
        one = "".join(chance.choices(letters, k=200))
        cut = chance.randint(0, 200)
        other = one[:cut] + "".join(chance.choices(letters, k=200 - cut))
        triples = [{t[i : i + 3] for i in range(len(t) - 2)} for t in (one, other)]
        errors.append(abs(likeness(one, other) - len(triples[0] & triples[1]) / len(triples[0] | triples[1])))
    assert sum(errors) / len(errors) < 0.06 and max(errors) < 0.2


def test_what_evaluation_asks_is_removed_and_shown(tmp_path):
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps({"question": q}, ensure_ascii=False) for q in (
        "澄薪贷提前还款要收多少违约金？", "存款保险最多赔多少钱", "养老保险缴费")), encoding="utf-8")
    found = Overlap()
    kept = list(without([record("澄薪贷提前还款要收多少违约金呢", "1%"), record("请问存款保险最多赔多少钱呀", "50万元"), record("养老保险缴费满几年能领", "15年")],
                        Examined([tmp_path]), found))
    assert [r.question for r in kept] == ["养老保险缴费满几年能领"] and found.removed == {"exam": 2} and found.questions == 3
    assert ("澄薪贷提前还款要收多少违约金呢", "澄薪贷提前还款要收多少违约金？") in [example[:2] for example in found.examples["exam"]]


def test_an_institutions_questions_are_read_and_its_documents_are_not(tmp_path):
    for house, question in (("bank", "澄薪贷提前还款要收多少违约金？"), ("broker", "两融开户要多少资产")):
        (tmp_path / house / "documents").mkdir(parents=True)
        (tmp_path / house / "questions.jsonl").write_text(json.dumps({"question": question}, ensure_ascii=False), encoding="utf-8")
        (tmp_path / house / "documents" / "费率.csv").write_text("question,answer\n存款保险最多赔多少钱,50万元\n", encoding="utf-8")
    found = Overlap()
    kept = list(without([record("澄薪贷提前还款要收多少违约金呢", "1%"), record("两融开户要多少资产呀", "50万元"), record("存款保险最多赔多少钱", "50万元")],
                        Examined([tmp_path]), found))
    assert [r.question for r in kept] == ["存款保险最多赔多少钱"] and found.questions == 2
    assert found.removed == {"bank": 1, "broker": 1}, "each is counted by its own name"


def test_a_rewritten_follow_up_is_compared_by_the_question_it_stands_for(tmp_path):
    (tmp_path / "exam.jsonl").write_text(json.dumps({"question": "澄薪贷提前还款要收多少违约金？"}, ensure_ascii=False), encoding="utf-8")
    talk = "【对话】客户：澄薪贷最长借几年\n【追问】那提前还要收多少"
    asked = [record(talk, "澄薪贷提前还款要收多少违约金", task="rewriting"), record(talk, "澄薪贷的年利率是多少", task="rewriting")]
    assert list(without(asked, Examined([tmp_path]), Overlap())) == asked[1:]


def test_every_turn_of_the_customer_is_compared(tmp_path):
    (tmp_path / "exam.jsonl").write_text(json.dumps({"question": "澄薪贷提前还款要收多少违约金？"}, ensure_ascii=False), encoding="utf-8")
    turns = [("user", "【资料】\n…\n【问题】澄薪贷提前还款要收多少违约金呢"), ("assistant", "计算：10000×0.01"), ("user", "【计算结果】100元"), ("assistant", "100元。")]
    sum_ = Record(tuple({"role": role, "content": text} for role, text in turns), "calculator", "x", "own", "d")
    assert list(without([sum_], Examined([tmp_path]), Overlap())) == []


def test_parts_go_by_document_and_held_shapes_are_all_held_out():
    shares = Shares(0.2, 0.2, {"held"})
    parts: dict[str, set[str]] = {TRAIN: set(), VALIDATION: set(), HELD_OUT: set()}
    for number in range(400):
        one = record("问题", f"{number}", document=f"文档{number % 100}")
        parts[part_of(one, shares)].add(one.document)
    assert all(parts.values()) and sum(map(len, parts.values())) == len(set().union(*parts.values())) == 100
    assert {part_of(record("问", f"{n}", document=f"{n}", shape="held"), shares) for n in range(50)} == {HELD_OUT}


@pytest.mark.parametrize(("text", "topic"), [("重疾险等待期内确诊怎么赔", "保险"), ("信用卡最低还款怎么算", "信用卡"), ("基金定投什么时候扣款", "基金"), ("净值型理财会亏吗", "理财"),
                                             ("失业保险金领几个月", "社保"), ("新股申购中签了怎么缴款", "股票"), ("房贷提前还款违约金", "贷款"), ("今天天气怎么样", "其他")])
def test_topics_are_those_of_the_knowledge_folders(text, topic):
    assert topic_of(text) == topic


def test_records_are_written_and_read_back_whole(tmp_path):
    records = [record("问\n题", "答“案”", evidence=("依据",), topic="保险", kind="cell", shape="s")]
    assert write_records(records, tmp_path / "r.jsonl") == 1 and list(read_records(tmp_path / "r.jsonl")) == records
