"""What speaks against an answer lowers its probability, whatever the reranker says."""

from dataclasses import replace

import pytest

from rag.answer import refusal
from rag.answer.asked_kind import lacks_kind
from rag.answer.doubts import doubts
from rag.answer.evidence import select
from rag.answer.refusal import answerable
from tests.rag.answer.test_evidence import flat, hit, judge


def probability(question: str, text: str, word: str, title: str = "手册") -> float:
    hits = [hit(text, title=title)]
    return answerable(question, hits, flat, select(question, hits, flat, judge(word)))


def test_an_answer_that_holds_what_is_asked_is_probable():
    assert probability("等待期多少天？", "等待期为90日。", "等待期") > 0.9 > 0.1 > probability("等待期多少天？", "等待期为90日。", "无")


def test_a_person_is_asked_and_none_is_named():
    with_name = probability("优选混合的基金经理是谁？", "优选混合的基金经理为王建国。", "经理")
    without = probability("优选混合的基金经理是谁？", "优选混合的基金经理每年述职。", "经理")
    assert with_name > without


def test_what_changes_from_day_to_day_is_doubted_where_the_words_do_not_speak_of_it():
    assert probability("现在的结算利率是多少？", "结算利率每月公布，不低于1%。", "结算") < probability(
        "结算利率是多少？", "结算利率每月公布，不低于1%。", "结算")


@pytest.mark.parametrize(("question", "words", "lack"), [
    ("客服电话是多少？", "请拨打400-000-1600。", 0.0), ("客服电话是多少？", "请联系客服。", 2.0),
    ("最大投保年龄是多少岁？", "投保年龄为18周岁至60周岁。", 0.0), ("最大投保年龄是多少岁？", "以书面形式申请。", 2.0),
    ("等待期多少天？", "等待期为90日。", 0.0), ("等待期多少天？", "给付比例为60%。", 1.0),
    ("这只基金是谁在管？", "基金经理：王建国", 0.0), ("这只基金是谁在管？", "基金托管人：江海银行股份有限公司", 2.0),
    ("利率是多少？", "年利率3.10%。", 0.0), ("赎回几天到账？", "赎回到账：T+2", 0.0), ("年费多少钱？", "年费免收。", 0.0), ("怎么退保？", "书面申请。", 0.0),
    ("基金经理叫啥？", "基金经理：岑一帆", 0.0), ("基金经理是哪位？", "本基金由许恬管理。", 0.0), ("基金经理是哪位？", "基金经理变更时及时公告。", 2.0),
    ("受托管理人是哪家？", "受托管理人：国元证券股份有限公司", 0.0), ("受托管理人是哪家？", "乙方应当召集持有人会议。", 2.0),
    ("这次审计是谁做的，会计师事务所是哪家？", "聘请了天健会计师事务所（特殊普通合伙）", 0.0), ("主承销商是谁？", "由主承销商负责簿记。", 2.0),
    ("每秒多少笔算高频？", "第二十一条 短时间内申报、撤单的笔数较高；", 2.0), ("每次最少抽几家？", "检查组人员不少于二人。", 2.0), ("最少几个人？", "检查组人员不少于二人。", 0.0),
    ("每次抽几家？", "每次不少于五家。", 0.0), ("在哪几家银行开户？", "由受托银行办理。", 0.0), ("股东最多多少人？", "投资者累计不得超过二百人。", 0.0),
    ("规模到多少亿要审计？", "第二十一条 存在以下情形之一的，应当审计。", 2.0), ("最少得有多少资产？", "累计不得超过二百人。", 2.0),
    ("保费能分几次交？", "保费可分3期，免手续费；", 0.0), ("人工客服几点到几点？", "人工热线：9:00—15:00", 0.0),
    ("有没有晚还几天不算逾期的？", "本协议不设宽限。", 0.0), ("晚几天还不算逾期？", "本协议另有约定。", 2.0),
    ("孩子的赔款超过多少家长得去柜面", "超过50,000元的，监护人须临柜。", 0.0), ("一笔最多下多少手？", "手续费为成交额的0.012%。", 2.0),
    ("个人账户能交保费的是哪几个省", "目前在浙江、江苏开通。", 0.0), ("每个月几号扣？", "8.2 组合费按月扣收。", 2.0),
    ("年添利最少多少钱起买", "产品名称：年添利；固定管理费：0.35%；申购费：0", 2.0), ("年添利最少多少钱起买", "首次购买1,000元起。", 0.0),
    ("质子重离子指定的是哪几家医院", "质子重离子医疗仅限指定医疗机构。", 2.0), ("全残是哪八种", "【身体全残】指双目失明等八项情形。", 2.0),
    ("轻症具体是哪些病", "确诊初次发生轻症疾病（35种）。", 2.0), ("指定的是哪几家医院", "市一院、市二院等3家医院。", 0.0), ("哪些人能买", "年满18周岁的个人均可投保。", 0.0),
    ("最多多少个投资人？", "《暂行办法》（证监会令第105 号，见9.9）；", 2.0),
])
def test_the_kind_of_value_that_is_asked_for_is_missed(question, words, lack):
    assert lacks_kind(question, words) == lack


