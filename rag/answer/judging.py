"""Units read together with the question by the reranker, whose word decides, less what rules know better: bands, rows,
tables, sides, worked examples, kinds of value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rag.answer.asked_kind import lacks_kind
from rag.answer.candidates import UNIT_CHARS, Scored, bands_of, items_behind_lead
from rag.answer.fitting import (
    KEY,
    NO_KEY,
    by_row,
    by_table,
    named_cell,
    of_another_series_member,
    of_the_case,
    of_the_series_member,
    with_key,
    without_key,
)
from rag.answer.matters import of_another_matter
from rag.answer.opposites import OTHER_SIDE, by_side
from rag.answer.yes_no import asks as asks_yes_no
from rag.answer.yes_no import asks_rule, states_rule
from rag.index.hit import Hit
from rag.text.bands import fit, quantities
from rag.text.sentences import Unit
from rag.text.series import of_the_edition, one_edition
from rag.text.tokens import bigrams

FIRST, SURE = 14, 0.9  # so many units are read first, and the others only where these leave it open whether one answers
WORDS = 1.0  # logits for all that words and passage say of a unit, which late interaction half forgets
CELL = 2.0  # logits that a row gains, where it is weighed whether anything answers, whose age and column were asked
OF_ANOTHER_MATTER = 3.0  # logits that a unit loses of a paper on 消费贷款 where 信用卡 is asked about
EDITION = 1.5  # logits that a product's paper loses which is not of the one edition (25版) that the question names
MEMBER = 3.0  # logits that what names the very 金卡 gains, where what reads best is of the 白金卡
NAMED_CELL = 1.0  # logits that a row gains whose name and column the question says
UNLIKE = 1.0  # logits that a unit loses which cannot hold what is asked
EXAMPLE = 2.0  # logits that a unit out of a worked example loses
OUTSIDE = 4.0  # logits below its fitting neighbour that a unit stands whose band does not hold the question's quantity
_FAQ = re.compile(r"([^。？?\n]{4,60})[？?]")
_WORKED = re.compile(r"[×÷*][^。=＝]{0,24}[=＝]\s*[\d,.]+")  # 100,000÷（1+0.80%）＝99,206.35元
_EXAMPLE = re.compile(r"示例|举例|例子|案例|演示|^例\s*[0-9一二三：:]|先生|女士")

Judge = Callable[[str, Sequence[str]], np.ndarray]  # logits of texts, above 0 where a text answers the question


def read_as(scored: Scored, hit: Hit) -> str:
    """A unit as the reranker reads it: where it stands, what it is about, and its words."""
    return as_read(" ".join((*_unsaid(hit.product, hit.title), hit.title, *hit.read[scored.section].headings[-2:])), scored.unit)


def _unsaid(product: str, title: str) -> tuple[str, ...]:
    """The product, where the title says little of its name: 畅途贷 of 个人汽车贷款合同通用条款."""
    pairs = set(bigrams(product))
    return (product,) if 2 * len(pairs & set(bigrams(title))) < len(pairs) else ()


def as_read(above: str, unit: Unit) -> str:
    """The same of a unit below `above`, its title and headings."""
    return "\n".join(part for part in (above, unit.context, unit.plain[:UNIT_CHARS]) if part)


def in_order(question: str, scored: list[Scored], hits: Sequence[Hit], judge: Judge, read: int) -> tuple[list[Scored], float]:
    """The first `read` units in the judge's order, with its probabilities as scores; the others stay behind them.

    Also how sure the judge is that one of them answers: the softmax of their logits beside a zero for "none".
    """
    first = min(read, FIRST)
    logits = _logits(question, scored[:first], hits, judge)
    if _none(logits) > 1.0 - SURE:
        logits = np.concatenate([logits, _logits(question, scored[first:read], hits, judge)])
    head, tail = scored[: len(logits)], scored[len(logits) :]
    elsewhere = OF_ANOTHER_MATTER * _of_another_matter(question, head, hits)
    none = _none(logits + CELL * of_the_case(question, [s.unit for s in head]) - elsewhere)
    logits = logits + WORDS * (np.array([s.score for s in head]) - head[0].score)
    units = [s.unit for s in head]
    sources = [hits[s.hit].source for s in head]
    above = [" ".join(hits[s.hit].read[s.section].headings[-1:]) for s in head]
    logits = by_table(question, units, sources, above, by_row(question, units, sources, _by_bands(question, head, hits, logits)))
    logits = logits + KEY * with_key(question, units) - NO_KEY * without_key(question, units) - OTHER_SIDE * by_side(question, units)
    logits = logits + NAMED_CELL * named_cell(question, units)
    logits = logits - EXAMPLE * _examples(question, head, hits) - UNLIKE * _of_another_kind(question, head)
    logits = logits - elsewhere - EDITION * _not_of_the_edition(question, [hits[s.hit] for s in head])
    best = int(np.argmax(logits))
    if of_another_series_member(question, units[best], [above[best]]):
        logits = logits + MEMBER * of_the_series_member(question, units, above)
    head = [replace(s, score=float(1.0 / (1.0 + math.exp(-x)))) for s, x in zip(head, logits, strict=True)]
    head.sort(key=lambda s: -s.score)
    lowest = head[-1].score / (scored[0].score or 1.0)
    return head + [replace(s, score=s.score * lowest) for s in tail], 1.0 - none


def _logits(question: str, units: Sequence[Scored], hits: Sequence[Hit], judge: Judge) -> np.ndarray:
    """One a unit; a list counts as its best item where yes or no is asked, for one item decides that."""
    if not units:
        return np.zeros(0)
    apart = asks_yes_no(question)
    readings = [[read_as(replace(one, unit=replace(one.unit, plain=words)), hits[one.hit])
                 for words in (items_behind_lead(one.unit) if apart else (one.unit.plain,))] for one in units]
    logits = np.asarray(judge(question, [text for texts in readings for text in texts]), dtype="float64")
    return np.maximum.reduceat(logits, np.cumsum([0, *map(len, readings[:-1])]))


def _none(logits: np.ndarray) -> float:
    """How sure the judge is that none of them answers."""
    return 1.0 / (1.0 + float(np.exp(logits).sum()))


def judged(question: str, units: Sequence[Scored], hits: Sequence[Hit], judge: Judge) -> list[Scored]:
    """These units as the judge orders them, with its probabilities as scores."""
    return in_order(question, list(units), hits, judge, len(units))[0]


def _examples(question: str, units: list[Scored], hits: Sequence[Hit]) -> np.ndarray:
    """1 for each unit that works through somebody's example, unless the question is about one: its figures are theirs."""
    if asks_example(question):
        return np.zeros(len(units))
    return np.array([in_example(u.unit, hits[u.hit].read[u.section].headings)
                     or _answers_another(question, u.unit, hits[u.hit].read[u.section].text) for u in units], dtype="float64")


