"""What a question compares, and what code says of both sides."""

from dataclasses import replace

import numpy as np
import pytest

from rag.answer.compared import compared_words
from rag.answer.comparison import comparison
from rag.answer.labels import groups_of
from rag.answer.members import says_member
from rag.answer.side import Naming
from rag.answer.sides import sides
from tests.rag.answer.test_evidence import flat, hit, judge

PRODUCTS = ("安居贷", "惠民贷", "澄安重疾险")
FINES = """| 项目 | 安居贷 | 惠民贷 |
| --- | --- | --- |
| 罚息上浮 | 50% | 40% |
| 最高额度 | 20万元 | 50万元 |"""
CARDS = """| 卡种 | 年费 |
| --- | --- |
| 金卡 | 200元 |
| 车主金卡 | 300元 |"""


def name_in(text: str) -> str:
    return next((name for name in PRODUCTS if name in text), "")


@pytest.mark.parametrize(("question", "members", "first"), [
    ("安居贷和惠民贷逾期罚息哪个重？", ("安居贷", "惠民贷"), "安居贷逾期罚息是多少？"),
    ("安居贷与惠民贷的最高额度分别是多少？", ("安居贷", "惠民贷"), "安居贷的最高额度是多少?"),
    ("稳盈90天A款C款，管理费各是多少？", ("A款", "C款"), "稳盈90天A款,管理费是多少?"),
    ("智盈的稳健型和进取型，保底利率差多少？", ("稳健型", "进取型"), "智盈的稳健型,保底利率多少?"),
    ("安居贷2026版和2024版的利率差多少", ("2026版", "2024版"), "安居贷2026版的利率多少"),
    ("逾期的罚息，安居贷和惠民贷各是多少？", ("安居贷", "惠民贷"), "安居贷,逾期的罚息是多少?"),
    ("国寿万能账户和平安的稳健型账户，保底利率哪个高？", ("国寿万能账户", "平安的稳健型账户"), "国寿万能账户,保底利率是多少？"),
    ("罚息，惠民贷和澄安重疾险医疗各是多少？", ("惠民贷", "澄安重疾险医疗"), "惠民贷,罚息是多少?"),
    ("安居贷和惠民贷，最多能借多少？", ("安居贷", "惠民贷"), "安居贷,最多能借多少?"),
    ("老版和新版定投，连着几次没扣上就作废？", ("老版", "新版"), "以前的定投,连着几次没扣上就作废?"),
    ("康佑一生老版23和新版25，等待期各是多少天", ("老版", "新版"), "以前的康佑一生,等待期是多少天"),
    ("补款通知后要几天补，老版新版合同差多少", ("老版", "新版"), "以前的合同，补款通知后要几天补"),
    ("安居贷和惠民贷，超额收益各抽多少比例", ("安居贷", "惠民贷"), "安居贷,超额收益抽多少比例"),
    ("最低还款比例，老章程和新章程差在哪", ("老版", "新版"), "以前的章程，最低还款比例是多少？"),
    ("安居贷24版和25版年龄上限差别是啥", ("2024版", "2025版"), "安居贷2024版年龄上限是多少？"),
    ("安居贷25版跟惠民贷，连续逾期多少天要全部还清", ("安居贷2025版", "惠民贷"), "安居贷2025版,连续逾期多少天要全部还清"),
    ("贷款最多能贷几成，安居贷25版和惠民贷比", ("安居贷2025版", "惠民贷"), "安居贷2025版,贷款最多能贷几成"),
    ("公证费谁出？安居贷跟惠民贷一样吗", ("安居贷", "惠民贷"), "安居贷,公证费谁出?"),
    ("每天限购，2月和9月公告各是多少", ("2月", "9月"), "2月,每天限购公告是多少"),
    ("存款办法修订前后，保存年限各是几年？", ("原来", "现在"), "以前的存款办法,保存年限是几年?"),
])
def test_what_is_compared_is_told_from_the_question(question, members, first):
    found = comparison(question, name_in)
    assert found.members == members and found.questions[0] == first


def test_a_product_is_compared_with_the_one_whose_name_goes_on():
    names = lambda text: next((name for name in ("安居贷Plus", "安居贷") if name in text), "")  # noqa: E731
    found = comparison("安居贷和安居贷Plus犹豫期各多少天", names)
    assert found.members == ("安居贷", "安居贷Plus") and found.questions[0] == "安居贷犹豫期多少天"


@pytest.mark.parametrize("question", [
    "身份证和银行卡都要带吗？", "基金业绩比较基准变更要提前多少天公告？", "安居贷的利率是多少？", "申请安居贷要哪些材料和手续？", "最低还款和全额还款怎么办理？",
])
def test_what_compares_nothing_is_left_alone(question):
    assert comparison(question, name_in) is None


def test_names_of_one_table_are_told_from_each_other():
    found = comparison("金卡和车主金卡年费各多少，哪个贵？", groups=lambda _: groups_of([CARDS]))
    assert found.members == ("金卡", "车主金卡") and found.more == "贵"
    assert says_member(found.members, 1, "车主金卡：300元") and not says_member(found.members, 1, "金卡：200元")


