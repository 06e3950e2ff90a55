"""A table cut at a page end keeps its header. Run: pytest tests/rag/documents/test_table_rest.py"""

from rag.documents.load import load_document
from rag.documents.table_rest import with_headers

HEAD = ["| 保单年度 | 年龄 | 现金价值 |", "| --- | --- | --- |"]
REST = ["| 70 | 105 | 899,958 |", "| --- | --- | --- |", "| 71 | 106 | 911,162 |"]


def test_a_table_of_figures_alone_goes_on_with_the_one_before_it():
    lines = [*HEAD, "| 1 | 36 | 1,858 |", "", "示例2：安女士今年35周岁。", "", *REST, "", *REST]
    assert with_headers(lines) == [*lines[:6], *HEAD, REST[0], REST[2], "", *HEAD, REST[0], REST[2]]


def test_what_is_a_table_of_its_own_stays_so():
    for lines in ([*HEAD, "| 1 | 36 | 1,858 |", "## 二、费率", *REST], REST, [*HEAD, *REST[:1]],
                  [*HEAD, "| 1 | 36 | 5 |", "", "| 70 | 105 |", "| --- | --- |", "| 71 | 106 |"],
                  [*HEAD, "| 1 | 36 | 5 |", "", "| 合计 | 105 | 9 |", "| --- | --- | --- |", "| 其他 | 106 | 3 |"]):
        assert with_headers(lines) == lines


def test_a_markdown_file_with_cut_html_tables(tmp_path):
    row = lambda *cells: "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"  # noqa: E731
    path = tmp_path / "说明书.md"
    path.write_text(f"# 说明书\n\n<table>{row('保单年度', '年龄', '现金价值')}{row(1, 36, 1858)}</table>\n\n第2页\n\n"
                    f"<table>{row(70, 105, 899958)}{row(71, 106, 911162)}</table>\n", encoding="utf-8")
    text = load_document(path, "说明书.md").pages[0].text
    assert text.count("| 保单年度 | 年龄 | 现金价值 |") == 2 and "| 70 | 105 | 899958 |\n| 71 | 106 | 911162 |" in text
