"""What speaks against the found evidence answering the question, beside how it reads: numbers for `refusal` to weigh.

An attribute whose word stands nowhere in the evidence, another product's document, a kind of value that is absent (a
person, a telephone number, a day), a year that the evidence does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import rjieba

from rag.answer.evidence import Evidence, Rarity
from rag.index.hit import Hit
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.tokens import bigrams, content_words

_ASKS_PERSON = re.compile(r"谁|哪位|什么人|叫什么(?!险|保险)|姓名|什么名字")
_PERSON_TITLE = re.compile(r"经理|董事长|总裁|行长|负责人|会计师|精算师|代表人|律师")
_ASKS_PHONE = re.compile(r"(?:电话|热线|专线|号码)[^，。]{0,6}(?:多少|什么|几|哪)|[打拨](?:哪|什么|啥|多少)")
_PHONE = re.compile(r"\d{3,4}-\d{3,4}|\d{5,}|(?<!\d)9\d{4}|1[12]\d(?!\d)")
_ASKS_PLACE = re.compile(r"地址|几楼|哪条[街路]|在哪儿?[？?]?$|位置")
_PLACE = re.compile(r"[路街道巷]\S{0,6}号|\d+楼|\d+层|[一-鿿]{2,}(?:大厦|广场|网点|营业部|柜台|大厅|中心|小程序|银行|App|APP)")
_ASKS_DAY = re.compile(r"什么时候|何时|哪一?天|几号|几点|哪年|哪个月|几月")
_DAY = re.compile(r"\d|[一二三四五六七八九十]+[日天月年]|当日|次日|即时|实时")
_ASKS_AMOUNT = re.compile(r"多少(?!人)|几(?!乎|种|个方面)|百分之")
_AMOUNT = re.compile(r"\d|[一二两三四五六七八九十百]+[倍成折年月日天次个项]|免|不收|不限|无|全额")
_ASKS_NOW = re.compile(r"今天|现在|目前|最近|上个?月|上周|昨天|这个月|本月|下个?月|明年|明天|后天|去年|今年|前十大")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d|版)")
_NOWHERE = "\0"  # a token that no piece holds


def doubts(question: str, hits: Sequence[Hit], evidence: Evidence, rarity: Rarity) -> dict[str, float]:
    """The doubts, each 0 (none) … 1; `evidence` must hold something.

    missing: share by rarity of the question's words that the first citation, its title and headings do not hold; rarest:
    the rarest of them, against a word that stands nowhere; pairs: the same share of character pairs; strange: how much
    better another document is named than the evidence's own; kind: the kind of value asked for is not there; year: a year
    asked for is not there; passing: what is asked changes from day to day (现在, 去年) and the words do not say so.
    """
    first = evidence.citations[0]
    around = normalise("\n".join((first.title, first.edition, *first.headings, first.text)))
    words = [w for w in content_words(question) if not w.isdigit()]
    pairs = sorted(set(bigrams(question)))
    weight = rarity([*words, *pairs, _NOWHERE])
    most = weight[_NOWHERE] or 1.0
    lacking = [weight[w] for w in words if w not in around]
    held = set(bigrams(around))
    titles = {hit.source: hit.parts.get("title", 0.0) for hit in reversed(hits)}
    passing = _ASKS_NOW.search(question)
    return {
        "missing": sum(lacking) / (sum(weight[w] for w in words) or 1.0),
        "rarest": max(lacking, default=0.0) / most,
        "pairs": sum(weight[g] for g in pairs if g not in held) / (sum(weight[g] for g in pairs) or 1.0),
        "strange": max(0.0, max(titles.values(), default=0.0) - titles.get(first.source, 0.0)),
        "kind": float(_lacks_kind(question, "\n".join(u.plain for u in (evidence.best, evidence.also) if u))),
        "year": float(any(year not in around for year in _YEAR.findall(normalise(question)))),
        "passing": float(bool(passing) and passing.group() not in around),
    }


def _lacks_kind(question: str, words: str) -> bool:
    """Whether a person, number, place, day or amount is asked for and the words hold none."""
    if _ASKS_PERSON.search(question) and (_PERSON_TITLE.search(question) or "谁" in question):
        return not any(tag == "nr" for _, tag in rjieba.tag(words))
    if _ASKS_PHONE.search(question):
        return not _PHONE.search(words)
    if _ASKS_PLACE.search(question):
        return not _PLACE.search(words)
    if _ASKS_DAY.search(question):
        return not _DAY.search(words)
    if _ASKS_AMOUNT.search(question):
        return not (find_figures(words) or _AMOUNT.search(words))
    return False
