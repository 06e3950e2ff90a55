"""Nothing a file contains takes the program down. `python -m pytest tests/rag/documents/test_reader.py`"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from rag.documents import reader as reader_module
from rag.documents.limits import Limits
from rag.documents.load import load_document
from rag.documents.reader import DocumentReader, limits_of, read_document
from rag.errors import DocumentError
from rag.settings import load_settings

TEXT = "第一条 保险金额由投保人与保险人约定，并在保险单上载明。"
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and address-space limits")


@pytest.fixture
def good(tmp_path) -> Path:
    path = tmp_path / "good.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reader():
    with DocumentReader() as made:
        yield made


def refused(reader: DocumentReader, path: Path, *words: str) -> str:
    with pytest.raises(DocumentError) as error:
        reader.read(path, path.name)
    message = str(error.value)
    assert message.startswith(f"{path.name}：") and "\n" not in message
    for word in words:
        assert word in message
    return message


def test_a_document_comes_through_the_child_as_it_is_and_the_child_is_kept(reader, good):
    assert reader.read(good, "a/good.txt") == load_document(good, "a/good.txt")
    pid = reader.pid
    assert pid not in (None, os.getpid())
    reader.read(good, "good.txt")
    assert reader.pid == pid


def test_what_is_wrong_with_a_file_is_said_and_the_next_one_is_read(reader, good, tmp_path):
    (tmp_path / "empty.pdf").write_bytes(b"")
    refused(reader, tmp_path / "empty.pdf", "空")
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<</Type")
    refused(reader, tmp_path / "cut.pdf", "损坏")
    refused(reader, tmp_path / "gone.txt", "不存在")
    with (tmp_path / "zeros.txt").open("wb") as file:
        file.truncate(2 * 1024**3)
    refused(reader, tmp_path / "zeros.txt", "超过上限")
    assert reader.read(good, "good.txt").pages[0].text == TEXT


def test_the_child_knows_neither_the_models_nor_the_program_s_secrets(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, rag.documents.worker, rag.documents.load, rag.documents.pdf, rag.documents.docx, "
         "rag.documents.sheets, rag.documents.image, rag.documents.mail; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"torch", "chromadb", "transformers", "langchain", "streamlit", "cv2", "onnxruntime"} & set(seen)
    with DocumentReader() as reader:
        reader.start()
        if Path("/proc").is_dir():
            assert b"secret" not in Path(f"/proc/{reader.pid}/environ").read_bytes()


@posix
def test_a_child_that_hangs_is_ended_in_time_and_replaced(good):
    with DocumentReader(Limits(seconds=0.6)) as reader:
        reader.start()
        stopped = reader.pid
        os.kill(stopped, signal.SIGSTOP)
        refused(reader, good, "秒内没有读完")
        with pytest.raises(ProcessLookupError):
            os.kill(stopped, 0)
        reader.limits = Limits()
        assert reader.read(good, "good.txt").pages[0].text == TEXT


@posix
@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGKILL])
def test_a_document_during_which_a_new_child_crashes_is_refused(good, death):
    with DocumentReader() as reader:
        reader.start()
        os.kill(reader.pid, signal.SIGSTOP)  # so that it dies with the document in its hands
        threading.Timer(0.3, _end, (reader.pid, death)).start()
        refused(reader, good, "崩溃")
        assert reader.read(good, "good.txt").pages[0].text == TEXT


@posix
def test_a_child_that_has_read_others_may_have_died_of_them_so_the_document_gets_a_new_one(good):
    with DocumentReader() as reader:
        reader.read(good, "good.txt")
        before = reader.pid
        os.kill(before, signal.SIGSTOP)
        threading.Timer(0.3, _end, (before, signal.SIGSEGV)).start()
        assert reader.read(good, "good.txt").pages[0].text == TEXT
        assert reader.pid != before


def _end(pid: int, death: signal.Signals) -> None:
    os.kill(pid, death)
    os.kill(pid, signal.SIGCONT)


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="the address space of a process can be capped on Linux only")
def test_a_file_that_unpacks_to_more_than_memory_holds_is_refused_and_the_next_one_read(good, tmp_path):
    bomb = tmp_path / "bomb.xlsx"
    _workbook(bomb, b"<row>" + b"<c t='inlineStr'><is><t>0123456789</t></is></c>" * 100 + b"</row>", 20_000)
    assert bomb.stat().st_size < 3_000_000
    with DocumentReader(Limits(memory_mb=256)) as reader:
        refused(reader, bomb, "内存")
        assert reader.read(good, "good.txt").pages[0].text == TEXT


def test_a_workbook_that_takes_too_long_is_given_up(good, tmp_path):
    slow = tmp_path / "slow.xlsx"
    _workbook(slow, b"<row><c t='inlineStr'><is><t>0</t></is></c></row>", 600_000)
    with DocumentReader(Limits(seconds=0.5)) as reader:
        refused(reader, slow, "秒内没有读完")
        reader.limits = Limits()
        assert reader.read(good, "good.txt").pages[0].text == TEXT


def test_more_pages_than_allowed_are_refused(make_pdf):
    path = make_pdf(*[lambda canvas: canvas.drawString(72, 700, "正文")] * 4)
    with DocumentReader(Limits(pages=3)) as reader:
        refused(reader, path, "4 页", "上限 3 页")


def test_a_child_that_cannot_start_says_which_document_waited_for_it(good, monkeypatch):
    monkeypatch.setattr(reader_module.sys, "executable", str(good.parent / "no python"))
    with DocumentReader() as reader:
        refused(reader, good, "启动不了")


def test_the_child_ends_when_it_is_not_needed_for_a_while(good, monkeypatch):
    monkeypatch.setattr(reader_module, "_IDLE_SECONDS", 0.1)
    with DocumentReader() as reader:
        reader.read(good, "good.txt")
        deadline = time.monotonic() + 20
        while reader.pid is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert reader.pid is None
        assert reader.read(good, "good.txt").pages[0].text == TEXT


def test_settings_set_the_caps(tmp_path, good):
    settings = load_settings(
        home=tmp_path, parse_seconds=7, parse_pages=9, parse_memory_mb=512, ocr=False, _env_file=None
    )
    limits = limits_of(settings)
    assert (limits.seconds, limits.pages, limits.memory_mb, limits.ocr) == (7, 9, 512, False)
    assert read_document(good, "good.txt", settings).pages[0].text == TEXT


def test_threads_take_turns(reader, good):
    found = []
    threads = [threading.Thread(target=lambda: found.append(reader.read(good, "good.txt"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [document.pages[0].text for document in found] == [TEXT] * 4


def _workbook(path: Path, row: bytes, count: int) -> None:
    """A workbook of one sheet with `count` times the same row, packed small."""
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        relation = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="%s/%s" Target="%s"/></Relationships>'
        archive.writestr("_rels/.rels", relation % (office, b"officeDocument", b"xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            b'<workbook %s xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
            % (space, office),
        )
        archive.writestr("xl/_rels/workbook.xml.rels", relation % (office, b"worksheet", b"worksheets/sheet1.xml"))
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(b"<worksheet %s><sheetData>" % space)
            for _ in range(count // 1000):
                sheet.write(row * 1000)
            sheet.write(b"</sheetData></worksheet>")
