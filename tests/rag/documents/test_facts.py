"""What documents say of themselves, in the many forms they say it. Run: pytest tests/rag/documents/test_facts.py"""

import pytest

from rag.documents.document import Document, Page
from rag.documents.fact_words import KINDS, TOPIC_WORDS
from rag.documents.facts import FIELDS, Facts, read_facts
from rag.index.folder import TOPICS


def facts(text: str, title: str = "", source: str = "文件.md") -> Facts:
    title = title or text.strip().splitlines()[0].lstrip("# ")
    return read_facts(Document(source, title, (Page(text),)))


LAW = """# 中华人民共和国储户保护法
1995年5月10日 第八届全国人民代表大会常务委员会第十三次会议通过
2003年12月27日 第十届全国人民代表大会常务委员会第六次会议《关于修改<中华人民共和国储户保护法>的决定》第一次修正
2018年10月26日 第十三届全国人民代表大会常务委员会第六次会议《关于修改<中华人民共和国储户保护法>等五部法律的决定》第二次修正
## 第一章 总则
第一条 为了保护储户的合法权益，制定本法。
第九条 2010年1月1日以前的存款，依照本法办理。
"""


def test_a_law_is_known_by_who_passed_it_its_last_revision_and_its_first_day():
    read = facts(LAW + "第九十条 本法自1995年7月1日起施行。")
    assert read.kind == "法规制度"
    assert read.institution == "全国人民代表大会常务委员会"
    assert (read.version, read.issued, read.effective) == ("2018年修正", "2018-10-26", "1995-07-01")
    assert read.product == read.product_code == read.expires == read.repealed == ""


def test_a_history_in_one_bracket_over_several_lines_is_read_like_lines():
    read = facts("""储户保护法
（1995年5月10日第八届全国人大常委会第十三次会议通过
根据2003年12月27日第十届全国人大常委会第六次会议《关于修改〈储户保护法〉的决定》修正
2019年3月1日第十三届全国人大常委会第九次会议修订）
第一条 为了保护储户，制定本法。
第二条 本法自2019年6月1日起施行。""")
    assert (read.version, read.issued, read.effective) == ("2019年修订", "2019-03-01", "2019-06-01")


@pytest.mark.parametrize(("words", "effective"), [
    ("本办法自2020年3月1日起施行。", "2020-03-01"),
    ("本办法自 2020 年 3 月 1 日起\n施行。", "2020-03-01"),
    ("本办法自二〇二〇年三月一日起正式实施。", "2020-03-01"),
    ("本管理办法由总行负责解释，自2020年3月1日起执行。", "2020-03-01"),
    ("本办法自发布之日起施行。", "2019-12-20"),
    ("本办法自印发之日起施行，有效期5年。", "2019-12-20"),
    ("第九条 《民法典》自2021年1月1日起施行后签订的合同，适用本办法。", ""),
    ("第九条 依据《个人贷款办法》（2024年第3号，自2024年7月1日起施行）制定。", ""),
])
def test_the_first_day_of_force_is_read_from_the_closing_words(words, effective):
    read = facts(f"# 澄湖银行存款业务管理办法\n发布日期：2019年12月20日\n第一条 为了规范存款业务，制定本办法。\n第八条 {words}")
    assert read.effective == effective and read.issued == "2019-12-20"


def test_a_term_of_force_ends_it():
    read = facts("# 存款业务管理办法\n第一条 为了规范业务，制定本办法。\n第二条 本办法自2022年3月1日起施行，本办法有效期为五年。")
    assert (read.effective, read.expires) == ("2022-03-01", "2027-02-28")


def test_no_issue_day_leaves_the_day_of_issue_unsaid():
    assert facts("# 存款业务管理办法\n第一条 制定本办法。\n第二条 本办法自公布之日起施行。").effective == ""


def test_a_rule_with_its_history_in_one_bracket_is_whole():
    read = facts("""# 信息披露管理办法
（2022年11月11日江南金融监督管理委员会、中国人民银行令〔2022〕第8号公布 自2023年6月30日起施行）
第一条 为规范信息披露行为，制定本办法。""")
    assert (read.number, read.issued, read.effective) == ("江南金融监督管理委员会、中国人民银行令〔2022〕第8号", "2022-11-11", "2023-06-30")
    read = facts("# 上市规则\n（2019年3月实施 2019年4月第一次修订 2024年4月第四次修订）\n第一章 总则")
    assert read.version == "2024年4月修订"


