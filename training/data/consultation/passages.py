"""The passages of a conversation: those that hold an item's evidence, and others that do not help."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.text.sentences import cells
from training.data.consultation.items import MARK, sentences
from training.data.own_set import Places
from training.data.reading.around import passage_of, tokens
from training.data.reading.draft import Passage
from training.data.reading.material import Clauses
from training.data.reading.verify import close, says, tight

MOST_IDLE, SHORTEST_IDLE, LONGEST_IDLE = 2, 24, 120  # how many that do not help; characters of one
TRIES = 40


@dataclass
class _Lines:
    """Lines of one section that are shown together."""

    section: Clauses
    at: set[int]

    @cached_property
    def lines(self) -> list[str]:
        return [line for unit in self.section.units for line in unit.text.split("\n")]

    def passage(self) -> Passage:
        return Passage(self.section.source, self.section.title, self.section.headings, "\n".join(self.lines[at] for at in sorted(self.at)))


def helpful_passages(item: Mapping, places: Places, around: int) -> tuple[list[Passage], list[list[int]]]:
    """Passages that hold the evidence, and for each place of the item which of them do."""
    shown: list[_Lines | Passage] = []
    numbers: list[list[int]] = []
    for place in item["places"]:
        numbers.append([_put(one, shown) for one in _holding(place, places, around)])
    return [one.passage() if isinstance(one, _Lines) else one for one in shown], numbers


def _holding(place: Mapping, places: Places, around: int) -> list[_Lines | Passage]:
    """What holds the words of one place: mostly one passage, several where they stand in several sections."""
    source = place["source"]
    words = [line for line in place["evidence"] if not line.lstrip().startswith("|")]
    rows = [line for line in place["evidence"] if line.lstrip().startswith("|")]
    found: list[_Lines | Passage] = []
    if rows:
        found.append(_table(source, rows, places, around) or places.bare(source, as_read(rows)))
    if words and (together := _running(source, words, places, around)):
        found.append(together)
    elif words:
        found += [_running(source, [line], places, around) or places.bare(source, as_read([line])) for line in words]
    return found


def _put(one: _Lines | Passage, shown: list[_Lines | Passage]) -> int:
    """Its place in `shown`: lines that touch others of their section are shown with those."""
    for at, other in enumerate(shown):
        if isinstance(one, _Lines) and isinstance(other, _Lines) and one.section is other.section \
                and {line + step for line in one.at for step in (-1, 0, 1)} & other.at:
            other.at |= one.at
            return at
        if one == other:
            return at
    shown.append(one)
    return len(shown) - 1


def _table(source: str, lines: Sequence[str], places: Places, around: int) -> Passage | None:
    """The rows under their header, with a neighbour where there is room."""
    found = places.rows(source, lines)
    if found is None:
        return None
    grid, rows = found
    return passage_of(grid, sorted({*rows, *([min(rows[-1] + 1, len(grid.rows) - 1)] if around else [])}))


def _running(source: str, words: Sequence[str], places: Places, around: int) -> _Lines | None:
    """The lines with the words and their neighbours up to `around` characters; of a long list the head and the lines that count."""
    wanted = [tight(line) for line in words]
    for section in places.clauses[source]:
        found = _Lines(section, set())
        held = [_run(found.lines, line) for line in wanted]
        if not all(held):
            continue
        found.at = set().union(*held)
        if found.lines[min(found.at)].startswith(tuple("0123456789-（(•")):
            found.at |= set([at for at in range(min(found.at)) if found.lines[at].endswith(("：", ":"))][-1:])
        length = sum(len(found.lines[at]) for at in found.at)
        while nearest := [at for at in (max(found.at) + 1, min(found.at) - 1)
                          if 0 <= at < len(found.lines) and length + len(found.lines[at]) <= around][:1]:
            found.at |= set(nearest)
            length += len(found.lines[nearest[0]])
        return found
    return None


def _run(lines: Sequence[str], wanted: str) -> range | None:
    """The fewest lines in a row that hold the words."""
    for size in range(1, len(lines) + 1):
        for first in range(len(lines) - size + 1):
            if wanted in tight("".join(lines[first : first + size])):
                return range(first, first + size)
        if size == 1 and wanted not in tight("".join(lines)):
            return None
    return None


def idle_passages(item: Mapping, helpful: Sequence[Passage], places: Places, topical: Sequence[Clauses], room: float,
          chance: random.Random) -> list[Passage]:
    """Passages of the same documents and topic that say nothing of the answer, as many as fit."""
    same = [section for one in item["places"] for section in places.clauses[one["source"]]]
    answered = [MARK.sub("", sentence) for sentence in sentences(item["answer"])]
    chosen: list[Passage] = []
    wanted = chance.randint(1, MOST_IDLE)
    for _ in range(TRIES):
        # What the item's own documents leave open, another passage of theirs might say.
        pool = same if same and item["settled"] == "whole" and chance.random() < 0.4 else topical
        if len(chosen) == wanted or not pool:
            break
        section = chance.choice(pool)
        passage = section.passage(chance.randrange(len(section.units)), min(LONGEST_IDLE, int(room)))
        if cost_of(passage) > room or len(passage.text) < SHORTEST_IDLE or passage.text.endswith(("：", ":")):
            continue
        if any(passage.text in other.text or other.text in passage.text for other in (*helpful, *chosen)):
            continue
        if close(passage.text, item["question"]) or any(says(passage.text, sentence) for sentence in answered):
            continue
        chosen.append(passage)
        room -= cost_of(passage)
    return chosen


def cost_of(passage: Passage) -> float:
    return cost(passage.title + "".join(passage.headings[-1:]) + passage.text)


def cost(*texts: str) -> float:
    """About how many tokens texts take in a conversation."""
    return sum(5 + tokens(text) for text in texts)


def as_read(lines: Sequence[str]) -> str:
    """Evidence as the checks read it: the first of a table's lines is its header, told by the rule below it."""
    first = next((at for at, line in enumerate(lines) if line.startswith("|")), None)
    if first is None:
        return "\n".join(lines)
    rule = f"|{' --- |' * len(cells(lines[first]))}"
    return "\n".join((*lines[: first + 1], rule, *lines[first + 1 :]))
