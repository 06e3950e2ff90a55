"""The project's own instruction set as prompts: its evidence widened to passages as the assistant cites them, among others."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rag.answer.follow_up import standalone
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Turn
from rag.text.sentences import cells
from training.data.licences import OFFICIAL, OWN
from training.data.reading.around import arranged, fitting, only_tempting, passage_of, rows_around
from training.data.reading.draft import Draft, Passage
from training.data.reading.grid import Grid
from training.data.reading.material import Clauses, Material
from training.data.reading.verify import fault, says, tight
from training.data.record import Record
from training.data.render import reading_record

NAME = "own-instruction-set"


class Places:
    """Where the words of an item stand in its document."""

    def __init__(self, material: Material):
        self.material = material
        self.grids: dict[str, list[Grid]] = defaultdict(list)
        self.clauses: dict[str, list[Clauses]] = defaultdict(list)
        for grid in material.grids:
            self.grids[grid.source].append(grid)
        for section in material.clauses:
            self.clauses[section.source].append(section)

    def passages(self, item: dict, chance: random.Random) -> tuple[list[Passage], list[str]]:
        """Passages that hold the item's evidence, and the units in them that do."""
        words = [line for line in item["evidence"] if not set(line) <= set("|- ")]
        if words and words[-1].lstrip().startswith("|") and (found := self._rows(item["source"], words, chance)):
            return found
        passages: dict[str, Passage] = {}
        units = []
        for line in words:
            passage, unit = self._clause(item["source"], line) or self._bare(item["source"], line)
            passages.setdefault(passage.text, passage)
            units.append(unit)
        return list(passages.values()), units

    def _rows(self, source: str, lines: list[str], chance: random.Random) -> tuple[list[Passage], list[str]] | None:
        found = self.rows(source, [line for line in lines if line.lstrip().startswith("|")])
        if found is None or not found[1]:
            return None
        grid, rows = found
        shown = fitting(grid, rows_around(grid, rows[0], chance.randint(1, 4), chance), rows)
        return [passage_of(grid, shown)], [grid.text(rows)]

    def rows(self, source: str, lines: Sequence[str]) -> tuple[Grid, list[int]] | None:
        """The table of a document that holds these lines, a header and rows of it, and where the rows stand in it."""
        wanted = [tuple(cells(line)) for line in lines]
        for grid in self.grids[source]:
            rows = [place for place, row in enumerate(grid.rows) if row in wanted]
            if grid.header in wanted and len(rows) == len(wanted) - 1:
                return grid, rows
        return None

    def _clause(self, source: str, line: str) -> tuple[Passage, str] | None:
        wanted = tight(line)
        for section in self.clauses[source]:
            for place, unit in enumerate(section.units):
                if wanted in tight(unit.text):
                    return section.passage(place), unit.text
        for section in self.clauses[source]:  # words over several sentences
            if wanted in tight("".join(unit.text for unit in section.units)):
                for place in range(len(section.units)):
                    if wanted in tight(section.window(place)):
                        return section.passage(place), section.window(place)
        return None

    def _bare(self, source: str, line: str) -> tuple[Passage, str]:
        return self.bare(source, line), line

    def bare(self, source: str, words: str) -> Passage:
        """Words alone, where the material leaves their section or so wide a table out."""
        near = self.material.by_document.get(source)
        title = near[0].title if near else source.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        return Passage(source, title, (), words)


def records(items: Iterable[dict], material: Material, seed: int, dropped: Counter) -> Iterator[Record]:
    """Each item as a conversation; those whose answer the assistant's checks would not let pass are counted and left out."""
    places = Places(material)
    chance = random.Random(f"{seed}/{NAME}")
    for item in items:
        draft = _draft(item, places, chance)
        if why := fault(draft):
            dropped[why] += 1
            continue
        yield reading_record(draft)


def _draft(item: dict, places: Places, chance: random.Random) -> Draft:
    history = [Turn(turn["role"], turn["content"]) for turn in item.get("history", ())]
    question = standalone(item["question"], history) if history else item["question"]
    passages, units = places.passages(item, chance)
    licence = OFFICIAL if item.get("law") else OWN
    topic, answer = item.get("topic", ""), item["answer"]
    if answer == NO_ANSWER:
        shown = only_tempting(item["source"], topic, places.material, lambda p: False, chance, passages[:2])
        return Draft("absent", question, answer, shown, (), item["source"], topic, licence, NAME)
    shown, gold = arranged(passages, places.material, topic, lambda p: says(p.text, answer), chance)
    return Draft(item["kind"], question, answer, shown, gold, item["source"], topic, licence, NAME, tuple(units))
