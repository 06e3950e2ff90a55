"""The best words as a customer reads them."""

import re

import pytest

from rag.answer.columns import asked_columns, of_another_column
from rag.answer.evidence import select
from rag.answer.quotation import QUOTE_CHARS, _unsaid, excluded_by, quotation, quoted
from rag.answer.result import Citation
from rag.text.sentences import Unit, split_units
from tests.rag.answer.test_evidence import flat, hit, judge

PENALTIES = """| 产品名称 | 时间段 | 部分提前还款 | 全部提前还款 | 最低还款金额（元） |
| --- | --- | --- | --- | --- |
| 安澜房贷 | 满1年不满2年 | 0.5% | 1.0% | 10,000 |"""


def test_a_wide_row_keeps_everything_that_says_which_row_it_is():
    (row,) = split_units(PENALTIES)
    said = quotation(row, "安澜房贷全部提前还款违约金")
    assert said == "产品名称：安澜房贷；时间段：满1年不满2年；全部提前还款：1.0%"
    assert quotation(row, "违约金").count("：") == 5  # where no column is named, all are shown


def test_a_long_sentence_is_cut_where_it_answers():
    text = "被保险人因意外住院的，保险人按照保险单载明的每日住院津贴与实际住院天数的乘积给付，" * 4 + "但住院津贴的天数以180天为限。"
    said = quotation(Unit(text, text), "住院津贴最多给多少天")
    assert "180天" in said and said.startswith("……") and len(said) <= QUOTE_CHARS + 20


def test_a_long_sentence_keeps_the_figure_of_the_kind_that_is_asked():
    words = ("如发行人违反资信维持承诺且未能在约定期限恢复相关承诺要求或采取相关措施的，经持有本期债券30%以上的持有人要求，"
             "发行人将于收到要求后的次日立即采取如下救济措施，争取通过债券持有人会议等形式与债券持有人就违反承诺事项达成和解："
             "在30个自然日内为本期债券增加担保或其他增信措施。")
    assert "30个自然日" in quotation(Unit(words, words), "没守住资信承诺、持有人又提了要求，得在多少天里补上担保？")


def test_second_words_that_the_best_ones_have_said_are_not_quoted_again():
    said = "解除本合同的，现金价值等于所交保险费乘以如下比例：　保单年度：第2个保单年度；比例：97%"
    assert _unsaid("（一）按以下方法计算：\n解除本合同的，现金价值等于所交保险费乘以如下比例：", said) == ""
    assert _unsaid("（一）按以下方法计算：\n第6年起为100%。", said).endswith("100%。")


def test_no_figure_is_cut_in_two():
    text = "，".join(f"第{n}项为{n}40,475.90 万元、788,130.74 万元" for n in range(1, 9))
    assert not re.search(r"……[\d.]", quotation(Unit(text, text), "第5项是多少")), "half a figure"
    one = "应收款合计" + "及其他往来款项" * 41 + "1,913,185.07 万元" * 3
    assert "1,913" not in quotation(Unit(one, one), "应收款").replace("1,913,185.07", "")


def test_words_of_another_document_are_quoted_under_its_name():
    hits = [hit("甲的管理费为0.30%。", 0.9, "甲说明书"), hit("乙的管理费为0.60%。", 0.8, "乙说明书")]
    evidence = select("管理费各多少", hits, flat, judge("管理费"))
    said, shown = quoted(evidence, "管理费各多少")
    assert shown == 2 and said.count("说明书》：") == 1 and "0.30%" in said and "0.60%" in said


def test_a_column_that_is_named_is_quoted_alone_even_of_a_narrow_table():
    (row,) = split_units("| 责任 | 计划一（标准） | 计划二（优享） |\n| --- | --- | --- |\n| 免赔额 | 10,000 | 5,000 |")
    assert quotation(row, "计划二的免赔额多少") == "责任：免赔额；计划二（优享）：5,000"
    assert quotation(row, "免赔额多少") == "责任：免赔额；计划一（标准）：10,000；计划二（优享）：5,000"


def test_the_column_whose_band_holds_the_term_is_quoted():
    (row,) = split_units("| 城市档 | 套数 | 5年（含）以内 | 5年以上至20年（含） | 20年以上至30年（含） |\n| --- | --- | --- | --- | --- |\n"
                         "| C档 | 二套 | 3.45% | 3.50% | 3.60% |")
    assert quotation(row, "C档二套，贷25年，利率多少") == "城市档：C档；套数：二套；20年以上至30年（含）：3.60%"


def test_of_columns_named_alike_the_one_with_the_longest_common_words_is_quoted():
    (row,) = split_units("| 年限 | 等额本息月供 | 等额本息利息合计 | 等额本金首月还款 | 等额本金末月还款 |\n| --- | --- | --- | --- | --- |\n"
                         "| 20 | 534.79 | 28349.13 | 633.33 | 417.57 |")
    assert quotation(row, "贷20年，等额本息每10万一个月还多少") == "年限：20；等额本息月供：534.79；等额本息利息合计：28349.13"


