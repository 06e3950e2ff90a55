"""Several products answer a question differently, and it names none of them: the answer says so, each in its own words. Where
they answer alike, the answer says for which it holds.

The products beside the best one are looked for in a wider search, and read by the reranker like the others. A question
about a law or about a document that is of no single product is never ambiguous, nor one that compares or asks for all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.candidates import Scored, candidates, matching_tokens
from rag.answer.compose import Found, Words
from rag.answer.injection import disarmed
from rag.answer.judging import Judge, judged
from rag.answer.products import Products
from rag.answer.quotation import quotation
from rag.answer.result import Citation, Turn
from rag.answer.stated import Value
from rag.answer.told import FIGURE, ITEMS, comparable, kind_asked, one_clause, same, told
from rag.index.hit import Hit
from rag.index.search import Searcher
from rag.text.normalise import normalise

SHOWN = 3  # products in the answer
CHOICES = 6  # and to choose from
QUOTE_CHARS = 60
WIDE = 30  # passages looked through for further products
EACH, READ = 2, 16  # units of each further product that are read, and of all of them
LEAST, NEAR = 0.35, 0.4  # a product answers with this probability, and this share of the best one's…
ON_SUBJECT = 0.6  # …in a unit that holds so much of what the best unit holds of the question's words
# what a unit must name itself, beside a share of the other words: each has a rate or a term of its own
_SUBJECT = re.compile(r"利率|年费|工本费|免赔额|等待期|犹豫期|宽限期|管理费|托管费|服务费|申购费|赎回费|罚息|违约金")
_OF_SEVERAL = re.compile(r"(?:哪[些几])(?:款|种|个|家|张|只)?(?:产品|保险|基金|理财|贷款|卡)|分别|区别|不同|对比|比较(?!基准)|所有产品|每款")
_ACROSS = re.compile(r"哪些|哪款|哪种|哪个|哪几|哪家|哪张|各|分别|区别|不同|差别|对比|比较(?!基准)|相比|所有|全部|都是|都有|每款|比(?!例|率|重|较基准).*[高低长短贵]|更[高低长短多少贵]|谁")


@dataclass(frozen=True)
class Saying:
    """What one product's documents say: its best unit, and what it answers (figures, yes or no, items)."""

    product: str
    unit: Scored
    hit: Hit
    values: tuple[Value, ...]

    @property
    def bare(self) -> bool:
        """Whether its unit stands in a table's header only: 90 under 等待期（天）."""
        return all(not isinstance(value, str) and value.kind == "bare" for value in self.values)


@dataclass(frozen=True)
class Choice:
    """Products that answer, those that answer the same together; the best one's group first. There is a choice to make where
    they are several."""

    groups: tuple[tuple[Saying, ...], ...]
    question: str

    @property
    def products(self) -> tuple[str, ...]:
        """All of them, one of each group first."""
        firsts = [group[0].product for group in self.groups]
        return tuple(firsts + [saying.product for group in self.groups for saying in group[1:]])

    @property
    def open(self) -> bool:
        """Whether they answer differently."""
        return len(self.groups) > 1

    def alike(self) -> str:
        """That the answer holds for several."""
        names = self.products
        return f"（{'、'.join(names[:SHOWN])}{'等' if len(names) > SHOWN else ''}{len(names)}款产品规定相同）"

    def named_in(self, history: Sequence[Turn], products: Products) -> str:
        """The one of them that the customer's talk so far has named last, or an empty string."""
        for turn in reversed(history):
            if turn.role == "user" and len(named := products.named(turn.content, self.products)) == 1:
                return named[0]
        return ""

    def words(self) -> Words:
        """The answer: each product with its own words, at most SHOWN of them, and the question which one is meant."""
        lines, citations = [], []
        for number, group in enumerate(self.groups[:SHOWN], 1):
            first = group[0]
            same = f"（另有{len(group) - 1}款相同）" if len(group) > 1 else ""
            # a cell that spans columns is read once for each of them
            said = "；".join(dict.fromkeys(quotation(first.unit.unit, self.question, QUOTE_CHARS).split("；")))
            lines.append(f"{first.product}{same}：{said}[{number}]")
            citations.append(_cited(number, first))
        count = len(self.products)  # found, not all there are: the same clause in other contracts is found once
        text = "\n".join((f"您没有说是哪款产品，各产品规定不同（查到{count}款）：", *lines, "您问的是哪一款？"))
        return Words(text, "choice", tuple(citations), ("没有指明产品，文件的说法不同",), self.products[:CHOICES])


