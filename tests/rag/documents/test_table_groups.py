"""Rows that divide a table. `python -m pytest tests/rag/documents/test_table_groups.py`"""

from __future__ import annotations

import pytest

from rag.documents.document import Document, Page
from rag.documents.split import split_document
from rag.documents.tables import to_markdown


def rows(*lines: str) -> list[list[str]]:
    """`=words` is one cell all across three columns."""
    return [[line[1:]] * 3 if line.startswith("=") else line.split() for line in lines]


def first_cells(markdown: str) -> list[str]:
    return [line.split("|")[1].strip() for line in markdown.split("\n") if line.startswith("|")][2:]


@pytest.mark.parametrize(
    ("lines", "captions", "names"),
    [
        # two levels above the header, or straight under one another below it
        (("=分化型癌", "=年龄＜55岁", "分期 T N", "Ⅰ期 1 0", "=年龄≥55岁", "Ⅰ期 2 0", "=髓样癌（各年龄）", "Ⅲ期 1 1a"), "",
         ["分化型癌 年龄＜55岁", "分化型癌 年龄≥55岁", "髓样癌（各年龄）"]),
        (("分期 T N", "=分化型癌", "=年龄＜55岁", "Ⅰ期 1 0", "=年龄≥55岁", "Ⅰ期 2 0", "=髓样癌", "Ⅲ期 1 1a"), "",
         ["分化型癌 年龄＜55岁", "分化型癌 年龄≥55岁", "髓样癌"]),
        (("=分化型癌", "分期 T N", "=年龄＜55岁", "Ⅰ期 1 0", "=年龄≥55岁", "Ⅰ期 2 0", "=髓样癌", "Ⅲ期 1 1a"), "",
         ["分化型癌 年龄＜55岁", "分化型癌 年龄≥55岁", "髓样癌"]),
        # one level; a title stays a title
        (("=男性", "年龄 甲 乙", "30岁 1 2", "=女性", "30岁 3 4"), "", ["男性", "女性"]),
        (("=年缴保费表", "年龄 甲 乙", "=男性", "30岁 1 2", "=女性", "30岁 3 4"), "年缴保费表", ["男性", "女性"]),
        (("=年缴保费表", "=男性", "年龄 甲 乙", "30岁 1 2", "=女性", "30岁 3 4"), "年缴保费表", ["男性", "女性"]),
        (("年龄 甲 乙", "=一、男性", "30岁 1 2", "=二、女性", "30岁 3 4", "=以上按年缴计算"), "", ["一、男性", "二、女性", ""]),
    ],
)  # fmt: skip
def test_each_part_of_a_table_stands_under_its_own_names(lines, captions, names):
    made = to_markdown(rows(*lines))
    assert made.partition("|")[0].strip() == captions
    assert first_cells(made) == names


@pytest.mark.parametrize("line", ["M1：有远处转移", "$\\mathsf{M}_1$ ：有远处转移"])
def test_what_explains_a_sign_is_no_name_of_the_table_below_it(line):
    text = f"# 分期\n\n{line}\n\n| 分期 | M |\n| --- | --- |\n| Ⅰ期 | 0 |\n| Ⅱ期 | 1 |"
    (table,) = [piece for piece in split_document(Document("a.md", "分期表", (Page(text),))) if piece.kind == "table"]
    assert line not in table.text
