"""Which edition is in force on a day, and which time a question is about. Run: pytest tests/rag/index/test_editions.py"""

from datetime import date

import pytest

from rag.documents.facts import Facts
from rag.index.asked import asked_time, timeless_question, without_edition
from rag.index.editions import FORMER_EDITION, LATER_EDITION, NOT_IN_FORCE, Editions, family_name

TODAY = date(2026, 6, 1)
LAW_2006 = Facts(title="中华人民共和国储户保护法", kind="法规制度", institution="全国人民代表大会常务委员会", issued="2006-10-31",
                 effective="2007-01-01")
LAW_2024 = Facts(title="储户保护法", kind="法规制度", version="2024年修订", issued="2024-11-08", effective="2025-01-01")
LAW_NEXT = Facts(title="储户保护法（2026年修正）", kind="法规制度", version="2026年修正", issued="2026-05-01", effective="2027-01-01")
FEES_2024 = Facts(title="收费标准（2024年版）", institution="江南银行信用卡中心", kind="费率表", version="2024年版", effective="2024-01-01",
                  expires="2025-06-30", repealed="是", superseded_by="收费标准（2025年版）")
FEES_2025 = Facts(title="收费标准（2025年版）", institution="江南银行股份有限公司", kind="费率表", version="2025年版", effective="2025-07-01")
OTHER_HOUSE = Facts(title="收费标准（2026年版）", institution="塞北银行股份有限公司", kind="费率表", version="2026年版", effective="2026-01-01")


def editions(**facts: Facts) -> Editions:
    return Editions(facts)


LAWS = editions(a=LAW_2006, b=LAW_2024, c=LAW_NEXT)
FEES = editions(a=FEES_2024, b=FEES_2025, c=OTHER_HOUSE)


@pytest.mark.parametrize(("day", "in_force"), [
    ("2006-12-31", []), ("2017-05-01", ["a"]), ("2024-12-31", ["a"]), ("2025-01-01", ["b"]), ("2026-12-31", ["b"]), ("2027-01-01", ["c"]),
])
def test_on_every_day_one_edition_of_a_law_is_in_force(day, in_force):
    assert [key for key in "abc" if LAWS.state(key, date.fromisoformat(day)).in_force] == in_force


def test_an_edition_begins_after_a_time_before_it_unless_it_reports_on_it():
    asked = asked_time("2005年最高赔多少", TODAY).span
    assert LAWS.begins_after("a", asked) == date(2007, 1, 1) and FEES.begins_after("a", asked) == date(2024, 1, 1)
    assert LAWS.begins_after("a", asked_time("2010年最高赔多少", TODAY).span) is None
    assert editions(r=Facts(title="募集说明书", kind="募集文件", issued="2026-01-01")).begins_after("r", asked) is None


def test_a_state_says_why_and_what_is_in_force_instead():
    assert LAWS.state("a", TODAY).why == "已被替代" and LAWS.state("a", TODAY).successor == "储户保护法（2024年修订）"
    assert LAWS.state("c", TODAY).why == "尚未施行"
    assert FEES.state("a", date(2025, 7, 1)).successor == "收费标准（2025年版）"
    assert FEES.state("a", date(2025, 6, 30)).in_force
    alone = editions(x=Facts(title="金卡收费", repealed="是"), y=Facts(title="赎回活动规则", effective="2025-01-01", expires="2025-12-31"))
    assert alone.state("x", TODAY).why == "已废止" and alone.state("y", TODAY).why == "已到期"


def test_two_houses_and_two_products_are_two_families():
    assert FEES.family("c") == () and set(FEES.family("a")) == {"a", "b"}
    names = {family_name(Facts(title=title, kind="产品说明书", institution="江南理财有限责任公司")) for title in (
        "稳盈90天理财产品（A款）说明书", "稳盈90天理财产品（C款）说明书", "稳享2026年第5期结构性存款产品说明书", "稳享2026年第6期结构性存款产品说明书",
        "目标日期2035养老基金产品说明", "目标日期2045养老基金产品说明", "福满堂终身寿险产品说明书", "福满溢终身寿险（分红型）产品说明书")}
    assert len(names) == 8
    assert family_name(Facts(title="产品说明书", kind="产品说明书", institution="江南理财有限责任公司")) == ""
    assert family_name(Facts(title="2024年年度报告", kind="报告")) == ""


@pytest.mark.parametrize(("one", "other"), [
    ("康悦医疗保险条款（2024版）", "康悦医疗保险条款（2026版）"), ("储户保护法", "中华人民共和国储户保护法（2018年修正）"),
    ("程序化交易管理规定（试行）", "程序化交易管理规定"), ("优选基金产品资料概要（2024年第1号）", "优选基金产品资料概要更新"),
    ("2025年度社会保险基数表", "2026年度社会保险基数表"), ("用卡手册V3.1", "用卡手册 V4.0"), ("团体险条款（互联网版2024A款）", "团体险条款（互联网版2026A款）"),
])
def test_editions_of_one_document_share_a_family_name(one, other):
    assert family_name(Facts(title=one)) == family_name(Facts(title=other)) != ""


