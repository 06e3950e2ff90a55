"""Units of evidence are exact words of the passage."""

from rag.text.sentences import sentences, split_units

TABLE = "表1 年利率（单位：%）\n| 期限 | 首套 |\n| --- | --- |\n| 5年以内 | 3.05 |\n| 5年以上 | 3.25 |"


def test_sentences_keep_their_marks_and_decimals_whole():
    assert sentences("利率为3.25%。满1年后，不收违约金！\n请咨询。") == ["利率为3.25%。", "满1年后，不收违约金！", "请咨询。"]


def test_a_row_carries_caption_and_header_and_reads_as_a_sentence():
    units = split_units(f"说明如下。\n\n{TABLE}")
    row = units[-1]
    assert row.kind == "row" and row.context == "表1 年利率（单位：%）"
    assert row.plain == "期限：5年以上；首套：3.25"
    assert row.text == "表1 年利率（单位：%）\n| 期限 | 首套 |\n| --- | --- |\n| 5年以上 | 3.25 |"


def test_a_list_stays_with_its_lead_in():
    text = "因下列情形之一的，我们不承担责任：\n（一）故意犯罪；\n（二）酒后驾驶。\n另有约定的除外。"
    units = split_units(text)
    assert [u.kind for u in units] == ["list", "sentence"]
    assert units[0].text.endswith("（二）酒后驾驶。")


def test_a_long_list_is_cut_by_items_that_keep_the_lead_in():
    items = "\n".join(f"（{i}）{'情形' * 30}；" for i in range(1, 10))
    units = split_units(f"下列情形除外：\n{items}")
    assert len(units) == 9 and all(u.plain.startswith("下列情形除外：（") for u in units)


def test_every_unit_stands_in_the_passage():
    text = f"第一句。第二句；\n{TABLE}\n最后一句"
    for unit in split_units(text):
        assert all(line in text for line in unit.text.split("\n"))
