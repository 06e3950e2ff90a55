"""A run's page, the comparison of two runs, and the gate: over real runs without a student."""

from __future__ import annotations

import json
import re

import pytest

from rag.errors import OdfinError
from rag.evaluate.compare import compare_runs
from rag.evaluate.compare_page import compare_page
from rag.evaluate.evaluation import run_eval
from rag.evaluate.gate import hold, read_gate
from rag.evaluate.run_page import run_page

ROWS = [
    {"id": "a", "kind": "number", "topic": "保险", "question": "澄安重大疾病保险的等待期多少天？", "must": ["90日"], "source": "保险/澄安重疾险条款.txt"},
    {"id": "b", "kind": "number", "topic": "信用卡", "question": "白金卡一年年费多少？", "must": [["600元", "600"]], "source": "信用卡/收费标准.csv"},
    {"id": "c", "kind": "fact", "topic": "贷款", "question": "<script>alert(1)</script>提前还款要收违约金吗？", "must": ["不可能的答案<b>"]},
    {"id": "d", "kind": "unanswerable", "topic": "基金", "question": "火星基金的托管人是谁？", "answerable": False},
]


@pytest.fixture(scope="module")
def runs(indexed, tmp_path_factory):
    """Two runs of the same questions: as it is, and by keywords alone without the reranker."""
    folder = tmp_path_factory.mktemp("reports")
    path = folder / "own.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    settings = indexed.model_copy(update={"home": indexed.home})
    whole = run_eval(settings, [path], systems=["hybrid", "keyword", "evidence"])
    less = run_eval(settings.model_copy(update={"reranker": "off"}), [path], systems=["hybrid", "keyword", "evidence"])
    return path, whole, less