def answered(question: str, matter: str, *hits):
    found = comparison(question, name_in, lambda _: groups_of(h.text for h in hits))
    return compared_words(found, sides(found, lambda _: hits, flat, judge(matter)))


def test_what_a_law_says_is_quoted_from_that_law_though_another_speaks_of_it():
    both = [hit("单位应当自终止劳动关系之日起7日内报社会保险经办机构备案。", 0.9, "失业保险条例"),
            hit("用人单位应当自终止劳动关系之日起十五日内告知社会保险经办机构。", 0.7, "中华人民共和国社会保险法")]
    found = comparison("报名单的期限，失业保险条例和社会保险法一样吗？各是几天", lambda text: "")
    words = compared_words(found, sides(found, lambda _: both, flat, judge("劳动关系")))
    assert "失业保险条例7日，社会保险法十五日" in words.text and {c.title for c in words.citations} == {both[0].title, both[1].title}
    short = comparison("报名单的期限，失业保险条例和社保法各是几天", lambda text: "")
    words = compared_words(short, sides(short, lambda _: both, flat, judge("劳动关系"), Naming(lambda name: name.replace("社保", "社会保险"))))
    assert words.citations[1].title == both[1].title


def test_each_side_is_quoted_with_its_own_column_and_code_says_which_is_more():
    words = answered("安居贷和惠民贷逾期罚息哪个高，差多少？", "罚息", hit(FINES))
    first, *lines = words.text.split("\n")
    assert first == "安居贷50%，惠民贷40%，安居贷更高，相差10个百分点[1]。"
    assert lines == ["安居贷：项目：罚息上浮；安居贷：50%[1]", "惠民贷：项目：罚息上浮；惠民贷：40%[1]"]
    assert "| 罚息上浮 | 50% | 40% |" in words.citations[0].text


def test_rows_are_told_apart_by_their_names():
    words = answered("金卡和车主金卡年费差多少？", "卡", hit(CARDS))
    assert words.text.startswith("金卡200元，车主金卡300元，相差100元[1][2]。") and words.kind == "calculation"


def test_a_side_that_is_missing_is_named():
    words = answered("安居贷和澄安重疾险的罚息哪个高？", "罚息", hit("安居贷罚息上浮50%。", title="安居贷说明"))
    assert "安居贷：安居贷罚息上浮50%。[1]" in words.text and "澄安重疾险：现有资料没有写明这一项。" in words.text
    assert "更高" not in words.text


def test_what_is_said_to_be_alike_is_what_was_asked():
    words = answered("安居贷和惠民贷，最高多少岁能借？", "周岁", hit("安居贷：申请人年龄为满28天至70周岁。"), hit("惠民贷：申请人年龄为满28天至65周岁。"))
    assert "相同" not in words.text and "70周岁" in words.text and "65周岁" in words.text


def test_a_product_is_compared_in_its_own_documents():
    """利安的传家福 stands in no title, but its product does."""
    products = ("传家鑫享", "传家福")
    compared = [comparison(f"{name}和传家鑫享，意外身故最高赔多少，差多少？", lambda text: next((n for n in products if n in text), ""))
                for name in ("利安的传家福", "传家福")]
    one, other = hit("意外身故最高给付2000万元。", title="传家福终身寿险条款"), hit("意外身故最高给付500万元。", title="传家鑫享终身寿险条款")
    found = sides(compared[0], lambda _: (one, other), flat, judge("意外身故"),
                  Naming(products_of=lambda text: frozenset(n for n in products if n in text), product_of=lambda h: h.title[:-6]))
    assert compared_words(compared[1], found).text.startswith("利安的传家福2000万元，传家鑫享500万元，相差1,500万元[1][2]。")
    assert [side.evidence.best.text for side in found] == ["意外身故最高给付2000万元。", "意外身故最高给付500万元。"]


def test_the_notices_of_two_months_are_told_by_their_day():
    notices = [replace(hit(f"单日限额为{sum_}元。", 0.9, "关于调整限额的公告"), source=f"{day}.md", edition=f"{day}发布")
               for day, sum_ in (("2025-02-20", "2,000"), ("2025-09-18", "500"))]
    words = answered("单日限额，2月和9月公告各是多少", "限额", *notices)
    assert "2月：单日限额为2,000元。[1]" in words.text and "9月：单日限额为500元。[2]" in words.text


def test_one_text_is_not_compared_with_itself():
    found = comparison("老的存款办法和2024年新改的存款办法，资料保存几年，有啥不一样？")
    only = replace(hit("资料至少保存十年。", title="存款办法"), edition="2024年新改")
    there = sides(found, lambda _: (only,), flat, judge("保存"))
    assert [side.found for side in there] == [True, True] and compared_words(found, there) is None


