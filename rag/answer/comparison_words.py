"""The words by which a question compares (分别, 哪个, 差多少, 更划算), and what is asked without them."""

from __future__ import annotations

import re

from rag.answer.asked_kind import asks

_EACH = r"分别|各自|各(?=是|为|多|几|要|有|加|报|交|收|涨|扣|能|发|赔|领|付|算|什|怎|在|减|给|缴|自|罚|占|到|抽|补|贷|借|提|取|拿|赎)"
_WHICH = r"哪一?[个款种只家张边类档版份方]|哪(?=[高低多少长短贵大小快慢早晚久宽严])|哪一?年(?=的?[更最]?(?:高|低|多|少|大|小|好|赚))|谁(?!能|可以|来)"
SAME = r"是不是都?(?:一样|相同|一致)[长多高大久重]?的?|(?<!不)(?:一样|相同|一致)[长多高大久重]?的?(?=[吗么不])"
_DIFFER = rf"差(?:多少|几|了|别|距|在哪儿?里?)|相差|区别|有什么不同|有啥(?:区别|不同|不一样)|有何不同|不一样|{SAME}|(?:有|的)?什么变化|哪里不同|怎么选"
_ONE_OTHER = r"一个([^，,。？?]{1,16}?)[，,、]?(?:另|又)一个[^，,。？?]*"  # 一个按百分之几涨，另一个按百分之几
CUE = re.compile(f"{_EACH}|{_WHICH}|{_DIFFER}|{_ONE_OTHER}|比(?:一比|较一下)?(?=[？?]?$)")
MORE = r"更?(?:划算|便宜|合算|宽松|宽|严格?|高|低|多(?!少|长|久|大|高)|(?<!多)少|(?<!多)长|短|贵|(?<!多)大|小|快|慢|早|晚|(?<!多)久|重|轻|好)(?:一?些|一?点)?"
_CHANGED = r"(?:上|下)?(?:降|涨|升|提高|降低|增加|减少)"
THAN = re.compile(rf"[^，,。]*?(?:{MORE}|{_CHANGED})(?:了|出)?(?:多少|几)")
STOP = re.compile(rf"的|[，,。？?：:]|最|在|买|投保|(?<!\w)的|{_EACH}|{_WHICH}|{_DIFFER}")
ASKED_MORE = re.compile(rf"(?:{_WHICH})(?:的)?[^，,。？?]{{0,6}}?({MORE})")
_CLEAN = re.compile(rf"比(?:一比|较一下)?(?=[？?]?$)|(?:{_EACH})(?:[说讲]一?下|说说)?|(?:{_WHICH})(?:的)?|(?:{SAME})[吗么不]?|(?<![什么啥])不一样[吗么]?|有?(?:什么|啥)(?:区别|不同|不一样|变化)[吗么]?|有何不同|(?:区别|差别)(?:是(?:啥|什么)|在哪儿?里?|有多大)?|不同|{MORE}(?=[？?，,]|$)|(?:相差|差|比)(?=多少|几)|哪里不同|差在哪儿?里?")
_WHICH_IS = re.compile(rf"[，,。？?](?:{_WHICH})[^，,。？?]{{0,2}}得{MORE}(?=[？?，,]|$)")  # 最大几岁能投，哪个放得宽


def of_each(rest: str, before: str = "") -> str:
    """What is asked of one member, without the words that compare; `before`: the clauses that stand before the members and may
    ask it already (公证费谁出？甲和乙一样吗)."""
    if len(re.sub(r"\W", "", shorter := _WHICH_IS.sub("", rest))) > 1:
        rest = shorter
    said_now = re.sub(r"(?<=多少)个?百分点", "", _CLEAN.sub("", re.sub(_ONE_OTHER, r"\1", rest)))
    said_now = re.sub(r"[，,]\s*(?=[，,？?]|$)|^的(?=[，,？?]|$)", "", said_now).strip(" ")
    said_now = re.sub(r"^吗?[呢啊]?[？?]$", "", said_now)
    if asks(before) or re.search(r"多少|几|什么|怎么|吗|多[久大长高]|不\w?[？?]?$|需要|哪|谁", said_now) or not re.search(rf"{MORE}|{_DIFFER}|{_EACH}", rest):
        return said_now
    return f"{said_now.rstrip('？?。')}是多少？"
