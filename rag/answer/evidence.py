"""Evidence first: which exact words of the found passages answer the question. What wins among the candidates becomes the
citations, widened by its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.answer.candidates import Rarity, Scored, candidates, matching_tokens
from rag.answer.fitting import of_another_series_member, without_key
from rag.answer.judging import Judge, asks_example, in_example, in_order
from rag.answer.notes import note_of
from rag.answer.parts import other_part
from rag.answer.result import Citation
from rag.index.hit import Hit, Section
from rag.text.sentences import Unit, cells, split_units
from rag.text.series import members
from rag.text.tokens import bigrams

OF_NO_CASE = 2  # rows of a table by ages that are read where the question says no age of it
READ = 24  # units that the reranker reads
WINDOW_CHARS = 240
ALSO, ALSO_NEAR = 0.25, 0.35  # a second unit is quoted from this score on, and from this share of the best one's
SAME = 0.75  # share of its words that the first one holds, from which on it says nothing new
NEAR = 0.6  # a further passage is cited when its best unit scores at least this share of the best


@dataclass(frozen=True)
class Evidence:
    """The citations, best first; `best` is the unit the answer most likely stands in, None where nothing was found.

    `also` is a further unit to quote beside it: one that answers nearly as well and says something else. `strong` are
    these two with title and headings: the answer's figures must stand there, and not in a neighbouring row. `answers`
    (0…1) is how sure the reranker is that any unit answers; None where it did not read. `units` are those it was
    given, best first; what it was too sure to read on stands behind. `told`: the two say it together, and a sentence made
    of either alone would be wrong.
    """

    citations: tuple[Citation, ...]
    best: Unit | None
    strong: tuple[str, ...] = ()
    answers: float | None = None
    also: Unit | None = None
    units: tuple[Scored, ...] = ()
    told: bool = False

    def number_of(self, unit: Unit) -> int:
        """The citation that holds a unit."""
        return next((c.number for c in self.citations if holds(c, unit)), 1)


def holds(citation: Citation, unit: Unit) -> bool:
    """Whether a citation holds a unit: of a row also its caption and header, for another table may have the same row."""
    above, _, words = unit.text.rpartition("\n")
    return words in citation.text and above in citation.text


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
        scored = _few_of_no_case(question, scored, hits)
        scored, answers = in_order(question, scored, hits, judge, read)
    scored = _whole_first(scored)
    related = _of_the_plan(question, scored, hits) or _marked(question, scored, hits)
    best, beside = related or (scored[0], _twin(question, scored, hits))
    if beside is None and judge is not None:
        beside = other_part(question, scored[:read], hits, judge)
    if related is None and not asks_example(question):
        scored = _without_examples(best, scored, hits)
    places = _best_of_each_place(scored, best.score * NEAR)
    chosen = [best, beside, *(one for one in places if one not in (best, beside))] if beside else places
    citations = _cited(chosen, scored, hits, most)
    also = None
    if answers is not None:
        also = beside or _second(scored, lambda one: any(holds(c, one.unit) for c in citations))
        if also is None and (also := _second(scored, lambda one: _named_as_well(hits[one.hit], hits[best.hit]))):
            citations = _cited([best, also, *(one for one in places if one is not best)], scored, hits, most)
    strong = [with_context(s, hits[s.hit], hits[s.hit].read[s.section]) for s in (best, also) if s is not None]
    read = tuple(scored[:READ]) if answers is not None else ()
    return Evidence(tuple(citations), best.unit, tuple(strong), answers, also.unit if also else None, read, bool(related))


def _without_examples(best: Scored, scored: list[Scored], hits: Sequence[Hit]) -> list[Scored]:
    """Beside a rule no example: its figures are somebody's. Unless the best unit is one itself."""
    def example(one: Scored) -> bool:
        return in_example(one.unit, hits[one.hit].read[one.section].headings)

    return scored if example(best) else [one for one in scored if not example(one)]


def _few_of_no_case(question: str, scored: list[Scored], hits: Sequence[Hit]) -> list[Scored]:
    """Of rows of one table by ages, years or terms that are not the one asked about the first few; the others behind all:
    a rate table would take the places of the sentence that answers."""
    first, behind = [], []
    seen: Counter[tuple[str, str]] = Counter()
    for one, alike in zip(scored, without_key(question, [s.unit for s in scored]), strict=True):
        if alike:
            table = (hits[one.hit].source, one.unit.text.rsplit("\n", 1)[0])
            seen[table] += 1
        (behind if alike and seen[table] > OF_NO_CASE else first).append(one)
    return first + behind