def test_where_the_columns_named_hold_another_kind_the_one_of_the_kind_asked_is_quoted_too():
    (row,) = split_units("| 卡种 | 代码 | 最低额度 | 最高额度 | 预借现金占比 |\n| --- | --- | --- | --- | --- |\n"
                         "| 金卡 | CHC | 10,000元 | 60,000元 | 30% |")
    assert "预借现金占比：30%" in quotation(row, "金卡的额度里百分之几可以取现？")


def test_columns_that_hold_a_dash_are_left_out_of_a_whole_row():
    [unit] = split_units("| 险种 | 单位 | 个人 | 下限 | 上限 | 备注 |\n| - | - | - | - | - | - |\n| 居民医保 | — | 定额 | — | — | 400元一年 |")
    assert [name for name, _ in asked_columns(unit, "一共要花几个钱")] == ["险种", "个人", "备注"]


def test_what_is_paid_at_once_is_a_column_of_its_own():
    (row,) = split_units("| 年龄 | 男性 趸交 | 男性 3年交 | 男性 5年交 | 女性 趸交 |\n| --- | --- | --- | --- | --- |\n| 30 | 11916 | 4100 | 2500 | 11505 |")
    for said in ("一次性交清", "趸交", "一次付清"):
        assert quotation(row, f"30岁男的{said}，每万保额多少") == "年龄：30；男性 趸交：11916"


def test_a_figure_of_a_column_that_is_not_asked_is_told():
    row = split_units("| 年龄 | 20年 男性 3年交 | 20年 男性 10年交 | 20年 女性 3年交 |\n| --- | --- | --- | --- |\n| 30 | 87.55 | 26.89 | 46.86 |")[0]
    asked = "保20年，30岁男10年交，每万元保额费率多少？"
    assert of_another_column("20年男性10年交，每万元保额费率46.86。", row, asked) and not of_another_column("费率为26.89。", row, asked)
    assert not of_another_column("费率为46.86。", row, "30岁费率多少？")  # no column is said
    assert of_another_column("30岁男性10年交为46.86元。", row, asked)  # with a unit that the cell does not hold
    assert not of_another_column("30岁男性，保20年，10年交为26.89元。", row, asked)


@pytest.mark.parametrize(("question", "begins"), [("给猫做绝育报不报", "责任免除："), ("绝育是什么", "")])
def test_an_item_of_exclusions_is_told_with_what_stands_over_it_where_yes_or_no_is_asked(question, begins):
    unit = Unit("（1）绝育、去势及并发症；", "（1）绝育、去势及并发症；")
    assert excluded_by(unit, Citation(1, "a", "条款", unit.text, None, ("责任免除",)), question) == begins


def test_an_item_is_told_with_the_words_that_lead_its_line_in():
    unit = Unit("牙科治疗、视力矫正；", "牙科治疗、视力矫正；")
    cited = Citation(1, "a", "条款", "第九条 责任免除还包括：既往症；牙科治疗、视力矫正；", None, ("第九条",))
    assert excluded_by(unit, cited, "视力矫正给报吗") == "第九条 责任免除还包括：……"
    assert excluded_by(Unit("牙科治疗不赔。", "牙科治疗不赔。"), cited, "牙科给报吗") == ""


def test_of_columns_alike_the_one_the_question_says_most_of_is_quoted():
    row = "| 失能等级 | 机构护理 职工（元/日） | 居家护理 职工（小时/月） | 亲属照护补贴 职工（元/月） | 机构护理 居民（元/日） |\n| --- | --- | --- | --- | --- |\n| 5级 | 60 | 30 | 500 | 40 |"
    assert [name for name, _ in asked_columns(split_units(row)[-1], "5级职工亲属补贴每月多少")][1:] == ["亲属照护补贴 职工（元/月）"]


def test_a_column_of_yuan_holds_no_share():
    row = "| 医疗机构 | 起付线（元） 首次住院 | 起付线（元） 第二次 | 报销比例 市内 | 报销比例 市外 |\n| --- | --- | --- | --- | --- |\n| 乡镇卫生院 | 150 | 100 | 88% | 70% |"
    assert "报销比例 市内" in [name for name, _ in asked_columns(split_units(row)[-1], "乡镇卫生院住院给报几成")]


def test_a_sentence_that_tells_the_column_of_another_band_is_told():
    row = "| 客户评级 | 认证经销商 车龄5年以内（含） | 认证经销商 车龄5—8年 | 个人卖家 车龄5年以内（含） |\n| --- | --- | --- | --- |\n| B级 | 8.28% | 9.38% | 9.98% |"
    unit = split_units(row)[-1]
    assert of_another_column("B级为8.28%。", unit, "B级六年车龄的车利率多少") and not of_another_column("B级为9.38%。", unit, "B级六年车龄的车利率多少")
    assert not of_another_column("B级为8.28%。", unit, "B级利率多少")
