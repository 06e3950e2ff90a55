"""Damaged, hostile and oddly named files; many more of them, and bombs: `python -m tests.rag.documents.fuzz 200`.
`python -m pytest tests/rag/documents/test_fuzz.py`"""

from __future__ import annotations

import random

import pytest

from rag.documents.limits import NO_OCR, Limits
from rag.documents.load import load_document
from rag.documents.reader import DocumentReader
from rag.errors import DocumentError
from tests.rag.documents.fuzz import ODD_NAMES, TEXT, damaged, formatted_rows, outcome, whole_files


@pytest.fixture(scope="module")
def reader():
    with DocumentReader(Limits(seconds=60, ocr=False)) as reader:
        yield reader


@pytest.mark.parametrize("suffix", list(whole_files()))
def test_a_damaged_file_is_read_or_refused_in_one_line_and_takes_nothing_with_it(reader, tmp_path, suffix):
    data = whole_files()[suffix]
    for seed in range(6):
        path = tmp_path / f"{seed}{suffix}"
        path.write_bytes(damaged(data, random.Random(f"{suffix}{seed}")) or b"x")
        assert outcome(reader, path, path.name) in ("读出", "拒绝")
    sound = tmp_path / f"sound{suffix}"
    sound.write_bytes(data)
    assert outcome(reader, sound, sound.name) == "读出"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_is_read_whatever_its_name(reader, tmp_path, name):
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    assert reader.read(tmp_path / name, name).source == name


def test_a_page_nested_ten_thousand_deep_says_so_at_once(tmp_path):
    for depth, words in ((50, "深处的文字"), (10_000, "")):
        (tmp_path / "a.html").write_text("<div>" * depth + "深处的文字", encoding="utf-8")
        if words:
            assert words in load_document(tmp_path / "a.html", "a.html", NO_OCR).pages[0].text
        else:
            with pytest.raises(DocumentError, match=r"^a\.html：.*嵌套层数过多"):
                load_document(tmp_path / "a.html", "a.html", NO_OCR)


def test_a_sheet_formatted_far_down_is_read_by_its_values(reader, tmp_path):
    document = reader.read(formatted_rows(tmp_path / "a.xlsx", 250_000), "a.xlsx")
    assert document.pages[0].text.endswith("fee 4")
