"""Yes or no is said only where the quoted words say it plainly."""

import pytest

from rag.answer.yes_no import against, asks, begun, contradicts_itself, denies_without_ground, verdict


@pytest.mark.parametrize(("question", "words", "word"), [
    ("在校学生可以申请惠民贷吗？", "在校学生、失信被执行人不予准入，不得申请惠民贷。", "不可以"),
    ("个人账户的余额能继承吗？", "个人死亡的，个人账户余额可以继承。", "可以"),
    ("助学贷算国家助学贷款吗？", "助学贷是本行自有产品，不是国家助学贷款。", "不是"),
    ("安居贷提前还款要交违约金吗？", "安居贷提前还款不收违约金。", "不需要"),
    ("保险公司赔给我的钱要交个人所得税吗？", "保险赔款免征个人所得税。", "不需要"),
    ("50岁买能选10年交吗", "投保年龄：50周岁；男性 10年交：—", "不可以"),
    ("等待期内生病赔不赔？", "等待期内生病的，本公司不承担给付责任。", "不赔"),
])
def test_plain_words_decide(question, words, word):
    assert verdict(question, words) == word


@pytest.mark.parametrize(("question", "words"), [
    ("失业了能领失业保险金吗？", "具备下列条件的失业人员，可以领取失业保险金："),  # only under conditions
    ("高管的存款受存款保险保障吗？", "投保机构的存款受存款保险保障，但高级管理人员的存款除外。"),  # both
    ("是不是不能提前还款？", "不得提前还款。"),  # what a yes would mean is not plain
    ("安居贷能借多少？", "安居贷不得用于购房。"),  # no question of yes or no
    ("可以转让吗？", "等待期为90日。"),
    ("额度能超过50万吗？", "额度不得超过50万元，经审批可以提高额度。"),
    ("自己开网约车受伤赔吗？", "我们仅对您乘坐合法营运车辆时受到的伤害承担赔偿责任。"),  # whether that holds here is not said
])
def test_what_is_not_plain_is_left_to_the_words(question, words):
    assert verdict(question, words) == ""


@pytest.mark.parametrize(("question", "yes_or_no"), [
    ("晚还几天会不会上征信", True), ("有没有晚还几天不算逾期的说法", True), ("晚还几天会上征信", False), ("最多晚几天还不算逾期", False),
])
def test_some_days_are_not_asked_for(question, yes_or_no):
    assert asks(question.removesuffix("的说法")) is yes_or_no


def test_the_word_stands_first_and_only_once():
    assert asks("能退保吗？") and not asks("怎么退保？")
    assert begun("在校学生不予准入。", "不可以") == "不可以。在校学生不予准入。"
    assert begun("不可以申请。", "不可以") == "不可以申请。" and begun("原文。", "") == "原文。"


def test_a_draft_that_begins_with_the_opposite_is_told():
    assert against("可以申请。", "不可以") and against("不需要交。", "需要")
    assert not against("不可以申请。", "不可以") and not against("需要交。", "需要") and not against("申请要面签。", "")


def test_what_forbids_some_of_it_says_no_to_none():
    assert verdict("能不能在网上发布广告", "公司及其从业人员不得发布未经公司统一审核的广告。") == ""
    assert verdict("能不能发布未经审核的广告", "公司及其从业人员不得发布未经审核的广告。") == "不可以"


def test_what_is_not_allowed_is_no_yes():
    assert verdict("没满90天能赎回吗", "事项：持有满90天前提前赎回；规则：不允许") == "不可以"


@pytest.mark.parametrize(("draft", "itself"), [
    ("不算，上下班途中受到非本人主要责任的交通事故属于视同工伤。", True),
    ("不能，房租超出家庭工资收入规定比例的，可以提取。", True),
    ("不需要，首次办理应当面签。", True),
    ("不算，上下班途中本人负主要责任的，不属于工伤。", False),
    ("不可以，应当由本人办理。", False),
    ("不能，仅本人可以办理。", False),
    ("不赔，酒后驾车属于责任免除。", False),
    ("算，上下班途中的交通事故属于工伤。", False),
    ("不收手续费。", False),
    ("要赔，挂失前已被他人支取的，储蓄机构不负赔偿责任。", True),
    ("管，自身发热造成的损失属于责任免除。", True),
    ("能，发卡行请求偿还透支款的，法院不予支持。", True),
    ("能，经抢救无效死亡的视同工伤。", False),
    ("可以，但不得超过二十万元。", False),
    ("能，不能到场的也可以委托他人。", False),
    ("可以，减保后不得低于规定的最低限额。", False),
])
def test_a_conclusion_that_its_own_reason_denies_is_told(draft, itself):
    assert contradicts_itself(draft) is itself


@pytest.mark.parametrize(("question", "draft", "words", "groundless"), [
    ("62岁还能买吗", "不能，不小于60周岁。", "投保年龄范围为0周岁至85周岁，不小于60周岁。", True),
    ("没有债项评级吗", "没有，主体信用等级为AAA。", "主体信用等级为AAA。", True),
    ("下班路上被车撞了算工伤吗", "不算，属于非本人主要责任。", "职工有下列情形之一的，应当认定为工伤：(六)受到非本人主要责任的交通事故伤害的", True),
    ("私募才成立两个月，可以不出季报吗", "不可以，管理人可以不编制。", "成立不足三个月的，管理人可以不编制季度报告。", True),
    ("房地产公司能上科创板吗", "不能，禁止房地产企业上市。", "符合下列情形之一的可以申报：三、禁止房地产企业上市。", False),
    ("酒驾撞车赔修车钱吗", "不赔，保险公司不承担。", "有下列情形之一的，垫付抢救费用：(一)醉酒的；造成的财产损失，保险公司不承担赔偿责任。", False),
    ("等待期内能赔吗", "不能，退还保险费。", "等待期内发生的，我们不承担保险责任。", False),
    ("满90天能赎回吗", "能，满90天后。", "持有满90天的可以赎回。", False),
])
def test_a_no_that_the_quoted_words_do_not_bear_out(question, draft, words, groundless):
    assert denies_without_ground(draft, words, question) is groundless
