"""Which kind of value a question asks for - a term, an age, a sum, a rate, a day, a person, a firm, a telephone number, a
place - and whether words hold one.
"""

from __future__ import annotations

import re

import rjieba

from rag.answer.yes_no import without_a_few
from rag.text.figures import find_figures

_PHONE_ASKED = re.compile(r"(?:电话|热线|专线|号码|客服)[^，。]{0,6}(?:多少|是啥|是什么|几(?![点号天日个小])|哪)|[打拨](?:哪|什么|啥|多少)")
_PHONE = re.compile(r"\d{3,4}-\d{3,4}|\d{5,}|(?<!\d)9\d{4}|1[12]\d(?!\d)")
_PERSON_ASKED = re.compile(r"(?:经理|董事长|总裁|行长|负责人|会计师|精算师|代表人|律师)[^，。]{0,6}(?:谁|哪位|叫什么|叫啥|名字)|是?谁(?:在管|管|管理|担任|负责)|谁是")
_NAMED = re.compile(r"(?:经理|董事长|总裁|行长|负责人|会计师|精算师|代表人|律师)(?:[：:；|]|为|是)\s*[一-鿿]{2,4}(?=[、，,。；;（(\s|]|$)|由[一-鿿]{2,4}(?:担任|管理)|[一-鿿]{1,4}(?:先生|女士)")
_HOUSE = re.compile(r"[一-鿿（）()]{2,30}(?:公司|银行|集团|协会|交易所|委员会|事务所)")  # no person, nor is a 托管人, though tagged as names
_ROLE = r"(?:托管人|管理人|承销商?|保荐人|保荐机构|评级(?:机构|公司)?|审计(?:机构)?|事务所|交易对方|担保人|保证人|控股股东|发行人|券商)"
_FIRM_ASKED = re.compile(rf"{_ROLE}[^，。]{{0,4}}(?:是|叫)?(?:哪一?[家个]|谁)|(?:哪一?[家个]|谁)[^，。]{{0,4}}(?:当|做|担任|是)[^，。]{{0,3}}{_ROLE}")
_NO_NAME = r"(?:本|该|各|其|此|期|的|等|由|为|与|和|或|及|从事|其他|任何|有关|相关|上市|商业|托管|政策性|保险|开户|发行|持有|买卖|公司)"
_FIRM = re.compile(rf"(?!{_NO_NAME})[一-鿿]{{2,4}}(?:证券|银行|信托|资信|评级|控股|集团)|[一-鿿（）()]{{4,}}(?:有限(?:责任)?公司|事务所|合作社|委员会)")
_PLACE_ASKED = re.compile(r"地址|几楼|哪条[街路]|在哪儿?[？?]?$")
_PLACE = re.compile(r"[路街道巷]\S{0,6}号|\d+[楼层]|[一-鿿]{2,}(?:大厦|广场|网点|营业部|柜台|柜面|大厅|中心|小程序|窗口|银行|所在地|户籍地|参保地|机构)|App|APP|app|网站|官网")
_KINDS = (  # (what asks for it, kinds of figures that are one)
    (re.compile(r"多少(?:周)?岁|几(?:周)?岁|多大(?:岁数|年纪|年龄)?|年龄[^，。]{0,8}(?:多少|几)|(?:多少|几)(?:周)?岁"), ("age", "bare")),
    (re.compile(r"多久|多长(?!的)|(?:多少|几)(?:个)?(?:天|日|年|月|小时|分钟|星期|周|工作日|交易日)(?!利|费|化|收|供|薪|息)|期限[^，。]{0,4}(?:多长|多少)"), ("duration", "bare", "ordinal")),
    (re.compile(r"百分之[几多]|(?:利率|费率|税率|比例|年化|收益率)[^，。]{0,6}(?:多少|几|多高)|几个点|几[成折]|多少个?(?:点|折|成)"),
     ("percent", "ratio", "bare", "count")),
    (re.compile(r"多少(?:钱|元|块|万|亿|保费|保险费|资产|资金|本金)|几(?:块|万|千|百|亿)|(?:金额|额度|限额|保额|上限|下限|起点|费用?(?!率|[用收])|价格|利息)[^，。]{0,6}(?:多少|(?<!哪)几|多高)"), ("amount", "percent", "bare", "ratio")),
    (re.compile(r"分(?:几|多少)次"), ("count", "bare", "ordinal", "duration")),  # in 3期
    (re.compile(r"几次|多少次|几回"), ("count", "bare", "ordinal")),
    (re.compile(r"什么时候|何时|哪一?天|几号|哪年|几月|几点"), ("date", "time", "duration", "bare", "ordinal")),
)
# a sum and no share of one: what one pays in or begins with, a price, a profit
_SUM = re.compile(r"(?!.*分(?:几|多少)[次期])(?:起[投存购点]|保费|保险费|[票收开股]?[盘票]?价格?|利润|营业收入|营收|注册资本)[^，。费率]{0,4}(?:多少|(?<!哪)几)|多少(?:万|亿|元|块|保费|保险费|资产|资金|本金)|几[块万千百亿]|多少钱(?:起|才能[买投])")
_SUMS = ("amount", "bare")
# how many of what can be counted; of 哪几家 the names are asked
_COUNT_ASKED = re.compile(r"(?<!哪)(?:多少|几)(笔|单(?!位)|家(?![庭长里属人])|人(?!民)|名(?!额)|位|只|张|户|份(?!额)|股(?![东价票息权])|辆|套|所|台|手(?![续机里头工术]))")
_COUNTERS = ("人名位个", "家所个", "笔次单", "张份个")  # said for one another
_GRADE_ASKED, _GRADE = re.compile(r"几[级档星类]|什么[级档]|[级档](?:别|次)?是?(?:多少|什么)"), re.compile(r"(?<![A-Za-z])[A-Za-z]{1,2}\d(?!\d)")  # R2
_MORE_OF = re.compile(r"[加减涨降](?:收|价|费)?(?:多少|几)|多[交付收](?:多少|几)|优惠")  # 保费要加多少: 1.5倍
_SHARE, _SHARES = re.compile(r"百分之[几多]"), ("percent", "ratio")
# the least that one may begin with: 每年0.30% under a fee is none
_ENTRY_ASKED = re.compile(r"起[购投存买]|最[少低][^，。]{0,8}[买投存购充]|至少[^，。]{0,8}[买投存购]|多少钱(?:起|才能[买投存])")
_ENTRY = re.compile(r"起|最低|最少|至少|不(?:得)?[低少]于|门槛|下限|递增|首次|以上|[＞>≥]|整数倍")
_WHEN_ASKED, _TOLD_LATER = re.compile(r"什么时候|何时|哪一?天|几[号月点]"), re.compile(r"([一-鿿]{2})[一-鿿]{0,3}(?:另行|届时)(?:公告|通知|公布)")  # 延长期另行公告
# which ones they are: of words that only say how many there are, or that somebody settled it, none is an answer
_NAMES_ASKED = re.compile(r"哪(?:几|[\d一二两三四五六七八九十]+)[家种类项所]|[是有]哪些|具体(?:是|有)?哪")
_LIST = re.compile(r"[、；;\n]|[一-鿿][和及或与][一-鿿]")
_ONLY_COUNTED = re.compile(r"[\d一二两三四五六七八九十百]+余?[种类项家所](?![一-鿿]?(?:工作|交易|自然))|指定|认可的?|列明|名单|目录|公布")
_AT_ONCE = re.compile(r"[TtNn]\s*[+＋]\s*\d|终身|当日|次日|即时|实时|随时|立即|\d\s*[:：]\d")  # a time without a figure
_FREE = re.compile(
    r"不收|免收|免费|免除|全额|不限|"
    r"(?<![一-鿿])无(?![一-鿿])|[无没]有?(?:需|须|上限|限制|额度|[一-鿿]{0,4}费|免赔|等待期|犹豫期)|(?:退还|返还|赔付|报销|承担|支付|给付|领取|提取|扣除)[^，。；]{0,6}全部|全部(?:退|返|赔|报销|免|提取|领取)")
