"""A later notice has changed the figure that is quoted, over a real index."""

from datetime import date

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from rag.answer.assistant import Assistant
from rag.index.build import Indexer
from rag.index.search import Searcher
from tests.conftest import settings_at

DOCUMENTS = {
    "收费表.md": "# 岚汐银行个人业务收费表\n\n2025年1月1日起执行\n\n| 项目 | 收费标准 |\n| --- | --- |\n| 蓝牙盾工本费 | 28元/个 |\n| 纸质对账单邮寄费 | 15元/份 |\n",
    "公告.md": "# 岚汐银行关于调整部分服务收费的公告\n\n发布日期：2026年3月20日\n\n一、自2026年4月10日起，蓝牙盾工本费由28元/个调整为20元/个。\n\n"
            "二、自2027年6月1日起，纸质对账单邮寄费由15元/份调整为10元/份。\n\n三、自2026年4月10日起，大额取现预约费由28元/次调整为25元/次。\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder_model) -> Assistant:
    folder = tmp_path_factory.mktemp("papers")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    own = settings_at(tmp_path_factory.mktemp("home"), knowledge=folder, choices=False)
    Indexer(own).run()
    searcher = Searcher(own)
    searcher.today = lambda: date(2026, 11, 28)
    return Assistant(own, searcher, FakeListChatModel(responses=["蓝牙盾工本费为28元/个。"]))


def shown(assistant, question, monkeypatch):
    """The answer where the search finds the price list alone."""
    search = Searcher.search
    monkeypatch.setattr(Searcher, "search", lambda self, *a, taken=list, **k: taken(
        iter([hit for hit in search(self, *a, **k) if hit.source == "收费表.md"])))
    return assistant.ask(question)


def test_a_notice_that_has_changed_the_figure_goes_first(assistant, monkeypatch):
    answer = shown(assistant, "蓝牙盾工本费多少钱", monkeypatch)
    first, before = answer.answer.split("\n变更前：")
    assert first == "已有变更：一、自2026年4月10日起，蓝牙盾工本费由28元/个调整为20元/个。[2]" and "28元/个" in before
    assert answer.citations[1].source == "公告.md" and answer.kind == "quote"


def test_the_new_figure_is_told_whatever_the_search_finds_first(assistant):
    answer = assistant.ask("蓝牙盾工本费多少钱")
    assert "20元/个" in answer.answer and len({c.number for c in answer.citations}) == len(answer.citations)


def test_one_that_will_change_it_stands_behind(assistant, monkeypatch):
    answer = shown(assistant, "纸质对账单邮寄费多少钱", monkeypatch)
    assert "15元/份" in answer.answer.split("\n")[0] and "请注意，以后有变更：二、自2027年6月1日起" in answer.answer


def test_at_the_time_asked_about_it_was_not_yet_changed(assistant, monkeypatch):
    answer = shown(assistant, "2025年12月蓝牙盾工本费多少钱", monkeypatch)
    assert "28元/个" in answer.answer and "变更" not in answer.answer


def test_the_same_figure_of_another_fee_changes_nothing(assistant, monkeypatch):
    assert "取现" not in shown(assistant, "蓝牙盾工本费多少钱", monkeypatch).answer
