"""Evidence first: which exact words of the found passages answer the question.

Units (sentences, lists, table rows) are first ordered by the question's rare words they share and by their passage's
rank; the best of them are read together with the question by the reranker, whose word decides. What wins becomes the
citations, widened by its neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from rag.answer.asked_kind import lacks_kind
from rag.answer.enumeration import Enumeration, enumerations
from rag.answer.fitting import KEY, NO_KEY, OTHER_SIDE, by_row, by_side, by_table, with_key, without_key
from rag.answer.result import Citation
from rag.answer.yes_no import asks as asks_yes_no
from rag.index.hit import Hit, Section
from rag.text.bands import Band, bands, fit, quantities, row_bands
from rag.text.figures import find_figures
from rag.text.sentences import Unit, split_units
from rag.text.tokens import STOP_WORDS, bigrams, words

ASKS_FIGURE = re.compile(r"多少|几|多久|多长|比例|利率|费率|金额|额度|上限|下限|何时|什么时候|哪天|期限|年龄|多高|多大|折")
_EXAMPLE = re.compile(r"示例|举例|例子|案例|演示|^例\s*[0-9一二三：:]|先生|女士")
_ASKS_LIST = re.compile(r"哪些|哪几|怎么办|怎么(?!样)|怎样|如何|步骤|流程|手续|材料|条件|情形|情况下|分别|种类")
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z]")
ASKS_ITEMS = re.compile(
    r"哪些|哪几(?!天|年|月|个月)|几[种类项条个](?!月|工作日|交易日)|什么(?:材料|资料|条件|手续|证件|东西|情形|情况|步骤|流程|方案)|都?有(?:什么|啥)|包括什么|啥(?:材料|条件|手续)|"
    r"步骤|流程|怎么(?:申请|处理|开通|办)|按顺序|套路|要准备|分为|情形|情况下|什么情况")
SHARED, PASSAGE, CUE, FOUND, BAND = 1.0, 0.35, 0.25, 0.25, 0.2  # tuned on the built-in set over knowledge/
ABOUT = 0.8  # a word that stands in the title or heading over a unit counts so much of one that stands in it
READ = 24  # units that the reranker reads
UNIT_CHARS = 220  # of a unit are read
WINDOW_CHARS = 240
ALSO, ALSO_NEAR = 0.4, 0.5  # a second unit is quoted from this score on, and from this share of the best one's
UNLIKE = 1.0  # logits that a unit loses which cannot hold what is asked
EXAMPLE = 2.0  # logits that a unit out of a worked example loses
OUTSIDE = 4.0  # logits below its fitting neighbour that a unit stands whose band does not hold the question's quantity
SAME = 0.75  # share of its words that the first one holds, from which on it says nothing new
NEAR = 0.6  # a further passage is cited when its best unit scores at least this share of the best


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


@dataclass(frozen=True)
class Evidence:
    """The citations, best first; `best` is the unit the answer most likely stands in, None where nothing was found.

    `also` is a further unit to quote beside it: one that answers nearly as well and says something else. `strong` are
    these two with title and headings: the answer's figures must stand there, and not in a neighbouring row. `answers`
    (0…1) is how sure the reranker is that any unit answers; None where it did not read. `units` are those it read, best
    first.
    """

    citations: tuple[Citation, ...]
    best: Unit | None
    strong: tuple[str, ...] = ()
    answers: float | None = None
    also: Unit | None = None
    units: tuple[Scored, ...] = ()

    def number_of(self, unit: Unit) -> int:
        """The citation that holds a unit."""
        words = unit.text.split("\n")[-1]
        return next((c.number for c in self.citations if words in c.text), 1)


Rarity = Callable[[Sequence[str]], dict[str, float]]
Judge = Callable[[str, Sequence[str]], np.ndarray]  # logits of texts, above 0 where a text answers the question


def candidates(question: str, hits: Sequence[Hit], rarity: Rarity) -> list[Scored]:
    """Every unit of the hits that says anything, best first by words and passage alone.

    `rarity` gives the inverse document frequency of tokens.
    """
    asked = matching_tokens(question)
    weight = rarity(sorted(asked))
    total = sum(weight.values()) or 1.0
    asks_figure, asks_list = bool(ASKS_FIGURE.search(question)), bool(_ASKS_LIST.search(question))
    yes_no = asks_yes_no(question)
    asks_items = bool(ASKS_ITEMS.search(question))
    stated = quantities(question)
    top = max((h.score for h in hits), default=1.0) or 1.0
    scored: list[Scored] = []
    for number, hit in enumerate(hits):
        for part, section in enumerate(hit.read):
            units = split_units(section.text)
            places = list(range(len(units)))
            if asks_figure and not asks_list or yes_no:
                apart = [(place, part) for place, unit in enumerate(units) for part in _apart(unit)]
                places, units = [place for place, _ in apart], [part for _, part in apart]
            if asks_items:
                units = [*units, *map(_as_unit, enumerations(section.text))]
            about = matching_tokens(" ".join((hit.title, *section.headings[-2:])))
            captions = {unit.context for unit in units if unit.kind == "row"}
            for position, unit in zip_longest(places, units, fillvalue=len(units)):
                if _says_nothing(unit, section.headings, captions):
                    continue
                held = matching_tokens(unit.plain)
                context = about | matching_tokens(unit.context) if unit.context else about
                shared = sum(weight[t] * (1.0 if t in held else ABOUT) for t in asked if t in held or t in context)
                coverage = shared / total
                # A long unit holds more words by chance.
                score = SHARED * coverage / math.sqrt(max(1.0, len(unit.plain) / 120)) + PASSAGE * hit.score / top
                score += CUE * (asks_figure and bool(find_figures(unit.plain)))
                score += CUE * (asks_list and unit.kind in ("list", "enumeration"))
                score += BAND * (fit(stated, _bands_of(unit)) if stated else 0)
                score += FOUND * (section.found and unit.text.split("\n")[-1] in hit.piece)
                scored.append(Scored(unit, number, part, position, score))
    scored.sort(key=lambda s: -s.score)
    first: dict[tuple[str, str, str, bool], Scored] = {}
    for one in scored:  # passages of one document may overlap
        first.setdefault((hits[one.hit].source, one.unit.text, one.unit.plain, one.unit.kind == "enumeration"), one)
    return list(first.values())


def _apart(unit: Unit) -> list[Unit]:
    """A list that nothing leads in as its items: each says something by itself."""
    items = unit.text.split("\n")
    if unit.kind != "list" or items[0].rstrip().endswith(("：", ":")):
        return [unit]
    return [Unit(item, item) for item in items]


def read_as(scored: Scored, hit: Hit) -> str:
    """A unit as the reranker reads it: where it stands, what it is about, and its words."""
    section = hit.read[scored.section]
    above = " ".join((hit.title, *section.headings[-2:]))
    said = scored.unit.plain[:UNIT_CHARS]
    return f"{above}\n{scored.unit.context}\n{said}" if scored.unit.context else f"{above}\n{said}"


def select(question: str, hits: Sequence[Hit], rarity: Rarity, judge: Judge | None, most: int = 3,
           only: Callable[[Scored], bool] | None = None, read: int = READ) -> Evidence:
    """Citations for a question out of its hits. Without `judge` words and passages alone decide.

    `only`: which units may answer; `read`: how many of them the judge reads.
    """
    scored = [one for one in candidates(question, hits, rarity) if only is None or only(one)]
    if not scored:
        return Evidence((), None)
    answers = None
    if judge is not None:
        scored, answers = _judged(question, scored, hits, judge, read)
    scored = _whole_first(scored)
    best = scored[0]
    citations: list[Citation] = []
    for chosen in _best_of_each_place(scored, best.score * NEAR):
        if len(citations) == most:
            break
        hit = hits[chosen.hit]
        section = hit.read[chosen.section]
        text = _window(split_units(section.text), chosen, scored, section.text)
        if any(text in c.text and c.source == hit.source for c in citations):
            continue  # passages of two hits may overlap
        citations.append(Citation(len(citations) + 1, hit.source, hit.title, text, section.page, section.headings,
                                  hit.edition, hit.also))
    also = _second(scored, citations) if answers is not None else None
    strong = [_with_context(s, hits[s.hit], hits[s.hit].read[s.section]) for s in scored
              if s is best or s.unit is also]  # best first: they are in the order of their scores
    read = tuple(scored[:READ]) if answers is not None else ()
    return Evidence(tuple(citations), best.unit, tuple(strong), answers, also, read)


def _as_unit(one: Enumeration) -> Unit:
    return Unit(one.text, f"{one.lead}：{'；'.join(one.items)}" if one.lead else "；".join(one.items), "enumeration")


def _whole_first(scored: list[Scored]) -> list[Scored]:
    """Where the best unit is an item of an enumeration that is itself among the candidates, that goes before it."""
    best = scored[0]
    words = best.unit.text.split("\n")[-1]
    whole = next((s for s in scored[1:] if s.unit.kind == "enumeration" and s.place == best.place and words in s.unit.text), None)
    if best.unit.kind == "enumeration" or whole is None:
        return scored
    return [replace(whole, score=best.score), *(s for s in scored if s is not whole)]


def _second(scored: list[Scored], citations: Sequence[Citation]) -> Unit | None:
    """A unit that answers nearly as well as the best, says something else, and is cited."""
    best = scored[0]
    said = matching_tokens(best.unit.plain)
    for one in scored[1:READ]:
        if one.score < max(ALSO, ALSO_NEAR * best.score):
            return None
        words = matching_tokens(one.unit.plain)
        if len(words & said) < SAME * len(words) and any(one.unit.text.split("\n")[-1] in c.text for c in citations):
            return one.unit
    return None


def _judged(question: str, scored: list[Scored], hits: Sequence[Hit], judge: Judge, read: int) -> tuple[list[Scored], float]:
    """The first `read` units in the judge's order, with its probabilities as scores; the others stay behind them.

    Also how sure the judge is that one of them answers: the softmax of their logits beside a zero for "none".
    """
    head, tail = scored[:read], scored[read:]
    logits = np.asarray(judge(question, [read_as(s, hits[s.hit]) for s in head]), dtype="float64")
    none = 1.0 / (1.0 + float(np.exp(logits).sum()))
    units = [s.unit for s in head]
    sources = [hits[s.hit].source for s in head]
    above = [" ".join(hits[s.hit].read[s.section].headings[-1:]) for s in head]
    logits = by_table(question, units, sources, above, by_row(question, units, sources, _by_bands(question, head, hits, logits)))
    logits = logits + KEY * with_key(question, units) - NO_KEY * without_key(question, units) - OTHER_SIDE * by_side(question, units) - EXAMPLE * _examples(question, head, hits) - UNLIKE * _of_another_kind(
        question, head)
    head = [replace(s, score=float(1.0 / (1.0 + math.exp(-x)))) for s, x in zip(head, logits, strict=True)]
    head.sort(key=lambda s: -s.score)
    lowest = head[-1].score / (scored[0].score or 1.0)
    return head + [replace(s, score=s.score * lowest) for s in tail], 1.0 - none


def _examples(question: str, units: list[Scored], hits: Sequence[Hit]) -> np.ndarray:
    """1 for each unit that works through somebody's example, unless the question is about one: its figures are theirs."""
    if _EXAMPLE.search(question):
        return np.zeros(len(units))
    return np.array([bool(_EXAMPLE.search(" ".join((u.unit.text.split("\n")[0], *hits[u.hit].read[u.section].headings[-1:]))))
                     for u in units], dtype="float64")


