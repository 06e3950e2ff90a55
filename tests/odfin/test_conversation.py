"""What a person in the terminal sees: the words of the evidence before the student speaks, and a follow-up as it was searched for."""

from __future__ import annotations

import io

from odfin.conversation import IN_SHORT, answer_in_terminal, evidence_in_short, render
from rag.answer.result import Answer, Citation, EvidenceShown, Finished, Token

LATE = Citation(1, "贷款/安居贷.md", "安居贷产品手册", "逾期的，罚息利率在合同利率基础上上浮40%。", headings=("五、还款",))
TABLE = Citation(2, "卡.md", "收费表", "| 卡种 | 年费 |\n| --- | --- |\n| 金卡 | 200元 |")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Scripted:
    def stream(self, question, history):
        yield EvidenceShown((LATE, TABLE))
        yield Token("上浮40%。")
        yield Finished(Answer(question, "上浮40%[1]。", False, (LATE,), standalone="安居贷逾期怎么算"))


def test_the_words_of_the_evidence_come_before_the_student_speaks(monkeypatch):
    out, err = Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    answer_in_terminal(Scripted(), "那逾期呢", write=out.write)
    shown = err.getvalue()
    assert shown.index("罚息利率在合同利率基础上上浮40%") < shown.rindex("上浮40%。\n")
    assert "[2] 《收费表》\n    | 卡种 | 年费 | | 金卡 | 200元 |" in shown and "---" not in shown
    assert "上浮40%[1]。" in out.getvalue()


def test_long_words_are_cut():
    long = Citation(1, "a.md", "甲", "一" * 500)
    assert evidence_in_short([long]).endswith("一…") and len(evidence_in_short([long]).split("\n")[-1].strip()) == IN_SHORT


def test_a_follow_up_is_told_as_it_was_searched_for_and_by_what_it_was_made_so():
    answer = Answer("那逾期呢", "上浮40%[1]。", False, (LATE,), standalone="安居贷逾期怎么算")
    assert "按此检索（由规则补全）：安居贷逾期怎么算" in render(answer)
    by_student = Answer("那逾期呢", "上浮40%[1]。", False, (LATE,), standalone="安居贷逾期怎么算", rewritten=True)
    assert "按此检索（由学生模型改写）：安居贷逾期怎么算" in render(by_student)
    assert "按此检索" not in render(Answer("安居贷逾期怎么算", "上浮40%[1]。", False, (LATE,), standalone="安居贷逾期怎么算"))
