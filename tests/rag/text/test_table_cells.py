"""The unit that a column's name says. Run: sh run.sh test tests/rag/text/test_table_cells.py"""

import pytest

from rag.text.table_cells import unit_in_header


@pytest.mark.parametrize(("header", "unit"), [
    ("起付线（元） 首次住院", "元"), ("限额(万元/年)", "万元"), ("亲属照护补贴 职工（元/月）", "元"), ("费率（%）", "%"), ("免赔期（单位：天）", "天"), ("首次住院", ""), ("金卡（白金）", ""),
])
def test_a_columns_name_says_the_unit_of_its_cells(header, unit):
    assert unit_in_header(header) == unit