def test_a_run_writes_a_page_that_needs_nothing_else(runs):
    _, whole, _ = runs
    page = (whole.folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)|@import|url\((?!#)""", page)
    assert page.count("<svg") >= 6 and "助手（无学生，只引原文）" in page and "系统给出的可回答概率" in page
    for title in ("检索", "回答：总体", "回答：按题型", "回答：按主题", "回答：按文档类别", "用时", "拒答概率的校准", "做错的题"):
        assert f"<h2>{title}</h2>" in page, title
    assert str(whole.folder / "report.html") in whole.to_markdown()
    [score] = whole.answers[:1]
    assert score.system == "evidence" and score.seconds["first_token_s"] == (None, None)


def test_wrong_answers_can_be_read_and_nothing_in_them_is_markup(runs):
    _, whole, _ = runs
    page = (whole.folder / "report.html").read_text(encoding="utf-8")
    errors = page[page.index("<h2>做错的题</h2>") :]
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;提前还款要收违约金吗？" in errors
    assert "不可能的答案&lt;b&gt;" in errors and "贷款/安居贷产品手册.md" in errors
    assert "澄安重大疾病保险的等待期多少天？" not in errors


def test_a_page_of_retrieval_alone_and_of_old_rows():
    row = {"part": "retrieval", "set": "s", "system": "hybrid", "id": "1", "kind": "", "topic": "", "rank": 2}
    page = run_page({}, [row])
    assert "<h2>检索</h2>" in page and "100.0 [20.7, 100.0]（1/1）" in page and "回答" not in page.split("<h2>检索</h2>")[1].split("</style>")[-1]


def test_two_runs_are_compared_question_by_question(runs):
    _, whole, less = runs
    found = compare_runs(whole.folder, less.folder)
    by_name = {(one.system, one.measure): one for one in found.differences}
    assert {"R@1", "R@5", "MRR"} == {name for system, name in by_name if system == "keyword"}
    done = by_name["evidence", "做对"]
    assert done.count == 4 and (done.gained - done.lost) == round(4 * done.difference) and 0 <= done.p <= 1
    assert by_name["evidence", "总时长（秒）"].p is None
    assert len(found.lost) == done.lost and len(found.gained) == done.gained
    assert found.changed == ["设置 reranker：shipped → off"]
    page = compare_page(found)
    assert page.count("<svg") == 2 and "设置 reranker：shipped → off" in page
    assert json.loads(json.dumps(found.to_json()))["changed"] == found.changed and "McNemar p" in found.to_markdown()


def test_a_comparison_by_hand(tmp_path):
    base = {"part": "answers", "set": "s", "system": "evidence", "kind": "fact", "answerable": True, "question": "问", "refused": False,
            "answer": "答", "citations": []}
    for name, marks in (("one", [True, True, False, True]), ("two", [True, False, True, False])):
        folder = tmp_path / name
        folder.mkdir()
        rows = [base | {"id": str(i), "correct": mark, "total_s": 1.0 + i} for i, mark in enumerate(marks)]
        (folder / "config.json").write_text('{"code": "' + name + '"}', encoding="utf-8")
        (folder / "rows.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    found = compare_runs(tmp_path / "one", tmp_path / "two")
    done = next(one for one in found.differences if one.measure == "做对")
    assert (done.first, done.second, done.gained, done.lost, done.p) == (0.75, 0.5, 1, 2, 1.0)
    assert [a["id"] for a, _ in found.lost] == ["1", "3"] and [a["id"] for a, _ in found.gained] == ["2"]
    assert found.changed == ["程序：one → two"]
    assert "乙 答" in compare_page(found) and "变错（2）" in compare_page(found)
    with pytest.raises(OdfinError, match="不是评测结果文件夹"):
        compare_runs(tmp_path / "one", tmp_path)


def test_runs_over_other_questions_do_not_pair(runs, indexed, tmp_path, write):
    _, whole, _ = runs
    other = run_eval(indexed, [write(tmp_path / "other.jsonl", ROWS)], parts=["retrieval"], systems=["keyword"])
    with pytest.raises(OdfinError, match="没有相同的题"):
        compare_runs(whole.folder, other.folder)


def test_a_gate_holds_or_says_what_fell(runs, indexed, tmp_path):
    path, _, _ = runs
    file = path.with_name("gate.json")
    floors = [{"measure": "R@5", "least": 1.0}, {"measure": "refused_right", "kind": "unanswerable", "least": 1.0}]
    file.write_text(json.dumps({"questions": "own.jsonl", "ids": ["a", "b", "d"], "floors": floors}), encoding="utf-8")
    outcome = hold(indexed, read_gate(file))
    outcome.check()
    assert [(one.count, one.value) for one in outcome.floors] == [(2, 1.0), (1, 1.0)]
    assert "| 检索 R@5 | 过 | 下限 | 2 | 100.0 | 100.0 |" in outcome.to_markdown()
    floors = [{"measure": "correct", "kind": "fact", "least": 0.5}, {"measure": "refused_wrong", "most": 0.0}]
    file.write_text(json.dumps({"questions": "own.jsonl", "floors": floors}), encoding="utf-8")
    with pytest.raises(OdfinError, match=r"守门未过：答对（事实） 0\.0，低于下限 50\.0（1 题）"):
        hold(indexed, read_gate(file)).check()


def test_a_gate_is_not_held_over_fewer_questions_than_it_names(indexed, tmp_path, write):
    write(tmp_path / "own.jsonl", [*ROWS[:1], ROWS[1] | {"source": "信用卡/不在.csv"}])
    file = tmp_path / "gate.json"
    file.write_text(json.dumps({"questions": "own.jsonl", "ids": ["a", "b"], "floors": [{"measure": "R@5", "least": 0.5}]}), encoding="utf-8")
    with pytest.raises(OdfinError, match=r"守门要问 2 题，索引只答得了 1 题；.*缺 信用卡/不在\.csv"):
        hold(indexed, read_gate(file))


@pytest.mark.parametrize(("text", "said"), [
    ("[1", "不是 UTF-8 的 JSON"),
    ('{"questions": "knowledge", "floors": []}', "字段 floors 不对"),
    ('{"questions": "knowledge", "floors": [{"measure": "speed", "least": 1}]}', "字段 floors.0.measure 不对"),
    ('{"questions": "knowledge", "floors": [{"measure": "R@5"}]}', "least 或 most"),
])
def test_a_gate_file_that_does_not_fit(tmp_path, text, said):
    file = tmp_path / "gate.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OdfinError, match=said):
        read_gate(file)
