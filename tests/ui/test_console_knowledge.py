"""The list of the Knowledge base page, without a browser. Run: pytest tests/ui/test_console_knowledge.py"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from odfin.documents import rows
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from ui.console import Console, install
from ui.texts import Texts


def page() -> None:
    from ui import knowledge
    from ui.console import installed

    knowledge.render(installed(), "admin")


@pytest.fixture
def settings(settings, documents):
    """Settings over an index of three documents of three topics, and one without a topic or a date of its own."""
    (documents / "须知.md").write_text("# 柜面须知\n\n请携带有效证件。", "utf-8")
    Indexer(settings, HashEmbedder()).run(documents)
    return settings


@pytest.fixture
def app(settings) -> AppTest:
    install(Console(settings))
    return AppTest.from_function(page, default_timeout=60).run()


def files(app: AppTest) -> set[str]:
    assert not app.exception
    return {source for shown in app.dataframe for source in shown.value["文件"]}


def list_filter(app: AppTest, all_of_it: str):
    return next(box for box in app.selectbox if all_of_it in box.options)


def test_all_topics_are_all_before_and_after_a_search(app):
    everything = {"保险/澄安重疾险条款.txt", "信用卡/收费标准.csv", "贷款/安居贷产品手册.md", "须知.md"}
    for shown in ("全部主题", "全部状态"):
        options = list_filter(app, shown).options
        assert len(options) == len(set(options)) and options[0] == shown
    assert files(app) == everything
    search = next(box for box in app.text_input if box.label == "搜索")
    search.set_value("安居贷").run()
    assert files(app) == {"贷款/安居贷产品手册.md"}
    next(box for box in app.text_input if box.label == "搜索").set_value("").run()
    assert files(app) == everything


def test_documents_without_a_topic_have_an_entry_of_their_own(app):
    assert list_filter(app, "全部主题").options[-1] == "未分主题"
    list_filter(app, "全部主题").select("未分主题").run()
    assert files(app) == {"须知.md"}
    list_filter(app, "全部主题").select("保险").run()
    assert files(app) == {"保险/澄安重疾险条款.txt"}
    list_filter(app, "全部主题").select("全部主题").run()
    assert len(files(app)) == 4


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_says_of_a_documents_standing_what_the_command_line_says(settings, documents, language):
    (documents / "坏.pdf").write_bytes(b"%PDF-1.4 broken")
    (documents / "旧.md").write_text("# 澄湖储蓄办法\n\n本办法自2019年1月1日起施行，有效期至2020年12月31日。", "utf-8")
    indexer = Indexer(settings, HashEmbedder())
    indexer.run(documents)
    indexer.remove("信用卡/收费标准.csv")
    (documents / "新.md").write_text("# 新", "utf-8")
    told = {row["source"]: row["in_force"] for row in rows(settings)}
    assert set(told.values()) == {"现行", "读不了", "已到期", "已撤下", "未索引"} and told["须知.md"] == "现行"
    spoken = settings.model_copy(update={"language": language})
    install(Console(spoken))
    t = Texts(language)
    shown = AppTest.from_function(page, default_timeout=60).run().dataframe[0].value
    assert dict(zip(shown[t("source")], shown[t("standing")], strict=True)) == {
        source: t(f"standing_{word}") for source, word in told.items()}
