"""Snapshots: listed, compared, gone back to, pruned; other processes follow. Run: pytest tests/rag/index/test_snapshots.py"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rag.errors import OdfinError
from rag.evaluate.synthetic import HashEmbedder
from rag.index import versions
from rag.index.build import Indexer
from rag.index.catalogue import Catalogue
from rag.index.complete import needs_repair
from rag.index.filter import Filter
from rag.index.search import Searcher
from rag.index.snapshots import compare, list_snapshots, roll_back, rolled_back_to
from rag.index.vectors import VectorStore, collection_name
from tests.conftest import settings_at
from tests.rag.index.conftest import CountingEmbedder

ROOT = Path(__file__).parents[3]
HANDBOOK = "贷款/安居贷产品手册.md"


def edit(documents: Path, before: str, after: str) -> None:
    path = documents / HANDBOOK
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")


def answers(indexer: Indexer, question: str = "逾期罚息上浮多少") -> list[tuple]:
    return [(h.source, h.piece, h.score) for h in Searcher(indexer.settings, indexer.embedder).search(question)]


def test_snapshots_are_listed_and_compared(quick, documents):
    edit(documents, "上浮40%", "上浮50%")
    (documents / "保险/新条款.md").write_text("# 新条款\n\n## 免赔额\n\n每年一万元。", "utf-8")
    (documents / "信用卡/收费标准.csv").unlink()
    quick.run()
    rows = list_snapshots(quick.catalogue)
    assert [(row.id, row.documents, row.live) for row in rows] == [(2, 3, True), (1, 3, False)]
    found = compare(quick.catalogue, 1, 2)
    assert (found.added, found.changed, found.removed) == (("保险/新条款.md",), (HANDBOOK,), ("信用卡/收费标准.csv",))
    assert found.unchanged == 1 and found.chunks_added == 2 and found.chunks_removed >= 2
    assert (found.chunks_before, found.chunks_after) == (rows[1].chunks, rows[0].chunks)
    with pytest.raises(OdfinError, match="没有快照 9；保留着的有：2、1"):
        compare(quick.catalogue, 1, 9)


def test_a_roll_back_answers_as_before_and_embeds_nothing(quick, documents, embedder):
    before = answers(quick)
    edit(documents, "上浮40%", "上浮50%")
    quick.run()
    assert answers(quick) != before
    embedder.embedded.clear()
    roll_back(quick.catalogue, 1)
    assert answers(quick) == before and embedder.embedded == []
    with pytest.raises(OdfinError, match="没有快照 9"):
        roll_back(quick.catalogue, 9)


def test_after_a_roll_back_only_a_run_that_somebody_asks_for_takes_the_files_as_they_are(quick, documents, embedder):
    edit(documents, "上浮40%", "上浮50%")
    quick.run()
    roll_back(quick.catalogue, 1)
    embedder.embedded.clear()
    quick.upload("新卡.md", "# 新卡\n\n免年费。".encode(), "信用卡")
    assert rolled_back_to(quick.catalogue) == 1 and not quick.queue.pending()
    report = quick.run()
    assert (report.changed, report.added, report.snapshot) == (1, 1, "3")
    assert all("50%" not in text for text in embedder.embedded), "the newer version was still stored"
    assert rolled_back_to(quick.catalogue) is None and "50%" in answers(quick)[0][1]


def test_a_roll_back_during_a_run_is_not_undone_by_it(quick, documents):
    edit(documents, "上浮40%", "上浮50%")
    quick.run()
    edit(documents, "上浮50%", "上浮60%")

    def meanwhile(progress):
        if progress.stage == "publish" and progress.done == 0:
            roll_back(Catalogue(quick.catalogue.path), 1)

    with pytest.raises(OdfinError, match="已回滚到快照 1"):
        quick.run(progress=meanwhile)
    assert "40%" in answers(quick)[0][1]
    assert quick.run().changed == 1 and "60%" in answers(quick)[0][1]


def test_the_policy_says_what_is_kept(tmp_path, documents, embedder):
    indexer = Indexer(settings_at(tmp_path / "home", keep_snapshots=2), embedder)
    patient = Indexer(settings_at(tmp_path / "home", keep_snapshots=1, keep_days=1), embedder)
    for number in range(4):
        edit(documents, "上浮40%", f"上浮4{number}%")
        indexer.run(documents)
        edit(documents, f"上浮4{number}%", "上浮40%")
    assert [s.id for s in indexer.catalogue.snapshots()] == [4, 3]
    edit(documents, "上浮40%", "上浮77%")
    patient.run(documents)
    assert [s.id for s in indexer.catalogue.snapshots()] == [5, 4, 3]
    roll_back(indexer.catalogue, 3)
    edit(documents, "上浮77%", "上浮78%")
    indexer.run(documents)
    assert [s.id for s in indexer.catalogue.snapshots()] == [6, 5]


def test_a_running_search_in_another_process_follows_publishing_and_roll_back(quick, documents):
    reader = subprocess.Popen([sys.executable, "-c", f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from rag.evaluate.synthetic import HashEmbedder
from rag.index.filter import Filter
from rag.index.search import Searcher
from rag.settings import load_settings
searcher = Searcher(load_settings(home=Path({str(quick.settings.home)!r}), _env_file=None), HashEmbedder())
for line in sys.stdin:
    hits = searcher.search(line.strip())
    print(json.dumps([searcher.snapshot(), hits[0].piece, hits[0].parts["cosine"]]), flush=True)
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(expected: str) -> tuple[str, float]:
        for _ in range(50):  # a question is answered at once, from the new snapshot within five seconds
            print("逾期罚息利率上浮多少", file=reader.stdin, flush=True)
            snapshot, piece, cosine = json.loads(reader.stdout.readline())
            if snapshot == expected:
                return piece, cosine
            time.sleep(0.1)
        raise AssertionError(f"still at {snapshot}")

    try:
        before = ask("1")
        assert "40%" in before[0]
        edit(documents, "上浮40%", "上浮55%")
        quick.run()
        piece, cosine = ask("2")
        assert "55%" in piece and cosine > 0.3, "the new piece has its vector there"
        roll_back(quick.catalogue, 1)
        assert ask("1") == before
    finally:
        reader.stdin.close()
        reader.wait(20)


def test_another_embedder_builds_beside_the_live_index_and_can_be_rolled_back(quick, documents, monkeypatch):
    first = answers(quick)
    live = quick.catalogue.live()
    other = Indexer(quick.settings, CountingEmbedder("hash:2"))
    seen = []

    def look(progress):
        if progress.stage == "embed":
            seen.append((quick.catalogue.live() == live, answers(quick) == first))

    report = other.run(progress=look)
    assert (report.changed, report.unchanged) == (3, 0) and seen and all(map(all, seen))
    new = quick.catalogue.live()
    assert new.vectors == collection_name("hash:2") != live.vectors
    assert len(other.embedder.embedded) == len(VectorStore(quick.settings.home / "chroma", new.vectors).ids())
    roll_back(quick.catalogue, 1)
    assert answers(quick) == first
    with pytest.raises(OdfinError, match="另一个向量模型"):
        answers(other)


@pytest.mark.parametrize("change", ["parser", "splitter"])
def test_another_parser_or_splitter_builds_beside_the_live_index(quick, documents, embedder, monkeypatch, change):
    live = quick.catalogue.live()
    old = quick.catalogue.entries(live.id)[HANDBOOK].version
    if change == "parser":
        monkeypatch.setattr(versions, "PARSER_VERSION", "next")
        other = quick
    else:
        other = Indexer(quick.settings.model_copy(update={"chunk_chars": 80}), embedder)
    report = other.run()
    assert report.changed == 3 and quick.catalogue.entries(int(report.snapshot))[HANDBOOK].version != old
    assert bool(embedder.embedded) == (change == "splitter"), "the same pieces need no new vectors"
    roll_back(quick.catalogue, live.id)
    assert quick.catalogue.live() == live


def test_vectors_lost_with_their_folders_are_noticed_and_made_again(quick, documents, embedder):
    before, home = answers(quick), quick.settings.home
    ids = VectorStore(home / "chroma", quick.catalogue.live().vectors).ids()
    shutil.rmtree(home / "chroma")
    assert answers(quick) == before, "searches read the copy"
    assert quick.run().unchanged == 3 and embedder.embedded == []
    assert VectorStore(home / "chroma", quick.catalogue.live().vectors).ids() == ids
    shutil.rmtree(home / "vectors")
    assert needs_repair(quick.catalogue, quick.settings)
    assert quick.repair() == 0 and answers(quick) == before and embedder.embedded == []
    shutil.rmtree(home / "vectors")
    shutil.rmtree(home / "chroma")
    assert answers(quick), "words still find something"
    searcher = Searcher(quick.settings, embedder)
    searcher.search("年费")
    assert quick.repair() == len(ids) and not needs_repair(quick.catalogue, quick.settings)
    assert answers(quick) == before and searcher.search("逾期罚息上浮多少")[0].parts["cosine"] > 0


def test_chroma_with_its_index_files_gone_is_made_again(quick, embedder):
    store = VectorStore(quick.settings.home / "chroma", quick.catalogue.live().vectors)
    ids = sorted(store.ids())
    for folder in (quick.settings.home / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    assert quick.run().unchanged == 3 and embedder.embedded == []
    assert len(VectorStore(quick.settings.home / "chroma", quick.catalogue.live().vectors).get(ids)) == len(ids)


def test_a_rename_or_a_move_embeds_nothing_and_reads_nothing(quick, documents, embedder, monkeypatch):
    (documents / HANDBOOK).rename(documents / "贷款/改名.md")
    (documents / "信用卡/收费标准.csv").rename(documents / "保险/卡费一览.csv")
    monkeypatch.setattr(Catalogue, "add_version", lambda *_: pytest.fail("a renamed document was read again"))
    report = quick.run()
    assert (report.added, report.removed, report.unchanged) == (2, 2, 1) and embedder.embedded == []
    titles = {row.source: row.title for row in quick.documents()}
    assert titles["贷款/改名.md"] == "安居贷产品手册", "its text has a title"
    assert titles["保险/卡费一览.csv"] == "卡费一览", "its name is its title"


def test_the_same_content_under_two_names_is_stored_once_and_cited_by_both(quick, documents, embedder):
    (documents / "存档").mkdir()
    shutil.copy2(documents / HANDBOOK, documents / "存档/手册副本.md")
    report = quick.run()
    assert report.added == 1 and embedder.embedded == []
    hit = Searcher(quick.settings, embedder).search("逾期罚息上浮多少")[0]
    assert {hit.source, *hit.also} == {HANDBOOK, "存档/手册副本.md"} and len(hit.also) == 1
    assert quick.catalogue.db.execute("SELECT count(*) FROM versions").fetchone()[0] == 3
    assert Searcher(quick.settings, embedder).search("逾期罚息上浮多少", where=Filter(topic="贷款"))[0].source == HANDBOOK


def test_no_question_fails_while_snapshots_come_and_go(tmp_path, documents, embedder):
    indexer = Indexer(settings_at(tmp_path / "home", keep_snapshots=1), embedder)
    indexer.run(documents)
    searcher = Searcher(indexer.settings, HashEmbedder())
    stop, failed, asked = threading.Event(), [], []

    def ask() -> None:
        while not stop.is_set():
            try:
                asked.append(searcher.search("逾期罚息上浮多少")[0].source)
            except Exception as error:
                failed.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(12):
        edit(documents, "罚息利率", f"罚息第{number}利率") if number == 0 else edit(documents, f"第{number - 1}利率", f"第{number}利率")
        indexer.run()
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not failed and len(asked) > 12 and set(asked) == {HANDBOOK}
    assert "第11利率" in searcher.search("罚息利率上浮多少")[0].piece
