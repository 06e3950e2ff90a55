"""Numbers as a spreadsheet shows them. `python -m pytest tests/rag/documents/test_number_format.py`"""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import Workbook

from rag.documents.load import load_document
from rag.documents.number_format import shown_number


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        # scaled by thousands
        (12345678, '0!.0,"万元"', "1234.6万元"),
        (12345678, r'0\.0,"万元"', "1234.6万元"),
        (123456789, '0!.00,,"亿元"', "1.23亿元"),
        (500, '0!.0,"万元"', "0.1万元"),
        (1500000, '#,##0,"千元"', "1,500千元"),
        (25000, '0.00,,"百万"', "0.03百万"),
        (1234567890, "#,##0.0,,", "1,234.6"),
        (123456, '[>=10000]0!.0,"万";0"元"', "12.3万"),
        (1234, '[>=10000]0!.0,"万";0"元"', "1234元"),
        # words, quoted, escaped and bare
        (3, '"第"0"年"', "第3年"),
        (12, "0元", "12元"),
        (12, r"0\天", "12天"),
        (12, '#,##0.00"元"', "12.00元"),
        (5, 'General"岁"', "5岁"),
        (13800138000, "000-0000-0000", "138-0013-8000"),
        (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
        (1234.5, "￥#,##0.00;￥-#,##0.00", "￥1,234.50"),
        (-1234.5, "￥#,##0.00;￥-#,##0.00", "￥-1,234.50"),
        # sections
        (0, '0%;-0%;"免收"', "免收"),
        (0.05, '0%;-0%;"免收"', "5%"),
        (-0.05, '0%;-0%;"免收"', "-5%"),
        (-500, "#,##0;(#,##0)", "(500)"),
        (-500, '0"元"', "-500元"),
        (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (-1234.5, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-1,234.50"),
        (0, "0;-0;", ""),
        (-3, "0;[Red]-0", "-3"),
        # digits
        (0.125, "0.00", "0.13"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (0.5, "#.##", "0.5"),
        (0, "#,##0", "0"),
        (1234567, "#,##0", "1,234,567"),
        (1234567, "#,#", "1,234,567"),
        (12, "0,000", "0,012"),
        (0.0275, "0.00%", "2.75%"),
        (-0.001, "0.0", "0.0"),
        # fractions
        (0.5, "# ?/?", "1/2"),
        (1.5, "# ?/?", "1 1/2"),
        (2, "# ?/?", "2"),
        (0.25, "?/4", "1/4"),
        (0.35, "# ?/?", "0.35"),
        (5, "0\"元\"/人", "5元/人"),
        # not understood: no words
        (12345678, '0"万",', "12345678"),
        (1234, '0.0E+0"元"', "1234"),
        (7, '0"件"n', "7"),
        (1e15, "General", "1000000000000000"),
    ],
)
def test_numbers_are_written_as_excel_shows_them_or_plainly(value, code, shown):
    assert shown_number(value, code) == shown


def test_a_sheet_in_ten_thousands_is_read_in_ten_thousands(tmp_path):
    book = Workbook()
    for row in (("产品", "保费收入", "等候"), ("增益宝", 12345678, dt.timedelta(hours=25)), ("智盈", 987654321, None)):
        book.active.append(row)
    for place in ("B2", "B3"):
        book.active[place].number_format = '0!.0,"万元"'
    book.active["C2"].number_format = "[h]:mm"
    book.save(tmp_path / "a.xlsx")
    text = load_document(tmp_path / "a.xlsx", "a.xlsx").pages[0].text
    assert "| 增益宝 | 1234.6万元 | 25:00 |\n| 智盈 | 98765.4万元 |" in text