def test_an_order_of_two_lines_has_a_number_of_both():
    read = facts("国家金融监督管理总局令\n2024年第3号\n《贷款管理办法》现予公布，自2024年7月1日起施行。\n局长 江南\n2024年2月2日\n"
                 "贷款管理办法\n第一条 制定本办法。", title="贷款管理办法")
    assert (read.number, read.institution) == ("国家金融监督管理总局令2024年第3号", "国家金融监督管理总局")
    assert (read.issued, read.effective) == ("2024-02-02", "2024-07-01")


def test_a_notice_may_say_until_when_it_holds():
    read = facts("# 关于调整缴存比例的通知\n发布时间：2024-06-20 来源：江南市住房公积金管理中心 浏览次数：12\n"
                 "江房公积金发〔2024〕23号\n各单位：\n本通知自2024年7月1日起执行，有效期至2025年6月30日。")
    assert (read.effective, read.expires, read.issued) == ("2024-07-01", "2025-06-30", "2024-06-20")
    assert (read.institution, read.number) == ("江南市住房公积金管理中心", "江房公积金发〔2024〕23号")


def test_an_order_is_dated_by_its_signature():
    read = facts("""标题：【第8号公告】《存款保险评级办法》
栏目：公告
发布日期：2025-09-06 16:47:27
发布机构
国家金融监督管理总局
文号
金发〔2024〕8号
名称
【第8号公告】《存款保险评级办法》
现公布《存款保险评级办法》,自公布之日起施行。
国家金融监督管理总局
202
4年5月24日
附件：存款保险评级办法.pdf""", title="【第8号公告】《存款保险评级办法》")
    assert (read.kind, read.number, read.institution) == ("公告通知", "金发〔2024〕8号", "国家金融监督管理总局")
    assert (read.issued, read.effective) == ("2024-05-24", "2024-05-24")


def test_lines_under_the_title_say_when_it_was_issued_and_came_into_force():
    read = facts("""# 存款实名规定
2000年3月20日 中华人民共和国国务院令第285号发布
2000年4月1日 施行
第一条 为了保证存款真实，制定本规定。""")
    assert (read.institution, read.number) == ("国务院", "中华人民共和国国务院令第285号")
    assert (read.issued, read.effective) == ("2000-03-20", "2000-04-01")


def test_a_standard_is_known_by_its_cover():
    read = facts("ICS 03.060\nJR/T 0059—2024\n代替 JR/T 0059—2010\n备份能力规范\n2024-12-24 发布\n2024-12-24 实施\n"
                 "中国证券监督管理委员会\n发布", title="备份能力规范")
    assert (read.kind, read.number, read.supersedes) == ("标准", "JR/T 0059—2024", "JR/T0059—2010")
    assert (read.issued, read.effective) == ("2024-12-24", "2024-12-24")
    assert read.institution == "中国证券监督管理委员会"


@pytest.mark.parametrize("line", [
    "江南银行个人金融部　产品代码：CHB-XF-01　版本：V2.4　生效日期：2025年11月1日",
    "江南银行个人金融部 产品代码：CHB-XF-01版本：V2.4生效日期：2025年11月1日【示例】",
    "产品代码: CHB-XF-01　版本: V2.4　生效日期: 2025-11-01　发布部门: 江南银行个人金融部　咨询电话: 400-000-1600",
])
def test_labels_are_read_however_close_they_stand(line):
    read = facts(f"# 江e贷个人消费贷款产品说明\n{line}\n## 一、概述\n江e贷是线上贷款。")
    assert (read.product_code, read.version, read.effective) == ("CHB-XF-01", "V2.4", "2025-11-01")
    assert (read.institution, read.kind, read.topic) == ("江南银行个人金融部", "产品说明书", "贷款")


def test_labels_are_read_from_a_table_of_names_and_values_but_not_from_a_list_of_products():
    read = facts("# 江南稳盈理财产品说明书\n\n| 要素 | 内容 |\n| --- | --- |\n| 产品名称 | 江南稳盈90天理财产品 |\n| 产品代码 | JNWY90A |\n")
    assert (read.product, read.product_code) == ("江南稳盈90天理财产品", "JNWY90A")
    listed = facts("# 在售产品一览\n\n| 卡种 | 产品代码 | 年费 |\n| --- | --- | --- |\n| 金卡 | GOLD-1 | 200 |\n")
    assert listed.product_code == ""


def test_several_codes_are_kept():
    assert facts("# 优选基金产品资料概要\n江南基金管理有限公司　基金代码：990101（A类）、990102（C类）　编制日期：2024-06-28"
                 ).product_code == "990101、990102"
    assert facts("# 优选基金产品资料概要\n江南基金管理有限公司 产品代码：A类990101、C类990102版本：2026年第1号"
                 ).product_code == "990101、990102"


