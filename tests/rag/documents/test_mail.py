"""Saved e-mails with what is attached to them. `python -m pytest tests/rag/documents/test_mail.py`"""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from docx import Document as WordDocument
from openpyxl import Workbook

from rag.documents.load import load_document
from rag.documents.split import split_document
from rag.errors import DocumentError


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {
        "Subject": "关于调整个人存款利率的通知",
        "From": "张经理 <zhang@example.com>",
        "To": "各支行 <all@example.com>",
        "Date": "Tue, 20 May 2025 09:30:00 +0800",
        **headers,
    }.items():
        message[name] = value
    return message


def saved(tmp_path, message, name="a.eml"):
    (tmp_path / name).write_bytes(message if isinstance(message, bytes) else message.as_bytes())
    return load_document(tmp_path / name, name)


def test_headers_stand_before_the_text(tmp_path):
    message = letter()
    message.set_content("自2025年5月20日起，一年期存款利率为0.95%。\n\n请各支行遵照执行。\n")
    document = saved(tmp_path, message)
    assert document.title == "关于调整个人存款利率的通知"
    assert document.pages[0].text == (
        "# 关于调整个人存款利率的通知\n\n发件人：张经理 <zhang@example.com>\n\n收件人：各支行 <all@example.com>\n\n"
        "日期：2025-05-20 09:30\n\n自2025年5月20日起，一年期存款利率为0.95%。\n\n请各支行遵照执行。"
    )


@pytest.mark.parametrize("charset", ["gb2312", "gb18030", "big5", "utf-8"])
def test_letters_in_every_encoding_and_headers_too(tmp_path, charset):
    message = letter(Subject="利率通知")
    message.set_content(
        "一年期存款利率保持不變\n" if charset == "big5" else "一年期存款利率保持不变\n", charset=charset
    )
    text = saved(tmp_path, message).pages[0].text
    assert "一年期存款利率保持不" in text and text.startswith("# 利率通知")


def test_raw_gbk_headers_of_old_programs_are_read(tmp_path):
    raw = "Subject: 费率调整\r\nFrom: 王 <w@example.com>\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n费率为镕基准1%。\r\n"
    document = saved(tmp_path, raw.encode("gbk"))
    assert document.title == "费率调整"
    assert "费率为镕基准1%。" in document.pages[0].text  # 镕 is not in GB2312, whatever the letter declares


def test_a_table_in_the_html_part_is_kept(tmp_path):
    message = letter()
    message.set_content("期限 利率 一年 0.95%")
    message.add_alternative(
        "<p>如下：</p><table><tr><th>期限</th><th>利率</th></tr><tr><td>一年</td><td>0.95%</td></tr></table>",
        subtype="html",
    )
    assert "| 期限 | 利率 |\n| --- | --- |\n| 一年 | 0.95% |" in saved(tmp_path, message).pages[0].text


def test_attachments_are_pages_or_named_in_a_warning(tmp_path):
    word = WordDocument()
    word.add_paragraph("第一条 本办法自印发之日起施行。")
    word.save(tmp_path / "办法.docx")
    message = letter()
    message.set_content("见附件。")
    message.add_attachment(
        (tmp_path / "办法.docx").read_bytes(), maintype="application", subtype="octet-stream", filename="办法.docx"
    )
    message.add_attachment("期限,利率\n一年,0.95%\n".encode("gbk"), maintype="text", subtype="csv", filename="利率.csv")
    message.add_attachment(b"PK\x03\x04 broken", maintype="application", subtype="zip", filename="资料.zip")
    message.add_attachment(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), maintype="application", subtype="msword", filename="旧.doc"
    )
    inner = letter(Subject="转发的邮件")
    inner.set_content("内层邮件的正文。")
    message.add_attachment(inner)
    document = saved(tmp_path, message)
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert document.pages[1].text == "# 附件：办法.docx\n\n第一条 本办法自印发之日起施行。"
    assert "| 一年 | 0.95% |" in document.pages[2].text
    assert "内层邮件的正文。" in document.pages[3].text
    assert len(document.warnings) == 2
    assert any("资料.zip" in warning for warning in document.warnings)
    assert any("旧.doc" in warning for warning in document.warnings)


def test_letters_in_letters_end_somewhere(tmp_path):
    message = letter(Subject="最里面")
    message.set_content("最里面的正文。")
    for depth in range(6):
        outer = letter(Subject=f"第{depth}层")
        outer.set_content(f"第{depth}层正文。")
        outer.add_attachment(message)
        message = outer
    document = saved(tmp_path, message)
    assert len(document.pages) == 3
    assert any("套得太深" in warning for warning in document.warnings)


def test_an_empty_letter_is_refused(tmp_path):
    with pytest.raises(DocumentError, match=r"^a\.eml："):
        saved(tmp_path, b"\r\n\r\n")


def test_a_subject_and_a_file_name_go_beyond_the_gb2312_they_declare(tmp_path):
    word = base64.b64encode("关于朱镕同志的通知".encode("gb18030"))
    name = base64.b64encode("朱镕.txt".encode("gb18030"))
    data = (b"Subject: =?GB2312?B?" + word + b"?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            b"--x\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n" + "正文。".encode("gbk") +
            b'\r\n--x\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Disposition: attachment; filename="=?gb2312?B?'
            + name + b'?="\r\n\r\n' + "附件正文。".encode("gbk") + b"\r\n--x--\r\n")  # fmt: skip
    document = saved(tmp_path, data)
    assert document.title == "关于朱镕同志的通知"
    assert document.pages[1].text.startswith("# 附件：朱镕.txt")


def test_each_sheet_of_an_attached_workbook_stands_under_the_attachment(tmp_path):
    book = Workbook()
    for sheet, value in ((book.active, 1), (book.create_sheet("乙表"), 2)):
        for row in (("项目", "金额"), ("年费", value), ("月费", value)):
            sheet.append(row)
    book.active.title = "甲表"
    book.save(tmp_path / "费用.xlsx")
    message = letter(Subject="费用")
    message.set_content("见附件。")
    message.add_attachment((tmp_path / "费用.xlsx").read_bytes(), maintype="application", subtype="x", filename="费用.xlsx")
    pieces = [piece for piece in split_document(saved(tmp_path, message)) if piece.kind == "table"]
    assert [piece.headings for piece in pieces] == [("附件：费用.xlsx", "甲表"), ("附件：费用.xlsx", "乙表")]
    assert not any("附件" in piece.text for piece in pieces)
