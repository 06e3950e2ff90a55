"""The note that a cell is marked with is quoted with its row."""

import pytest

from rag.answer.evidence import select
from rag.answer.notes import marks_of
from rag.answer.quotation import quoted
from tests.rag.answer.test_evidence import flat, hit

TABLE = """下表为最高投保年龄：
| 交费期间 | 标准体 | 次标准体 |
| --- | --- | --- |
| 5年交 | 65 | 60 |
| 10年交 | 60{mark} | 55 |
| 20年交 | 50 | 45 |
{note}次标准体不适用。
{mark}被保险人为女性的，放宽至63周岁。"""


@pytest.mark.parametrize(("mark", "note"), [("①", "②"), ("*", "**"), ("注1", "注2：")])
def test_a_marked_cell_is_told_with_its_note(mark, note):
    table = TABLE.format(mark=mark, note=note).replace("\n注1被", "\n注1：被")
    judge = lambda question, texts: [3.0 if "10年交" in text else -5.0 for text in texts]  # noqa: E731
    evidence = select("10年交标准体最高投保年龄", [hit(table)], flat, judge)
    assert evidence.told and "63周岁" in evidence.also.text
    assert "63周岁" in quoted(evidence, "10年交标准体最高投保年龄")[0]


def test_a_note_of_a_cell_that_is_not_shown_is_left_out():
    table = TABLE.format(mark="①", note="②").replace("60①", "60").replace("| 55 |", "| 55① |")
    judge = lambda question, texts: [3.0 if "10年交" in text else -5.0 for text in texts]  # noqa: E731
    header = "| 交费期间 | 标准体 | 次标准体 | 最低保费 | 最高保费 |"
    wide = table.replace("| 交费期间 | 标准体 | 次标准体 |", header).replace("| --- | --- | --- |", "| --- | --- | --- | --- | --- |")
    wide = "\n".join(f"{line} 1 | 2 |" if line.startswith("|") and "年交" in line else line for line in wide.split("\n"))
    assert not select("10年交的标准体年龄", [hit(wide)], flat, judge).told


@pytest.mark.parametrize(("cell", "marks"), [
    ("60①", ["①"]), ("30%*", ["*"]), ("三年期（注1）", ["注1"]), ("2*3", []), ("无", []), ("详见备注", []), ("35%①②", ["①", "②"])])
def test_marks(cell, marks):
    assert marks_of(cell) == marks