@pytest.mark.parametrize(("head", "number"), [
    ("江南人寿〔2025〕终身寿险145号\n# 江南增益终身寿险条款", "江南人寿〔2025〕终身寿险145号"),
    ("江南保险公司[2019]终身寿险 037号 请扫描以查询验证条款\n# 江南增益终身寿险条款", "江南保险公司[2019]终身寿险 037号"),
    ("# 关于个人贷款的通知\n银保监发〔2022〕13号\n各银行：", "银保监发〔2022〕13号"),
    ("# 江南家财保险条款\n注册号：C00001732312025090908603", "C00001732312025090908603"),
    ("# 江南家财保险条款\n备案编号：(江南财险)(备-家财)〔2023〕(主)012号", "(江南财险)(备-家财)〔2023〕(主)012号"),
    ("# 江南家财保险条款\n备案编号：C0001-2023-012", "C0001-2023-012"),
    ("# 证券虚假陈述若干规定\n法释〔2022〕2号\n为正确审理案件，制定本规定。", "法释〔2022〕2号"),
    ("# 卡片挂失流程\n文件编号：CHC-OP-2025-011　版本：V2.0", "CHC-OP-2025-011"),
    ("# 江南银行产品手册\n依据《关于信用卡业务的通知》（银发〔2016〕111号）制定。", ""),
])
def test_the_number_is_the_documents_own(head, number):
    assert facts(head, title=head.split("# ")[1].split("\n")[0]).number == number


@pytest.mark.parametrize(("title", "version"), [
    ("江南康悦医疗保险条款（2026版）", "2026版"),
    ("江南家财保险（家庭版）（2025版）条款", "2025版"),
    ("食品安全责任保险条款（互联网2026版）", "2026版"),
    ("团体意外险条款（互联网版2025A款）", "2025A款"),
    ("收费标准（2024年版，已废止）", "2024年版"),
    ("适当性管理办法（2023年修订）", "2023年修订"),
    ("优选基金产品资料概要（2024年第1号）", "2024年第1号"),
    ("个人客户手册 V3.1", "V3.1"),
    ("江南悦享（尊享版）医疗保险条款", ""),
    ("目标日期2045养老基金产品说明", ""),
])
def test_the_version_stands_in_the_title(title, version):
    assert facts(f"# {title}\n正文。").version == version


def test_a_version_stands_under_the_title_or_in_the_name_of_the_file():
    assert facts("统计指标指引\n（2025 年修订）\n一、总则").version == "2025年修订"
    assert facts("# 金卡收费\n每年300元。", source="金卡收费（2023年版，已废止）.md").version == "2023年版"
    assert facts("# 金卡收费\n每年300元。", source="金卡收费（2023年版，已废止）.md").repealed == "是"
    law = facts("# 储户保护条例\n1999年4月3日 国务院令第262号发布\n第一条 制定本条例。", source="储户保护条例(2019-03-24).md")
    assert law.issued == "2019-03-24"


def test_another_documents_revision_is_not_this_ones():
    read = facts("# 工伤待遇指南\n编号：GS-2025-02　更新日期：2025年8月1日　主要依据：《工伤保险条例》（2010年修订）\n## 一、缴费")
    assert (read.version, read.issued, read.number) == ("", "2025-08-01", "GS-2025-02")


def test_what_is_repealed_says_since_when_and_by_what():
    read = facts("""# 信用卡收费标准（2024年版）
江南银行信用卡中心 产品代码：CHC-FEE-2024版本：2024年版 生效日期：2024年1月1日至2025年6月30日 状态：
## 已废止，由《信用卡收费标准（2025年版）》取代
本标准自2025年7月1日起废止，仅供查询。""")
    assert (read.effective, read.expires, read.repealed) == ("2024-01-01", "2025-06-30", "是")
    assert read.superseded_by == "信用卡收费标准（2025年版）"
    read = facts("# 康悦条款（2024版）\n江南人寿保险股份有限公司　版本：V2.2　生效日期：2024-01-01　"
                 "状态：**已于2026-01-01停用，由2026版（MD-2601）替代**，仅供查阅。")
    assert (read.expires, read.repealed, read.superseded_by) == ("2025-12-31", "是", "2026版（MD-2601）")
    assert facts("# 收费标准\n江南银行股份有限公司　状态：现行有效　生效日期：2025-07-01").repealed == ""


