"""Facts that stand in a title's own words: the kind of document, its topic, the product it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.documents.fact_head import Head

# In the title the word that stands last decides; of two that end together, the longer.
_KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("条款", r"条款(?:摘要|说明)?"),
    ("产品说明书", r"产品(?:销售)?(?:说明书|说明|资料概要|概要|手册|简介|介绍)|(?<=存款|理财|保险|信托|计划|款[）)])(?:销售)?说明书"),
    ("费率表", r"(?:基本保险金额|费率|利率|费用|收费|价目|金额|价格|佣金|现金价值|保险费(?=表)|汇率)[^，。]{0,8}(?:表|一览|标准|清单|目录)|"
              r"费率|利率|价目"),
    ("对照表", r"(?:对照|一览|基数|比较|分类)表|一览|清单|名录"),
    ("募集文件", r"招募说明书|募集说明书|发行公告|(?:招股)(?:说明书|意向书)"),
    ("合同", r"合同|合约|协议书?|契约|承诺书|授权书|揭示书"),
    ("常见问题", r"常见问题|问答|FAQ|Q\s?&\s?A|一问一答|答疑|百问"),
    ("指南", r"指南|手册|流程|须知|指引手册|入门|说明|步骤|攻略|提示|教程"),
    ("起草说明", r"(?:起草|修订|立法|编制|制定|修改|制订)(?:的)?说明|》的?说明"),
    ("标准", r"规范|(?:行业|国家|技术)标准|编码规则|数据(?:元|模型)规范"),
    ("公告通知", r"公告|通知|公示|函|批复|决定书|通报|声明|令】|令$"),
    ("报告", r"报告书?|公报|白皮书|年报|季报"),
    ("法规制度", r"法典|[^办方用做]法|条例|办法|规定|规则|细则|准则|指引|意见|决定|解释|制度|章程|规程|守则|公约|办法实施细则"),
)
KINDS: tuple[str, ...] = tuple(kind for kind, _ in _KIND_WORDS)
_KINDS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KIND_WORDS]
_NOTE = re.compile(r"[（(【\[][^（）()【】\[\]]*[）)】\]]")
_LAST_NOTE = re.compile(rf"{_NOTE.pattern}$")
_NUMBERED_RULE = re.compile(r"(?:指引|准则|规则|规定|解释)(?:——?[^，。]{1,8})?\s*第\s*\d+\s*号")  # its subject stands after its name
_PUBLISHED_AS = re.compile(r"^【第?\s*\d+\s*号[^】]*】")

# A topic's words, those first that would be mistaken for another topic's.
_TOPIC_WORDS: tuple[tuple[str, str], ...] = (
    ("社保", r"社会保险|社会保障|社保|医疗保障|公积金|退休|(?:养老|医疗|失业|工伤|生育)保险(?:待遇|条例|关系|参保|问答|费|经办)|"
            r"基本(?:养老|医疗)保险|居民养老|居民医疗|医保|劳动保险|失业保险|工伤保险|生育保险|灵活就业|个人养老金|个人所得税|个税|住房公积金"),
    ("信用卡", r"信用卡|银行卡|贷记卡|持卡人|发卡行"),
    ("理财", r"理财|结构性存款|资产管理业务|净值型"),
    ("基金", r"(?<!保障)(?<!风险)(?<!保险)(?<!公积)基金|基中基|FOF|ETF"),
    ("股票", r"股票|证券(?!投资基金)|上市公司|新股|融资融券|A股|科创板|创业板|北交所|股东|股份(?!有限|合作)|减持|证监会"),
    ("保险", r"(?<!存款)保险(?!监督|箱|柜)|(?:寿|意外|医疗|车|财产|责任|险)险|重疾|年金|投保|保单|理赔|保费"),
    ("贷款", r"贷款|借款|征信|按揭|房贷|信贷|[^\s]贷(?:款|产品|个人)|月供"),
)
TOPIC_WORDS = tuple((topic, re.compile(pattern, re.IGNORECASE)) for topic, pattern in _TOPIC_WORDS)
_BY_THE_WAY = re.compile(r"《[^》]*》|股东|股份|证监会|证券监督管理|证券交易所")  # what stands in texts of every topic
BODY_CHARS = 6000
ENOUGH, EVERY, MARGIN = 8, 250, 2.0  # a topic's words in the body: at least so many, one in so many characters, and so
# many times as many as the next topic's

_PRODUCT = re.compile(r".{2,}(?:险|保险|年金|贷款?|借款|分期(?:付款)?(?:服务)?|基金|FOF|存款|理财|理财产品|产品|计划|信托|债券|卡|[A-Z]款)(?:[（(][^（）()]{1,12}[）)])*$")
_BEGUN = re.compile(
    r"([^，。、：关]{2,30}?(?:寿险|(?<!社会)(?<!财产)(?<!人寿)(?<!健康)保险|年金险?|贷款|证券投资基金|惠民保|联名(?:信用)?卡)(?:[（(][^（）()]{1,12}[）)])*)"
    r"(?:产品)?(?:条款|说明|投保|须知|保障|责任|费率|现金价值|利益|合同|摘要|计划书|权益|章程|领用)")
_QUOTED = re.compile(r"(?!关于).{0,12}?[“\"「][^”\"」]{2,10}[”\"」]")
_OF_HOUSE = ("法规制度", "公告通知", "报告", "起草说明", "标准")  # 关于“闪赔”服务的公告, “十四五”规划
_NO_PRODUCT = re.compile(r"^(?:个人|商业)?(?:保险|贷款)$|养老保险$|医疗保险$(?<!百万医疗保险)|业务|公司|理赔")
_ANYBODYS = re.compile(r"(?:个人|住房|消费|经营|信用卡?|商品|账单|现金)*(?:借款|分期(?:付款)?(?:服务)?)|(?:个人|公募|代销|保险|基金|理财|银行|信用卡|贷款|存款)*产品")  # a kind, no name
_NO_OWN_NAME = re.compile(r"(?:个人|家庭|住房|二?手?房|汽车|新车|二手车|车辆|消费|经营|综合|信用卡?|商品|账单|现金|抵押|按揭|循环|小微|企业|流动资金)*(?:贷款?|借款|分期(?:付款)?(?:服务)?|保险|理财|存款|卡|产品)?")
# （畅途贷·新车适用，2025版） below a title that only says 个人汽车贷款
_BELOW = re.compile(r"[（(]?(?:适用于?)?[“\"「]?(?P<name>[一-鿿A-Za-z]{2,7}(?:贷|宝|卡|险|盈|通|享|分期))[”\"」]?(?:产品)?(?:[·・、，,]|适用|专用|[）)]|$)")
_MANY = re.compile(r"旗下|代销|在售|全部|各类|^个人贷款$")
OF_PRODUCT = ("条款", "产品说明书", "费率表", "募集文件", "合同")
_EDITION = re.compile(
    r"[（(\[【][^（）()\[\]【】]*(?:\d{4}\s*[年版]|\d{4}[A-Z]款|[一二]\S{3}年|修订|修正|试行|草案|更新|废止|停用|范本)[^（）()\[\]【】]*[）)\]】]|\d{4}年?版")
_JOINED = re.compile(r"(?:更新|摘要|摘编|摘录|节选|简版|基本|与|及|和|之|的)+$")


def read_kind(title: str, head: Head) -> str:
    """One of KINDS by the title, or an empty string. A file that explains another one says so in its first lines."""
    if _PUBLISHED_AS.match(title):
        return "公告通知"
    kind = _kind_of(_NOTE.sub("", title)) or _kind_of(title)
    if kind != "起草说明" and _NUMBERED_RULE.search(title):
        kind = "法规制度"
    if kind in ("", "法规制度") and re.search(r"现(?:将|就)?[^。]{0,20}说明如下", "".join(head.lines[:12])):
        return "起草说明"
    if not kind and any(re.match(r"[一-鿿、]{4,40}公告\s*[〔\[]?\d{4}", line) for line in head.lines[:3]):
        return "公告通知"
    return kind or _kind_of(head.stem)


def _kind_of(title: str) -> str:
    best, kind = (-1, -1), ""
    for name, pattern in _KINDS:
        for match in pattern.finditer(title):
            if (match.end(), match.end() - match.start()) > best:
                best, kind = (match.end(), match.end() - match.start()), name
    # a kind stands at the end of a title; in the middle of it 规定 is what the document is about, 条款 still its kind
    return kind if best[0] >= len(title) - 8 or kind in OF_PRODUCT else ""


def read_topic(title: str, text: str) -> str:
    """One of the seven topics by the words of the title, else by what the beginning of the text is full of."""
    for topic, pattern in TOPIC_WORDS:
        if pattern.search(title):
            return topic
    body = _BY_THE_WAY.sub("", text[:BODY_CHARS])
    counts = sorted(((len(pattern.findall(body)), topic) for topic, pattern in TOPIC_WORDS), reverse=True)
    (most, topic), (next_most, _) = counts[0], counts[1]
    return topic if most >= max(ENOUGH, len(body) / EVERY, MARGIN * next_most) else ""


def read_product(title: str, kind: str, institution: str, labels: Mapping[str, str]) -> str:
    """The product's name: as labelled, else the title less the company, the edition and the kind of document."""
    for label in ("产品名称", "理财产品名称", "基金名称", "险种名称", "保险产品名称"):
        if labels.get(label) and (kind != "公告通知" or _says_name(title, labels[label])):  # a notice may list many
            return labels[label]
    name = _EDITION.sub("", title).replace(" ", "")
    name = name.removeprefix(institution)
    if kind in OF_PRODUCT and _kind_of(bare := _LAST_NOTE.sub("", name)) == kind:
        name = bare  # 某某贷借款合同（循环额度版）
    if kind not in OF_PRODUCT:
        return _at_the_beginning(name, kind)
    inside = [match.end() for match in dict(_KINDS)[kind].finditer(name)]
    if inside and inside[-1] < len(name) - 8:  # 免除责任条款说明某某终身寿险
        name = name[inside[-1] :]
    while True:  # 产品说明与条款摘要: one kind after the other is taken off the end
        name = _JOINED.sub("", name)
        ends = [match.start() for _, pattern in _KINDS for match in pattern.finditer(name) if match.end() == len(name)]
        if not ends or min(ends) < 4:
            break
        name = name[: min(ends)]
    name = name.replace("基金基金", "基金")  # 某某证券投资基金 and 基金产品资料概要
    name += "产品" if name.endswith("理财") and f"{name}产品" in title.replace(" ", "") else ""
    return name if _PRODUCT.fullmatch(name) and len(name) >= 4 and not _MANY.search(name) and not _ANYBODYS.fullmatch(name) else _at_the_beginning(name or title, kind)


def name_below(product: str, lines: Sequence[str]) -> str:
    """The product named in the line below the title, where the title's own words (个人汽车贷款) name none; else `product`."""
    if not _NO_OWN_NAME.fullmatch(_NOTE.sub("", product)):
        return product
    below = next((found for line in lines[:3] if len(line) <= 30 and (found := _BELOW.match(line))), None)
    return below["name"] if below and not _NO_OWN_NAME.fullmatch(below["name"]) else product


def _says_name(title: str, name: str) -> bool:
    """Whether a title says a product's name, or four characters of it in a row."""
    return any(name[at : at + 4] in title for at in range(max(1, len(name) - 3)))


def _at_the_beginning(title: str, kind: str) -> str:
    """The product that a title begins with, whatever papers on it follow: 某某终身寿险(分红型)条款摘编及保证利益表,
    “某某贷”产品介绍与常见问题."""
    if kind not in _OF_HOUSE and (quoted := _QUOTED.match(title)):
        return quoted[0]
    found = _BEGUN.match(title)
    return "" if found is None or _MANY.search(found[1]) or _NO_PRODUCT.search(found[1]) else found[1]
