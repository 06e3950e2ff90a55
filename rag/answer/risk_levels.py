"""The investment products that a question compares, and the risk level that the papers state of each (R2（中低风险）).

Products are told by a word of their kind (理财, 基金, 结构性存款 …), in their own name or in that of their papers, or by a stated
level itself: no deposit, card, loan, law or protection has one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from rag.answer.columns import columns_of
from rag.answer.comparison import Comparison, comparison
from rag.answer.comparison_words import CUE
from rag.answer.injection import without_instructions
from rag.answer.referent import Groups, names_in
from rag.answer.result import Citation
from rag.index.catalogue import Piece
from rag.index.product_names import ProductNames, in_order
from rag.index.search import Searcher
from rag.text.normalise import normalise
from rag.text.sentences import Unit, split_units

WORDS = ("风险等级", "风险评级", "风险级别")
MOST = 2  # levels told of one name, where its parts (A款, C款) differ
_INVESTMENT = re.compile(
    r"理财(?!师|经理)|(?<!公积)(?<!保险保障)(?<!社保)基金|基中基|FOF|ETF|LOF|QDII|REIT|联接|结构性存款|(?:可转|国|企业|公司|金融|纯|短|信用)债|债券|资产管理|资管|信托|"
    r"投资连结|投连|变额|万能|分红型|专属商业养老|货币(?:[A-Z]|$)|(?:偏股|偏债|灵活配置|股票|指数|混合|固收|现金管理)[型类]|净值型", re.IGNORECASE)
_NONE = re.compile(r"(?<!结构性)存款|存单|储蓄|贷(?!款基金)|[^保]卡|医疗|重疾|重大疾病|意外|车险|定期寿|[法例]$|条例|办法")
_KIND = re.compile(r"(?:[一-鿿]{0,6}?(?:型|类|货币|债券?|股票|混合|指数|公募|私募|养老)*(?:基金|理财|理财产品|产品|债券?|资管|信托|结构性存款|FOF|ETF)|[一-鿿]{2}型|[RC][1-5])")
_BEHIND = re.compile(r"存[款单]|理财|基金|债券?")
_COMPARES = re.compile(rf"比较(?!基准)|对比|相比|还是|\bvs\b|{CUE.pattern}", re.IGNORECASE)
_CODE = r"P?R\s?[1-5](?!\d)级?(?:\s?[（(][^（）()]{1,8}[）)])?"
_WORD = r"(?:较低|中低|中等?|中高|较高|极?低|高)等?风险"
_LEVEL = re.compile(rf"(?P<level>{_CODE}|{_WORD}|[一二三四五]级(?:[（(][^（）()]{{1,8}}[）)])?|(?:较低|中低|中等?|中高|较高|低|高)(?=$|[，,。；;\s（(]))"
                    r"(?!\s*(?:及|或|和|至|-|~)?\s*(?:以上|以下|其以|[RC]\d))")
_NAMED = re.compile(r"(?:本?(?:产品|基金|理财|计划))?(?:的)?风险(?:等级|评级|级别)(?:[（(][^（）()]{1,8}[）)])?")
_SAID = re.compile(rf"风险(?:等级|评级|级别)(?:目前|现)?(?:评定|确定|划分)?(?:为|是|属于?|[:：])?\s*[“\"]?(?={_LEVEL.pattern})")
_CLAUSE = re.compile(r"[，,；;。、]")


@dataclass(frozen=True)
class Rated:
    """A product as the question names it, and its levels with the words that state them; none where no paper does. `generic`: it
    is a kind of products (货币基金), of which no paper is."""

    name: str
    levels: tuple[tuple[str, Citation], ...] = ()
    generic: bool = False


@dataclass(frozen=True)
class _Named:
    """A compared thing: as it is shown, with what stands before it (稳盈A款), and the versions of its own papers."""

    shown: str
    whole: str
    keys: frozenset[str]


def compares(question: str) -> bool:
    """Whether a question has a word that compares."""
    return bool(_COMPARES.search(question))


def compared_investments(question: str, searcher: Searcher, groups: Groups) -> list[Rated]:
    """The investment products or kinds of them that a question compares, each with its level; [] where they are fewer than two."""
    facts = searcher.view().facts
    named = _named(question, comparison(question, searcher.name_in, groups), searcher, facts.called)
    found = []
    for one in named:
        if _NONE.search(one.whole):
            continue
        if _KIND.fullmatch(one.shown) and not one.keys:
            found.append(Rated(one.shown, generic=True))
            continue
        levels = _levels(one, searcher)
        own = " ".join((one.whole, *(facts.titles[key] for key in one.keys), *(facts.products[key] for key in one.keys)))
        if levels or (_INVESTMENT.search(own) and not _NONE.search(own)):
            found.append(Rated(one.shown, levels))
    return found if len(found) > 1 else []


def _named(question: str, compared: Comparison | None, searcher: Searcher, called: ProductNames) -> list[_Named]:
    """The things that a question compares, each once; of two editions of one product none."""
    names = names_in(question, searcher.name_in)
    if compared is None:
        said = [name for name in called.named(question) if not any(name in normalise(other) for other in names)]
        found = [(name, name, name) for name in (*names, *said)]
    else:
        found = []
        for member, asked in zip(compared.members, compared.questions, strict=True):
            name = next((name for name in names if name.startswith(member)), member)
            at = asked.find(member)
            if at >= 0 and (kind := _BEHIND.match(asked, at + len(name))):  # 稳享结构性存款
                name += kind[0]
            found.append((compared.shown(name), asked[: max(at, 0)] + name, asked if at < 0 else asked[:at] + name))
    things: list[_Named] = []
    for shown, whole, asked in found:
        keys = _of_its_mark({key for keys in called.named(asked).values() for key in keys}, asked, called)
        if not any(keys and keys == other.keys for other in things):
            things.append(_Named(shown, whole, keys))
    return things


def _of_its_mark(keys: set[str], asked: str, called: ProductNames) -> frozenset[str]:
    """Of these papers those of the class that is said (A款)."""
    marks = re.findall(r"(?<![a-z])[a-z][款类]", normalise(asked))
    own = {key for key in keys if any(mark in normalise(called.product[key]) for mark in marks)}
    return frozenset(own or keys)


def _levels(one: _Named, searcher: Searcher) -> tuple[tuple[str, Citation], ...]:
    """The levels stated of a product: in its own papers, else in what those of no single product say of it by name."""
    facts = searcher.view().facts
    found: list[tuple[bool, str, Piece, Unit]] = []
    for piece in chain.from_iterable(searcher.pieces_saying(word) for word in WORDS):
        name = normalise(one.whole)
        own = piece.version in one.keys if one.keys else in_order(name, normalise(facts.titles[piece.version]))
        if own or (not facts.products[piece.version] and in_order(name, normalise(piece.text))):
            found += [(own, level, piece, unit) for unit in split_units(without_instructions(piece.text))
                      if (level := stated_level(unit, one.whole, own))]
    found = [row for row in found if row[0] or _calls_it(row[3], one.whole)] or found  # 短债A before 短债A增强
    levels: dict[str, tuple[str, Citation]] = {}
    for own, level, piece, unit in found:
        if own or not any(row[0] for row in found):
            levels.setdefault(_code(level), (level, _cited(piece, unit, searcher)))
    return tuple(levels.values())[:MOST]


def _calls_it(unit: Unit, name: str) -> bool:
    """Whether a cell of a row is the name, with nothing behind it."""
    return unit.kind == "row" and any(normalise(value).endswith(normalise(name)) for _, value in columns_of(unit))


def _cited(piece: Piece, unit: Unit, searcher: Searcher) -> Citation:
    facts = searcher.view().facts
    source, *also = facts.sources(piece.version, None)
    edition = facts.editions.edition(piece.version, searcher.today())
    return Citation(0, source, facts.titles[piece.version], unit.text, piece.page, piece.headings, edition, tuple(also))


def stated_level(unit: Unit, name: str, own: bool) -> str:
    """The risk level that a unit states of a product; "" where it states none. `own`: the unit stands in its own paper."""
    if unit.kind == "row":
        return _of_row(unit, name, own)
    for clause in _CLAUSE.split(unit.plain) if not own else (unit.plain,):
        said = _SAID.search(clause)
        if said and (own or in_order(normalise(name), normalise(clause[: said.start()]))):
            return said["level"].strip()
    return ""


def _of_row(unit: Unit, name: str, own: bool) -> str:
    columns = columns_of(unit)
    label = "".join(value for _, value in columns[:1])
    if _NAMED.fullmatch(label):  # 风险等级 | R2 | R3
        others = [(head, value) for head, value in columns[1:]]
        mine = [value for head, value in others if in_order(normalise(name), normalise(head))]
        values: Sequence[str] = mine or ([others[0][1]] if own and len(others) == 1 else [])
    else:
        said = own or any(in_order(normalise(name), normalise(value)) for _, value in columns[:3])
        values = [value for head, value in columns if said and _NAMED.fullmatch(head)]
    found = next((level for value in values if (level := _LEVEL.match(value.strip()))), None)
    return found["level"].strip() if found else ""


def _code(level: str) -> str:
    code = re.search(r"[1-5]", level)
    return code[0] if code else level
