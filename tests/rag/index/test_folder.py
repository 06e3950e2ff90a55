"""Folders as they lie on real disks: links that lead nowhere, files that go while they are read, parts of saved pages.

Run: pytest tests/rag/index/test_folder.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import OdfinError
from rag.index.search import Searcher
from rag.index.watch import Watcher

ROOT = Path(__file__).parents[3]
FEES = "信用卡/收费标准.csv"


def found(indexer, question: str) -> list[str]:
    return [hit.source for hit in Searcher(indexer.settings, indexer.embedder).search(question)]


def one_line(report, source: str, words: str) -> None:
    said = {failure.source: failure.reason for failure in report.failed}
    assert words in said[source] and "\n" not in said[source] and "Error" not in said[source], said


def test_a_folder_that_is_called_like_a_document_is_a_folder(quick, documents):
    (documents / "合集.pdf").mkdir()
    (documents / "合集.pdf/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
    report = quick.run()
    assert (report.added, report.failed) == (1, [])
    assert found(quick, "免赔额")[0] == "合集.pdf/新条款.md"


def test_links_that_lead_nowhere_are_one_line_each_and_what_was_indexed_stays(quick, documents, tmp_path):
    (documents / FEES).rename(tmp_path / "elsewhere.csv")
    (documents / FEES).symlink_to(tmp_path / "elsewhere.csv")
    assert quick.run().documents == 3
    (tmp_path / "elsewhere.csv").unlink()
    (documents / "圈.md").symlink_to(documents / "圈.md")
    (documents / "上级").symlink_to(documents)  # a loop of folders is not walked
    report = quick.run()
    assert (report.documents, report.removed, len(report.failed)) == (3, 0, 2)
    one_line(report, FEES, "链接指向的文件已不在")
    one_line(report, "圈.md", "链接绕成了圈")
    assert found(quick, "金卡年费")[0] == FEES
    assert quick.run().snapshot == report.snapshot, "the same faults are no new snapshot"
    (documents / FEES).unlink()
    assert quick.run().removed == 1, "a link that is taken away takes its document with it"


def test_a_file_that_goes_between_listing_and_reading_keeps_its_last_version(quick, documents):
    for path in (documents / FEES, documents / "贷款/安居贷产品手册.md"):
        os.utime(path, (1, 1))  # looked at again

    def gone(progress):
        if progress.stage == "read" and progress.done == 0:
            (documents / FEES).unlink(missing_ok=True)

    report = quick.run(progress=gone)
    assert (report.documents, report.removed) == (3, 0)
    one_line(report, FEES, "文件不存在")
    assert found(quick, "金卡年费")[0] == FEES
    assert quick.run().removed == 1


# As a process of its own that gives a superuser's rights away once everything is imported and indexed.
WITHOUT_RIGHTS = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from rag.errors import OdfinError
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from rag.index.folder import scan, survey
from rag.settings import load_settings
top = Path(sys.argv[2])
folder, indexer = top / "documents", Indexer(load_settings(home=top / "own", _env_file=None), HashEmbedder())
first = indexer.run(folder)
if os.geteuid() == 0:
    for path in (top, *top.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    for above in top.parents:
        os.chmod(above, os.stat(above).st_mode | 0o001) if str(above).startswith(sys.argv[3]) else None
    os.setgid(65534), os.setuid(65534)
os.chmod(folder / "保险", 0)
report = indexer.run(folder)
rows = {row.source: (row.status, row.reason) for row in indexer.documents()}
os.chmod(folder, 0)
try:
    refused = str(scan(folder, top / "none"))
except OdfinError as error:
    refused = str(error)
os.chmod(folder, 0o755), os.chmod(folder / "保险", 0o755)
print(json.dumps([[r.documents, r.removed, [f.source for f in r.failed], [f.reason for f in r.failed]]
                  for r in (first, report, indexer.run(folder))] + [rows, refused]))
"""