@pytest.mark.parametrize(("words", "names"), [
    ("本办法自2026年2月1日起施行，原《适当性管理办法（2023年修订）》同时废止。", "适当性管理办法（2023年修订）"),
    ("本条例自发布之日起施行。1987年3月27日国务院发布的《债券管理暂行条例》同时废止。", "债券管理暂行条例"),
    ("本规定自2022年1月22日起施行。《规定甲》《关于〈规定乙〉的通知》同时废止。", "规定甲；关于〈规定乙〉的通知"),
    ("本指引自公布之日起施行。《章程指引》（证监会公告〔2023〕62号）同时废止。", "《章程指引》（证监会公告〔2023〕62号）"),
    ("本规定自2025年1月1日起施行。证监会公告〔2020〕10号同时废止。", "证监会公告〔2020〕10号"),
    ("本规则自2025年10月20日起施行，2022年版本同时废止。", "2022年版本"),
    ("本办法与《贷款通则》不一致的，以本办法为准。", ""),
])
def test_what_a_document_replaces_is_named_in_its_closing_words(words, names):
    assert facts(f"# 资金管理办法\n第一条 依据《商业银行法》，制定本办法。\n第九条 {words}").supersedes == names


def test_what_explains_a_rule_does_not_speak_of_itself():
    read = facts("《资金管理办法》起草说明\n现就有关情况说明如下：\n本办法自2026年1月1日起施行，《旧办法》同时废止。")
    assert (read.kind, read.effective, read.supersedes) == ("起草说明", "", "")


@pytest.mark.parametrize(("title", "kind"), [
    ("江南增益终身寿险（万能型）条款", "条款"), ("免除保险人责任条款说明江南传家终身寿险", "条款"),
    ("江南稳盈理财产品（A款）说明书", "产品说明书"), ("优选混合基金产品资料概要更新", "产品说明书"), ("个人住房贷款产品手册", "产品说明书"),
    ("信用卡领用合约（2025年版）", "合同"), ("个人借款合同（范本）", "合同"),
    ("守家定期寿险费率表", "费率表"), ("信用卡收费标准", "费率表"), ("传家福终身寿险基本保险金额表", "费率表"), ("基金费率一览表", "费率表"),
    ("信用卡权益对照表", "对照表"), ("理财常见问题", "常见问题"), ("基金投资者服务问答", "常见问题"), ("开户与转账指南", "指南"),
    ("挂失处理流程", "指南"), ("个人所得税法", "法规制度"), ("上市公司监管指引第9号——重大资产重组的监管要求", "法规制度"),
    ("关于适用保险法若干问题的解释（二）", "法规制度"), ("资金管理暂行办法", "法规制度"), ("《治理准则》修订说明", "起草说明"),
    ("关于试点的公告", "公告通知"), ("债券型基金招募说明书（更新）摘要", "募集文件"), ("数据元规范", "标准"), ("2025年年度报告", "报告"),
    ("江南银行简报三则", ""),
])
def test_the_kind_is_the_last_word_of_the_title(title, kind):
    assert facts(f"# {title}\n正文。").kind == kind


@pytest.mark.parametrize(("title", "product"), [
    ("江南人寿保险股份有限公司附加豁免保险费定期寿险条款", "附加豁免保险费定期寿险"),
    ("江南传家鑫享终身寿险产品说明书", "江南传家鑫享终身寿险"),
    ("江南月添利30天最短持有期理财产品销售说明书", "江南月添利30天最短持有期理财产品"),
    ("江南颐年养老年金保险产品说明与条款摘要", "江南颐年养老年金保险"),
    ("江南日日薪现金管理类理财产品说明书", "江南日日薪现金管理类理财产品"),
    ("江南康悦医疗保险条款（2024版）", "江南康悦医疗保险"),
    ("屿享贷个人消费借款合同（2025年版）", "屿享贷个人消费借款"), ("屿速贷个人消费借款合同（循环额度版）", "屿速贷个人消费借款"),
    ("屿分期商品分期付款服务协议", "屿分期商品分期付款服务"),
    ("江南基金旗下基金费率一览表", ""), ("信用卡收费标准", ""), ("储户保护法", ""),
])
def test_the_product_is_the_title_less_company_edition_and_kind(title, product):
    assert facts(f"# {title}\n江南人寿保险股份有限公司\n正文。").product == product


