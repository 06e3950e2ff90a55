"""Text, Markdown and HTML files in every encoding. `python -m pytest tests/rag/documents/test_text.py`"""

from __future__ import annotations

import pytest

from rag.documents.contents import running_lines, strip_contents, strip_navigation
from rag.documents.encoding import decode
from rag.documents.facts import read_facts
from rag.documents.lines import clean, close_up, join
from rag.documents.load import load_document
from rag.documents.plain import rejoin, wrap_width
from rag.documents.split import split_document
from rag.documents.tables import to_markdown

PROSE = "第一条 为了规范保险活动，保护当事人的合法权益，制定本办法。\n\n第二条 保险金额由投保人与保险人约定，并在保险单上载明。"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_simplified_text_in_every_encoding(tmp_path, encoding, named):
    (tmp_path / "a.txt").write_bytes((PROSE * 3).encode(encoding))
    document = load_document(tmp_path / "a.txt", "a.txt")
    assert PROSE[:30] in document.pages[0].text
    assert document.encoding == named
    assert document.warnings == ()


def test_traditional_text_in_big5(tmp_path):
    text = (
        "本公司於保險契約有效期間內，依照約定給付保險金，並應當說明條款的內容。這是我們對客戶的承諾，請您仔細閱讀。" * 3
    )
    (tmp_path / "a.txt").write_bytes(text.encode("big5"))
    document = load_document(tmp_path / "a.txt", "a.txt")
    assert document.encoding == "big5"
    assert "依照約定給付保險金" in document.pages[0].text


def test_a_few_words_are_enough_to_tell_the_encoding(tmp_path):
    for encoding in ("gbk", "utf-16", "utf-8"):
        (tmp_path / "a.txt").write_bytes("费率调整".encode(encoding))
        assert load_document(tmp_path / "a.txt", "a.txt").pages[0].text == "费率调整"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_broken_bytes_are_marked_and_warned_about(tmp_path, encoding):
    data, half = (PROSE * 20).encode(encoding), (PROSE * 10 + PROSE[:20]).encode(encoding)
    for broken, lost in ((data + b"\xff\xff\x80", 3), (half + b"\n\xff\n" + data, 1), (data + "险".encode(encoding)[:1], 1),
                         (PROSE.encode(encoding) + "险".encode(encoding)[:-1], 1)):  # fmt: skip
        (tmp_path / "a.txt").write_bytes(broken)
        document = load_document(tmp_path / "a.txt", "a.txt")
        text = document.pages[0].text
        assert "保险金额由投保人与保险人约定" in text and document.encoding == encoding
        assert text.count("\ufffd") == lost and f"{lost} 处字节" in document.warnings[0]


TRADITIONAL = (
    "本公司於保險契約有效期間內，依照約定給付保險金，並應當說明條款的內容。這是我們對客戶的承諾，請您仔細閱讀。"
)


@pytest.mark.parametrize(("encoding", "text"), [("gb18030", PROSE), ("big5", TRADITIONAL), ("utf-8", PROSE)])
def test_no_part_of_a_sound_text_is_taken_for_another_encoding_with_faults(encoding, text):
    for start in range(0, len(text) - 20):
        for size in (12, 20, 40):
            part = text[start : start + size]
            assert decode(part.encode(encoding), "a.txt") == (part, encoding, ())


def test_page_marks_become_pages_and_wrapped_lines_paragraphs(tmp_path):
    lines = [
        "[P1]",
        "1",
        "首发企业现场检查规定",
        "第一章",
        "总",
        "则",
        "第一条",
        "为规范首发企业现场检查行为，强化信息披露监管，督促保荐",
        "人和证券服务机构归位尽责，保护投资者合法权益，根据法律和",
        "行政法规的有关规定，制定本规定。",
        "第二条",
        "本规定所称现场检查，是指对检查对象的生产经营和管理场",
        "所以及其他相关场所，采取一定方式对其信息披露质量以及证",
        "",
        "[P2]",
        "2",
        "券服务机构执业质量进行监督检查的行为，检查的结果应当依",
        "法公开，并接受社会各方面的监督。",
    ]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    document = load_document(tmp_path / "a.txt", "a.txt")
    assert document.title == "首发企业现场检查规定"
    assert [page.number for page in document.pages] == [1, 2]
    assert "第一章 总则" in document.pages[0].text.split("\n")
    assert (
        "第一条 为规范首发企业现场检查行为，强化信息披露监管，督促保荐人和证券服务机构归位尽责，保护投资者合法权益，根据法律和行政法规的有关规定，制定本规定。"
        in document.pages[0].text
    )
    assert (
        document.pages[1].text
        == "券服务机构执业质量进行监督检查的行为，检查的结果应当依法公开，并接受社会各方面的监督。"
    )


