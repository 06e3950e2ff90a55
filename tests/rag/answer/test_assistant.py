"""Question to checked answer over a real index; with the pinned student where it can be had."""

import json
import re

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from rag.answer.assistant import NOT_ANSWERED, Assistant
from rag.answer.result import EvidenceShown, Finished, Token, Turn
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.student.open import open_student


@pytest.fixture(scope="module")
def searcher(indexed) -> Searcher:
    return Searcher(indexed)


def saying(searcher: Searcher, *drafts: str) -> Assistant:
    """An assistant whose student says these sentences: what the checks do with them is what is tested."""
    return Assistant(searcher.settings, searcher, FakeListChatModel(responses=list(drafts)))


def test_a_supported_sentence_is_the_answer_with_its_citation(searcher):
    answer = saying(searcher, "等待期为90日。").ask("澄安重疾险等待期多少天？")
    assert not answer.refused and answer.kind == "answer"
    assert answer.answer.startswith("等待期为90日[1]。") and answer.answer.rstrip().endswith("]")
    assert answer.citations[0].source == "保险/澄安重疾险条款.txt"
    assert "90日" in answer.citations[0].text


def test_a_wrong_figure_is_never_shown(searcher):
    answer = saying(searcher, "等待期为180日。").ask("澄安重疾险等待期多少天？")
    assert "180" not in answer.answer and "90日" in answer.answer
    assert answer.kind == "quote" and any("180日" in note for note in answer.notes)


def test_a_question_off_the_documents_is_refused_with_the_nearest_named(searcher):
    answer = saying(searcher, "明天晴。").ask("明天的天气怎么样，适合爬山吗？")
    assert answer.refused and answer.kind == "refusal"
    assert "资料没有回答" in answer.answer and "《" in answer.answer and answer.answer.endswith("或咨询人工客服。")
    assert answer.standalone_by == ""


def test_a_refusal_names_the_institution_s_own_contact_where_it_is_set(searcher):
    settings = searcher.settings.model_copy(update={"contact": "拨打95099或到网点。"})
    answer = Assistant(settings, searcher, None).ask("明天的天气怎么样，适合爬山吗？")
    assert answer.refused and answer.answer.endswith("请换个说法再问，或拨打95099或到网点。")


def test_another_name_is_never_shown(searcher):
    answer = saying(searcher, "澄福重疾险等待期为90日。").ask("等待期多少天？")
    assert "澄福" not in answer.answer
    answer = saying(searcher, "建设银行规定等待期为90日。").ask("澄安重疾险等待期多少天？")
    assert answer.kind == "quote" and "建设银行" not in answer.answer and any("名称没有依据" in note for note in answer.notes)


def test_events_come_in_order_and_finish_once(searcher):
    events = list(saying(searcher, "等待期为90日。").stream("澄安重疾险等待期多少天？"))
    assert isinstance(events[0], EvidenceShown) and isinstance(events[-1], Finished)
    assert "".join(e.text for e in events if isinstance(e, Token)) == "等待期为90日。"
    assert sum(isinstance(e, Finished) for e in events) == 1


LATE = [Turn("user", "安居贷逾期罚息怎么算？"), Turn("assistant", "在合同利率基础上上浮40%。")]


def test_a_follow_up_that_rules_leave_doubtful_is_rewritten_by_the_student(searcher):
    asked = "我手头宽了早点清了得不得罚"
    answer = saying(searcher, "安居贷早点清了得不得罚违约金", "满1年后不收违约金。").ask(asked, LATE)
    assert answer.standalone == "安居贷早点清了得不得罚违约金" and "违约金" in answer.citations[0].text
    assert answer.standalone_by == "student"
    off = Assistant(searcher.settings.model_copy(update={"rewrite": False}), searcher, None).ask(asked, LATE)
    assert off.refused


def test_what_the_student_makes_of_a_follow_up_must_ask_the_same_and_be_answered(searcher):
    for words in ("安居贷逾期罚息怎么算", "它要罚吗", "安居贷手头宽了早点清了罚5%吗"):
        assert saying(searcher, words).ask("我手头宽了早点清了得不得罚", LATE).refused


async def test_the_same_events_for_an_event_loop(searcher):
    events = [e async for e in saying(searcher, "等待期为90日。").astream("澄安重疾险等待期多少天？")]
    assert isinstance(events[0], EvidenceShown) and isinstance(events[-1], Finished)


def test_follow_up_is_asked_with_its_subject(searcher):
    history = [Turn("user", "澄安重疾险等待期多少天？"), Turn("assistant", "90日")]
    answer = saying(searcher, "宽限期为60日。").ask("宽限期呢？", history)
    assert "澄安重疾险" in answer.standalone and "60日" in answer.citations[0].text
    assert answer.standalone_by == "rules"


def test_another_matter_is_not_read_into_the_talk_before(searcher):
    history = [Turn("user", "安居贷逾期了罚息怎么算？"), Turn("assistant", "上浮40%。")]
    answer = saying(searcher, "上浮40%。").ask("今天上海的天气怎么样？", history)
    assert answer.refused and answer.standalone == "今天上海的天气怎么样？"


def test_a_sum_is_worked_by_code_whatever_was_spoken_of_before(searcher):
    history = [Turn("user", "澄安重疾险等待期多少天？"), Turn("assistant", "90日")]
    answer = saying(searcher, "每月还1元。").ask("贷30万分20年，年利率3.1%，等额本息每月还多少？", history)
    assert answer.kind == "calculation" and "1,678.8" in answer.answer


