"""Decontamination: nothing that an evaluation set asks is learnt. Overlap of character n-grams, reported with examples."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.data.duplicates import fingerprint
from training.data.files import data_files, rows
from training.data.record import Record
from training.data.rewriting import TASK
from training.data.shapes import read_row

GRAM = 5  # characters
LONG = 16  # a run of so many characters of one of its questions in ours counts by itself, as in GPT-3's decontamination
FEWEST = 4  # n-grams that a question must have to be looked for inside a longer one
SHARE = 0.6  # share of a question's n-grams that one of the set's questions may not hold
EXAMPLES = 5
QUESTIONS = "questions.jsonl"  # an institution's questions, beside its documents


@dataclass
class Overlap:
    """What was removed: by evaluation set, with a few pairs (ours, theirs, share)."""

    removed: Counter = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, str, float]]] = field(default_factory=lambda: defaultdict(list))
    questions: int = 0


class Examined:
    """The questions of the evaluation sets, found by their n-grams."""

    def __init__(self, sets: Iterable[Path]):
        self._texts: list[tuple[str, str]] = []  # (set, question)
        self._grams: list[set[str]] = []
        self._by_gram: dict[str, list[int]] = defaultdict(list)
        self._long: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        for path in sets:
            for file in question_files(path):
                for row in rows(file):
                    if question := asked_in(row):
                        self._add(name_of(file), question)

    def __len__(self) -> int:
        return len(self._texts)

    def _add(self, name: str, question: str) -> None:
        tight, place = fingerprint(question), len(self._texts)
        self._texts.append((name, question))
        grams = _grams(tight, GRAM)
        self._grams.append(grams)
        self._exact.setdefault(tight, place)
        for gram in grams:
            self._by_gram[gram].append(place)
        for run in _grams(tight, LONG):
            self._long.setdefault(run, place)

    def nearest(self, question: str) -> tuple[str, str, float]:
        """(set, its question, share of shared n-grams 0…1) of what is too near; ("", "", 0.0) where nothing is."""
        tight = fingerprint(question)
        if tight in self._exact:
            return (*self._texts[self._exact[tight]], 1.0)
        for run in _grams(tight, LONG):
            if run in self._long and len(run) >= LONG:
                return (*self._texts[self._long[run]], 1.0)
        own = _grams(tight, GRAM)
        met = Counter(place for gram in own for place in self._by_gram.get(gram, ()))
        best, share = -1, 0.0
        for place, common in met.most_common(8):
            few, many = sorted((len(own), len(self._grams[place])))
            both = common / (few if few >= FEWEST else many)  # a word alone (个人养老金) stands inside many questions
            if both > share:
                best, share = place, both
        return (*self._texts[best], share) if share >= SHARE and len(own) >= 2 else ("", "", 0.0)


def question_files(path: Path) -> list[Path]:
    """The files of a set. Where the folders below hold `questions.jsonl` beside their documents, those alone."""
    return sorted(path.glob(f"*/{QUESTIONS}")) or data_files(path)


def name_of(file: Path) -> str:
    """What the report calls a file of questions: an institution's by its folder."""
    return file.parent.name if file.name == QUESTIONS else file.stem


def asked_in(row: dict) -> str:
    """The question of an evaluation row."""
    if isinstance(row.get("question"), str):
        return row["question"]
    example = read_row(row)
    return next((text for role, text in example.turns if role == "user"), "") if example else ""


def without(records: Iterable[Record], examined: Examined, found: Overlap) -> Iterator[Record]:
    """The records whose question is near none of the sets'."""
    found.questions = len(examined)
    for record in records:
        name, theirs, share = max((examined.nearest(asked) for asked in _questions(record)), key=lambda one: one[2], default=("", "", 0.0))
        if not name:
            yield record
            continue
        found.removed[name] += 1
        if len(found.examples[name]) < EXAMPLES:
            found.examples[name].append((record.question, theirs, round(share, 2)))


def _questions(record: Record) -> list[str]:
    """All that the user asks, without the passages and without the options of a multiple choice: those are of few words
    and alike everywhere.

    Of a rewritten follow-up the question that it stands for: the model learns to say that one.
    """
    if record.task == TASK:
        return [record.answer]
    asked = [message["content"].rsplit("【问题】", 1)[-1] for message in record.messages if message["role"] == "user"]
    return [re.split(r"\nA[.、．]", one)[0] for one in asked]


def _grams(tight: str, size: int) -> set[str]:
    return {tight[i : i + size] for i in range(len(tight) - size + 1)} or ({tight} if tight else set())


def sets_of(paths: Sequence[Path]) -> list[Path]:
    """The evaluation sets that are there."""
    return [path for path in paths if path.exists()]
