"""Question sets are read, or refused with one clear line: `.venv/bin/python -m pytest tests/rag/evaluate`."""

from __future__ import annotations

import pytest

from rag.errors import OdfinError
from rag.evaluate.adapters import file_name, load_set


def test_rows_of_the_projects_own_form(tmp_path, write):
    path = write(tmp_path / "own.jsonl", [
        {"question": " 年费多少？ ", "must": ["200元", ["金卡", "金 卡"]], "source": "收费标准.csv", "passage": "甲", "passages": ["乙"]},
        "",
        {"question": "明天下雨吗？", "answerable": False, "kind": "refusal", "history": [{"role": "user", "content": "你好"}]},
    ])
    loaded = load_set(path, tmp_path / "eval")
    first, second = loaded.questions
    assert (loaded.name, loaded.corpus) == ("own", None)
    assert (first.id, first.question, first.must) == ("1", "年费多少？", ("200元", ("金卡", "金 卡")))
    assert first.gold_passages == ("甲", "乙") and first.gold_sources == ("收费标准.csv",) and first.has_gold
    assert (second.id, second.answerable, second.kind, second.has_gold) == ("3", False, "refusal", False)
    assert second.history[0].content == "你好"


@pytest.mark.parametrize(("row", "says"), [
    ('{"question": "a"', "bad.jsonl:2：不是 JSON"),
    ("[1]", "bad.jsonl:2：应是一个 JSON 对象，现在是 list"),
    ({"must": ["x"]}, "bad.jsonl:2：字段 question 不对"),
    ({"question": "  "}, "bad.jsonl:2：字段 question 不对"),
    ({"question": "b", "must": "x"}, "bad.jsonl:2：字段 must 不对"),
    ({"question": "b", "answerable": "perhaps"}, "bad.jsonl:2：字段 answerable 不对"),
    ({"question": "b", "history": [{"role": "robot", "content": ""}]}, "bad.jsonl:2：字段 history.0.role 不对"),
    ({"question": "b", "id": 1}, "bad.jsonl:2：id 1 与第 1 行重复"),
])
def test_a_bad_row_is_named_by_file_and_line(tmp_path, write, row, says):
    path = write(tmp_path / "bad.jsonl", [{"question": "好的"}, row])
    with pytest.raises(OdfinError) as error:
        load_set(path, tmp_path / "eval")
    assert says in str(error.value) and "\n" not in str(error.value)


def test_missing_empty_and_wrongly_encoded_files(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n\n")
    (tmp_path / "gbk.jsonl").write_bytes('{"question": "年费"}'.encode("gb18030"))
    for name, says in (("none.jsonl", "打不开"), ("empty.jsonl", "没有题目"), ("gbk.jsonl", "不是 UTF-8")):
        with pytest.raises(OdfinError, match=says):
            load_set(tmp_path / name, tmp_path / "eval")


def test_clauses_become_contracts_and_questions_with_and_without_the_name(tmp_path, write, clauses):
    loaded = load_set(write(tmp_path / "clauses.jsonl", clauses), tmp_path / "eval")
    files = {file.name: file.read_text(encoding="utf-8") for file in loaded.corpus.iterdir()}
    assert set(files) == {"澄湖安心医疗保险条款.md", "《澄湖康乐意外险》_2024.md"}
    text = files["澄湖安心医疗保险条款.md"]
    assert text.startswith("# 澄湖安心医疗保险条款\n\n第五条") and text.index("第五条") < text.index("第六条")
    by_id = {q.id: q for q in loaded.questions}
    assert len(by_id) == 6
    assert by_id["7:named"].question == "在《澄湖安心医疗保险条款》中，等待期多长？"
    assert by_id["9:named"].question == "在《澄湖康乐意外险》/2024中，有等待期吗？"
    assert by_id["7:named"].gold_sources == ("澄湖安心医疗保险条款.md",) and by_id["7:unnamed"].gold_sources == ()
    assert by_id["7:unnamed"].gold_passages == (clauses[0]["passage"],) and by_id["7:unnamed"].answer == "30日。"


def test_faq_becomes_sections_and_equal_answers_are_gold_too(tmp_path, write, faq):
    loaded = load_set(write(tmp_path / "faq.jsonl", faq), tmp_path / "eval")
    files = {file.name: file.read_text(encoding="utf-8") for file in loaded.corpus.iterdir()}
    assert files["挂失.md"].count("## ") == 2 and "## 卡丢了怎么办？\n\n请立即拨打客服电话挂失。" in files["挂失.md"]
    kinds = {q.question: q.kind for q in loaded.questions}
    assert kinds == {"卡丢了怎么办？": "verbatim", "银行卡找不到了": "reworded", "卡被偷了": "reworded", "年费多少": "reworded"}
    lost = next(q for q in loaded.questions if q.question == "银行卡找不到了")
    assert lost.gold_passages == ("卡丢了怎么办？\n请立即拨打客服电话挂失。", "卡被盗怎么办？\n请立即拨打客服电话挂失！")


def test_a_corpus_is_written_once_and_anew_where_the_set_changes(tmp_path, write, faq):
    path = write(tmp_path / "faq.jsonl", faq)
    first = load_set(path, tmp_path / "eval").corpus
    times = {file: file.stat().st_mtime_ns for file in first.iterdir()}
    again = load_set(path, tmp_path / "eval").corpus
    assert again == first and {file: file.stat().st_mtime_ns for file in again.iterdir()} == times
    assert load_set(write(path, faq[:3]), tmp_path / "eval").corpus != first


def test_a_row_without_a_field_of_its_shape_is_named(tmp_path, write, clauses):
    path = write(tmp_path / "clauses.jsonl", [clauses[0], clauses[1] | {"passage": None}])
    with pytest.raises(OdfinError, match=r"clauses\.jsonl:2：字段 passage"):
        load_set(path, tmp_path / "eval")


def test_a_sample_is_the_same_for_the_same_seed_and_takes_every_kind(tmp_path, write, clauses):
    loaded = load_set(write(tmp_path / "clauses.jsonl", clauses), tmp_path / "eval")
    one, other = loaded.sample(2, 5), loaded.sample(2, 5)
    assert [q.id for q in one.questions] == [q.id for q in other.questions]
    assert sorted(q.kind for q in one.questions) == ["named", "named", "unnamed", "unnamed"]
    assert loaded.sample(0, 5) is loaded and len(loaded.sample(50, 5).questions) == 6


def test_file_names_are_safe_and_keep_the_title():
    assert file_name('甲/乙:丙*?') == "甲_乙_丙__.md"
    assert len(file_name("长" * 200)) == 63
