"""Traditional characters are read by the same rules, and kept as they are written.

Run: pytest tests/rag/documents/test_traditional.py
"""

from __future__ import annotations

import pytest
from opencc import OpenCC

from rag.documents.facts import read_facts
from rag.documents.load import load_document
from rag.documents.split import split_document
from rag.text.normalise import as_written, simplified

LAW = """储户保护条例

2014年10月29日 国务院第67次常务会议通过
2015年2月17日 中华人民共和国国务院令第660号公布

第一章 总则

第一条 为了保护储户的合法权益，制定本条例。

第二条 储户的存款实行限额偿付。

一、偿付限额

表1 偿付限额
单位：万元

| 年份 | 限额 |
| --- | --- |
| 2015年 | 50万元 |
|  | 60万元 |

第二章 附则

第三条 本条例自2015年5月1日起施行。《储户保护暂行办法》同时废止。
"""
CLAUSE = """安康人寿保险股份有限公司
安康终身寿险（分红型）条款
安康人寿发〔2024〕12号

问：犹豫期有多长？
答：您签收本合同之日起有15日的犹豫期。

问：怎样解除合同？
答：您填写解除合同通知书，我们退还全部保险费。
"""


@pytest.mark.parametrize("text", [LAW, CLAUSE])
def test_a_text_in_traditional_characters_has_the_same_structure_and_facts(tmp_path, text):
    read = {}
    for name, words in (("plain", text), ("written", OpenCC("s2t").convert(text))):
        (tmp_path / f"{name}.txt").write_text(words, "utf-8")
        document = load_document(tmp_path / f"{name}.txt", "文件.txt")
        read[name] = (document.title, split_document(document), read_facts(document).to_json())
    title, pieces, facts = read["written"]
    assert simplified(title) == read["plain"][0] and title != simplified(title)
    assert [(tuple(map(simplified, piece.headings)), simplified(piece.text)) for piece in pieces] == [
        (piece.headings, piece.text) for piece in read["plain"][1]]  # fmt: skip
    assert "".join(piece.text for piece in pieces) != simplified("".join(piece.text for piece in pieces))
    assert {name: simplified(value) for name, value in facts.items()} == read["plain"][2]
    assert facts["institution"] in ("國務院", "安康人壽保險股份有限公司") and facts["number"]
    assert facts["kind"] in ("法规制度", "条款"), "a word of our own list stays as it is there"


def test_what_is_found_in_the_simplified_form_is_given_as_written():
    text = "關於調整存款利率的公告，於2025年施行"
    assert len(simplified(text)) == len(text) and simplified("第３條") == "第３条"
    assert as_written("存款利率的公告", text) == "存款利率的公告"
    assert as_written("关于调整", text) == "關於調整"
    assert as_written("拼成的", text) == "拼成的"
