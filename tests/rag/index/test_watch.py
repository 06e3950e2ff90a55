"""The watched folder and the queue. Run: pytest tests/rag/index/test_watch.py"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from rag.errors import BusyError, OdfinError
from rag.index.build import Indexer
from rag.index.catalogue import Catalogue
from rag.index.snapshots import roll_back
from rag.index.watch import Watcher
from tests.rag.index.conftest import CountingEmbedder

ROOT = Path(__file__).parents[3]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watcher(quick, documents, said) -> Watcher:
    watcher = Watcher(quick, documents, every=0.1, say=said.append)
    assert watcher.look().unchanged == 3  # the first look takes stock
    return watcher


def test_a_change_is_indexed_once_it_has_settled(watcher, documents):
    assert watcher.look() is None
    path = documents / "保险/新条款.md"
    path.write_text("# 新条款\n\n免赔额一万", "utf-8")
    assert watcher.look() is None, "it may still be written"
    path.write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    assert watcher.look() is None
    assert watcher.look().added == 1
    assert watcher.look() is None
    path.rename(documents / "保险/条款.md")
    assert watcher.look() is None
    assert (report := watcher.look()).added == report.removed == 1


def test_uploads_and_removals_are_indexed_too(watcher, quick):
    source = quick.upload("新卡.md", "# 新卡\n\n免年费。".encode(), "信用卡")
    watcher.look()
    assert watcher.look().added == 1 and not quick.queue.pending()
    quick.remove("保险/澄安重疾险条款.txt")
    assert watcher.look().removed == 1, "what is asked for has no time to settle"
    quick.remove(source)
    watcher.look()
    assert watcher.look().removed == 1


def test_a_roll_back_holds_until_somebody_runs(watcher, quick, documents, said):
    (documents / "保险/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    watcher.look()
    watcher.look()
    roll_back(quick.catalogue, 1)
    (documents / "保险/又一份.md").write_text("# 又一份\n\n免赔额两万元。", "utf-8")
    for _ in range(3):
        assert watcher.look() is None
    assert len(said) == 1 and "已回滚到快照 1" in said[0] and quick.catalogue.live().id == 1
    assert Indexer(quick.settings, CountingEmbedder()).run().added == 2
    assert watcher.look().unchanged == 5


def test_a_share_that_went_away_empties_nothing(quick, documents, tmp_path, said):
    for number in range(20):
        (documents / f"保险/{number}.md").write_text(f"# 条款{number}\n\n免赔额{number}元。", "utf-8")
    watcher = Watcher(quick, documents, every=0.1, say=said.append)
    assert watcher.look().added == 20
    documents.rename(tmp_path / "away")
    assert watcher.look() is None and "没有文件夹" in said[-1]
    documents.mkdir()
    for _ in range(3):
        assert watcher.look() is None
    assert "23 份文档有 23 份不见了" in said[-1] and quick.catalogue.live().documents == 23
    documents.rmdir()
    shutil.copytree(tmp_path / "away", documents)
    for _ in range(2):
        assert watcher.look() is None, "all is as it was"
    assert quick.catalogue.live().documents == 23
    (documents / "保险").rename(documents / "健康险")
    watcher.look()
    assert watcher.look().added == 21, "a folder with another name is no loss"


def test_a_request_during_a_run_leads_to_one_further_run(quick, documents):
    other = Indexer(quick.settings, CountingEmbedder())
    asked = []

    def meanwhile(progress):
        if progress.stage == "embed" and not asked:
            for number in range(3):
                other.upload(f"新卡{number}.md", f"# 新卡{number}\n\n免年费。".encode(), "信用卡")
                with pytest.raises(BusyError, match="结束后会自动再更新一次"):
                    other.run()
                asked.append(number)

    (documents / "保险/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    report = quick.run(progress=meanwhile)
    assert (report.added, report.documents, report.snapshot) == (4, 7, "3"), "two runs, told as one"
    assert not quick.queue.pending()
    assert quick.run().snapshot == "3"


def test_a_request_across_processes_waits_in_the_queue(quick, documents):
    (documents / "保险/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    with FileLock(quick.settings.home / "index.lock"):
        done = subprocess.run([sys.executable, "-c", f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from rag.settings import load_settings
Indexer(load_settings(home=Path({str(quick.settings.home)!r}), _env_file=None), HashEmbedder()).run()
"""], capture_output=True, text=True)
        assert done.returncode == 1 and "BusyError" in done.stderr
    assert quick.queue.pending()
    assert quick.run().added == 1 and not quick.queue.pending()


def test_it_goes_on_until_it_is_stopped(quick, documents, said):
    stop, reports = threading.Event(), []
    watcher = Watcher(quick, documents, every=0.1, say=said.append, report=reports.append)
    thread = threading.Thread(target=watcher.run, args=(stop,))
    thread.start()
    (documents / "保险/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    for _ in range(300):
        if Catalogue(quick.catalogue.path).live().documents == 4:
            break
        time.sleep(0.1)
    stop.set()
    thread.join(30)
    assert not thread.is_alive() and reports[-1].documents == 4
    with pytest.raises(OdfinError, match="没有文件夹"):
        Watcher(quick, documents / "nowhere", every=0.1, say=said.append).run(threading.Event())