def _answers_another(question: str, unit: Unit, text: str) -> bool:
    """Whether a sentence answers a question of a FAQ that is about another age, term or sum (缴费11年，能领几个月？) than the
    one asked about."""
    asked = quantities(question)
    line = text[: max(0, text.find(unit.text))].rsplit("\n", 1)[-1] if asked and unit.kind == "sentence" else ""
    before = _FAQ.findall(line)
    stated = quantities(before[-1]) if before else []
    shared = {base for _, base in asked} & {base for _, base in stated}
    return bool(shared) and not any(one in stated for one in asked if one[1] in shared)


def asks_example(question: str) -> bool:
    """Whether a question is about somebody's example."""
    return bool(_EXAMPLE.search(question))


def in_example(unit: Unit, headings: Sequence[str]) -> bool:
    """Whether a unit works through somebody's example, by its first line, the heading it stands under, or its sums."""
    return bool(_EXAMPLE.search(" ".join((unit.text.split("\n")[0], *headings[-1:]))) or _WORKED.search(unit.plain))


def _of_another_matter(question: str, units: list[Scored], hits: Sequence[Hit]) -> np.ndarray:
    """1 for each unit of a paper on another matter than the one asked about."""
    said = [(hits[u.hit].title, *hits[u.hit].read[u.section].headings, u.unit.text) for u in units]
    return np.array([of_another_matter(question, title, " ".join((title, *rest))) for title, *rest in said], dtype="float64")


def _not_of_the_edition(question: str, hits: Sequence[Hit]) -> np.ndarray:
    """1 for each product's paper of another edition than the one by year that a question names, or of none; 0 for all where it
    names none. A notice may be of any."""
    if not one_edition(question):
        return np.zeros(len(hits))
    return np.array([bool(hit.product) and not of_the_edition(question, f"{hit.title} {hit.edition}") for hit in hits], dtype="float64")


def _of_another_kind(question: str, units: list[Scored]) -> np.ndarray:
    """How badly each unit lacks the kind of value asked for, 0 … 2; where a rule is asked for, 1 for what states none."""
    if asks_rule(question):
        return np.array([u.unit.kind != "row" and not states_rule(u.unit.plain) for u in units], dtype="float64")
    return np.array([lacks_kind(question, u.unit.plain) for u in units], dtype="float64")


def _by_bands(question: str, units: list[Scored], hits: Sequence[Hit], logits: np.ndarray) -> np.ndarray:
    """Of rows of one table, and of units in one place, that state bands, the one that holds the question's quantity goes before the others.

    满1年不足5年 and 满5年不足10年 read alike; which of them a seven-year case falls under is arithmetic.
    """
    asked = quantities(question)
    if not asked:
        return logits
    fits = [fit(asked, bands_of(u.unit)) for u in units]
    moved = logits.copy()
    tables = [(hits[u.hit].source, u.unit.text.split("\n")[-3]) if u.unit.kind == "row" else None for u in units]
    for places in (tables, [u.place for u in units]):
        for place in set(places) - {None}:
            here = [i for i, one in enumerate(places) if one == place and fits[i]]
            if any(fits[i] > 0 for i in here):
                best = max(moved[i] for i in here)
                for i in here:
                    moved[i] = max(moved[i], best) if fits[i] > 0 else min(moved[i], best - OUTSIDE)
    return moved
