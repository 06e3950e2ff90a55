"""Masks personal data before anything is written down: identity and bank-card numbers, phones, addresses of mail, names.

What it must leave alone matters as much: amounts, rates, dates, product and stock codes, clause numbers. Hence the
checks (birth date and check digit of an identity number, Luhn of a card) before a number counts as somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；！？"} | {0x3000: 0x20}
_SEP = r"[ \-]?"
_EDGE = r"(?<![A-Za-z\d.,])"
_END = r"(?![A-Za-z\d])(?![.,]\d)"

_EMAIL = re.compile(r"[A-Za-z\d][A-Za-z\d._%+-]*@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+")
_IDENTITY = re.compile(rf"{_EDGE}\d{{6}}{_SEP}(?:\d{{8}}{_SEP}\d{{3}}[\dXx]|\d{{6}}{_SEP}\d{{3}}){_END}")
_CARD = re.compile(rf"{_EDGE}(?:\d{{4}}[ -]\d{{4}}[ -]\d{{4}}[ -]\d{{1,4}}(?:[ -]\d{{1,3}})?|\d{{13,19}}){_END}(?!\s*[元份股%万亿])")
_MOBILE = re.compile(r"(?<![A-Za-z\d.,])(\+?86[ -]?)?(1[3-9]\d)([ -]?)(\d{4})([ -]?)(\d{4})(?![A-Za-z\d])(?![.,]\d)(?!\s*[元份股%万亿])")
_LANDLINE = re.compile(r"(?<![A-Za-z\d.,])(\(?0(?:10|2\d|[3-9]\d{2})\)?[ -])(\d{3,4})(\d{4})(-\d{1,5})?(?![A-Za-z\d])")
_LANDLINE_SOLID = re.compile(r"(?:(?:电话|座机|固话|联系方式)(?:号码)?(?:是|为)?[ :：]*)((0(?:10|2\d|[3-9]\d{2})[ -]?)\d{3,4}(\d{4}))(?!\d)")
_PASSPORT = re.compile(r"(?<![A-Za-z\d])(?:[EeGg]\d{8}|[Ee][A-Ha-hJ-Nj-nP-Zp-z]\d{7})(?![A-Za-z\d])")

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
    "俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计"
    "伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫"
    "经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓"
    "牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容"
    "向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷辛阚那简饶曾沙养鞠须丰巢关肖涂覃"
)
_COMPOUND = "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|皇甫|宇文|长孙|慕容|司徒|令狐|轩辕"
_NAME = rf"(?:(?:{_COMPOUND})[一-鿿]{{1,2}}|[{_SURNAMES}][一-鿿]{{1,2}})"
_NAME_LABEL = "姓名|投保人|被保险人|受益人|申请人|借款人|持卡人|联系人|户名|客户名称?|担保人|收款人|付款人"
_NAMED = re.compile(
    rf"(?P<lead>(?:我(?:的名字)?(?:叫做?|是)|本人|名叫|(?:{_NAME_LABEL})(?:姓名)?[ ]?[:：]|姓名(?:是|为))\s*)"
    rf"(?P<name>{_NAME})(?=$|[\s,，。;；、!！?？（(的|\]】]|今年|身份证|手机|电话|生于|住在|男|女|想|要|在)"
)
_NOT_NAMES = re.compile(r"投保|保险|客户|年满|未满|成年|不能|不是|需要|应当|可以|或者|以及|银行|公司|本人|法定|指定|同意|已婚|任何|所有")


def mask_personal(text: str) -> str:
    """`text` with personal data masked.

    Cards keep their last four digits (************1234), identity numbers the first three and last two, phones lose
    their middle, mail addresses keep the first letter and the domain, names their first character. Everything else is
    returned as it stood, full-width digits included.
    """
    folded = text.translate(_FOLD)
    spans: list[tuple[int, int, str]] = []

    def mask(pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str | None], group: int | str = 0) -> None:
        for match in pattern.finditer(folded):
            if any(match.start(group) < end and start < match.end(group) for start, end, _ in spans):
                continue
            masked = replacement(match)
            if masked is not None:
                spans.append((*match.span(group), masked))

    mask(_EMAIL, lambda m: m.group()[0] + "***" + m.group()[m.group().index("@") :])
    mask(_IDENTITY, _identity)
    mask(_MOBILE, lambda m: f"{m[1] or ''}{m[2]}{m[3]}****{m[5]}{m[6]}")
    mask(_CARD, _card)
    mask(_LANDLINE, lambda m: f"{m[1]}****{m[3]}{m[4] or ''}")
    mask(_LANDLINE_SOLID, lambda m: f"{m[2]}****{m[3]}", 1)
    mask(_PASSPORT, lambda m: m.group()[0] + "******" + m.group()[-2:])
    mask(_NAMED, _name, "name")
    for start, end, masked in sorted(spans, reverse=True):
        text = text[:start] + masked + text[end:]
    return text


def _identity(match: re.Match[str]) -> str | None:
    digits = re.sub(r"[ -]", "", match.group()).upper()
    if not (_valid_18(digits) if len(digits) == 18 else _valid_15(digits)):
        return None
    return digits[:3] + "*" * (len(digits) - 5) + digits[-2:]


def _valid_18(digits: str) -> bool:
    if not _is_birth(digits[6:14]) or not "11" <= digits[:2] <= "91":
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(digits[:17]))
    return "10X98765432"[total % 11] == digits[17]


def _valid_15(digits: str) -> bool:
    return "11" <= digits[:2] <= "82" and _is_birth("19" + digits[6:12])


def _is_birth(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2099
    except ValueError:
        return False


def _card(match: re.Match[str]) -> str | None:
    digits = re.sub(r"[ -]", "", match.group())
    if not 13 <= len(digits) <= 19 or not luhn(digits) or len(set(digits)) < 3:
        return None
    return "*" * (len(digits) - 4) + digits[-4:]


def luhn(digits: str) -> bool:
    """True where the last digit is the Luhn check digit of those before it."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + i % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _name(match: re.Match[str]) -> str | None:
    name = match["name"]
    if _NOT_NAMES.search(name):
        return None
    return name[0] + "*" * (len(name) - 1)
