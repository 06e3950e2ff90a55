"""`odfin documents` and the filters of `odfin search`. Run: pytest tests/odfin/test_documents.py"""

from __future__ import annotations

import json

from rich.cells import cell_len

from odfin.documents import rows, table
from rag.documents.facts import FIELDS
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from tests.odfin.test_command_line import odfin
from tests.odfin.test_lifecycle_commands import odfin as typed


def test_documents_lists_each_document_with_its_facts(indexed):
    ran = odfin(indexed, "documents", "--json")
    assert ran.returncode == 0, ran.stderr
    listed = {row["source"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert set(listed) == {"保险/澄安重疾险条款.txt", "信用卡/收费标准.csv", "贷款/安居贷产品手册.md"}
    clause = listed["保险/澄安重疾险条款.txt"]
    assert (clause["kind"], clause["topic"], clause["product"]) == ("条款", "保险", "澄安重大疾病保险")
    assert clause["status"] == "indexed" and clause["in_force"] == "现行" and clause["edited"] == [] and set(FIELDS) <= set(clause)
    shown = odfin(indexed, "documents").stdout
    assert len(shown.splitlines()) == 3 and "费率表" in shown


def test_what_could_not_be_read_is_not_in_force_and_a_name_is_one_line(settings, documents):
    (documents / "坏.pdf").write_bytes(b"%PDF-1.4 broken")
    (documents / "换\n行.md").write_text("# 换行\n\n免年费。", "utf-8")
    Indexer(settings, HashEmbedder()).run(documents)
    (documents / "新.md").write_text("# 新", "utf-8")
    states = {row["source"]: row["in_force"] for row in rows(settings)}
    assert (states["坏.pdf"], states["新.md"], states["换 行.md"]) == ("读不了", "未索引", "现行")
    assert len(list(table(rows(settings)))) == 6 and not any("\n" in line for line in table(rows(settings)))


def test_the_table_shows_institution_and_product_and_keeps_to_the_terminal(settings, documents):
    (documents / "理财").mkdir()
    (documents / "理财/说明书.md").write_text(
        "# 澄湖银行“稳盈一号”理财产品说明书（2025年第3版）\n\n产品名称：澄湖稳盈一号人民币理财产品\n\n"
        "发行机构：澄湖银行股份有限公司\n\n本说明书自2025年3月1日起施行。", "utf-8")
    Indexer(settings, HashEmbedder()).run(documents)
    listed = rows(settings)
    told = next(row for row in listed if row["source"] == "理财/说明书.md")
    assert told["institution"] and told["product"] and told["effective"] == "2025-03-01"
    plain = next(line for line in table(listed) if line.endswith("理财/说明书.md"))
    assert all(told[name] in plain for name in ("kind", "institution", "product", "version", "effective", "in_force", "title"))
    assert len(list(table(listed))) == len(listed)
    wide = list(table(listed, 400))
    assert wide[0].split() == ["类别", "机构", "产品", "版本", "施行", "到期", "效力", "标题", "文件"]
    assert [cells.split("  ")[0] for cells in wide[1:]] == [row["kind"] or "—" for row in listed]
    for width in (80, 120):
        lines = list(table(listed, width))
        assert max(map(cell_len, lines)) <= width and len(lines) == len(listed) + 1
        shown = next(line for line in lines if line.endswith("说明书.md"))
        assert told["institution"][:3] in shown and told["product"][:3] in shown and "2025-03-01" in shown and "现行" in shown
        words = ["效力", *(row["in_force"] for row in listed)]
        assert len({cell_len(line[: line.index(word)]) for line, word in zip(lines, words, strict=True)}) == 1


def test_documents_before_the_first_index_says_what_to_do(settings):
    ran = odfin(settings, "documents")
    assert ran.returncode == 1 and "还没有索引" in ran.stderr and len(ran.stderr.splitlines()) == 1


def test_search_keeps_to_the_topic_kind_and_day_that_are_given(indexed):
    def sources(*arguments: str) -> set[str]:
        return {hit["source"] for hit in json.loads(typed(indexed, "search", "--json", *arguments, "费用是多少"))["hits"]}

    assert sources("--topic", "信用卡") == {"信用卡/收费标准.csv"}
    assert sources("--kind", "条款", "--on", "2026年1月1日") == {"保险/澄安重疾险条款.txt"}
    assert sources("--topic", "基金") == set()


def test_a_filter_that_cannot_be_read_is_one_line(indexed):
    ran = odfin(indexed, "search", "--on", "昨天", "年费")
    assert ran.returncode == 1 and "看不懂日期“昨天”" in ran.stderr and "Traceback" not in ran.stderr
