"""The best unit as a customer reads it: a sentence as it stands, a table row as 列名：值, what is long cut at a clause."""

from __future__ import annotations

import re

from rag.answer.asked_kind import lacks_kind
from rag.answer.candidates import ASKS_FIGURE
from rag.answer.columns import asked_columns
from rag.answer.enumeration import enumerations, spoken
from rag.answer.evidence import Evidence
from rag.answer.judging import in_example
from rag.answer.result import Citation
from rag.answer.yes_no import asks, excludes, states_rule
from rag.text.figures import find_figures
from rag.text.sentences import Unit
from rag.text.tokens import STOP_WORDS, bigrams

PARTIAL = "partial"  # context of an enumeration or list that may go on in the document
# with how many items of how many (`items_told`): context of a list of which only what was asked is told, of one item or more
# of a longer list, and of a list that is told whole
SELECTED, ONE_OF, WHOLE = "selected", "one of", "whole"
_TOLD = {SELECTED: "（共{every}项，只列与所问有关的{told}项）", ONE_OF: "（共{every}项，这里是其中{told}项）", WHOLE: "（共{every}项）"}
QUOTE_CHARS = 150
EXAMPLE = "\n（以上是资料里的示例，您的以合同载明为准。）"  # somebody else's figures
SECOND_CHARS, BOTH_CHARS = 200, 420  # the second of two quotations may be so long, and both together
OTHER_FIGURE, ASKED_FIGURE = 2, 6  # shared character pairs that a clause's figures count for
_CLAUSE_ENDS = re.compile(r"(?<=[，；、;])|(?<=[：:,])(?!\d)")  # 540,475.90 and 12:30 stay whole
_CUT_FIGURE = re.compile(r"[\d.,:]+$")  # half a figure is another one


def quoted(evidence: Evidence, question: str) -> tuple[str, int]:
    """The best unit, and the next one where it is short, each with the mark of its citation; and how many they are."""
    best = quotation(evidence.best, question)
    cited = evidence.citations[evidence.number_of(evidence.best) - 1]
    best = f"{excluded_by(evidence.best, cited, question)}{best}"
    text = f"{best}[{cited.number}]"
    note = EXAMPLE if evidence.best.kind == "row" and in_example(evidence.best, cited.headings) else ""
    if evidence.also is not None:
        number = evidence.number_of(evidence.also)
        also = evidence.citations[number - 1]
        words = _unsaid(quotation(evidence.also, question), best)
        if words and also.source != cited.source:
            words = f"《{also.title}》：{words}"  # another product's figure must not pass for this one's
        if 0 < len(words) <= SECOND_CHARS and len(best) + len(words) <= BOTH_CHARS:
            return f"{text}\n{words}[{number}]{note}", 2
    return f"{text}{note}", 1


def excluded_by(unit: Unit, cited: Citation, question: str) -> str:
    """What stands over an item of exclusions, its heading or the words that lead its line in, where yes or no is asked: the
    item alone (绝育、去势) says neither."""
    if not asks(question) or unit.kind == "row" or states_rule(unit.plain):
        return ""
    line = next((line for line in cited.text.split("\n") if unit.text in line), unit.text)
    lead, colon, _ = line[: line.find(unit.text)].partition("：")
    if colon and "。" not in lead and excludes(lead):
        return f"{lead}：……"
    over = "".join(cited.headings[-1:])
    return f"{over}：" if excludes(over) and over not in unit.text else ""


def _unsaid(words: str, best: str) -> str:
    """The second words; "" where the best ones have said all of them but what leads them in."""
    fresh = [line for line in map(str.strip, words.split("\n")) if line and line not in best]
    return "" if all(line.endswith(("：", ":")) for line in fresh) else words


def quotation(unit: Unit | None, question: str, most: int = QUOTE_CHARS) -> str:
    """The words of a unit, short enough to read in a chat; empty where there is none. A sentence keeps about `most`
    characters."""
    if unit is None:
        return ""
    if unit.kind == "row":
        return _row(unit, question)
    if unit.kind == "enumeration":
        return spoken(enumerations(unit.text)[0], unit.context != PARTIAL)
    text, told = unit.plain.strip(), _how_many(unit)
    if told or len(text) <= most or (unit.kind == "list" and most == QUOTE_CHARS):
        said = text if unit.kind == "list" else _middle(text, question, most) if len(text) > most else text
        return f"{said}\n{told}" if told else said
    return _middle(text, question, most)


def items_told(kind: str, told: int, every: int) -> str:
    """The context of a unit that tells so many items of a list's."""
    return f"{kind} {told}/{every}"


def _how_many(unit: Unit) -> str:
    """How many items of how many a unit tells; "" where that is not known of it."""
    if unit.context == PARTIAL:
        return f"（这里列出{len(unit.text.splitlines()) - 1}项，可能不全）"
    kind, _, count = unit.context.rpartition(" ")
    told, _, every = count.partition("/")
    return _TOLD[kind].format(told=told, every=every) if kind in _TOLD else ""


def _middle(text: str, question: str, most: int) -> str:
    """Of a long sentence the run of clauses that shares most with the question, and its figures where one is asked."""
    clauses = [c for c in _CLAUSE_ENDS.split(text) if c]
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    figure = bool(ASKS_FIGURE.search(question))
    worth = [len(asked & set(bigrams(c))) + figure * _figures(c, question) for c in clauses]
    best, chosen = -1.0, (0, 1)
    for first in range(len(clauses)):
        length, value = 0, 0
        for last in range(first, len(clauses)):
            length += len(clauses[last])
            value += worth[last]
            if length > most and last > first:
                break
            # Of equal runs the earlier and longer one: it says who and when.
            if value + 0.001 * length - 0.0001 * first > best:
                best, chosen = value + 0.001 * length - 0.0001 * first, (first, last + 1)
    said = "".join(clauses[slice(*chosen)])
    if len(said) > 2 * most:
        said = _CUT_FIGURE.sub("", said[: 2 * most])
    said = said.rstrip("，；、,;：:")
    return ("……" if chosen[0] else "") + said + ("……" if chosen[1] < len(clauses) else "")


def _figures(clause: str, question: str) -> int:
    """What a clause's figures are worth to a question for one: those of the kind that is asked for most (多少天: 30个自然日,
    not 30%以上)."""
    if not find_figures(clause):
        return 0
    return OTHER_FIGURE if lacks_kind(question, clause) else ASKED_FIGURE


def _row(unit: Unit, question: str) -> str:
    """What says which row it is, and of the other columns those the question speaks of, or all where it names none."""
    text = "；".join(f"{name}：{value}" if name and name != value else value for name, value in asked_columns(unit, question))
    return "　".join([*unit.context.splitlines(), text])
