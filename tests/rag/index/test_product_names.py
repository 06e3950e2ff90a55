"""The short name of a product decides which documents are meant."""

import pytest

from rag.index.product_names import ProductNames
from rag.index.titles import TitleMatcher

PRODUCTS = {
    "treasure": ("利安传家宝终身寿险", "利安人寿保险股份有限公司"),
    "fortune": ("利安传家福终身寿险", "利安人寿保险股份有限公司"),
    "joy": ("利安传家鑫享终身寿险（分红型）", "利安人寿保险股份有限公司"),
    "term": ("利安利利爱家守护定期寿险", "利安人寿保险股份有限公司"),
    "both": ("利安利利爱家守护两全保险", "利安人寿保险股份有限公司"),
    "salary": ("澄薪贷", "澄湖银行"),
    "house": ("个人住房贷款", "澄湖银行"),
    "none": ("", "澄湖银行"),
}


@pytest.mark.parametrize(("question", "keys"), [
    ("利安传家宝，30岁男的每年交多少", {"treasure"}),
    ("传家福的等待期", {"fortune"}),
    ("传家鑫享保额怎么增长", {"joy"}),
    ("爱家守护保到多少岁", {"term", "both"}),
    ("澄薪贷最长多久", {"salary"}),
    ("个人住房贷款首付多少", {"house"}),
    ("个人住房公积金怎么提取", set()),
    ("传家的东西怎么投保", set()),
])
def test_a_product_is_told_by_what_customers_call_it(question, keys):
    assert {key for found in ProductNames(PRODUCTS).said(question).values() for key in found} == keys


def test_a_name_inside_a_longer_one_that_is_said_does_not_count():
    names = ProductNames({"a": ("食品安全责任保险", ""), "b": ("众安食品安全责任保险", "")})
    assert {key for keys in names.said("众安食品安全责任险赔多少").values() for key in keys} == {"b"}
    assert {key for keys in names.said("食品安全责任险赔多少").values() for key in keys} == {"a", "b"}


def test_a_name_that_goes_on_is_another_product():
    names = ProductNames({"a": ("安心行借款人意外伤害保险", ""), "b": ("安心行Plus借款人意外伤害保险", "")})
    assert names.said("安心行等待期多久") == {"安心行": ["a"]} and names.said("安心行plus等待期多久") == {"安心行plus": ["b"]}


def test_products_of_a_series_go_by_what_their_names_end_with():
    names = ProductNames({"a": ("恒禾安颐稳享90天持有期养老保障理财产品", "恒禾养老保险"), "b": ("恒禾安颐臻享365天持有期养老保障理财产品", "恒禾养老保险"),
                          "c": ("恒禾福满金生养老年金保险", "恒禾养老保险"), "d": ("恒禾福满金世养老年金保险", "恒禾养老保险")})
    assert names.said("稳享和臻享各抽几成") == {"稳享": ["a"], "臻享": ["b"]}
    assert names.said("安颐稳享几天到账") == {"安颐稳享": ["a"]} and names.said("一生一世") == {}


def test_a_bank_is_no_product():
    assert ProductNames({"a": ("岚汐银行个人借款", "")}).said("岚汐银行在哪") == {}


def test_of_products_of_one_name_the_institution_that_is_said_decides():
    names = ProductNames({"z": ("食品安全责任保险", "众安在线财产保险股份有限公司"), "p": ("平安产险食品安全责任保险", "中国平安财产保险股份有限公司")})
    for question, keys in (("众安食品安全责任险赔多少", ["z"]), ("平安的食品安全责任险赔多少", ["p"]), ("食品安全责任险赔多少", ["z", "p"])):
        assert [key for found in names.said(question).values() for key in found] == keys


