"""Every unit of the passages found that may answer a question, ordered by the question's rare words it shares and by its
passage's rank: what the reranker is given to read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.enumeration import Enumeration, enumerations
from rag.answer.yes_no import asks as asks_yes_no
from rag.index.hit import Hit
from rag.text.bands import Band, bands, fit, quantities
from rag.text.figures import find_figures
from rag.text.row_bands import row_bands
from rag.text.sentences import Unit, split_units
from rag.text.tokens import STOP_WORDS, bigrams, words

ASKS_FIGURE = re.compile(r"多少|几|多久|多长|比例|利率|费率|金额|额度|上限|下限|何时|什么时候|哪天|期限|年龄|多高|多大|折")
_ASKS_LIST = re.compile(r"哪些|哪几|怎么办|怎么(?!样)|怎样|如何|步骤|流程|手续|材料|条件|情形|情况下|分别|种类")
_ASKS_ITEMS = re.compile(
    r"哪些|哪几(?!天|年|月|个月)|[什啥]么?样的[一-鿿]{1,6}(?:不|能|可以|会|要|才|算)|几[种类项条个](?!月|工作日|交易日|点|百分点|小时|人|钱|电话|短信|星期|礼拜|孩子)|什么(?:材料|资料|条件|手续|证件|情形|情况|步骤|流程|方案)|都?有(?:什么|啥)|包括什么|啥(?:材料|条件|手续)|"
    r"步骤|流程|怎么(?:申请|处理|开通|办)|按顺序|套路|要准备|分为|情形|情况下|什么情况|"
    r"(?:条件|材料|资料|手续|证件|单据|范围|除外责任|责任免除|免责(?:事项|条款)?|不(?:保|赔)的(?:责任|情形)?|禁止行为|权利|义务|职责|用途|渠道)(?:都|具体|一般|主要|分别)*(?:是|有|包括|包含|指)(?:什么|啥)|"
    r"(?<!只)(?:能|可以)(?:拿来|拿去|用来)?(?:干|做|买)(?:什么|啥|嘛)|记了?些?(?:什么|啥)|准备(?:好|些|点)?(?:什么|啥)|什么(?:事情|事项|单据|用途)|(?:一般|通常|可能|都)是?(?:什么|啥)原因")
_NUMBER = re.compile(r"^[（(]?[0-9一二三四五六七八九十.]{1,6}[）)、.．]?\s*")
# 您有退保的权利 7.1 of a table of contents, and 9.9 酒后驾驶 over its definition
_POINTER = re.compile(r"[^。；;：:，,]{2,40}?[\s…·.]+\d+(?:\.\d+)+(?:[、,，]\s?\d+(?:\.\d+)+)*|\d+\.\d+(?:\.\d+)*\s*[一-鿿、]{2,12}")
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z]")
_UNCHANGED = re.compile(r"(?:^|[，；;。])(?P<what>[^，；;。]*?)(?:均|都|仍|维持|保持|继续)*不变[。；;]?$")  # 到账时间不变; but 维持0.30%不变
SHARED, PASSAGE, CUE, FOUND, BAND = 1.0, 0.35, 0.25, 0.25, 0.2  # tuned on the built-in set over knowledge/
ABOUT = 0.8  # a word that stands in the title or heading over a unit counts so much of one that stands in it

UNIT_CHARS = 220  # of a unit are read
ITEM_CHARS = 140  # of a list's item are read, and behind its lead no more than of a unit

Rarity = Callable[[Sequence[str]], dict[str, float]]


@dataclass(frozen=True)
class Scored:
    """A unit of a passage."""

    unit: Unit
    hit: int
    section: int
    position: int
    score: float

    @property
    def place(self) -> tuple[int, int]:
        """Which section of which hit it stands in."""
        return self.hit, self.section


def candidates(question: str, hits: Sequence[Hit], rarity: Rarity) -> list[Scored]:
    """Every unit of the hits that says anything, best first by words and passage alone.

    `rarity` gives the inverse document frequency of tokens.
    """
    asked = matching_tokens(question)
    weight = rarity(sorted(asked))
    total = sum(weight.values()) or 1.0
    asks_figure, asks_list = bool(ASKS_FIGURE.search(question)), bool(_ASKS_LIST.search(question))
    yes_no = asks_yes_no(question)
    items = asks_items(question)
    stated = quantities(question)
    top = max((h.score for h in hits), default=1.0) or 1.0
    scored: list[Scored] = []
    for number, hit in enumerate(hits):
        for part, section in enumerate(hit.read):
            units = list(enumerate(split_units(section.text)))
            if (asks_figure and not asks_list) or yes_no:
                units = [(position, item) for position, unit in units for item in _apart(unit)]
            if items:
                units += [(len(units), _as_unit(one)) for one in enumerations(section.text)]
            about = matching_tokens(" ".join((hit.title, *section.headings[-2:])))
            names = {line for _, unit in units if unit.kind == "row" for line in unit.context.split("\n")}.union(section.headings)
            bare = {_NUMBER.sub("", heading) for heading in section.headings}
            for position, unit in units:
                if _says_nothing(unit, names, bare) or (asks_figure and not asks_list and _leads_in(unit)):
                    continue
                context = about | matching_tokens(unit.context) if unit.context else about
                shared = max(_shared(asked, weight, context, part) for part in (items_behind_lead(unit) if yes_no else (unit.plain,)))
                score = SHARED * shared / total + PASSAGE * hit.score / top
                score += CUE * (asks_figure and bool(find_figures(unit.plain)))
                score += CUE * (asks_list and unit.kind in ("list", "enumeration"))
                score += BAND * (fit(stated, bands_of(unit)) if stated else 0)
                score += FOUND * (section.found and unit.text.split("\n")[-1] in hit.piece)
                scored.append(Scored(unit, number, part, position, score))
    scored.sort(key=lambda s: -s.score)
    first: dict[tuple[str, str, str, bool], Scored] = {}
    for one in scored:  # passages of one document may overlap
        first.setdefault((hits[one.hit].source, one.unit.text, one.unit.plain, one.unit.kind == "enumeration"), one)
    return list(first.values())


def items_behind_lead(unit: Unit) -> list[str]:
    """The words of a list that something leads in, an item at a time, each behind the lead, for yes or no is decided by one
    of them; of any other unit its words."""
    lead, *items = unit.plain.split("\n")
    if unit.kind != "list" or len(items) < 2 or not lead.rstrip().endswith(("：", ":")):
        return [unit.plain]
    shown = [item.strip()[:ITEM_CHARS] for item in items]
    return [f"{lead[len(item) - UNIT_CHARS :]}{item}" for item in shown]


def _shared(asked: set[str], weight: Mapping[str, float], context: set[str], words: str) -> float:
    """How much of the question's words, by weight, these words have or stand under; long ones hold more by chance."""
    held = matching_tokens(words)
    shared = sum(weight[t] * (1.0 if t in held else ABOUT) for t in asked if t in held or t in context)
    return shared / math.sqrt(max(1.0, len(words) / 120))