def choice(found: Found, searcher: Searcher, judge: Judge | None, products: Products) -> Choice | None:
    """The products that the question may mean, where it names none: differing ones, or some that answer alike; None where just
    one answers."""
    question = normalise(found.asked)
    units = found.evidence.units
    kind = kind_asked(question)
    if judge is None or not units or not kind or (_ACROSS.search(question) and kind != ITEMS) or (kind == ITEMS and _OF_SEVERAL.search(question)):
        return None
    if kind != FIGURE and searcher.view().facts.called.named(question):
        return None
    best = units[0]
    if not (owner := products.of(best, found.hits[best.hit])):
        return None
    reader = _Reader(question, best, found.hits[best.hit], searcher, products)
    sayings = reader.sayings([(unit, found.hits[unit.hit]) for unit in units])
    if owner not in sayings:
        return None
    sayings = {**reader.sayings(_further(found.asked, set(sayings), reader, judge)), **sayings}
    meant = products.named(question, sorted(sayings, key=lambda name: -sayings[name].unit.score))
    meant = [name for name in meant if comparable(sayings[name].unit.unit, best.unit, kind)]
    if owner not in meant or len(meant) < 2:
        return None
    groups: list[list[Saying]] = []
    for name in sorted(meant, key=lambda name: name != owner):  # the best one's first
        group = next((g for g in groups if same(g[0].values, sayings[name].values, kind)), None)
        if group is None:
            groups.append([sayings[name]])
        else:
            group.append(sayings[name])
    groups = [sorted(group, key=lambda saying: saying.bare) for group in groups]
    if len(groups) == 1:  # only of one and the same clause is it said that it holds for several
        groups = [[saying for saying in groups[0] if one_clause(saying.unit.unit, best.unit)]]
    return Choice(tuple(map(tuple, groups)), found.asked) if len(groups[0]) > 1 or len(groups) > 1 else None


class _Reader:
    """Which units answer a question nearly as well as the best one, and on the same subject."""

    def __init__(self, question: str, best: Scored, hit: Hit, searcher: Searcher, products: Products):
        self.question, self.searcher, self.products = question, searcher, products
        self._kind = kind_asked(question)
        self._asked = matching_tokens(question)
        self._subjects = _SUBJECT.findall(question)
        self._weight = searcher.rarity(sorted(self._asked))
        self._score, self._held = max(LEAST, NEAR * best.score), ON_SUBJECT * self._share(_said(best, hit))

    def _share(self, said: str) -> float:
        """How much of the question's words, by rarity, it holds."""
        words = matching_tokens(said)
        return sum(self._weight[token] for token in self._asked & words)

    def on_subject(self, unit: Scored, hit: Hit) -> bool:
        """Whether a unit, with what stands over it, speaks of what is asked as the best one does."""
        said = normalise(_said(unit, hit))
        return all(subject in said for subject in self._subjects) and self._share(said) >= self._held

    def sayings(self, units: Sequence[tuple[Scored, Hit]]) -> dict[str, Saying]:
        """product -> the best of these units that answers for it, best first."""
        found: dict[str, Saying] = {}
        for unit, hit in sorted(units, key=lambda pair: -pair[0].score):
            if unit.score < self._score:
                break
            name = self.products.of(unit, hit)
            if not name or name in found or not self.on_subject(unit, hit):
                continue
            if values := told(unit.unit, self.question, self._kind, hit.read[unit.section].headings):
                found[name] = Saying(name, unit, hit, values)
        return found


def _further(asked: str, known: set[str], reader: _Reader, judge: Judge) -> list[tuple[Scored, Hit]]:
    """Judged units of products that a wider search finds: the best few of each on the subject, by words and passage."""
    hits = disarmed(reader.searcher.search(asked, WIDE, rerank=False, copies=True))
    taken: dict[str, list[Scored]] = {}
    for unit in candidates(asked, hits, reader.searcher.rarity):
        name = reader.products.of(unit, hits[unit.hit])
        if name and name not in known and len(taken.get(name, ())) < EACH and reader.on_subject(unit, hits[unit.hit]):
            taken.setdefault(name, []).append(unit)
    units = [unit for rank in range(EACH) for of in taken.values() for unit in of[rank : rank + 1]][:READ]
    return [(unit, hits[unit.hit]) for unit in judged(asked, units, hits, judge)] if units else []


def _said(unit: Scored, hit: Hit) -> str:
    return "\n".join((*hit.read[unit.section].headings[-2:], unit.unit.context, unit.unit.plain))


def _cited(number: int, saying: Saying) -> Citation:
    hit, section = saying.hit, saying.hit.read[saying.unit.section]
    return Citation(number, hit.source, hit.title, saying.unit.unit.text, section.page, section.headings, hit.edition,
                    hit.also)
