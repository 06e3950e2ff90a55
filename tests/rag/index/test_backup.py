"""Backup of a live system, and restoring it elsewhere. Run: pytest tests/rag/index/test_backup.py"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import zipfile

import pytest
from filelock import FileLock

from rag.errors import OdfinError
from rag.index.backup import back_up, contents, restore
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.index.vectors import VectorStore
from tests.conftest import settings_at

QUESTIONS = ("逾期罚息上浮多少", "重疾险等待期", "白金卡年费", "提前还款违约金")


def answers(settings, embedder) -> list[list[tuple]]:
    searcher = Searcher(settings, embedder)
    return [[(h.source, h.title, h.piece, h.text, h.score) for h in searcher.search(q)] for q in QUESTIONS]


def test_search_gives_the_same_after_restoring_elsewhere(quick, embedder, tmp_path):
    quick.upload("新卡.md", "# 新卡\n\n首年免年费。".encode(), "信用卡")
    quick.run()
    with sqlite3.connect(quick.settings.home / "console.db") as db:
        db.execute("CREATE TABLE accounts (name)")
        db.execute("INSERT INTO accounts VALUES ('admin')")
    made = back_up(quick.settings.home, tmp_path / "b.zip")
    assert (made.snapshot, made.documents) == (2, 4) and made.bytes == (tmp_path / "b.zip").stat().st_size
    said, held = contents(tmp_path / "b.zip")
    assert said == made and (held["databases"][0], held["uploads"][0]) == (2, 1) and held["vectors"][1] % (4 * 384) == 0
    assert not list(quick.settings.home.glob(".backup*")) and [p.name for p in tmp_path.glob("*.zip")] == ["b.zip"]
    other = settings_at(tmp_path / "elsewhere")
    done = restore(tmp_path / "b.zip", other.home)
    assert (done.snapshot, done.chunks) == (made.snapshot, made.chunks)
    assert answers(other, embedder) == answers(quick.settings, embedder)
    assert (other.uploads_dir / "信用卡/新卡.md").is_file() and (other.home / "models").is_symlink()
    assert sqlite3.connect(other.home / "console.db").execute("SELECT name FROM accounts").fetchall() == [("admin",)]
    embedder.embedded.clear()
    moved = Indexer(other, embedder)
    assert moved.run().unchanged == 4 and embedder.embedded == [], "Chroma is made again from the vectors"
    live = moved.catalogue.live()
    assert (VectorStore(other.home / "chroma", live.vectors).ids()
            == VectorStore(quick.settings.home / "chroma", live.vectors).ids())


def test_an_upload_is_after_restoring_what_it_was(quick, embedder, tmp_path):
    for name in ("新卡.md", "改过.md"):
        quick.upload(name, f"# {name}\n\n首年免年费。".encode(), "信用卡")
    quick.run()
    quick.upload("改过.md", "# 改过.md\n\n首年减年费。".encode(), "信用卡")  # of the same length

    def states(indexer: Indexer) -> dict[str, tuple[str, str]]:
        return {row.source: (row.status, row.reason) for row in indexer.documents() if row.uploaded}

    before = states(quick)
    assert before == {"uploads/信用卡/新卡.md": ("indexed", ""), "uploads/信用卡/改过.md": ("waiting", "文件已修改")}
    back_up(quick.settings.home, tmp_path / "b.zip")
    other = settings_at(tmp_path / "elsewhere")
    restore(tmp_path / "b.zip", other.home)
    assert states(Indexer(other, embedder)) == before


def test_of_a_backup_that_tells_no_times_the_next_run_takes_them_down(quick, embedder, tmp_path):
    quick.upload("新卡.md", "# 新卡\n\n首年免年费。".encode(), "信用卡")
    quick.run()
    back_up(quick.settings.home, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as told, zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        for name in told.namelist():
            data = told.read(name)
            if name == "manifest.json":
                manifest = json.loads(data)
                assert [one.pop("modified") for one in manifest["files"] if "modified" in one]
                data = json.dumps(manifest)
            old.writestr(name, data)
    other = settings_at(tmp_path / "elsewhere")
    restore(tmp_path / "old.zip", other.home)
    moved = Indexer(other, embedder)
    assert [row.status for row in moved.documents() if row.uploaded] == ["waiting"]
    live = moved.catalogue.live()
    assert moved.run().unchanged == 4 and moved.catalogue.live() == live
    assert {row.status for row in moved.documents()} == {"indexed"}


def test_a_backup_in_the_middle_of_a_run_is_of_one_state(quick, documents, embedder, tmp_path):
    before = answers(quick.settings, embedder)
    (documents / "贷款/新贷.md").write_text("# 新贷\n\n" + "\n\n".join(f"## {n}、规定\n\n第{n}项罚息上浮{n}%。" for n in range(1, 90)),
                                       "utf-8")
    made, stages = [], []

    def meanwhile(progress):
        if (progress.stage, progress.done > 0) not in stages:
            stages.append((progress.stage, progress.done > 0))
            name = tmp_path / f"{len(made)}.zip"
            thread = threading.Thread(target=lambda: made.append(back_up(quick.settings.home, name)))
            thread.start()
            thread.join()

    quick.run(progress=meanwhile)
    assert len(made) >= 4
    for number in range(len(made)):
        home = settings_at(tmp_path / f"home-{number}")
        report = restore(tmp_path / f"{number}.zip", home.home)
        assert answers(home, embedder) == (before if report.snapshot == 1 else answers(quick.settings, embedder))


def test_what_is_there_is_not_overwritten_unless_told(quick, documents, embedder, tmp_path):
    before = answers(quick.settings, embedder)
    back_up(quick.settings.home, tmp_path / "b.zip")
    with pytest.raises(OdfinError, match="已经存在"):
        back_up(quick.settings.home, tmp_path / "b.zip")
    (documents / "信用卡/收费标准.csv").unlink()
    quick.run()
    with pytest.raises(OdfinError, match="--overwrite"):
        restore(tmp_path / "b.zip", quick.settings.home)
    with FileLock(quick.settings.home / "index.lock"), pytest.raises(OdfinError, match="正在进行"):
        restore(tmp_path / "b.zip", quick.settings.home, overwrite=True)
    restore(tmp_path / "b.zip", quick.settings.home, overwrite=True)
    assert answers(quick.settings, embedder) == before
    kept = next(quick.settings.home.glob("replaced-*"))
    assert {"catalogue.db", "chroma", "vectors"} <= {path.name for path in kept.iterdir()}


@pytest.mark.parametrize("harm", ["flipped", "garbled", "cut", "stranger", "outside", "no archive", "other archive", "missing"])
def test_a_damaged_archive_restores_nothing(quick, tmp_path, harm):
    file = tmp_path / "b.zip"
    back_up(quick.settings.home, file)
    if harm == "flipped":
        with zipfile.ZipFile(file) as archive:
            info = next(i for i in archive.infolist() if i.filename.endswith(".f32"))
        data = bytearray(file.read_bytes())
        data[info.header_offset + 200] ^= 1
        file.write_bytes(data)
    elif harm == "garbled":
        with zipfile.ZipFile(file) as archive:
            info = archive.getinfo("catalogue.db")
        data = bytearray(file.read_bytes())
        start = info.header_offset + 80  # past the entry's head
        data[start : start + 64] = b"\xff" * 64
        file.write_bytes(data)
    elif harm == "other archive":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("manifest.json", '["a list"]')
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-500])
    elif harm == "no archive":
        file.write_bytes(b"nothing of the kind")
    elif harm == "missing":
        file.unlink()
    elif harm == "stranger":
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("uploads/保险/伪造.md", "x")
    else:
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "manifest.json":
                    data = data.replace(b'"console', b'"console').replace(b'"catalogue.db"', b'"../catalogue.db"')
                new.writestr("../catalogue.db" if name == "catalogue.db" else name, data)
        shutil.move(other, file)
    home = tmp_path / "elsewhere"
    with pytest.raises(OdfinError):
        restore(file, home)
    assert not [path for path in home.rglob("*") if path.is_file()] if home.exists() else True
    assert not (tmp_path / "catalogue.db").exists()


def test_nothing_to_back_up_is_one_clear_line(tmp_path):
    with pytest.raises(OdfinError, match="odfin index"):
        back_up(tmp_path / "empty", tmp_path / "b.zip")
