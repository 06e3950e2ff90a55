"""Automatic numbers, notes and nested tables of Word files. `python -m pytest tests/rag/documents/test_docx_numbers.py`"""

from __future__ import annotations

from docx import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from rag.documents.load import load_document
from rag.documents.split import split_document


def numbered(word, number: int, *levels: tuple[str, str, str, str], after: str = "") -> None:
    """An abstract numbering and its `w:num`, both called `number`; a level is (format, text, style, extra XML)."""
    root = word.part.numbering_part.element
    body = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        + (f'<w:pStyle w:val="{style}"/>' if style else "")
        + f'{extra}<w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text, style, extra) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{body}</w:abstractNum>'))
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/>{after}</w:num>')
    )


def number_style(word, name: str, number: int) -> None:
    properties = word.styles[name].element.get_or_add_pPr()
    found = OxmlElement("w:numPr")
    reference = OxmlElement("w:numId")
    reference.set(qn("w:val"), str(number))
    found.append(reference)
    properties.append(found)


def lines(word, tmp_path) -> list[str]:
    word.save(tmp_path / "a.docx")
    return [line for line in load_document(tmp_path / "a.docx", "a.docx").pages[0].text.split("\n") if line]


def test_headings_numbered_through_their_styles_are_a_path(tmp_path):
    word = WordDocument()
    numbered(word, 71, ("chineseCounting", "第%1章", "Heading1", ""), ("decimal", "%1.%2", "Heading2", "<w:isLgl/>"))
    number_style(word, "Heading 1", 71)
    number_style(word, "Heading 2", 71)
    for text, level in (("总则", 1), ("定义", 2), ("范围", 2), ("保险责任", 1), ("身故保险金", 2)):
        word.add_heading(text, level)
        if level == 2:
            word.add_paragraph(f"{text}的具体内容由本节约定，以保险单载明的为准。")
    word.save(tmp_path / "a.docx")
    paths = [chunk.headings for chunk in split_document(load_document(tmp_path / "a.docx", "a.docx"))]
    assert paths == [("第一章 总则", "1.1 定义"), ("第一章 总则", "1.2 范围"), ("第二章 保险责任", "2.1 身故保险金")]


def test_a_style_based_on_a_numbered_one_is_numbered_and_a_zero_switches_it_off(tmp_path):
    word = WordDocument()
    numbered(word, 72, ("chineseCounting", "第%1条", "", ""))
    number_style(word, "Body Text", 72)
    based = word.styles.add_style("条文", 1)
    based.base_style = word.styles["Body Text"]
    word.add_paragraph("投保人应当如实告知。", "条文")
    plain = word.add_paragraph("本款不编号。", "条文")
    plain._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 0
    word.add_paragraph("保险人应当及时核定。", "条文")
    assert lines(word, tmp_path) == ["第一条 投保人应当如实告知。", "本款不编号。", "第二条 保险人应当及时核定。"]


def test_a_list_that_begins_anew_begins_anew(tmp_path):
    word = WordDocument()
    numbered(word, 73, ("decimal", "%1.", "", ""))
    root = word.part.numbering_part.element
    root.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="74"><w:abstractNumId w:val="73"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
    )
    for text, number in (("甲", 73), ("乙", 73), ("丙", 74), ("丁", 74)):
        word.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
    assert lines(word, tmp_path) == ["1.甲", "2.乙", "1.丙", "2.丁"]


def test_footnotes_are_kept_as_notes(tmp_path):
    word = WordDocument()
    paragraph = word.add_paragraph("被保险人年满六十周岁")
    run = paragraph.add_run()
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), "2")
    run._r.append(reference)
    paragraph.add_run("后可以领取养老金。")
    xml = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="-1"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r>'
        "<w:t>周岁指按有效身份证件中记载的出生日期计算的年龄。</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, xml.encode(), word.part.package)
    word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert lines(word, tmp_path) == [
        "被保险人年满六十周岁后可以领取养老金。",
        "[^1]: 周岁指按有效身份证件中记载的出生日期计算的年龄。",
    ]
