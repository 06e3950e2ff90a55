"""Facts over a real index: stored, edited, filtered, and the edition in force. Run: pytest tests/rag/index/test_index_facts.py"""

from datetime import date
from pathlib import Path

import pytest

from rag.errors import OdfinError
from rag.index.build import Indexer
from rag.index.catalogue import Catalogue
from rag.index.facts import FactStore
from rag.index.filter import Filter
from rag.index.search import Searcher
from rag.index.snapshots import roll_back
from rag.index.vectors import VectorStore, collection_name

LAW = """# 储户保护法
{history}
## 第一章 总则
第一条 为了保护储户的合法权益，制定本法。
第二条 银行应当妥善保存储户的身份资料，保存期限不少于{years}年。
第三条 本法自{day}起施行。
"""
OLD, NEW = "法规/储户保护法(2006-10-31).md", "法规/储户保护法(2024-11-08).md"
DOCUMENTS = {
    OLD: LAW.format(history="2006年10月31日 第十届全国人民代表大会常务委员会第二十四次会议通过", years="五", day="2007年1月1日"),
    NEW: LAW.format(history="2006年10月31日 第十届全国人民代表大会常务委员会第二十四次会议通过\n"
                            "2024年11月8日 第十四届全国人民代表大会常务委员会第十二次会议修订", years="十", day="2025年1月1日"),
    "保险/江南安康医疗保险条款.md": "# 江南安康医疗保险条款\n江南人寿保险股份有限公司　产品代码：JN-MD-01　生效日期：2025-03-01\n## 第一条\n"
                            "客户资料保存期限为合同终止后二十年。",
    "信用卡/客户资料常见问题.md": "# 客户资料常见问题\n江南银行信用卡中心　更新日期：2026-01-08\n## 保存\n问：客户资料保存多少年？\n答：销户后保存三十年。",
}
TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory, embedder_model):
    from tests.conftest import settings_at

    folder = tmp_path_factory.mktemp("editions")
    for source, text in DOCUMENTS.items():
        path = folder / "documents" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    settings = settings_at(folder / "home", knowledge=folder / "documents")
    Indexer(settings).run()
    return settings


@pytest.fixture
def searcher(home) -> Searcher:
    searcher = Searcher(home)
    searcher.today = lambda: TODAY
    return searcher


def law_found(searcher: Searcher, question: str, **where) -> str:
    return next(h.source for h in searcher.search(question, where=Filter(**where) if where else None) if h.source in (OLD, NEW))


def test_the_law_in_force_answers_and_the_old_one_is_not_shown(searcher):
    hits = searcher.search("储户保护法要求身份资料保存多少年")
    assert hits[0].source == NEW and "不少于十年" in hits[0].text
    assert all(hit.source != OLD for hit in hits)
    assert hits[0].edition == "2024年修订，2025-01-01起施行"


@pytest.mark.parametrize("question", [
    "2017年的储户保护法要求身份资料保存多少年", "旧版储户保护法要求身份资料保存多少年", "以前的储户保护法要求身份资料保存多少年",
    "2006年的储户保护法要求身份资料保存多少年", "储户保护法修订前身份资料要保存多少年",
])
def test_the_old_law_answers_when_its_time_is_asked_about(searcher, question):
    hit = searcher.search(question)[0]
    assert hit.source == OLD and "不少于五年" in hit.text
    assert hit.edition == "2007-01-01起施行，已被《储户保护法（2024年修订）》替代"


def test_what_is_in_force_depends_on_the_day_of_the_question(searcher):
    searcher.today = lambda: date(2024, 12, 31)
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == OLD
    searcher.today = lambda: date(2025, 1, 1)
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == NEW


def test_a_comparison_finds_both(searcher):
    sources = {hit.source for hit in searcher.search("储户保护法修订前后，资料保存年限有什么变化")}
    assert {OLD, NEW} <= sources


@pytest.mark.parametrize(("where", "found"), [
    (Filter(topic="保险"), {"保险/江南安康医疗保险条款.md"}),
    (Filter(kind="常见问题"), {"信用卡/客户资料常见问题.md"}),
    (Filter(institution="江南银行"), {"信用卡/客户资料常见问题.md"}),
    (Filter(product_code="jn-md-01"), {"保险/江南安康医疗保险条款.md"}),
    (Filter(product_code="JN-MD"), set()),
    (Filter(kind="法规制度", on=date(2020, 1, 1)), {OLD}),
    (Filter(kind="法规制度", on=date(2025, 6, 1)), {NEW}),
    (Filter(topic="保险", kind="常见问题"), set()),
])
@pytest.mark.parametrize("mode", ["hybrid", "dense", "keyword"])
def test_a_filter_leaves_only_what_fits(home, where, found, mode):
    searcher = Searcher(home.model_copy(update={"retrieval": mode}))
    assert {hit.source for hit in searcher.search("客户身份资料保存多少年", 10, where)} == found


