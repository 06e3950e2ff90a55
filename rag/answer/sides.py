"""A comparison answered: each side's words with its own citation, and what code can say of both: which is more, by how much."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rag.answer import refusal
from rag.answer.asked_kind import lacks_kind
from rag.answer.candidates import Rarity, Scored
from rag.answer.columns import asked_columns, columns_of, labels
from rag.answer.comparison import Comparison, says_member
from rag.answer.compose import Words
from rag.answer.evidence import Evidence, select
from rag.answer.fitting import by_side
from rag.answer.judging import Judge
from rag.answer.quotation import quotation
from rag.answer.referent import Names
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.text.figure_units import base_of
from rag.text.figures import Figure, find_figures
from rag.text.normalise import normalise
from rag.text.sentences import Unit
from rag.text.tokens import bigrams

READ = 16  # units that the reranker reads for one side
QUOTE_CHARS = 80
ALIKE = 0.4  # likeness from which on words say of one thing what others say of another
SUPPORTED = 0.3  # of a side that is found by itself, from which on nothing more alike is looked for
TWIN = 0.75  # from which on other words are taken instead of such a side's
TWIN_CHARS = 60  # of the words that are searched for again
LEAST_MARKS = 6
LEAST_LINES = 3
_SAYS_MORE = re.compile(r"高|多|长|贵|大|晚|久|重|慢")
_SAYS_LESS = re.compile(r"低|少|短|便宜|小|早|轻|快")
_COMPARABLE = ("amount", "percent", "duration", "age", "ratio", "count")
_LARGE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_EXAMPLE = re.compile(r"\s*(?:示例|例如|案例|举例)")
_FORMULA = re.compile(r"[=＝×]")  # a rate may stand in one: 基本保险金额×1.035
_TIME_WORDS = re.compile(r"^(?:原来|现在|[新旧老]版)$")

Search = Callable[[str], Sequence[Hit]]


@dataclass(frozen=True)
class Side:
    """One compared thing: its evidence, and how surely (0…1) it answers; `hits` are the passages it was found in."""

    member: str
    question: str
    evidence: Evidence
    probability: float
    hits: tuple[Hit, ...]

    @property
    def found(self) -> bool:
        return self.evidence.best is not None and self.probability >= refusal.AT_ONCE


@dataclass(frozen=True)
class Naming:
    """How documents are told by what a question calls them.

    `translated` puts words as the documents do (社保法 as 社会保险法); `name_in`: the document that a text names, or "";
    `products_of`: keys of the products that a text names; `product_of`: the key of the product that a passage is of.
    """

    translated: Callable[[str], str] = str
    name_in: Names = lambda _: ""
    products_of: Callable[[str], frozenset[str]] = lambda _: frozenset()
    product_of: Callable[[Hit], str] = lambda _: ""

    def titles(self, member: str) -> tuple[str, ...]:
        """What the title of a law or rule may end with that is called so."""
        translated = self.translated(member)
        return tuple(filter(None, map(normalise, (member, translated, self.name_in(translated)))))


def sides(compared: Comparison, search: Search, rarity: Rarity, judge: Judge | None, naming: Naming | None = None) -> list[Side]:
    """The evidence for every compared thing, found by a question of its own among the words that speak of it: of a law or
    rule, in the document of that title only; of a product, in its own documents."""
    naming = naming or Naming()
    found = []
    for index, (member, question) in enumerate(zip(compared.members, compared.questions, strict=True)):
        hits = tuple(search(question))
        evidence = select(question, hits, rarity, judge, most=1, only=_speaks_of(compared, index, hits, naming), read=READ)
        found.append(Side(member, question, evidence, refusal.answerable(question, hits, rarity, evidence), hits))
    return _made_alike(compared, found, search, rarity, naming)


def _speaks_of(compared: Comparison, index: int, hits: Sequence[Hit], naming: Naming) -> Callable[[Scored], bool]:
    """Which units of the passages speak of one compared thing."""
    member = compared.members[index]
    products = [naming.products_of(question) for question in compared.questions]
    titled = {hit.source for hit in hits if normalise(hit.title).endswith(naming.titles(member))}
    own, others = products[index], frozenset().union(*(keys for i, keys in enumerate(products) if i != index))
    if own & others:
        own = frozenset()  # 爱家守护两全 and 爱家守护定寿: the name does not tell them apart

    def speaks(one: Scored) -> bool:
        hit = hits[one.hit]
        if _EXAMPLE.match(one.unit.plain):
            return False  # what somebody of 35 has bought tells nobody's limit
        if titled:
            return hit.source in titled
        if own and naming.product_of(hit) in own | others:
            return naming.product_of(hit) in own
        section = hit.read[one.section]
        return bool(_TIME_WORDS.match(member)) or says_member(
            compared.members, index, " ".join((hit.title, hit.edition, *section.headings, one.unit.context, one.unit.text)))

    return speaks


def _made_alike(compared: Comparison, found: list[Side], search: Search, rarity: Rarity, naming: Naming) -> list[Side]:
    """The sides, with the words that say of one what the surest words say of another: documents of one kind share their
    clauses, so that such words answer though they read less surely by themselves."""
    surest = max(found, key=lambda side: (not _thin(side), side.found, bool(_kinds(side.question, side.evidence.best)), side.probability))
    if _thin(surest):
        return found
    if not surest.found:  # two that read alike, and neither surely enough, bear each other out
        others = [side for side in found if side is not surest and not _thin(side)
                  and likeness(side.evidence.best.plain, surest.evidence.best.plain) >= ALIKE]
        missed = math.prod(1.0 - side.probability for side in (surest, *others))
        if not others or 1.0 - missed < refusal.AT_ONCE:
            return found
        surest = replace(surest, probability=1.0 - missed)
        found = [surest if side.member == surest.member else side for side in found]
    return [side if side is surest else _like(surest, side, index, compared, search, rarity, naming)
            for index, side in enumerate(found)]


def _like(surest: Side, side: Side, index: int, compared: Comparison, search: Search, rarity: Rarity, naming: Naming) -> Side:
    """A side with words like the surest ones, if it has any and its own are not better."""
    words = surest.evidence.best.plain
    kinds = _kinds(side.question, surest.evidence.best)

    def states(unit: Unit) -> bool:
        return not kinds or bool(kinds & _kinds(side.question, unit)) or ("percent" in kinds and bool(_FORMULA.search(unit.plain)))

    alike = 0.0 if _thin(side) else likeness(side.evidence.best.plain, words)
    borne_out = alike >= (SUPPORTED if side.found else ALIKE)
    if borne_out and states(side.evidence.best):
        return replace(side, probability=max(side.probability, surest.probability))
    if side.found and not _thin(side) and side.probability > surest.probability:
        return side
    least = TWIN if side.found and not _thin(side) else ALIKE
    titles = [citation.title for citation in side.evidence.citations[:1]] or [side.member]
    for again in ("", f"{titles[0]}，{words[:TWIN_CHARS]}"):
        hits = tuple(search(again)) if again else side.hits
        speaks = _speaks_of(compared, index, hits, naming)
        twin = select(words, hits, rarity, None, most=1, only=lambda one, speaks=speaks: (
            one.unit.kind != "row" and likeness(one.unit.plain, words) >= least and states(one.unit) and speaks(one)))
        if twin.best is not None:
            return Side(side.member, side.question, twin, surest.probability, hits)
    return replace(side, probability=max(side.probability, surest.probability)) if borne_out else side


def _kinds(question: str, unit: Unit | None) -> set[str]:
    """The kinds of figures in a unit that may be what a question asks for."""
    return {f.kind for f in find_figures(unit.plain) if f.kind in _COMPARABLE and not lacks_kind(question, f.raw)} if unit else set()


def _thin(side: Side) -> bool:
    """Whether its words are a table's row or a scrap, in which nothing can be told to be alike."""
    best = side.evidence.best
    return best is None or best.kind == "row" or len(_marks(best.plain)) < LEAST_MARKS


