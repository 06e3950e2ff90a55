"""Lists to train the reranker on: each question with the one text that answers it and those that tempt.

Candidates come from the assistant's own search and in its own form, so that the reranker is taught on what it will read.
A refusal among the items (`training.instructions`) has no text that answers. Reading items (`training.data`) bring their
passages with them: the other units there tempt.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from rag.answer.candidates import candidates
from rag.answer.follow_up import standalone
from rag.answer.judging import as_read, read_as
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Turn
from rag.index.search import Searcher
from rag.text.figures import find_figures
from rag.text.sentences import split_units
from rag.text.tokens import bigrams
from training.data.own_set import NAME as OWN_SET
from training.data.record import Record

PASSAGES = 8
TEMPTING = 5  # wrong texts a list of the search holds at most
BESIDE = 9  # wrong units that a reading item's list holds at most
RIGHT = 2  # texts that answer, in a list
INSIDE = 0.9  # share of a unit's character pairs that the evidence must hold, or the other way round


@dataclass(frozen=True)
class Ranked:
    """A question with texts; `right` are the places of those that answer, empty where none does. `many`: made by the
    thousand, so that an epoch may take only some of its kind."""

    question: str
    texts: tuple[str, ...]
    right: tuple[int, ...]
    group: str  # what must not be parted between training and validation: the document
    many: bool = False


def ranked_list(item: dict, searcher: Searcher, chance: random.Random, tempting: int = TEMPTING) -> Ranked | None:
    """The list of one item with up to `tempting` wrong texts; None where the search does not find its evidence."""
    history = [Turn(turn["role"], turn["content"]) for turn in item.get("history", ())]
    question = standalone(item["question"], history, searcher.name_in) if history else item["question"]
    hits = searcher.search(question, PASSAGES)
    units = candidates(question, hits, searcher.rarity)
    refusal = item["answer"] == NO_ANSWER
    right, others = [], {}
    for unit in units:
        text, hit = read_as(unit, hits[unit.hit]), hits[unit.hit]
        if not refusal and is_source(item["source"], hit.source) and holds(item["evidence"], unit.unit.text):
            right.append(text)
        else:
            others.setdefault(text, unit.unit.plain)
    if not refusal and not right:
        return None
    right = list(dict.fromkeys(right))[:RIGHT]
    wrong = _wrong(item, {text: plain for text, plain in others.items() if text not in right}, chance, tempting)
    return Ranked(question, (*right, *wrong), tuple(range(len(right))), item["source"])


def _wrong(item: dict, others: dict[str, str], chance: random.Random, most: int) -> list[str]:
    """The first of `others` (text -> the unit's own words) that do not say the same, and one from further behind."""
    fits = lambda text: item["answer"] == NO_ANSWER or not as_good(item, others[text])  # noqa: E731
    texts = list(others)
    near = iter(texts[: 3 * most])  # the comparison is dear: further ones are only drawn from
    found = list(islice(filter(fits, near), most - 1))
    behind = [*near, *texts[3 * most :]]
    return found + list(filter(fits, chance.sample(behind, min(3, len(behind)))))[:1]


def reading_list(record: Record, chance: random.Random) -> Ranked | None:
    """The list of a reading item's own passages; None where none of their units holds its evidence, or many do."""
    refusal = record.answer == NO_ANSWER
    right, wrong = [], []
    for passage in record.passages:
        head, _, text = passage.partition("\n")
        above = head.replace("《", "").replace("》", " ")
        for unit in split_units(text):
            answers = not refusal and bool(record.evidence) and holds(record.evidence, unit.text)
            (right if answers else wrong).append(as_read(above, unit))
    right = list(dict.fromkeys(right))
    wrong = [text for text in dict.fromkeys(wrong) if text not in right]
    if (not wrong and not right) or (not refusal and not 0 < len(right) <= RIGHT):
        return None
    tempting = chance.sample(wrong, min(BESIDE, len(wrong)))
    return Ranked(record.question, (*right, *tempting), tuple(range(len(right))), record.document, many=True)


def is_source(wanted: str, source: str) -> bool:
    return source == wanted or source.endswith("/" + wanted)


def holds(evidence: Sequence[str], unit: str) -> bool:
    """Whether a unit is (a part of) one of the evidence strings; a table's header line alone does not count."""
    tight = re.sub(r"\s+", "", unit.split("\n")[-1] if unit.startswith("|") or "\n|" in unit else unit)
    for words in evidence[-1:] if evidence[-1].lstrip().startswith("|") else evidence:
        wanted = re.sub(r"\s+", "", words)
        if wanted in tight or (len(tight) >= 6 and tight in wanted) or shared(wanted, tight) >= INSIDE:
            return True
    return False


def as_good(item: dict, text: str) -> bool:
    """Whether a text elsewhere says the same: it holds every figure of the answer and most of the evidence's words."""
    figures = [f.raw for f in find_figures(item["answer"])]
    same_figures = bool(figures) and all(raw in text for raw in figures)
    return shared("".join(item["evidence"]), text) >= (0.5 if same_figures else 0.75)


def shared(inner: str, outer: str) -> float:
    pairs, known = bigrams(inner), set(bigrams(outer))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else 0.0


def build(items: Iterable[dict], searcher: Searcher, seed: int = 0, tempting: int = TEMPTING) -> Iterator[Ranked]:
    """The lists of every item whose evidence is found; `tempting` as in `ranked_list`."""
    chance = random.Random(seed)
    for item in items:
        if (found := ranked_list(item, searcher, chance, tempting)) is not None:
            yield found


def build_reading(records: Iterable[Record], seed: int = 0) -> Iterator[Ranked]:
    """The lists of those records that read passages; the project's own set is left to `build`, which searches."""
    chance = random.Random(seed)
    for record in records:
        reads = record.task in ("reading", "refusal") and record.source != OWN_SET and len(record.messages) <= 3
        if reads and (found := reading_list(record, chance)):
            yield found


def write(lists: Iterable[Ranked], file: Path) -> int:
    """One JSON object a line; how many."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for one in lists:
            out.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            count += 1
    return count


def read(file: Path) -> list[Ranked]:
    """What `write` wrote."""
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line)
    return [Ranked(r["question"], tuple(r["texts"]), tuple(r["right"]), r["group"], r.get("many", False)) for r in rows]
