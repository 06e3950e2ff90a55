"""`odfin documents` and the filters of `odfin search`. Run: pytest tests/odfin/test_documents.py"""

from __future__ import annotations

import json

from odfin.documents import rows, table
from rag.documents.facts import FIELDS
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from tests.odfin.test_command_line import odfin


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


def test_documents_before_the_first_index_says_what_to_do(settings):
    ran = odfin(settings, "documents")
    assert ran.returncode == 1 and "还没有索引" in ran.stderr and len(ran.stderr.splitlines()) == 1


def test_search_keeps_to_the_topic_kind_and_day_that_are_given(indexed):
    def sources(*arguments: str) -> set[str]:
        ran = odfin(indexed, "search", "--json", *arguments, "费用是多少")
        assert ran.returncode == 0, ran.stderr
        return {hit["source"] for hit in json.loads(ran.stdout)["hits"]}

    assert sources("--topic", "信用卡") == {"信用卡/收费标准.csv"}
    assert sources("--kind", "条款", "--on", "2026年1月1日") == {"保险/澄安重疾险条款.txt"}
    assert sources("--topic", "基金") == set()


def test_a_filter_that_cannot_be_read_is_one_line(indexed):
    ran = odfin(indexed, "search", "--on", "昨天", "年费")
    assert ran.returncode == 1 and "看不懂日期“昨天”" in ran.stderr and "Traceback" not in ran.stderr
