"""Items over running text: facts, times, conditions, yes and no, lists; and the clause next door, or none at all."""

from __future__ import annotations

import random

from rag.answer.prompt import NO_ANSWER
from rag.text.sentences import Unit
from training.data.reading import clause_words
from training.data.reading.around import ROOM, arranged, only_tempting, tokens
from training.data.reading.clause_words import Asked
from training.data.reading.draft import Draft, Passage
from training.data.reading.material import Clauses, Material
from training.data.reading.persona import spoken, typed
from training.data.reading.verify import close, says

_WAYS = ((clause_words.figure, 40), (clause_words.modal, 20), (clause_words.consequence, 20), (clause_words.meaning, 6))


def clause(section: Clauses, material: Material, chance: random.Random) -> Draft | None:
    """A question that one sentence or list of the section answers."""
    place = chance.randrange(len(section.units))
    unit = section.units[place]
    if (found := ask(unit, chance)) is None:
        return None
    kind, asked, answer, must = found
    window = section.passage(place)
    if tokens(window.text) > ROOM:
        return None
    passages, gold = arranged([window], material, section.topic, lambda p: _may_say(p, asked, answer), chance)
    return Draft(kind, worded(asked, section, chance), answer, passages, gold, section.source, section.topic,
                 section.licence, "", (unit.text,), must)


def ask(unit: Unit, chance: random.Random) -> Asked | None:
    """A question and answer over one unit; None where its words give none."""
    if unit.kind == "list":
        return clause_words.items(unit, chance)
    if unit.context and chance.random() < 0.5 and (found := clause_words.answered(unit, chance)):
        return found
    text = clause_words.bare(unit.plain)
    if not 8 <= len(text) <= 200:
        return None
    ways, weights = zip(*_WAYS, strict=True)
    first = chance.choices(ways, weights)[0]
    for way in (first, *(w for w in ways if w is not first)):
        if found := way(text, chance):
            return found
    return None


def worded(asked: str, section: Clauses, chance: random.Random) -> str:
    """The question in a customer's words, with the document's name now and then."""
    if section.name and section.name not in asked and chance.random() < 0.3:
        asked = chance.choice((f"{section.name}里，{asked}", f"{section.name}：{asked}", f"按{section.name}，{asked}", f"{section.name}，{asked}"))
    return typed(spoken(asked, chance, 0.4, keep=section.name), chance)


def next_door(section: Clauses, material: Material, chance: random.Random) -> Draft | None:
    """Sentences around the one that answers, without it: to be refused."""
    places = [p for p in range(len(section.units)) if len(section.units[p].plain) >= 8]
    if len(places) < 2:
        return None
    place = chance.choice(places)
    if (found := ask(section.units[place], chance)) is None:
        return None
    _, asked, answer, _ = found
    near = [section.units[p].text for p in range(max(0, place - 3), min(len(section.units), place + 4)) if p != place]
    shown = Passage(section.source, section.title, section.headings, "\n".join(near[: chance.randint(1, 3)]))
    if tokens(shown.text) > ROOM or _may_say(shown, asked, answer):
        return None
    passages = only_tempting(section.source, section.topic, material, lambda p: _may_say(p, asked, answer), chance, (shown,))
    return _refused("wrong_neighbour", asked, answer, passages, section, chance)


def absent(section: Clauses, material: Material, chance: random.Random) -> Draft | None:
    """Passages of the same document and topic, none of which answers: to be refused."""
    if (found := ask(section.units[chance.randrange(len(section.units))], chance)) is None:
        return None
    _, asked, answer, _ = found
    passages = only_tempting(section.source, section.topic, material, lambda p: _may_say(p, asked, answer), chance)
    return _refused("absent", asked, answer, passages, section, chance) if passages else None


def _refused(kind: str, asked: str, answer: str, passages: tuple[Passage, ...], section: Clauses, chance: random.Random) -> Draft:
    return Draft(kind, worded(asked, section, chance), NO_ANSWER, passages, (), section.source, section.topic,
                 section.licence, "", must=(answer,))


def _may_say(passage: Passage, asked: str, answer: str) -> bool:
    return says(passage.text, answer) or close(passage.text, asked)