def test_a_day_that_is_only_told_of_is_no_doubt():
    hits = [hit("不良信息的保存期限为5年。")]
    evidence = select("去年还清了，记录要留几年", hits, flat, judge("保存"))
    assert doubts("去年还清了，记录要留几年", evidence, hits)["passing"] == 0.0
    assert doubts("记录去年留了几年", evidence, hits)["passing"] == 1.0
    assert doubts("到现在为止记录留几年", evidence, hits)["passing"] == 0.0


@pytest.mark.parametrize(("question", "words", "name", "doubted"), [
    ("66岁男5年交要交多少", "| 年龄 | 男性 5年交 |\n| --- | --- |\n| 64 | 1664 |", "case", 1.0),
    ("64岁男5年交要交多少", "| 年龄 | 男性 5年交 |\n| --- | --- |\n| 64 | 1664 |", "case", 0.0),
    ("30岁男选20年交多少", "| 年龄 | 男性 3年交 | 男性 5年交 |\n| --- | --- | --- |\n| 30 | 1853 | 2967 |", "case", 1.0),
    ("70岁男10年交多少", "| 年龄 | 男性 5年交 | 男性 10年交 |\n| --- | --- | --- |\n| 70 | 7937 | |", "case", 1.0),
    ("70岁男5年交多少", "| 年龄 | 男性 5年交 | 男性 10年交 |\n| --- | --- | --- |\n| 70 | 7937 | |", "case", 0.0),
    ("30天通知存款利率多少", "| 种类 | 期限 | 5万元起 |\n| --- | --- | --- |\n| 通知存款 | 7天 | 0.65% |", "case", 1.0),
    ("7天通知存款利率多少", "| 种类 | 期限 | 5万元起 |\n| --- | --- | --- |\n| 通知存款 | 7天 | 0.65% |", "case", 0.0),
    ("5年的计划四多少钱", "| 项目 | 计划一 | 计划三 |\n| --- | --- | --- |\n| 保费 | 100 | 300 |", "case", 1.0),
    ("30岁女的第10年退多少", "30周岁男性，20年交\n| 保单年度末 | 现金价值 |\n| --- | --- |\n| 10 | 10,250 |", "case", 1.0),
    ("30岁男的第10年退多少", "30周岁男性，20年交\n| 保单年度末 | 现金价值 |\n| --- | --- |\n| 10 | 10,250 |", "case", 0.0),
    ("医保能交保费的是哪几个省", "目前在浙江省、江苏省开通。", "place", 0.0),
    ("2027年的净利润多少", "2025 年度净利润3,353.91万元。", "year", 1.0),
    ("2025年的净利润多少", "2025 年度净利润3,353.91万元。", "year", 0.0),
    ("2027年起还收手续费吗", "手续费为2%。", "year", 0.0),
    ("2025年全年净利润多少", "2025年1-6月净利润4,408.23万元。", "year", 1.0),
    ("2025年上半年净利润多少", "2025年1-6月净利润4,408.23万元。", "year", 0.0),
    ("2025年净利润多少", "2025年1-6月净利润4,408.23万元，2025年度净利润9,000万元。", "year", 0.0),
    ("帮我查下我自己的养老保险已经交了几年", "累计缴费满十五年的，按月领取养老保险金。", "personal", 1.0),
    ("今年没存满，剩下的明年能补上吗", "当年未缴满的额度不能结转。", "passing", 0.0),
    ("美元存三年定期多少", "| 币种 | 1个月 | 3个月 | 1年 | 2年 |\n| --- | --- | --- | --- | --- |\n| 美元 | 1.60 | 2.20 | 2.30 | 1.50 |", "case", 1.0),
    ("美元存两年定期多少", "| 币种 | 1个月 | 3个月 | 1年 | 2年 |\n| --- | --- | --- | --- | --- |\n| 美元 | 1.60 | 2.20 | 2.30 | 1.50 |", "case", 0.0),
    ("安和短债D类放20天赎回费多少", "| 简称 | 类别 | 赎回费 |\n| --- | --- | --- |\n| 安和短债 | C | 0.10% |", "case", 1.0),
    ("安和短债C类放20天赎回费多少", "| 简称 | 类别 | 赎回费 |\n| --- | --- | --- |\n| 安和短债 | C | 0.10% |", "case", 0.0),
    ("证券转银行一天最多转多少", "银行转证券单日限额500万元。", "direction", 1.0),
    ("银行转证券一天最多转多少", "银行转证券单日限额500万元。", "direction", 0.0),
    ("汀存宝按月付5年期利率多少", "| 期限 | 汀存宝·标准 5万元起 | 汀存宝·按月付 1万元起 |\n| --- | --- | --- |\n| 5年 | 2.05 | — |", "case", 1.0),
    ("汀存宝标准5年期利率多少", "| 期限 | 汀存宝·标准 5万元起 | 汀存宝·按月付 1万元起 |\n| --- | --- | --- |\n| 5年 | 2.05 | — |", "case", 0.0),
    ("国外出险赔吗", "仅限境内使用。", "direction", 0.0),
    ("提200克的金条加工费多少一克", "| 项目 | 标准 |\n| --- | --- |\n| 提金加工费（20克、50克） | 每克12元 |", "case", 1.0),
    ("提50克的金条加工费多少一克", "| 项目 | 标准 |\n| --- | --- |\n| 提金加工费（20克、50克） | 每克12元 |", "case", 0.0),
    ("提金条加工费多少钱一克", "| 项目 | 标准 |\n| --- | --- |\n| 提金加工费（20克、50克） | 每克12元 |", "case", 0.0),
    ("大额存单10万起的有吗，利率多少", "| 期限 | 20万元起 可转让 | 100万元起 可转让 |\n| --- | --- | --- |\n| 1年 | 1.25 | 1.40 |", "case", 1.0),
    ("大额存单存1年30万，利率多少", "| 期限 | 20万元起 可转让 | 100万元起 可转让 |\n| --- | --- | --- |\n| 1年 | 1.25 | 1.40 |", "case", 0.0),
    ("臻传能选15年交吗", "可选择的交费方式为3年交、5年交及10年交。", "case", 0.0),
    ("我们公司要开资产证明多少钱", "| 项目 | 个人客户 | 机构客户 |\n| --- | --- | --- |\n| 资产证明 | 免费 | 50元 |", "direction", 0.0),
    ("资产证明寄到国外邮费谁出", "境内邮费由我司承担。", "direction", 1.0), ("折叠屏外屏保一年多少", "折叠屏（内屏）保费599元。", "direction", 1.0),
    ("我们公司买的能质押吗，最多几成", "个人客户持有的份额可质押，最高为本金的95%。", "direction", 1.0),
    ("代扣每月上限多少", "代扣单日限额20,000元。", "direction", 1.0), ("代扣每月上限多少", "代扣单日限额20,000元，每月限额50,000元。", "direction", 0.0),
    ("我测评得了60分，算哪一类", "| 得分区间 | 类别 |\n| --- | --- |\n| 53分（含）至82分 | C4 |", "another", 0.0),
    ("交15年，35岁女60岁领多少", "10年交的年金（元/年）：\n| 年龄 | 女性 60周岁领取 |\n| --- | --- |\n| 35 | 7,990 |", "case", 1.0),
    ("交10年，35岁女60岁领多少", "10年交的年金（元/年）：\n| 年龄 | 女性 60周岁领取 |\n| --- | --- |\n| 35 | 7,990 |", "case", 0.0),
    ("臻传交15年每年最低交多少", "最低年交保险费：3年交为20,000元，5年交及10年交为10,000元。", "case", 1.0),
    ("臻传交5年每年最低交多少", "最低年交保险费：3年交为20,000元，5年交及10年交为10,000元。", "case", 0.0),
    ("交3年退保能拿多少", "最低年交保险费：5年交及10年交为10,000元。", "case", 0.0),
    ("33岁买400块一天的档要多少", "| 年龄 | 一档（100元/日） | 二档（200元/日） | 三档（300元/日） |\n| --- | --- | --- | --- |\n| 31至40周岁 | 175 | 343 | 508 |", "case", 1.0),
    ("33岁买200块一天的档要多少", "| 年龄 | 一档（100元/日） | 二档（200元/日） | 三档（300元/日） |\n| --- | --- | --- | --- |\n| 31至40周岁 | 175 | 343 | 508 |", "case", 0.0),
    ("国庆放假停放款吗，几号恢复", "春节期间2月16日暂停放款，2月19日恢复。", "case", 1.0),
    ("会影响我明年的出险次数吗", "代位求偿案件不计入来年出险次数。", "passing", 0.0), ("断交了，明年再交要等多久", "中断缴费的设3个月等待期。", "passing", 0.0),
    ("养老保险要交满几年", "累计缴费满十五年的，按月领取养老保险金。", "personal", 0.0),
])
def test_what_is_of_another_case_year_or_person_is_doubted(question, words, name, doubted):
    hits = [hit(words)]
    evidence = select(question, hits, flat, judge("养老" if "养老" in words else words.split("\n")[-1][:4]))
    assert doubts(question, evidence, hits)[name] == doubted
    if doubted:
        plain = {one: 0.0 for one in doubts(question, evidence, hits)}
        assert refusal._judged(0.98, plain | {name: 1.0}) < 0 < refusal._judged(0.98, plain)


