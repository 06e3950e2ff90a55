"""What is told of compared things: each side's words with its own citation, and what code can say of both: which is more, by
how much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rag.answer.columns import asked_columns, columns_of, labels
from rag.answer.comparison import Comparison
from rag.answer.compose import Words
from rag.answer.members import says_member
from rag.answer.opposites import by_side
from rag.answer.quotation import quotation
from rag.answer.result import Citation
from rag.answer.side import COMPARABLE, Side, figures_of, kinds_of
from rag.text.figure_units import base_of
from rag.text.figures import Figure, find_figures
from rag.text.sentences import Unit
from rag.text.tokens import bigrams

QUOTE_CHARS = 80
LEAST_LINES = 3
_ENDS_ASCII = re.compile(r"[A-Za-z\d]$")  # 安鑫180：30%, no 安鑫18030%
_CLASS = re.compile(r"(?<![A-Za-z])[A-Z](?=类|份额|款|档)")  # Y类 and Y份额 are one
_SAYS_MORE = re.compile(r"高|多|长|贵|大|晚|久|重|慢")
_SAYS_LESS = re.compile(r"低|少|短|便宜|小|早|轻|快")
_LARGE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}


def compared_words(compared: Comparison, found: Sequence[Side]) -> Words | None:
    """The answer; None where no side is found, or what is found cannot be told apart."""
    there = [side for side in found if side.found]
    if not there:
        return None
    citations = _cited(there)
    if len(set(citations.numbers)) < len(there) and not _told_apart(compared, there):
        return None
    lines = [f"{compared.shown(side.member)}：{_quoted(side, compared)}[{number}]" for side, number in zip(there, citations.numbers, strict=True)]
    lines += [f"{compared.shown(side.member)}：现有资料没有写明这一项。" for side in found if not side.found]
    said = _conclusion(compared, there) if len(there) == len(found) else ""
    kind = "calculation" if "相差" in said else "quote"
    if said:  # it is made of both sides' figures
        said = said.removesuffix("。") + "".join(f"[{number}]" for number in dict.fromkeys(citations.numbers)) + "。"
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
    kinds = kinds_of(side.question, side.evidence.best)

    def worth(line: str) -> float:
        return len(asked & set(bigrams(line))) + 2 * says_member(compared.members, index, line)

    best = max([line for line in lines if kinds & kinds_of(side.question, Unit(line, line))] or lines, key=worth).strip()
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
        classes = set(_CLASS.findall(side.question))
        asked = [c for c in own if classes & set(_CLASS.findall(c[0]))]
        return [every[0], *(asked or own)[:1]]
    return asked_columns(unit, side.question)


def _conclusion(compared: Comparison, there: Sequence[Side]) -> str:
    """Which is more and by how much, where each side states one figure and they are of one kind; else nothing."""
    if any(by_side(side.question, [side.evidence.best])[0] for side in there):
        return ""  # one of them speaks of something else: both are shown, none is said to be more
    figures = _alike([_figures(side, compared) for side in there])
    if figures is None:
        return ""
    values = [base_of(f.unit)[1] * f.value for f in figures]
    parts = "，".join(f"{compared.shown(side.member)}{'：' if _ENDS_ASCII.search(side.member) else ''}{figure.raw}"
                     for side, figure in zip(there, figures, strict=True))
    if len(set(values)) == 1:
        return f"{parts}，两者相同。" if len(values) == 2 else f"{parts}，都相同。"
    said = parts
    if compared.more and (_SAYS_MORE.search(compared.more) or _SAYS_LESS.search(compared.more)):
        most = bool(_SAYS_MORE.search(compared.more))
        place = values.index(max(values) if most else min(values))
        said += f"，{compared.shown(there[place].member)}更{compared.more}"
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
        found = [f for f in find_figures(text) if f.kind in (*COMPARABLE, "bare")]
        return found if len(found) == 1 else []
    return figures_of(side.question, unit)


def _alike(found: Sequence[list[Figure]]) -> list[Figure] | None:
    """One figure of each side, all of one unit, where there is just one such choice."""
    choices = []
    for base in {base_of(f.unit)[0] for f in found[0]} if found and all(found) else ():
        picked = [[f for f in side if base_of(f.unit)[0] == base and isinstance(f.value, Decimal)] for side in found]
        if all(len({f.value for f in side}) == 1 for side in picked):
            choices.append([side[0] for side in picked])
    return choices[0] if len(choices) == 1 else None
