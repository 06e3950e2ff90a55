"""The project's own instruction set as the assistant meets it: what its own search and reading find for each question.

The same question is also asked over what is found when the words that answer are taken away: passages of the very
document that tempt and do not say.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator

from rag.answer.assistant import within
from rag.answer.finding import Finder
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Citation, Turn
from rag.text.sentences import split_units
from training.data.licences import OFFICIAL, OWN
from training.data.reading.draft import Draft, Passage
from training.data.reading.verify import fault
from training.data.record import Record
from training.data.render import reading_record
from training.reranker_data import holds, is_source

NAME = "own-as-asked"
LONGEST = 620  # estimated tokens of all passages: more than other data, for the assistant shows as much
TAKEN_AWAY = 0.4  # share of the answered questions that are asked again without the words that answer


def records(items: Iterable[dict], finder: Finder, chance: random.Random, dropped: Counter) -> Iterator[Record]:
    """Conversations of items over the documents that `finder` searches; those that fail the checks are counted."""
    for item in items:
        history = [Turn(turn["role"], turn["content"]) for turn in item.get("history", ())]
        found = finder.find(finder.ways(item["question"], history))
        if found.compared or found.evidence.best is None:
            dropped["比较题或什么也没有找到"] += 1
            continue
        shown = within(found.evidence.citations, finder.settings.prompt_tokens)
        for draft in _drafts(item, found.asked, shown, chance):
            if why := fault(draft, LONGEST):
                dropped[why] += 1
            else:
                yield reading_record(draft)


def _drafts(item: dict, asked: str, shown: list[Citation], chance: random.Random) -> Iterator[Draft]:
    """The question over what is shown, and, now and then, over what of the same document is left without its answer."""
    licence, answer = OFFICIAL if item.get("law") else OWN, item["answer"]
    more = (item["source"], item.get("topic", ""), licence, NAME)
    if answer == NO_ANSWER:
        yield Draft("absent", asked, answer, tuple(map(_passage, shown)), (), *more)
        return
    units = {place: [unit.text for unit in split_units(one.text) if holds(item["evidence"], unit.text)]
             for place, one in enumerate(shown) if is_source(item["source"], one.source)}
    gold = tuple(place for place, found in units.items() if found)
    if gold:
        answering = tuple(text for place in gold for text in units[place])
        yield Draft(item["kind"], asked, answer, tuple(map(_passage, shown)), gold, *more, answering)
    left = tuple(_passage(shown[place]) for place in units if place not in gold)
    if left and (not gold or chance.random() < TAKEN_AWAY):
        yield Draft("absent", asked, NO_ANSWER, left, (), *more, must=(answer,))


def _passage(citation: Citation) -> Passage:
    return Passage(citation.source, citation.title, citation.headings, citation.text)
