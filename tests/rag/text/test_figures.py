"""Run: python -m pytest tests/rag/text/test_figures.py"""

from __future__ import annotations

from decimal import Decimal

import pytest

from rag.text.chinese_numbers import chinese_number
from rag.text.figures import find_figures, negation_flipped, same, unsupported


def D(text: str) -> Decimal:
    return Decimal(text)


def seen(text: str) -> list[tuple]:
    return [(f.value, f.unit) for f in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("五", "5"),
        ("十", "10"),
        ("十六", "16"),
        ("三十", "30"),
        ("一百零五", "105"),
        ("一百二十八", "128"),
        ("一百二", "120"),
        ("两万五", "25000"),
        ("一万零五百", "10500"),
        ("三亿二千万", "320000000"),
        ("两万亿", "2000000000000"),
        ("二〇二四", "2024"),
        ("廿五", "25"),
        ("伍拾万", "500000"),
        ("壹仟贰佰叁拾肆", "1234"),
        ("三点五", "3.5"),
        ("三点五万", "35000"),
        ("3万5千", "35000"),
        ("1.5万", "15000"),
        ("2亿5000万", "250000000"),
        ("1,234.56", "1234.56"),
        ("百", "100"),
    ],
)
def test_chinese_numbers(text: str, value: str) -> None:
    assert chinese_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "一二三十", "点五", "万点"])
def test_what_is_no_number(text: str) -> None:
    assert chinese_number(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("赔付50万元", [(D("500000"), "元")]),
        ("人民币伍拾万元整", [(D("500000"), "元")]),
        ("三元五角二分", [(D("3.52"), "元")]),
        ("￥1,200.50起", [(D("1200.50"), "元")]),
        ("USD 500", [(D("500"), "美元")]),
        ("1万美元", [(D("10000"), "美元")]),
        ("0.5%，５‰，50bp，万分之五", [(D("0.5"), "%"), (D("0.5"), "%"), (D("0.5"), "bp"), (D("0.05"), "%")]),
        ("百分之三至五", [((D(3), D(5)), "%")]),
        ("上浮0.5个百分点", [(D("0.5"), "百分点")]),
        ("八成五", [(D(85), "%")]),
        ("打八五折", [(D(85), "%")]),
        ("一半", [(D(50), "%")]),
        ("等待期三十日、15天、10个工作日", [(D(30), "天"), (D(15), "天"), (D(10), "工作日")]),
        ("半年", [(D("0.5"), "年")]),
        ("两年半", [(D("2.5"), "年")]),
        ("一个季度", [(D(3), "月")]),
        ("3、6、12个月", [(D(3), "月"), (D(6), "月"), (D(12), "月")]),
        ("18至60周岁", [((D(18), D(60)), "岁")]),
        ("三至五年", [((D(3), D(5)), "年")]),
        ("3.5-4.2%", [((D("3.5"), D("4.2")), "%")]),
        ("3%~5%", [((D(3), D(5)), "%")]),
        ("3至5万元", [((D(30000), D(50000)), "元")]),
        ("1000元至5万元", [((D(1000), D(50000)), "元")]),
        ("2024年3月1日", [((2024, 3, 1), "date")]),
        ("2024-03-01和2024/3/1", [((2024, 3, 1), "date"), ((2024, 3, 1), "date")]),
        ("二〇二四年三月", [((2024, 3, None), "date")]),
        ("3月1日至5日", [((None, 3, 1), "date"), ((None, 3, 5), "date")]),
        ("每月10日", [((None, None, 10), "date")]),
        ("上午9:30至下午3点", [((9, 30), "time"), ((15, 0), "time")]),
        ("第十六条第二款", [(D(16), "第条"), (D(2), "第款")]),
        ("第3个保单年度", [(D(3), "第年")]),
        ("T+1确认，R2级，PR3，000001.SZ", [(("T+1",), "code"), (("R2",), "code"), (("PR3",), "code"), (("000001.SZ",), "code")]),
        ("致电400-123-4567", [(("4001234567",), "code")]),
        ("下跌-3.5%", [(D("-3.5"), "%")]),
        ("1.5倍，两次", [(D("1.5"), "倍"), (D(2), "次")]),
    ],
)
def test_figures_are_found_and_normalised(text: str, expected: list[tuple]) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "五险一金统一办理，一定要注意，十分重要，万一有事找第三方",
        "几十万元、数百万元",
        "见[1][2]和【3】",
        "（1）身故；（二）伤残；①高残",
        "1. 保费\n2、赔付\n3）理赔",
        "一、总则\n二、责任",
        "2.3.1 保险责任\n3.2 等待期",
        "一次性缴清，一般不超过，二维码",
    ],
)
def test_what_is_no_figure(text: str) -> None:
    assert seen(text) == []


def test_offsets_point_into_the_original_text() -> None:
    text = "手续费為５‰，最高１，２００元"
    for figure in find_figures(text):
        assert text[figure.start : figure.end] == figure.raw


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("50万元", "500000元", True),
        ("保额50万", "500,000元", True),
        ("0.5%", "5‰", True),
        ("0.5%", "50bp", True),
        ("0.5%", "千分之五", True),
        ("12个月", "1年", True),
        ("两个季度", "半年", True),
        ("30日", "三十天", True),
        ("7天", "一周", True),
        ("60分钟", "1小时", True),
        ("一年", "365天", False),
        ("24小时", "1天", False),
        ("5个工作日", "5日", False),
        ("5元", "5美元", False),
        ("5%", "5个百分点", False),
        ("5%", "5‰", False),
    ],
)
def test_same(one: str, other: str, expected: bool) -> None:
    (a,), (b,) = find_figures(one), find_figures(other)
    assert same(a, b) is expected
    assert same(b, a) is expected


TABLE = """费率表（单位：万元）

| 年龄 | 保费（元） | 手续费（%） | 保额 |
|---|---|---|---|
| 30 | 1,200 | 0.6 | 50 |
| 40 | 2,400 | 0.8 | 30 |
"""


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("30岁的保费为1200元。", []),
        ("40岁手续费0.8%，保额30万元[1]。", []),
        ("手续费为6‰", []),
        ("手续费为0.8", []),
        ("保额50元", ["50元"]),
        ("保费2400万元", ["2400万元"]),
    ],
)
def test_a_cell_takes_the_unit_of_its_header_or_caption(answer: str, wrong: list[str]) -> None:
    assert [f.raw for f in unsupported(answer, [TABLE])] == wrong


def test_the_question_supports_only_the_same_value_and_unit() -> None:
    assert unsupported("贷款50万元", [], "我想贷50万") == []
    assert [f.raw for f in unsupported("贷款50%", [], "我想贷50万")] == ["50%"]


def test_negation() -> None:
    assert negation_flipped("等待期内出险予以赔付保险金", "等待期内出险，我们不予赔付保险金")
    assert not negation_flipped("等待期内出险不予赔付保险金", "等待期内出险，我们不予赔付保险金")