def _of_another_kind(question: str, units: list[Scored]) -> np.ndarray:
    """How badly each unit lacks the kind of value asked for, 0 … 2."""
    return np.array([lacks_kind(question, u.unit.plain) for u in units], dtype="float64")


def _by_bands(question: str, units: list[Scored], hits: Sequence[Hit], logits: np.ndarray) -> np.ndarray:
    """Of rows of one table, and of units in one place, that state bands, the one that holds the question's quantity goes before the others.

    满1年不足5年 and 满5年不足10年 read alike; which of them a seven-year case falls under is arithmetic.
    """
    asked = quantities(question)
    if not asked:
        return logits
    fits = [fit(asked, _bands_of(u.unit)) for u in units]
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


def _bands_of(unit: Unit) -> list[Band]:
    return row_bands(unit.plain) if unit.kind == "row" else bands(unit.plain)


def _says_nothing(unit: Unit, headings: Sequence[str], captions: set[str]) -> bool:
    """Headings, captions, questions of a FAQ and scraps answer nothing."""
    text = unit.plain.strip()
    if unit.kind == "row" and len(set(unit.text.split("\n")[-3::2])) == 1:
        return True  # a header said again
    if unit.kind == "sentence" and len(_LETTER.findall(text)) < 2:
        return True  # 〔2024
    return len(text) < 4 or text in headings or text in captions or text.endswith(("？", "?"))


