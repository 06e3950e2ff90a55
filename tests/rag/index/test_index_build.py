"""The indexing run over real files, a real Chroma and a real SQLite."""

from pathlib import Path

import pytest
from filelock import FileLock

from rag.errors import IndexMissingError, OdfinError
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.index.vectors import VectorStore, collection_name


@pytest.fixture
def indexer(settings, documents, embedder_model) -> Indexer:
    indexer = Indexer(settings)
    indexer.run(documents)
    return indexer


def test_first_run_adds_every_document(settings, documents, embedder_model):
    seen = []
    report = Indexer(settings).run(documents, seen.append)
    assert (report.documents, report.added, report.failed) == (3, 3, [])
    assert report.chunks >= 6
    assert [p.stage for p in seen if p.done == p.total] == ["read", "embed", "publish"]


def test_second_run_changes_nothing_and_keeps_the_snapshot(indexer, documents):
    before = indexer.catalogue.live()
    report = indexer.run(documents)
    assert (report.unchanged, report.added, report.changed, report.removed) == (3, 0, 0, 0)
    assert indexer.catalogue.live() == before


def test_only_what_changed_is_embedded_again(indexer, documents):
    store = VectorStore(indexer.settings.home / "chroma", collection_name(indexer.embedder.version))
    before = store.ids()
    path = documents / "贷款/安居贷产品手册.md"
    path.write_text(path.read_text("utf-8").replace("上浮40%", "上浮50%"), "utf-8")
    report = indexer.run(documents)
    assert (report.changed, report.unchanged) == (1, 2)
    assert len(store.ids() - before) == 1


def test_removed_document_disappears(indexer, documents):
    (documents / "信用卡/收费标准.csv").unlink()
    assert indexer.run(documents).removed == 1
    hits = Searcher(indexer.settings, indexer.embedder).search("金卡年费")
    assert hits and all("收费标准" not in hit.source for hit in hits)


def test_a_file_that_cannot_be_read_is_reported_and_the_rest_goes_on(indexer, documents, caplog):
    (documents / "坏文件.pdf").write_bytes(b"%PDF-1.7 cut off")
    report = indexer.run(documents)
    assert report.documents == 3
    assert [f.source for f in report.failed] == ["坏文件.pdf"]
    assert "坏文件.pdf" in report.failed[0].reason
    assert [message.count("坏文件.pdf") for message in caplog.messages] == [1]


def test_a_document_damaged_later_keeps_its_last_readable_version(indexer, documents):
    (documents / "信用卡/收费标准.csv").write_bytes(b"")
    report = indexer.run(documents)
    assert [f.source for f in report.failed] == ["信用卡/收费标准.csv"]
    hits = Searcher(indexer.settings, indexer.embedder).search("金卡年费")
    assert hits[0].source == "信用卡/收费标准.csv"


def test_same_content_under_two_names_is_embedded_once(indexer, documents):
    source = documents / "保险/澄安重疾险条款.txt"
    (documents / "副本").mkdir()
    (documents / "副本" / source.name).write_bytes(source.read_bytes())
    store = VectorStore(indexer.settings.home / "chroma", collection_name(indexer.embedder.version))
    before = store.ids()
    assert indexer.run(documents).added == 1
    assert store.ids() == before


def test_lost_vectors_are_computed_again(indexer, documents):
    store = VectorStore(indexer.settings.home / "chroma", collection_name(indexer.embedder.version))
    lost = sorted(store.ids())
    store.delete(lost)
    assert indexer.run(documents).unchanged == 3
    assert store.ids() == set(lost)


def test_interrupted_run_leaves_the_old_snapshot_and_goes_on_later(indexer, documents):
    (documents / "新.md").write_text("# 新产品\n\n起购金额1万元。", "utf-8")
    live = indexer.catalogue.live()

    def stop(progress):
        if progress.stage == "embed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexer.run(documents, stop)
    assert indexer.catalogue.live() == live
    assert indexer.run(documents).added == 1


def test_second_run_at_the_same_time_is_refused(indexer, documents):
    with FileLock(indexer.settings.home / "index.lock"), pytest.raises(OdfinError, match="正在进行"):
        indexer.run(documents)


def test_missing_folder_is_one_clear_line(settings):
    with pytest.raises(OdfinError, match="没有文件夹"):
        Indexer(settings).run(Path("/nowhere/at/all"))


def test_no_index_is_one_clear_line(settings):
    with pytest.raises(IndexMissingError, match="odfin index"):
        Searcher(settings).search("年费")


def test_prune_keeps_what_is_live(indexer, documents):
    path = documents / "信用卡/收费标准.csv"
    for fee in range(300, 308):
        path.write_text(f"项目,金卡\n年费（元/年）,{fee}\n", "utf-8")
        indexer.run(documents)
    assert len(indexer.catalogue.snapshots()) == 5
    searcher = Searcher(indexer.settings, indexer.embedder)
    assert "307" in searcher.search("金卡年费")[0].piece
    rarity = searcher.rarity(["300", "307"])
    assert rarity["300"] > rarity["307"]
    assert indexer.catalogue.db.execute("SELECT count(*) FROM chunks WHERE text LIKE '%,300%'").fetchone()[0] == 0


def test_upload_remove_and_restore(indexer, documents):
    source = indexer.upload("新卡说明.md", "# 澄湖青年卡\n\n青年卡首年免年费。".encode(), "信用卡")
    assert source == "uploads/信用卡/新卡说明.md"
    assert {r.source: r.status for r in indexer.documents()}[source] == "waiting"
    assert indexer.run().added == 1
    indexer.remove(source)
    indexer.remove("贷款/安居贷产品手册.md")
    assert indexer.run().removed == 2
    assert {r.source: r.status for r in indexer.documents()}["贷款/安居贷产品手册.md"] == "withdrawn"
    indexer.restore("贷款/安居贷产品手册.md")
    assert indexer.run().added == 1
    assert (documents / "贷款/安居贷产品手册.md").exists()


@pytest.mark.parametrize(("name", "data", "topic", "reason"), [
    ("../../x.md", b"", "保险", "空文件"),
    ("a.exe", b"MZ", "保险", "格式"),
    (".hidden.md", b"x", "保险", "不能用"),
    ("a.md", b"x", "别的", "主题"),
])
def test_bad_uploads_are_refused(settings, name, data, topic, reason):
    with pytest.raises(OdfinError, match=reason):
        Indexer(settings).upload(name, data, topic)
    assert not list(settings.home.rglob("*.md"))