@pytest.mark.parametrize(("text", "institution"), [
    ("# 江南终身寿险条款\n在本条款中，“您”指投保人，“我们”、“本公司”均指江南人寿保险股份有限公司。", "江南人寿保险股份有限公司"),
    ("# 江南终身寿险条款\n# 江南人寿保险股份有限公司\n第一条", "江南人寿保险股份有限公司"),
    ("# 债券募集说明书\n发行人：\n江南融资租赁（集团）有限公司\n承销商：\n国中证券股份有限公司", "江南融资租赁（集团）有限公司"),
    ("# 服务问答\n江南理财有限责任公司、江南银行股份有限公司　版本：2026年第1期", "江南理财有限责任公司、江南银行股份有限公司"),
    ("# 外汇违规处分规定\n1999年1月25日 监察部、中国人民银行、海关总署令第7号发布\n第一条 制定本规定。", "监察部、中国人民银行、海关总署"),
    ("# 信用卡领用合约\n甲方：江南银行股份有限公司信用卡中心（以下简称甲方）", "江南银行股份有限公司信用卡中心"),
    ("# 江南信用卡章程\n第一条 为规范业务，江南银行股份有限公司（以下简称“发卡机构”）制定本章程。", "江南银行股份有限公司"),
    ("# 江南银行服务价格目录（2024年版）\n生效日期：2024年4月1日", "江南银行"),
    ("# 岚汐银行(中国)有限公司外币存款利率表\n执行日期：2025年9月22日", "岚汐银行(中国)有限公司"),
    ("# 手机银行操作指南\n第一步 下载。", ""),
    ("# 上海证券交易所科创板上市规则\n第一章 总则", "上海证券交易所"),
    ("# 存款常见问题\n江南银行代销的产品由江南基金管理有限公司管理。", ""),
    ("# 中国人民银行货币委员会条例\n1997年4月15日 中华人民共和国国务院令第215号发布\n第一条 制定本条例。", "国务院"),
])
def test_the_institution_is_named_not_merely_mentioned(text, institution):
    assert facts(text).institution == institution


@pytest.mark.parametrize(("title", "topic"), [
    ("社会保险经办条例", "社保"), ("机动车交通事故责任强制保险条例", "保险"), ("证券投资基金法", "基金"), ("上市公司治理准则", "股票"),
    ("信用卡领用合约", "信用卡"), ("净值型理财产品常见问题", "理财"), ("个人征信常见问题", "贷款"), ("反洗钱法", ""),
])
def test_the_topic_is_read_from_the_titles_words(title, topic):
    assert facts(f"# {title}\n正文。").topic == topic


def test_every_topic_is_one_of_the_seven_and_an_empty_text_says_nothing():
    assert {topic for topic, _ in TOPIC_WORDS} == set(TOPICS)
    assert len(set(KINDS)) == len(KINDS)
    read = facts("没有标题的一段话", source="a.txt")
    assert {name for name in FIELDS if getattr(read, name)} == {"title"}


@pytest.mark.parametrize(("title", "product"), [
    ("恒岳人寿福泽传家终身寿险(分红型)条款摘编及保证利益表", "恒岳人寿福泽传家终身寿险(分红型)"),
    ("“澜e贷”个人消费贷款产品介绍与常见问题", "“澜e贷”"),
    ("云程航旅联名信用卡权益细则", "云程航旅联名信用卡"), ("信用卡领用合约及章程", ""),
    ("江城惠民保(2026年度)产品说明与理赔须知", "江城惠民保"),
    ("澄岳人寿随行保综合意外伤害保险条款（含职业分类表）", "澄岳人寿随行保综合意外伤害保险"),
    ("关于“闪赔”服务的公告", ""), ("客户服务指南", ""), ("城乡居民养老保险办理须知", ""), ("代销基金合同摘要", ""),
])
def test_the_product_is_what_the_title_begins_with_whatever_papers_follow(title, product):
    assert facts(f"# {title}\n正文。", title=title).product == product


@pytest.mark.parametrize(("title", "below", "product"), [
    ("个人汽车贷款合同通用条款", "（畅途贷·新车适用，2025版）", "畅途贷"), ("个人消费借款合同", "适用“惠农贷”产品", "惠农贷"),
    ("个人住房贷款合同", "（2025年版）", "个人住房贷款"), ("个人住房贷款合同", "为明确双方权利义务，签订本合同", "个人住房贷款"),
    ("屿享贷个人消费借款合同", "（畅途贷）", "屿享贷个人消费借款"),
])
def test_a_title_without_a_name_of_its_own_leaves_it_to_the_line_below(title, below, product):
    assert facts(f"# {title}\n\n{below}\n\n第一条 正文。", title=title).product == product


def test_a_notice_that_lists_products_is_of_none_unless_its_title_names_one():
    rows = "| 基金名称 | 江南先锋混合型证券投资基金 |\n| --- | --- |\n| 基金主代码 | 012355 |\n"
    assert facts(f"# 江南基金关于调整限额的公告\n{rows}").product == ""
    assert facts(f"# 江南先锋混合型证券投资基金调整限额的公告\n{rows}").product == "江南先锋混合型证券投资基金"
