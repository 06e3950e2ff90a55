"""Codes by which papers go. Run: pytest tests/rag/text/test_codes.py"""

import pytest

from rag.text.codes import codes_in, without_codes


@pytest.mark.parametrize(("text", "codes"), [
    ("26西部02这一期最多发多少亿", ["26西部02"]), ("２６ 深圳租赁K1由谁受托管理", ["26深圳租赁k1"]), ("LD2503A和ld2503B利率差多少", ["ld2503a", "ld2503b"]),
    ("30岁男性交20年", []), ("45岁买10万元", []), ("T+1到账", []), ("贷50万分360期还多少", []), ("2024年第12号公告", []),
])
def test_codes_are_told_from_ages_terms_and_sums(text, codes):
    assert codes_in(text) == codes


def test_a_text_without_its_codes():
    assert without_codes("26 西部02的票面利率是多少") == "的票面利率是多少" and without_codes("30岁能买吗") == "30岁能买吗"
