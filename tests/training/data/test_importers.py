"""Public forms come in with source, licence and topic. Run: pytest tests/training/data/test_importers.py"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from rag.answer.prompt import SYSTEM
from rag.errors import OdfinError
from training.data.config import Import, load_config
from training.data.files import rows
from training.data.importers import LONGEST_PASSAGE, imported
from training.data.licences import licence_id, shippable
from training.data.shapes import read_row

ASKED = "信用卡逾期一天会影响征信吗？"
SAID = "容时期内还清的，一般不会上报征信。"


def written(folder: Path, name: str, rows_: list[dict]) -> Path:
    file = folder / name
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows_), encoding="utf-8")
    return file


@pytest.mark.parametrize("row", [
    {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}, {"role": "user", "content": "谢谢"}]},
    {"conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]},
    {"instruction": ASKED, "input": "", "output": SAID},
    {"question": ASKED, "answers": [SAID]},
    {"问题": ASKED, "回答": SAID},
], ids=["messages", "sharegpt", "alpaca", "lecoqa", "chinese-columns"])
def test_conversations_in_every_form(row):
    example = read_row(row)
    assert example.turns == (("user", ASKED), ("assistant", SAID)) and example.task == "consultation"


def test_multiple_choice_keeps_its_options_and_reason():
    fin_eva = read_row({"set": "fin-eva", "subject": "保险", "context": None, "question": "谁是保险合同的当事人", "A": "投保人", "B": "证人", "answer": "A"})
    assert fin_eva.task == "multiple_choice" and fin_eva.source == "fin-eva" and fin_eva.document == "保险"
    assert "A. 投保人" in fin_eva.turns[0][1] and fin_eva.turns[-1][1].endswith("答案：A")
    cflue = read_row({"question": "下列属于资产的有", "choices": ["A. 现金", "B. 应付账款", "C. 存货"], "answer": "AC", "analysis": "应付账款是负债。"})
    assert cflue.turns[-1][1] == "应付账款是负债。\n答案：AC" and "B. 应付账款" in cflue.turns[0][1]
    assert read_row({"question": "选什么", "A": "甲", "B": "乙", "answer": "D"}) is None


def test_a_question_over_a_passage_gets_the_assistants_prompt(tmp_path):
    file = written(tmp_path, "qa.jsonl", [{"doc": "某医疗险条款", "passage": "等待期为30日。" * 3, "question": "等待期多久", "answer": "30日。"},
                                         {"doc": "某医疗险条款", "passage": "很长的条款。" * 200, "question": "等待期多久", "answer": "30日。"}])
    dropped = Counter()
    (record,) = imported(Import(path=file, name="insqabench", licence="Apache-2.0"), dropped, {})
    assert record.messages[0]["content"] == SYSTEM and record.question == "等待期多久" and record.document == "insqabench/某医疗险条款"
    assert (record.source, record.licence, record.topic, record.task) == ("insqabench", "apache-2.0", "保险", "reading")
    assert dropped == {"段落太长，答案不在其中一处": 1}


LONG = ("第一条 保险责任开始于合同生效之日。" * 12 + "第五条 自合同生效之日起30日为等待期。等待期内发生疾病的，退还已交保险费。"
        + "第九条 投保人可以申请复效。" * 30)
TABLE = "第一条 说明。" * 40 + "\n| 期限 | 利率 |\n| --- | --- |\n| 1年 | 1.45% |\n| 3年 | 1.95% |\n" + "第二条 说明。" * 40


@pytest.mark.parametrize(("passage", "answer", "holds"), [
    (LONG, "30日，等待期内发生疾病的退还已交保险费。", "自合同生效之日起30日为等待期。等待期内发生疾病的，退还已交保险费。"),
    (TABLE, "1年的利率为1.45%。", "| 期限 | 利率 |\n| --- | --- |\n| 1年 | 1.45% |"),
    (LONG, "90日。", ""),  # the figure is nowhere
    ("保证续保期间为6年。" + "第二条 说明。" * 100 + "续保时免收等待期。", "保证续保6年，续保时免收等待期。", "")])  # at both ends
def test_a_long_passage_is_cut_to_whole_sentences_that_hold_the_answer(tmp_path, passage, answer, holds):
    file = written(tmp_path, "qa.jsonl", [{"doc": "某条款", "passage": passage, "question": "等待期多久，怎么办", "answer": answer}])
    dropped = Counter()
    found = list(imported(Import(path=file, licence="MIT"), dropped, {}))
    assert (len(found), dropped.total()) == ((1, 0) if holds else (0, 1))
    for record in found:
        (shown,) = record.evidence
        assert holds in shown and len(shown) <= LONGEST_PASSAGE and shown in passage and shown in record.messages[1]["content"]
        assert shown.startswith(("第", "|")) and shown.endswith(("。", "|")), "no sentence and no table is torn"


PERSON, PHONE, CARD = "投保人：张小明", "13812345678", "6222021234567894"


def test_nothing_that_is_written_down_holds_personal_data(tmp_path):
    asked = f"我的手机号码是{PHONE}，想问问这张卡{CARD}还能不能用"
    rows_ = [{"doc": f"{PERSON}的保单", "passage": f"{PERSON}，电话{PHONE}。等待期为30日。", "question": f"等待期多久，请回电{PHONE}", "answer": "30日。"},
             {"source": f"网友{PHONE}", "question": asked, "answer": "可以继续使用，请勿外借。"},
             # cut after forty characters the number would be no number any more
             {"question": "请问各位老师我想咨询一个关于信用卡的问题麻烦尽快打给我谢谢我的电话是" + PHONE, "answer": "请拨打客服热线。"}]
    facts: dict[str, int] = {}
    found = list(imported(Import(path=written(tmp_path, "a.jsonl", rows_), licence="MIT"), Counter(), facts))
    said = json.dumps([record.to_json() for record in found], ensure_ascii=False)
    assert len(found) == 3 and "30日" in said and facts == {"masked": 3}
    assert not [words for words in ("张小明", PHONE, PHONE[:6], CARD) if words in said]
    assert found[0].evidence[0] in found[0].messages[1]["content"], "the evidence is still what the passage says"


def test_the_licence_goes_by_the_rows_own_source(tmp_path):
    file = written(tmp_path, "pool.jsonl", [{"source": "cflue:基金", "instruction": ASKED, "output": SAID}, {"source": "LeCoQA", "instruction": ASKED, "output": SAID},
                                           {"nothing": 1}])
    dropped = Counter()
    found = list(imported(Import(path=file, licences={"cflue": "CC BY-NC 4.0", "lecoqa": "MIT"}), dropped, {}))
    assert [(r.source, r.licence) for r in found] == [("cflue:基金", "cc-by-nc-4.0"), ("LeCoQA", "mit")] and dropped == {"格式不认识或没有答案": 1}


@pytest.mark.parametrize(("licence", "may"), [("Apache-2.0", True), ("MIT", True), ("CC BY 4.0", True), ("own", True), ("official", True),
                                              ("CC BY-NC 4.0", False), ("cc-by-sa-4.0", False), ("", False), ("none stated", False), ("GPL-3.0", False)])
def test_what_may_be_shipped(licence, may):
    assert shippable(licence) is may and licence_id(licence) == licence_id(licence_id(licence))


def test_files_in_every_format(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    (tmp_path / "a.csv").write_bytes(f"question,answer\n{ASKED},{SAID}\n".encode("gb18030"))
    (tmp_path / "b.json").write_text(json.dumps({"data": [{"question": ASKED, "answer": SAID}]}, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "c.tsv").write_text(f"question\tanswer\n{ASKED}\t{SAID}\n", encoding="utf-8")
    pq.write_table(pa.table({"question": [ASKED], "answer": [SAID]}), tmp_path / "d.parquet")
    for name in ("a.csv", "b.json", "c.tsv", "d.parquet"):
        assert [dict(row) for row in rows(tmp_path / name)] == [{"question": ASKED, "answer": SAID}], name


@pytest.mark.parametrize(("name", "text", "says"), [("a.jsonl", '{"a": 1}\n{"b":', "第 2 行"), ("b.jsonl", "[1]", "不是一个对象"), ("c.json", "{", "不是 JSON"),
                                                    ("d.parquet", "xx", "Parquet"), ("e.csv", "", "表头")])
def test_a_bad_file_is_one_clear_line(tmp_path, name, text, says):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(OdfinError, match=says) as caught:
        list(rows(tmp_path / name))
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_a_recipe_with_a_wrong_key_is_refused_and_paths_are_its_own(tmp_path):
    good = tmp_path / "r.yaml"
    good.write_text("seed: 3\nimports:\n  - {path: data/x.jsonl, licence: MIT}\n", encoding="utf-8")
    assert load_config(good).imports[0].path == (tmp_path / "data" / "x.jsonl").resolve() and load_config(good, seed=9).seed == 9
    bad = tmp_path / "bad.yaml"
    bad.write_text("readng: {knowledge: 3}\n", encoding="utf-8")
    with pytest.raises(OdfinError, match="readng"):
        load_config(bad)
    bad.write_text("a: [", encoding="utf-8")
    with pytest.raises(OdfinError, match="YAML"):
        load_config(bad)
