"""Search over a small real index."""

from itertools import islice

import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests

from rag.index import passages
from rag.index.build import Indexer
from rag.index.filter import Filter
from rag.index.retriever import ODFinRetriever
from rag.index.search import Searcher
from rag.index.titles import TitleMatcher
from tests.conftest import settings_at


@pytest.fixture(scope="module")
def searcher(indexed) -> Searcher:
    return Searcher(indexed)


@pytest.mark.parametrize(("question", "words"), [
    ("安居贷提前还款要收违约金吗", "违约金"),
    ("重疾险等待期多少天", "90日"),
    ("白金卡年费", "600"),
    ("金卡挂失要钱吗", "挂失手续费"),
    ("重疾險猶豫期是幾天", "15日"),
    ("逾期罚息上浮多少", "40%"),
])
def test_the_passage_with_the_answer_comes_first(searcher, question, words):
    assert words in searcher.search(question)[0].text


def test_hits_are_ordered_and_read_with_their_neighbours(searcher):
    hits = searcher.search("提前还款违约金", 3)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits[0].piece in hits[0].text
    assert len({h.chunk_id for h in hits}) == len(hits)


def test_passages_are_read_only_as_far_as_the_caller_takes_them(searcher, monkeypatch):
    whole, read = searcher.search("提前还款违约金", 20, rerank=False), []
    real = passages._read
    monkeypatch.setattr(passages, "_read", lambda *given: read.append(given) or real(*given))
    taken = searcher.search("提前还款违约金", 20, rerank=False, taken=lambda hits: list(islice(hits, 2)))
    assert taken == whole[:2] and len(read) == 2 < len(whole)


def test_empty_question_finds_nothing(searcher):
    assert searcher.search("  ？ ".strip("？ ")) == []


def test_operators_of_the_keyword_index_are_words_like_others(searcher):
    assert searcher.search('年费" OR NEAR(* AND title:')


@pytest.mark.parametrize("mode", ["dense", "keyword"])
def test_each_retriever_can_vote_alone(indexed, mode):
    alone = Searcher(indexed.model_copy(update={"retrieval": mode}))
    assert any("90日" in hit.text for hit in alone.search("重疾险等待期多少天"))


def test_a_running_searcher_moves_to_the_new_snapshot(settings, documents, embedder_model):
    indexer = Indexer(settings)
    indexer.run(documents)
    searcher = Searcher(settings)
    assert "40%" in searcher.search("逾期罚息上浮多少")[0].text
    path = documents / "贷款/安居贷产品手册.md"
    path.write_text(path.read_text("utf-8").replace("上浮40%", "上浮35%"), "utf-8")
    indexer.run(documents)
    assert "35%" in searcher.search("逾期罚息上浮多少")[0].text


def test_what_is_no_longer_in_force_answers_only_when_asked_about(settings, documents, embedder_model):
    for name, fee in (("金卡收费（2025年版）.md", 300), ("金卡收费（2023年版，已废止）.md", 150)):
        (documents / name).write_text(f"# 金卡收费\n\n金卡的短信提醒费为每年{fee}元。", "utf-8")
    Indexer(settings).run(documents)
    searcher = Searcher(settings)
    assert "300元" in searcher.search("金卡短信提醒费是多少")[0].piece
    assert not any("150元" in hit.piece for hit in searcher.search("金卡短信提醒费是多少"))
    assert "150元" in searcher.search("以前的金卡短信提醒费是多少")[0].piece
    assert "已被《金卡收费（2025年版）》替代" in searcher.search("以前的金卡短信提醒费是多少")[0].edition


def test_what_is_repealed_and_replaced_by_nothing_only_goes_behind(settings, documents, embedder_model):
    (documents / "金卡收费（已废止）.md").write_text("# 金卡收费\n\n金卡的短信提醒费为每年150元。", "utf-8")
    (documents / "提醒服务.md").write_text("# 提醒服务\n\n短信提醒费为每年120元，各卡相同。", "utf-8")
    Indexer(settings).run(documents)
    hits = Searcher(settings).search("短信提醒费每年多少")
    assert "120元" in hits[0].piece and any("150元" in hit.piece and hit.edition == "已废止" for hit in hits)