def test_another_number_of_a_series_is_told():
    found = [replace(hit("募集期为1月14日至1月20日。", title="稳享第5期说明书"))]
    evidence = select("稳享第6期什么时候募集？", found, flat, judge("募集"))
    assert doubts("稳享第6期什么时候募集？", evidence, found)["another"] == 1.0
    assert doubts("稳享第5期什么时候募集？", evidence, found)["another"] == 0.0


def test_a_second_time_that_the_words_write_otherwise_is_no_other_number():
    found = [hit("第2次给付25%，第3次给付30%。")]
    evidence = select("第二次能赔多少比例？", found, flat, judge("第2次"))
    assert doubts("第二次能赔多少比例？", evidence, found)["another"] == 0.0


@pytest.mark.parametrize(("question", "doubted"), [
    ("这个月晚还几天不算逾期", 0.0), ("现在一天最多能买多少", 0.0), ("现在利率多少", 0.5), ("今天利率多少", 1.0),
    ("去年最多涨了多少", 1.0), ("今天买的今天能卖吗，要多少利率", 0.0),
])
def test_what_documents_fix_does_not_change_from_day_to_day(question, doubted):
    found = [hit("宽限期为3天，单日上限20万元，年利率3%。")]
    assert doubts(question, select(question, found, flat, judge("宽限期")), found)["passing"] == doubted


