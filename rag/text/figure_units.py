"""Units of Chinese financial text: what each spelling is called here, and which units measure the same thing.

`UNITS` maps a spelling to (name, factor, kind): "‰" is ("%", 0.1, "percent"). `BASES` maps a name to (base, factor)
where two names can be converted without any doubt: 12 月 are 1 年, but 365 天 are not, and 工作日 are not 天.
"""

from __future__ import annotations

import re
from decimal import Decimal

_ONE = Decimal(1)

_GROUPS: list[tuple[str, str, str, str]] = [
    # kind, name, factor, spellings
    ("amount", "元", "1", "元 元整 元正 元人民币 块 块钱 圆 圆整 人民币 RMB CNY"),
    ("amount", "元", "0.1", "角 毛钱"),
    ("amount", "元", "0.01", "分钱"),
    ("amount", "美元", "1", "美元 美金 美圆 USD"),
    ("amount", "港元", "1", "港元 港币 港圆 HKD"),
    ("amount", "欧元", "1", "欧元 EUR"),
    ("amount", "英镑", "1", "英镑 GBP"),
    ("amount", "日元", "1", "日元 日圆 JPY"),
    ("amount", "澳元", "1", "澳元 澳币 AUD"),
    ("percent", "%", "1", "%"),
    ("percent", "%", "0.1", "‰"),
    ("percent", "%", "0.01", "‱"),
    ("percent", "%", "10", "成 折"),
    ("percent", "百分点", "1", "百分点 个百分点 pct 个pct"),
    ("percent", "bp", "0.01", "基点 个基点 bp bps 个bp 个bps BP BPS 个BP 个BPs BPs Bp 个BPS"),
    ("duration", "天", "1", "天 日 自然日 个自然日 日历日 个日历日 日历天 个日历天 天整"),
    ("duration", "天", "7", "周 星期 个星期"),
    ("duration", "工作日", "1", "工作日 个工作日 工作天 个工作天"),
    ("duration", "交易日", "1", "交易日 个交易日"),
    ("duration", "营业日", "1", "营业日 个营业日 银行营业日 个银行营业日"),
    ("duration", "开放日", "1", "开放日 个开放日"),
    ("duration", "月", "1", "个月 月期 个自然月 个整月 个足月 足月"),
    ("duration", "月", "3", "季 季度 个季度"),
    ("duration", "年", "1", "年 周年 年期 年度 个年度 个年头 个周年 整年"),
    ("duration", "年", "1", "个保单年度 保单年度 个保险单年度 保险单年度 个保险年度 个保单周年 保单周年"),
    ("duration", "小时", "1", "小时 个小时 钟头 个钟头"),
    ("duration", "分钟", "1", "分钟"),
    ("duration", "秒", "1", "秒 秒钟"),
    ("age", "岁", "1", "岁 周岁 足岁"),
    ("ratio", "倍", "1", "倍"),
    ("count", "次", "1", "次 回"),
    ("count", "人", "1", "人 名 位"),
    # the general classifiers are one unit: 3种, 3类 and 3项 may count the same things
    ("count", "个", "1", "个 种 类 项 点 款 条 方面 个方面 大类 大项 大块 部分 个部分"),
]
_PLAIN = (
    "份 笔 户 家 张 期 级 档 股 手 件 台 辆 例 页 套 栋 只 支 枚 单 层 轮 批 组 道 门 步 场 顿 "
    "克 千克 公斤 吨 平方米 平米 公里 千米 米 厘米 升 字 个字 字符 个字符 字节 单位 个单位 周期 个周期 人次 席"
)

UNITS: dict[str, tuple[str, Decimal, str]] = {}
for _kind, _name, _factor, _spellings in _GROUPS:
    for _spelling in _spellings.split():
        UNITS[_spelling] = (_name, Decimal(_factor), _kind)
for _spelling in _PLAIN.split():
    UNITS[_spelling] = (_spelling, _ONE, "count")

PREFIX_UNITS: dict[str, str] = {
    "¥": "元", "￥": "元", "RMB": "元", "CNY": "元", "人民币": "元", "$": "美元", "US$": "美元", "USD": "美元",
    "HK$": "港元", "HKD": "港元", "€": "欧元", "EUR": "欧元", "£": "英镑", "GBP": "英镑", "JPY": "日元",
}  # fmt: skip

# What 第X… counts; a name that is not here keeps its spelling.
ORDINALS: dict[str, str] = {}
for _name, _spellings in {
    "第年": "年 年度 个年度 周年 个周年 保单年度 个保单年度 保险单年度 个保险单年度 个保险年度 个保单周年 保单周年 年末",
    "第月": "月 个月 个保单月度 保单月度",
    "第天": "天 日",
    "第工作日": "工作日 个工作日",
    "第交易日": "交易日 个交易日",
    "第季": "季 季度 个季度",
    "第条": "条",
    "第款": "款",
    "第项": "项",
    "第章": "章",
    "第节": "节",
    "第期": "期",
    "第次": "次",
    "第级": "级",
    "第档": "档",
    "第类": "类",
    "第位": "位 名",
    "第页": "页",
    "第号": "号",
    "第批": "批",
    "第轮": "轮",
    "第步": "步",
    "第笔": "笔",
    "第户": "户",
    "第张": "张",
    "第份": "份",
    "第编": "编",
    "第个": "个 种 点 部分",
}.items():
    for _spelling in _spellings.split():
        ORDINALS[_spelling] = _name

BASES: dict[str, tuple[str, Decimal]] = {
    "倍": ("%", Decimal(100)),
    "月": ("月", _ONE),
    "年": ("月", Decimal(12)),
    "秒": ("秒", _ONE),
    "分钟": ("秒", Decimal(60)),
    "小时": ("秒", Decimal(3600)),
}

_LIKE = {"%": {"bp"}, "百分点": {"bp"}, "bp": {"%", "百分点"}}


def base_of(unit: str) -> tuple[str, Decimal]:
    """The base unit that `unit` is counted in, and how many of them one `unit` is."""
    return BASES.get(unit, (unit, _ONE))


def alike(one: str, other: str) -> bool:
    """True where two base units may be compared as they stand.

    A basis point is said of both percentages and percentage points; those two are not the same thing themselves.
    """
    return one == other or other in _LIKE.get(one, ())


def alternatives(spellings: dict[str, object] | list[str]) -> str:
    """A regular-expression alternation of `spellings`, longest first."""
    return "|".join(re.escape(s) for s in sorted(spellings, key=len, reverse=True))