def _with_context(scored: Scored, hit: Hit, section: Section) -> str:
    return "\n".join((hit.title, *section.headings, scored.unit.text))


def matching_tokens(text: str) -> set[str]:
    """Words and character pairs by which a question and a passage are compared, without stop words."""
    return {t for t in words(text) if t not in STOP_WORDS} | {g for g in bigrams(text) if g not in STOP_WORDS}


def _best_of_each_place(scored: list[Scored], floor: float) -> list[Scored]:
    chosen: dict[tuple[int, int], Scored] = {}
    for one in scored:
        if one.place not in chosen and one.score >= floor:
            chosen[one.place] = one
    return list(chosen.values())


def _window(units: list[Unit], chosen: Scored, scored: list[Scored], passage: str) -> str:
    """The chosen unit with what stands around it in its section, up to WINDOW_CHARS: exact words, in order."""
    if chosen.unit.kind == "enumeration":
        return chosen.unit.text
    if chosen.unit.kind == "row":
        return _rows(units, chosen, scored)
    score = {s.position: s.score for s in scored if s.place == chosen.place}
    taken = {chosen.position}
    length = len(chosen.unit.text)
    first = last = chosen.position
    while True:
        around = [p for p in (last + 1, first - 1)
                  if 0 <= p < len(units) and p in score and units[p].kind != "row"
                  and length + len(units[p].text) <= WINDOW_CHARS]
        if not around:
            break
        nearest = max(around, key=lambda p: score[p])
        taken.add(nearest)
        length += len(units[nearest].text)
        first, last = min(first, nearest), max(last, nearest)
    return _joined([units[p].text for p in sorted(taken)], passage)


def _joined(parts: list[str], passage: str) -> str:
    """Neighbours joined as they stand in the passage: directly where they do there, else by a line break."""
    text = parts[0]
    for part in parts[1:]:
        text += part if text[-40:] + part in passage else "\n" + part
    return text


def _rows(units: list[Unit], chosen: Scored, scored: list[Scored]) -> str:
    """Header and the best rows of the same table, in the table's order."""
    header = chosen.unit.text.rsplit("\n", 1)[0]
    rows = [s for s in scored if s.place == chosen.place and s.unit.kind == "row"
            and s.unit.text.startswith(header) and s.score >= chosen.score * 0.8]
    positions = sorted({s.position for s in rows[:4]} | {chosen.position})
    return "\n".join([header, *(units[p].text.rsplit("\n", 1)[1] for p in positions)])


def judged(question: str, units: Sequence[Scored], hits: Sequence[Hit], judge: Judge) -> list[Scored]:
    """These units as the judge orders them, with its probabilities as scores."""
    return _judged(question, list(units), hits, judge, len(units))[0]
