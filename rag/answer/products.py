"""Which product a unit of evidence speaks for, and which products a question names, however shortly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from rag.answer.candidates import Scored
from rag.index.hit import Hit
from rag.index.product_names import BRACKETED, ProductNames, in_order
from rag.index.titles import TitleMatcher
from rag.text.normalise import normalise

SPEAKS = 0.35  # so much of another product's name in a unit, and more than of its own, and it speaks of the other one
NAMED = 0.1  # so much of a product's name in a question is worth something…
AS_WELL = 0.6  # …and those are named as well that reach this share of the best
_LABEL = re.compile(r"(?:理财|保险|基金|贷款|信用卡)?产品(?:名称|简称)?|(?:基金|理财|保险|贷款|险种|信用卡)(?:名称|简称)|卡种|险种")
_MARK = re.compile(r"[a-z](?=[款类型])")
_MARKED = re.compile(r"(?<![a-z])([a-z])([款类])")
_CODE = re.compile(r"代码|编号|序号")


@lru_cache(maxsize=4)
def known_products(names: tuple[str, ...]) -> Products:
    """The same as `Products(names)`, made once."""
    return Products(names)


def of_the_named(question: str, named: Mapping[str, Sequence[str]], called: ProductNames, hits: Sequence[Hit]
                 ) -> Callable[[Scored], bool] | None:
    """Which units may answer a question that says the names `named` (as `called` gives them): not the sentences and rows
    that begin with another product or stand in another one's document, and do not say this one. None where all may."""
    if not named:
        return None
    wanted = {key for keys in named.values() for key in keys}
    own = {called.product[key] for key in wanted if key in called.product}
    marks = {f"{mark}{kind}" for mark, kind in _MARKED.findall(normalise(question))}
    own = {name for name in own if any(mark in normalise(name) for mark in marks)} or own  # 稳盈A款 is not its C款
    foreign = {n for n, hit in enumerate(hits) if own and hit.product and hit.product not in own
               and (hit.product in called.product.values() or not any(name in normalise(hit.title) for name in named))}
    read = "\n".join(section.text for hit in hits for section in hit.read)
    others = [name for name, keys in called.said(read).items() if not wanted.intersection(keys)]
    if not others and not foreign:
        return None
    # 澄薪贷…, 产品：澄薪贷; normalised
    begins = re.compile(rf"(?:[^:;,]{{1,6}}:)?[(《“]?(?:{'|'.join(map(re.escape, others)) or '(?!)'})")

    def may_answer(one: Scored) -> bool:
        said = normalise(one.unit.plain)
        if any(name in said for name in named) and (one.hit not in foreign or not marks or any(mark in said for mark in marks)):
            return True
        return one.hit not in foreign and (one.unit.kind in ("list", "enumeration") or not begins.match(said))

    return may_answer


class Products:
    """The products of a snapshot, by the names that their documents give them."""

    def __init__(self, names: Iterable[str]):
        self._names = sorted({name for name in names if name})
        self._matcher = TitleMatcher({name: name for name in self._names})

    def of(self, unit: Scored, hit: Hit) -> str:
        """The product whose rules the unit states: of its row, else of its document; empty where it is of none, or of
        several at once."""
        if label := _row_label(unit):
            return self._full(label)
        if not hit.product or unit.unit.kind == "list":  # the items of a list may speak of others
            return hit.product
        spoken = self._matcher.match(unit.unit.plain)
        own = spoken.get(hit.product, 0.0)
        return "" if any(share > max(own, SPEAKS) for share in spoken.values()) else hit.product

    def named(self, question: str, among: Iterable[str]) -> list[str]:
        """Those of `among` that the question names better than others do; all of them where it names none."""
        among = list(among)
        share = TitleMatcher({name: name for name in {*self._names, *among}}).match(question)
        best = max((share.get(name, 0.0) for name in among), default=0.0)
        named = [name for name in among if share.get(name, 0.0) >= AS_WELL * best] if best >= NAMED else among
        marks = _MARK.findall(normalise(question))  # A款 and C款 of one name are told apart by nothing else
        return [name for name in named if set(marks) & set(_MARK.findall(normalise(name)))] or named

    def _full(self, label: str) -> str:
        """The full name a table's short one stands for: 稳盈90天C款 for 澄湖稳盈90天持有期固定收益类理财产品（C款）."""
        plain = BRACKETED.sub("", label)
        return next((name for name in self._names if in_order(plain, name)), plain)


def _row_label(unit: Scored) -> str:
    """The product that a row is about, by its column of products; empty where there is none."""
    if unit.unit.kind != "row":
        return ""
    for cell in unit.unit.plain.split("；")[:3]:
        name, colon, value = cell.partition("：")
        if colon and _LABEL.fullmatch(BRACKETED.sub("", name)) and not re.fullmatch(r"[\s\-—]*", value):
            return value.strip()
        if not _CODE.search(name):
            return ""
    return ""