def test_lines_that_were_not_wrapped_stay_apart():
    lines = ["问：多久到账？", "答：两个工作日。", "名称：稳健一号", "期限：90天"]
    assert rejoin(lines, wrap_width(lines)) == lines


def test_menus_and_imprint_of_a_saved_page_go():
    lines = [
        "标题：关于某事的公告",
        "|",
        "English",
        "微博",
        "微信",
        "首页",
        "机构概况",
        "新闻发布",
        "当前位置：",
        "首页",
        ">",
        "现公布某办法，自公布之日起施行。",
        "【打印】",
        "【关闭窗口】",
        "主办单位：某委员会",
        "版权所有：某委员会",
    ]
    assert strip_navigation(lines) == ["标题：关于某事的公告", "现公布某办法，自公布之日起施行。"]


def test_contents_with_leaders_or_as_a_plain_list_go():
    assert strip_contents(["目 录", "第一章 总则.......1", "释义 ……………… 9", "第一章 总则", "第一条 内容。"]) == [
        "第一章 总则",
        "第一条 内容。",
    ]
    assert strip_contents(["条款目录", "1.1 合同构成", "1.2 投保范围", "在本条款中，您指投保人。"]) == [
        "在本条款中，您指投保人。"
    ]
    assert strip_contents(["费用为1.5%...", "正文。"]) == ["费用为1.5%...", "正文。"]


def test_running_lines_need_repetition():
    pages = [["某公司章程", f"{'甲乙丙丁戊'[number]}方的正文，与别页不同。", f"- {number} -"] for number in range(5)]
    assert running_lines(pages) == [{0, 2}] * 5
    assert running_lines([["某公司章程", "正文。"], ["另一行", "别的正文。"]]) == [set(), set()]