_ASKING = re.compile(r"多少|几(?!乎)|[吗么呢]|什么|啥|哪|谁|怎|如何|是不是|有没有|([能会可要行])不\1|多[久长高大]|[？?]$")
_CLAUSE_ENDS = re.compile(r"[，,。；;！!？?\s]+")
_PLACES = re.compile(r"[（(](?:详?见|释义)?\s*\d{1,2}(?:\.\d{1,2}){1,2}\s*[）)]|见\s*\d{1,2}(?:\.\d{1,2}){1,2}|第\s*\d+\s*号|(?m:^\s*\d{1,2}(?:\.\d{1,2}){1,2}\s+(?=[一-鿿]))")  # （见9.9）, 令第762 号: no values
_COUNTED = re.compile(r"[一二两三四五六七八九十百]+([倍成折年月日天次个项])")
_COUNTS = {**dict.fromkeys("倍成折", "ratio"), **dict.fromkeys("年月日天", "duration"), **dict.fromkeys("次个项", "count")}
_TIMES = ("duration", "date", "time")
_BEFORE_VALUE = re.compile(r"(?:^|[：；|为是]|(?<![A-Z])\s)$")  # what stands before a bare number that is a value: no 符合“2.4保险责任”
_ANY = re.compile(r"多少(?!人)|(?<!哪)几(?!乎|种|个方面)|百分之")


