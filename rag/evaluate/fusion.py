"""How the retrievers' votes are best put together: the shipped weights beside each retriever alone, plain rank fusion and
other weights, over the questions with gold, before any reranker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from rag.evaluate.ground import Ground, Report, found
from rag.evaluate.matching import is_gold
from rag.evaluate.report import share, table
from rag.evaluate.runs import Row, Run
from rag.evaluate.sets import Question
from rag.evaluate.statistics import mean, paired_difference
from rag.index.search import Searcher, Weights

DEPTH = 10
K = 60  # of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009, SIGIR)
MEASURES = {"R@1": 1, "R@5": 5, "R@10": 10}


class RankFused(Searcher):
    """Reciprocal rank fusion of the nearest pieces and both keyword lists: places count, not scores."""

    def _fuse(self, view, candidates, cosines, words, grams, named, said):
        nearest = sorted(((max(pair), piece) for piece, pair in cosines.items()), key=lambda one: (-one[0], one[1]))
        votes = [{piece: cosine for cosine, piece in nearest[: self.settings.candidates]}, words, grams]
        scores = dict.fromkeys(candidates, 0.0)
        for vote in votes:
            for place, piece in enumerate(sorted(vote, key=lambda piece: (-vote[piece], piece)), 1):
                if piece in scores:
                    scores[piece] += 1 / (K + place)
        ranked = super()._fuse(view, candidates, cosines, words, grams, named, said)
        return sorted(((piece, scores[piece], parts) for piece, _, parts in ranked), key=lambda row: (-row[1], row[0]))


@dataclass(frozen=True)
class Way:
    """One way to put the votes together; a further one is a line in WAYS."""

    name: str
    weights: Weights = field(default_factory=Weights)
    settings: dict[str, Any] = field(default_factory=dict)
    searcher: type[Searcher] = Searcher


_PLAIN = {"search_names": False}  # what a question names is part of the shipped way
_W = Weights()
SHIPPED = Way("随项目的权重", _W)
WAYS = (
    SHIPPED,
    Way("只用向量", Weights(heading=0, title=0), {"retrieval": "dense", "search_headings": False} | _PLAIN),
    Way("只用关键词", Weights(dense=0, heading=0, title=0), {"retrieval": "keyword"} | _PLAIN),
    Way(f"RRF（k={K}）", replace(_W, title=0), _PLAIN, RankFused),
    Way("各票等权，不看点名", Weights(dense=1, heading=1, words=1, grams=1, title=0), _PLAIN),
    Way("随项目的权重，不看点名", replace(_W, title=0), _PLAIN),
    Way("标题 1", replace(_W, title=1)),
    Way("标题 6", replace(_W, title=6)),
    Way("关键词加倍", replace(_W, words=2 * _W.words, grams=2 * _W.grams)),
    Way("关键词减半", replace(_W, words=_W.words / 2, grams=_W.grams / 2)),
    Way("不看小标题的向量", replace(_W, heading=0)),
    Way("用词表的词不打折", replace(_W, expansion=1)),
)


@dataclass(frozen=True)
class FusionScore:
    """One way over the questions of a set: shares, and the shipped weights less this way with a 95% interval."""

    questions: str
    way: str
    count: int
    recall: dict[str, float]
    mrr: float
    differences: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def measure_fusion(ground: Ground, run: Run, report: Report) -> list[Row]:
    """A row for each question with gold and each way."""
    name, asked = ground.questions.name, [q for q in ground.questions.questions if q.has_gold]
    searchers = {way.name: _opened(ground, way) for way in WAYS
                 if any(not run.known("fusion", name, way.name, q.id) for q in asked)}
    named = [searchers[way.name] for way in WAYS if way.name in searchers and way.name in (SHIPPED.name, WAYS[1].name)]
    ground.embedder.rehearse([partial(one.search, q.question, 1) for one in named for q in asked],
                             lambda done, total: report(f"{name}: questions", done, total))
    rows = []
    for number, question in enumerate(asked):
        report(f"{name}: fusion", number, len(asked))
        for way in WAYS:
            row = run.known("fusion", name, way.name, question.id)
            rows.append(row or run.add(_row(name, way, question, searchers[way.name])))
    report(f"{name}: fusion", len(asked), len(asked))
    return rows


def _opened(ground: Ground, way: Way) -> Searcher:
    settings = ground.settings.model_copy(update={"rerank_hits": 0} | way.settings)
    return way.searcher(settings, ground.embedder, way.weights)


def _row(name: str, way: Way, question: Question, searcher: Searcher) -> Row:
    hits = [found(hit) for hit in searcher.search(question.question, DEPTH)]
    rank = next((n for n, hit in enumerate(hits, 1) if is_gold(question, hit.source, hit.text, hit.piece)), None)
    return {"part": "fusion", "set": name, "system": way.name, "id": question.id, "kind": question.kind,
            "question": question.question, "rank": rank}


def summarise(rows: Sequence[Row]) -> list[FusionScore]:
    """Scores by set and way, the shipped weights first."""
    groups: dict[str, dict[str, dict[str, Row]]] = {}
    for row in rows:
        groups.setdefault(row["set"], {}).setdefault(row["system"], {})[row["id"]] = row
    return [_score(name, way, asked, ways[SHIPPED.name]) for name, ways in groups.items() for way, asked in ways.items()]


def _score(name: str, way: str, asked: dict[str, Row], shipped: dict[str, Row]) -> FusionScore:
    rows, differences = list(asked.values()), {}
    if way != SHIPPED.name:
        differences = {measure: paired_difference([_within(shipped[i], depth) for i in asked], [_within(asked[i], depth) for i in asked])
                       for measure, depth in MEASURES.items()}
    return FusionScore(name, way, len(rows), {measure: mean([_within(row, depth) for row in rows]) for measure, depth in MEASURES.items()},
                       mean([1 / row["rank"] if row["rank"] else 0.0 for row in rows]), differences)


def _within(row: Row, depth: int) -> float:
    return float(row["rank"] is not None and row["rank"] <= depth)


HEAD = ["题集", "怎样合并", "题数", *MEASURES, f"MRR@{DEPTH}", *(f"随项目的 − 它：{name}" for name in MEASURES)]


def cells(scores: Sequence[FusionScore]) -> list[list[str]]:
    """The table's rows, in percent."""
    return [[s.questions, s.way, str(s.count), *(share(s.recall[m]) for m in MEASURES), share(s.mrr),
             *("—" if m not in s.differences else "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * v for v in s.differences[m]))
               for m in MEASURES)] for s in scores]


def to_markdown(scores: Sequence[FusionScore]) -> str:
    """The table of ways."""
    return table(HEAD, cells(scores))