def test_a_filter_is_read_from_what_a_person_types():
    assert Filter.read() is None
    assert Filter.read(topic="保险", on="2024年6月30日") == Filter(topic="保险", on=date(2024, 6, 30))
    for words in ({"topic": "外汇"}, {"kind": "小说"}, {"on": "昨天"}, {"on": "2024年"}):
        with pytest.raises(OdfinError) as error:
            Filter.read(**words)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(("changes", "words"), [
    ({"effective": "2025年2月30日"}, "不是日期"), ({"effective": "2025年"}, "不是日期"), ({"issued": "2025-01-01至2025-02-01"}, "不是日期"),
    ({"expires": "2001-01-01"}, "早于生效日期"), ({"kind": "小说"}, "没有类别"), ({"topic": "外汇"}, "七个主题"), ({"title": "  "}, "不能为空"),
    ({"institution": "行" * 300}, "太长"), ({"author": "某人"}, "没有“author”"), ({"repealed": "也许"}, "是"),
])
def test_bad_input_is_one_clear_line_and_changes_nothing(home, changes, words):
    facts = FactStore(Catalogue(home.home / "catalogue.db"))
    before = facts.of_sources(facts.catalogue.live().id)
    with pytest.raises(OdfinError) as error:
        facts.edit(NEW, {"version": "改过", **changes})
    assert words in str(error.value) and "\n" not in str(error.value)
    assert facts.of_sources(facts.catalogue.live().id) == before


def test_a_document_that_is_not_there_cannot_be_edited(home):
    with pytest.raises(OdfinError, match="索引里没有文档"):
        FactStore(Catalogue(home.home / "catalogue.db")).edit("没有.md", {"version": "1"})


def test_the_list_of_documents_says_what_is_in_force(home):
    rows = {row.source: row for row in Indexer(home).documents()}
    assert rows[OLD].standing == "已被替代" and rows[NEW].standing == ""
    assert rows[NEW].facts.facts.kind == "法规制度" and rows[NEW].facts.facts.version == "2024年修订"


# -- over an index of its own --------------------------------------------------------------------------------------------


@pytest.fixture
def indexer(settings, tmp_path, embedder_model) -> Indexer:
    for source, text in DOCUMENTS.items():
        path = tmp_path / "documents" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    indexer = Indexer(settings)
    indexer.run(tmp_path / "documents")
    return indexer


def held(indexer: Indexer, source: str):
    return indexer.facts.of_sources(indexer.catalogue.live().id)[source]


def test_an_edit_holds_at_once_in_a_running_search_and_outlives_every_reindex(indexer, tmp_path):
    searcher = Searcher(indexer.settings, indexer.embedder)
    searcher.today = lambda: TODAY
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == NEW
    indexer.facts.edit(NEW, {"effective": "2030年1月1日", "institution": "国务院"}, "admin")
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == OLD  # not yet in force: the old one is
    path = tmp_path / "documents" / NEW
    path.write_text(path.read_text("utf-8").replace("妥善", "安全"), "utf-8")
    assert indexer.run().changed == 1
    facts = held(indexer, NEW)
    assert (facts.facts.effective, facts.facts.institution) == ("2030-01-01", "国务院")
    assert facts.edited == {"effective", "institution"} and facts.facts.version == "2024年修订"
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == OLD
    indexer.facts.edit(NEW, dict.fromkeys(facts.edited))
    assert held(indexer, NEW).facts.effective == "2025-01-01" and not held(indexer, NEW).edited
    assert law_found(searcher, "储户保护法要求身份资料保存多少年") == NEW


def test_an_edited_title_names_the_document_and_an_emptied_field_stays_empty(indexer):
    source, question = "保险/江南安康医疗保险条款.md", "蓝海守护的资料保存多少年"
    searcher = Searcher(indexer.settings, indexer.embedder)
    assert searcher.name_in(question) == ""
    indexer.facts.edit(source, {"title": "蓝海守护医疗保险条款", "product_code": "", "topic": "社保"})
    assert searcher.name_in(question) == "蓝海守护"
    hits = searcher.search(question, where=Filter(topic="社保"))
    assert {hit.title for hit in hits} == {"蓝海守护医疗保险条款"} and hits[0].parts["title"] > 0
    indexer.run()
    assert held(indexer, source).facts.product_code == "" and held(indexer, source).facts.topic == "社保"
    row = next(row for row in indexer.documents() if row.source == source)
    assert row.topic == "社保" and row.facts.edited == {"title", "product_code", "topic"}


