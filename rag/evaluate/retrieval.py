"""Retrieval scored: where the first right hit stands, for every system and question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from rag.evaluate.ground import Ground, Report
from rag.evaluate.matching import is_gold, is_gold_piece
from rag.evaluate.remembering import RememberingEmbedder
from rag.evaluate.runs import Row, Run
from rag.evaluate.sets import Question
from rag.evaluate.statistics import mean, paired_difference

DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True)
class RetrievalScore:
    """One system over the questions of one kind.

    `recall[k]` and `mrr` (over the first ten) count a hit by the passage as it is read, `piece_recall[k]` by the small
    piece alone. `chars` is the mean length of what the first five hits put before a reader. `differences` are ours
    (hybrid) less this one with a 95% interval: measure -> (difference, lower, upper).
    """

    questions: str
    kind: str
    system: str
    count: int
    recall: dict[int, float]
    mrr: float
    piece_recall: dict[int, float]
    chars: float
    differences: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def score_retrieval(ground: Ground, systems: Sequence[str], run: Run, report: Report) -> list[Row]:
    """A row for each question with gold and each system; systems take turns at a question."""
    name = ground.questions.name
    asked = [q for q in ground.questions.questions if q.has_gold]
    if "tutorial" in systems:
        ground.tutorial(report)
    missing = [q for q in asked if any(not run.known("retrieval", name, s, q.id) for s in systems)]
    _rehearse(ground, systems, missing, report)
    rows = []
    for number, question in enumerate(asked):
        report(f"{name}: retrieval", number, len(asked))
        for system in systems:
            row = run.known("retrieval", name, system, question.id)
            rows.append(row or run.add(_ask(ground, system, question)))
    report(f"{name}: retrieval", len(asked), len(asked))
    return rows


def _rehearse(ground: Ground, systems: Sequence[str], asked: Sequence[Question], report: Report) -> None:
    if isinstance(ground.embedder, RememberingEmbedder):
        dense = "dense" if {"hybrid", "dense"} & set(systems) else ""
        searches = [partial(ground.search, system, question.question, 1)
                    for system in (dense, "tutorial" if "tutorial" in systems else "") if system for question in asked]
        ground.embedder.rehearse(searches, lambda done, total: report(f"{ground.questions.name}: questions", done, total))


def _ask(ground: Ground, system: str, question: Question) -> Row:
    hits = ground.search(system, question.question, max(DEPTHS))
    return {
        "part": "retrieval", "set": ground.questions.name, "system": system, "id": question.id, "kind": question.kind,
        "topic": question.topic, "document": ground.document_kind(question), "question": question.question,
        "rank": _first(is_gold(question, h.source, h.text, h.piece) for h in hits),
        "piece_rank": _first(is_gold_piece(question, h.source, h.piece) for h in hits),
        "chars": sum(len(h.text) for h in hits[:5]),
    }


def _first(right: Iterable[bool]) -> int | None:
    """1-based place of the first true, None where there is none."""
    return next((place for place, yes in enumerate(right, 1) if yes), None)


def summarise(rows: Sequence[Row], by: str = "kind") -> list[RetrievalScore]:
    """Scores by set, `by` (a label of the rows) and system, in the order they first appear."""
    groups: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
    for row in rows:
        groups.setdefault((row["set"], row[by]), {}).setdefault(row["system"], {})[row["id"]] = row
    return [_score(questions, kind, system, asked, systems.get("hybrid"))
            for (questions, kind), systems in groups.items() for system, asked in systems.items()]


def _score(questions: str, kind: str, system: str, asked: dict[str, Row], ours: dict[str, Row] | None) -> RetrievalScore:
    rows = list(asked.values())
    differences = {}
    if ours and system != "hybrid":
        both = [identity for identity in ours if identity in asked]
        for label, value in (("R@1", lambda r: _within(r, 1)), ("R@5", lambda r: _within(r, 5)), ("MRR", _reciprocal)):
            if both:
                differences[label] = paired_difference([value(ours[i]) for i in both], [value(asked[i]) for i in both])
    return RetrievalScore(
        questions, kind, system, len(rows), recall={k: mean([_within(r, k) for r in rows]) for k in DEPTHS},
        mrr=mean([_reciprocal(r) for r in rows]),
        piece_recall={k: mean([_within(r, k, "piece_rank") for r in rows]) for k in DEPTHS},
        chars=mean([r["chars"] for r in rows]), differences=differences)


def _within(row: Row, depth: int, field_name: str = "rank") -> float:
    return float(row[field_name] is not None and row[field_name] <= depth)


def _reciprocal(row: Row) -> float:
    return 1 / row["rank"] if row["rank"] else 0.0
