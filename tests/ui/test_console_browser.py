"""The console as an administrator uses it: a real server, a real browser, real documents and models.

Run: pytest tests/ui/test_console_browser.py   (CONSOLE_SCREENSHOTS=folder keeps pictures of the pages)
The tests follow one another like a first day with the console; they share one server and one account.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from rag.errors import OdfinError
from rag.index.backup import restore
from rag.index.catalogue import Catalogue
from rag.index.facts import FactStore
from rag.index.search import Searcher
from rag.journal import Journal
from tests.conftest import need_model, settings_at, write_documents
from tests.ui import served

pytestmark = [
    pytest.mark.browser, pytest.mark.model,
    pytest.mark.skipif(served.CHROMIUM is None, reason="no chromium on this machine"),
]

NEW_DOCUMENT = """江南稳盈理财产品说明书

一、赎回费用

江南稳盈理财产品持有不满90天赎回的，按赎回金额的1.35%收取赎回费；持有满90天的，不收取赎回费。

<img src="http://elsewhere.invalid/a.png" onerror="window.__ran = true"> ![图](http://elsewhere.invalid/b.png)
<script>window.__ran = true</script> [点击](javascript:window.__ran=true)
"""


class Day:
    """What the tests share: server, browser context, the administrator's tab, and what the browser asked for."""

    def __init__(self, server, context, settings) -> None:
        self.server, self.context, self.settings = server, context, settings
        self.page = context.new_page()
        self.elsewhere: list[str] = []
        context.on("request", self._note)

    def _note(self, request) -> None:
        if not request.url.startswith((self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:")):
            self.elsewhere.append(request.url)

    def picture(self, name: str) -> None:
        if folder := os.environ.get("CONSOLE_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    need_model("e5-small")
    need_model("student")
    folder = tmp_path_factory.mktemp("console")
    knowledge = write_documents(folder / "knowledge")
    (knowledge / "保险" / "损坏的条款.pdf").write_bytes(b"not a pdf at all")
    settings = settings_at(folder / "home", knowledge=knowledge)
    with (served.serve(settings.home, knowledge, folder, ODFIN_MAX_ANSWER_TOKENS="48") as server,
          served.browser() as browser):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(150_000)
        yield Day(server, context, settings)


def test_first_account_needs_the_printed_code(day):
    page, code = day.page, day.server.code()
    page.goto(day.server.url + "/knowledge")
    assert page.url.endswith("/setup")
    page.fill("#code", "AAAA-BBBB-CCCC")
    page.fill("#name", "admin")
    page.fill("#password", served.PASSWORD)
    page.fill("#again", served.PASSWORD)
    page.click("button[type=submit]")
    assert "一次性码不对" in page.inner_text(".error")
    served.make_account(page, day.server)
    assert "admin" in page.inner_text("[data-testid=stSidebar]")
    stored = b"".join(path.read_bytes() for path in day.settings.home.glob("*.*") if path.is_file())
    assert code.encode() not in stored and served.PASSWORD.encode() not in stored


def test_before_the_first_index_the_chat_says_what_to_do(day):
    assert "还没有索引" in day.page.inner_text("[data-testid=stAlert]")
    served.ask(day.page, "提前还款要违约金吗？")
    assert "还没有索引" in day.page.inner_text(".odf-a.error")


def test_uploads_are_taken_or_refused_with_one_line(day):
    page = day.page
    served.go(page, "知识库")
    served.upload(page, "理财", [
        {"name": "江南稳盈.txt", "mimeType": "text/plain", "buffer": NEW_DOCUMENT.encode()},
        {"name": "病毒.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        {"name": "空.txt", "mimeType": "text/plain", "buffer": b""},
    ])
    alerts = page.locator("[data-testid=stAlert]")
    for said in ("已上传 1 份", "病毒.exe", "空.txt"):  # drawn one after another
        alerts.filter(has_text=said).wait_for()
    lines = alerts.all_inner_texts()
    assert any("病毒.exe" in line and "格式" in line for line in lines)
    assert any("空.txt" in line and "空文件" in line for line in lines)
    assert not any("Traceback" in line for line in lines)
    assert (day.settings.uploads_dir / "理财" / "江南稳盈.txt").read_text(encoding="utf-8") == NEW_DOCUMENT


def test_reindexing_shows_its_progress_here_after_a_reload_and_in_a_second_tab(day):
    page = day.page
    served.reindex(page)
    assert re.search(r"(准备中|读取文档|计算向量|发布) \d+/\d+", page.inner_text("[data-testid=stProgress]"))
    page.reload()
    second = day.context.new_page()
    second.goto(day.server.url + "/knowledge")
    for tab in (page, second):
        tab.wait_for_selector("[data-testid=stProgress]")
        assert tab.locator("button:has-text('重新索引')").count() == 0  # one run at a time
    day.picture("knowledge-running")
    for tab in (page, second):
        tab.wait_for_selector("[data-testid=last-run]")
        assert "新增 4" in tab.inner_text("[data-testid=last-run]")
    second.close()
    failed = page.inner_text(".odf-fails")
    assert failed.count("损坏的条款.pdf") == 1 and "不是 PDF" in failed
    page.locator("[data-testid=stDataFrame]", has_text="江南稳盈理财产品说明书").wait_for(state="attached")
    day.picture("knowledge")


def test_an_answer_comes_with_its_words_passages_and_times(day):
    page = day.page
    served.go(page, "对话")
    served.ask(page, "江南稳盈持有不满90天赎回要收多少赎回费？")
    answer = page.locator(".odf-a").last
    assert "1.35%" in answer.inner_text()
    assert re.search(r"检索 \d+\.\d\d 秒 · 首字 \d+\.\d\d 秒 · 共 \d+\.\d\d 秒", answer.inner_text())
    evidence = page.locator("[data-testid=evidence]")
    assert "按赎回金额的1.35%收取赎回费" in evidence.locator(".cited .odf-cite").first.inner_text()
    assert "uploads/理财/江南稳盈.txt" in evidence.locator(".odf-src").first.inner_text()
    passage = evidence.locator(".odf-pass").first
    assert "江南稳盈理财产品说明书" in passage.inner_text() and re.search(r"\d\.\d{3}", passage.inner_text())
    assert evidence.locator("mark").count() > 0
    day.picture("chat")


def test_a_document_cannot_make_the_page_do_anything(day):
    page = day.page
    assert "elsewhere.invalid" in page.inner_text("[data-testid=evidence]")  # it is shown, as words
    assert page.locator("[data-testid=evidence]").locator("img, a, script").count() == 0
    assert page.evaluate("window.__ran") is None
    assert day.elsewhere == []


def test_a_thumb_goes_into_the_journal(day):
    day.page.locator("[data-testid=stFeedback] button, [data-testid=stButtonGroup] button").first.click()
    day.page.wait_for_selector("text=已记录")
    latest = Journal(day.settings).recent(1)[0]
    assert latest.feedback == 1 and latest.channel == "console" and "江南稳盈" in latest.question


def test_a_reload_keeps_the_conversation_and_a_new_one_is_empty(day):
    page = day.page
    page.reload()
    page.wait_for_selector(".odf-cite")
    assert "江南稳盈持有不满90天" in page.locator(".odf-q").last.inner_text()
    page.click("button:has-text('新对话')")
    page.wait_for_selector("text=还没有提问")
    assert page.locator(".odf-q").count() == 0


def test_what_the_documents_do_not_say_is_refused(day):
    served.ask(day.page, "今天上海的天气怎么样？")
    assert "未作回答" in day.page.inner_text(".odf-a.refused")
    day.picture("chat-refused")


def test_the_facts_of_a_document_can_be_put_right(day):
    page = day.page
    served.go(page, "知识库")
    _tick(page, "江南稳盈")
    page.click("button:has-text('编辑资料')")
    dialog = page.locator("[role=dialog]")
    dialog.locator("input[value='江南稳盈理财产品说明书']").wait_for()
    dialog.get_by_label("生效日期").fill("2025年2月30日")
    dialog.locator("button:has-text('保存')").click()
    dialog.locator("text=不是日期").wait_for()
    day.picture("facts-refused")
    dialog.get_by_label("生效日期").fill("2025年3月1日")
    dialog.get_by_label("版本").fill("第三版")
    dialog.locator("button:has-text('保存')").click()
    page.wait_for_selector("text=资料已保存")
    day.picture("facts")
    stored = FactStore(Catalogue(day.settings.home / "catalogue.db"))
    facts = stored.of_sources(stored.catalogue.live().id)["uploads/理财/江南稳盈.txt"]
    assert (facts.facts.effective, facts.facts.version, facts.facts.kind) == ("2025-03-01", "第三版", "产品说明书")
    assert facts.edited == {"effective", "version"}
    _tick(page, "江南稳盈")
    page.click("button:has-text('编辑资料')")
    dialog.locator("button:has-text('恢复读取的内容')").click()
    page.wait_for_selector("text=已恢复为从文档读取的内容")
    assert stored.edits() == {}


def test_deleting_asks_first_and_counts_after_reindexing(day):
    page = day.page
    served.go(page, "知识库")
    _tick(page, "江南稳盈")
    page.click("button:has-text('删除')")
    dialog = page.locator("[role=dialog]")
    dialog.locator("text=uploads/理财/江南稳盈.txt").wait_for()
    dialog.locator("text=不能恢复").wait_for()
    dialog.locator("button:has-text('取消')").click()
    dialog.wait_for(state="detached")
    assert (day.settings.uploads_dir / "理财" / "江南稳盈.txt").exists()
    page.click("button:has-text('删除')")
    page.locator("[role=dialog] button:has-text('删除')").click()
    page.wait_for_selector("text=已移出 1 份")
    assert not (day.settings.uploads_dir / "理财" / "江南稳盈.txt").exists()

    _tick(page, "安居贷")
    page.click("button:has-text('删除')")
    page.locator("[role=dialog] button:has-text('删除')").click()
    page.wait_for_selector("text=已移出 1 份")
    assert (day.settings.knowledge / "贷款" / "安居贷产品手册.md").exists()  # only withdrawn
    page.click("button:has-text('重新索引')")
    page.wait_for_selector("[data-testid=last-run]:has-text('移除 2')")

    _tick(page, "安居贷")
    page.click("button:has-text('恢复')")
    page.wait_for_selector("text=已恢复 1 份")
    page.click("button:has-text('重新索引')")
    page.wait_for_selector("[data-testid=last-run]:has-text('新增 1')")


def test_going_back_to_a_snapshot_asks_first_and_is_undone_by_a_run(day):
    page = day.page
    served.unfold(page, "快照与回滚")
    shown = page.inner_text("[data-testid=snapshots]")
    assert "正在使用" in shown and "新增 1，更新 0，移除 0" in page.inner_text("[data-testid=compared]")
    day.picture("snapshots")
    page.get_by_role("button", name="回滚", exact=True).click()
    dialog = page.locator("[role=dialog]")
    dialog.locator("text=文件不动").wait_for()
    dialog.locator("button:has-text('取消')").click()
    dialog.wait_for(state="detached")
    assert page.locator("text=已回滚到快照").count() == 0
    page.get_by_role("button", name="回滚", exact=True).click()
    page.locator("[role=dialog] button:has-text('回滚')").click()
    page.wait_for_selector("text=已回滚到快照 2")
    page.wait_for_selector("text=自动索引暂停")
    page.click("button:has-text('重新索引')")
    page.wait_for_selector("text=自动索引暂停", state="detached")
    page.wait_for_selector("[data-testid=last-run]:has-text('新增 1')")


def test_a_backup_is_made_downloaded_and_told_how_to_restore(day, tmp_path):
    page = day.page
    served.unfold(page, "备份")
    page.wait_for_selector("text=还没有备份")
    page.click("button:has-text('制作备份')")
    shown = page.locator("[data-testid=backup]")
    shown.wait_for()
    words = shown.inner_text()
    assert re.search(r"快照 \d+ · 3 份文档", words) and "数据库 3 个" in words and re.search(r"sha256 [0-9a-f]{64}", words)
    assert "先停止 odfin serve" in page.inner_text("[data-testid=stMain]") and "--overwrite" in page.inner_text("[data-testid=stMain]")
    day.picture("backups")
    with page.expect_download() as arriving:
        shown.locator("a").click()
    arriving.value.save_as(tmp_path / arriving.value.suggested_filename)
    archive = tmp_path / arriving.value.suggested_filename
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in words
    other = settings_at(tmp_path / "elsewhere")
    live = Catalogue(day.settings.home / "catalogue.db").live()
    assert restore(archive, other.home).snapshot == live.id and Catalogue(other.home / "catalogue.db").live() == live
    assert _found(other) == _found(day.settings)
    archive.write_bytes(archive.read_bytes()[:-500])
    with pytest.raises(OdfinError, match="不是完整的备份"):
        restore(archive, tmp_path / "cut")
    page.locator("[data-testid=stExpander]", has=shown).locator("button:has-text('删除')").click()
    page.wait_for_selector("text=已删除备份 odfin-")
    assert list((day.settings.home / "backups").iterdir()) == []


def test_logging_out_closes_every_tab_and_a_wrong_password_stays_outside(day):
    page = day.page
    other = day.context.new_page()
    other.goto(day.server.url + "/knowledge")
    other.wait_for_selector("[data-testid=stDataFrame]")
    page.click("text=退出登录")
    page.wait_for_url("**/login")
    other.locator("input[placeholder*=文件名]").fill("澄安")
    other.locator("input[placeholder*=文件名]").press("Enter")
    other.wait_for_selector("text=登录已过期")
    assert other.locator("[data-testid=stDataFrame]").count() == 0
    other.close()
    page.goto(day.server.url + "/knowledge")
    page.fill("#name", "admin")
    page.fill("#password", "wrong password")
    page.click("button[type=submit]")
    assert "账号或密码不对" in page.inner_text(".error")
    page.fill("#password", served.PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-testid=stChatInput]")


def test_the_log_holds_no_secret_and_no_surprise(day):
    log = day.server.log
    assert served.PASSWORD not in log and "Traceback" not in log
    assert day.elsewhere == []


def _found(settings) -> list[list[tuple]]:
    searcher = Searcher(settings)
    return [[(hit.source, hit.piece, hit.text, hit.score) for hit in searcher.search(question)]
            for question in ("提前还款要违约金吗", "重疾险等待期多久", "白金卡年费多少")]


def _tick(page, words: str) -> None:
    """Narrow the list to one document and tick it. The table is a canvas: its boxes are known by their place."""
    field = page.locator("input[placeholder*=文件名]")
    field.fill(words)
    field.press("Enter")
    page.wait_for_selector("text=显示 1 /")
    table = page.locator("[data-testid=stDataFrame]", has_text=words)
    table.wait_for(state="attached")
    page.wait_for_timeout(500)  # until the canvas is drawn
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 35 + 17)
    page.wait_for_selector("text=已选 1 份")
