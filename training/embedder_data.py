"""What the embedder's adapter is taught on: a question, the piece that answers it, and pieces that only look like it.

Pieces are those of the index, in the form in which it embeds them. The tempting ones come from the assistant's own
search: mostly clauses of the same shape in other products, or other conditions of the same product.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.answer.follow_up import standalone
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Turn
from rag.errors import OdfinError
from rag.index.complete import embedded_text
from rag.index.search import Searcher
from rag.text.tokens import bigrams
from training.reranker_data import as_good, holds, is_source, shared

SEARCHED = 12  # hits looked at for tempting pieces
TEMPTING = 4  # kept of them
COPY = 0.8  # two passages that share so many character pairs both ways are the same clause
MAX_CHARS = 400  # of a piece are kept: the trainer reads no more


@dataclass(frozen=True)
class Pair:
    """`right` answers the question, `wrong` do not. `group`: what must not be parted between training and validation."""

    question: str
    right: str
    wrong: tuple[str, ...]
    group: str


def from_items(items: Iterable[dict], searcher: Searcher) -> Iterator[Pair]:
    """A pair for every item (`training.instructions`) that has an answer and whose evidence stands in one piece."""
    pieces = _pieces_by_source(searcher)
    for item in items:
        if item["answer"] == NO_ANSWER:
            continue
        history = [Turn(turn["role"], turn["content"]) for turn in item.get("history", ())]
        question = standalone(item["question"], history, searcher.name_in) if history else item["question"]
        own = [text for source, texts in pieces.items() if is_source(item["source"], source) for text in texts]
        right = [text for text in own if _stands_in(item["evidence"], text)]
        if not right:
            continue
        wrong = []
        for hit in searcher.search(question, SEARCHED):
            text = embedded_text(hit.headings, hit.piece)[:MAX_CHARS]
            if text not in right and not _stands_in(item["evidence"], text) and not as_good(item, text):
                wrong.append(text)
        yield Pair(question, right[0], tuple(dict.fromkeys(wrong))[:TEMPTING], item["source"])


def from_passages(file: Path, keep: float, seed: int = 0) -> tuple[list[Pair], list[str]]:
    """Pairs of a clause set (`doc`, `passage`, `question`), and the questions that were taken.

    Only contracts that fall into the share `keep` are taken, and of them no clause that a contract left out holds a copy
    of: so the questions over the others stay unseen. Raises OdfinError where the file is no such set.
    """
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            rows.append((row["doc"], row["passage"], row["question"]))
        except (ValueError, KeyError, TypeError) as error:
            raise OdfinError(f"{file} 第 {number} 行缺 doc、passage 或 question；请改正后重试") from error
    contracts = sorted({doc for doc, *_ in rows})
    random.Random(seed).shuffle(contracts)
    taken = set(contracts[: round(keep * len(contracts))])
    unseen = [set(bigrams(passage)) for doc, passage, _ in rows if doc not in taken]
    mine = [row for row in rows if row[0] in taken and not any(_alike(set(bigrams(row[1])), other) for other in unseen)]
    passages = sorted({passage for _, passage, _ in mine})
    grams = {passage: set(bigrams(passage)) for passage in passages}
    pairs = []
    for doc, passage, question in mine:
        near = sorted((p for p in passages if not _alike(grams[p], grams[passage])),
                      key=lambda p: -len(grams[p] & grams[passage]) / (len(grams[p] | grams[passage]) or 1))
        pairs.append(Pair(question, passage[:MAX_CHARS], tuple(p[:MAX_CHARS] for p in near[:TEMPTING]), doc))
    return pairs, [question for _, _, question in mine]


def _pieces_by_source(searcher: Searcher) -> dict[str, list[str]]:
    view = searcher.view()
    found: dict[str, list[str]] = {}
    for version, pieces in view.pieces_of_version.items():
        texts = [embedded_text(p.headings, p.text)[:MAX_CHARS] for p in searcher.catalogue.pieces(pieces).values()]
        for source in view.facts.sources(version, None):
            found[source] = texts
    return found


def _stands_in(evidence: list[str], piece: str) -> bool:
    """Whether a piece holds the evidence's last part (of a table: the row)."""
    tight, wanted = re.sub(r"\s+", "", piece), re.sub(r"\s+", "", evidence[-1])
    return wanted in tight or holds(evidence[-1:], piece) or shared(wanted, tight) >= 0.95


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and len(one & other) >= COPY * max(len(one), len(other))


def write(pairs: Iterable[Pair], file: Path) -> int:
    """One JSON object a line; how many."""
    lines = [json.dumps(asdict(pair), ensure_ascii=False) for pair in pairs]
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(lines)


def read(file: Path) -> list[Pair]:
    """What `write` wrote."""
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line)
    return [Pair(r["question"], r["right"], tuple(r["wrong"]), r["group"]) for r in rows]