def test_what_may_not_be_read_is_no_empty_folder(tmp_path, documents):
    private = next((p for p in tmp_path.parents if p.name.startswith("pytest-of-")), tmp_path.parent)  # nobody else's way in
    done = subprocess.run([sys.executable, "-c", WITHOUT_RIGHTS, str(ROOT), str(tmp_path), str(private)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    first, closed, again, rows, refused = json.loads(done.stdout)
    assert first == again == [3, 0, [], []]
    assert closed[:3] == [3, 0, ["保险/"]] and "打不开（没有权限）" in closed[3][0]
    assert rows["保险/澄安重疾险条款.txt"] == ["failed", closed[3][0]]
    assert "打不开" in refused and "\n" not in refused


def test_the_parts_of_a_saved_page_are_no_documents(quick, documents):
    page = documents / "信用卡/收费公告.html"
    page.write_text("<html><body><h1>收费公告</h1><p>短信提醒服务每月收费3元。</p></body></html>", "utf-8")
    for parts in ("收费公告_files", "收费公告.files"):
        (page.parent / parts / "frames").mkdir(parents=True)
        (page.parent / parts / "frames/saved_resource.html").write_text("<p>短信提醒广告框，每月收费99元。</p>", "utf-8")
        (page.parent / parts / "app.js").write_text("var a=1", "utf-8")
    (page.parent / "年报_files").mkdir()  # no page beside it
    (page.parent / "年报_files/附注.md").write_text("# 附注\n\n短信费另计。", "utf-8")
    report = quick.run()
    assert (report.added, report.failed) == (2, [])
    assert [one.source for one in report.skipped] == ["信用卡/收费公告.files/", "信用卡/收费公告_files/"]
    assert "“收费公告.html”另存时附带的 1 个文件" in report.skipped[0].reason
    assert found(quick, "短信提醒每月收费") [0] == "信用卡/收费公告.html"
    page.unlink()
    assert quick.run().added == 2, "without their page they are files like others"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes there")
def test_a_name_that_is_not_utf8_is_read_as_gb18030_and_stays_the_same_document(quick, documents):
    (folder := documents / os.fsdecode("社保".encode("gb18030"))).mkdir()
    path = folder / os.fsdecode("养老金.md".encode("gb18030"))
    path.write_text("# 养老金\n\n每月领取三千元。", "utf-8")
    (documents / os.fsdecode(b"\xff\xff.md")).write_text("# 乱名\n\n乱名文件的手续费十元。", "utf-8")
    report = quick.run()
    assert (report.added, report.failed) == (2, [])
    assert found(quick, "养老金每月领取")[0] == "社保/养老金.md"
    rows = {row.source: row for row in quick.documents()}
    assert rows["社保/养老金.md"].status == rows["\\xff\\xff.md"].status == "indexed"
    assert rows["社保/养老金.md"].topic == "社保"
    assert quick.run().unchanged == 5
    watcher = Watcher(quick, documents, every=0.1, say=print)
    assert watcher.look().unchanged == 5
    path.rename(documents / "养老金.md")
    report = quick.run()
    assert (report.added, report.removed, report.documents) == (1, 1, 5)
    shutil.rmtree(folder)
    with pytest.raises(OdfinError, match="不是 UTF-8"):
        quick.run(documents / os.fsdecode("社保".encode("gb18030")))


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes there")
def test_two_names_that_read_alike_are_told_and_a_name_is_one_line(quick, documents):
    (documents / "换 行.md").write_text("# 甲\n\n甲产品手续费一元。", "utf-8")
    (documents / "换\n行.md").write_text("# 乙\n\n乙产品手续费二元。", "utf-8")
    (documents / "又\n一.md").write_bytes(b"")
    report = quick.run()
    assert report.added == 1 and [one.source for one in report.skipped] == ["换 行.md"]
    one_line(report, "又 一.md", "空的")
    assert found(quick, "甲产品手续费")[0] == "换 行.md" and quick.run().documents == 4


def test_office_files_in_formats_that_are_not_read_are_told_and_noise_is_not(quick, documents):
    for name in ("旧条款.doc", "旧表.XLS", "讲义.wps", "公文.ofd", "安居贷产品手册.doc", "~$旧条款.doc", ".隐藏.doc", ".DS_Store",
                 "Thumbs.db", "说明", "程序.py", "资料.zip"):  # fmt: skip
        (documents / "贷款" / name).write_bytes(b"\xd0\xcf\x11\xe0 old")
    (documents / "贷款/安居贷产品手册.docx").write_bytes(b"")  # saved anew, if not well
    report = quick.run()
    assert (report.added, len(report.failed)) == (0, 1)
    assert {one.source: one.reason.rpartition("；")[2] for one in report.skipped} == {
        "贷款/旧条款.doc": "请用原软件另存为 docx 再放入", "贷款/旧表.XLS": "请用原软件另存为 xlsx 再放入",
        "贷款/讲义.wps": "请用原软件另存为 docx 再放入", "贷款/公文.ofd": "请用原软件另存为 pdf 再放入"}  # fmt: skip