def asks_items(question: str) -> bool:
    """Whether a question asks for the items of a list."""
    return bool(_ASKS_ITEMS.search(question))


def asks_whole(question: str) -> bool:
    """Whether the whole of what stands in a list may be asked for: its items, or how something is done; no figure, no yes or no."""
    return asks_items(question) or bool(_ASKS_LIST.search(question) and not ASKS_FIGURE.search(question) and not asks_yes_no(question))


def _apart(unit: Unit) -> list[Unit]:
    """A list that nothing leads in as its items: each says something by itself."""
    items = unit.text.split("\n")
    if unit.kind != "list" or items[0].rstrip().endswith(("：", ":")):
        return [unit]
    return [Unit(item, item) for item in items]


def _as_unit(one: Enumeration) -> Unit:
    return Unit(one.text, f"{one.lead}：{'；'.join(one.items)}" if one.lead else "；".join(one.items), "enumeration")


def bands_of(unit: Unit) -> list[Band]:
    return row_bands(unit.plain) if unit.kind == "row" else bands(unit.plain)


def _says_nothing(unit: Unit, names: set[str], bare: set[str]) -> bool:
    """Headings and captions (`names`; `bare`: headings without their numbers), questions of a FAQ and scraps answer nothing."""
    text = unit.plain.strip()
    if unit.kind == "row" and len(set(unit.text.split("\n")[-3::2])) == 1:
        return True  # a header said again
    if unit.kind == "sentence" and len(_LETTER.findall(text)) < 2:
        return True  # 〔2024
    if unit.kind == "sentence" and _POINTER.fullmatch(text):
        return True
    return len(text) < 4 or text in names or _NUMBER.sub("", text).rstrip("。：:") in bare or text.endswith(("？", "?"))


def _leads_in(unit: Unit) -> bool:
    """Whether a sentence leads in what follows it, or says that what is asked stays as it was: neither is a figure."""
    text = unit.plain.strip()
    if unit.kind != "sentence":
        return False
    unchanged = _UNCHANGED.search(text)
    return text.endswith(("：", ":")) or bool(unchanged and not find_figures(text[: unchanged.start("what")])
                                             and not find_figures(unchanged["what"][-4:]))


def matching_tokens(text: str) -> set[str]:
    """Words and character pairs by which a question and a passage are compared, without stop words."""
    return {t for t in words(text) if t not in STOP_WORDS} | {g for g in bigrams(text) if g not in STOP_WORDS}