def likeness(one: str, other: str) -> float:
    """Share of the shorter text's character pairs, figures apart, that the other holds; 0 where there are too few."""
    first, second = _marks(one), _marks(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter >= LEAST_MARKS else 0.0


def _marks(words: str) -> set[str]:
    return set(bigrams(re.sub(r"[\d.,%‰]+", " ", words)))


def compared_words(compared: Comparison, found: Sequence[Side]) -> Words | None:
    """The answer; None where no side is found, or what is found cannot be told apart."""
    there = [side for side in found if side.found]
    if not there:
        return None
    citations = _cited(there)
    if len(set(citations.numbers)) < len(there) and not _told_apart(compared, there):
        return None
    lines = [f"{side.member}：{_quoted(side, compared)}[{number}]" for side, number in zip(there, citations.numbers, strict=True)]
    lines += [f"{side.member}：现有资料没有写明这一项。" for side in found if not side.found]
    said = _conclusion(compared, there) if len(there) == len(found) else ""
    kind = "calculation" if "相差" in said else "quote"
    return Words("\n".join([*filter(None, [said]), *lines]), kind, citations.citations)


def _told_apart(compared: Comparison, there: Sequence[Side]) -> bool:
    """Whether the words that stand for several sides speak of each; else one of them is taken for the other."""
    return all(says_member(compared.members, compared.members.index(side.member), side.evidence.citations[0].text) for side in there)


@dataclass(frozen=True)
class _Citations:
    citations: tuple[Citation, ...]
    numbers: tuple[int, ...]  # of each side's words


def _cited(there: Sequence[Side]) -> _Citations:
    """The sides' citations numbered on, the same words once."""
    kept: list[Citation] = []
    numbers = []
    for side in there:
        citation = side.evidence.citations[0]
        same = next((c.number for c in kept if c.source == citation.source and c.text == citation.text), None)
        if same is None:
            kept.append(replace(citation, number=len(kept) + 1))
        numbers.append(same or len(kept))
    return _Citations(tuple(kept), tuple(numbers))


def _quoted(side: Side, compared: Comparison) -> str:
    """A side's words, of a row only what is asked, without the name that stands before them anyway."""
    unit = side.evidence.best
    if unit.kind != "row":
        return _item(side, compared) or quotation(unit, side.question, 2 * QUOTE_CHARS)
    columns = _columns(unit, side, compared)
    text = "；".join(f"{name}：{value}" if name and name != value else value for name, value in columns)
    return text if len(text) <= 2 * QUOTE_CHARS else quotation(unit, side.question)[: 2 * QUOTE_CHARS]


def _item(side: Side, compared: Comparison) -> str:
    """Of a list the line that answers, behind what leads it in; "" for a text of fewer lines."""
    lines = side.evidence.best.text.split("\n")
    if len(lines) < LEAST_LINES:
        return ""
    asked, index = set(bigrams(side.question)), compared.members.index(side.member)
    kinds = _kinds(side.question, side.evidence.best)

    def worth(line: str) -> float:
        return len(asked & set(bigrams(line))) + 2 * says_member(compared.members, index, line)

    best = max([line for line in lines if kinds & _kinds(side.question, Unit(line, line))] or lines, key=worth).strip()
    lead = lines[0].strip()
    said = lead if best == lead else f"{lead[:QUOTE_CHARS]}{'……' if len(lead) > QUOTE_CHARS else ''}\n{best}"
    return said if len(said) <= 2 * QUOTE_CHARS else ""


def _columns(unit: Unit, side: Side, compared: Comparison) -> list[tuple[str, str]]:
    """The columns to quote: the member's own where columns are the members, else those that the question asks for."""
    index = compared.members.index(side.member)
    every = columns_of(unit)
    own = [c for c in every[1:] if says_member(compared.members, index, c[0])
           and not any(says_member(compared.members, i, c[0]) for i in range(len(compared.members)) if i != index)]
    others = [c for c in every[1:] if any(says_member(compared.members, i, c[0]) for i in range(len(compared.members)) if i != index)]
    if own and others:
        return [every[0], *own[:1]]
    return asked_columns(unit, side.question)


def _conclusion(compared: Comparison, there: Sequence[Side]) -> str:
    """Which is more and by how much, where each side states one figure and they are of one kind; else nothing."""
    if any(by_side(side.question, [side.evidence.best])[0] for side in there):
        return ""  # one of them speaks of something else: both are shown, none is said to be more
    figures = _alike([_figures(side, compared) for side in there])
    if figures is None:
        return ""
    values = [base_of(f.unit)[1] * f.value for f in figures]
    parts = "，".join(f"{side.member}{figure.raw}" for side, figure in zip(there, figures, strict=True))
    if len(set(values)) == 1:
        return f"{parts}，两者相同。" if len(values) == 2 else f"{parts}，都相同。"
    said = parts
    if compared.more and (_SAYS_MORE.search(compared.more) or _SAYS_LESS.search(compared.more)):
        most = bool(_SAYS_MORE.search(compared.more))
        place = values.index(max(values) if most else min(values))
        said += f"，{there[place].member}更{compared.more}"
    elif compared.sameness and len(values) == 2 and not compared.difference:
        said += "，两者不同"
    if compared.difference and len(values) == 2:
        said += f"，相差{_difference(figures, values)}"
    return said + "。"


def _difference(figures: Sequence[Figure], values: Sequence[Decimal]) -> str:
    unit, factor = base_of(figures[0].unit)
    size = abs(values[0] - values[1])
    if figures[0].unit == figures[1].unit:
        unit, size = figures[0].unit, size / factor
    for large, worth in _LARGE.items():
        if unit == "元" and all(large in figure.raw for figure in figures):
            unit, size = f"{large}元", size / worth
    number = f"{size.normalize():,f}"
    return f"{number}{'个百分点' if unit == '%' else '个月' if unit == '月' else unit}"


def _figures(side: Side, compared: Comparison) -> list[Figure]:
    """The figures a side's words state as the answer."""
    unit = side.evidence.best
    if unit.kind == "row":
        columns = _columns(unit, side, compared)
        label = labels(columns_of(unit))
        values = columns[min(label, len(columns) - 1) :]
        text = values[0][1] if len(values) == 1 else ""
        found = [f for f in find_figures(text) if f.kind in (*_COMPARABLE, "bare")]
        return found if len(found) == 1 else []
    return [f for f in find_figures(unit.plain) if f.kind in _COMPARABLE and not lacks_kind(side.question, f.raw)]


def _alike(found: Sequence[list[Figure]]) -> list[Figure] | None:
    """One figure of each side, all of one unit, where there is just one such choice."""
    choices = []
    for base in {base_of(f.unit)[0] for f in found[0]} if found and all(found) else ():
        picked = [[f for f in side if base_of(f.unit)[0] == base and isinstance(f.value, Decimal)] for side in found]
        if all(len({f.value for f in side}) == 1 for side in picked):
            choices.append([side[0] for side in picked])
    return choices[0] if len(choices) == 1 else None
