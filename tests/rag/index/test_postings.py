"""The keyword index against SQLite's own FTS5. Run: pytest tests/rag/index/test_postings.py"""

from __future__ import annotations

import random
import sqlite3

import numpy as np
import pytest

from rag.documents.document import Chunk, Document, Page
from rag.index import postings
from rag.index.catalogue import Catalogue, Entry
from rag.index.collect import prune
from rag.index.postings import GRAMS, WORDS, Lengths, tokens_of
from rag.index.schema import MIGRATIONS
from rag.text.tokens import bigrams, content_words

WORDS_ = "保险 贷款 基金 理财 等待期 犹豫期 违约金 手续费 利率 年费 赎回 申购 净值 R2 000001.SZ 1.5% LPR T+0 额度 还款 罚息".split()
QUESTIONS = ("贷款违约金怎么收", "基金赎回手续费", "R2 理财的净值", "000001.SZ 申购", "LPR 上浮 1.5%", "T+0 赎回额度是多少")


def chunks(draw: random.Random, count: int) -> list[Chunk]:
    return [Chunk("，".join(draw.choice(WORDS_) + str(draw.randrange(9)) for _ in range(draw.randrange(3, 30))),
                  (f"第{n}条 {draw.choice(WORDS_)}",), position=n) for n in range(count)]


def add(catalogue: Catalogue, version: str, made: list[Chunk]) -> None:
    catalogue.add_version(version, Document(version, version, (Page("x"),)), 1, made, [(f"{version}{c.position}", "") for c in made])


def publish(catalogue: Catalogue, *versions: str):
    return catalogue.publish("d", "v", [Entry(v, v, 1, 1, "") for v in versions], [], catalogue.live())


def lengths(catalogue: Catalogue) -> Lengths:
    keys = np.array([(k[0], k[5], k[6]) for k in catalogue.piece_keys(catalogue.live().id)], dtype="int32").reshape(-1, 3)
    return Lengths(*keys.T)


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return Catalogue(tmp_path / "catalogue.db")


def test_scores_are_those_of_fts5(catalogue):
    made = chunks(random.Random(1), 300)
    add(catalogue, "a", made[:200])
    add(catalogue, "b", made[200:])
    catalogue.settle()
    publish(catalogue, "a", "b")
    fts = sqlite3.connect(":memory:")
    for name in ("words", "grams"):
        fts.execute(f"""CREATE VIRTUAL TABLE {name} USING fts5(body, tokenize="unicode61 tokenchars '.+/-%'", detail=column)""")
    for number, chunk in enumerate(made, 1):
        for name, tokens in zip(("words", "grams"), tokens_of(chunk.headings, chunk.text), strict=True):
            fts.execute(f"INSERT INTO {name} (rowid, body) VALUES (?, ?)", (number, " ".join(tokens)))
    for question in QUESTIONS:
        for field, name, tokens in ((WORDS, "words", content_words(question)), (GRAMS, "grams", bigrams(question))):
            match = " OR ".join(f'"{t}"' for t in dict.fromkeys(tokens))
            wanted = dict(fts.execute(f"SELECT rowid, -bm25({name}) FROM {name} WHERE {name} MATCH ?", (match,)).fetchall())
            scores = catalogue.keywords(field, tokens, lengths(catalogue))
            found = {row + 1: score for row, score in enumerate(scores.tolist()) if score > 0}
            assert found.keys() == wanted.keys() and wanted
            assert all(found[n] == pytest.approx(wanted[n], rel=1e-4, abs=1e-5) for n in wanted)


def test_segments_are_merged_and_what_is_gone_goes(catalogue, monkeypatch):
    monkeypatch.setattr(postings, "FOLD", 7)
    draw = random.Random(2)
    kept = chunks(draw, 30)
    add(catalogue, "kept", kept)
    for number in range(6):
        add(catalogue, f"gone{number}", chunks(draw, 10))
        catalogue.settle()
    publish(catalogue, "kept")
    before = [catalogue.keywords(GRAMS, bigrams(q), lengths(catalogue)) for q in QUESTIONS]
    assert catalogue.db.execute("SELECT count(*) FROM segments").fetchone()[0] > 8
    prune(catalogue, 1)
    catalogue.tidy()
    assert catalogue.db.execute("SELECT sum(pieces) FROM segments").fetchone()[0] == 30
    assert catalogue.db.execute("SELECT count(*) FROM segments").fetchone()[0] == 1
    pieces = {piece for row in catalogue.db.execute("SELECT pieces FROM postings")
              for piece in np.frombuffer(row[0], "int32").tolist()}
    assert len(pieces) == 30
    for question, scores in zip(QUESTIONS, before, strict=True):
        assert np.array_equal(catalogue.keywords(GRAMS, bigrams(question), lengths(catalogue)), scores)
    add(catalogue, "new", chunks(draw, 5))
    catalogue.settle()
    publish(catalogue, "new")
    prune(catalogue, 1)
    catalogue.tidy()
    assert catalogue.db.execute("SELECT sum(pieces) FROM segments").fetchone()[0] == 5


def test_frequency_counts_the_searched_pieces_only(catalogue):
    add(catalogue, "a", [Chunk("罚息 罚息", position=0), Chunk("年费", position=1)])
    add(catalogue, "b", [Chunk("罚息", position=0)])
    catalogue.settle()
    publish(catalogue, "a")
    assert catalogue.frequency(["罚息", "年费", "没有"], lengths(catalogue)) == {"罚息": 1, "年费": 1, "没有": 0}


def test_a_catalogue_made_before_there_was_this_index_is_filled_when_it_is_opened(tmp_path):
    path = tmp_path / "catalogue.db"
    old = sqlite3.connect(path)
    for statement in filter(str.strip, MIGRATIONS[0].split(";")):
        old.execute(statement)
    old.execute("PRAGMA user_version = 1")
    old.execute("INSERT INTO versions VALUES ('v', '标题', NULL, 1, 1, '[]', '{}')")
    old.execute("INSERT INTO chunks (version, position, vector, heading_vector, headings, text, kind) "
                "VALUES ('v', 0, 'x', '', '[\"第一条 罚息\"]', '上浮40%', 'text')")
    old.execute("INSERT INTO snapshots (created, directory, vectors, documents, chunks) VALUES ('', 'd', 'c', 1, 1)")
    old.execute("INSERT INTO snapshot_documents VALUES (1, 'a.md', 'v', 1, 1, '')")
    old.execute("INSERT INTO meta VALUES ('live', '1')")
    old.commit()
    old.close()
    catalogue = Catalogue(path)
    assert catalogue.keywords(WORDS, ["罚息"], lengths(catalogue))[0] > 0
    assert catalogue.lacks_rows(catalogue.live())
