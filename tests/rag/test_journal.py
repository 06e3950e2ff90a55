"""What is kept of a conversation, and what is not."""

import sqlite3

import pytest

from rag.answer.result import Answer, Citation
from rag.journal import Journal


def answer(question: str = "年费多少", refused: bool = False) -> Answer:
    return Answer(question, "年费200元[1]", refused, (Citation(1, "卡.md", "卡", "年费200元"),))


def test_an_exchange_is_kept_and_found_again(settings):
    journal = Journal(settings)
    kept = journal.record(answer(), "telegram", "42")
    found = Journal(settings).get(kept)
    assert (found.question, found.answer, found.channel, found.feedback) == ("年费多少", "年费200元[1]", "telegram", 0)
    assert found.citations[0]["source"] == "卡.md"


def test_personal_data_and_the_user_are_not_stored(settings):
    journal = Journal(settings)
    journal.record(answer("我的手机号13812345678，身份证11010519491231002X，年费多少"), "telegram", "tg-user-42")
    raw = b"".join(path.read_bytes() for path in settings.home.glob("journal.db*"))
    assert b"13812345678" not in raw and b"11010519491231002X" not in raw and b"tg-user-42" not in raw


def test_the_last_feedback_wins_and_only_known_exchanges_take_it(settings):
    journal = Journal(settings)
    kept = journal.record(answer(), "console", "a")
    assert journal.feedback(kept, 1) and journal.feedback(kept, -1)
    assert journal.get(kept).feedback == -1
    assert not journal.feedback("none", 1)
    with pytest.raises(ValueError, match="feedback"):
        journal.feedback(kept, 5)


def test_refusals_are_listed_apart(settings):
    journal = Journal(settings)
    journal.record(answer(), "cli", "a")
    journal.record(answer("明天天气", refused=True), "cli", "a")
    assert [e.question for e in journal.recent()] == ["明天天气", "年费多少"]
    assert [e.question for e in journal.unanswered()] == ["明天天气"]


def test_a_correction_is_kept_masked_and_can_be_taken_back(settings):
    journal = Journal(settings)
    kept = journal.record(Answer("那年费呢", "年费20元", False, (Citation(1, "卡.md", "卡", "年费200元", headings=("一", "费")),),
                                 standalone="澄海卡的年费"), "console", "a")
    assert journal.judged() == []
    assert journal.correct(kept, " 年费200元，请打13812345678 ")
    (found,) = journal.judged()
    assert found.correction.startswith("年费200元") and "13812345678" not in found.correction
    assert (found.standalone, found.citations[0]["title"], found.citations[0]["headings"]) == ("澄海卡的年费", "卡", ["一", "费"])
    assert journal.correct(kept, "") and journal.judged() == [] and not journal.correct("none", "x")
    journal.feedback(kept, -1)
    assert [e.id for e in journal.judged()] == [kept]


def test_a_journal_of_an_earlier_version_is_opened(settings):
    journal = Journal(settings)
    kept = journal.record(answer(), "cli", "a")
    with sqlite3.connect(journal.path) as old:
        for name in ("standalone", "correction"):
            old.execute(f"ALTER TABLE exchanges DROP COLUMN {name}")
    opened = Journal(settings)
    assert (opened.get(kept).correction, opened.get(kept).question) == ("", "年费多少")
    assert opened.correct(kept, "年费300元")
