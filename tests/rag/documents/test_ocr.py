"""Scanned pages and pictures. `python -m pytest tests/rag/documents/test_ocr.py`"""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument

from rag.documents.limits import NO_OCR, Limits
from rag.documents.load import load_document
from rag.documents.ocr import read_picture
from rag.errors import DocumentError
from tests.rag.documents.conftest import draw_table, write_lines

LINES = [
    "第一条 保险人按照本合同约定给付身故保险金，",
    "并退还保险单的现金价值。",
    "第二条 投保人可以在犹豫期内解除本合同。",
]


def as_picture(pdf: Path, dots: int = 150) -> Image.Image:
    with PdfDocument(pdf) as document:
        return document[0].render(scale=dots / 72).to_pil().convert("RGB")


@pytest.fixture
def scan(make_pdf, tmp_path):
    """A picture of a page with text and a ruled table."""

    def draw(canvas):
        write_lines(canvas, LINES)
        draw_table(
            canvas,
            [["保单年度", "手续费", "备注"], ["第一年", "4%", "无"], ["第二年", "3%", "无"]],
            top=640,
            widths=(70, 70, 70),
        )

    return as_picture(make_pdf(draw, name="printed.pdf"))


def check(text: str) -> None:
    assert "第一条保险人按照本合同约定给付身故保险金，并退还保险单的现金价值。" in text.replace(" ", "")
    assert "第二条投保人可以在犹豫期内解除本合同。" in text.replace(" ", "")
    assert "| 保单年度 | 手续费 | 备注 |\n| --- | --- | --- |\n| 第一年 | 4% | 无 |\n| 第二年 | 3% | 无 |" in text


def test_a_scanned_page_between_printed_ones_is_read_and_named_in_a_warning(make_pdf, scan, tmp_path):
    scan.save(tmp_path / "scan.jpg", quality=85)
    path = make_pdf(
        lambda canvas: write_lines(canvas, ["印刷的第一页文字，不需要识别。"]),
        lambda canvas: canvas.drawImage(str(tmp_path / "scan.jpg"), 0, 0, 595, 842),
        name="mixed.pdf",
    )
    asked = []
    document = load_document(path, "mixed.pdf", Limits(), asked.append)
    assert asked == [1]
    assert document.pages[0].text == "印刷的第一页文字，不需要识别。"
    check(document.pages[1].text)
    assert len(document.warnings) == 1 and "第 2 页" in document.warnings[0] and "OCR" in document.warnings[0]


def test_a_picture_is_read_with_its_table(scan, tmp_path):
    scan.save(tmp_path / "a.png")
    document = load_document(tmp_path / "a.png", "a.png")
    assert "OCR" in document.warnings[0]
    check(document.pages[0].text)


MIDDLE = [
    "    被保险人已经从有关责任方取得赔偿的，保险人赔偿保险金时，可以相应扣减被保险",
    "人已从有关责任方取得的赔偿金额。",
    "    保险事故发生后，在保险人未赔偿保险金之前，被保险人放弃对有关责任方请求赔偿",
    "权利的，保险人不承担赔偿责任。",
]


@pytest.mark.parametrize(("lines", "title"), [
    (MIDDLE, "续页"),
    (["财产损失的，应视为一次事故造成的损失。", *MIDDLE], "续页"),
    (["被保险人从责任方取得的赔偿可以相应扣减保险", "人应当支付的赔偿金额。"], "续页"),
    (["    青岚银行个人住房贷款管理办法", *MIDDLE], "青岚银行个人住房贷款管理办法"),
])  # fmt: skip
def test_the_title_of_a_picture_stands_over_its_text_or_is_the_name_of_the_file(make_pdf, tmp_path, lines, title):
    picture = as_picture(make_pdf(lambda canvas: write_lines(canvas, lines)))
    picture.save(tmp_path / "续页.png")
    picture.save(tmp_path / "续页.pdf")
    for name in ("续页.png", "续页.pdf"):
        assert load_document(tmp_path / name, f"条款/{name}").title == title


def test_large_words_over_a_picture_are_its_title(make_pdf, tmp_path):
    def draw(canvas):
        canvas.setFont("STSong-Light", 18)
        canvas.drawString(180, 790, "海青市抵押物评估收费")
        canvas.setFont("STSong-Light", 10.5)
        write_lines(canvas, MIDDLE)

    as_picture(make_pdf(draw)).save(tmp_path / "a.png")
    assert load_document(tmp_path / "a.png", "a.png").title == "海青市抵押物评估收费"


