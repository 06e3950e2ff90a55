"""Two real laws in two editions each, among other real laws. Run: pytest tests/rag/index/test_corpus_editions.py"""

from datetime import date
from pathlib import Path

import pytest

from rag.index.build import Indexer
from rag.index.filter import Filter
from rag.index.search import Searcher
from tests.conftest import settings_at

LAWS = Path(__file__).resolve().parents[4] / "shared" / "data" / "corpus" / "laws"
LAUNDERING = ("反洗钱法(2006-10-31).md", "反洗钱法(2024-11-08).md")
RISK = ("证券公司风险处置条例(2016-02-06).md", "证券公司风险处置条例(2023-07-20).md")
OTHERS = ("反电信网络诈骗法(2022-09-02).md", "金融机构撤销条例(2001-11-23).md", "个人存款账户实名制规定(2000-03-20).md")
QUESTIONS = {
    LAUNDERING: ("反洗钱法规定客户身份资料要保存多少年", "反洗钱法对金融机构未履行客户身份识别义务怎么处罚", "反洗钱法里反洗钱是指什么"),
    RISK: ("证券公司风险处置条例规定停业整顿的期限最长多久", "证券公司风险处置条例里托管期限一般不超过多久", "证券公司风险处置条例规定行政清理期限多久"),
}
FORMER = {LAUNDERING: ("2017年的", "旧版", "以前的", "修订前的", "2006年的"), RISK: ("2017年的", "旧版", "以前的", "修订前的", "2016年的")}

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(
    not LAWS.is_dir(), reason="the real documents (../shared/data/corpus) are not on this machine")]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory, embedder_model) -> Searcher:
    folder = tmp_path_factory.mktemp("laws")
    (folder / "documents").mkdir()
    for name in (*LAUNDERING, *RISK, *OTHERS):
        (folder / "documents" / name).write_bytes((LAWS / name).read_bytes())
    settings = settings_at(folder / "home", knowledge=folder / "documents")
    indexer = Indexer(settings)
    indexer.run()
    searcher = Searcher(settings, indexer.embedder)
    searcher.today = lambda: date(2026, 6, 1)
    return searcher


def of_law(searcher: Searcher, question: str, law: tuple[str, str], **where) -> list[str]:
    return [hit.source for hit in searcher.search(question, where=Filter(**where) if where else None) if hit.source in law]


@pytest.mark.parametrize(("law", "question"), [(law, question) for law, questions in QUESTIONS.items() for question in questions])
def test_the_law_in_force_answers_and_the_old_one_only_when_its_time_is_asked_about(searcher, law, question):
    old, new = law
    assert set(of_law(searcher, question, law)) == {new}
    assert set(of_law(searcher, "按现行规定，" + question, law)) == {new}
    for words in FORMER[law]:
        assert of_law(searcher, words + question, law)[0] == old, words
    assert set(of_law(searcher, question, law, on=date(2018, 5, 1))) == {old}
    assert set(of_law(searcher, question, law, on=date(2025, 5, 1))) == {new}


def test_both_are_heard_where_they_are_compared(searcher):
    assert set(of_law(searcher, "反洗钱法修订前后，客户资料保存年限有什么变化？", LAUNDERING)) == set(LAUNDERING)
    assert set(of_law(searcher, "证券公司风险处置条例新旧规定有什么不同？", RISK)) == set(RISK)


def test_the_superseded_law_is_cited_as_such(searcher):
    hit = next(hit for hit in searcher.search("2017年的反洗钱法规定客户身份资料要保存多少年") if hit.source == LAUNDERING[0])
    assert hit.edition == "2007-01-01起施行，已被《中华人民共和国反洗钱法（2024年修订）》替代"
    assert next(iter(searcher.search("反洗钱法规定客户身份资料要保存多少年"))).edition == "2024年修订，2025-01-01起施行"