def test_documents_of_the_named_product_go_before_those_that_share_words_with_its_name():
    titles = {"treasure": "传家宝终身寿险费率表", "joy": "利安传家鑫享终身寿险产品说明书", "fortune": "利安人寿保险股份有限公司传家福终身寿险条款"}
    matcher = TitleMatcher(titles, ProductNames(PRODUCTS))
    found = matcher.match("利安传家宝，10年交一年交多少")
    assert found["treasure"] > 0.8 > 0.5 > max(found["joy"], found["fortune"])
    assert matcher.name_in("利安传家宝，10年交一年交多少") == "传家宝"


def test_of_products_of_one_name_the_one_that_more_is_said_of():
    titles = {key: PRODUCTS[key][0] + "条款" for key in ("term", "both", "treasure")}
    matcher = TitleMatcher(titles, ProductNames(PRODUCTS))
    assert matcher.match("爱家守护两全保到几岁")["term"] < 0.8 <= matcher.match("爱家守护两全保到几岁")["both"]
    assert matcher.match("爱家守护定寿保到几岁")["both"] < 0.8 <= matcher.match("爱家守护定寿保到几岁")["term"]
    either = matcher.match("爱家守护保到几岁")
    assert min(either["term"], either["both"]) >= 0.8


@pytest.mark.parametrize(("product", "name"), [
    ("澄湖颐年养老年金保险", "颐年"), ("澄湖安心护重大疾病保险", "安心护"), ("平安产险预防接种意外伤害保险（E款）", "预防接种"),
    ("平安安佑福重大疾病保险", "安佑福"), ("平安产险家庭财产保险（家庭版）", "家庭财产保险"), ("澄湖稳盈90天持有期固定收益类理财产品（A款）", "稳盈"),
])
def test_a_short_name_of_no_ordinary_word_will_do(product, name):
    names = ProductNames({"x": (product, "澄湖人寿保险股份有限公司" if product.startswith("澄湖") else "中国平安财产保险股份有限公司")})
    assert list(names.said(f"我想买{name}，可以吗")) == [name]


def test_a_short_name_that_is_an_ordinary_word_will_not():
    names = ProductNames({"x": ("澄湖安心养老年金保险", "澄湖人寿保险股份有限公司")})
    assert names.said("想买个安心") == {}


def test_an_issuer_of_few_documents_is_named_by_the_beginning_of_its_name():
    titles = {"west": "西部证券股份有限公司面向专业投资者公开发行公司债券募集说明书",
              "gold": "厦门金圆投资集团有限公司2026年面向专业投资者公开发行公司债券（第二期）募集说明书",
              **{f"life{n}": f"利安人寿保险股份有限公司{name}条款" for n, name in enumerate(("传家宝", "传家福", "爱家守护", "鑫享"))}}
    matcher = TitleMatcher(titles)
    found = matcher.match("西部证券2026年第二期公司债，受托管理人是哪家")
    assert max(found, key=found.get) == "west" and found["west"] >= 0.8 > found["gold"]
    assert max(matcher.match("利安人寿的热线是多少").values()) < 0.8  # so many are of it that its name tells none of them


@pytest.mark.parametrize(("question", "keys"), [
    ("平安家财险台风几级才赔", {"home"}),
    ("我的家财险保不保金镯子", {"home"}),
    ("众安食责险多久能退", {"food"}),
    ("泰康家财险台风几级才赔", set()),  # another institution's
    ("安佑福重疾险赔几次", {"ill"}),  # behind a name it is its kind
    ("有没有重疾险", set()),
    ("家庭的险买哪个", set()),
])
def test_customers_abbreviate_names_to_the_beginnings_of_their_words(question, keys):
    names = ProductNames({"home": ("平安产险家庭财产保险（家庭版）", "中国平安财产保险股份有限公司"),
                          "food": ("食品安全责任保险", "众安在线财产保险股份有限公司"),
                          "ill": ("平安安佑福重大疾病保险", "中国平安人寿保险股份有限公司"),
                          "pet": ("泰康宠物医疗保险", "泰康在线财产保险股份有限公司")})
    assert {key for found in names.named(question).values() for key in found} == keys