def test_markdown_comments_images_formulas_and_html_tables(tmp_path):
    text = (
        "# 某某终身寿险\n\n# 费率表\n\n<!-- INFO END -->\n\n![](images/a.jpg)\n\n单位：元  \n\n费用为 $80\\%$ ，增额 $\\times (1 + 3.0\\%)$ 。\n\n"
        '<table><tr><td rowspan="2">年龄</td><td colspan="2">男性</td></tr><tr><td>趸交</td><td>3年交</td></tr>'
        "<tr><td>0</td><td>11864</td><td>4198</td></tr><tr><td>1</td><td>11870</td><td>4200</td></tr></table>\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    document = load_document(tmp_path / "a.md", "a.md")
    assert document.title == "某某终身寿险费率表"
    body = document.pages[0].text
    assert "INFO" not in body and "images" not in body and "<" not in body
    assert "费用为 80% ，增额 × (1 + 3.0%) 。" in body
    assert "| 年龄 | 男性 趸交 | 男性 3年交 |\n| --- | --- | --- |\n| 0 | 11864 | 4198 |" in body


def test_clauses_set_as_a_table_become_headings_and_text():
    rows = [
        ["1.1", "合同构成", "本合同由保险条款、保险单和投保单等共同构成。"],
        ["1.2", "犹豫期", "自您签收本合同次日起，有15日的犹豫期。"],
        ["", "", "犹豫期内退保的，退还全部保险费，不收取任何费用。"],
    ]
    assert to_markdown(rows) == (
        "## 1.1 合同构成\n\n本合同由保险条款、保险单和投保单等共同构成。\n\n## 1.2 犹豫期\n\n自您签收本合同次日起，有15日的犹豫期。\n\n"
        "犹豫期内退保的，退还全部保险费，不收取任何费用。"
    )


def test_side_by_side_tables_are_stacked_and_titles_lifted_out():
    rows = [
        ["费率表"] * 6,
        ["年龄", "男", "女", "年龄", "男", "女"],
        ["0", "1.1", "1.2", "2", "1.5", "1.6"],
        ["1", "1.3", "1.4", "", "", ""],
    ]
    assert (
        to_markdown(rows)
        == "费率表\n\n| 年龄 | 男 | 女 |\n| --- | --- | --- |\n| 0 | 1.1 | 1.2 |\n| 1 | 1.3 | 1.4 |\n| 2 | 1.5 | 1.6 |"
    )


def test_html_keeps_the_text_and_drops_the_frame(tmp_path):
    page = (
        '<html><head><meta charset="gb2312"><title>积分规则 - 某银行</title><style>p{}</style></head><body><nav>首页 | 产品</nav>'
        '<div class="breadcrumb">首页 &gt; 信用卡</div><h1>信用卡积分规则</h1><p>消费1元积<b>1分</b>。</p><ol><li>取现不积分</li><li>年费不积分</li></ol>'
        "<table><tr><th>卡种</th><th>倍数</th></tr><tr><td>金卡</td><td>2</td></tr></table><script>var a=1</script><footer>版权所有</footer></body></html>"
    )
    (tmp_path / "a.html").write_bytes(page.encode("gb18030"))
    document = load_document(tmp_path / "a.html", "a.html")
    assert document.title == "信用卡积分规则"
    assert document.encoding == "gb18030"
    assert (
        document.pages[0].text
        == "# 信用卡积分规则\n\n消费1元积1分。\n\n1. 取现不积分\n2. 年费不积分\n\n| 卡种 | 倍数 |\n| --- | --- |\n| 金卡 | 2 |"
    )


def _nested(fee: str) -> str:
    return f"<table><tr><th>房屋面积</th><th>收费</th></tr><tr><td>90平方米以上</td><td>每户{fee}元</td></tr></table>"


def _shown(fee: str) -> str:
    return f"| 房屋面积 | 收费 |\n| --- | --- |\n| 90平方米以上 | 每户{fee}元 |"


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_a_table_in_a_cell_of_an_html_table_says_where_it_stood(tmp_path, suffix):
    table = (
        f"<table><tr><th>省</th><th>城市</th><th>评估费</th></tr><tr><td rowspan=2>东省</td><td>海青市</td><td>{_nested('660')}</td></tr>"
        f"<tr><td>岚山市</td><td>住宅：{_nested('480')}商铺：{_nested('900')}</td></tr><tr><td>西省</td><td>云台市</td><td>350元</td></tr></table>"
    )
    (tmp_path / f"a.{suffix}").write_text(f"<p>收费标准如下</p>\n\n{table}\n\n<p>自公布之日起施行。</p>", encoding="utf-8")
    text = load_document(tmp_path / f"a.{suffix}", f"a.{suffix}").pages[0].text
    assert [part.strip("\n") for part in text.split("\n\n") if part.strip()] == [
        "收费标准如下",
        "| 省 | 城市 | 评估费 |\n| --- | --- | --- |\n| 东省 | 海青市 | 见下表 |\n| 东省 | 岚山市 | 住宅： 商铺： |\n| 西省 | 云台市 | 350元 |",
        "东省　海青市　评估费", _shown("660"), "东省　岚山市　评估费　住宅", _shown("480"), "东省　岚山市　评估费　商铺", _shown("900"),
        "自公布之日起施行。",
    ]  # fmt: skip


@pytest.mark.parametrize(("rows", "captions"), [
    ([["评估费标准"], [660], ["登记费标准"], [480]], ["评估费标准", "登记费标准"]),  # laid out in one column
    ([["第三条", "收费"], ["第三条", 660]], ["收费　第三条"]),  # no heading
    ([["90 平方米以上", "收费"], ["90 平方米以上", 660]], ["90平方米以上　收费"]),
    ([["海青市", 660], ["岚山市", 480]], ["海青市", "岚山市"]),  # no header
    ([[660]], []),
])  # fmt: skip
def test_what_a_nested_table_is_called(tmp_path, rows, captions):
    cells = [[_nested(str(cell)) if isinstance(cell, int) else cell for cell in row] for row in rows]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    (tmp_path / "a.html").write_text(f"<body><table>{table}</table></body>", encoding="utf-8")
    parts = load_document(tmp_path / "a.html", "a.html").pages[0].text.split("\n\n")
    tables = [index for index, part in enumerate(parts) if part.startswith("| 房屋面积")]
    assert [parts[index - 1] for index in tables if index] == captions


def test_the_header_of_the_site_goes_and_the_head_of_the_article_stays(tmp_path):
    nav = "<nav>" + "".join(f"<a>栏目{number}的名称</a>" for number in range(30)) + "</nav>"
    text = "<p>自2025年6月1日起，大额存单起存金额调整为25万元。</p>"
    pages = {
        "own": f"<header>青岚银行 服务热线95000 登录{nav}</header><main><h1>起存金额的公告</h1>{text}</main>",
        "wrapped": f"<div id=app><header><h2>青岚银行</h2><p>服务热线95000</p></header><div><h1>起存金额的公告</h1>{text}</div></div>",
        "banner": f"<div role=banner>青岚银行 服务热线95000</div><h1>起存金额的公告</h1>{text}",
    }
    for name, body in pages.items():
        (tmp_path / f"{name}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
        shown = load_document(tmp_path / f"{name}.html", f"{name}.html").pages[0].text
        assert shown == "# 起存金额的公告\n\n自2025年6月1日起，大额存单起存金额调整为25万元。"
    kept = {
        "title": f"<header><h1>起存金额的公告</h1><p>青岚银行</p></header>{text}",
        "article": f"<h1>公告</h1><article><header><p>青岚银行个人金融部</p></header>{text}</article>",
        "dated": f"<h1>公告</h1><header>青岚银行 发布日期：2025-05-20</header>{text}",
        "second": f"<header><h2>起存金额的公告</h2>青岚银行</header>{text}",
    }
    for name, body in kept.items():
        (tmp_path / f"{name}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
        assert "青岚银行" in load_document(tmp_path / f"{name}.html", f"{name}.html").pages[0].text


def test_characters_are_mended_but_words_are_not_normalised():
    assert clean("⽉⽇和⻓⻔ １．５％") == "月日和长门 １．５％"
    assert clean("甲\u200b乙\ufeff\u00a0丙\r\n丁") == "甲乙 丙\n丁"
    assert close_up("  总　　则 ") == "总则"
    assert close_up("我 们 所 保 障") == "我们所保障"
    assert close_up("第一条 保险合同由保险条款构成") == "第一条 保险合同由保险条款构成"
    assert join("应当及时", "通知保险人") == "应当及时通知保险人"
    assert join("body", "structure") == "body structure"
    assert join("1,234", ".56元") == "1,234.56元"


def test_a_row_of_links_is_a_menu_and_merged_cells_are_repeated(tmp_path):
    page = (
        "<body><div><a>首页</a> | <a>理财</a> | <a>贷款</a> | <a>基金</a> | <a>保险</a></div><div class='share-info'><p>"
        + "本公司股份信息如下，股东名册以登记结算机构的记录为准。" * 4
        + "</p></div><table><tr><th rowspan=2>期限</th><th colspan=2>利率</th></tr><tr><th>首套</th><th>二套</th></tr>"
        "<tr><td>5年</td><td>3.05%</td><td>3.25%</td></tr></table></body>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    text = load_document(tmp_path / "a.html", "a.html").pages[0].text
    assert "首页" not in text and "股份信息" in text
    assert "| 期限 | 利率 首套 | 利率 二套 |\n| --- | --- | --- |\n| 5年 | 3.05% | 3.25% |" in text


@pytest.mark.parametrize("first", [
    "经您与我们协商一致，可以变更本合同的有关内容。变更本合同的，应当由我们在保险单上批注，或者由您与我们订立变更的书面协议",
    "您可以在犹豫期后申请部分领取，每次领取的金额应当符合本产品的规定",
])  # fmt: skip
def test_a_body_sentence_is_no_title_nor_a_product(tmp_path, first):
    (tmp_path / "增益宝终身寿险条款.txt").write_text(f"{first}\n\n受益人的变更应当书面通知我们。\n\n" + PROSE, "utf-8")
    document = load_document(tmp_path / "增益宝终身寿险条款.txt", "保险/增益宝终身寿险条款.txt")
    assert document.title == "增益宝终身寿险条款"
    assert read_facts(document).product == "增益宝终身寿险"


NOTICES = """江南银行公告汇编(2025年)
================================

【公告一】关于外汇业务的公告
发布日期：2025年1月15日
一、额度
年度便利化额度为每人每年等值5万美元。
二、录音
电话投诉录音保存期限为3年。

================================

【公告二】关于调整转账限额的公告
发布日期：2025年6月10日
本行自2025年7月1日起调整转账限额为20万元。
公告〔2025〕第5号 关于保全额度的公告
自2025年4月1日起，退保单笔限额由20万元提高至50万元。
"""


def test_each_of_several_notices_in_a_file_stands_under_its_own_title(tmp_path):
    path = tmp_path / "公告.txt"
    path.write_text(NOTICES, "utf-8")
    document = load_document(path, "公告.txt")
    assert document.title == "江南银行公告汇编(2025年)" and "====" not in document.pages[0].text
    under = {chunk.text.split("\n")[-1][:6]: chunk.headings for chunk in split_document(document)}
    assert under["电话投诉录音"] == ("【公告一】关于外汇业务的公告", "二、录音")
    assert under["本行自202"] == ("【公告二】关于调整转账限额的公告",)
    assert under["自2025年"] == ("公告〔2025〕第5号 关于保全额度的公告",)


def test_a_file_without_a_title_goes_by_its_name_without_its_number(tmp_path):
    path = tmp_path / "05_某某说明.txt"
    path.write_text("本金不受保障。", "utf-8")
    assert load_document(path, "05_某某说明.txt").title == "某某说明"


def test_cells_below_a_merged_head_are_heads(tmp_path):
    path = tmp_path / "表.html"
    path.write_text("<h1>归属规则</h1><table><tr><th rowspan=2>服务年限</th><th colspan=2>归属比例</th></tr><tr><td>普通员工</td><td>核心人才</td></tr>"
                    "<tr><td>不满2年</td><td>0%</td><td>20%</td></tr></table>", "utf-8")
    assert "| 服务年限 | 归属比例 普通员工 | 归属比例 核心人才 |" in load_document(path, "表.html").pages[0].text
