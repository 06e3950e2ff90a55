"""Documents' words on the page. Run: pytest tests/ui/test_console_markup.py"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from ui.markup import answer_html, markdown_plain, passage_html, plain

ALLOWED = {"p", "br", "strong", "sup", "mark", "div", "table", "tr", "th", "td"}
NASTY = [
    '<img src=x onerror=alert(1)>', "![x](http://example.com/x.png)", "[click](javascript:alert(1))",
    "<script>alert(1)</script>", "**<b onclick=x>**", "| <td onmouseover=x> | y |\n| --- | --- |\n| </table><iframe> | z |",
    "# <h1 style=position:fixed>", "</div></div><a href=//example.com>", "\ue000<mark>\ue001", "&lt;img&gt; &#60;img&#62;",
    "<style>*{display:none}</style>", "[1](http://example.com)",
]


class Elements(HTMLParser):
    """Collects element names and attributes, and checks that they close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names, self.attributes, self.open, self.crossed, self.words = set(), [], [], False, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes += [name for name, _ in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed = True

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("text", NASTY)
def test_nothing_in_a_document_becomes_an_element_of_its_own(text):
    for made in (passage_html(text), passage_html(f"前文\n{text}\n后文", [text, "前文"]), answer_html(text)):
        elements = Elements(made)
        assert elements.names <= ALLOWED
        assert set(elements.attributes) <= {"class"}
        assert not elements.open and not elements.crossed


def test_words_survive():
    text = "年化 <5% & >3% \"净值\" 'A' `x` \\| 1*2*3"
    assert Elements(passage_html(text)).words == text
    assert Elements(answer_html(text)).words == text


def test_tables_headings_and_bold():
    made = passage_html("## 费率\n表1\n\n| 期限 | 费率 |\n| --- | --- |\n| 1年 | **0.5%** |\n\n完")
    assert '<p class="odf-h">费率</p>' in made
    assert "<th>期限</th><th>费率</th>" in made and "<td>1年</td><td><strong>0.5%</strong></td>" in made
    assert made.count("<tr>") == 2 and made.endswith("<p>完</p>")


@pytest.mark.parametrize("words, marked", [
    ("持有满30天免收赎回费。", "持有满30天免收赎回费。"),
    ("| 1年 | 0.5% |", "1年0.5%"),
    ("一行\n二行", "一行二行"),
    ("没有这句话", ""),
])
def test_quoted_words_are_marked_where_they_stand(words, marked):
    text = "开头。持有满30天免收赎回费。结尾\n\n| 期限 | 费率 |\n| --- | --- |\n| 1年 | 0.5% |\n\n一行\n二行"
    made = passage_html(text, [words])
    elements = Elements(made)
    assert not elements.crossed and not elements.open
    got = "".join(part.split("</mark>")[0] for part in made.split("<mark>")[1:])
    assert got.strip() == marked


def test_references_of_an_answer_are_raised():
    assert '0.5%<sup class="odf-ref">1</sup>。' in answer_html("费率为0.5%[1]。")


def test_a_line_for_markdown_is_no_markup_any_more():
    line = markdown_plain("![x](http://e.com) **b** :material/home: :red[x] $x$ <b>\n# t")
    assert "\n" not in line
    for mark in ("![", "**", "](", ":material", ":red", "$x$", "<b>"):
        assert mark not in line


def test_plain_is_safe_inside_an_attribute():
    assert plain('"><img src=x>') == "&quot;&gt;&lt;img src=x&gt;"