def test_issues_of_a_rate_table_are_editions_and_issues_of_a_product_are_products():
    tables = [family_name(Facts(title=f"岚汐银行外币存款利率表(2025年第{n}期)", kind="费率表", institution="岚汐银行")) for n in "一三"]
    assert tables[0] == tables[1] != ""
    papers = [family_name(Facts(title=f"稳享2025年第{n}期结构性存款说明书", kind="产品说明书")) for n in "13"]
    assert papers[0] != papers[1]


def test_a_law_of_another_name_replaces_what_it_repeals_by_name():
    new = Facts(title="侵权赔偿若干规定", effective="2022-01-22", supersedes="民事赔偿案件的若干规定；关于受理案件的通知")
    old = Facts(title="民事赔偿案件的若干规定", effective="2003-02-01")
    numbered = Facts(title="章程指引", number="证监会公告〔2023〕62号", effective="2023-12-15")
    newer = Facts(title="章程指引", number="证监会公告〔2025〕6号", effective="2025-03-28", supersedes="《章程指引》（证监会公告〔2023〕62号）")
    held = editions(new=new, old=old, numbered=numbered, newer=newer)
    assert held.state("old", TODAY).successor == "侵权赔偿若干规定" and held.state("old", date(2022, 1, 21)).in_force
    assert held.state("newer", TODAY).in_force and not held.state("numbered", TODAY).in_force


def test_two_copies_of_one_edition_are_both_in_force():
    held = editions(a=FEES_2025, b=FEES_2025)
    assert held.state("a", TODAY).in_force and held.state("b", TODAY).in_force


@pytest.mark.parametrize(("key", "words"), [
    ("a", "2024-01-01起施行，已被《收费标准（2025年版）》替代"), ("b", "2025-07-01起施行")])
def test_a_citation_names_the_edition_and_what_became_of_it(key, words):
    assert FEES.edition(key, TODAY) == words


def test_a_revised_law_is_cited_by_its_revision_not_by_the_first_day_of_all():
    held = editions(a=Facts(title="保险法", kind="法规制度", version="2015年修正", issued="2015-04-24", effective="2009-10-01"),
                    b=Facts(title="康悦条款", version="2026版 V3.0", effective="2026-01-01"), c=Facts(title="无日期手册"))
    assert [held.edition(key, TODAY) for key in "abc"] == ["2015年修正", "2026版 V3.0，2026-01-01起施行", ""]


@pytest.mark.parametrize(("question", "best"), [
    ("储户保护法规定资料保存几年", "b"), ("现行储户保护法规定资料保存几年", "b"), ("2017年的储户保护法规定资料保存几年", "a"),
    ("储户保护法修订前规定资料保存几年", "a"), ("以前的储户保护法规定资料保存几年", "a"), ("2006年的储户保护法规定保存几年", "a"),
    ("还款日之前还清，储户保护法怎么规定", "b"), ("我1972年6月出生，储户保护法怎么规定", "b"),
    ("2027年3月的储户保护法规定保存几年", "c"), ("2027年3月以后储户保护法规定保存几年", "c"), ("2031年储户保护法规定保存几年", "c"),
    ("明年3月储户保护法规定保存几年", "c"), ("前年6月储户保护法规定保存几年", "a"),
    ("2025年以前储户保护法规定保存几年", "a"), ("2027年之前储户保护法规定保存几年", "b"), ("2017年以后储户保护法规定保存几年", "b"),
    ("以前储户保护法规定保存几年", "a"), ("2001年储户保护法规定保存几年", "b"), ("请问，以前储户保护法规定保存几年", "a"),
    ("老储户保护法规定保存几年", "a"), ("老的储户保护法规定保存几年", "a"), ("老板问储户保护法规定保存几年", "b"),
])
def test_the_edition_of_the_time_asked_about_answers_alone(question, best):
    asked = asked_time(question, TODAY)
    shares = {key: LAWS.share(key, asked, TODAY) for key in "abc"}
    assert shares.pop(best) >= 1.0 and set(shares.values()) <= {0.0, NOT_IN_FORCE if asked.coming else 0.0}


@pytest.mark.parametrize(("question", "year"), [
    ("06年那版储户保护法规定保存几年", 2006), ("98年版储户保护法规定保存几年", 1998), ("2024年新改的储户保护法规定保存几年", 2024),
    ("2024年那个储户保护法规定保存几年", 2024), ("2024年刚修订的储户保护法规定保存几年", 2024),
])
def test_an_edition_is_named_by_its_year_as_customers_say_it(question, year):
    asked = asked_time(question, TODAY)
    assert asked.edition and asked.span.first.year == year


