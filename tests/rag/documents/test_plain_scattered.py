"""Text whose inline elements were torn apart is put back together, and nothing else is."""

from rag.documents.plain_scattered import gather

TORN = """当事人:张某,男,
19
64
年
12
月出生,时任某公司(以下简称某公司
或公司
)董事长
。
经查明,公司于
2015
年至
2016
年虚增利润
1,171.27
万元(占当期的
16.56%
,下同),我会依法对其采取
市场禁入
的措施。
文号
〔
2024
〕
6
号
栏目：市场禁入""".split("\n")


def test_sentences_and_figures_are_whole_again():
    assert gather(TORN) == [
        "当事人:张某,男, 1964年12月出生,时任某公司(以下简称某公司或公司)董事长。",
        "经查明,公司于2015年至2016年虚增利润1,171.27万元(占当期的16.56%,下同),我会依法对其采取市场禁入的措施。",
        "文号", "〔2024〕", "6号", "栏目：市场禁入"]


def test_an_article_named_within_a_sentence_is_no_new_item():
    cited = "情节特别严重,我会依据该规定第三条第一项\n和\n第二项\n、\n第四条\n、\n第五条的规定,决定禁入市场十年。".split("\n")
    assert gather([*TORN, *cited])[-1] == "情节特别严重,我会依据该规定第三条第一项和第二项、第四条、第五条的规定,决定禁入市场十年。"
    assert gather([*TORN, "申请材料如下。", "第四条 应当提交。"])[-2:] == ["申请材料如下。", "第四条 应当提交。"]


def test_a_page_with_a_figure_or_two_on_their_own_lines_stays_as_it_is():
    lines = ["等级", "比例", "金卡", "85%", "普卡", "60%", "年费", "200", "元"]
    assert gather(lines) == lines
    table = ["| 年度 | 比例 |", "| --- | --- |", "| 1 | 5% |"] * 4
    assert gather([*table, *TORN])[: len(table)] == table