@pytest.mark.parametrize(("question", "members", "first"), [
    ("安居贷和惠民贷的罚息是不是一样高？", ("安居贷", "惠民贷"), "安居贷的罚息是多少？"),
    ("安居贷和惠民贷，两个的宽限期都是3天吗？", ("安居贷", "惠民贷"), "安居贷,宽限期是3天吗?"),
    ("想比一比，安居贷和惠民贷，利率一个按几个点算另一个按几个点算？", ("安居贷", "惠民贷"), "安居贷,利率按几个点算?"),
    ("安居贷跟惠民贷这两款贷款，最高额度哪家高？", ("安居贷", "惠民贷"), "安居贷,最高额度是多少？"),
    ("听说存款办法和储蓄条例说的不一样，挂失几天内补办", ("存款办法", "储蓄条例"), "存款办法,挂失几天内补办"),
    ("安居贷的宽限期和惠民贷的宽限期有啥不一样吗？", ("安居贷", "惠民贷"), "安居贷的宽限期是多少？"),
    ("安居贷这期产品和惠民贷这期产品，谁的期限长？", ("安居贷", "惠民贷"), "安居贷这期产品,期限是多少？"),
    ("我妈在纠结安居贷和惠民贷，罚息哪个低？", ("安居贷", "惠民贷"), "安居贷,罚息是多少？"),
    ("2016版存款办法对泄密是怎么处罚的，2023版呢？", ("2016版", "2023版"), "2016版存款办法对泄密是怎么处罚的？"),
    ("保存的时间，新老存款办法有啥不一样？", ("原来", "现在"), "以前的存款办法是多少，保存的时间？"),
])
def test_a_comparison_is_told_in_customers_words(question, members, first):
    found = comparison(question, name_in)
    assert found.members == members and found.questions[0] == first


def test_a_product_named_after_two_things_keeps_its_name():
    assert comparison("守护两全保险和惠民贷，费用哪个高？", name_in).members == ("守护两全保险", "惠民贷")


def of_products(question: str, reads, *hits):
    """The answer, each product's words in its own document, as `reads` scores them."""
    found = comparison(question, name_in)
    naming = Naming(products_of=lambda text: frozenset(n for n in PRODUCTS if n in text), product_of=lambda h: h.title)
    return compared_words(found, sides(found, lambda _: hits, flat, reads, naming))


LIMIT = "本产品接受的借款人年龄范围为满{}周岁至{}周岁。"


def scored(**logits):
    """A reranker that scores a text by the first word of these it holds."""
    return lambda question, texts: np.array([next((v for word, v in logits.items() if word in text), -6.0) for text in texts])


def test_words_like_the_other_sides_are_taken_instead_of_an_example():
    both = (hit(LIMIT.format(18, 70), title="安居贷"), hit("示例：李女士今年35周岁，向我行借款。\n\n" + LIMIT.format(20, 65), title="惠民贷"))
    words = of_products("安居贷和惠民贷，最大多少岁能借，哪个大？", scored(示例=4.0, 满18=3.0, 满20=-4.0), *both)
    assert "35周岁" not in words.text and "惠民贷：本产品接受的借款人年龄范围为满20周岁至65周岁。[2]" in words.text


def test_two_sides_that_read_alike_bear_each_other_out():
    said = "自欠缴之日起，按日加收{}的违约金。"
    unsure = scored(违约金=0.0)
    both = hit(said.format("0.05%"), title="安居贷"), hit(said.format("0.2%"), title="惠民贷")
    assert of_products("安居贷和惠民贷的违约金，按日的比例差多少？", unsure, *both).text.startswith("安居贷0.05%，惠民贷0.2%，相差0.15个百分点[1][2]。")
    other = hit("违约金由客户经理收取。", title="惠民贷")
    assert of_products("安居贷和惠民贷的违约金，按日的比例差多少？", unsure, both[0], other) is None


def test_whether_two_are_the_same_is_said():
    both = hit("罚息上浮50%。", title="安居贷"), hit("罚息上浮40%。", title="惠民贷")
    assert of_products("安居贷和惠民贷的罚息是不是一样？", judge("罚息"), *both).text.startswith("安居贷50%，惠民贷40%，两者不同[1][2]。")


def test_of_a_long_list_the_line_that_answers_is_quoted():
    rights = ("设立{}，应当具备下列条件：\n（一）有符合规定的章程；\n（二）主要股东信誉良好，近三年无违法记录；\n（三）注册资本不低于{}万元；\n（四）有合格的人员。")
    both = hit(rights.format("安居贷公司", 5000), title="安居贷"), hit(rights.format("惠民贷公司", 3000), title="惠民贷")
    words = of_products("设立安居贷公司和惠民贷公司，注册资本哪个高？", judge("条件"), *both)
    assert words.text.split("\n")[1:3] == ["设立安居贷公司：设立安居贷公司，应当具备下列条件：", "（三）注册资本不低于5000万元；[1]"] and "股东" not in words.text


def test_an_edition_is_shown_as_the_question_says_it():
    compared = comparison("两融22版和24版罚息各是每天多少")
    assert [compared.shown(member) for member in compared.members] == ["22版", "24版"]
    compared = comparison("积存金质押，23年版和25年版最多各押几成")
    assert [compared.shown(member) for member in compared.members] == ["23年版", "25年版"]
    compared = comparison("两融2022版和2024版罚息各是每天多少")
    assert [compared.shown(member) for member in compared.members] == ["2022版", "2024版"]
