"""One of the things that a question compares: which words speak of it, and which of their figures may be what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answer import refusal
from rag.answer.asked_kind import lacks_kind
from rag.answer.candidates import Scored
from rag.answer.comparison import Comparison
from rag.answer.evidence import Evidence
from rag.answer.members import says_member
from rag.answer.referent import Names
from rag.index.asked import OF_MONTH
from rag.index.hit import Hit
from rag.text.figures import Figure, find_figures
from rag.text.normalise import normalise
from rag.text.sentences import Unit

COMPARABLE = ("amount", "percent", "duration", "age", "ratio", "count")
_EXAMPLE = re.compile(r"\s*(?:示例|例如|案例|举例)")
_TIME_WORDS = re.compile(r"^(?:原来|现在|[新旧老]版)$")


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


def speaks_of(compared: Comparison, index: int, hits: Sequence[Hit], naming: Naming) -> Callable[[Scored], bool]:
    """Which units of the passages speak of one compared thing."""
    member = compared.members[index]
    if re.fullmatch(OF_MONTH, member):
        month = int(member.partition("月")[0])
        dated = {hit.source for hit in hits if re.search(rf"\d{{4}}-{month:02d}(?:-|$)", hit.edition[:7])}
        if dated:
            return lambda one: hits[one.hit].source in dated
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


def figures_of(question: str, unit: Unit) -> list[Figure]:
    """The figures in a unit that may be what a question asks for."""
    return [f for f in find_figures(unit.plain) if f.kind in COMPARABLE and not lacks_kind(question, f.raw)]


def kinds_of(question: str, unit: Unit | None) -> set[str]:
    """The kinds of such figures."""
    return {f.kind for f in figures_of(question, unit)} if unit else set()