@pytest.mark.parametrize("name", ["b.jpg", "c.bmp", "d.webp"])
def test_pictures_of_every_kind_are_read(scan, tmp_path, name):
    scan.crop((100, 150, 900, 320)).save(tmp_path / name)
    assert "身故保险金" in load_document(tmp_path / name, name).pages[0].text


def test_every_frame_of_a_tiff_is_a_page(scan, tmp_path):
    scan.save(tmp_path / "a.tiff", save_all=True, append_images=[scan.rotate(1.5, fillcolor="white", expand=True)])
    document = load_document(tmp_path / "a.tiff", "a.tiff")
    assert [page.number for page in document.pages] == [1, 2]
    for page in document.pages:  # the second one lies askew
        check(page.text)


def test_a_page_on_its_side_or_upside_down_is_turned_upright(scan, tmp_path):
    part = scan.crop((100, 150, 900, 620))
    frames = [part.rotate(degrees, expand=True) for degrees in (90, 180)]  # a third one would make its lines running heads
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])
    part.rotate(270, expand=True).save(tmp_path / "b.png")
    pages = [*load_document(tmp_path / "a.tiff", "a.tiff").pages, *load_document(tmp_path / "b.png", "b.png").pages]
    assert len(pages) == 3
    for page in pages:
        assert page.text.startswith("第一条保险人按照本合同约定给付身故保险金，")
        assert page.text.endswith("| 第一年 | 4% | 无 |\n| 第二年 | 3% | 无 |")


@pytest.mark.parametrize(("dots", "degrees"), [(90, 2), (150, 0), (150, -2), (200, -2), (90, 180), (150, 180)])
def test_no_figure_is_read_upside_down(make_pdf, tmp_path, dots, degrees):
    rows = [(90, 86), (80, 68), (95, 89), (97, 98), (99, 16), (60, 61), (66, 90), (69, 88), (96, 60), (98, 96)]

    def draw(canvas):
        write_lines(canvas, LINES)
        draw_table(canvas, [["年度", "比例", "人数"], *([f"{a}", f"{a}%", f"{b}"] for a, b in rows)], top=640, widths=(70, 70, 70))

    page = as_picture(make_pdf(draw), dots)
    page.rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC).save(tmp_path / "a.png")
    text = load_document(tmp_path / "a.png", "a.png").pages[0].text
    assert [line for line in text.splitlines() if "%" in line] == [f"| {a} | {a}% | {b} |" for a, b in rows]


def test_a_picture_under_a_pdf_name_is_read_and_said_so(scan, tmp_path):
    scan.save(tmp_path / "x.png")
    (tmp_path / "x.png").rename(tmp_path / "x.pdf")
    assert "图片" in load_document(tmp_path / "x.pdf", "x.pdf").warnings[0]


def test_characters_stand_where_they_are_printed(scan):
    printed = read_picture(numpy.asarray(scan)[:, :, ::-1], 150 / 72)
    first = next(glyph for glyph in printed.glyphs if glyph.text == "第")
    assert first.x0 == pytest.approx(72, abs=3) and first.y == pytest.approx(842 - 740, abs=3)
    assert first.size == pytest.approx(10.5, abs=1.5)
    assert len([rule for rule in printed.rules if rule.y0 == rule.y1]) >= 4


def test_pictures_without_words_cut_ones_and_ocr_switched_off_say_so(scan, make_pdf, tmp_path):
    Image.new("RGB", (600, 400), "white").save(tmp_path / "blank.png")
    with pytest.raises(DocumentError, match=r"^blank\.png：.*没有认出文字"):
        load_document(tmp_path / "blank.png", "blank.png")
    scan.save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 3])
    with pytest.raises(DocumentError, match=r"^cut\.png：.*损坏"):
        load_document(tmp_path / "cut.png", "cut.png")
    with pytest.raises(DocumentError, match="ODFIN_OCR"):
        load_document(tmp_path / "whole.png", "whole.png", NO_OCR)
    path = make_pdf(lambda canvas: canvas.drawImage(str(tmp_path / "whole.png"), 0, 0, 595, 842), name="scan.pdf")
    with pytest.raises(DocumentError, match="ODFIN_OCR"):
        load_document(path, "scan.pdf", NO_OCR)


def test_a_picture_of_a_billion_dots_is_refused(tmp_path):
    image = Image.new("1", (40_000, 30_000))
    ImageDraw.Draw(image).line((0, 0, 100, 100), fill=1)
    image.save(tmp_path / "huge.png")
    with pytest.raises(DocumentError, match=r"^huge\.png：.*太大"):
        load_document(tmp_path / "huge.png", "huge.png")
