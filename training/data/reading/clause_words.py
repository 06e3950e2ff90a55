"""Questions out of the words of a clause. Chinese asks in place (T+2日到账 → 几日到账), so a clause with one part taken out
is a question a person would ask, and the part is its answer.

Each function takes a sentence without its clause number and gives (kind, question, answer, must) or None.
"""

from __future__ import annotations

import random
import re

from rag.text.figures import Figure, find_figures
from rag.text.sentences import Unit

Asked = tuple[str, str, str, tuple[str, ...]]

_NUMBER = re.compile(r"^(?:第[零〇一二三四五六七八九十百千0-9]+条(?:之[一二三四五六七八九十]+)?|[（(][一二三四五六七八九十0-9]+[)）]|\d+(?:\.\d+)*[.、．]?(?=\s|[^\d%元年月日天岁]))[\s　]*")
_HEAD = re.compile(r"^[^，。；：　]{2,14}　+")
_NUMERAL = re.compile(r"^[-+约人民币\d,.％%‰百千万亿一二三四五六七八九十两零〇之分]+?(?=[^\d,.百千万亿一二三四五六七八九十两零〇之分]|$)")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_MODALS = {
    "不得": (("能", "可以", "能不能"), "不可以"), "不可以": (("能", "可以", "能不能"), "不可以"), "不能": (("能", "可以"), "不能"),
    "不予": (("会", "能"), "不会"), "不承担": (("承担", "要承担"), "不承担"), "无须": (("需要", "要", "必须"), "不需要"), "无需": (("需要", "要"), "不需要"),
    "不需要": (("需要", "要"), "不需要"), "应当": (("要", "需要", "必须", "是不是要"), "需要"), "必须": (("必须", "一定要"), "需要"),
    "可以": (("可以", "能", "能不能"), "可以"), "有权": (("有权", "有没有权"), "有权"), "不收取": (("收", "要收"), "不收"), "不再": (("还", "还会"), "不"),
}  # fmt: skip
_MODAL = re.compile(rf"(?P<s>[^，。；：、（(]{{3,26}}?)(?P<m>{'|'.join(sorted(_MODALS, key=len, reverse=True))})(?P<v>[^。；：]{{3,70}})")
_IF = re.compile(r"(?:^|[。；])(?P<a>[^。；，：]{4,38})的，(?P<b>[^。；]{5,90})")
_MEANS = re.compile(r"^(?P<x>[^，。；：]{2,14}?)(?:：指|，是指|是指|：是指|指的是|，指)(?P<y>.{6,120})")
_YES = re.compile(r"^(?:可以|不可以|能|不能|会|不会|需要|不需要|是|不是|有|没有|不|无须|算|影响|免费)")


def bare(text: str) -> str:
    """The sentence without the number and heading of its clause and without its closing mark."""
    text = _NUMBER.sub("", text.strip())
    while _HEAD.match(text):
        text = _HEAD.sub("", text)
    return text.strip(" 　。；;")


def figure(text: str, chance: random.Random) -> Asked | None:
    """One figure taken out: how much, how long, when."""
    text = _BRACKETS.sub("", text)
    found = [f for f in find_figures(text) if f.kind in ("amount", "percent", "duration", "age", "date", "time", "range", "ratio")
             or (f.kind == "count" and f.unit)]
    found = [f for f in found if not re.match(r"或者?|及其?以上", text[f.end :]) and not re.search(r"或者?$", text[: f.start])]
    found = [f for f in found if not (f.kind == "date" and text[f.end : f.end + 1] in "〕]号") and not _in_brackets(text, f)]
    if not found:
        return None
    f = chance.choice(found)
    start, end = _clause(text, f)
    asked = text[start : f.start] + _wh(f, chance) + text[f.end : end]
    if text[start:end].endswith("的") or re.match(r"或者|以及|并且|且", text[start:end]):
        return None  # half of a condition
    if len(asked) - len(f.raw) < 5 or len(asked) > 60 or text[f.start - 1 : f.start] in ("第", "/"):
        return None
    rest = text[f.end : end]
    ways = [text[start:end]] + ([f.raw + rest] if len(rest) <= 18 else []) + ([text] if len(text) <= 70 else [])
    kind = "date" if f.kind in ("duration", "date", "time") or f.unit in ("年", "月", "天") else "fact"
    return kind, asked, f"{chance.choice(ways)}。", (f.raw,)


def _clause(text: str, f: Figure) -> tuple[int, int]:
    """Where the clause around a figure begins and ends; with the clause before it where it is short."""
    marks = [m.end() for m in re.finditer(r"[，；。：]", text[: f.start])]
    start = marks[-1] if marks else 0
    if f.start - start < 8 and marks:
        start = marks[-2] if len(marks) > 1 else 0
    after = re.search(r"[，；。]", text[f.end :])
    return start, f.end + after.start() if after else len(text)


def _in_brackets(text: str, f: Figure) -> bool:
    before = text[: f.start]
    return max(before.rfind("（"), before.rfind("("), before.rfind("《")) > max(before.rfind("）"), before.rfind(")"), before.rfind("》"))


def _wh(f: Figure, chance: random.Random) -> str:
    unit = _NUMERAL.sub("", f.raw)
    if f.kind == "date":
        return chance.choice(("什么时候", "哪一天", "什么日子", "几月几号"))
    if f.kind == "time":
        return "几点"
    if f.unit == "%":
        return chance.choice(("百分之多少", "多少", "几个百分点" if "点" in f.raw else "百分之几"))
    if f.kind == "amount" or f.unit == "元":
        return chance.choice(("多少元", "多少钱", "多少"))
    if f.unit in ("年", "月", "天") or f.kind == "duration":
        return chance.choice((f"多少{unit}", f"几{unit}", "多久", "多长时间"))
    return chance.choice((f"多少{unit}", f"几{unit}"))