def _whole_first(scored: list[Scored]) -> list[Scored]:
    """Where the best unit is an item of an enumeration that is itself among the candidates, that goes before it."""
    best = scored[0]
    words = best.unit.text.split("\n")[-1]
    whole = next((s for s in scored[1:] if s.unit.kind == "enumeration" and s.place == best.place and words in s.unit.text), None)
    if best.unit.kind == "enumeration" or whole is None:
        return scored
    return [replace(whole, score=best.score), *(s for s in scored if s is not whole)]


def _of_the_plan(question: str, scored: list[Scored], hits: Sequence[Hit]) -> tuple[Scored, Scored] | None:
    """Where the best unit is a row of another plan than the one asked about: the words of its document that say how the two
    are related (计划二的保险费为计划一的1.75倍), and the row beside them."""
    row = scored[0]
    heading = hits[row.hit].read[row.section].headings[-1:]
    if row.unit.kind != "row" or not of_another_series_member(question, row.unit, heading):
        return None
    both = [members(question), members(" ".join((*heading, row.unit.text)))]
    words = next((one for one in scored if one.unit.kind == "sentence" and _names_all(both, one.unit.plain)
                  and hits[one.hit].source == hits[row.hit].source), None)
    return None if words is None else (replace(words, score=row.score), row)


def _names_all(wanted: Iterable[dict[str, set[str]]], words: str) -> bool:
    told = members(words)
    return all(named <= told.get(series, set()) for one in wanted for series, named in one.items())


def _marked(question: str, scored: list[Scored], hits: Sequence[Hit]) -> tuple[Scored, Scored] | None:
    """Where a cell of the best row has a note: the row, and the note beside it."""
    note = note_of(scored[0], hits, question)
    return (scored[0], note) if note else None


def _twin(question: str, scored: list[Scored], hits: Sequence[Hit]) -> Scored | None:
    """The same row of a like table under another caption (方案一, 方案二) that fits as well: which is meant is not said, and
    one figure alone would pass for the only one."""
    best = scored[0]
    if best.unit.kind != "row":
        return None
    header, _, row = best.unit.text.split("\n")[-3:]
    for one in scored[1:READ]:
        if one.unit.kind != "row" or one.score < ALSO_NEAR * best.score or hits[one.hit].source != hits[best.hit].source:
            continue
        other, _, values = one.unit.text.split("\n")[-3:]
        if other == header and values != row and cells(values)[0] == cells(row)[0] and one.unit.context != best.unit.context:
            own = set(bigrams(best.unit.context)) - set(bigrams(one.unit.context))
            return None if own & set(bigrams(question)) else one
    return None


def _cited(chosen: Sequence[Scored], scored: list[Scored], hits: Sequence[Hit], most: int) -> list[Citation]:
    """At most so many citations, each a unit with its neighbours."""
    citations: list[Citation] = []
    for one in chosen:
        if len(citations) == most:
            break
        hit = hits[one.hit]
        section = hit.read[one.section]
        text = _window(split_units(section.text), one, scored, section.text)
        if any(text in c.text and c.source == hit.source for c in citations):
            continue  # passages of two hits may overlap
        citations.append(Citation(len(citations) + 1, hit.source, hit.title, text, section.page, section.headings,
                                  hit.edition, hit.also))
    return citations


def _named_as_well(hit: Hit, best: Hit) -> bool:
    """Whether a question that names the best one's document names this one's too: another product's figure answers nothing."""
    return hit.source == best.source or hit.parts.get("title", 0.0) >= best.parts.get("title", 0.0)


def _second(scored: list[Scored], may: Callable[[Scored], bool]) -> Scored | None:
    """Of the units that `may` stand beside the best the first that answers nearly as well and says something else."""
    best = scored[0]
    said = matching_tokens(f"{best.unit.context}\n{best.unit.plain}")  # a row is told with the sentence above its table
    for one in scored[1:READ]:
        if one.score < max(ALSO, ALSO_NEAR * best.score):
            return None
        if _alike(one.unit, best.unit):
            continue
        words = matching_tokens(one.unit.plain)
        if len(words & said) < SAME * len(words) and may(one):
            return one
    return None


def _alike(row: Unit, best: Unit) -> bool:
    """Whether a row is another one of a table by ages, years or terms like the best's: which of them is meant was asked."""
    if row.kind != "row" or best.kind != "row":
        return False
    header, _, values = best.text.split("\n")[-3:]
    return cells(values)[0].isdigit() and cells(row.text.split("\n")[-3])[0] == cells(header)[0]


def with_context(scored: Scored, hit: Hit, section: Section) -> str:
    """A unit as an answer is checked against it: with its title and headings."""
    return "\n".join((hit.title, *section.headings, scored.unit.text))


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
    # a row of names and values is several units of the same words
    return _joined(list(dict.fromkeys(units[p].text for p in sorted(taken))), passage)


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
