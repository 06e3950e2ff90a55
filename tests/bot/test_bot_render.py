"""Answers as text and entities: signs that mean money stay, offsets count UTF-16 units, nothing is cut in two."""

from __future__ import annotations

import pytest
from scripted import WAITING, answer_to

from bot.render import render_answer, render_markdown, render_preview, render_sources
from bot.texts import EN, ZH, texts_for
from rag.answer.result import Citation


def covered(piece) -> list[tuple[str, str]]:
    raw = piece.text.encode("utf-16-le")
    return [(str(e.type.value if hasattr(e.type, "value") else e.type),
             raw[e.offset * 2:(e.offset + e.length) * 2].decode("utf-16-le")) for e in piece.entities]


@pytest.mark.parametrize("words", [
    "年龄<18岁或>60岁，保额*费率*年数=5*3，a||b||c，1~2年~~3~~",
    "[1]: 见条款\n[2] 好",
    "见 https://a.b/c_d_e?x=1&y=2",
    "年利率3.5%[1][2]，见[3](注)",
    "共 $100 和 $200，\\(x\\)".replace("\\", ""),
    "甲__乙__丙 R&D ^2^",
])
def test_signs_stay_as_they_are(words):
    (piece,) = render_markdown(words)
    assert piece.text == words and piece.entities == ()


def test_bold_beside_chinese_punctuation_and_emoji():
    (piece,) = render_markdown("的**“重疾”**是😀**90日**，**一**、**二**")
    assert piece.text == "的“重疾”是😀90日，一、二"
    assert covered(piece) == [("bold", "“重疾”"), ("bold", "90日"), ("bold", "一"), ("bold", "二")]


def test_tables_become_fixed_width_without_bold_inside():
    (piece,) = render_markdown("费率：\n\n| **档** | 费率 |\n|---|---|\n| <1年 | **2%** |")
    assert "<1年" in piece.text and "2%" in piece.text and "*" not in piece.text
    assert [kind for kind, _ in covered(piece)] == ["pre"]


def test_lists_and_headings():
    (piece,) = render_markdown("# 赎回\n- 甲\n- **乙**\n\n3. 三\n4. 四")
    assert piece.text == "赎回\n• 甲\n• 乙\n\n3. 三\n4. 四"
    assert ("bold", "赎回") in covered(piece) and ("bold", "乙") in covered(piece)


def test_answer_lists_its_sources_in_the_readers_language():
    (zh,), (en,) = render_answer(answer_to("?"), ZH), render_answer(answer_to("?"), EN)
    assert zh.text.endswith("来源：\n[1] 《安康重疾险条款》 第二章 保险责任 第五条 等待期 第3页\n[2] 《安康重疾险条款》")
    assert "Sources:\n[1] 《安康重疾险条款》 第二章 保险责任 第五条 等待期 p. 3" in en.text


def test_answer_without_sources_is_just_the_answer():
    (piece,) = render_answer(answer_to("?", "您好！", citations=()), ZH)
    assert (piece.text, piece.entities) == ("您好！", ())


def test_refusal_names_the_nearest_documents_once():
    (unnamed,) = render_answer(answer_to("?", "资料没有回答。", refused=True), ZH)
    (named,) = render_answer(answer_to("?", "资料没有回答，最接近的是《安康重疾险条款》。", refused=True), ZH)
    assert "最接近的文件：\n[1]" in unnamed.text and named.text.count("《安康重疾险条款》") == 1


def test_preview_shows_evidence_then_draft_in_one_message():
    assert render_preview((), "", ZH).text == ZH.looking
    piece = render_preview((WAITING,), "等待期为**90", ZH)
    assert piece.text.index(WAITING.text) < piece.text.index("等待期为**90")
    long = Citation(1, "a", "长", "字" * 9000, None, ())
    assert len(render_preview((long,), "答" * 9000, ZH).text) <= 4096


def test_sources_keep_every_word():
    quotes = [Citation(n, "a", "标题", f"第{n}句。" * 700, n, ("第一章",)) for n in (1, 2, 3)]
    pieces = render_sources(quotes, ZH)
    kept = "".join(words for piece in pieces for kind, words in covered(piece) if kind != "bold")
    assert kept == "".join(q.text for q in quotes)
    assert all(piece.text.startswith("[") for piece in pieces)


def test_what_the_answer_quotes_stands_out_in_the_source():
    (piece,) = render_sources((WAITING,), ZH, "等待期为😀90日。\n原文：生效之日起90日为等待期。[1]")
    assert ("bold", "生效之日起90日为等待期。") in covered(piece)
    (piece,) = render_sources((WAITING,), ZH, "等待期是九十天。")
    assert [kind for kind, _ in covered(piece)] == ["bold", "blockquote"]


def test_who_reads_english():
    assert texts_for("en") is texts_for("en-US") is EN
    assert texts_for("zh-hans") is texts_for(None) is texts_for("fr") is ZH