def test_versions_stored_before_the_rules_get_their_facts_without_being_embedded_again(indexer, monkeypatch):
    with indexer.catalogue.transaction() as db:
        db.execute("DELETE FROM version_facts WHERE version IN (SELECT version FROM snapshot_documents WHERE source = ?)", (NEW,))
        db.execute("UPDATE version_facts SET rules = 'earlier', facts = '{}' WHERE version IN "
                   "(SELECT version FROM snapshot_documents WHERE source = ?)", (OLD,))
    assert held(indexer, NEW).facts.effective == ""
    store = VectorStore(indexer.settings.home / "chroma", collection_name(indexer.embedder.version))
    vectors, snapshot = store.ids(), indexer.catalogue.live()
    monkeypatch.setattr(indexer.embedder, "embed_documents", None)
    report = indexer.run()
    assert (report.unchanged, report.changed, report.added) == (4, 0, 0)
    assert held(indexer, NEW).facts.effective == "2025-01-01" and held(indexer, OLD).facts.effective == "2007-01-01"
    assert store.ids() == vectors and indexer.catalogue.live() == snapshot


def test_a_new_name_is_read_too_and_what_was_edited_goes_with_it(indexer, tmp_path, monkeypatch):
    source, moved = "信用卡/客户资料常见问题.md", "存档/客户资料常见问题（已废止）.md"
    indexer.facts.edit(source, {"version": "第二版"})
    (tmp_path / "documents/存档").mkdir()
    (tmp_path / "documents" / source).rename(tmp_path / "documents" / moved)
    monkeypatch.setattr(indexer.embedder, "embed_documents", None)
    assert indexer.run().added == 1
    row = next(row for row in indexer.documents() if row.source == moved)
    assert row.standing == "已废止" and row.facts.facts.version == "第二版" and row.facts.edited == {"version"}
    roll_back(indexer.catalogue, 1)
    assert held(indexer, source).facts.repealed == "" and held(indexer, source).facts.version == "第二版"


def test_of_two_documents_with_one_content_the_one_that_fits_is_cited_first(indexer, tmp_path):
    first, second = "保险/江南安康医疗保险条款.md", "贷款/附件/江南安康医疗保险条款.md"
    (tmp_path / "documents" / second).parent.mkdir(parents=True)
    (tmp_path / "documents" / second).write_bytes((tmp_path / "documents" / first).read_bytes())
    indexer.run()
    searcher = Searcher(indexer.settings, indexer.embedder)
    for topic, expected in (("保险", [first, second]), ("贷款", [second, first])):
        hit = searcher.search("合同终止后资料保存多少年", where=Filter(topic=topic))[0]
        assert [hit.source, *hit.also] == expected
    assert searcher.search("合同终止后资料保存多少年", where=Filter(topic="基金")) == []


def test_only_what_changes_the_live_documents_facts_is_told_to_running_searches(indexer, tmp_path):
    searcher = Searcher(indexer.settings, indexer.embedder)
    view, told = searcher.view(), indexer.catalogue.state().facts
    path: Path = tmp_path / "documents" / NEW
    path.write_text(path.read_text("utf-8").replace("妥善", "安全"), "utf-8")
    indexer.run()
    assert indexer.catalogue.state().facts == told and searcher.view(None) is not view
    view = searcher.view()
    indexer.facts.edit(NEW, {"version": "试行"})
    assert indexer.catalogue.state().facts == told + 1
    assert searcher.view(None).pieces is view.pieces, "the pieces are not read again"


def test_facts_go_with_the_last_snapshot_that_needs_them_and_edits_stay(indexer, tmp_path):
    source = "信用卡/客户资料常见问题.md"
    indexer.facts.edit(source, {"version": "第二版"})
    path: Path = tmp_path / "documents" / source
    text = path.read_text("utf-8")
    for year in range(31, 37):
        path.write_text(text.replace("三十年", f"{year}年"), "utf-8")
        indexer.run()
    kept = {row[0] for row in indexer.catalogue.db.execute("SELECT version FROM version_facts")}
    assert kept == {row[0] for row in indexer.catalogue.db.execute("SELECT id FROM versions")}
    assert held(indexer, source).facts.version == "第二版"

