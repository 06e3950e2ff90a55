"""The row that is meant is fetched from the whole table."""

from dataclasses import replace

from rag.answer.rows import few_of_each_table, with_rows
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


def test_one_table_does_not_take_all_places():
    pieces = [hit(HEAD + "\n".join(ROWS[start : start + 3])) for start in range(0, 15, 3)]
    other, clause = hit(LEVELS + "| 二级甲等 | 90% |"), hit("投保年龄为18至60周岁。" + "说明" * 80 + "\n" + HEAD + ROWS[0])
    kept = few_of_each_table([*pieces, other, clause], 4)
    assert kept == [*pieces[:2], other, clause]  # what is mostly words is no piece of a table


def test_of_like_tables_in_a_section_the_one_whose_columns_are_asked_is_read():
    def table(term):
        return f"| 年龄 | {term} 男性 10年交 | {term} 女性 10年交 |\n| --- | --- | --- |\n| 30 | {term} | 1 |"

    found = hit(table("保30年"))
    (done,) = with_rows("保20年，30岁男10年交费率多少", [found], section("\n\n".join(map(table, ("保30年", "保20年", "保至60岁")))))
    assert done.read[-1].text.endswith("| 30 | 保20年 | 1 |") and len(done.read) == 2
