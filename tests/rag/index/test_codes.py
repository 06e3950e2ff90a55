"""What a code says is meant. Run: pytest tests/rag/index/test_codes.py"""

import pytest

from rag.index.build import Indexer
from rag.index.codes import coded
from rag.index.search import Searcher
from tests.conftest import settings_at

PAPER = "# {issuer}公开发行公司债券募集说明书\n\n## 发行要素\n\n债券简称/代码：{code}/{number}。债券期限为{years}年期。票面利率以簿记建档结果为准。\n"


@pytest.fixture(scope="module")
def searcher(tmp_path_factory, embedder_model) -> Searcher:
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("papers")
    for issuer, code, number, years in (("青禾控股有限公司", "26 青禾K1", "524771", 5), ("白榆城投集团有限公司", "26 白榆02", "524775", 3)):
        (folder / f"{issuer}.md").write_text(PAPER.format(issuer=issuer, code=code, number=number, years=years), encoding="utf-8")
    settings = settings_at(home)
    Indexer(settings).run(folder)
    return Searcher(settings)


def titles(searcher: Searcher, question: str) -> list[str]:
    view = searcher.view()
    return [view.facts.titles[version][:2] for versions in coded(question, searcher.catalogue, view).values() for version in versions]


@pytest.mark.parametrize(("question", "meant"), [
    ("26白榆02期限几年", ["白榆"]), ("26青禾K1期限几年", ["青禾"]), ("26青禾K1和26白榆02期限各几年", ["青禾", "白榆"]), ("26青禾K9期限几年", []), ("债券期限几年", []),
])
def test_a_code_names_the_paper_it_stands_in(searcher, question, meant):
    assert titles(searcher, question) == meant
    if len(meant) == 1:
        assert [hit.title[:2] for hit in searcher.search(question, 1)] == meant


def test_a_sentence_of_the_paper_is_read_without_the_code_it_does_not_repeat(searcher):
    texts = ["青禾控股有限公司公开发行公司债券募集说明书 发行要素\n债券期限为5年期。", "白榆城投集团有限公司公开发行公司债券募集说明书 发行要素\n债券期限为3年期。"]
    coded_, plain = searcher.judge("26青禾K1债券期限几年", texts), searcher.reranker.scores("26青禾K1债券期限几年", texts)
    assert coded_[0] > plain[0] - 1e-3 and coded_[0] > coded_[1] and searcher.name_in("26青禾K1期限几年") == "26青禾k1"