def asking_clauses(question: str) -> list[str]:
    """The clauses of a question that ask: of 去年还清了，记录留几年 the second. The whole of it where none is seen to."""
    return [clause for clause in _CLAUSE_ENDS.split(question.strip()) if asks(clause)] or [question]


def asks(clause: str) -> bool:
    """Whether a clause asks for something."""
    return bool(_ASKING.search(clause))


def lacks_kind(question: str, words: str) -> float:
    """How badly words lack the kind of value a question asks for: 0 where they hold one or none is asked, 1 where they hold
    another kind only, 2 where a person, firm, place or telephone number is asked and there is none, or no figure at all."""
    question = without_a_few(question)
    if _PHONE_ASKED.search(question):
        return 0.0 if _PHONE.search(words) else 2.0
    if _PERSON_ASKED.search(question):
        return 0.0 if _NAMED.search(words) or any(tag == "nr" and word[-1] != "人" for word, tag in rjieba.tag(_HOUSE.sub("，", words))) else 2.0
    if _FIRM_ASKED.search(question):
        return 0.0 if _FIRM.search(words) else 2.0
    if _PLACE_ASKED.search(question):
        return 0.0 if _PLACE.search(words) else 2.0
    if _ENTRY_ASKED.search(question) and not _ENTRY.search(words):
        return 2.0
    if _WHEN_ASKED.search(question) and any(told in question for told in _TOLD_LATER.findall(words)):
        return 2.0
    if _NAMES_ASKED.search(question) and not _LIST.search(words) and _ONLY_COUNTED.search(words):
        return 2.0
    if _GRADE_ASKED.search(question) and _GRADE.search(words):
        return 0.0
    if (counted := _COUNT_ASKED.search(question)) and not _counts(words, counted[1]):
        return 2.0
    asked = [kinds for pattern, kinds in _KINDS if pattern.search(question)]
    sum_asked = bool(_SUM.search(question)) and not _SHARE.search(question)
    if _SHARE.search(question):  # 额度里百分之几: no sum, though 额度 is said
        asked = [_SHARES]
    elif sum_asked:
        asked = [(*_SUMS, *_SHARES)] if _MORE_OF.search(question) else [_SUMS]
    if not asked and not _ANY.search(question):
        return 0.0
    words = _PLACES.sub("，", words)
    figures = {_kind(f) for f in find_figures(words) if f.kind not in ("code", "word")
               and (f.kind != "bare" or _BEFORE_VALUE.search(words[max(0, f.start - 2) : f.start]))}
    figures |= {_COUNTS[m.group(1)] for m in _COUNTED.finditer(words)}
    if not asked and "第几" not in question:
        figures.discard("ordinal")  # 第二十一条
    timed = not asked or any(kind in _TIMES for kinds in asked for kind in kinds)
    if _FREE.search(words) or (timed and _AT_ONCE.search(words)):
        return 0.0
    if not figures:
        return 2.0
    if not asked or "range" in figures or any(figures & set(kinds) for kinds in asked):
        return 0.0
    return 2.0 if sum_asked else 1.0


def _counts(words: str, counter: str) -> bool:
    """Whether words say a number of what is counted so: 五十家, 不限."""
    alike = next((group for group in _COUNTERS if counter in group), f"{counter}个")
    return bool(re.search(rf"[\d一二两三四五六七八九十百千万亿][余多]?\s*[{alike}]", words) or _FREE.search(words))


def _kind(figure) -> str:
    """Its kind; a range counts as what it is a range of, a sum without a unit (50万) as a sum."""
    if figure.kind == "range" and figure.unit:
        found = [f.kind for f in find_figures(f"1{figure.unit}")]
        return found[0] if found else "range"
    return "amount" if figure.raw.endswith(("万", "亿")) else figure.kind
