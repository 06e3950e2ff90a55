"""Files that cannot be read are reported in one line. `python -m pytest tests/rag/documents/test_load.py`"""

from __future__ import annotations

import os
import zipfile

import pytest
from docx import Document as WordDocument

from rag.documents import load
from rag.documents.load import SUFFIXES, load_document
from rag.errors import DocumentError


def refused(path, *words):
    with pytest.raises(DocumentError) as error:
        load_document(path, path.name)
    message = str(error.value)
    assert message.startswith(f"{path.name}：") and "\n" not in message
    for word in words:
        assert word in message
    return message


def test_empty_and_blank_files(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"")
    refused(tmp_path / "a.txt", "空")
    (tmp_path / "b.md").write_text("  \n\n<!-- 只有注释 -->\n", encoding="utf-8")
    refused(tmp_path / "b.md", "没有读到文字")


def test_cut_office_file(tmp_path):
    word = WordDocument()
    word.add_paragraph("正文" * 500)
    word.save(tmp_path / "whole.docx")
    data = (tmp_path / "whole.docx").read_bytes()
    (tmp_path / "a.docx").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "a.docx", "损坏")


def test_old_or_locked_office_file(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    refused(tmp_path / "a.docx", "密码", ".docx")
    (tmp_path / "b.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    refused(tmp_path / "b.doc", "旧版", ".docx")


def test_content_decides_over_a_wrong_suffix_and_says_so(tmp_path):
    word = WordDocument()
    word.add_paragraph("第一条 内容。")
    word.save(tmp_path / "real.docx")
    os.rename(tmp_path / "real.docx", tmp_path / "a.pdf")
    document = load_document(tmp_path / "a.pdf", "a.pdf")
    assert document.pages[0].text == "第一条 内容。"
    assert "docx" in document.warnings[0]


def test_text_under_an_office_name_and_zeros_under_a_text_name(tmp_path):
    (tmp_path / "a.xlsx").write_text("不是表格", encoding="utf-8")
    refused(tmp_path / "a.xlsx", "XLSX")
    (tmp_path / "b.txt").write_bytes(bytes(10_000))
    refused(tmp_path / "b.txt", "零")


def test_broken_pictures_archives_and_unknown_kinds(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    refused(tmp_path / "a.pdf", "图片", "损坏")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        archive.writestr("说明.txt", "内容")
    refused(tmp_path / "b.docx", "压缩包")
    (tmp_path / "c.exe").write_bytes(b"MZ" + bytes(100))
    refused(tmp_path / "c.exe", ".exe", ".pdf")


def test_two_gigabytes_of_zeros_are_refused_at_once(tmp_path):
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(2 * 1024**3)
    refused(tmp_path / "a.pdf", "超过上限")


def test_a_zip_bomb_is_refused_before_unpacking(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "MAX_UNPACKED", 1_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2_000_000)
    refused(tmp_path / "a.xlsx", "解压")


def test_missing_file(tmp_path):
    refused(tmp_path / "nowhere.md", "不存在")


def test_suffixes_are_lower_case_with_a_dot():
    assert {".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".html", ".md", ".txt"} <= SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in SUFFIXES)