def modal(text: str, chance: random.Random) -> Asked | None:
    """不得, 应当, 可以 …: may one, must one?"""
    match = _MODAL.search(text)
    if not match:
        return None
    subject, word, rest = match["s"], match["m"], match["v"]
    parts = rest.split("，")
    while len("，".join(parts)) > 34 and len(parts) > 1:
        parts.pop()
    rest = "，".join(parts)
    if len(rest) > 40 or re.search(r"的$|的(?:部分|情形|事项|人|期限|费用|金额)$|是否|[《（(]", rest) or subject.endswith(("的", "也", "均", "及", "和")) or re.match(r"[将把]?$", rest):
        return None
    if re.search(r"时，|的，|且|但", rest) or re.match(r"一般|也|均|都|只|就|还|可|并|但", subject):
        return None
    if word == "应当" and re.search(r"不|未|无", subject[-2:]):
        return None
    ways, verdict = _MODALS[word]
    way = chance.choice(ways)
    end = "" if way in ("能不能", "有没有权", "是不是要") else "吗"
    asked = f"{subject}{way}{rest}{end}"
    clause = f"{subject}{word}{rest}"
    answer = chance.choice((f"{verdict}，{clause}。", f"{verdict}，{word}{rest}。"))
    return "yes_no", asked, answer, (word + rest[:4],)


def consequence(text: str, chance: random.Random) -> Asked | None:
    """A的，B。: what happens if A?"""
    found = [m for m in _IF.finditer(text) if not re.search(r"下列|以下|前款|本条|第[一二三四五六七八九十]+", m["a"] + m["b"])]
    if not found:
        return None
    match = chance.choice(found)
    case, then = re.sub(r"^(?:但|但是|其中|对于|对|凡|若|如|如果)", "", match["a"]), match["b"]
    if len(case) < 4:
        return None
    asked = chance.choice((f"{case}怎么办", f"如果{case}，会怎么样", f"{case}的，怎么处理", f"要是{case}呢", f"{case}有什么后果", f"{case}的话按什么办",
                           f"万一{case}，会怎样", f"{case}是怎么规定的", f"碰上{case}的情况，怎么处理"))
    answer = chance.choice((f"{then}。", f"{case}的，{then}。"))
    return "condition", asked, answer, (then[:8],)


def meaning(text: str, chance: random.Random) -> Asked | None:
    """X，是指Y。: what is X?"""
    match = _MEANS.match(text)
    if not match:
        return None
    term = re.sub(r"^(?:本法|本条例|本办法|本规定|本合同|本解释|前款)?(?:所称|中的|规定的|所说的)?(?:的)?", "", match["x"])
    if not 2 <= len(term) <= 12:
        return None
    asked = chance.choice((f"什么是{term}", f"{term}是什么意思", f"{term}指的是什么", f"{term}怎么理解", f"{term}到底是啥"))
    return "fact", asked, chance.choice((f"指{match['y']}。", f"{term}是指{match['y']}。")), (match["y"][:8],)


def items(unit: Unit, chance: random.Random) -> Asked | None:
    """A list with its opening words: which ones?"""
    lines = [line.strip() for line in unit.text.split("\n") if line.strip()]
    if unit.kind != "list" or len(lines) < 3 or not lines[0].endswith(("：", ":")):
        return None
    lead = bare(lines[0]).strip("：: ")
    named = [bare(re.sub(r"^[-*•●·▪]\s*|^[①-⑳]\s*", "", line)).rstrip("；;。 ") for line in lines[1:]]
    if len(lead) > 60 or sum(map(len, named)) > 160 or not all(named):
        return None
    if re.search(r"下列|以下|如下", lead):
        asked = re.sub(r"之一的?|[一二三四五六七八九十]+[项种类个](?=$|条件|情形)", "", re.sub(r"下列|以下|如下", "哪些", lead, count=1))
    elif re.search(r"包括|为|是|有|需|须|提交|提供|持|携带$", lead[-3:]):
        asked = f"{lead}{chance.choice(('哪些', '什么'))}"
    else:
        asked = f"{lead}{chance.choice(('有哪些', '包括哪些', '具体是什么', '分别是什么'))}"
    answer = chance.choice(("；", "、" if all("、" not in one and "，" not in one for one in named) else "；")).join(named)
    return "list", asked, f"{answer}。", tuple(one[:6] for one in named)


def answered(unit: Unit, chance: random.Random) -> Asked | None:
    """A sentence that follows the question of a FAQ: that question, in other words."""
    asked = bare(re.sub(r"^[问Qq答Aa][:：]\s*", "", unit.context)).rstrip("？?")
    said = re.sub(r"^[答Aa][:：]\s*", "", unit.plain).strip()
    if not 5 <= len(asked) <= 40 or not 4 <= len(said) <= 110 or said.endswith(("？", "?", "：")):
        return None
    kind = "yes_no" if _YES.match(said) and re.search(r"吗|能不能|是否|可不可以|会不会|要不要|有没有", asked) else "fact"
    return kind, asked, said if said.endswith(("。", "！")) else f"{said.rstrip('；')}。", (said[:8].rstrip("。"),)