@pytest.mark.parametrize(("product", "name"), [
    ("澜山理财“稳澜·月月盈”人民币理财产品", "月月盈"), ("“禾安百万医疗保险”", "禾安"), ("“澜e贷”", "澜e贷"), ("中汇安泰人寿瑞盈传世终身寿险(分红型)", "瑞盈传世"),
    ("澄岳财险·安居保家庭财产综合保险", "安居保"),
])
def test_a_name_in_quotes_or_behind_an_institution_that_no_document_names(product, name):
    assert list(ProductNames({"x": (product, "")}).said(f"{name}怎么买")) == [name]


def test_a_series_and_its_product_are_both_names():
    names = ProductNames({key: (f"澄银理财{product}理财产品", "澄银理财有限责任公司") for key, product in (
        ("daily", "澄心·日日盈1号现金管理类"), ("month", "澄心·月添利30天最短持有期"), ("far", "澄远·固收增强封闭式526天2026年第8期"))})
    for question, keys in (("日日盈1号怎么买", ["daily"]), ("月添利怎么买", ["month"]), ("澄远能转让吗", ["far"]), ("澄心·月添利几天", ["month"])):
        assert list(dict.fromkeys(key for found in names.named(question).values() for key in found)) == keys, question


def test_two_characters_that_are_a_word_name_a_product_where_its_kind_or_edition_follows():
    names = ProductNames({"a": ("泽禾稻香年金保险", "泽禾人寿保险股份有限公司")})
    for question, keys in (("稻香2025第几年开始领", ["a"]), ("稻香年金能退吗", ["a"]), ("这里稻香四溢", [])):
        assert list(dict.fromkeys(key for found in names.said(question).values() for key in found)) == keys


def test_a_card_is_named_by_the_head_of_its_name_and_its_grade():
    names = ProductNames({"a": ("澜江银行云程航旅联名信用卡", "澜江银行"), "b": ("云帆消费贷款", "澜江银行")})
    for question, keys in (("云程白金年费多少", ["a"]), ("云程金卡能免几次", ["a"]), ("云程怎么样", [])):
        assert list(dict.fromkeys(key for found in names.named(question).values() for key in found)) == keys


FUNDS = {"etf": ("澄屿中证绿色电力ETF联接基金", "澄屿基金管理有限公司"), "fof": ("澄屿颐年养老目标日期2040三年持有期混合型发起式FOF", "澄屿基金管理有限公司"),
         "old": ("澄湖养老目标日期2045三年持有期混合型基金中基金（FOF）", "澄湖基金管理有限公司"), "bond": ("澄屿安和短债债券型证券投资基金", "澄屿基金管理有限公司")}


@pytest.mark.parametrize(("question", "keys"), [
    ("绿电联接基金的经理是哪位", {"etf"}), ("颐年2040最多能配多少股票", {"fof"}), ("安和短债C的服务费", {"bond"}), ("货币基金几天到账", set()),
    ("养老2045那只基金", set()),
])
def test_funds_are_named_by_their_heads_and_the_beginnings_of_their_words(question, keys):
    assert {key for found in ProductNames(FUNDS).named(question).values() for key in found} == keys


WEALTH = {"180": ("沧澜理财安鑫封闭180天固定收益类封闭式理财产品", "沧澜理财有限责任公司"),
          "365": ("沧澜理财安鑫封闭365天固定收益类封闭式理财产品", "沧澜理财有限责任公司"),
          "mixed": ("远见平衡混合类最短持有期净值型理财产品", "沧澜理财有限责任公司")}


@pytest.mark.parametrize(("question", "keys"), [
    ("安鑫365多少钱起买", {"365"}), ("安鑫180和安鑫365，各抽多少", {"180", "365"}), ("安鑫封闭365天多少钱起买", {"365"}),
    ("远见混合手续费几个点", {"mixed"}), ("远见平衡手续费几个点", {"mixed"}), ("远见不错", set()),
])
def test_products_of_one_name_are_told_by_their_numbers_and_kinds(question, keys):
    assert {key for found in ProductNames(WEALTH).named(question).values() for key in found} == keys