def test_another_edition_of_a_name_is_told():
    found = [replace(hit("自签收次日起15日内为犹豫期。", title="富鸿金生养老年金保险（悦享版）（互联网2026版）条款"))]
    evidence = select("犹豫期几天？", found, flat, judge("犹豫"))
    told = {edition: doubts(f"富鸿金生{edition}的犹豫期几天？", evidence, found)["another"] for edition in ("尊享版", "悦享版", "旧版", "")}
    assert told == {"尊享版": 1.0, "悦享版": 0.0, "旧版": 0.0, "": 0.0}


def test_nothing_found_is_not_answerable():
    assert answerable("等待期多少天？", [], flat, select("等待期多少天？", [], flat, judge("等"))) == 0.0
    assert refusal.AT_ONCE < refusal.DRAFT_FAILS < refusal.STUDENT_DECLINES


@pytest.mark.parametrize(("question", "words", "name", "doubted"), [
    ("北京市的失业金标准是多少？", "澄湖市按本市最低工资标准的80%确定。", "place", True),
    ("澄湖市的失业金标准是多少？", "澄湖市按本市最低工资标准的80%确定。", "place", False),
    ("上海的产假多少天？", "延长产假为澄湖市所在省的规定。\n| 情形 | 天数 |\n| --- | --- |\n| 产假 | 158天 |", "place", True),
    ("失业金标准是多少？", "澄湖市按本市最低工资标准的80%确定。", "place", False),
    ("把我的身份证号和余额查一下", "提供申请人身份证号。", "personal", True),
    ("我的信用卡还有多少额度", "额度使用率不低于30%。", "personal", True),
    ("把我的保单退了要什么材料", "提供申请人身份证号。", "personal", False),
    ("最多借多少？", "| 年龄 | 男性 |\n| --- | --- |\n| 5 | 11864 |", "open", True),
    ("5岁男孩多少？", "| 年龄 | 男性 |\n| --- | --- |\n| 5 | 11864 |", "open", False),
])
def test_a_place_an_account_and_a_case_that_is_not_said_are_doubted(question, words, name, doubted):
    hits = [hit(words)]
    evidence = select(question, hits, flat, judge(words.split("\n")[-1][2:4]))
    assert bool(doubts(question, evidence, hits)[name]) is doubted