def test_two_times_and_figures_of_a_time_hear_more_than_one_edition():
    def heard(question: str) -> list[str]:
        return [key for key in "abc" if LAWS.share(key, asked_time(question, TODAY), TODAY) >= LATER_EDITION]

    assert heard("2020年和2025年，储户保护法规定保存几年") == ["a", "b"]
    assert heard("我2020年存的钱，现在储户保护法怎么规定") == heard("储户保护法2020年末规模") == ["a", "b"]


def test_what_is_not_in_force_yet_is_heard_only_where_it_is_asked_for():
    assert LAWS.share("c", asked_time("储户保护法规定保存几年", TODAY), TODAY) == 0.0
    assert LAWS.share("c", asked_time("新的储户保护法什么时候施行", TODAY), TODAY) > 0.0
    alone = editions(x=Facts(title="金卡收费", effective="2027-01-01"))
    assert alone.share("x", asked_time("金卡怎么收费", TODAY), TODAY) == 1.0


@pytest.mark.parametrize("question", [
    "我1990年5月1日生，储户保护法怎么规定", "目标日期2045年的基金收什么费", "我2001年参加工作，储户保护法怎么规定", "2024年第5期结构性存款的期限",
    "我以前存的定期怎么取", "以前办的卡还能用吗", "投保以前的病赔吗", "到期之前的利息怎么算",
])
def test_dates_of_a_life_and_what_the_customer_once_did_are_no_former_times(question):
    assert asked_time(question, TODAY).now


@pytest.mark.parametrize("question", ["以前存款保险最高赔多少", "以前办法怎么规定", "以前借记卡年费多少", "以前投诉怎么处理"])
def test_what_was_the_rule_before_is_about_former_times(question):
    assert asked_time(question, TODAY).old


def test_the_edition_that_began_in_a_month_is_meant_by_it():
    editions = Editions({month: Facts(title=f"岚汐银行外币存款利率表(2025年第{n}期)", kind="费率表", institution="岚汐银行", effective=f"2025-{month}-10")
                         for n, month in (("一", "03"), ("三", "09"))})
    today = date(2026, 11, 28)
    for question, shares in (("今年三月份那版利率多少", [FORMER_EDITION, 0.0]), ("9月这期利率多少", [0.0, FORMER_EDITION]),
                             ("现在利率多少", [0.0, 1.0])):
        assert [editions.share(key, asked_time(question, today), today) for key in ("03", "09")] == shares


def test_a_comparison_hears_both_editions():
    for question in ("储户保护法修订前后有什么变化", "2024版和2025版的收费标准差多少", "新旧收费标准有什么不同"):
        asked = asked_time(question, TODAY)
        assert asked.both and {FEES.share(key, asked, TODAY) for key in "ab"} == {1.0}


def test_a_year_or_month_that_runs_is_today():
    assert asked_time("2026年的年费", TODAY).now and asked_time("今年的年费", TODAY).now and not asked_time("去年的年费", TODAY).now
    assert asked_time("2026版康悦等待期", TODAY).edition
    assert asked_time("优选2024年末规模多大", TODAY).loose


@pytest.mark.parametrize(("question", "timeless"), [
    ("2020年客户身份资料要保存多少年？", "客户身份资料要保存多少年?"),
    ("2027年7月以后缴费比例是多少", "缴费比例是多少"),
    ("26年1月以后一天最多能借几次", "一天最多能借几次"), ("2026年调整以后最多能批多少额度", "调整以后最多能批多少额度"),
    ("2024年末规模多少", ""), ("2024版收费标准的年费", ""), ("1972年出生的男的几岁退休", ""), ("年费多少", ""),
])
def test_the_time_that_chose_the_edition_is_left_out_of_what_is_read(question, timeless):
    assert timeless_question(question, TODAY) == timeless


@pytest.mark.parametrize(("question", "rest"), [
    ("25年版安居贷罚息高多少", "安居贷罚息高多少"), ("新客借安居贷2025版24期年利率多少", "新客借安居贷24期年利率多少"),
    ("按25年新版合同还了4个月", "按还了4个月"), ("康悦等待期", "康悦等待期"),
])
def test_the_edition_that_is_named_is_left_out(question, rest):
    assert without_edition(question, TODAY) == rest


def test_short_years_name_an_edition():
    for question in ("按25年新版合同要扣百分之几", "安居贷25版要扣百分之几", "25年版要扣百分之几"):
        asked = asked_time(question, TODAY)
        assert asked.edition and asked.span.year == 2025
    assert not asked_time("交20年10万", TODAY).span