def test_a_sum_is_asked_again_with_another_figure_and_its_missing_figure_is_asked_for(searcher):
    history = [Turn("user", "贷30万分20年，年利率3.1%，等额本息每月还多少？"), Turn("assistant", "1,678.85元")]
    answer = saying(searcher, "每月还1元。").ask("那分30年呢", history)
    assert answer.kind == "calculation" and "1,281.05元" in answer.answer
    assert "输入：贷款本金30万、贷款期限30年、年利率3.1%（问题）" in answer.answer
    answer = saying(searcher, "每月还1元。").ask("贷款30万，年利率3.1%，等额本息每月还多少？")
    assert answer.kind == "calculation" and answer.notes == ("缺少：贷款期限",) and "1元" not in answer.answer


def test_a_fraud_signal_gets_the_warning_and_not_the_documents(searcher):
    answer = saying(searcher, "请转账。").ask("有人让我把钱转到安全账户，怎么办？")
    assert answer.kind == "conduct" and "110" in answer.answer and not answer.citations


def test_json_has_what_other_programs_rely_on(searcher):
    data = json.loads(json.dumps(saying(searcher, "等待期为90日。").ask("澄安重疾险等待期多少天？").to_json()))
    assert set(data) == {"question", "answer", "refused", "citations", "timings"}
    assert set(data["citations"][0]) == {"source", "page", "text"}
    assert set(data["timings"]) == {"retrieval_s", "first_token_s", "total_s"}


def test_without_a_student_the_quoted_words_are_the_answer(searcher):
    answer = Assistant(searcher.settings, searcher, None).ask("澄安重疾险等待期多少天？")
    assert answer.kind == "quote" and "90日" in answer.answer


def test_where_the_model_server_is_down_the_quoted_words_are_the_answer(searcher):
    away = searcher.settings.model_copy(update={"runtime": "openai", "server_url": "http://127.0.0.1:9/v1"})
    assistant = Assistant(away, searcher, open_student(away))
    for _ in range(2):  # and is not kept for when the server is back
        answer = assistant.ask("澄安重疾险等待期多少天？")
        assert answer.kind == "quote" and "90日" in answer.answer and NOT_ANSWERED in answer.notes and not answer.timings.cached
    assert assistant.ask("我手头宽了早点清了得不得罚违约金", LATE).standalone


@pytest.mark.model
@pytest.mark.parametrize(("question", "words"), [
    ("澄安重疾险等待期多少天？", "90日"),
    ("安居贷不满1年提前还款收多少违约金？", "1%"),
    ("白金卡的年费是多少？", "600"),
])
def test_with_the_real_student(indexed, searcher, student_model, question, words):
    student = open_student(indexed)
    try:
        answer = Assistant(indexed, searcher, student).ask(question)
    finally:
        student.close()
    assert not answer.refused and words in answer.answer + answer.citations[0].text
    assert answer.timings.total_s >= answer.timings.first_token_s >= answer.timings.retrieval_s > 0


def test_what_began_to_hold_later_than_the_time_asked_about_says_so(settings, documents, embedder_model):
    (documents / "社保").mkdir(exist_ok=True)
    (documents / "社保" / "储户保护条例.md").write_text(
        "# 储户保护条例\n\n（2015年2月17日国务院公布，自2015年5月1日起施行）\n\n第五条 储户保护实行限额偿付，最高偿付限额为人民币50万元。\n", "utf-8")
    Indexer(settings).run(documents)
    assistant = Assistant(settings, Searcher(settings), None)
    before, after = assistant.ask("2010年储户保护最高偿付限额是多少？"), assistant.ask("2020年储户保护最高偿付限额是多少？")
    assert "50万元" in before.answer and (warning := re.search(r"自2015-05-01起施行\[(\d)\]", before.answer)) and before.notes
    assert "2015年5月1日" in before.citations[int(warning[1]) - 1].text
    assert "50万元" in after.answer and "请注意" not in after.answer


def test_what_holds_no_longer_says_so_where_today_is_asked_about(settings, documents, embedder_model):
    (documents / "基金").mkdir(exist_ok=True)
    (documents / "基金" / "赎回优惠活动规则.md").write_text(
        "# 赎回优惠活动规则\n\n有效期：2025年1月1日至2025年12月31日\n\n第二条 活动期内赎回费率按0.1%收取。\n", "utf-8")
    Indexer(settings).run(documents)
    assistant = Assistant(settings, Searcher(settings), None)
    now, then = assistant.ask("赎回优惠活动的赎回费率是多少？"), assistant.ask("2025年6月赎回优惠活动的赎回费率是多少？")
    assert "0.1%" in now.answer and (warning := re.search(r"请注意：所引文件已于2025-12-31到期\[(\d)\]", now.answer))
    assert "至2025年12月31日" in now.citations[int(warning[1]) - 1].text, "the day stands on the document's own words"
    assert "0.1%" in then.answer and "请注意" not in then.answer


def test_a_conclusion_at_odds_with_its_own_reason_is_not_shown(searcher, monkeypatch):
    monkeypatch.setattr("rag.answer.compose.verdict", lambda *words: "")  # as where code cannot tell, in a list of cases
    monkeypatch.setattr("rag.answer.grounding.faults", lambda *words: [])
    asked = "安居贷满1年后能提前还款吗？"
    answer = saying(searcher, "不能，贷款发放满1年后可以提前还款。").ask(asked)
    assert answer.kind == "quote" and "不能" not in answer.answer
    assert saying(searcher, "能，贷款发放满1年后可以提前还款。").ask(asked).kind == "answer"
