"""The row that is meant is fetched from the whole table."""

from dataclasses import replace

from rag.answer.rows import with_rows
from rag.index.hit import Section
from tests.rag.answer.test_evidence import hit

HEAD = "| 年龄 | 男性 | 女性 |\n| --- | --- | --- |\n"
ROWS = [f"| {age} | {age * 3} | {age * 2} |" for age in range(18, 60)]
LEVELS = "| 损害程度 | 给付比例 |\n| --- | --- |\n"


def section(text: str):
    return lambda piece, chars: Section(text, ("费率",), 2)


def test_a_row_outside_of_the_passage_is_added_by_its_age():
    found = replace(hit(HEAD + "\n".join(ROWS[30:33])), chunk_id=1)
    (done,) = with_rows("35岁男性费率多少", [found], section(HEAD + "\n".join(ROWS)))
    assert done.read[-1].text.endswith("| 35 | 105 | 70 |") and done.read[-1].text.startswith("| 年龄 |")
    assert len(done.read) == 2


def test_a_row_is_added_by_its_name():
    found = hit(LEVELS + "| 二级甲等 | 90% |")
    (done,) = with_rows("二级丙等赔几成", [found], section(LEVELS + "| 二级甲等 | 90% |\n| 二级乙等 | 80% |\n| 二级丙等 | 70% |"))
    assert [s.text.split("\n")[-1] for s in done.read] == ["| 二级甲等 | 90% |", "| 二级丙等 | 70% |"]


def test_nothing_is_added_where_the_row_was_read_or_none_fits_or_the_section_is_gone():
    found = hit(LEVELS + "| 二级甲等 | 90% |")
    whole = section(LEVELS + "| 二级甲等 | 90% |\n| 二级丙等 | 70% |")
    assert with_rows("二级甲等赔几成", [found], whole) == [found]
    assert with_rows("赔几成", [found], whole) == [found]
    assert with_rows("二级丙等赔几成", [found], lambda *_: None) == [found]