def test_a_topic_limits_the_search_and_changes_no_score_of_the_vectors(quick, embedder):
    searcher = Searcher(quick.settings, embedder)
    question = "提前还款违约金与年费"
    everywhere = {hit.chunk_id: hit for hit in searcher.search(question, 50)}
    assert len({hit.source.split("/")[0] for hit in everywhere.values()}) == 3
    for topic in ("贷款", "保险", "信用卡"):
        hits = searcher.search(question, 50, Filter(topic=topic))
        assert hits and {hit.source.split("/")[0] for hit in hits} == {topic}
        for hit in hits:
            if hit.chunk_id in everywhere:
                assert hit.parts["cosine"] == pytest.approx(everywhere[hit.chunk_id].parts["cosine"], abs=1e-4)
    assert searcher.search(question, where=Filter(topic="社保")) == []


def test_a_price_list_that_names_the_product_stands_beside_its_contract(tmp_path, embedder):
    clauses = "\n\n".join(f"第{n}条 借款展期、展期申请与展期手续的约定之{n}，甲方与乙方依本合同办理。" for n in range(1, 40))
    contract = f"# 屿享贷个人消费借款合同\n\n{clauses}\n"
    prices = ("# 江屿消费金融服务价格目录\n\n| 服务项目 | 收费标准 |\n| --- | --- |\n| 展期手续费（屿享贷） | 展期本金的0.8% |\n"
              "| 展期手续费（屿速贷） | 展期本金的1.2% |\n")
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in (("合同.md", contract), ("价格.md", prices)):
        (folder / name).write_text(text, encoding="utf-8")
    settings = settings_at(tmp_path / "home", knowledge=folder)
    Indexer(settings, embedder).run()
    by_name, without = (Searcher(settings.model_copy(update={"search_names": names}), embedder) for names in (True, False))
    parts = lambda searcher: next(hit.parts for hit in searcher.search("屿享贷展期手续费怎么收", 60) if hit.source == "价格.md")  # noqa: E731
    assert parts(by_name)["title"] >= 0.8 and parts(without)["title"] < 0.8


def test_a_table_under_a_heading_with_the_products_name_is_of_it(tmp_path, embedder):
    (folder := tmp_path / "papers").mkdir()
    (folder / "利率.md").write_text("# 零售贷款利率表\n\n## 一、易途贷标准利率\n\n| 评级 | 利率 |\n| --- | --- |\n| B级 | 9.38% |\n", encoding="utf-8")
    (folder / "易途贷.md").write_text("# 易途贷个人消费借款合同\n\n第一条 易途贷由甲方发放。\n", encoding="utf-8")
    settings = settings_at(tmp_path / "home", knowledge=folder)
    Indexer(settings, embedder).run()
    hits = Searcher(settings, embedder).search("易途贷评级B的利率", 9)
    assert next(hit for hit in hits if hit.source == "利率.md").parts["title"] >= 0.8


def test_what_is_found_does_not_hang_on_the_order_in_which_ties_were_stored(tmp_path, embedder):
    found = []
    for order in (1, -1):
        folder, settings = tmp_path / f"documents{order}", settings_at(tmp_path / f"home{order}", candidates=5)
        for number in list(range(14))[::order]:  # as many equal in their keywords as no cut may part
            (folder / "贷款").mkdir(parents=True, exist_ok=True)
            (folder / "贷款" / f"{number:02}.md").write_text(f"# 说明{number:02}\n\n手续费为{number + 10}元。\n", "utf-8")
            Indexer(settings, embedder).run(folder)
        found.append({hit.source: round(hit.score, 4) for hit in Searcher(settings, embedder).search("手续费", 14, rerank=False)})
    assert found[0] == found[1] and len(found[0]) == 14


def test_titles_count_by_their_rare_words():
    matcher = TitleMatcher({"a": "澄湖安康医疗保险条款", "b": "澄湖金满终身寿险条款", "c": "澄湖颐年年金保险条款"})
    found = matcher.match("安康医疗的等待期是多久")
    assert max(found, key=found.get) == "a"
    assert matcher.name_in("安康医疗的等待期是多久") == "安康医疗" and matcher.name_in("等待期是多久") == ""
    assert TitleMatcher({"a": "澄e贷产品说明", "b": "安居贷手册"}).name_in("澄e贷最高能借多少") == "澄e贷"
    assert matcher.without("安康医疗的等待期是多久", "a") == "等待期是多久"


class TestStandard(RetrieversIntegrationTests):
    """LangChain's own tests for retrievers."""

    @pytest.fixture(autouse=True)
    def _index(self, indexed):
        type(self).settings = indexed

    @property
    def retriever_constructor(self):
        return ODFinRetriever

    @property
    def retriever_constructor_params(self):
        return {"searcher": Searcher(self.settings)}

    @property
    def retriever_query_example(self):
        return "提前还款违约金是多少"
